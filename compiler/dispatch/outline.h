// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Outlining: every linalg.generic becomes a call of a function in the nested module of dispatches,
// equal ones of the same function.

#ifndef TENON_COMPILER_DISPATCH_OUTLINE_H_
#define TENON_COMPILER_DISPATCH_OUTLINE_H_

#include "mlir-c/IR.h"

// The attribute of a dispatch function that says which of its scalars are dimensions of its input
// tensors: an array of `array<i64: tensor, dimension, scalar>`, where tensor and scalar are numbers
// of arguments. It names every dynamic dimension that is indexed by anything else than one loop.
#define TENON_DIMS_ATTRIBUTE "tenon.dims"

// Outlines all generics (in the plain form) of |module|'s functions. Makes the nested module when
// there is one at least.
void tenon_outline_dispatches(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_OUTLINE_H_
