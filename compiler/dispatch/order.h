// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where two generics of one block can run as one.

#ifndef TENON_COMPILER_DISPATCH_ORDER_H_
#define TENON_COMPILER_DISPATCH_ORDER_H_

#include "compiler/input/ir.h"

// Whether |producer| can run where |consumer| does: nobody needs its results before.
bool tenon_can_sink(MlirOperation producer, MlirOperation consumer);

// Whether |consumer| can run where |producer| does: all it reads is there, and no check stands between them (the consumer may only
// be safe because of it).
bool tenon_can_hoist(MlirOperation consumer, MlirOperation producer);

#endif  // TENON_COMPILER_DISPATCH_ORDER_H_
