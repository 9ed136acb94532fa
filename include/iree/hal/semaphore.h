// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Semaphores: time, as the runtime knows it. A semaphore is a number of 64 bits that only grows, its
// *timeline*; work waits until it has reached a value and signals a greater one.
//
// States. A point (semaphore, value) is *reached* once the semaphore's number is at least the value;
// reached is for ever. A semaphore may *fail*, once and for all, with a status: points reached before
// stay reached, all others never will be and are failed.
//   query                      the number; once failed, a copy of the failure itself
//   wait for a reached point   OK, failed or not
//   wait for a failed point    ABORTED, whose text has the first failure's code, place and message
// The first failure wins. Work that waits on a failed point does not run: it fails what it would have
// signaled, with the same first failure, so a failure travels along the timeline to all that
// depends on it and nothing is left waiting.
//
// Any value may be waited for before anybody has promised to signal it. If the last reference to a
// semaphore goes, nobody can signal it any more: what still waits for it fails, with CANCELLED and a
// message that says so.
//
// Who runs what. Signaling and failing wake all that waits for the points. Work of queues that
// becomes ready by it (device.h) runs on this thread before the call returns if it is small or the
// device has no threads; it never runs inside other work, nor inside a listener: a thread that is already
// running such work takes the new one up next, one that tells listeners when all have been told. No lock is held
// meanwhile. So code that signals should expect to spend the
// time, and 64 KiB of stack beyond what a suspended program's own native functions need.
//
// Ownership: see resource.h. Whoever waits keeps a reference meanwhile; submitted work retains what it
// signals, and does not retain what it waits for. Who was woken may release the last reference at once,
// even if the call that signaled has not returned yet.
// Thread-safety: everything may be called from any thread at any time.
// Devices: the semaphores of all local devices are of one kind; each may be used with any of them.

#ifndef IREE_HAL_SEMAPHORE_H_
#define IREE_HAL_SEMAPHORE_H_

#include "iree/base/api.h"
#include "iree/base/wait_source.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_device_t iree_hal_device_t;
typedef struct iree_hal_semaphore_t iree_hal_semaphore_t;

// The greatest value that can be signaled.
#define IREE_HAL_SEMAPHORE_MAX_VALUE (UINT64_MAX - 1)

// A new semaphore of |device| at |initial_value|, with a count of 1. It doesn't retain the device.
IREE_API_EXPORT iree_status_t iree_hal_semaphore_create(iree_hal_device_t* device,
                                                        uint64_t initial_value,
                                                        iree_hal_semaphore_t** out_semaphore);

IREE_API_EXPORT void iree_hal_semaphore_retain(iree_hal_semaphore_t* semaphore);
IREE_API_EXPORT void iree_hal_semaphore_release(iree_hal_semaphore_t* semaphore);

// The present number. Once failed: a copy of the failure (and *out_value is the number it had).
IREE_API_EXPORT iree_status_t iree_hal_semaphore_query(iree_hal_semaphore_t* semaphore,
                                                       uint64_t* out_value);

// Raises the number to |new_value| and wakes all that this reaches.
//   OUT_OF_RANGE: |new_value| is not greater than the number, or beyond the maximum; nothing changes.
//   ABORTED: the semaphore has failed.
IREE_API_EXPORT iree_status_t iree_hal_semaphore_signal(iree_hal_semaphore_t* semaphore,
                                                        uint64_t new_value);

// Fails the semaphore with |status|, which is owned by it from now on and must be neither OK nor
// DEFERRED (INTERNAL is put in their place). Does nothing but free |status| if it has failed already.
IREE_API_EXPORT void iree_hal_semaphore_fail(iree_hal_semaphore_t* semaphore, iree_status_t status);

// Blocks until the number is at least |value|. Before it sleeps it spins for some microseconds.
//   DEADLINE_EXCEEDED: the time is over, at once for an immediate timeout.   ABORTED: see above.
// An immediate timeout only looks: work that waits on this thread's own list is not run by it, so polling in
// a loop, from within such work, for what is behind it never ends.
IREE_API_EXPORT iree_status_t iree_hal_semaphore_wait(iree_hal_semaphore_t* semaphore,
                                                      uint64_t value, iree_timeout_t timeout);

// The point as a wait source; borrows the semaphore.
IREE_API_EXPORT iree_wait_source_t iree_hal_semaphore_await(iree_hal_semaphore_t* semaphore,
                                                            uint64_t value);

// ---- Several ------------------------------------------------------------------------------------

// Borrowed arrays of points, by value. A semaphore may appear more than once.
typedef struct iree_hal_semaphore_list_t {
  iree_host_size_t count;
  iree_hal_semaphore_t** semaphores;
  uint64_t* payload_values;
} iree_hal_semaphore_list_t;

static inline iree_hal_semaphore_list_t iree_hal_semaphore_list_empty(void) {
  iree_hal_semaphore_list_t list = {0, NULL, NULL};
  return list;
}

// Whether a wait for several points (iree_hal_device_wait_semaphores) ends with the last or the first.
typedef enum iree_hal_wait_mode_e {
  IREE_HAL_WAIT_MODE_ALL = 0,
  IREE_HAL_WAIT_MODE_ANY = 1,
} iree_hal_wait_mode_t;

// Signals each semaphore to its value. All are tried; the first error is returned.
IREE_API_EXPORT iree_status_t
iree_hal_semaphore_list_signal(iree_hal_semaphore_list_t semaphore_list);

// Fails every semaphore with a copy of |signal_status|, which is owned by this call.
IREE_API_EXPORT void iree_hal_semaphore_list_fail(iree_hal_semaphore_list_t semaphore_list,
                                                  iree_status_t signal_status);

// Blocks until all points are reached. ABORTED as soon as one has failed; DEADLINE_EXCEEDED. An empty
// list is OK.
IREE_API_EXPORT iree_status_t iree_hal_semaphore_list_wait(iree_hal_semaphore_list_t semaphore_list,
                                                           iree_timeout_t timeout);

// Destroys the semaphore, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_semaphore_destroy(iree_hal_semaphore_t* semaphore);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_SEMAPHORE_H_
