// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tensor dialect: what of it the language has, and which function replaces each operation by generics, updates
// and reshapes with their checks.

#ifndef TENON_COMPILER_INPUT_TENSOR_OPS_H_
#define TENON_COMPILER_INPUT_TENSOR_OPS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether the language has the operation of the tensor dialect; else, and where constants are wrong, reports it.
bool tenon_check_tensor_op(MlirOperation op);

// Whether |op| has a body of numbers, which is checked as that of a linalg.generic is.
bool tenon_is_tensor_body(MlirOperation op);

// Replaces |op| if it is of the tensor dialect and one that the stages after `input` don't know, and gives whether
// it was.
bool tenon_lower_tensor_op(MlirOperation op);

// Replaces what tenon_lower_tensor_op leaves because other operations look at it: tensor.from_elements.
void tenon_lower_elements(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_TENSOR_OPS_H_
