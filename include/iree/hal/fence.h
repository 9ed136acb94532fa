// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fences: sets of points of semaphores (semaphore.h), passed as one. A fence is *reached* when all its
// points are, *failed* as soon as one is failed. A NULL fence and a fence without points are reached:
// every function here accepts NULL.
//
// A compiled program and the asynchronous functions that it calls pass fences to each other: one to
// wait for before tensors' contents are there, one to signal when the results' are. Whoever is given a
// fence to signal must signal it or fail it, exactly once, from any thread, at any time. One that is
// dropped instead (its last reference goes) fails those that wait.
//
// Ownership: see resource.h. A fence retains its semaphores.
// Thread-safety: everything may be called from any thread, but for insert and extend, which build a
// fence before others see it.

#ifndef IREE_HAL_FENCE_H_
#define IREE_HAL_FENCE_H_

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"
#include "iree/base/wait_source.h"
#include "iree/hal/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Behind this struct: |capacity| pointers to semaphores, then |capacity| values.
typedef struct iree_hal_fence_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t host_allocator;
  uint16_t capacity;
  uint16_t count;
} iree_hal_fence_t;

// An empty fence with room for |capacity| points (at most 65535), with a count of 1.
IREE_API_EXPORT iree_status_t iree_hal_fence_create(iree_host_size_t capacity,
                                                    iree_allocator_t host_allocator,
                                                    iree_hal_fence_t** out_fence);

// A fence of one point.
IREE_API_EXPORT iree_status_t iree_hal_fence_create_at(iree_hal_semaphore_t* semaphore,
                                                       uint64_t value,
                                                       iree_allocator_t host_allocator,
                                                       iree_hal_fence_t** out_fence);

// A fence with the points of all |fences| (NULLs are left out), the greatest value of each semaphore.
// Without any points *out_fence is NULL.
IREE_API_EXPORT iree_status_t iree_hal_fence_join(iree_host_size_t fence_count,
                                                  iree_hal_fence_t** fences,
                                                  iree_allocator_t host_allocator,
                                                  iree_hal_fence_t** out_fence);

IREE_API_EXPORT void iree_hal_fence_retain(iree_hal_fence_t* fence);
IREE_API_EXPORT void iree_hal_fence_release(iree_hal_fence_t* fence);

// The points, borrowed: valid as long as the fence lives and no point is inserted.
IREE_API_EXPORT iree_hal_semaphore_list_t iree_hal_fence_semaphore_list(iree_hal_fence_t* fence);
IREE_API_EXPORT iree_host_size_t iree_hal_fence_timepoint_count(const iree_hal_fence_t* fence);

// Adds a point; of a semaphore that is there already the greater value stays. RESOURCE_EXHAUSTED when
// the fence is full.
IREE_API_EXPORT iree_status_t iree_hal_fence_insert(iree_hal_fence_t* fence,
                                                    iree_hal_semaphore_t* semaphore,
                                                    uint64_t value);

// Adds all points of |from_fence|. On failure some may have been added.
IREE_API_EXPORT iree_status_t iree_hal_fence_extend(iree_hal_fence_t* into_fence,
                                                    iree_hal_fence_t* from_fence);

// OK when reached, DEFERRED while pending, else a copy of the first failure itself.
IREE_API_EXPORT iree_status_t iree_hal_fence_query(iree_hal_fence_t* fence);

// Signals every point's semaphore to its value. All are tried; the first error is returned. The caller holds a
// reference to the fence until this returns; so in fail.
IREE_API_EXPORT iree_status_t iree_hal_fence_signal(iree_hal_fence_t* fence);

// Fails every point's semaphore; |signal_status| is owned by this call.
IREE_API_EXPORT void iree_hal_fence_fail(iree_hal_fence_t* fence, iree_status_t signal_status);

// Blocks until the fence is reached. ABORTED once it has failed, with the first failure in its text;
// DEADLINE_EXCEEDED when the time is over.
IREE_API_EXPORT iree_status_t iree_hal_fence_wait(iree_hal_fence_t* fence, iree_timeout_t timeout);

// The fence as a wait source; borrows it.
IREE_API_EXPORT iree_wait_source_t iree_hal_fence_await(iree_hal_fence_t* fence);

// Destroys the fence, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_fence_destroy(iree_hal_fence_t* fence);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_FENCE_H_
