// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/blocking_pool.h"

#include <limits.h>

#include "task/threads.h"

// Programs that go on after a wait come here one by one: a thread that watches for a moment takes the next
// one without a system call.
#define TENON_BLOCKING_POOL_SPIN_NS (15 * 1000)

struct tenon_blocking_pool_t {
  tenon_threads_t threads;  // first
  iree_allocator_t host_allocator;
  tenon_blocking_work_t* head;
  tenon_blocking_work_t* tail;
};

static bool tenon_blocking_pool_step(tenon_threads_t* threads, uint32_t index) {
  tenon_blocking_pool_t* pool = (tenon_blocking_pool_t*)threads;
  tenon_blocking_work_t* work = pool->head;
  if (!work) return false;
  pool->head = work->next;
  tenon_threads_want(threads, -1);
  tenon_threads_unlock_and_bring(threads, 1);
  work->run(work);
  pthread_mutex_lock(&threads->mutex);
  return true;
}

static void tenon_blocking_pool_destroy(tenon_threads_t* threads) {
  iree_allocator_free(((tenon_blocking_pool_t*)threads)->host_allocator, threads);
}

iree_status_t tenon_blocking_pool_create(const tenon_blocking_pool_options_t* options,
                                         iree_allocator_t host_allocator,
                                         tenon_blocking_pool_t** out_pool) {
  *out_pool = NULL;
  if (options->max_thread_count > TENON_BLOCKING_POOL_MAX_THREAD_COUNT ||
      options->idle_timeout_ns < 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a pool of blocking threads has at most %d of them (not %" PRIhsz
                            "), which stay for a time that isn't negative (not %" PRId64 " ns)",
                            TENON_BLOCKING_POOL_MAX_THREAD_COUNT, options->max_thread_count,
                            options->idle_timeout_ns);
  }
  tenon_blocking_pool_t* pool = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*pool), (void**)&pool));
  pool->host_allocator = host_allocator;
  tenon_threads_t* threads = &pool->threads;
  threads->name = "tenon-blocking";
  threads->max_count = options->max_thread_count ? options->max_thread_count
                                                 : TENON_BLOCKING_POOL_DEFAULT_THREAD_COUNT;
  threads->stack_size = options->stack_size;
  if (options->stack_size && options->stack_size < (iree_host_size_t)PTHREAD_STACK_MIN) {
    threads->stack_size = (iree_host_size_t)PTHREAD_STACK_MIN;
  }
  threads->spin_ns = tenon_processor_count() > 1 ? TENON_BLOCKING_POOL_SPIN_NS : 0;
  threads->idle_timeout_ns =
      options->idle_timeout_ns ? options->idle_timeout_ns : 10 * INT64_C(1000000000);
  threads->step = tenon_blocking_pool_step;
  threads->destroy = tenon_blocking_pool_destroy;
  tenon_threads_initialize(threads);
  *out_pool = pool;
  return iree_ok_status();
}

void tenon_blocking_pool_retain(tenon_blocking_pool_t* pool) {
  if (pool) tenon_threads_retain(&pool->threads);
}

void tenon_blocking_pool_release(tenon_blocking_pool_t* pool) {
  if (pool) tenon_threads_release(&pool->threads);
}

void tenon_blocking_pool_submit(tenon_blocking_pool_t* pool, tenon_blocking_work_t* work) {
  work->next = NULL;
  pthread_mutex_lock(&pool->threads.mutex);
  if (pool->head) {
    pool->tail->next = work;
  } else {
    pool->head = work;
  }
  pool->tail = work;
  tenon_threads_want(&pool->threads, 1);
  tenon_threads_unlock_and_bring(&pool->threads, 1);
}
