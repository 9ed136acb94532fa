// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/linear.h"

#include <string.h>

bool tenon_linear_uses(const tenon_linear_t* linear, int dim) {
  return linear->coefficients[dim] != 0;
}

bool tenon_linear_equal(const tenon_linear_t* a, const tenon_linear_t* b) {
  return memcmp(a, b, sizeof(*a)) == 0;
}

bool tenon_linear_is_dim(const tenon_linear_t* linear, int dim) {
  tenon_linear_t expected = {.base = 0};
  expected.coefficients[dim] = 1;
  return tenon_linear_equal(linear, &expected);
}

int tenon_linear_single_dim(const tenon_linear_t* linear) {
  for (int d = 0; d < TENON_KERNEL_MAX_RANK; ++d) {
    if (tenon_linear_is_dim(linear, d)) return d;
  }
  return -1;
}

bool tenon_linear_add(MlirAffineExpr expression, int64_t factor, const int* loop_of,
                      tenon_linear_t* linear) {
  if (mlirAffineExprIsAConstant(expression)) {
    int64_t value = mlirAffineConstantExprGetValue(expression);
    if (value < 0 || value > INT32_MAX) return false;
    linear->base += factor * value;
    return true;
  }
  if (mlirAffineExprIsADim(expression)) {
    int64_t* coefficient = &linear->coefficients[loop_of[mlirAffineDimExprGetPosition(expression)]];
    *coefficient += factor;
    return *coefficient <= TENON_MAX_COEFFICIENT;
  }
  if (mlirAffineExprIsAAdd(expression)) {
    return tenon_linear_add(mlirAffineBinaryOpExprGetLHS(expression), factor, loop_of, linear) &&
           tenon_linear_add(mlirAffineBinaryOpExprGetRHS(expression), factor, loop_of, linear);
  }
  if (mlirAffineExprIsAMul(expression)) {
    // MLIR keeps constants on the right.
    MlirAffineExpr by = mlirAffineBinaryOpExprGetRHS(expression);
    if (!mlirAffineExprIsAConstant(by)) return false;
    int64_t value = mlirAffineConstantExprGetValue(by);
    if (value <= 0 || value > TENON_MAX_COEFFICIENT || factor * value > TENON_MAX_COEFFICIENT)
      return false;
    return tenon_linear_add(mlirAffineBinaryOpExprGetLHS(expression), factor * value, loop_of,
                            linear);
  }
  return false;
}

tenon_linear_t tenon_needed_extent(const tenon_linear_t* index) {
  tenon_linear_t needed = *index;
  needed.base += 1;
  for (int d = 0; d < TENON_KERNEL_MAX_RANK; ++d) needed.base -= needed.coefficients[d];
  return needed;
}
