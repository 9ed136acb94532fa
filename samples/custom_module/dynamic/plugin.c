// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What makes a plugin of a module: the function that a program calls when it has loaded the library. The module itself is that
// of ../sync, unchanged.

#include "iree/hal/drivers/local_sync/registration/driver_module.h"
#include "iree/vm/dynamic/module.h"
#include "module.h"

// Where the module allocates its results. A plugin is not told which device programs run on; all of them work on host
// memory, and a device without threads costs next to nothing.
static iree_status_t create_device(iree_allocator_t host_allocator,
                                   iree_hal_device_t** out_device) {
  iree_hal_driver_registry_t* registry = iree_hal_driver_registry_default();
  // Most programs have registered it already.
  iree_status_t status = iree_hal_local_sync_driver_module_register(registry);
  if (iree_status_is_already_exists(status)) {
    iree_status_ignore(status);
    status = iree_ok_status();
  }
  IREE_RETURN_IF_ERROR(status);
  return iree_hal_create_device(registry, IREE_SV("local-sync"), host_allocator, out_device);
}

// The entry point by the name that is looked for when the user gives none.
IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t iree_vm_dynamic_module_create(
    iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module) {
  if (param_count > 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the custom module takes no parameters, but '%.*s' is given",
                            (int)params[0].key.size, params[0].key.data);
  }
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(create_device(host_allocator, &device));
  iree_status_t status =
      iree_custom_module_sync_create(instance, device, host_allocator, out_module);
  iree_hal_device_release(device);  // the module holds it
  return status;
}
