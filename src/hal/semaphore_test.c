// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Semaphores on one thread: states, timepoints, lists and wait sources. semaphore_thread_test.c has the rest.

#include "hal/testing/hal_testing.h"
#include "hal/timepoint.h"
#include "task/ready.h"

static iree_hal_semaphore_t* create_semaphore(uint64_t value) {
  iree_hal_semaphore_t* semaphore = NULL;
  expect_ok(tenon_hal_semaphore_create(value, iree_allocator_system(), &semaphore));
  return semaphore;
}

static void fail_with(iree_hal_semaphore_t* semaphore, const char* message) {
  iree_hal_semaphore_fail(semaphore, iree_status_allocate(IREE_STATUS_DATA_LOSS, "here.c", 7,
                                                          iree_make_cstring_view(message)));
}

static uint64_t value_of(iree_hal_semaphore_t* semaphore) {
  uint64_t value = 0;
  IREE_IGNORE_ERROR(iree_hal_semaphore_query(semaphore, &value));
  return value;
}

// ---- The timeline -------------------------------------------------------------------------------

static iree_status_t create_for_device(iree_hal_device_t* device, uint64_t initial_value,
                                       iree_hal_semaphore_t** out_semaphore) {
  return tenon_hal_semaphore_create(initial_value, iree_allocator_system(), out_semaphore);
}

static void test_devices_create_semaphores(void** state) {
  const iree_hal_device_vtable_t vtable = {.create_semaphore = create_for_device};
  iree_hal_resource_t device;
  iree_hal_resource_initialize(&vtable, &device);
  iree_hal_semaphore_t* semaphore = NULL;
  expect_ok(iree_hal_semaphore_create((iree_hal_device_t*)&device, 42, &semaphore));
  assert_int_equal(value_of(semaphore), 42);
  assert_int_equal(iree_atomic_ref_count_load(&device.ref_count), 1);
  iree_hal_semaphore_retain(semaphore);
  iree_hal_semaphore_release(semaphore);
  expect_ok(iree_hal_semaphore_signal(semaphore, 43));
  iree_hal_semaphore_release(semaphore);
  iree_hal_semaphore_retain(NULL);
  iree_hal_semaphore_release(NULL);
}

static void test_values_only_grow(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(5);
  uint64_t value = 0;
  expect_ok(iree_hal_semaphore_query(semaphore, &value));
  assert_int_equal(value, 5);
  expect_failure(iree_hal_semaphore_signal(semaphore, 5), IREE_STATUS_OUT_OF_RANGE,
                 "a semaphore at 5 can't be signaled to 5");
  expect_failure(iree_hal_semaphore_signal(semaphore, 4), IREE_STATUS_OUT_OF_RANGE,
                 "a semaphore at 5 can't be signaled to 4");
  expect_failure(iree_hal_semaphore_signal(semaphore, UINT64_MAX), IREE_STATUS_OUT_OF_RANGE,
                 "end at 18446744073709551614");
  assert_int_equal(value_of(semaphore), 5);
  expect_ok(iree_hal_semaphore_signal(semaphore, 9));
  assert_int_equal(value_of(semaphore), 9);
  assert_true(tenon_hal_semaphore_is_reached(semaphore, 9));
  assert_false(tenon_hal_semaphore_is_reached(semaphore, 10));
  expect_ok(iree_hal_semaphore_signal(semaphore, IREE_HAL_SEMAPHORE_MAX_VALUE));
  assert_true(value_of(semaphore) == IREE_HAL_SEMAPHORE_MAX_VALUE);
  iree_hal_semaphore_release(semaphore);
}

static void test_waiting_without_others(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(5);
  expect_ok(iree_hal_semaphore_wait(semaphore, 5, iree_immediate_timeout()));
  expect_ok(iree_hal_semaphore_wait(semaphore, 0, iree_infinite_timeout()));
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_make_timeout_ns(0)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  const iree_time_t begin = iree_time_now();
  expect_failure(iree_hal_semaphore_wait(semaphore, 7, iree_make_timeout_ms(3)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "waited for value 7 of a semaphore that is at 5");
  assert_true(iree_time_now() - begin >= 2000000);
  // Shorter than what is spun; a deadline; one that has passed.
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_make_timeout_ns(1)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(
      iree_hal_semaphore_wait(semaphore, 6, iree_make_deadline(iree_time_now() + 1000000)),
      IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_make_deadline(1)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  iree_hal_semaphore_release(semaphore);
}

static void test_failing(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(5);
  fail_with(semaphore, "the first");
  fail_with(semaphore, "the second");
  uint64_t value = 0;
  expect_failure(iree_hal_semaphore_query(semaphore, &value), IREE_STATUS_DATA_LOSS,
                 "here.c:7: DATA_LOSS; the first");
  assert_int_equal(value, 5);
  // What was reached stays so, all else is failed.
  expect_ok(iree_hal_semaphore_wait(semaphore, 5, iree_infinite_timeout()));
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_infinite_timeout()),
                 IREE_STATUS_ABORTED, "here.c:7: DATA_LOSS; the first");
  expect_failure(iree_hal_semaphore_wait(semaphore, 6, iree_immediate_timeout()),
                 IREE_STATUS_ABORTED, "here.c:7: DATA_LOSS; the first");
  expect_failure(iree_hal_semaphore_signal(semaphore, 6), IREE_STATUS_ABORTED,
                 "here.c:7: DATA_LOSS; the first");
  assert_int_equal(value_of(semaphore), 5);
  iree_hal_semaphore_release(semaphore);
}

static void test_failing_with_no_failure(void** state) {
  static const iree_status_code_t codes[] = {IREE_STATUS_OK, IREE_STATUS_DEFERRED};
  for (size_t i = 0; i < IREE_ARRAYSIZE(codes); ++i) {
    iree_hal_semaphore_t* semaphore = create_semaphore(0);
    iree_hal_semaphore_fail(semaphore, iree_status_allocate(codes[i], "f", 1, IREE_SV("text")));
    uint64_t value = 0;
    expect_failure(iree_hal_semaphore_query(semaphore, &value), IREE_STATUS_INTERNAL,
                   iree_status_code_string(codes[i]));
    iree_hal_semaphore_release(semaphore);
  }
}

static void test_failing_with_a_bare_code(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(0);
  iree_hal_semaphore_fail(semaphore, iree_status_from_code(IREE_STATUS_UNAVAILABLE));
  expect_failure(iree_hal_semaphore_wait(semaphore, 1, iree_infinite_timeout()),
                 IREE_STATUS_ABORTED, "UNAVAILABLE");
  iree_hal_semaphore_release(semaphore);
}

// ---- Timepoints -----------------------------------------------------------------------------------

#define MAX_CALLS 8

// Who was called, in order, and with what.
static int calls[MAX_CALLS];
static int call_count;

typedef struct test_point_t {
  tenon_timepoint_t timepoint;
  int number;
  int call_count;
  iree_status_t failure;
  iree_hal_semaphore_t* release;  // released by the function
} test_point_t;

static void point_called(tenon_timepoint_t* timepoint, iree_status_t failure) {
  test_point_t* point = (test_point_t*)timepoint;
  ++point->call_count;
  point->failure = iree_status_clone(failure);
  assert_true(call_count < MAX_CALLS);
  calls[call_count++] = point->number;
  iree_hal_semaphore_release(point->release);
}

static int reset_calls(void** state) {
  call_count = 0;
  return 0;
}

static bool listen(iree_hal_semaphore_t* semaphore, uint64_t value, int number,
                   test_point_t* point) {
  memset(point, 0, sizeof(*point));
  point->number = number;
  // Nothing of it needs to be initialised.
  memset(&point->timepoint, 0xCD, sizeof(point->timepoint));
  return tenon_hal_semaphore_listen(semaphore, value, point_called, &point->timepoint,
                                    &point->failure);
}

static void expect_calls(int count, const int* numbers) {
  assert_int_equal(call_count, count);
  for (int i = 0; i < count; ++i) assert_int_equal(calls[i], numbers[i]);
}

static void test_listeners_are_called_in_order(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(1);
  test_point_t points[6];
  assert_false(listen(semaphore, 1, 0, &points[0]));
  assert_true(iree_status_is_ok(points[0].failure));
  assert_true(listen(semaphore, 4, 1, &points[1]));
  assert_true(listen(semaphore, 2, 2, &points[2]));
  assert_true(listen(semaphore, 4, 3, &points[3]));
  assert_true(listen(semaphore, 3, 4, &points[4]));
  assert_true(listen(semaphore, 9, 5, &points[5]));
  expect_ok(iree_hal_semaphore_signal(semaphore, 3));
  expect_calls(2, (const int[]){2, 4});
  expect_ok(iree_hal_semaphore_signal(semaphore, 8));
  expect_calls(4, (const int[]){2, 4, 1, 3});
  for (int i = 1; i < 5; ++i) assert_true(iree_status_is_ok(points[i].failure));
  fail_with(semaphore, "late");
  expect_calls(5, (const int[]){2, 4, 1, 3, 5});
  expect_failure(points[5].failure, IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; late");
  // Afterwards both outcomes are there at once.
  assert_false(listen(semaphore, 8, 0, &points[0]));
  assert_true(iree_status_is_ok(points[0].failure));
  assert_false(listen(semaphore, 9, 0, &points[0]));
  expect_failure(points[0].failure, IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; late");
  assert_int_equal(call_count, 5);
  iree_hal_semaphore_release(semaphore);
}

static void test_cancelling(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(1);
  test_point_t points[4];
  for (int i = 0; i < 3; ++i) assert_true(listen(semaphore, 2, i, &points[i]));
  assert_true(tenon_hal_semaphore_cancel(semaphore, &points[1].timepoint));
  assert_false(tenon_hal_semaphore_cancel(semaphore, &points[1].timepoint));
  expect_ok(iree_hal_semaphore_signal(semaphore, 2));
  expect_calls(2, (const int[]){0, 2});
  assert_false(tenon_hal_semaphore_cancel(semaphore, &points[0].timepoint));
  assert_false(tenon_hal_semaphore_cancel(semaphore, &points[2].timepoint));
  // One that was never listening.
  assert_false(listen(semaphore, 2, 3, &points[3]));
  assert_false(tenon_hal_semaphore_cancel(semaphore, &points[3].timepoint));
  iree_hal_semaphore_release(semaphore);
}

static void test_destroying_cancels(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(3);
  test_point_t points[2];
  assert_true(listen(semaphore, 7, 0, &points[0]));
  assert_true(listen(semaphore, 5, 1, &points[1]));
  iree_hal_semaphore_release(semaphore);
  expect_calls(2, (const int[]){1, 0});
  expect_failure(points[0].failure, IREE_STATUS_CANCELLED,
                 "value 7 of a semaphore will never be reached: the semaphore is gone, at 3");
  expect_failure(points[1].failure, IREE_STATUS_CANCELLED, "value 5");
}

static void test_a_function_may_let_the_semaphore_go(void** state) {
  for (int fails = 0; fails < 2; ++fails) {
    call_count = 0;
    iree_hal_semaphore_t* semaphore = create_semaphore(0);
    test_point_t points[3];
    for (int i = 0; i < 3; ++i) assert_true(listen(semaphore, 1, i, &points[i]));
    points[1].release = semaphore;
    if (fails) {
      fail_with(semaphore, "gone");
    } else {
      expect_ok(iree_hal_semaphore_signal(semaphore, 1));
    }
    expect_calls(3, (const int[]){0, 1, 2});
    for (int i = 0; i < 3; ++i) {
      if (fails) {
        expect_failure(points[i].failure, IREE_STATUS_DATA_LOSS, "gone");
      } else {
        expect_ok(points[i].failure);
      }
    }
  }
}

// Work that waits for a point of one semaphore and then signals another.
typedef struct link_t {
  tenon_timepoint_t timepoint;
  tenon_ready_item_t item;
  iree_hal_semaphore_t* signals;
  bool has_run;
} link_t;

static void run_link(tenon_ready_item_t* item) {
  link_t* link = (link_t*)((char*)item - offsetof(link_t, item));
  link->has_run = true;
  expect_ok(iree_hal_semaphore_signal(link->signals, 1));
}

static void push_link(tenon_timepoint_t* timepoint, iree_status_t failure) {
  link_t* link = (link_t*)timepoint;
  link->item.run = run_link;
  tenon_ready_push(&link->item);
}

static void test_signaling_runs_what_becomes_ready(void** state) {
  enum { COUNT = 10000 };
  iree_hal_semaphore_t** semaphores = calloc(COUNT + 1, sizeof(*semaphores));
  link_t* links = calloc(COUNT, sizeof(*links));
  assert_non_null(semaphores);
  assert_non_null(links);
  for (int i = 0; i <= COUNT; ++i) semaphores[i] = create_semaphore(0);
  for (int i = 0; i < COUNT; ++i) {
    links[i].signals = semaphores[i + 1];
    iree_status_t failure;
    assert_true(
        tenon_hal_semaphore_listen(semaphores[i], 1, push_link, &links[i].timepoint, &failure));
  }
  expect_ok(iree_hal_semaphore_signal(semaphores[0], 1));
  for (int i = 0; i < COUNT; ++i) assert_true(links[i].has_run);
  expect_ok(iree_hal_semaphore_wait(semaphores[COUNT], 1, iree_immediate_timeout()));
  for (int i = 0; i <= COUNT; ++i) iree_hal_semaphore_release(semaphores[i]);
  free(semaphores);
  free(links);
}

// Signals, when its own point is over, what links wait for.
typedef struct relay_t {
  tenon_timepoint_t timepoint;
  iree_hal_semaphore_t* signals;
} relay_t;

static void signal_at_once(tenon_timepoint_t* timepoint, iree_status_t failure) {
  expect_ok(iree_hal_semaphore_signal(((relay_t*)timepoint)->signals, 1));
}

// Work that is over when |heard|, a point of the same semaphore that is behind the relay's, has been told.
typedef struct late_work_t {
  link_t link;
  const test_point_t* heard;
} late_work_t;

static void run_late_work(tenon_ready_item_t* item) {
  late_work_t* work = (late_work_t*)((char*)item - offsetof(link_t, item));
  work->link.has_run = true;
  assert_int_equal(work->heard->call_count, 1);
}

static void push_late_work(tenon_timepoint_t* timepoint, iree_status_t failure) {
  link_t* link = (link_t*)timepoint;
  link->item.run = run_late_work;
  tenon_ready_push(&link->item);
}

// It might wait for what those who have not been told are to do.
static void test_work_begins_when_all_are_told(void** state) {
  for (int is_dropped = 0; is_dropped <= 1; ++is_dropped) {
    iree_hal_semaphore_t* first = create_semaphore(0);
    iree_hal_semaphore_t* second = create_semaphore(0);
    iree_status_t failure;
    relay_t relay = {.signals = second};
    assert_true(tenon_hal_semaphore_listen(first, 1, signal_at_once, &relay.timepoint, &failure));
    test_point_t last;
    assert_true(listen(first, 1, 0, &last));
    late_work_t work = {.heard = &last};
    assert_true(
        tenon_hal_semaphore_listen(second, 1, push_late_work, &work.link.timepoint, &failure));
    if (!is_dropped) expect_ok(iree_hal_semaphore_signal(first, 1));
    iree_hal_semaphore_release(first);
    assert_true(work.link.has_run);
    iree_status_free(last.failure);
    iree_hal_semaphore_release(second);
  }
}

static void test_a_waiter_runs_what_it_waits_for(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(0);
  link_t link = {.signals = semaphore, .item = {NULL, run_link}};
  tenon_ready_push(&link.item);
  // Polling does not.
  expect_failure(iree_hal_semaphore_wait(semaphore, 1, iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  assert_false(link.has_run);
  expect_ok(iree_hal_semaphore_wait(semaphore, 1, iree_infinite_timeout()));
  assert_true(link.has_run);
  iree_hal_semaphore_release(semaphore);
}

// ---- Lists ----------------------------------------------------------------------------------------

static void test_lists(void** state) {
  iree_hal_semaphore_t* semaphores[3] = {create_semaphore(0), create_semaphore(5),
                                         create_semaphore(0)};
  uint64_t values[3] = {1, 5, 3};
  const iree_hal_semaphore_list_t list = {3, semaphores, values};
  // All are tried, also behind one that can't be signaled.
  expect_failure(iree_hal_semaphore_list_signal(list), IREE_STATUS_OUT_OF_RANGE, "at 5");
  assert_int_equal(value_of(semaphores[0]), 1);
  assert_int_equal(value_of(semaphores[2]), 3);
  expect_ok(iree_hal_semaphore_list_wait(list, iree_infinite_timeout()));
  iree_hal_semaphore_list_fail(
      list, iree_status_allocate(IREE_STATUS_NOT_FOUND, "x.c", 1, IREE_SV("lost")));
  for (int i = 0; i < 3; ++i) {
    uint64_t value = 0;
    expect_failure(iree_hal_semaphore_query(semaphores[i], &value), IREE_STATUS_NOT_FOUND,
                   "x.c:1: NOT_FOUND; lost");
  }
  expect_ok(iree_hal_semaphore_list_wait(list, iree_infinite_timeout()));
  values[1] = 6;
  expect_failure(iree_hal_semaphore_list_wait(list, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "x.c:1: NOT_FOUND; lost");
  for (int i = 0; i < 3; ++i) iree_hal_semaphore_release(semaphores[i]);

  const iree_hal_semaphore_list_t empty = iree_hal_semaphore_list_empty();
  expect_ok(iree_hal_semaphore_list_signal(empty));
  expect_ok(iree_hal_semaphore_list_wait(empty, iree_immediate_timeout()));
  iree_hal_semaphore_list_fail(empty, iree_make_status(IREE_STATUS_INTERNAL, "nobody's"));
}

static iree_status_t poll_list(iree_hal_semaphore_list_t list, iree_hal_wait_mode_t mode) {
  return tenon_hal_semaphore_list_wait(list, mode, iree_immediate_timeout());
}

static void test_all_and_any(void** state) {
  const iree_hal_wait_mode_t all = IREE_HAL_WAIT_MODE_ALL, any = IREE_HAL_WAIT_MODE_ANY;
  iree_hal_semaphore_t* semaphores[3] = {create_semaphore(0), create_semaphore(0),
                                         create_semaphore(0)};
  uint64_t values[3] = {1, 1, 1};
  const iree_hal_semaphore_list_t list = {3, semaphores, values};
  expect_ok(poll_list(iree_hal_semaphore_list_empty(), all));
  expect_ok(poll_list(iree_hal_semaphore_list_empty(), any));
  expect_failure(poll_list(list, all), IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(poll_list(list, any), IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(tenon_hal_semaphore_list_wait(list, any, iree_make_timeout_ms(1)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "value 1 of a semaphore that is at 0");
  // One has failed: that ends ALL, not ANY.
  fail_with(semaphores[1], "the middle one");
  expect_failure(poll_list(list, all), IREE_STATUS_ABORTED, "the middle one");
  expect_failure(poll_list(list, any), IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(tenon_hal_semaphore_list_wait(list, any, iree_make_timeout_ms(1)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  // One is reached: that ends ANY, failure or not.
  expect_ok(iree_hal_semaphore_signal(semaphores[2], 1));
  expect_failure(poll_list(list, all), IREE_STATUS_ABORTED, "the middle one");
  expect_ok(poll_list(list, any));
  // All that are looked at have failed.
  const iree_hal_semaphore_list_t failed = {2, semaphores, values};
  fail_with(semaphores[0], "the first one");
  expect_failure(poll_list(failed, any), IREE_STATUS_ABORTED, "the first one");
  for (int i = 0; i < 3; ++i) iree_hal_semaphore_release(semaphores[i]);
}

static void test_a_semaphore_may_appear_twice(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(1);
  iree_hal_semaphore_t* semaphores[2] = {semaphore, semaphore};
  uint64_t values[2] = {1, 2};
  const iree_hal_semaphore_list_t list = {2, semaphores, values};
  expect_ok(poll_list(list, IREE_HAL_WAIT_MODE_ANY));
  expect_failure(
      tenon_hal_semaphore_list_wait(list, IREE_HAL_WAIT_MODE_ALL, iree_make_timeout_ns(100000)),
      IREE_STATUS_DEADLINE_EXCEEDED, "waited for value 2 of a semaphore that is at 1");
  expect_ok(iree_hal_semaphore_signal(semaphore, 2));
  expect_ok(poll_list(list, IREE_HAL_WAIT_MODE_ALL));
  iree_hal_semaphore_release(semaphore);
}

// ---- Wait sources ---------------------------------------------------------------------------------

typedef struct heard_t {
  int count;
  iree_status_t status;
} heard_t;

static void hear(void* user_data, iree_status_t status) {
  heard_t* heard = user_data;
  ++heard->count;
  heard->status = status;
}

static iree_status_code_t query_source(iree_wait_source_t source) {
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(source, &code));
  return code;
}

static void test_a_point_is_a_wait_source(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(0);
  const iree_wait_source_t one = iree_hal_semaphore_await(semaphore, 1);
  const iree_wait_source_t two = iree_hal_semaphore_await(semaphore, 2);
  assert_false(iree_wait_source_is_immediate(one));
  heard_t heard[3] = {{0, NULL}, {0, NULL}, {0, NULL}};
  assert_int_equal(query_source(one), IREE_STATUS_DEFERRED);
  expect_failure(iree_wait_source_wait_one(one, iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(tenon_wait_source_listen(one, (tenon_wait_listener_t){hear, &heard[0]}),
                 IREE_STATUS_DEFERRED, "");
  expect_failure(tenon_wait_source_listen(two, (tenon_wait_listener_t){hear, &heard[1]}),
                 IREE_STATUS_DEFERRED, "");
  expect_ok(iree_hal_semaphore_signal(semaphore, 1));
  assert_int_equal(heard[0].count, 1);
  expect_ok(heard[0].status);
  assert_int_equal(heard[1].count, 0);
  expect_ok(tenon_wait_source_listen(one, (tenon_wait_listener_t){hear, &heard[2]}));
  assert_int_equal(query_source(one), IREE_STATUS_OK);
  expect_ok(iree_wait_source_wait_one(one, iree_infinite_timeout()));

  fail_with(semaphore, "broken");
  assert_int_equal(heard[1].count, 1);
  expect_failure(heard[1].status, IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; broken");
  assert_int_equal(query_source(one), IREE_STATUS_OK);
  assert_int_equal(query_source(two), IREE_STATUS_DATA_LOSS);
  expect_failure(iree_wait_source_wait_one(two, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "here.c:7: DATA_LOSS; broken");
  expect_failure(tenon_wait_source_listen(two, (tenon_wait_listener_t){hear, &heard[2]}),
                 IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; broken");
  assert_int_equal(heard[2].count, 0);
  expect_failure(one.ctl(one, (iree_wait_source_command_t)0x77, NULL, NULL),
                 IREE_STATUS_UNIMPLEMENTED, "119");
  iree_hal_semaphore_release(semaphore);
}

static void test_a_listener_outlives_its_semaphore(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(0);
  heard_t heard = {0, NULL};
  expect_failure(tenon_wait_source_listen(iree_hal_semaphore_await(semaphore, 1),
                                          (tenon_wait_listener_t){hear, &heard}),
                 IREE_STATUS_DEFERRED, "");
  iree_hal_semaphore_release(semaphore);
  assert_int_equal(heard.count, 1);
  expect_failure(heard.status, IREE_STATUS_CANCELLED, "value 1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_devices_create_semaphores),
      cmocka_unit_test(test_values_only_grow),
      cmocka_unit_test(test_waiting_without_others),
      cmocka_unit_test(test_failing),
      cmocka_unit_test(test_failing_with_no_failure),
      cmocka_unit_test(test_failing_with_a_bare_code),
      cmocka_unit_test_setup(test_listeners_are_called_in_order, reset_calls),
      cmocka_unit_test_setup(test_cancelling, reset_calls),
      cmocka_unit_test_setup(test_destroying_cancels, reset_calls),
      cmocka_unit_test(test_a_function_may_let_the_semaphore_go),
      cmocka_unit_test(test_signaling_runs_what_becomes_ready),
      cmocka_unit_test_setup(test_work_begins_when_all_are_told, reset_calls),
      cmocka_unit_test(test_a_waiter_runs_what_it_waits_for),
      cmocka_unit_test(test_lists),
      cmocka_unit_test(test_all_and_any),
      cmocka_unit_test(test_a_semaphore_may_appear_twice),
      cmocka_unit_test(test_a_point_is_a_wait_source),
      cmocka_unit_test(test_a_listener_outlives_its_semaphore),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
