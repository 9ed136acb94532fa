// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A bounded pool of threads for functions that may block: sleep, read files, wait for locks. Tenon's own
// addition to the API.
//
// Threads start when there is work for them and none is idle, up to the bound; work beyond that waits in
// line, in the order in which it was submitted. An idle thread spins for some microseconds, then sleeps,
// and after a while it goes.
//
// Against deadlock: functions on the pool must not wait for something that only another function of the
// same pool brings about: all threads might be waiting. That includes waiting for a fence which an
// asynchronous function signals. Put such an order into fences (tenon/async.h), which hold no thread.
//
// Ownership: counted; created with a count of 1. Work that was submitted keeps the pool. Releasing the
// last reference never blocks: the work in line is done, then the threads go by themselves.
// Thread-safety: everything may be called from any thread, also from the pool's own.

#ifndef TENON_BLOCKING_POOL_H_
#define TENON_BLOCKING_POOL_H_

#include "iree/base/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct tenon_blocking_pool_t tenon_blocking_pool_t;

#define TENON_BLOCKING_POOL_DEFAULT_THREAD_COUNT 32
#define TENON_BLOCKING_POOL_MAX_THREAD_COUNT 4096

typedef struct tenon_blocking_pool_options_t {
  // The most threads at a time, 1 to TENON_BLOCKING_POOL_MAX_THREAD_COUNT; 0: the default.
  iree_host_size_t max_thread_count;
  // How long an idle thread stays; 0: 10 seconds.
  iree_duration_t idle_timeout_ns;
  // Bytes of stack of each thread; 0: what the system gives (often 8 MiB, of which only what is touched
  // takes memory). What is too little for the program's own thread-local variables counts as 0.
  iree_host_size_t stack_size;
} tenon_blocking_pool_options_t;

IREE_API_EXPORT iree_status_t
tenon_blocking_pool_create(const tenon_blocking_pool_options_t* options,
                           iree_allocator_t host_allocator, tenon_blocking_pool_t** out_pool);
IREE_API_EXPORT void tenon_blocking_pool_retain(tenon_blocking_pool_t* pool);
IREE_API_EXPORT void tenon_blocking_pool_release(tenon_blocking_pool_t* pool);

// Work for the pool, part of the caller's own structure. It stays where it is until |run| is called,
// which may free it.
typedef struct tenon_blocking_work_t tenon_blocking_work_t;
struct tenon_blocking_work_t {
  tenon_blocking_work_t* next;  // the pool's
  void(IREE_API_PTR* run)(tenon_blocking_work_t* work);
};

// Puts |work| in line. It allocates nothing and can't fail: if no thread at all can be started (the
// system refuses the first one), |run| is called before this returns.
IREE_API_EXPORT void tenon_blocking_pool_submit(tenon_blocking_pool_t* pool,
                                                tenon_blocking_work_t* work);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_BLOCKING_POOL_H_
