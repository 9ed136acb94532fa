// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plugin that calls a function which this runtime doesn't have.

#include "iree/vm/dynamic/module.h"

iree_status_t iree_vm_no_such_function(iree_vm_module_t** out_module);

IREE_VM_DYNAMIC_MODULE_EXPORT iree_status_t iree_vm_dynamic_module_create(
    iree_vm_dynamic_module_version_t max_version, iree_vm_instance_t* instance,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_vm_module_t** out_module) {
  return iree_vm_no_such_function(out_module);
}
