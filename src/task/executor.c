// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "task/executor.h"

#include <sched.h>
#include <string.h>

#include "task/threads.h"
#include "tenon/executor.h"

// Dispatches use 32 KiB, what follows a dispatch little more; the rest is for statuses and tools.
#define TENON_EXECUTOR_STACK_SIZE (256 * 1024)
#define TENON_EXECUTOR_MAX_SPIN_NS (1000 * 1000)
// How long a thread that has worked through its part of a job watches for the others to end theirs.
#define TENON_EXECUTOR_FINISH_SPIN_NS (20 * 1000)

struct tenon_executor_t {
  tenon_threads_t threads;  // first
  iree_allocator_t host_allocator;
  iree_device_size_t inline_size;
  iree_duration_t finish_spin_ns;
  tenon_blocking_pool_t* blocking_pool;
  // Jobs with a seat left for another worker, in order.
  tenon_range_job_t* head;
  tenon_range_job_t* tail;
  // Signaled when a job ends whose submitter waits.
  pthread_cond_t finished;
  iree_host_size_t processor_count;
  uint32_t processors[];
};

//===--- Working on a job ---------------------------------------------------------------------===//

static void tenon_range_job_work(tenon_range_job_t* job, uint32_t worker_id) {
  for (;;) {
    const int64_t range = iree_atomic_fetch_add(&job->next_range, 1, iree_memory_order_relaxed);
    if (range >= job->range_count) return;
    const int64_t begin = range * job->grain;
    const int64_t end = job->count - begin < job->grain ? job->count : begin + job->grain;
    const int result = job->run(job, begin, end, worker_id);
    if (result == 0) continue;
    int32_t none = 0;
    iree_atomic_compare_exchange_strong(&job->result, &none, result, iree_memory_order_relaxed,
                                        iree_memory_order_relaxed);
    iree_atomic_store(&job->next_range, job->range_count, iree_memory_order_relaxed);
  }
}

// The functions below are called with the lock.

static void tenon_executor_append(tenon_executor_t* executor, tenon_range_job_t* job) {
  if (executor->head) {
    executor->tail->next = job;
  } else {
    executor->head = job;
  }
  executor->tail = job;
  tenon_threads_want(&executor->threads, job->seats);
}

// Takes a job out whose ranges have all begun.
static void tenon_executor_unlink(tenon_executor_t* executor, tenon_range_job_t* job) {
  tenon_range_job_t* previous = NULL;
  tenon_range_job_t** link = &executor->head;
  while (*link != job) {
    previous = *link;
    link = &previous->next;
  }
  *link = job->next;
  if (executor->tail == job) executor->tail = previous;
  tenon_threads_want(&executor->threads, -job->seats);
  job->seats = 0;
}

// One that worked on the job has found no more ranges; true if it was the last and nobody waits.
static bool tenon_executor_leave(tenon_executor_t* executor, tenon_range_job_t* job) {
  if (job->seats) tenon_executor_unlink(executor, job);
  const int64_t others = job->participants - 1;
  iree_atomic_store(&job->participants, others, iree_memory_order_release);
  if (others) return false;
  if (job->is_parked) pthread_cond_broadcast(&executor->finished);
  return !job->is_awaited;
}

static bool tenon_executor_step(tenon_threads_t* threads, uint32_t index) {
  tenon_executor_t* executor = (tenon_executor_t*)threads;
  tenon_range_job_t* job = executor->head;
  if (!job) return false;
  iree_atomic_store(&job->participants, job->participants + 1, iree_memory_order_relaxed);
  if (--job->seats == 0) executor->head = job->next;
  tenon_threads_want(threads, -1);
  // Each wakes two more: a tree reaches many workers sooner than the submitter alone, which goes on.
  tenon_threads_unlock_and_bring(threads, 2);
  // The one that submits and takes part has the number behind the workers', a stand-in the next.
  tenon_range_job_work(job, index < threads->max_count ? index : index + 1);
  pthread_mutex_lock(&threads->mutex);
  if (tenon_executor_leave(executor, job)) {
    pthread_mutex_unlock(&threads->mutex);
    job->done(job, job->result);
    pthread_mutex_lock(&threads->mutex);
  }
  return true;
}

//===--- Submitting ---------------------------------------------------------------------------===//

static void tenon_range_job_initialize(tenon_range_job_t* job, int64_t max_participants) {
  job->next = NULL;
  job->range_count = (job->count - 1) / job->grain + 1;
  job->next_range = 0;
  job->seats = job->range_count < max_participants ? job->range_count : max_participants;
  job->participants = 0;
  job->result = 0;
  job->is_awaited = job->is_parked = false;
}

void tenon_executor_submit(tenon_executor_t* executor, tenon_range_job_t* job) {
  tenon_threads_t* threads = &executor->threads;
  tenon_range_job_initialize(job, (int64_t)threads->max_count);
  pthread_mutex_lock(&threads->mutex);
  tenon_executor_append(executor, job);
  tenon_threads_unlock_and_bring(threads, 1);
}

int tenon_executor_run(tenon_executor_t* executor, tenon_range_job_t* job) {
  tenon_threads_t* threads = &executor->threads;
  const uint32_t worker_id = (uint32_t)threads->max_count;
  tenon_range_job_initialize(job, (int64_t)threads->max_count);
  if (--job->seats == 0) {
    tenon_range_job_work(job, worker_id);
    return job->result;
  }
  job->participants = 1;
  job->is_awaited = true;
  pthread_mutex_lock(&threads->mutex);
  tenon_executor_append(executor, job);
  tenon_threads_unlock_and_bring(threads, 1);
  tenon_range_job_work(job, worker_id);
  pthread_mutex_lock(&threads->mutex);
  tenon_executor_leave(executor, job);
  if (job->participants) {
    pthread_mutex_unlock(&threads->mutex);
    tenon_spin(&job->participants, /*until_set=*/false, executor->finish_spin_ns);
    pthread_mutex_lock(&threads->mutex);
    job->is_parked = true;
    while (job->participants) pthread_cond_wait(&executor->finished, &threads->mutex);
  }
  pthread_mutex_unlock(&threads->mutex);
  return job->result;
}

//===--- Creation -----------------------------------------------------------------------------===//

static _Thread_local tenon_executor_t* tenon_this_executor;

tenon_executor_t* tenon_executor_of_this_thread(void) { return tenon_this_executor; }

static void tenon_executor_begin_thread(tenon_threads_t* threads, uint32_t index) {
  tenon_executor_t* executor = (tenon_executor_t*)threads;
  tenon_this_executor = executor;
  if (executor->processor_count == 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(executor->processors[index % executor->processor_count], &set);
  // If the processor has been taken from the process meanwhile the worker runs elsewhere.
  pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void tenon_executor_destroy(tenon_threads_t* threads) {
  tenon_executor_t* executor = (tenon_executor_t*)threads;
  tenon_blocking_pool_release(executor->blocking_pool);
  pthread_cond_destroy(&executor->finished);
  iree_allocator_free(executor->host_allocator, executor);
}

void tenon_executor_options_initialize(tenon_executor_options_t* out_options) {
  memset(out_options, 0, sizeof(*out_options));
  out_options->inline_size = TENON_EXECUTOR_DEFAULT_INLINE_SIZE;
}

static iree_status_t tenon_executor_check(const tenon_executor_options_t* options) {
  if (options->worker_count > TENON_EXECUTOR_MAX_WORKER_COUNT) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "an executor has at most %d workers, not %" PRIhsz,
                            TENON_EXECUTOR_MAX_WORKER_COUNT, options->worker_count);
  }
  if (options->worker_spin_ns < 0 || options->worker_spin_ns > TENON_EXECUTOR_MAX_SPIN_NS) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "workers spin for 0 to %d ns before they park, not %" PRId64,
                            TENON_EXECUTOR_MAX_SPIN_NS, options->worker_spin_ns);
  }
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) memset(&allowed, -1, sizeof(allowed));
  for (iree_host_size_t i = 0; i < options->processor_count; ++i) {
    const uint32_t processor = options->processors[i];
    if (processor < CPU_SETSIZE && CPU_ISSET(processor, &allowed)) continue;
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a worker can't run on processor %" PRIu32
                            ": the process may not use it (taskset -cp shows which it may)",
                            processor);
  }
  return iree_ok_status();
}

iree_status_t tenon_executor_create(const tenon_executor_options_t* options,
                                    iree_allocator_t host_allocator,
                                    tenon_executor_t** out_executor) {
  *out_executor = NULL;
  IREE_RETURN_IF_ERROR(tenon_executor_check(options));
  const iree_host_size_t processor_count = options->processor_count;
  iree_host_size_t count = options->worker_count;
  if (!count) count = processor_count ? processor_count : tenon_processor_count();
  if (count > TENON_EXECUTOR_MAX_WORKER_COUNT) count = TENON_EXECUTOR_MAX_WORKER_COUNT;
  iree_host_size_t processors_size = 0, total = 0;
  if (!iree_host_size_checked_mul(processor_count, sizeof(uint32_t), &processors_size) ||
      !iree_host_size_checked_add(sizeof(tenon_executor_t), processors_size, &total)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "too many processors");
  }
  tenon_executor_t* executor = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, total, (void**)&executor));
  iree_status_t status =
      tenon_blocking_pool_create(&options->blocking_pool, host_allocator, &executor->blocking_pool);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(host_allocator, executor);
    return status;
  }
  executor->host_allocator = host_allocator;
  executor->inline_size = options->inline_size;
  executor->finish_spin_ns = tenon_processor_count() > 1 ? TENON_EXECUTOR_FINISH_SPIN_NS : 0;
  executor->processor_count = processor_count;
  if (processor_count) memcpy(executor->processors, options->processors, processors_size);
  pthread_cond_init(&executor->finished, NULL);
  tenon_threads_t* threads = &executor->threads;
  threads->name = "tenon-worker";
  threads->max_count = count;
  threads->stack_size = TENON_EXECUTOR_STACK_SIZE;
  threads->spin_ns = options->worker_spin_ns;
  threads->idle_timeout_ns = IREE_DURATION_INFINITE;
  threads->begin = tenon_executor_begin_thread;
  threads->step = tenon_executor_step;
  threads->destroy = tenon_executor_destroy;
  tenon_threads_initialize(threads);
  *out_executor = executor;
  return iree_ok_status();
}

void tenon_executor_retain(tenon_executor_t* executor) {
  if (executor) tenon_threads_retain(&executor->threads);
}

void tenon_executor_release(tenon_executor_t* executor) {
  if (executor) tenon_threads_release(&executor->threads);
}

iree_host_size_t tenon_executor_worker_count(const tenon_executor_t* executor) {
  return executor->threads.max_count;
}

tenon_blocking_pool_t* tenon_executor_blocking_pool(tenon_executor_t* executor) {
  return executor->blocking_pool;
}

iree_device_size_t tenon_executor_inline_size(const tenon_executor_t* executor) {
  return executor->inline_size;
}
