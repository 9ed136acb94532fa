// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Being told when a semaphore reaches a value, without blocking. What queues, fences' listeners and
// blocking waits are made of.

#ifndef TENON_HAL_TIMEPOINT_H_
#define TENON_HAL_TIMEPOINT_H_

#include "iree/hal/fence.h"
#include "iree/hal/semaphore.h"

// Part of the structure of whoever waits, who keeps it where it is until fn is called or
// tenon_hal_semaphore_cancel() has returned true. Nothing of it needs to be initialised.
typedef struct tenon_timepoint_t tenon_timepoint_t;

// Called once, on the thread that signals or fails the semaphore, with no lock held, with |failure| OK
// or borrowed (clone it to keep it). The timepoint is not used after the call has begun: fn may free
// it. It must be short, must not block, and must not run work: it puts that on the thread's ready
// list (task/ready.h), which the semaphore drains when all functions have been called.
typedef void (*tenon_timepoint_fn_t)(tenon_timepoint_t* timepoint, iree_status_t failure);

struct tenon_timepoint_t {
  tenon_timepoint_t* next;
  tenon_timepoint_t* previous;
  uint64_t value;
  tenon_timepoint_fn_t fn;
};

// Listens for |value|. True: |fn| is or will be called, possibly before this returns. False: it won't
// be; the point is reached (*out_failure is OK) or failed (*out_failure is a copy of the failure,
// owned by the caller).
//
// The semaphore is not retained. If it is destroyed, fn is called with a CANCELLED failure.
bool tenon_hal_semaphore_listen(iree_hal_semaphore_t* semaphore, uint64_t value,
                                tenon_timepoint_fn_t fn, tenon_timepoint_t* timepoint,
                                iree_status_t* out_failure);

// Stops listening. True: fn won't be called. False: it has been or is just being called, on
// another thread; the caller must wait for that before the timepoint goes.
//
// May be called with any timepoint that was passed to tenon_hal_semaphore_listen(), whatever that returned.
bool tenon_hal_semaphore_cancel(iree_hal_semaphore_t* semaphore, tenon_timepoint_t* timepoint);

// How the point stands, without locks. False: pending. True: it is reached (*out_failure is OK) or failed
// (*out_failure is a copy of the failure, owned by the caller).
bool tenon_hal_semaphore_poll(const iree_hal_semaphore_t* semaphore, uint64_t value,
                              iree_status_t* out_failure);

// Whether the point is reached: one atomic load (acquire).
bool tenon_hal_semaphore_is_reached(const iree_hal_semaphore_t* semaphore, uint64_t value);

// How the points stand together, without locks. False: nothing is decided yet. True: all (ANY: one) are
// reached (*out_failure is OK), or one (ANY: all) has failed (*out_failure is a copy of the failure).
bool tenon_hal_semaphore_list_poll(iree_hal_semaphore_list_t list, iree_hal_wait_mode_t wait_mode,
                                   iree_status_t* out_failure);

// Whether all points of |fence| are reached. NULL is.
bool tenon_hal_fence_is_reached(iree_hal_fence_t* fence);

// A semaphore at 0 and a fence of its value 1, for work that has one outcome.
iree_status_t tenon_hal_fence_create_pending(iree_allocator_t host_allocator,
                                             iree_hal_fence_t** out_fence);

// A semaphore without a device: those of all local devices are made so.
iree_status_t tenon_hal_semaphore_create(uint64_t initial_value, iree_allocator_t host_allocator,
                                         iree_hal_semaphore_t** out_semaphore);

// Where the semaphore came from.
iree_allocator_t tenon_hal_semaphore_host_allocator(const iree_hal_semaphore_t* semaphore);

// Blocks as iree_hal_device_wait_semaphores() says. More than a few points take memory from the first
// semaphore's allocator while this waits.
iree_status_t tenon_hal_semaphore_list_wait(iree_hal_semaphore_list_t semaphore_list,
                                            iree_hal_wait_mode_t wait_mode, iree_timeout_t timeout);

// tenon_wait_source_listen() for all points of the list, which is borrowed during the call. Takes one block
// from |host_allocator|, which is freed when the last semaphore of the list has reached its value, has
// failed or is gone.
iree_status_t tenon_hal_semaphore_list_listen(iree_hal_semaphore_list_t semaphore_list,
                                              tenon_wait_listener_t listener,
                                              iree_allocator_t host_allocator);

// What waits for a failed point and signaling a failed semaphore return: ABORTED with the text of
// |failure|, which is consumed.
iree_status_t tenon_hal_semaphore_make_aborted(iree_status_t failure);

#endif  // TENON_HAL_TIMEPOINT_H_
