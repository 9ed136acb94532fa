// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparing results with what was expected of them, as hal/compare.h does with tolerances.

#ifndef TENON_TOOLS_SUPPORT_COMPARE_H_
#define TENON_TOOLS_SUPPORT_COMPARE_H_

#include <stdio.h>

#include "hal/compare.h"
#include "iree/vm/api.h"
#include "support/values.h"

// Compares results with the values expected, of which those given as (ignored) match anything. For
// each result that differs, prints to |file| what differs first and, for tensors, both as a whole
// with at most |max_element_count| elements.
iree_status_t tenon_compare(const tenon_values_t* expected, const iree_vm_list_t* actual,
                            const tenon_tolerances_t* tolerances,
                            iree_host_size_t max_element_count, FILE* file, bool* out_equal);

#endif  // TENON_TOOLS_SUPPORT_COMPARE_H_
