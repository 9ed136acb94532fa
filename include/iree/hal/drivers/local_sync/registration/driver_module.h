// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef IREE_HAL_DRIVERS_LOCAL_SYNC_REGISTRATION_DRIVER_MODULE_H_
#define IREE_HAL_DRIVERS_LOCAL_SYNC_REGISTRATION_DRIVER_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/driver_registry.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Registers the `local-sync` driver: a CPU device without threads, which runs work on the thread
// that calls it. ALREADY_EXISTS if it is registered.
IREE_API_EXPORT iree_status_t
iree_hal_local_sync_driver_module_register(iree_hal_driver_registry_t* registry);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DRIVERS_LOCAL_SYNC_REGISTRATION_DRIVER_MODULE_H_
