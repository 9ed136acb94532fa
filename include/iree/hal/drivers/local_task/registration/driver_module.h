// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef IREE_HAL_DRIVERS_LOCAL_TASK_REGISTRATION_DRIVER_MODULE_H_
#define IREE_HAL_DRIVERS_LOCAL_TASK_REGISTRATION_DRIVER_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/driver_registry.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Registers the `local-task` driver: a CPU device whose large work is done by worker threads
// (tenon/executor.h). ALREADY_EXISTS if it is registered.
//
// Devices that one driver object creates without parameters share an executor; a device with
// parameters has one of its own. In a URI: `local-task://?worker_count=4&processors=0,2,4-5`.
//   worker_count      0 to 256; 0, the default: one for each processor that may be used
//   processors        worker i runs on the i-th of these only, from the start again if there are more
//                     workers; also sets worker_count's default. By default the system chooses.
//   worker_spin_us    0 to 1000: how long an idle worker watches for work before it sleeps; default 0
//   inline_size       work on fewer bytes than this runs on the thread that makes it ready; default
//                     262144
//   blocking_threads  1 to 4096: the most threads on which suspended programs go on; default 32
// INVALID_ARGUMENT for anything else.
IREE_API_EXPORT iree_status_t
iree_hal_local_task_driver_module_register(iree_hal_driver_registry_t* registry);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DRIVERS_LOCAL_TASK_REGISTRATION_DRIVER_MODULE_H_
