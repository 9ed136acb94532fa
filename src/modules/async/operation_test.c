// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "modules/async/operation.h"

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "hal/timepoint.h"
#include "tenon/async.h"
#include "vm/testing/vm_test.h"

static tenon_blocking_pool_t* pool;

static int set_up(void** state) {
  const tenon_blocking_pool_options_t options = {.max_thread_count = 4};
  expect_ok(tenon_blocking_pool_create(&options, iree_allocator_system(), &pool));
  return 0;
}

static int tear_down(void** state) {
  tenon_blocking_pool_release(pool);
  return 0;
}

// A point that a test waits for or signals: a semaphore, and a fence at 1.
typedef struct point_t {
  iree_hal_semaphore_t* semaphore;
  iree_hal_fence_t* fence;
} point_t;

static point_t make_point(void) {
  point_t point;
  expect_ok(tenon_hal_semaphore_create(0, iree_allocator_system(), &point.semaphore));
  expect_ok(iree_hal_fence_create_at(point.semaphore, 1, iree_allocator_system(), &point.fence));
  return point;
}

static void release_point(point_t* point) {
  iree_hal_fence_release(point->fence);
  iree_hal_semaphore_release(point->semaphore);
}

static iree_timeout_t soon(void) {
  return (iree_timeout_t){IREE_TIMEOUT_RELATIVE, 60ll * 1000 * 1000 * 1000};
}

// What the functions below are given, and leave behind. The fence orders it between threads.
typedef struct record_t {
  iree_status_code_t outcome;
  int run_count;
  int cleanup_count;
  pthread_t thread;
} record_t;

static iree_status_t run(void* user_data) {
  record_t* record = (record_t*)user_data;
  record->thread = pthread_self();
  ++record->run_count;
  return record->outcome == IREE_STATUS_OK
             ? iree_ok_status()
             : iree_make_status(record->outcome, "the function failed");
}

static void clean_up(void* user_data) {
  record_t* record = (record_t*)user_data;
  ++record->cleanup_count;
}

static void begin(iree_hal_fence_t* wait_fence, iree_hal_fence_t* signal_fence, record_t* record) {
  expect_ok(tenon_async_run(pool, wait_fence, signal_fence, run, record, clean_up,
                            iree_allocator_system()));
}

// A function runs elsewhere, and is over when its fence is reached.
static void test_run(void** state) {
  point_t end = make_point();
  record_t record = {0};
  begin(NULL, end.fence, &record);
  expect_ok(iree_hal_fence_wait(end.fence, soon()));
  assert_int_equal(record.run_count, 1);
  assert_int_equal(record.cleanup_count, 1);
  assert_false(pthread_equal(record.thread, pthread_self()));
  release_point(&end);
}

static void* signal_point(void* point) {
  expect_ok(iree_hal_semaphore_signal(((point_t*)point)->semaphore, 1));
  return NULL;
}

static void test_waits(void** state) {
  point_t start = make_point(), end = make_point();
  record_t record = {0};
  begin(start.fence, end.fence, &record);
  expect_code(IREE_STATUS_DEADLINE_EXCEEDED,
              iree_hal_fence_wait(end.fence, (iree_timeout_t){IREE_TIMEOUT_RELATIVE, 1000 * 1000}));
  assert_int_equal(record.run_count, 0);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, signal_point, &start), 0);
  expect_ok(iree_hal_fence_wait(end.fence, soon()));
  assert_int_equal(record.run_count, 1);
  assert_false(pthread_equal(record.thread, pthread_self()));
  pthread_join(thread, NULL);
  release_point(&start);
  release_point(&end);
}

static void test_reached_before(void** state) {
  point_t start = make_point(), end = make_point();
  record_t record = {0};
  signal_point(&start);
  begin(start.fence, end.fence, &record);
  expect_ok(iree_hal_fence_wait(end.fence, soon()));
  assert_int_equal(record.run_count, 1);
  release_point(&start);
  release_point(&end);
}

static void test_function_fails(void** state) {
  point_t end = make_point();
  record_t record = {.outcome = IREE_STATUS_DATA_LOSS};
  begin(NULL, end.fence, &record);
  expect_message(IREE_STATUS_ABORTED, "the function failed",
                 iree_hal_fence_wait(end.fence, soon()));
  expect_message(IREE_STATUS_DATA_LOSS, "the function failed", iree_hal_fence_query(end.fence));
  assert_int_equal(record.cleanup_count, 1);
  release_point(&end);
}

// A failure travels as it is, past functions that then don't run.
static void test_wait_fails(void** state) {
  for (int before = 0; before < 2; ++before) {
    point_t start = make_point(), end = make_point();
    record_t record = {0};
    if (!before) begin(start.fence, end.fence, &record);
    iree_hal_fence_fail(start.fence, iree_make_status(IREE_STATUS_UNAVAILABLE, "no data"));
    if (before) begin(start.fence, end.fence, &record);
    expect_code(IREE_STATUS_ABORTED, iree_hal_fence_wait(end.fence, soon()));
    expect_message(IREE_STATUS_UNAVAILABLE, "no data", iree_hal_fence_query(end.fence));
    assert_int_equal(record.run_count, 0);
    assert_int_equal(record.cleanup_count, 1);
    release_point(&start);
    release_point(&end);
  }
}

// Nobody can signal what nobody holds.
static void test_wait_is_dropped(void** state) {
  point_t start = make_point(), end = make_point();
  record_t record = {0};
  begin(start.fence, end.fence, &record);
  release_point(&start);
  expect_code(IREE_STATUS_ABORTED, iree_hal_fence_wait(end.fence, soon()));
  expect_code(IREE_STATUS_CANCELLED, iree_hal_fence_query(end.fence));
  assert_int_equal(record.run_count, 0);
  assert_int_equal(record.cleanup_count, 1);
  release_point(&end);
}

static void test_deferred_is_refused(void** state) {
  point_t end = make_point();
  record_t record = {.outcome = IREE_STATUS_DEFERRED};
  begin(NULL, end.fence, &record);
  expect_code(IREE_STATUS_ABORTED, iree_hal_fence_wait(end.fence, soon()));
  expect_message(IREE_STATUS_INTERNAL, "DEFERRED", iree_hal_fence_query(end.fence));
  release_point(&end);
}

// Somebody else has signaled in between: what waits for later points learns that time went wrong.
static void test_signaled_by_another(void** state) {
  point_t start = make_point(), end = make_point();
  record_t record = {0};
  begin(start.fence, end.fence, &record);
  signal_point(&end);
  signal_point(&start);
  expect_code(IREE_STATUS_ABORTED, iree_hal_semaphore_wait(end.semaphore, 2, soon()));
  uint64_t value = 0;
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_hal_semaphore_query(end.semaphore, &value));
  expect_ok(iree_hal_fence_wait(end.fence, iree_immediate_timeout()));
  release_point(&start);
  release_point(&end);
}

// One after another, through more functions than the pool has threads: none of them holds one while it waits.
static void test_chain(void** state) {
  enum { LENGTH = 64 };
  point_t points[LENGTH + 1];
  record_t records[LENGTH] = {{0}};
  for (int i = 0; i <= LENGTH; ++i) points[i] = make_point();
  for (int i = LENGTH; i-- > 0;) begin(points[i].fence, points[i + 1].fence, &records[i]);
  signal_point(&points[0]);
  expect_ok(iree_hal_fence_wait(points[LENGTH].fence, soon()));
  for (int i = 0; i < LENGTH; ++i) assert_int_equal(records[i].run_count, 1);
  for (int i = 0; i <= LENGTH; ++i) release_point(&points[i]);
}

// Fences of several points on both sides; with |failing|, the last point to wait for fails.
static void check_several_points(bool failing) {
  enum { COUNT = 3 };
  point_t starts[COUNT], ends[COUNT];
  iree_hal_fence_t *start_fences[COUNT], *end_fences[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    starts[i] = make_point();
    ends[i] = make_point();
    start_fences[i] = starts[i].fence;
    end_fences[i] = ends[i].fence;
  }
  iree_hal_fence_t *start = NULL, *end = NULL;
  expect_ok(iree_hal_fence_join(COUNT, start_fences, iree_allocator_system(), &start));
  expect_ok(iree_hal_fence_join(COUNT, end_fences, iree_allocator_system(), &end));
  record_t record = {0};
  begin(start, end, &record);
  iree_hal_fence_release(start);
  signal_point(&starts[1]);
  signal_point(&starts[0]);
  expect_code(IREE_STATUS_DEFERRED, iree_hal_fence_query(end));
  if (failing) {
    iree_hal_fence_fail(starts[2].fence, iree_make_status(IREE_STATUS_UNAVAILABLE, "no data"));
    for (int i = 0; i < COUNT; ++i) {
      expect_code(IREE_STATUS_ABORTED, iree_hal_fence_wait(ends[i].fence, soon()));
      expect_code(IREE_STATUS_UNAVAILABLE, iree_hal_fence_query(ends[i].fence));
    }
  } else {
    signal_point(&starts[2]);
    expect_ok(iree_hal_fence_wait(end, soon()));
  }
  assert_int_equal(record.run_count, !failing);
  assert_int_equal(record.cleanup_count, 1);
  iree_hal_fence_release(end);
  for (int i = 0; i < COUNT; ++i) {
    release_point(&starts[i]);
    release_point(&ends[i]);
  }
}

static void test_several_points(void** state) {
  check_several_points(/*failing=*/false);
  check_several_points(/*failing=*/true);
}

typedef struct handshake_t {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool is_done;
} handshake_t;

static iree_status_t finish(void* user_data) {
  handshake_t* handshake = (handshake_t*)user_data;
  pthread_mutex_lock(&handshake->mutex);
  handshake->is_done = true;
  pthread_cond_signal(&handshake->changed);
  pthread_mutex_unlock(&handshake->mutex);
  return iree_ok_status();
}

static void test_nobody_is_told(void** state) {
  handshake_t handshake = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
  expect_ok(tenon_async_run(pool, NULL, NULL, finish, &handshake, NULL, iree_allocator_system()));
  pthread_mutex_lock(&handshake.mutex);
  while (!handshake.is_done) pthread_cond_wait(&handshake.changed, &handshake.mutex);
  pthread_mutex_unlock(&handshake.mutex);
}

// One allocation, freed before anybody learns of the end.
static void test_memory(void** state) {
  tenon_failing_allocator_t memory;
  tenon_failing_allocator_initialize(1, &memory);
  point_t end = make_point();
  record_t record = {0};
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED,
              tenon_async_run(pool, NULL, end.fence, run, &record, clean_up,
                              tenon_failing_allocator(&memory)));
  assert_int_equal(record.cleanup_count, 0);
  expect_code(IREE_STATUS_DEFERRED, iree_hal_fence_query(end.fence));

  tenon_failing_allocator_initialize(0, &memory);
  expect_ok(tenon_async_run(pool, NULL, end.fence, run, &record, clean_up,
                            tenon_failing_allocator(&memory)));
  expect_ok(iree_hal_fence_wait(end.fence, soon()));
  assert_int_equal(memory.call_count, 1);
  assert_int_equal(memory.live_count, 0);
  release_point(&end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_run),
      cmocka_unit_test(test_waits),
      cmocka_unit_test(test_reached_before),
      cmocka_unit_test(test_function_fails),
      cmocka_unit_test(test_wait_fails),
      cmocka_unit_test(test_wait_is_dropped),
      cmocka_unit_test(test_deferred_is_refused),
      cmocka_unit_test(test_signaled_by_another),
      cmocka_unit_test(test_chain),
      cmocka_unit_test(test_several_points),
      cmocka_unit_test(test_nobody_is_told),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
