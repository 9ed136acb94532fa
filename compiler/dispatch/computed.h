// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise producers of tensors that a body reads at computed indices: slices, padding, gathers.

#ifndef TENON_COMPILER_DISPATCH_COMPUTED_H_
#define TENON_COMPILER_DISPATCH_COMPUTED_H_

#include "compiler/dispatch/order.h"

// Runs the bodies of elementwise generics where the body of |consumer|, a generic or a tenon.update, reads their elements by
// tensor.extract or tenon.read, if that is simple and pays. Those that nobody else reads are gone then.
void tenon_inline_computed_reads(tenon_order_t* order, MlirOperation consumer);

#endif  // TENON_COMPILER_DISPATCH_COMPUTED_H_
