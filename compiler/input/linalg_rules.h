// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of linalg the language has. All else is refused by name, at its place.

#ifndef TENON_COMPILER_INPUT_LINALG_RULES_H_
#define TENON_COMPILER_INPUT_LINALG_RULES_H_

#include <stdbool.h>

#include "compiler/options.h"
#include "mlir-c/IR.h"

bool tenon_check_linalg(MlirOperation op, const tenon_options_t* options);

// The operation on tensors (linalg, tensor.generate, tensor.pad, tenon.update) in whose body of numbers |op| is, perhaps within
// scf.if; null when there is none.
MlirOperation tenon_enclosing_body(MlirOperation op);

// |op| is in the body of |parent|.
bool tenon_check_body_op(MlirOperation op, MlirOperation parent);

#endif  // TENON_COMPILER_INPUT_LINALG_RULES_H_
