// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "slow_module.h"

#include "tenon/async_module.h"

// A plain function that blocks. Several calls of it may run at the same time, each on a thread of the pool.
static iree_status_t step(void* user_data, const tenon_async_call_t* call) {
  const iree_time_t start = iree_time_now();
  iree_wait_until(start + 10 * 1000 * 1000);
  const float* source = (const float*)call->arguments[0].data;
  float* target = (float*)call->results[0].data;
  for (size_t i = 0; i < call->results[0].element_count; ++i) target[i] = source[i] + 1.0f;
  __atomic_fetch_add((int64_t*)user_data, iree_time_now() - start, __ATOMIC_RELAXED);
  return iree_ok_status();
}

static const tenon_async_function_t functions[] = {
    {.name = "step", .type = "(tensor<?xf32>) -> tensor<?xf32>", .fn = step},
};

iree_status_t slow_module_create(iree_vm_instance_t* instance, iree_hal_device_t* device,
                                 iree_host_size_t max_thread_count, int64_t* total_time,
                                 iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  *out_module = NULL;
  const tenon_blocking_pool_options_t options = {.max_thread_count = max_thread_count};
  tenon_blocking_pool_t* pool = NULL;
  IREE_RETURN_IF_ERROR(tenon_blocking_pool_create(&options, host_allocator, &pool));
  const tenon_async_module_params_t params = {
      .name = "slow",
      .function_count = IREE_ARRAYSIZE(functions),
      .functions = functions,
      .device = device,
      .pool = pool,
      .user_data = total_time,
  };
  iree_status_t status = tenon_async_module_create(instance, &params, host_allocator, out_module);
  tenon_blocking_pool_release(pool);  // the module holds it
  return status;
}
