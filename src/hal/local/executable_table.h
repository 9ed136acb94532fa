// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checking an executable's table before it is used.

#ifndef TENON_HAL_LOCAL_EXECUTABLE_TABLE_H_
#define TENON_HAL_LOCAL_EXECUTABLE_TABLE_H_

#include "hal/local/executable_abi.h"
#include "iree/base/api.h"

// Checks everything in the table that dispatching relies on: counts within the ABI's limits, terms
// that refer to constants that exist, sizes that are possible. Pointers are the executable's own
// and can only be checked for NULL.
iree_status_t tenon_executable_table_validate(const tenon_executable_info_t* info);

#endif  // TENON_HAL_LOCAL_EXECUTABLE_TABLE_H_
