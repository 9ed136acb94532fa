// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values on the command line: what --input and --expected_output take, and what is printed.
//
//   42  3.14  i64=7               a scalar, of the type that the function declares
//   4xf32=1 2 3 4                 a tensor (iree/hal/buffer_view_util.h); without =... all zeros
//   2x2xi32=@FILE                 a tensor with the bytes of a file
//   @FILE.npy                     one tensor or more from a NumPy file
//   (null)                        a null reference
//   (ignored)                     nothing to compare (--expected_output only)

#ifndef TENON_TOOLS_SUPPORT_VALUES_H_
#define TENON_TOOLS_SUPPORT_VALUES_H_

#include <stdio.h>

#include "iree/hal/api.h"
#include "iree/vm/api.h"
#include "support/flags.h"

// Zeroed: empty. Owns what it points to.
typedef struct tenon_values_t {
  iree_vm_list_t* list;  // of variants
  bool* ignored;         // per element: it was given as (ignored)
} tenon_values_t;

// Reads |texts| as values of the types |convention|, a fragment of a calling convention such as
// "rif". OUT_OF_RANGE for more values than letters; fewer are fine. |out_values| must be
// deinitialized in every case.
iree_status_t tenon_values_parse(const tenon_string_list_t* texts, iree_string_view_t convention,
                                 iree_hal_allocator_t* device_allocator,
                                 tenon_values_t* out_values);
void tenon_values_deinitialize(tenon_values_t* values);

// Prints `i32=42`, or the name of a reference's type and, on a line of its own, a view with at most
// |max_element_count| elements; then a newline.
iree_status_t tenon_value_print(FILE* file, const iree_vm_variant_t* value,
                                iree_host_size_t max_element_count);

#endif  // TENON_TOOLS_SUPPORT_VALUES_H_
