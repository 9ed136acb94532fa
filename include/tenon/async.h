// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plain C function that runs when a fence is reached. Tenon's own addition to the API; for whole modules of such
// functions that compiled programs call, see async_module.h.
//
// The function runs on a pool for functions that may block (blocking_pool.h): not on the caller's thread, not on
// the thread that signals, and never on a worker that computes. It may sleep, read files, take locks.
//
// ## Rules against deadlock
// 1. A function on a pool must not wait for something that only another function of the same pool brings about: all
//    threads of the pool might be waiting. That includes fences which such functions signal, and calls into programs that
//    call such functions. Say it with fences instead: pass the fence as |wait_fence|, which holds no thread.
// 2. Whatever a function waits for must come about without the fence that it signals.
// 3. Signaling a fence or semaphore runs what has become ready, on the thread that signals. Hold no lock meanwhile that
//    such work (the program's synchronous native functions, other listeners) might take.
// 4. Somebody must promise every fence that is waited for. One that is dropped fails its waiters; one that is kept and
//    never signaled keeps them waiting: wait with a timeout, and fail it to give up.

#ifndef TENON_ASYNC_H_
#define TENON_ASYNC_H_

#include "iree/base/api.h"
#include "iree/hal/fence.h"
#include "tenon/blocking_pool.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// The user's function. What it returns decides whether the fence is signaled or failed; the status is given away.
typedef iree_status_t(IREE_API_PTR* tenon_async_fn_t)(void* user_data);
// Releases |user_data|.
typedef void(IREE_API_PTR* tenon_async_cleanup_fn_t)(void* user_data);

// Lets |fn| run on |pool| once |wait_fence| is reached (NULL: it is), then signals |signal_fence| (NULL: nobody is told).
// Never waits itself. Allocates once, beforehand: from then on nothing but |fn| can fail.
//
// |fn| fails: |signal_fence| is failed with its status. |wait_fence| fails, now or later: |fn| does not run, and
// |signal_fence| is failed with the first failure itself.
//
// |cleanup| (may be NULL) is called once, on the pool, whether |fn| has run or not, and before |signal_fence| is
// signaled or failed: whoever waits for it finds everything over.
//
// Retains the pool and |signal_fence| until the end. |wait_fence| may be released at once (fence.h).
//   RESOURCE_EXHAUSTED: out of memory. Nothing has begun, |cleanup| is not called, |signal_fence| is as it was.
IREE_API_EXPORT iree_status_t tenon_async_run(tenon_blocking_pool_t* pool,
                                              iree_hal_fence_t* wait_fence,
                                              iree_hal_fence_t* signal_fence, tenon_async_fn_t fn,
                                              void* user_data, tenon_async_cleanup_fn_t cleanup,
                                              iree_allocator_t host_allocator);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_ASYNC_H_
