// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The device: properties, dispatches with and without workers, work behind fences.

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "hal/local/testing/local_testing.h"
#include "task/executor.h"

enum { COUNT = 60000 };

//===--- Properties ---------------------------------------------------------------------------===//

static void test_properties(void** state) {
  iree_hal_device_t* device = create_device(state);
  assert_true(iree_string_view_equal(iree_hal_device_id(device), IREE_SV("test")));
  assert_true(tenon_hal_local_device_isa(device));
  assert_false(tenon_hal_local_device_isa(NULL));
  assert_ptr_equal(iree_hal_device_host_allocator(device).ctl, iree_allocator_system_ctl);
  expect_ok(iree_hal_device_trim(device));
  int64_t value = 7;
  expect_ok(iree_hal_device_query_i64(device, IREE_SV("hal.device.id"), IREE_SV("te*"), &value));
  assert_int_equal(value, 1);
  expect_ok(iree_hal_device_query_i64(device, IREE_SV("hal.executable.format"), IREE_SV("vulkan"),
                                      &value));
  assert_int_equal(value, 0);
  expect_failure(iree_hal_device_query_i64(device, IREE_SV("speed"), IREE_SV("of.light"), &value),
                 IREE_STATUS_NOT_FOUND, "the device 'test' has no property 'speed' :: 'of.light'");
  iree_hal_device_release(device);
}

static void test_creation(void** state) {
  tenon_executor_t* executor = create_executor(*state);
  iree_hal_allocator_t* heap = create_heap();
  iree_hal_device_t* device = NULL;
  iree_status_t status = tenon_hal_task_device_create(IREE_SV("own"), executor, heap,
                                                      iree_allocator_system(), &device);
  if (executor) {
    expect_ok(status);
    assert_ptr_equal(iree_hal_device_allocator(device), heap);
    assert_ptr_equal(tenon_hal_local_device_executor(device), executor);
    tenon_executor_release(executor);
  } else {
    expect_failure(status, IREE_STATUS_INVALID_ARGUMENT, "the executor is null");
    assert_null(device);
  }
  iree_hal_device_release(device);
  assert_int_equal(ref_count(heap), 1);
  iree_hal_allocator_release(heap);
}

//===--- Dispatches ---------------------------------------------------------------------------===//

typedef struct addition_t {
  iree_hal_buffer_t* buffers[2];
  int64_t count;
  tenon_hal_dispatch_t dispatch;
} addition_t;

// buffers[1] = buffers[0], all |value|, + 100.
static void make_addition(iree_hal_device_t* device, iree_hal_executable_t* executable,
                          iree_host_size_t count, int32_t value, addition_t* out) {
  out->buffers[0] = create_numbers(device, count, value);
  out->buffers[1] = create_numbers(device, count, -1);
  out->count = (int64_t)count;
  out->dispatch = (tenon_hal_dispatch_t){executable, ADD_OFFSET, 2, out->buffers, 1, &out->count};
}

static void release_addition(addition_t* addition) {
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(ref_count(addition->buffers[i]), 1);
    iree_hal_buffer_release(addition->buffers[i]);
  }
}

static void test_dispatch(void** state) {
  static const iree_host_size_t counts[] = {0, 1, 5, 1000, COUNT, COUNT + 3};
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  for (size_t i = 0; i < IREE_ARRAYSIZE(counts); ++i) {
    addition_t addition;
    make_addition(device, executable, counts[i], 5, &addition);
    expect_ok(tenon_hal_local_device_dispatch(device, &addition.dispatch));
    expect_numbers(addition.buffers[1], 105);
    release_addition(&addition);
  }
  const int64_t seven = 7;
  const tenon_hal_dispatch_t failing = {executable, FAIL, 0, NULL, 1, &seven};
  expect_failure(tenon_hal_local_device_dispatch(device, &failing), IREE_STATUS_INTERNAL,
                 "the code reports failure 7");
  const tenon_hal_dispatch_t wrong = {executable, 77, 0, NULL, 0, NULL};
  expect_failure(tenon_hal_local_device_dispatch(device, &wrong), IREE_STATUS_OUT_OF_RANGE,
                 "no dispatch 77");
  iree_hal_executable_release(executable);
  iree_hal_device_release(device);
}

static void* dispatch_often(void* user_data) {
  iree_hal_device_t* device = user_data;
  iree_hal_executable_t* executable = load_kernels();
  for (int32_t i = 0; i < 50; ++i) {
    addition_t addition;
    make_addition(device, executable, COUNT, i, &addition);
    expect_ok(tenon_hal_local_device_dispatch(device, &addition.dispatch));
    expect_numbers(addition.buffers[1], 100 + i);
    release_addition(&addition);
  }
  iree_hal_executable_release(executable);
  return NULL;
}

static void test_dispatch_from_threads(void** state) {
  iree_hal_device_t* device = create_device(state);
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, dispatch_often, device), 0);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  iree_hal_device_release(device);
}

//===--- Behind fences ------------------------------------------------------------------------===//

static iree_hal_fence_t* create_fence(void) {
  iree_hal_fence_t* fence = NULL;
  expect_ok(tenon_hal_fence_create_pending(iree_allocator_system(), &fence));
  return fence;
}

static void wait_fence(iree_hal_fence_t* fence) {
  expect_ok(iree_hal_fence_wait(fence, iree_make_timeout_ms(60000)));
}

static void test_dispatch_after(void** state) {
  const device_kind_t* kind = *state;
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  addition_t small, large;
  make_addition(device, executable, 10, 1, &small);
  make_addition(device, executable, COUNT, 2, &large);
  // Ready: small work makes no fence.
  iree_hal_fence_t* done = NULL;
  expect_ok(tenon_hal_local_device_dispatch_after(device, NULL, &small.dispatch, &done));
  assert_int_equal(done != NULL, kind->worker_count && !kind->inline_size);
  wait_fence(done);
  expect_numbers(small.buffers[1], 101);
  iree_hal_fence_release(done);
  expect_ok(tenon_hal_local_device_dispatch_after(device, NULL, &large.dispatch, &done));
  assert_int_equal(done != NULL, kind->worker_count != 0);
  wait_fence(done);
  expect_numbers(large.buffers[1], 102);
  iree_hal_fence_release(done);
  // Pending, with a copy behind it.
  iree_hal_fence_t* start = create_fence();
  iree_hal_fence_t* copied = NULL;
  release_addition(&large);
  make_addition(device, executable, COUNT, 3, &large);
  iree_hal_buffer_t* copy = create_numbers(device, COUNT, 0);
  expect_ok(tenon_hal_local_device_dispatch_after(device, start, &large.dispatch, &done));
  expect_ok(
      tenon_hal_local_device_copy_after(device, done, large.buffers[1], copy, COUNT * 4, &copied));
  assert_non_null(copied);
  expect_numbers(copy, 0);
  iree_hal_executable_release(executable);
  expect_ok(iree_hal_fence_signal(start));
  wait_fence(copied);
  expect_numbers(copy, 103);
  iree_hal_fence_release(start);
  iree_hal_fence_release(done);
  iree_hal_fence_release(copied);
  release_addition(&small);
  release_addition(&large);
  iree_hal_buffer_release(copy);
  iree_hal_device_release(device);
}

static void test_failures_after(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  iree_hal_fence_t* start = create_fence();
  iree_hal_fence_t *failed = NULL, *behind = NULL, *none = NULL;
  const int64_t seven = 7;
  const tenon_hal_dispatch_t failing = {executable, FAIL, 0, NULL, 1, &seven};
  addition_t addition;
  make_addition(device, executable, 10, 1, &addition);
  expect_ok(tenon_hal_local_device_dispatch_after(device, start, &failing, &failed));
  expect_ok(tenon_hal_local_device_dispatch_after(device, failed, &addition.dispatch, &behind));
  expect_ok(iree_hal_fence_signal(start));
  expect_failure(iree_hal_fence_wait(behind, iree_make_timeout_ms(60000)), IREE_STATUS_ABORTED,
                 "the code reports failure 7");
  expect_numbers(addition.buffers[1], -1);
  iree_hal_fence_release(behind);
  // Behind what has failed already.
  expect_ok(tenon_hal_local_device_copy_after(device, failed, addition.buffers[0],
                                              addition.buffers[1], 40, &behind));
  expect_failure(iree_hal_fence_query(behind), IREE_STATUS_INTERNAL, "reports failure 7");
  iree_hal_fence_release(behind);
  // What can be checked is checked at once.
  const tenon_hal_dispatch_t wrong = {executable, ADD_OFFSET, 1, addition.buffers, 1, &seven};
  expect_failure(tenon_hal_local_device_dispatch_after(device, start, &wrong, &none),
                 IREE_STATUS_INVALID_ARGUMENT, "it takes 2 bindings");
  expect_failure(tenon_hal_local_device_copy_after(device, start, addition.buffers[0],
                                                   addition.buffers[1], 41, &none),
                 IREE_STATUS_OUT_OF_RANGE, "40");
  expect_failure(
      tenon_hal_local_device_copy_after(device, start, NULL, addition.buffers[1], 4, &none),
      IREE_STATUS_INVALID_ARGUMENT, "the source buffer is null");
  assert_null(none);
  iree_hal_fence_release(start);
  iree_hal_fence_release(failed);
  release_addition(&addition);
  iree_hal_executable_release(executable);
  iree_hal_device_release(device);
}

static void test_signal_after(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_fence_t* start = create_fence();
  iree_hal_fence_t* end = create_fence();
  expect_ok(tenon_hal_local_device_signal_after(device, start, NULL));
  expect_ok(tenon_hal_local_device_signal_after(device, start, end));
  expect_failure(iree_hal_fence_query(end), IREE_STATUS_DEFERRED, "");
  expect_ok(iree_hal_fence_signal(start));
  expect_ok(iree_hal_fence_query(end));
  iree_hal_fence_release(end);
  end = create_fence();
  expect_ok(tenon_hal_local_device_signal_after(device, start, end));
  expect_ok(iree_hal_fence_query(end));
  iree_hal_fence_release(end);
  iree_hal_fence_release(start);
  // A failure and a dropped fence.
  start = create_fence();
  end = create_fence();
  expect_ok(tenon_hal_local_device_signal_after(device, start, end));
  iree_hal_fence_fail(start, iree_make_status(IREE_STATUS_DATA_LOSS, "gone"));
  expect_failure(iree_hal_fence_query(end), IREE_STATUS_DATA_LOSS, "gone");
  iree_hal_fence_release(end);
  iree_hal_fence_release(start);
  start = create_fence();
  end = create_fence();
  expect_ok(tenon_hal_local_device_signal_after(device, start, end));
  iree_hal_fence_release(start);
  expect_failure(iree_hal_fence_query(end), IREE_STATUS_CANCELLED, "");
  iree_hal_fence_release(end);
  iree_hal_device_release(device);
}

typedef struct suspended_t {
  tenon_hal_resumption_t resumption;
  iree_hal_semaphore_t* time;
} suspended_t;

static void go_on(tenon_hal_resumption_t* resumption) {
  iree_status_t status = iree_hal_semaphore_signal(((suspended_t*)resumption)->time, 1);
  if (!iree_status_is_ok(status)) iree_hal_semaphore_fail(((suspended_t*)resumption)->time, status);
}

static void test_resume(void** state) {
  iree_hal_device_t* device = create_device(state);
  suspended_t suspended = {.resumption = {.run = go_on}, .time = create_semaphore(device)};
  tenon_hal_local_device_resume(device, &suspended.resumption);
  // As who signals does, and who waits.
  tenon_ready_drain();
  wait_for(suspended.time, 1);
  iree_hal_semaphore_release(suspended.time);
  iree_hal_device_release(device);
}

typedef struct resuming_job_t {
  tenon_range_job_t job;
  iree_hal_device_t* device;
  suspended_t suspended;
  pthread_t worker;
  pthread_t resumed_on;
} resuming_job_t;

static void go_on_elsewhere(tenon_hal_resumption_t* resumption) {
  resuming_job_t* job = (resuming_job_t*)((char*)resumption - offsetof(resuming_job_t, suspended));
  job->resumed_on = pthread_self();
  go_on(resumption);
}

static int do_nothing(tenon_range_job_t* job, int64_t begin, int64_t end, uint32_t worker_id) {
  return 0;
}

static void resume_from_worker(tenon_range_job_t* base, int result) {
  resuming_job_t* job = (resuming_job_t*)base;
  job->worker = pthread_self();
  tenon_hal_local_device_resume(job->device, &job->suspended.resumption);
  tenon_ready_drain();
}

// A worker is not held up by user code, whatever device that belongs to.
static void test_resume_from_a_worker(void** state) {
  iree_hal_device_t* device = create_device(state);
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  tenon_executor_t* executor = NULL;
  expect_ok(tenon_executor_create(&options, iree_allocator_system(), &executor));
  assert_null(tenon_executor_of_this_thread());
  resuming_job_t job = {
      .job = {.count = 1, .grain = 1, .run = do_nothing, .done = resume_from_worker},
      .device = device,
      .suspended = {.resumption = {.run = go_on_elsewhere}, .time = create_semaphore(device)},
  };
  tenon_executor_submit(executor, &job.job);
  tenon_executor_release(executor);
  wait_for(job.suspended.time, 1);
  assert_false(pthread_equal(job.resumed_on, job.worker));
  iree_hal_semaphore_release(job.suspended.time);
  iree_hal_device_release(device);
}

//===--- Out of memory ------------------------------------------------------------------------===//

typedef struct faults_t {
  tenon_executor_t* executor;
  iree_hal_executable_t* executable;
} faults_t;

// Everything ends before anything is waited for, so nobody holds anything any more.
static iree_status_t run_after(iree_hal_device_t* device, const faults_t* faults,
                               iree_allocator_t allocator, iree_hal_buffer_t* buffer) {
  const int64_t zero = 0;
  iree_hal_buffer_t* const buffers[] = {buffer, buffer};
  const tenon_hal_dispatch_t dispatch = {faults->executable, ADD_OFFSET, 2, buffers, 1, &zero};
  iree_hal_fence_t *start = NULL, *middle = NULL, *end = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_fence_create_pending(allocator, &start));
  iree_status_t status = tenon_hal_local_device_dispatch_after(device, start, &dispatch, &middle);
  if (iree_status_is_ok(status)) status = tenon_hal_fence_create_pending(allocator, &end);
  if (iree_status_is_ok(status)) status = tenon_hal_local_device_signal_after(device, middle, end);
  const bool is_whole = iree_status_is_ok(status);
  status = iree_status_join(status, iree_hal_fence_signal(start));
  if (is_whole) status = iree_status_join(status, iree_hal_fence_query(end));
  iree_hal_fence_release(start);
  iree_hal_fence_release(middle);
  iree_hal_fence_release(end);
  return status;
}

static iree_status_t faults_body(iree_allocator_t allocator, void* user_data) {
  const faults_t* faults = user_data;
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_local_device_create(iree_make_cstring_view("test"),
                                                     faults->executor, NULL, allocator, &device));
  iree_hal_buffer_t* buffer = NULL;
  iree_status_t status = iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(device),
                                                            (iree_hal_buffer_params_t){0}, 64,
                                                            iree_const_byte_span_empty(), &buffer);
  if (iree_status_is_ok(status)) status = run_after(device, faults, allocator, buffer);
  iree_hal_buffer_release(buffer);
  iree_hal_device_release(device);
  return status;
}

static void test_every_allocation_fails(void** state) {
  faults_t faults = {.executor = create_executor(*state), .executable = load_kernels()};
  assert_true(tenon_test_for_each_failure(faults_body, &faults) >= 10);
  assert_int_equal(ref_count(faults.executable), 1);
  iree_hal_executable_release(faults.executable);
  if (faults.executor) tenon_executor_release(faults.executor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST_ON_EACH_DEVICE(test_properties),
      TEST_ON_EACH_DEVICE(test_creation),
      TEST_ON_EACH_DEVICE(test_dispatch),
      TEST_ON_EACH_DEVICE(test_dispatch_from_threads),
      TEST_ON_EACH_DEVICE(test_dispatch_after),
      TEST_ON_EACH_DEVICE(test_failures_after),
      TEST_ON_EACH_DEVICE(test_signal_after),
      TEST_ON_EACH_DEVICE(test_resume),
      TEST_ON_EACH_DEVICE(test_resume_from_a_worker),
      TEST_ON_EACH_DEVICE(test_every_allocation_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
