// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise work before a tenon.reshape.

#ifndef TENON_COMPILER_DISPATCH_RESHAPE_H_
#define TENON_COMPILER_DISPATCH_RESHAPE_H_

#include "compiler/dispatch/order.h"

// If |reshape|, a tenon.reshape, is all that reads an elementwise generic whose loops don't matter, makes it the same work in the new
// shape, on its inputs reshaped, so that it can be merged with what comes after.
void tenon_sink_below_reshape(tenon_order_t* order, MlirOperation reshape);

#endif  // TENON_COMPILER_DISPATCH_RESHAPE_H_
