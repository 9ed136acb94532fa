// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `check` dialect: what a program expects becomes calls of the module `check` (iree/modules/check/module.h).

#ifndef TENON_COMPILER_INPUT_EXPECTATIONS_H_
#define TENON_COMPILER_INPUT_EXPECTATIONS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether |op| of the dialect can be lowered; reports what is wrong.
bool tenon_check_expectation(MlirOperation op);

// Lowers all of them in |module|, and declares the imports that they need:
//
//   check.expect_eq_const(%a, dense<1> : tensor<4xi32>) : tensor<?xi32>
//
//   %b = arith.constant dense<1> : tensor<4xi32>
//   %c = tensor.cast %b : tensor<4xi32> to tensor<?xi32>
//   call @check.expect_eq(%a, %c) : (tensor<?xi32>, tensor<?xi32>) -> ()
void tenon_lower_expectations(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_EXPECTATIONS_H_
