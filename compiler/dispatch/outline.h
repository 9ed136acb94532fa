// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Outlining: every linalg.generic becomes a call of a function in the nested module of dispatches,
// equal ones of the same function.

#ifndef TENON_COMPILER_DISPATCH_OUTLINE_H_
#define TENON_COMPILER_DISPATCH_OUTLINE_H_

#include "mlir-c/IR.h"

// Outlines all generics (in the plain form) of |module|'s functions. Makes the nested module when
// there is one at least.
void tenon_outline_dispatches(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_OUTLINE_H_
