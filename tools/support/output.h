// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where results go: one specification per result.
//
//   (empty)               nowhere
//   -                     printed
//   @FILE.npy  +FILE.npy  a NumPy array in a new file / behind what the file holds
//   @FILE      +FILE      the bytes alone

#ifndef TENON_TOOLS_SUPPORT_OUTPUT_H_
#define TENON_TOOLS_SUPPORT_OUTPUT_H_

#include "iree/vm/api.h"
#include "support/flags.h"

// Sends result i where specifications->values[i] says. OUT_OF_RANGE unless there is one for each
// result.
iree_status_t tenon_output_results(const tenon_string_list_t* specifications,
                                   const iree_vm_list_t* results,
                                   iree_host_size_t max_element_count);

#endif  // TENON_TOOLS_SUPPORT_OUTPUT_H_
