// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A choice of one of two tensors (arith.select with a scalar condition: written so, or made by
// canonicalisation of branches) becomes control flow, so that later stages know tensors only as
// values that blocks pass on.

#ifndef TENON_COMPILER_DISPATCH_CHOOSE_H_
#define TENON_COMPILER_DISPATCH_CHOOSE_H_

#include "mlir-c/IR.h"

// Rewrites all of them below |module|. Canonicalisation would undo this.
void tenon_lower_choices(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_CHOOSE_H_
