// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/drivers/local_sync/registration/driver_module.h"

#include "hal/drivers/local_driver.h"

static const tenon_hal_local_driver_kind_t tenon_hal_local_sync_kind = {
    .factory = TENON_HAL_LOCAL_DRIVER_FACTORY(&tenon_hal_local_sync_kind),
    .info = {.driver_name = IREE_SVL("local-sync"),
             .full_name = IREE_SVL("the CPU, on the calling thread")},
};

iree_status_t iree_hal_local_sync_driver_module_register(iree_hal_driver_registry_t* registry) {
  return iree_hal_driver_registry_register_factory(registry, &tenon_hal_local_sync_kind.factory);
}
