// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fences: sets of points.
#include "conformance.h"

static iree_hal_fence_t* fence_at(ct_env_t* ct, iree_hal_semaphore_t* semaphore, uint64_t value) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create_at(semaphore, value, ct->allocator, &fence));
  return fence;
}

static void expect_reached(iree_hal_fence_t* fence) {
  expect_ok(iree_hal_fence_query(fence));
  expect_ok(iree_hal_fence_wait(fence, iree_immediate_timeout()));
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(iree_hal_fence_await(fence), &code));
  assert_int_equal(code, IREE_STATUS_OK);
}

static void expect_pending(iree_hal_fence_t* fence) {
  assert_int_equal(iree_status_consume_code(iree_hal_fence_query(fence)), IREE_STATUS_DEFERRED);
  ct_expect_refused(iree_hal_fence_wait(fence, iree_immediate_timeout()),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  expect_ok(iree_wait_source_query(iree_hal_fence_await(fence), &code));
  assert_int_equal(code, IREE_STATUS_DEFERRED);
}

static void test_null_and_empty_are_reached(void** state) {
  ct_env_t* ct = *state;
  iree_hal_fence_t* empty = NULL;
  expect_ok(iree_hal_fence_create(0, ct->allocator, &empty));
  iree_hal_fence_t* fences[] = {NULL, empty};
  for (int i = 0; i < 2; ++i) {
    expect_reached(fences[i]);
    expect_ok(iree_hal_fence_signal(fences[i]));
    expect_ok(iree_hal_fence_signal(fences[i]));
    iree_hal_fence_fail(fences[i], iree_make_status(IREE_STATUS_UNKNOWN, "nobody hears"));
    expect_reached(fences[i]);
    assert_int_equal(iree_hal_fence_timepoint_count(fences[i]), 0);
    assert_int_equal(iree_hal_fence_semaphore_list(fences[i]).count, 0);
    iree_hal_fence_retain(fences[i]);
    iree_hal_fence_release(fences[i]);
  }
  iree_hal_fence_t* joined = empty;
  expect_ok(iree_hal_fence_join(2, fences, ct->allocator, &joined));
  assert_null(joined);
  joined = empty;
  expect_ok(iree_hal_fence_join(0, NULL, ct->allocator, &joined));
  assert_null(joined);
  expect_ok(iree_hal_fence_extend(empty, NULL));
  iree_hal_fence_release(empty);
}

static void test_insert(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* c = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create(2, ct->allocator, &fence));
  expect_ok(iree_hal_fence_insert(fence, a, 3));
  expect_ok(iree_hal_fence_insert(fence, a, 5));
  expect_ok(iree_hal_fence_insert(fence, a, 4));
  assert_int_equal(iree_hal_fence_timepoint_count(fence), 1);
  expect_ok(iree_hal_fence_insert(fence, b, 1));
  ct_expect_refused(iree_hal_fence_insert(fence, c, 1), IREE_STATUS_RESOURCE_EXHAUSTED);
  // Full, but for those that are there.
  expect_ok(iree_hal_fence_insert(fence, b, 2));
  const iree_hal_semaphore_list_t list = iree_hal_fence_semaphore_list(fence);
  assert_int_equal(list.count, 2);
  for (int i = 0; i < 2; ++i)
    assert_int_equal(list.payload_values[i], list.semaphores[i] == a ? 5 : 2);
  // The fence retains its semaphores.
  iree_hal_semaphore_release(b);
  expect_pending(fence);
  expect_ok(iree_hal_fence_signal(fence));
  expect_reached(fence);
  ct_expect_value(a, 5);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(c);
}

static void test_too_large(void** state) {
  ct_env_t* ct = *state;
  iree_hal_fence_t* fence = NULL;
  iree_status_t status = iree_hal_fence_create(65536, ct->allocator, &fence);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  status = iree_hal_fence_create(SIZE_MAX / 16, ct->allocator, &fence);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
}

static void test_join(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_fence_t* parts[] = {fence_at(ct, a, 1), NULL, fence_at(ct, b, 1), fence_at(ct, a, 2)};
  iree_hal_fence_t* joined = NULL;
  expect_ok(iree_hal_fence_join(4, parts, ct->allocator, &joined));
  assert_int_equal(iree_hal_fence_timepoint_count(joined), 2);
  expect_ok(iree_hal_semaphore_signal(a, 1));
  expect_reached(parts[0]);
  expect_pending(joined);
  expect_ok(iree_hal_semaphore_signal(b, 1));
  expect_pending(joined);
  expect_ok(iree_hal_semaphore_signal(a, 2));
  expect_reached(joined);
  for (int i = 0; i < 4; ++i) iree_hal_fence_release(parts[i]);
  expect_reached(joined);
  iree_hal_fence_release(joined);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static void test_extend(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create(2, ct->allocator, &fence));
  iree_hal_fence_t* at_a = fence_at(ct, a, 2);
  iree_hal_fence_t* at_b = fence_at(ct, b, 1);
  expect_ok(iree_hal_fence_insert(fence, a, 1));
  expect_ok(iree_hal_fence_extend(fence, at_a));
  expect_ok(iree_hal_fence_extend(fence, at_b));
  assert_int_equal(iree_hal_fence_timepoint_count(fence), 2);
  ct_expect_refused(iree_hal_fence_extend(at_a, at_b), IREE_STATUS_RESOURCE_EXHAUSTED);
  expect_ok(iree_hal_fence_signal(fence));
  ct_expect_value(a, 2);
  ct_expect_value(b, 1);
  iree_hal_fence_release(at_a);
  iree_hal_fence_release(at_b);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static void test_signal_twice(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = fence_at(ct, semaphore, 1);
  expect_ok(iree_hal_fence_signal(fence));
  ct_expect_refused(iree_hal_fence_signal(fence), IREE_STATUS_OUT_OF_RANGE);
  expect_reached(fence);
  // Failing it now comes too late for those who wait for this point.
  iree_hal_fence_fail(fence, iree_make_status(IREE_STATUS_UNKNOWN, "too late"));
  expect_reached(fence);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(semaphore);
}

static void test_failure(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = NULL;
  expect_ok(iree_hal_fence_create(2, ct->allocator, &fence));
  expect_ok(iree_hal_fence_insert(fence, a, 1));
  expect_ok(iree_hal_fence_insert(fence, b, 1));
  // As soon as one point has failed.
  iree_hal_semaphore_fail(b, iree_make_status(IREE_STATUS_DATA_LOSS, "the disk is gone"));
  expect_failure(iree_hal_fence_query(fence), IREE_STATUS_DATA_LOSS, "the disk is gone");
  expect_failure(iree_hal_fence_wait(fence, iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "the disk is gone");
  // The rest fails by the fence; the first failure stays.
  iree_hal_fence_fail(fence, iree_make_status(IREE_STATUS_UNAVAILABLE, "gave up"));
  iree_hal_fence_fail(fence, iree_make_status(IREE_STATUS_UNKNOWN, "failing twice"));
  ct_expect_failed(a, 1, IREE_STATUS_UNAVAILABLE, "gave up");
  ct_expect_failed(b, 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
  ct_expect_refused(iree_hal_fence_signal(fence), IREE_STATUS_ABORTED);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

//===--- Being told ---------------------------------------------------------------------------===//

typedef struct told_t {
  int count;
  iree_status_t status;
} told_t;

static void on_told(void* user_data, iree_status_t status) {
  told_t* told = user_data;
  ++told->count;
  told->status = status;
}

static iree_status_t listen(iree_hal_fence_t* fence, told_t* told) {
  *told = (told_t){0, iree_ok_status()};
  return tenon_wait_source_listen(iree_hal_fence_await(fence),
                                  (tenon_wait_listener_t){on_told, told});
}

static void test_listen(void** state) {
  ct_env_t* ct = *state;
  told_t told;
  expect_ok(listen(NULL, &told));
  for (int order = 0; order < 2; ++order) {
    iree_hal_semaphore_t* semaphores[] = {ct_semaphore(ct, 0), ct_semaphore(ct, 0)};
    iree_hal_fence_t* fence = NULL;
    expect_ok(iree_hal_fence_create(2, ct->allocator, &fence));
    expect_ok(iree_hal_fence_insert(fence, semaphores[0], 1));
    expect_ok(iree_hal_fence_insert(fence, semaphores[1], 1));
    ct_expect_refused(listen(fence, &told), IREE_STATUS_DEFERRED);
    expect_ok(iree_hal_semaphore_signal(semaphores[order], 1));
    assert_int_equal(told.count, 0);
    expect_ok(iree_hal_semaphore_signal(semaphores[1 - order], 1));
    assert_int_equal(told.count, 1);
    expect_ok(told.status);
    expect_ok(listen(fence, &told));
    assert_int_equal(told.count, 0);
    iree_hal_fence_release(fence);
    for (int i = 0; i < 2; ++i) iree_hal_semaphore_release(semaphores[i]);
  }
}

// Whoever should have signaled the fence drops it instead.
static void test_dropped_fence_fails(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = fence_at(ct, semaphore, 1);
  iree_hal_semaphore_release(semaphore);
  told_t told;
  ct_expect_refused(listen(fence, &told), IREE_STATUS_DEFERRED);
  iree_hal_semaphore_t* after = ct_semaphore(ct, 0);
  expect_ok(iree_hal_device_queue_barrier(ON(ct->device), iree_hal_fence_semaphore_list(fence),
                                          AT(after, 1)));
  assert_int_equal(told.count, 0);
  ct_expect_pending(after, 1);
  iree_hal_fence_release(fence);
  assert_int_equal(told.count, 1);
  ct_expect_refused(told.status, IREE_STATUS_CANCELLED);
  ct_expect_failed(after, 1, IREE_STATUS_CANCELLED, "");
  iree_hal_semaphore_release(after);
}

// A call that never signals: a wait with a timeout returns, and everything can be torn down.
static void test_fence_that_is_never_signaled(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* never = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  iree_hal_fence_t* fence = fence_at(ct, done, 1);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(never, 1),
                                       iree_hal_fence_semaphore_list(fence), buffer, 0, 64, "\x22",
                                       1));
  ct_expect_refused(iree_hal_fence_wait(fence, iree_make_timeout_ms(5)),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  iree_hal_buffer_release(buffer);
  iree_hal_fence_release(fence);
  iree_hal_semaphore_release(done);
  iree_hal_device_release(ct->device);
  ct->device = NULL;
  iree_hal_semaphore_release(never);
}

// Work of one device waits for a fence of another.
static void test_fence_of_another_device(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* foreign = NULL;
  expect_ok(iree_hal_semaphore_create(ct->other, 0, &foreign));
  iree_hal_fence_t* gate = fence_at(ct, foreign, 1);
  iree_hal_fence_t* done = fence_at(ct, foreign, 2);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), iree_hal_fence_semaphore_list(gate),
                                       iree_hal_fence_semaphore_list(done), buffer, 0, 64, "\x22",
                                       1));
  expect_pending(done);
  expect_ok(iree_hal_fence_signal(gate));
  expect_ok(iree_hal_fence_wait(done, ct_long_time()));
  ct_expect_bytes(buffer, 0, 64, 0x22);
  iree_hal_buffer_release(buffer);
  iree_hal_fence_release(gate);
  iree_hal_fence_release(done);
  iree_hal_semaphore_release(foreign);
}

int ct_run_fences(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_null_and_empty_are_reached),
      CT_TEST(test_insert),
      CT_TEST(test_too_large),
      CT_TEST(test_join),
      CT_TEST(test_extend),
      CT_TEST(test_signal_twice),
      CT_TEST(test_failure),
      CT_TEST(test_listen),
      CT_TEST(test_dropped_fence_fails),
      CT_TEST(test_fence_that_is_never_signaled),
      CT_TEST(test_fence_of_another_device),
  };
  return cmocka_run_group_tests_name("fences", tests, NULL, NULL);
}
