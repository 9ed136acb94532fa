// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU as a device. local-sync and local-task are this one device, without and with an executor: they
// share buffers, semaphores, queues, command buffers and the loading of executables.
//
// Besides the public interface (iree/hal/device.h) it has what the `hal` module needs on the way of every
// dispatch: functions that take fences, and that make one only for work that is still pending. There a NULL
// fence stands for a point that is reached.

#ifndef TENON_HAL_LOCAL_LOCAL_DEVICE_H_
#define TENON_HAL_LOCAL_LOCAL_DEVICE_H_

#include "hal/local/executable_abi.h"
#include "iree/hal/api.h"
#include "task/ready.h"
#include "tenon/executor.h"

// Creates a device; |executor| NULL: local-sync. |device_allocator| NULL: a heap of its own. Retains both.
iree_status_t tenon_hal_local_device_create(iree_string_view_t identifier,
                                            tenon_executor_t* executor,
                                            iree_hal_allocator_t* device_allocator,
                                            iree_allocator_t host_allocator,
                                            iree_hal_device_t** out_device);

// Whether |device| is one of these.
bool tenon_hal_local_device_isa(iree_hal_device_t* device);

// The executor, borrowed; NULL on local-sync.
tenon_executor_t* tenon_hal_local_device_executor(iree_hal_device_t* device);

// A dispatch: borrowed during the calls.
typedef struct tenon_hal_dispatch_t {
  iree_hal_executable_t* executable;
  uint32_t ordinal;
  iree_host_size_t binding_count;
  iree_hal_buffer_t* const* bindings;
  iree_host_size_t constant_count;
  const int64_t* constants;
} tenon_hal_dispatch_t;

// Runs a dispatch to its end, on this thread and, if it is large, with the executor's workers. Errors as
// tenon_hal_local_executable_dispatch().
iree_status_t tenon_hal_local_device_dispatch(iree_hal_device_t* device,
                                              const tenon_hal_dispatch_t* dispatch);

// Runs a dispatch once |wait_fence| is reached. *out_fence is NULL if it has ended when this returns (it was
// ready and small); else a new fence, which it signals or fails. What can be checked is checked first and
// returned. If |wait_fence| has failed *out_fence is a failed fence.
iree_status_t tenon_hal_local_device_dispatch_after(iree_hal_device_t* device,
                                                    iree_hal_fence_t* wait_fence,
                                                    const tenon_hal_dispatch_t* dispatch,
                                                    iree_hal_fence_t** out_fence);

// The same for a copy of |length| bytes between the starts of two buffers.
iree_status_t tenon_hal_local_device_copy_after(
    iree_hal_device_t* device, iree_hal_fence_t* wait_fence, iree_hal_buffer_t* source_buffer,
    iree_hal_buffer_t* target_buffer, iree_device_size_t length, iree_hal_fence_t** out_fence);

// Signals |signal_fence| once |wait_fence| is reached, or fails it with the same first failure.
iree_status_t tenon_hal_local_device_signal_after(iree_hal_device_t* device,
                                                  iree_hal_fence_t* wait_fence,
                                                  iree_hal_fence_t* signal_fence);

// Lets a suspended program go on: |work| runs soon, on the executor's blocking threads, or, on local-sync, on
// this thread by way of its ready list, which the caller lets drain: this is called from listeners
// (hal/timepoint.h). If this thread is a worker, it runs on the blocking threads of the worker's executor: user code
// never runs on workers. Fits both kinds of work; run by its |run|.
typedef struct tenon_hal_resumption_t tenon_hal_resumption_t;
struct tenon_hal_resumption_t {
  union {
    tenon_ready_item_t ready;
    tenon_blocking_work_t blocking;
  } item;
  void (*run)(tenon_hal_resumption_t* resumption);
};
void tenon_hal_local_device_resume(iree_hal_device_t* device, tenon_hal_resumption_t* resumption);

#endif  // TENON_HAL_LOCAL_LOCAL_DEVICE_H_
