// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parameters of local-task devices (see registration/driver_module.h).

#ifndef TENON_HAL_DRIVERS_LOCAL_TASK_PARAMETERS_H_
#define TENON_HAL_DRIVERS_LOCAL_TASK_PARAMETERS_H_

#include "tenon/executor.h"

// Reads parameters into options, the others of which are the defaults; of equal ones the last counts. The
// list of processors goes into |processors|. INVALID_ARGUMENT names the parameter and what it takes.
iree_status_t tenon_hal_local_task_parse_parameters(
    iree_host_size_t param_count, const iree_string_pair_t* params,
    uint32_t processors[TENON_EXECUTOR_MAX_WORKER_COUNT], tenon_executor_options_t* out_options);

#endif  // TENON_HAL_DRIVERS_LOCAL_TASK_PARAMETERS_H_
