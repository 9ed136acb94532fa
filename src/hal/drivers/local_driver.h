// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The drivers of the CPU: local-sync and local-task. Each has one device, `default`.

#ifndef TENON_HAL_DRIVERS_LOCAL_DRIVER_H_
#define TENON_HAL_DRIVERS_LOCAL_DRIVER_H_

#include "iree/hal/driver_registry.h"
#include "tenon/executor.h"

// What tells one from the other; lives as long as the process.
typedef struct tenon_hal_local_driver_kind_t {
  iree_hal_driver_factory_t factory;  // TENON_HAL_LOCAL_DRIVER_FACTORY(this)
  iree_hal_driver_info_t info;        // the driver's name is also the devices' id
  // Creates the executor of a device with these parameters. NULL: devices have neither.
  iree_status_t (*create_executor)(iree_host_size_t param_count, const iree_string_pair_t* params,
                                   iree_allocator_t host_allocator,
                                   tenon_executor_t** out_executor);
} tenon_hal_local_driver_kind_t;

#define TENON_HAL_LOCAL_DRIVER_FACTORY(kind) \
  {(void*)(kind), tenon_hal_local_driver_enumerate, tenon_hal_local_driver_try_create}

iree_status_t tenon_hal_local_driver_enumerate(void* self, iree_host_size_t* out_driver_info_count,
                                               const iree_hal_driver_info_t** out_driver_infos);
iree_status_t tenon_hal_local_driver_try_create(void* self, iree_string_view_t driver_name,
                                                iree_allocator_t host_allocator,
                                                iree_hal_driver_t** out_driver);

#endif  // TENON_HAL_DRIVERS_LOCAL_DRIVER_H_
