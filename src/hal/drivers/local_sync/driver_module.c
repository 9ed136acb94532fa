// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/drivers/local_sync/registration/driver_module.h"

#include "hal/drivers/local_sync/sync_driver.h"

static iree_status_t tenon_hal_local_sync_enumerate(
    void* self, iree_host_size_t* out_driver_info_count,
    const iree_hal_driver_info_t** out_driver_infos) {
  static const iree_hal_driver_info_t infos[] = {
      {.driver_name = IREE_SVL("local-sync"),
       .full_name = IREE_SVL("the CPU, on the calling thread")},
  };
  *out_driver_info_count = IREE_ARRAYSIZE(infos);
  *out_driver_infos = infos;
  return iree_ok_status();
}

static iree_status_t tenon_hal_local_sync_try_create(void* self, iree_string_view_t driver_name,
                                                     iree_allocator_t host_allocator,
                                                     iree_hal_driver_t** out_driver) {
  return tenon_hal_sync_driver_create(driver_name, host_allocator, out_driver);
}

iree_status_t iree_hal_local_sync_driver_module_register(iree_hal_driver_registry_t* registry) {
  static const iree_hal_driver_factory_t factory = {
      .enumerate = tenon_hal_local_sync_enumerate,
      .try_create = tenon_hal_local_sync_try_create,
  };
  return iree_hal_driver_registry_register_factory(registry, &factory);
}
