// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// local-task devices with an executor of the application's choice: its number of workers, the processors they
// run on, shared by several devices. Tenon's own addition to the API. The `local-task` driver makes devices with
// an executor of its own, which its URI's parameters describe.

#ifndef TENON_TASK_DEVICE_H_
#define TENON_TASK_DEVICE_H_

#include "iree/hal/api.h"
#include "tenon/executor.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// A local-task device on |executor|, which it retains, with a count of 1. |identifier| is its id (copied), such
// as `local-task`. |device_allocator| is retained; NULL: a heap of its own.
IREE_API_EXPORT iree_status_t tenon_hal_task_device_create(iree_string_view_t identifier,
                                                           tenon_executor_t* executor,
                                                           iree_hal_allocator_t* device_allocator,
                                                           iree_allocator_t host_allocator,
                                                           iree_hal_device_t** out_device);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // TENON_TASK_DEVICE_H_
