// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Brings linalg operations into the plain form of a generic (docs/schedule.md).

#ifndef TENON_COMPILER_INPUT_PLAIN_H_
#define TENON_COMPILER_INPUT_PLAIN_H_

#include <stdint.h>

#include "mlir-c/AffineMap.h"
#include "mlir-c/IR.h"

// Replaces |op|, a linalg operation with a body, by generics in the plain form, unless it is one. Several, if its
// outputs are written by different loops.
void tenon_make_plain(MlirOperation op);

// ... of every generic below |root|.
void tenon_make_all_plain(MlirOperation root);

// The loops that write an output with the map |map|, one bit each: those that are a result, and one more for each result that is a
// constant, after all loops. These have one iteration.
uint32_t tenon_writing_loops(MlirAffineMap map);

#endif  // TENON_COMPILER_INPUT_PLAIN_H_
