// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which work on tensors can't fail.

#ifndef TENON_COMPILER_DISPATCH_TOTAL_H_
#define TENON_COMPILER_DISPATCH_TOTAL_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether all indices in the body of |op|, a generic or an update of tensors with static shapes, are inside, as far as sums and
// products of loops and constants tell.
bool tenon_cannot_fail(MlirOperation op);

#endif  // TENON_COMPILER_DISPATCH_TOTAL_H_
