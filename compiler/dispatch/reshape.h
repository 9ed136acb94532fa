// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tenon.reshape, and elementwise work before it.

#ifndef TENON_COMPILER_DISPATCH_RESHAPE_H_
#define TENON_COMPILER_DISPATCH_RESHAPE_H_

#include "compiler/dispatch/order.h"

// Replaces |reshape|, a tenon.reshape, by one before it that is the same; |reshapes|, empty at first, remembers those of the block.
// Otherwise, if it is all that reads an elementwise generic whose loops don't matter, makes that the same work in the new shape, on
// its inputs reshaped, so that it can be merged with what comes after.
void tenon_visit_reshape(tenon_order_t* order, tenon_map_t* reshapes, MlirOperation reshape);

#endif  // TENON_COMPILER_DISPATCH_RESHAPE_H_
