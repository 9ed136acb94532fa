// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise arith on tensors and tensor.splat become linalg.generic. (Upstream's pass of that
// purpose writes over operands, doesn't see splat constants, and takes sizes from operands of other
// types.)

#ifndef TENON_COMPILER_INPUT_TO_LINALG_H_
#define TENON_COMPILER_INPUT_TO_LINALG_H_

#include "mlir-c/IR.h"

// Replaces |op|, if it is one of these. Its checks must be there already.
void tenon_convert_to_linalg(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_TO_LINALG_H_
