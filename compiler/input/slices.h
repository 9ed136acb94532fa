// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parts of tensors: tensor.extract_slice, insert_slice, insert and concat become generics and
// updates. Each function replaces |op|.

#ifndef TENON_COMPILER_INPUT_SLICES_H_
#define TENON_COMPILER_INPUT_SLICES_H_

#include "compiler/input/ir.h"

// The values of an array attribute of static numbers in which the least number stands for the next of |op|'s
// operands from *|operand| on. Free its data.
tenon_value_list_t tenon_mixed_values(MlirOperation op, const char* attribute, intptr_t* operand);

// Whether that array is there with |count| numbers, |operand_count| of them operands; MLIR does not always look. Else it is reported.
bool tenon_check_mixed(MlirOperation op, const char* attribute, intptr_t count,
                       intptr_t operand_count);

// How many operands the operation has in its segment |segment|.
intptr_t tenon_segment_size(MlirOperation op, intptr_t segment);

void tenon_lower_extract_slice(MlirOperation op);
void tenon_lower_insert_slice(MlirOperation op);
void tenon_lower_insert(MlirOperation op);
void tenon_lower_concat(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_SLICES_H_
