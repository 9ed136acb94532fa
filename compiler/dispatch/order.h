// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which operation of a block comes first, and where two generics of one block can run as one. MLIR's own order is numbered anew
// after each change, which takes time that grows with the square of the program's length.

#ifndef TENON_COMPILER_DISPATCH_ORDER_H_
#define TENON_COMPILER_DISPATCH_ORDER_H_

#include "compiler/input/ir.h"

typedef struct tenon_order_t {
  tenon_map_t places;  // operation -> its place
} tenon_order_t;

// The order of all operations in the blocks of functions below |root|. Freed with tenon_order_free. What is inserted later comes just
// before the next operation that was there, unless it takes another's place.
tenon_order_t tenon_order_of(MlirOperation root);
void tenon_order_free(tenon_order_t* order);

// |op| takes the place of |old|.
void tenon_order_replace(tenon_order_t* order, MlirOperation old, MlirOperation op);
// To be called before an operation is destroyed.
void tenon_order_forget(tenon_order_t* order, MlirOperation op);

// A number that is less for what comes earlier in the block.
intptr_t tenon_place_of(tenon_order_t* order, MlirOperation op);

// Whether |producer| can run where |consumer| does: nobody needs its results before.
bool tenon_can_sink(tenon_order_t* order, MlirOperation producer, MlirOperation consumer);

// Whether |consumer| can run where |producer| does: all it reads is there, and no check stands between them (the consumer may only
// be safe because of it).
bool tenon_can_hoist(tenon_order_t* order, MlirOperation consumer, MlirOperation producer);

#endif  // TENON_COMPILER_DISPATCH_ORDER_H_
