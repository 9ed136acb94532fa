// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The friendly way: a plain function on mapped tensors. Threads, fences, checks and results' buffers are Tenon's.

#include "module.h"
#include "tenon/async_module.h"

// Runs on a thread where it may block, when the argument's contents are there. What it returns signals or fails the fence.
static iree_status_t double_elements(void* user_data, const tenon_async_call_t* call) {
  const int32_t* source = (const int32_t*)call->arguments[0].data;
  int32_t* target = (int32_t*)call->results[0].data;
  for (size_t i = 0; i < call->arguments[0].element_count; ++i) {
    target[i] = (int32_t)((uint32_t)source[i] * 2u);
  }
  return iree_ok_status();
}

// The type is the one in the program's declaration.
static const tenon_async_function_t functions[] = {
    {.name = "call.async", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = double_elements},
};

iree_status_t iree_custom_module_async_create(iree_vm_instance_t* instance,
                                              iree_hal_device_t* device,
                                              iree_allocator_t host_allocator,
                                              iree_vm_module_t** out_module) {
  const tenon_async_module_params_t params = {
      .name = "custom",
      .function_count = IREE_ARRAYSIZE(functions),
      .functions = functions,
      .device = device,
  };
  return tenon_async_module_create(instance, &params, host_allocator, out_module);
}
