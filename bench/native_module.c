// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "bench_module.h"

IREE_VM_ABI_EXPORT(step, void, i, i) {
  rets->i0 = args->i0 + 3;
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("step"), .calling_convention = IREE_VM_NATIVE_STR("0i_i")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_i, (iree_vm_native_function_target_t)step},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("native"),
    .export_count = 1,
    .exports = exports,
    .function_count = 1,
    .functions = functions,
};

iree_status_t bench_native_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                         iree_allocator_t host_allocator,
                                         iree_vm_module_t** out_module) {
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  return iree_vm_native_module_create(&interface, &descriptor, instance, host_allocator,
                                      out_module);
}
