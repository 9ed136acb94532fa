// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/executor.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "task/testing/task_testing.h"
#include "task/threads.h"
#include "tenon/executor.h"

static tenon_executor_t* create_executor(iree_host_size_t worker_count) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = worker_count;
  tenon_executor_t* executor = NULL;
  assert_true(
      iree_status_is_ok(tenon_executor_create(&options, iree_allocator_system(), &executor)));
  return executor;
}

//===--- Jobs that count ----------------------------------------------------------------------===//

#define MAX_COUNT 4096

typedef struct counting_job_t {
  tenon_range_job_t base;  // first
  tenon_executor_t* executor;
  iree_atomic_int32_t visits[MAX_COUNT];
  iree_atomic_int32_t bad_ids;
  iree_atomic_int32_t ids_in_use[64];
  iree_atomic_int32_t running, most_running;
  iree_atomic_int32_t ranges;
  int64_t fail_at;  // -1: nowhere
  int spin;
  latch_t finished;
  int result;
} counting_job_t;

static int counting_run(tenon_range_job_t* base, int64_t begin, int64_t end, uint32_t worker_id) {
  counting_job_t* job = (counting_job_t*)base;
  iree_atomic_fetch_add(&job->ranges, 1, iree_memory_order_relaxed);
  if (worker_id >= tenon_executor_worker_count(job->executor) + 2 ||
      iree_atomic_exchange(&job->ids_in_use[worker_id], 1, iree_memory_order_relaxed)) {
    iree_atomic_fetch_add(&job->bad_ids, 1, iree_memory_order_relaxed);
  }
  const int32_t running = iree_atomic_fetch_add(&job->running, 1, iree_memory_order_relaxed) + 1;
  int32_t most = iree_atomic_load(&job->most_running, iree_memory_order_relaxed);
  while (running > most &&
         !iree_atomic_compare_exchange_weak(&job->most_running, &most, running,
                                            iree_memory_order_relaxed, iree_memory_order_relaxed)) {
  }
  for (int64_t i = begin; i < end; ++i) {
    iree_atomic_fetch_add(&job->visits[i], 1, iree_memory_order_relaxed);
  }
  for (volatile int i = 0; i < job->spin; ++i) {
  }
  iree_atomic_fetch_sub(&job->running, 1, iree_memory_order_relaxed);
  iree_atomic_store(&job->ids_in_use[worker_id], 0, iree_memory_order_relaxed);
  return job->fail_at >= begin && job->fail_at < end ? 42 : 0;
}

static void counting_done(tenon_range_job_t* base, int result) {
  counting_job_t* job = (counting_job_t*)base;
  job->result = result;
  latch_count_down(&job->finished);
}

static counting_job_t* make_job(tenon_executor_t* executor, int64_t count, int64_t grain) {
  counting_job_t* job = (counting_job_t*)calloc(1, sizeof(*job));
  memset(&job->base, 0xAB, sizeof(job->base));  // the executor's fields need no value
  job->base.count = count;
  job->base.grain = grain;
  job->base.run = counting_run;
  job->base.done = counting_done;
  job->executor = executor;
  job->fail_at = -1;
  job->result = -1;
  latch_initialize(&job->finished, 1);
  return job;
}

static void check_visits(const counting_job_t* job) {
  for (int64_t i = 0; i < job->base.count; ++i) assert_int_equal(job->visits[i], 1);
  for (int64_t i = job->base.count; i < MAX_COUNT; ++i) assert_int_equal(job->visits[i], 0);
  assert_int_equal(job->bad_ids, 0);
}

static void free_job(counting_job_t* job) {
  latch_deinitialize(&job->finished);
  free(job);
}

static const struct {
  int64_t count, grain;
} shapes[] = {{1, 1},   {1, 100},  {7, 2},     {64, 64},
              {64, 63}, {1000, 1}, {4096, 17}, {4096, INT64_MAX}};

static void test_every_range_runs_once(void** state) {
  const iree_host_size_t worker_counts[] = {1, 2, 3, 16};
  for (size_t w = 0; w < IREE_ARRAYSIZE(worker_counts); ++w) {
    tenon_executor_t* executor = create_executor(worker_counts[w]);
    assert_int_equal(tenon_executor_worker_count(executor), worker_counts[w]);
    for (size_t i = 0; i < IREE_ARRAYSIZE(shapes) * 20; ++i) {
      const size_t s = i % IREE_ARRAYSIZE(shapes);
      counting_job_t* job = make_job(executor, shapes[s].count, shapes[s].grain);
      tenon_executor_submit(executor, &job->base);
      latch_wait(&job->finished);
      assert_int_equal(job->result, 0);
      check_visits(job);
      assert_true((iree_host_size_t)job->most_running <= worker_counts[w]);
      free_job(job);

      job = make_job(executor, shapes[s].count, shapes[s].grain);
      assert_int_equal(tenon_executor_run(executor, &job->base), 0);
      check_visits(job);
      assert_int_equal(job->result, -1);  // done is not called
      assert_true((iree_host_size_t)job->most_running <= worker_counts[w]);
      free_job(job);
    }
    tenon_executor_release(executor);
  }
}

static void test_many_jobs_at_once(void** state) {
  tenon_executor_t* executor = create_executor(3);
  counting_job_t* jobs[100];
  for (size_t i = 0; i < IREE_ARRAYSIZE(jobs); ++i) {
    jobs[i] = make_job(executor, 1 + (int64_t)i * 40, 1 + (int64_t)i % 9);
    jobs[i]->spin = (int)(i % 3) * 100;
    tenon_executor_submit(executor, &jobs[i]->base);
  }
  for (size_t i = 0; i < IREE_ARRAYSIZE(jobs); ++i) {
    latch_wait(&jobs[i]->finished);
    check_visits(jobs[i]);
    free_job(jobs[i]);
  }
  tenon_executor_release(executor);
}

static void test_errors_end_a_job_early(void** state) {
  tenon_executor_t* executor = create_executor(2);
  for (int i = 0; i < 100; ++i) {
    counting_job_t* job = make_job(executor, MAX_COUNT, 1);
    job->fail_at = i % 5;
    job->spin = 100;
    if (i % 2) {
      assert_int_equal(tenon_executor_run(executor, &job->base), 42);
    } else {
      tenon_executor_submit(executor, &job->base);
      latch_wait(&job->finished);
      assert_int_equal(job->result, 42);
    }
    for (int64_t j = 0; j < MAX_COUNT; ++j) assert_true(job->visits[j] <= 1);
    free_job(job);
  }
  // One worker: nothing begins after the failure.
  tenon_executor_release(executor);
  executor = create_executor(1);
  counting_job_t* job = make_job(executor, MAX_COUNT, 1);
  job->fail_at = 5;
  tenon_executor_submit(executor, &job->base);
  latch_wait(&job->finished);
  assert_int_equal(job->ranges, 6);
  free_job(job);
  tenon_executor_release(executor);
}

//===--- Several threads ----------------------------------------------------------------------===//

static void* run_and_submit_some(tenon_executor_t* executor, int count) {
  intptr_t failures = 0;
  for (int i = 0; i < count; ++i) {
    counting_job_t* job = make_job(executor, 1 + i * 20, 3);
    if (i % 2) {
      tenon_executor_submit(executor, &job->base);
      latch_wait(&job->finished);
    } else {
      tenon_executor_run(executor, &job->base);
    }
    for (int64_t j = 0; j < job->base.count; ++j) failures += job->visits[j] != 1;
    failures += job->bad_ids;
    free_job(job);
  }
  return (void*)failures;
}

static void* run_and_submit(void* arg) { return run_and_submit_some((tenon_executor_t*)arg, 200); }

static void* run_and_submit_few(void* arg) {
  return run_and_submit_some((tenon_executor_t*)arg, 6);
}

static void test_several_threads(void** state) {
  tenon_executor_t* executor = create_executor(4);
  pthread_t threads[6];
  for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, run_and_submit, executor), 0);
  }
  for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i) {
    void* failures = NULL;
    pthread_join(threads[i], &failures);
    assert_null(failures);
  }
  tenon_executor_release(executor);
}

//===--- Jobs that end an executor ------------------------------------------------------------===//

// Frees itself, submits a second job from the worker and drops the executor there.
typedef struct chain_job_t {
  tenon_range_job_t base;  // first
  tenon_executor_t* executor;
  int remaining;
  latch_t* finished;
} chain_job_t;

static int chain_run(tenon_range_job_t* base, int64_t begin, int64_t end, uint32_t worker_id) {
  return 0;
}

static void chain_done(tenon_range_job_t* base, int result) {
  chain_job_t* job = (chain_job_t*)base;
  tenon_executor_t* executor = job->executor;
  latch_t* finished = job->finished;
  if (job->remaining) {
    chain_job_t* next = (chain_job_t*)malloc(sizeof(*next));
    *next = *job;
    --next->remaining;
    free(job);
    tenon_executor_submit(executor, &next->base);
    return;
  }
  free(job);
  tenon_executor_release(executor);
  latch_count_down(finished);
}

// Takes over a reference of the executor.
static void submit_chain(tenon_executor_t* executor, latch_t* finished) {
  chain_job_t* job = (chain_job_t*)malloc(sizeof(*job));
  *job = (chain_job_t){.base = {.count = 8, .grain = 1, .run = chain_run, .done = chain_done},
                       .executor = executor,
                       .remaining = 5,
                       .finished = finished};
  tenon_executor_submit(executor, &job->base);
}

//===--- Threads that don't start ---------------------------------------------------------------===//

// Of 8 threads in a row those fail to start whose bit is set. The linker puts these between the library and the
// system.
static iree_atomic_int32_t failing_starts, start_count;

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*function)(void*), void* arg);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*function)(void*), void* arg);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*function)(void*), void* arg) {
  const int32_t number = iree_atomic_fetch_add(&start_count, 1, iree_memory_order_relaxed);
  if (iree_atomic_load(&failing_starts, iree_memory_order_relaxed) >> (number & 7) & 1) {
    return EAGAIN;
  }
  return __real_pthread_create(thread, attributes, function, arg);
}

static void test_without_threads_the_submitter_works(void** state) {
  failing_starts = 0xFF;
  tenon_executor_t* executor = create_executor(3);
  for (int i = 0; i < 20; ++i) {
    counting_job_t* job = make_job(executor, 100, 7);
    tenon_executor_submit(executor, &job->base);
    assert_int_equal(job->result, 0);
    check_visits(job);
    free_job(job);
    job = make_job(executor, 100, 7);
    assert_int_equal(tenon_executor_run(executor, &job->base), 0);
    check_visits(job);
    free_job(job);
  }
  // The chain of work that drops the executor at its end.
  latch_t finished;
  latch_initialize(&finished, 1);
  submit_chain(executor, &finished);
  assert_int_equal(finished.count, 0);
  latch_deinitialize(&finished);
  failing_starts = 0;
}

static void test_some_threads_do_not_start(void** state) {
  for (int pattern = 1; pattern < 0xFF; pattern += 7) {
    tenon_executor_t* executor = create_executor(8);
    pthread_t threads[3];
    for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i) {
      assert_int_equal(__real_pthread_create(&threads[i], NULL, run_and_submit_few, executor), 0);
    }
    iree_atomic_store(&failing_starts, pattern, iree_memory_order_relaxed);
    for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i) {
      void* failures = NULL;
      pthread_join(threads[i], &failures);
      assert_null(failures);
    }
    iree_atomic_store(&failing_starts, 0, iree_memory_order_relaxed);
    tenon_executor_release(executor);
  }
}

//===--- Ownership ----------------------------------------------------------------------------===//

static void test_release_with_work_in_flight(void** state) {
  tenon_failing_allocator_t allocator;
  tenon_failing_allocator_initialize(0, &allocator);
  for (int round = 0; round < 50; ++round) {
    tenon_executor_options_t options;
    tenon_executor_options_initialize(&options);
    options.worker_count = 1 + (iree_host_size_t)round % 3;
    tenon_executor_t* executor = NULL;
    assert_true(iree_status_is_ok(
        tenon_executor_create(&options, tenon_failing_allocator(&allocator), &executor)));
    latch_t finished;
    latch_initialize(&finished, 3);
    for (int i = 0; i < 3; ++i) {
      tenon_executor_retain(executor);
      submit_chain(executor, &finished);
    }
    tenon_executor_release(executor);
    latch_wait(&finished);
    latch_deinitialize(&finished);
  }
  wait_until_freed(&allocator);
}

static void test_without_work_nothing_starts(void** state) {
  tenon_failing_allocator_t allocator;
  tenon_failing_allocator_initialize(0, &allocator);
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  tenon_executor_t* executor = NULL;
  assert_true(iree_status_is_ok(
      tenon_executor_create(&options, tenon_failing_allocator(&allocator), &executor)));
  assert_int_equal(tenon_executor_worker_count(executor), tenon_processor_count());
  assert_int_equal(tenon_executor_inline_size(executor), TENON_EXECUTOR_DEFAULT_INLINE_SIZE);
  assert_non_null(tenon_executor_blocking_pool(executor));
  tenon_executor_release(executor);
  assert_int_equal(allocator.live_count, 0);  // no thread holds it
  tenon_executor_retain(NULL);
  tenon_executor_release(NULL);
}

static iree_status_t create_and_run(iree_allocator_t allocator, void* user_data) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  tenon_executor_t* executor = NULL;
  iree_status_t status = tenon_executor_create(&options, allocator, &executor);
  assert_true(iree_status_is_ok(status) == (executor != NULL));
  tenon_executor_release(executor);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(create_and_run, NULL) > 0);
}

//===--- Options ------------------------------------------------------------------------------===//

static int affinity_run(tenon_range_job_t* base, int64_t begin, int64_t end, uint32_t worker_id) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) != 1) return 1;
  counting_job_t* job = (counting_job_t*)base;
  for (uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set))
      iree_atomic_store(&job->visits[begin], (int)cpu + 1, iree_memory_order_relaxed);
  }
  return 0;
}

// An executor whose worker is bound to the first processor of those that this thread may use.
static tenon_executor_t* create_on_one_processor(cpu_set_t* out_allowed, uint32_t* out_processor) {
  assert_int_equal(sched_getaffinity(0, sizeof(*out_allowed), out_allowed), 0);
  *out_processor = 0;
  while (!CPU_ISSET(*out_processor, out_allowed)) ++*out_processor;
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.processors = out_processor;
  options.processor_count = 1;
  tenon_executor_t* executor = NULL;
  assert_true(
      iree_status_is_ok(tenon_executor_create(&options, iree_allocator_system(), &executor)));
  return executor;
}

static void test_affinity(void** state) {
  cpu_set_t allowed;
  uint32_t processor = 0;
  tenon_executor_t* executor = create_on_one_processor(&allowed, &processor);
  assert_int_equal(tenon_executor_worker_count(executor), 1);
  counting_job_t* job = make_job(executor, 1, 1);
  job->base.run = affinity_run;
  tenon_executor_submit(executor, &job->base);
  latch_wait(&job->finished);
  assert_int_equal(job->result, 0);
  assert_int_equal(job->visits[0], processor + 1);
  free_job(job);
  tenon_executor_release(executor);
}

typedef struct roaming_work_t {
  tenon_blocking_work_t base;
  cpu_set_t processors;
  latch_t finished;
} roaming_work_t;

static void roaming_run(tenon_blocking_work_t* base) {
  roaming_work_t* work = (roaming_work_t*)base;
  sched_getaffinity(0, sizeof(work->processors), &work->processors);
  latch_count_down(&work->finished);
}

typedef struct submitting_job_t {
  tenon_range_job_t base;
  tenon_executor_t* executor;
  roaming_work_t* work;
} submitting_job_t;

static int submitting_run(tenon_range_job_t* base, int64_t begin, int64_t end, uint32_t worker_id) {
  return 0;
}

static void submitting_done(tenon_range_job_t* base, int result) {
  submitting_job_t* job = (submitting_job_t*)base;
  tenon_blocking_pool_submit(tenon_executor_blocking_pool(job->executor), &job->work->base);
}

// A thread would inherit the one processor of the worker that starts it.
static void test_blocking_threads_are_not_bound_to_a_workers_processor(void** state) {
  cpu_set_t allowed;
  uint32_t processor = 0;
  tenon_executor_t* executor = create_on_one_processor(&allowed, &processor);
  roaming_work_t work = {.base = {.run = roaming_run}};
  latch_initialize(&work.finished, 1);
  submitting_job_t job = {
      .base = {.count = 1, .grain = 1, .run = submitting_run, .done = submitting_done},
      .executor = executor,
      .work = &work,
  };
  tenon_executor_submit(executor, &job.base);
  latch_wait(&work.finished);
  assert_true(CPU_EQUAL(&work.processors, &allowed));
  latch_deinitialize(&work.finished);
  tenon_executor_release(executor);
}

static void expect_refused(const tenon_executor_options_t* options, const char* part) {
  tenon_executor_t* executor = NULL;
  expect_failure(tenon_executor_create(options, iree_allocator_system(), &executor),
                 IREE_STATUS_INVALID_ARGUMENT, part);
  assert_null(executor);
}

static void test_bad_options(void** state) {
  tenon_executor_options_t defaults, options;
  tenon_executor_options_initialize(&defaults);
  options = defaults;
  options.worker_count = 257;
  expect_refused(&options, "at most 256 workers, not 257");
  options = defaults;
  options.worker_spin_ns = 1000001;
  expect_refused(&options, "0 to 1000000 ns before they park, not 1000001");
  options = defaults;
  options.processor_count = 2;
  options.processors = (const uint32_t[]){UINT32_MAX, 0};
  expect_refused(&options, "processor 4294967295");
  options = defaults;
  options.blocking_pool.max_thread_count = 4097;
  expect_refused(&options, "at most 4096 of them (not 4097)");
}

static void test_idle_workers_use_no_processor(void** state) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = 4;
  options.worker_spin_ns = 500000;
  tenon_executor_t* executor = NULL;
  assert_true(
      iree_status_is_ok(tenon_executor_create(&options, iree_allocator_system(), &executor)));
  for (int i = 0; i < 20; ++i) {
    counting_job_t* job = make_job(executor, 1000, 1);
    tenon_executor_submit(executor, &job->base);
    latch_wait(&job->finished);
    free_job(job);
  }
  sleep_ms(50);  // they have spun by now
  const int64_t before = process_time_ns();
  sleep_ms(200);
  // Four workers that don't park would use as much as the processors give.
  assert_true(process_time_ns() - before < 50 * 1000000);
  tenon_executor_release(executor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_range_runs_once),
      cmocka_unit_test(test_many_jobs_at_once),
      cmocka_unit_test(test_errors_end_a_job_early),
      cmocka_unit_test(test_several_threads),
      cmocka_unit_test(test_without_threads_the_submitter_works),
      cmocka_unit_test(test_some_threads_do_not_start),
      cmocka_unit_test(test_release_with_work_in_flight),
      cmocka_unit_test(test_without_work_nothing_starts),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_affinity),
      cmocka_unit_test(test_blocking_threads_are_not_bound_to_a_workers_processor),
      cmocka_unit_test(test_bad_options),
      cmocka_unit_test(test_idle_workers_use_no_processor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
