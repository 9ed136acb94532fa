// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Devices: what compiled programs run on. A device has an allocator, whose buffers it can use, and
// queues, which do work in the order that semaphores give it.
//
// Ownership. See resource.h. Buffers, semaphores and programs that came from a device stay valid
// without it. Releasing a device, even the last reference, never blocks: work that was submitted is
// done all the same, and the device goes when it is.
// Thread-safety. All functions may be called from any thread at any time.
//
// ## Queues
// Every queue_* function submits one operation and returns at once; none blocks. The operation begins
// when all points of its wait list are reached (those may be promised, or signaled, by anyone, before
// or after), and when it has ended it signals all points of its signal list. That is the only order
// there is: operations that don't wait for one another, directly or through others, run in any order,
// also at the same time. Both lists are borrowed during the call.
//
// The submission retains all it uses until it has ended: the device, buffers, command buffers,
// executables, the semaphores it signals. What it waits for it does not retain (semaphore.h says why). It
// lets go of all that before it signals, and of the semaphores right after: who has waited may find the
// thread that signaled still holding a semaphore for a moment, so the allocator behind
// semaphores should outlive those threads. Operations that wait for one another in a ring never end by
// themselves, and stay; failing one of their semaphores ends them.
//
// Failure. Errors that can be told beforehand (ranges, access, null handles) are returned, and nothing
// has been submitted. If a point of the wait list fails, or the operation itself does, every semaphore
// of the signal list is failed with that first failure. A signal value that isn't greater than its
// semaphore's number fails that semaphore with OUT_OF_RANGE.
//
// Who does the work. local-sync: whichever thread makes the operation ready (the submitter, or who
// signals), before its call returns; if that thread is within such work already, right after that. local-task: the same for small work; large work goes to workers
// (tenon/executor.h), which may share one dispatch and run independent commands at the same time.
//
// |queue_affinity| is a mask of queues; 0 stands for ANY. Local devices have one queue, and ignore it.

#ifndef IREE_HAL_DEVICE_H_
#define IREE_HAL_DEVICE_H_

#include "iree/base/api.h"
#include "iree/hal/allocator.h"
#include "iree/hal/command_buffer.h"
#include "iree/hal/resource.h"
#include "iree/hal/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_device_t iree_hal_device_t;

IREE_API_EXPORT void iree_hal_device_retain(iree_hal_device_t* device);
IREE_API_EXPORT void iree_hal_device_release(iree_hal_device_t* device);

// The name of its kind, such as `local-sync`. Borrowed.
IREE_API_EXPORT iree_string_view_t iree_hal_device_id(iree_hal_device_t* device);

// Where the device's own objects come from.
IREE_API_EXPORT iree_allocator_t iree_hal_device_host_allocator(iree_hal_device_t* device);

// The allocator of the device's buffers. Borrowed.
IREE_API_EXPORT iree_hal_allocator_t* iree_hal_device_allocator(iree_hal_device_t* device);

// Gives memory that is kept for later back to the system.
IREE_API_EXPORT iree_status_t iree_hal_device_trim(iree_hal_device_t* device);

// Asks for a property; NOT_FOUND for one that the device doesn't know. Known everywhere:
//   category               key                      value
//   hal.device.id          a pattern with * and ?   1 if the device's id matches, else 0
//   hal.executable.format  a name                   1 if the device can load executables of this
//                                                   format, else 0
IREE_API_EXPORT iree_status_t iree_hal_device_query_i64(iree_hal_device_t* device,
                                                        iree_string_view_t category,
                                                        iree_string_view_t key, int64_t* out_value);

// ---- Queues -------------------------------------------------------------------------------------

// A buffer that may be used once |signal_semaphore_list| is reached. The handle is returned at once,
// its length and type are known, views of it can be made.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_alloca(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_allocator_pool_t pool,
    iree_hal_buffer_params_t params, iree_device_size_t allocation_size,
    iree_hal_buffer_t** IREE_RESTRICT out_buffer);

// Tells that the contents of |buffer| are not needed any more after |wait_semaphore_list|. The memory
// goes when the last reference does.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_dealloca(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_buffer_t* buffer);

// Fills a range with a pattern of 1, 2, 4 or 8 bytes, which is copied. Offset and length are multiples
// of the pattern's length; IREE_WHOLE_BUFFER is the rest of the buffer.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_fill(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length, const void* pattern,
    iree_host_size_t pattern_length);

// Writes |length| bytes of host memory, which are copied before this returns.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_update(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, const void* source_buffer,
    iree_host_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length);

// Copies a range; the ranges must not overlap.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_copy(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_buffer_t* source_buffer,
    iree_device_size_t source_offset, iree_hal_buffer_t* target_buffer,
    iree_device_size_t target_offset, iree_device_size_t length);

// Runs command buffers, which have ended, one after another; signals after the last. With none it is a
// barrier. A one-shot command buffer can be submitted once.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_execute(
    iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
    const iree_hal_semaphore_list_t wait_semaphore_list,
    const iree_hal_semaphore_list_t signal_semaphore_list, iree_host_size_t command_buffer_count,
    iree_hal_command_buffer_t* const* command_buffers);

// Signals |signal_semaphore_list| once |wait_semaphore_list| is reached.
IREE_API_EXPORT iree_status_t
iree_hal_device_queue_barrier(iree_hal_device_t* device, iree_hal_queue_affinity_t queue_affinity,
                              const iree_hal_semaphore_list_t wait_semaphore_list,
                              const iree_hal_semaphore_list_t signal_semaphore_list);

// Starts what has been submitted. Local devices do so by themselves: this does nothing.
IREE_API_EXPORT iree_status_t iree_hal_device_queue_flush(iree_hal_device_t* device,
                                                          iree_hal_queue_affinity_t queue_affinity);

// Blocks until all (or, for ANY, one) of the points are reached; an empty list is OK at once. ANY is OK
// if one point is reached even though others have failed.
//   DEADLINE_EXCEEDED: the time is over.   ABORTED: a point that is needed has failed (ALL: as soon as
//   one has; ANY: when all have).
IREE_API_EXPORT iree_status_t iree_hal_device_wait_semaphores(
    iree_hal_device_t* device, iree_hal_wait_mode_t wait_mode,
    const iree_hal_semaphore_list_t semaphore_list, iree_timeout_t timeout);

// ---- For implementations of devices ------------------------------------------------------------

typedef struct iree_hal_device_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_device_t* device);
  iree_string_view_t(IREE_API_PTR* id)(iree_hal_device_t* device);
  iree_allocator_t(IREE_API_PTR* host_allocator)(iree_hal_device_t* device);
  iree_hal_allocator_t*(IREE_API_PTR* device_allocator)(iree_hal_device_t* device);
  iree_status_t(IREE_API_PTR* trim)(iree_hal_device_t* device);
  iree_status_t(IREE_API_PTR* query_i64)(iree_hal_device_t* device, iree_string_view_t category,
                                         iree_string_view_t key, int64_t* out_value);
  iree_status_t(IREE_API_PTR* create_semaphore)(iree_hal_device_t* device, uint64_t initial_value,
                                                iree_hal_semaphore_t** out_semaphore);
  iree_status_t(IREE_API_PTR* create_command_buffer)(
      iree_hal_device_t* device, iree_hal_command_buffer_mode_t mode,
      iree_hal_command_category_t command_categories, iree_hal_queue_affinity_t queue_affinity,
      iree_hal_command_buffer_t** out_command_buffer);
  // The operations, with all arguments checked by the functions above that can be checked without
  // knowing the device; lengths are resolved.
  iree_status_t(IREE_API_PTR* queue_alloca)(iree_hal_device_t* device,
                                            iree_hal_semaphore_list_t wait_semaphore_list,
                                            iree_hal_semaphore_list_t signal_semaphore_list,
                                            iree_hal_buffer_params_t params,
                                            iree_device_size_t allocation_size,
                                            iree_hal_buffer_t** out_buffer);
  iree_status_t(IREE_API_PTR* queue_dealloca)(iree_hal_device_t* device,
                                              iree_hal_semaphore_list_t wait_semaphore_list,
                                              iree_hal_semaphore_list_t signal_semaphore_list,
                                              iree_hal_buffer_t* buffer);
  iree_status_t(IREE_API_PTR* queue_fill)(iree_hal_device_t* device,
                                          iree_hal_semaphore_list_t wait_semaphore_list,
                                          iree_hal_semaphore_list_t signal_semaphore_list,
                                          iree_hal_buffer_t* target_buffer,
                                          iree_device_size_t target_offset,
                                          iree_device_size_t length, const void* pattern,
                                          iree_host_size_t pattern_length);
  iree_status_t(IREE_API_PTR* queue_update)(iree_hal_device_t* device,
                                            iree_hal_semaphore_list_t wait_semaphore_list,
                                            iree_hal_semaphore_list_t signal_semaphore_list,
                                            const void* source, iree_hal_buffer_t* target_buffer,
                                            iree_device_size_t target_offset,
                                            iree_device_size_t length);
  iree_status_t(IREE_API_PTR* queue_copy)(
      iree_hal_device_t* device, iree_hal_semaphore_list_t wait_semaphore_list,
      iree_hal_semaphore_list_t signal_semaphore_list, iree_hal_buffer_t* source_buffer,
      iree_device_size_t source_offset, iree_hal_buffer_t* target_buffer,
      iree_device_size_t target_offset, iree_device_size_t length);
  iree_status_t(IREE_API_PTR* queue_execute)(iree_hal_device_t* device,
                                             iree_hal_semaphore_list_t wait_semaphore_list,
                                             iree_hal_semaphore_list_t signal_semaphore_list,
                                             iree_host_size_t command_buffer_count,
                                             iree_hal_command_buffer_t* const* command_buffers);
  iree_status_t(IREE_API_PTR* queue_flush)(iree_hal_device_t* device);
} iree_hal_device_vtable_t;

// Destroys the device, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_device_destroy(iree_hal_device_t* device);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DEVICE_H_
