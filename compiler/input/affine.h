// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Affine expressions of loops: which are sums of loops, how large they get, and their values in the body of a generic.

#ifndef TENON_COMPILER_INPUT_AFFINE_H_
#define TENON_COMPILER_INPUT_AFFINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "mlir-c/AffineMap.h"
#include "mlir-c/IR.h"

// Whether every result of |map| is a sum of dimensions times constants from 1 to
// TENON_MAX_COEFFICIENT and constants from 0 to that. Then no index is negative, and none
// overflows: products with any extent that fits in memory stay within 64 bits.
#define TENON_MAX_COEFFICIENT (1 << 15)
bool tenon_is_linear_map(MlirAffineMap map);

// |map| with every result that can be written as such a sum in that form, others as they are, and |extra_dims| more
// dimensions, which no result has.
MlirAffineMap tenon_simplify_map(MlirAffineMap map, intptr_t extra_dims);

// Whether |expr| has no symbols, divides by positive constants only, and stays within 64 bits for loops of any extent
// that fits in memory.
bool tenon_is_computable(MlirAffineExpr expr);

// The value of |expr|, which is computable, in the body of a generic: arithmetic on linalg.index before |before|.
MlirValue tenon_insert_expression(MlirOperation before, MlirAffineExpr expr);

#endif  // TENON_COMPILER_INPUT_AFFINE_H_
