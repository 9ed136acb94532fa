// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of the host program that the stages after `input` don't know: each is replaced by
// simpler ones, and destroyed.

#ifndef TENON_COMPILER_INPUT_HOST_OPS_H_
#define TENON_COMPILER_INPUT_HOST_OPS_H_

#include "mlir-c/IR.h"

// cf.assert becomes tenon.assert.
void tenon_lower_assert(MlirOperation op);

// cf.switch becomes a chain of cf.cond_br.
void tenon_lower_switch(MlirOperation op);

// tensor.dim becomes the size itself where that is known from the operations before (they may be
// gone later), and the dimension's number a constant: one that isn't is checked, and chooses among
// the sizes.
void tenon_lower_dim(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_HOST_OPS_H_
