// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/drivers/init.h"

#include "iree/hal/drivers/local_sync/registration/driver_module.h"
#include "iree/hal/drivers/local_task/registration/driver_module.h"

iree_status_t iree_hal_register_all_available_drivers(iree_hal_driver_registry_t* registry) {
  IREE_RETURN_IF_ERROR(iree_hal_local_sync_driver_module_register(registry));
  return iree_hal_local_task_driver_module_register(registry);
}
