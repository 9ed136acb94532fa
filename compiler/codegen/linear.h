// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linear functions of loops: where an array is read or written.

#ifndef TENON_COMPILER_CODEGEN_LINEAR_H_
#define TENON_COMPILER_CODEGEN_LINEAR_H_

#include <stdbool.h>
#include <stdint.h>

#include "hal/local/executable_abi.h"
#include "mlir-c/AffineExpr.h"

#define TENON_KERNEL_MAX_RANK TENON_DISPATCH_MAX_RANK

// Coefficients of index maps above this are refused: products with any extent that fits in memory
// stay in 64 bits.
#define TENON_MAX_COEFFICIENT (1 << 15)

// base + sum(coefficients[d] * x[d]) where x are the loops' indices, or how often they run.
typedef struct tenon_linear_t {
  int64_t base;
  int64_t coefficients[TENON_KERNEL_MAX_RANK];
} tenon_linear_t;

// Whether x[dim] matters to |linear|.
bool tenon_linear_uses(const tenon_linear_t* linear, int dim);
bool tenon_linear_equal(const tenon_linear_t* a, const tenon_linear_t* b);
// Whether |linear| is x[dim] alone.
bool tenon_linear_is_dim(const tenon_linear_t* linear, int dim);
// The one dim for which it is, or -1.
int tenon_linear_single_dim(const tenon_linear_t* linear);
// Adds factor * |expression| to |linear|, where dimension d of the expression is x[loop_of[d]]. Returns false when the
// sum is none that dispatches support.
bool tenon_linear_add(MlirAffineExpr expression, int64_t factor, const int* loop_of,
                      tenon_linear_t* linear);
// The extent of which |index| reaches the last element: 1 + the index at which every loop is at its
// end.
tenon_linear_t tenon_needed_extent(const tenon_linear_t* index);

#endif  // TENON_COMPILER_CODEGEN_LINEAR_H_
