// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fences on one thread; semaphore_thread_test.c has several.

#include "base/testing/failing_allocator.h"
#include "hal/testing/hal_testing.h"
#include "hal/timepoint.h"

static iree_hal_semaphore_t* create_semaphore(uint64_t value) {
  iree_hal_semaphore_t* semaphore = NULL;
  expect_ok(tenon_hal_semaphore_create(value, iree_allocator_system(), &semaphore));
  return semaphore;
}

static iree_hal_fence_t* create_fence(iree_host_size_t capacity) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create(capacity, iree_allocator_system(), &fence));
  return fence;
}

static iree_hal_fence_t* fence_at(iree_hal_semaphore_t* semaphore, uint64_t value) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create_at(semaphore, value, iree_allocator_system(), &fence));
  return fence;
}

static iree_status_t make_failure(const char* message) {
  return iree_status_allocate(IREE_STATUS_DATA_LOSS, "here.c", 7, iree_make_cstring_view(message));
}

static int32_t count_of(iree_hal_semaphore_t* semaphore) {
  return iree_atomic_ref_count_load((iree_atomic_ref_count_t*)semaphore);
}

// ---- Points -------------------------------------------------------------------------------------

static void expect_points(iree_hal_fence_t* fence, iree_host_size_t count,
                          iree_hal_semaphore_t* const* semaphores, const uint64_t* values) {
  const iree_hal_semaphore_list_t list = iree_hal_fence_semaphore_list(fence);
  assert_int_equal(list.count, count);
  assert_int_equal(iree_hal_fence_timepoint_count(fence), count);
  for (iree_host_size_t i = 0; i < count; ++i) {
    assert_ptr_equal(list.semaphores[i], semaphores[i]);
    assert_int_equal(list.payload_values[i], values[i]);
  }
}

static void test_inserting(void** state) {
  iree_hal_semaphore_t* a = create_semaphore(0);
  iree_hal_semaphore_t* b = create_semaphore(0);
  iree_hal_fence_t* fence = create_fence(2);
  expect_points(fence, 0, NULL, NULL);
  expect_ok(iree_hal_fence_insert(fence, a, 5));
  expect_ok(iree_hal_fence_insert(fence, a, 3));
  expect_points(fence, 1, &a, (const uint64_t[]){5});
  expect_ok(iree_hal_fence_insert(fence, b, 1));
  expect_failure(iree_hal_fence_insert(fence, NULL, 1), IREE_STATUS_INVALID_ARGUMENT,
                 "no semaphore");
  iree_hal_semaphore_t* c = create_semaphore(0);
  expect_failure(iree_hal_fence_insert(fence, c, 1), IREE_STATUS_RESOURCE_EXHAUSTED,
                 "room for 2 semaphores");
  // A full one can still raise the values it has.
  expect_ok(iree_hal_fence_insert(fence, a, 7));
  iree_hal_semaphore_t* const expected[] = {a, b};
  expect_points(fence, 2, expected, (const uint64_t[]){7, 1});
  assert_int_equal(count_of(a), 2);
  assert_int_equal(count_of(c), 1);
  iree_hal_fence_retain(fence);
  iree_hal_fence_release(fence);
  assert_int_equal(count_of(a), 2);
  iree_hal_fence_release(fence);
  assert_int_equal(count_of(a), 1);
  assert_int_equal(count_of(b), 1);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
  iree_hal_semaphore_release(c);
}

static void test_capacities(void** state) {
  iree_hal_semaphore_t* semaphore = create_semaphore(0);
  iree_hal_fence_t* fence = create_fence(0);
  expect_failure(iree_hal_fence_insert(fence, semaphore, 1), IREE_STATUS_RESOURCE_EXHAUSTED,
                 "room for 0");
  expect_ok(iree_hal_fence_query(fence));
  iree_hal_fence_release(fence);
  fence = (iree_hal_fence_t*)&fence;
  expect_failure(iree_hal_fence_create(65536, iree_allocator_system(), &fence),
                 IREE_STATUS_INVALID_ARGUMENT, "65536");
  assert_null(fence);
  expect_failure(iree_hal_fence_create(IREE_HOST_SIZE_MAX, iree_allocator_system(), &fence),
                 IREE_STATUS_INVALID_ARGUMENT, "at most 65535");
  expect_failure(iree_hal_fence_create_at(NULL, 1, iree_allocator_system(), &fence),
                 IREE_STATUS_INVALID_ARGUMENT, "no semaphore");
  assert_null(fence);
  iree_hal_semaphore_release(semaphore);
}

static void test_a_very_large_fence(void** state) {
  enum { COUNT = 4000 };
  iree_hal_fence_t* fence = create_fence(65535);
  iree_hal_semaphore_t* semaphores[2] = {NULL, NULL};
  for (int i = 0; i < COUNT; ++i) {
    iree_hal_semaphore_t* semaphore = create_semaphore(0);
    expect_ok(iree_hal_fence_insert(fence, semaphore, 1));
    if (i == 0 || i == COUNT - 1) semaphores[i != 0] = semaphore;
    iree_hal_semaphore_release(semaphore);
  }
  expect_failure(iree_hal_fence_wait(fence, iree_make_timeout_ns(1000)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_ok(iree_hal_semaphore_signal(semaphores[0], 1));
  expect_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
  iree_hal_semaphore_fail(semaphores[1], make_failure("the last"));
  expect_failure(iree_hal_fence_wait(fence, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "the last");
  iree_hal_fence_release(fence);
}

static void test_joining(void** state) {
  iree_hal_semaphore_t* a = create_semaphore(0);
  iree_hal_semaphore_t* b = create_semaphore(0);
  iree_hal_fence_t* fences[] = {fence_at(a, 5),  NULL,          fence_at(b, 2), fence_at(a, 9),
                                create_fence(3), fence_at(a, 1)};
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_join(IREE_ARRAYSIZE(fences), fences, iree_allocator_system(), &fence));
  iree_hal_semaphore_t* const expected[] = {a, b};
  expect_points(fence, 2, expected, (const uint64_t[]){9, 2});
  iree_hal_fence_release(fence);
  // Without points there is no fence.
  iree_hal_fence_t* nothing[] = {NULL, fences[4]};
  fence = fences[0];
  expect_ok(iree_hal_fence_join(2, nothing, iree_allocator_system(), &fence));
  assert_null(fence);
  expect_ok(iree_hal_fence_join(0, NULL, iree_allocator_system(), &fence));
  assert_null(fence);

  expect_ok(iree_hal_fence_extend(fences[4], fences[2]));
  expect_ok(iree_hal_fence_extend(fences[4], fences[0]));
  expect_ok(iree_hal_fence_extend(fences[4], NULL));
  iree_hal_semaphore_t* const extended[] = {b, a};
  expect_points(fences[4], 2, extended, (const uint64_t[]){2, 5});
  expect_failure(iree_hal_fence_extend(fences[0], fences[4]), IREE_STATUS_RESOURCE_EXHAUSTED,
                 "room for 1");
  for (size_t i = 0; i < IREE_ARRAYSIZE(fences); ++i) iree_hal_fence_release(fences[i]);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

// More points than a fence can hold, but not more semaphores.
static void test_joining_many(void** state) {
  enum { SIZE = 1000, COUNT = 70 };
  iree_hal_fence_t* part = create_fence(SIZE);
  for (int i = 0; i < SIZE; ++i) {
    iree_hal_semaphore_t* semaphore = create_semaphore(0);
    expect_ok(iree_hal_fence_insert(part, semaphore, 1));
    iree_hal_semaphore_release(semaphore);
  }
  iree_hal_fence_t* fences[COUNT];
  for (int i = 0; i < COUNT; ++i) fences[i] = part;
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_join(COUNT, fences, iree_allocator_system(), &fence));
  assert_int_equal(iree_hal_fence_timepoint_count(fence), SIZE);
  iree_hal_fence_release(fence);
  iree_hal_fence_release(part);
}

// ---- State --------------------------------------------------------------------------------------

static void test_every_function_accepts_null(void** state) {
  iree_hal_fence_retain(NULL);
  iree_hal_fence_release(NULL);
  expect_points(NULL, 0, NULL, NULL);
  expect_failure(iree_hal_fence_insert(NULL, NULL, 1), IREE_STATUS_INVALID_ARGUMENT, "no fence");
  expect_ok(iree_hal_fence_extend(NULL, NULL));
  expect_ok(iree_hal_fence_query(NULL));
  expect_ok(iree_hal_fence_signal(NULL));
  iree_hal_fence_fail(NULL, make_failure("nobody's"));
  expect_ok(iree_hal_fence_wait(NULL, iree_immediate_timeout()));
  assert_true(iree_wait_source_is_immediate(iree_hal_fence_await(NULL)));
  assert_true(tenon_hal_fence_is_reached(NULL));
}

static void test_signaling(void** state) {
  iree_hal_semaphore_t* a = create_semaphore(0);
  iree_hal_semaphore_t* b = create_semaphore(0);
  iree_hal_fence_t* fence = create_fence(2);
  expect_ok(iree_hal_fence_insert(fence, a, 3));
  expect_ok(iree_hal_fence_insert(fence, b, 4));
  expect_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
  expect_ok(iree_hal_semaphore_signal(a, 5));
  expect_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
  assert_false(tenon_hal_fence_is_reached(fence));
  expect_failure(iree_hal_fence_wait(fence, iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_failure(iree_hal_fence_wait(fence, iree_make_timeout_ms(1)), IREE_STATUS_DEADLINE_EXCEEDED,
                 "waited for value 4 of a semaphore that is at 0");
  // The one that can't be signaled doesn't keep the other from it.
  expect_failure(iree_hal_fence_signal(fence), IREE_STATUS_OUT_OF_RANGE, "at 5");
  expect_ok(iree_hal_fence_query(fence));
  assert_true(tenon_hal_fence_is_reached(fence));
  expect_ok(iree_hal_fence_wait(fence, iree_infinite_timeout()));
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static void test_failing(void** state) {
  iree_hal_semaphore_t* a = create_semaphore(0);
  iree_hal_semaphore_t* b = create_semaphore(0);
  iree_hal_fence_t* both = create_fence(2);
  expect_ok(iree_hal_fence_insert(both, a, 1));
  expect_ok(iree_hal_fence_insert(both, b, 1));
  // One failed point is enough, behind one that is pending too.
  iree_hal_semaphore_fail(b, make_failure("the first"));
  expect_failure(iree_hal_fence_query(both), IREE_STATUS_DATA_LOSS,
                 "here.c:7: DATA_LOSS; the first");
  expect_failure(iree_hal_fence_wait(both, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "here.c:7: DATA_LOSS; the first");
  iree_hal_fence_fail(both, make_failure("the second"));
  expect_failure(iree_hal_semaphore_wait(a, 1, iree_immediate_timeout()), IREE_STATUS_ABORTED,
                 "the second");
  expect_failure(iree_hal_semaphore_wait(b, 1, iree_immediate_timeout()), IREE_STATUS_ABORTED,
                 "the first");
  expect_failure(iree_hal_fence_signal(both), IREE_STATUS_ABORTED, "the second");
  iree_hal_fence_release(both);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static void test_a_pending_fence(void** state) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(tenon_hal_fence_create_pending(iree_allocator_system(), &fence));
  assert_int_equal(iree_hal_fence_timepoint_count(fence), 1);
  expect_failure(iree_hal_fence_query(fence), IREE_STATUS_DEFERRED, "");
  expect_ok(iree_hal_fence_signal(fence));
  expect_ok(iree_hal_fence_query(fence));
  expect_failure(iree_hal_fence_signal(fence), IREE_STATUS_OUT_OF_RANGE, "at 1");
  iree_hal_fence_release(fence);
}

// ---- Fences as wait sources ---------------------------------------------------------------------

typedef struct heard_t {
  int count;
  iree_status_t status;
} heard_t;

static void hear(void* user_data, iree_status_t status) {
  heard_t* heard = user_data;
  ++heard->count;
  heard->status = status;
}

static iree_status_t listen(iree_hal_fence_t* fence, heard_t* heard) {
  *heard = (heard_t){0, NULL};
  return tenon_wait_source_listen(iree_hal_fence_await(fence),
                                  (tenon_wait_listener_t){hear, heard});
}

static void expect_listening(iree_hal_fence_t* fence, heard_t* heard) {
  expect_failure(listen(fence, heard), IREE_STATUS_DEFERRED, "");
  assert_int_equal(heard->count, 0);
}

static iree_status_code_t query_source(iree_wait_source_t source) {
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(source, &code));
  return code;
}

static iree_hal_fence_t* fence_of(iree_host_size_t count, iree_hal_semaphore_t** semaphores) {
  iree_hal_fence_t* fence = create_fence(count);
  for (iree_host_size_t i = 0; i < count; ++i)
    expect_ok(iree_hal_fence_insert(fence, semaphores[i], i + 1));
  return fence;
}

static void create_three(iree_hal_semaphore_t** semaphores) {
  for (int i = 0; i < 3; ++i) semaphores[i] = create_semaphore(0);
}

static void release_three(iree_hal_semaphore_t** semaphores) {
  for (int i = 0; i < 3; ++i) iree_hal_semaphore_release(semaphores[i]);
}

static void test_querying_and_waiting(void** state) {
  iree_hal_semaphore_t* semaphores[3];
  create_three(semaphores);
  iree_hal_fence_t* fence = fence_of(3, semaphores);
  const iree_wait_source_t source = iree_hal_fence_await(fence);
  assert_int_equal(query_source(source), IREE_STATUS_DEFERRED);
  expect_failure(iree_wait_source_wait_one(source, iree_immediate_timeout()),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  expect_ok(iree_hal_fence_signal(fence));
  assert_int_equal(query_source(source), IREE_STATUS_OK);
  expect_ok(iree_wait_source_wait_one(source, iree_infinite_timeout()));
  heard_t heard;
  expect_ok(listen(fence, &heard));
  assert_int_equal(heard.count, 0);
  iree_hal_fence_release(fence);
  release_three(semaphores);

  create_three(semaphores);
  fence = fence_of(3, semaphores);
  iree_hal_semaphore_fail(semaphores[1], make_failure("the middle"));
  assert_int_equal(query_source(iree_hal_fence_await(fence)), IREE_STATUS_DATA_LOSS);
  expect_failure(iree_wait_source_wait_one(iree_hal_fence_await(fence), iree_infinite_timeout()),
                 IREE_STATUS_ABORTED, "here.c:7: DATA_LOSS; the middle");
  expect_failure(listen(fence, &heard), IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; the middle");
  assert_int_equal(heard.count, 0);
  iree_hal_fence_release(fence);
  release_three(semaphores);
}

static void test_listeners_hear_after_the_last_point(void** state) {
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int i = 0; i < 6; ++i) {
    iree_hal_semaphore_t* semaphores[3];
    create_three(semaphores);
    iree_hal_fence_t* fence = fence_of(3, semaphores);
    heard_t heard;
    expect_listening(fence, &heard);
    // The listener holds neither the fence nor its semaphores.
    iree_hal_fence_release(fence);
    for (int j = 0; j < 3; ++j) {
      assert_int_equal(count_of(semaphores[j]), 1);
      assert_int_equal(heard.count, 0);
      expect_ok(iree_hal_semaphore_signal(semaphores[orders[i][j]], 3));
    }
    assert_int_equal(heard.count, 1);
    expect_ok(heard.status);
    release_three(semaphores);
  }
}

static void test_listeners_hear_of_the_first_failure_at_once(void** state) {
  iree_hal_semaphore_t* semaphores[3];
  create_three(semaphores);
  iree_hal_fence_t* fence = fence_of(3, semaphores);
  heard_t heard;
  expect_listening(fence, &heard);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_fail(semaphores[1], make_failure("the middle"));
  assert_int_equal(heard.count, 1);
  expect_failure(heard.status, IREE_STATUS_DATA_LOSS, "here.c:7: DATA_LOSS; the middle");
  // What comes later is not heard.
  iree_hal_semaphore_fail(semaphores[0], make_failure("the second"));
  expect_ok(iree_hal_semaphore_signal(semaphores[2], 3));
  assert_int_equal(heard.count, 1);
  release_three(semaphores);
}

static void test_a_dropped_fence_fails_its_listeners(void** state) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(tenon_hal_fence_create_pending(iree_allocator_system(), &fence));
  heard_t heard;
  expect_listening(fence, &heard);
  iree_hal_fence_release(fence);
  assert_int_equal(heard.count, 1);
  expect_failure(heard.status, IREE_STATUS_CANCELLED, "the semaphore is gone, at 0");

  iree_hal_semaphore_t* semaphores[3];
  create_three(semaphores);
  fence = fence_of(3, semaphores);
  expect_listening(fence, &heard);
  expect_ok(iree_hal_semaphore_signal(semaphores[0], 1));
  release_three(semaphores);
  assert_int_equal(heard.count, 0);
  iree_hal_fence_release(fence);
  assert_int_equal(heard.count, 1);
  expect_failure(heard.status, IREE_STATUS_CANCELLED, "value 2");
}

// ---- Out of memory --------------------------------------------------------------------------------

static iree_status_t use_fence(iree_hal_fence_t* fence) {
  heard_t heard = {0, NULL};
  iree_status_t status = listen(fence, &heard);
  if (!iree_status_is_deferred(status)) return status;
  expect_ok(iree_hal_fence_signal(fence));
  assert_int_equal(heard.count, 1);
  expect_ok(heard.status);
  return iree_ok_status();
}

static iree_status_t fences_body(iree_allocator_t allocator, void* user_data) {
  enum { COUNT = 20 };
  iree_hal_fence_t* fences[COUNT] = {NULL};
  iree_status_t status = iree_ok_status();
  for (int i = 0; i < COUNT && iree_status_is_ok(status); ++i)
    status = tenon_hal_fence_create_pending(allocator, &fences[i]);
  iree_hal_fence_t* joined = NULL;
  if (iree_status_is_ok(status)) status = iree_hal_fence_join(COUNT, fences, allocator, &joined);
  if (iree_status_is_ok(status)) {
    status = iree_hal_fence_wait(joined, iree_make_timeout_ns(1000));
    if (iree_status_is_deadline_exceeded(status)) status = iree_status_ignore(status);
  }
  if (iree_status_is_ok(status)) status = use_fence(joined);
  iree_hal_fence_release(joined);
  for (int i = 0; i < COUNT; ++i) iree_hal_fence_release(fences[i]);
  return status;
}

static void test_every_allocation_may_fail(void** state) {
  // Two a fence; the joined one; its wait; its listener.
  assert_int_equal(tenon_test_for_each_failure(fences_body, NULL), 43);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_inserting),
      cmocka_unit_test(test_capacities),
      cmocka_unit_test(test_a_very_large_fence),
      cmocka_unit_test(test_joining),
      cmocka_unit_test(test_joining_many),
      cmocka_unit_test(test_every_function_accepts_null),
      cmocka_unit_test(test_signaling),
      cmocka_unit_test(test_failing),
      cmocka_unit_test(test_a_pending_fence),
      cmocka_unit_test(test_querying_and_waiting),
      cmocka_unit_test(test_listeners_hear_after_the_last_point),
      cmocka_unit_test(test_listeners_hear_of_the_first_failure_at_once),
      cmocka_unit_test(test_a_dropped_fence_fails_its_listeners),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
