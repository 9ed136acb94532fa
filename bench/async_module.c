// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `custom.call.async` of the async sample as a plain function, without the time that the sample's spends.

#include "bench_module.h"
#include "tenon/async_module.h"

static iree_status_t twice(void* user_data, const tenon_async_call_t* call) {
  const int32_t* source = call->arguments[0].data;
  int32_t* target = call->results[0].data;
  for (iree_host_size_t i = 0; i < call->results[0].element_count; ++i) target[i] = source[i] * 2;
  return iree_ok_status();
}

iree_status_t bench_async_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                        iree_allocator_t host_allocator,
                                        iree_vm_module_t** out_module) {
  static const tenon_async_function_t functions[] = {
      {.name = "call.async", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = twice},
  };
  const tenon_async_module_params_t params = {
      .name = "custom", .function_count = 1, .functions = functions, .device = device};
  return tenon_async_module_create(instance, &params, host_allocator, out_module);
}
