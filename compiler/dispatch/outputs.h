// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What generics begin with, before they are merged, and which results they keep afterwards.

#ifndef TENON_COMPILER_DISPATCH_OUTPUTS_H_
#define TENON_COMPILER_DISPATCH_OUTPUTS_H_

#include "mlir-c/IR.h"

// Gives each reduction below |root| a generic of its own for what it begins with, where that is one number
// everywhere: so it is no memory, however many reductions begin with the same.
void tenon_separate_beginnings(MlirOperation root);

// Drops results that nobody uses, and generics without any.
void tenon_drop_unused_results(MlirOperation root);

#endif  // TENON_COMPILER_DISPATCH_OUTPUTS_H_
