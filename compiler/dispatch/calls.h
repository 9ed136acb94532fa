// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of dispatches that are the same: MLIR takes the dialect's operations as having unknown effects.

#ifndef TENON_COMPILER_DISPATCH_CALLS_H_
#define TENON_COMPILER_DISPATCH_CALLS_H_

#include "mlir-c/IR.h"

// Drops each tenon.dispatch below |module| for which there is one before, in its block, of the same function with the same operands.
void tenon_drop_same_calls(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_CALLS_H_
