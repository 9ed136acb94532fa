// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/drivers/local_task/registration/driver_module.h"

#include "hal/drivers/local_driver.h"
#include "hal/drivers/local_task/parameters.h"

static iree_status_t tenon_hal_local_task_create_executor(iree_host_size_t param_count,
                                                          const iree_string_pair_t* params,
                                                          iree_allocator_t host_allocator,
                                                          tenon_executor_t** out_executor) {
  *out_executor = NULL;
  uint32_t processors[TENON_EXECUTOR_MAX_WORKER_COUNT];
  tenon_executor_options_t options;
  IREE_RETURN_IF_ERROR(
      tenon_hal_local_task_parse_parameters(param_count, params, processors, &options));
  return tenon_executor_create(&options, host_allocator, out_executor);
}

static const tenon_hal_local_driver_kind_t tenon_hal_local_task_kind = {
    .factory = TENON_HAL_LOCAL_DRIVER_FACTORY(&tenon_hal_local_task_kind),
    .info = {.driver_name = IREE_SVL("local-task"),
             .full_name = IREE_SVL("the CPU, large work on worker threads")},
    .create_executor = tenon_hal_local_task_create_executor,
};

iree_status_t iree_hal_local_task_driver_module_register(iree_hal_driver_registry_t* registry) {
  return iree_hal_driver_registry_register_factory(registry, &tenon_hal_local_task_kind.factory);
}
