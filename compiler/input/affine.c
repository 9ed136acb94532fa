// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/affine.h"

#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

//===--------------------------------------------------------------------===//
// Sums
//===--------------------------------------------------------------------===//

static bool is_coefficient(MlirAffineExpr expr, int64_t least) {
  if (!mlirAffineExprIsAConstant(expr)) return false;
  int64_t value = mlirAffineConstantExprGetValue(expr);
  return value >= least && value <= TENON_MAX_COEFFICIENT;
}

// MLIR keeps sums of products in this form, with constants on the right.
static bool is_linear(MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr) || is_coefficient(expr, 0)) return true;
  if (!mlirAffineExprIsABinary(expr)) return false;
  MlirAffineExpr left = mlirAffineBinaryOpExprGetLHS(expr);
  MlirAffineExpr right = mlirAffineBinaryOpExprGetRHS(expr);
  if (mlirAffineExprIsAAdd(expr)) return is_linear(left) && is_linear(right);
  return mlirAffineExprIsAMul(expr) && mlirAffineExprIsADim(left) && is_coefficient(right, 1);
}

bool tenon_is_linear_map(MlirAffineMap map) {
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    if (!is_linear(mlirAffineMapGetResult(map, i))) return false;
  }
  return mlirAffineMapGetNumSymbols(map) == 0;
}

// A sum of loops times coefficients, and a constant.
typedef struct sum_t {
  int64_t coefficients[TENON_MAX_LOOPS];
  int64_t constant;
} sum_t;

// Adds |expr| times |factor| to |sum|. False if it is no sum, or has too large numbers.
static bool add_to_sum(sum_t* sum, MlirAffineExpr expr, int64_t factor) {
  if (mlirAffineExprIsADim(expr)) {
    int64_t* coefficient = &sum->coefficients[mlirAffineDimExprGetPosition(expr)];
    return !__builtin_add_overflow(*coefficient, factor, coefficient);
  }
  if (mlirAffineExprIsAConstant(expr)) {
    int64_t product = 0;
    return !__builtin_mul_overflow(mlirAffineConstantExprGetValue(expr), factor, &product) &&
           !__builtin_add_overflow(sum->constant, product, &sum->constant);
  }
  if (!mlirAffineExprIsABinary(expr)) return false;
  MlirAffineExpr left = mlirAffineBinaryOpExprGetLHS(expr);
  MlirAffineExpr right = mlirAffineBinaryOpExprGetRHS(expr);
  if (mlirAffineExprIsAAdd(expr)) {
    return add_to_sum(sum, left, factor) && add_to_sum(sum, right, factor);
  }
  int64_t product = 0;
  return mlirAffineExprIsAMul(expr) && mlirAffineExprIsAConstant(right) &&
         !__builtin_mul_overflow(mlirAffineConstantExprGetValue(right), factor, &product) &&
         add_to_sum(sum, left, product);
}

static bool is_in_range(int64_t number) { return number >= 0 && number <= TENON_MAX_COEFFICIENT; }

static MlirAffineExpr simplify(MlirAffineExpr expr, intptr_t dim_count) {
  MlirContext context = mlirAffineExprGetContext(expr);
  sum_t sum = {0};
  if (!add_to_sum(&sum, expr, 1) || !is_in_range(sum.constant)) return expr;
  MlirAffineExpr result = mlirAffineConstantExprGet(context, sum.constant);
  for (intptr_t d = dim_count; d-- > 0;) {
    if (!is_in_range(sum.coefficients[d])) return expr;
    MlirAffineExpr factor = mlirAffineConstantExprGet(context, sum.coefficients[d]);
    MlirAffineExpr product = mlirAffineMulExprGet(mlirAffineDimExprGet(context, d), factor);
    result = mlirAffineAddExprGet(product, result);
  }
  return result;
}

MlirAffineMap tenon_simplify_map(MlirAffineMap map, intptr_t extra_dims) {
  MlirAffineExpr results[TENON_MAX_RANK];
  intptr_t count = mlirAffineMapGetNumResults(map), dims = mlirAffineMapGetNumDims(map);
  for (intptr_t i = 0; i < count; ++i) results[i] = simplify(mlirAffineMapGetResult(map, i), dims);
  return mlirAffineMapGet(mlirAffineMapGetContext(map), dims + extra_dims, 0, count, results);
}

//===--------------------------------------------------------------------===//
// Computing
//===--------------------------------------------------------------------===//

// More than any loop, or the sum of all loops, can have iterations.
#define MAX_EXTENT ((__int128)1 << 48)
#define MAX_MAGNITUDE ((__int128)1 << 62)

// A number that |expr| is never larger than, without its sign; MAX_MAGNITUDE if it can't be computed.
static __int128 magnitude(MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr)) return MAX_EXTENT;
  if (mlirAffineExprIsAConstant(expr)) {
    __int128 value = mlirAffineConstantExprGetValue(expr);
    return value < 0 ? -value : value;
  }
  if (!mlirAffineExprIsABinary(expr)) return MAX_MAGNITUDE;
  MlirAffineExpr right_expr = mlirAffineBinaryOpExprGetRHS(expr);
  __int128 left = magnitude(mlirAffineBinaryOpExprGetLHS(expr)), right = magnitude(right_expr);
  if (left >= MAX_MAGNITUDE || right >= MAX_MAGNITUDE) return MAX_MAGNITUDE;
  if (mlirAffineExprIsAAdd(expr)) return left + right;
  if (mlirAffineExprIsAMul(expr)) {
    return right != 0 && left > MAX_MAGNITUDE / right ? MAX_MAGNITUDE : left * right;
  }
  bool positive =
      mlirAffineExprIsAConstant(right_expr) && mlirAffineConstantExprGetValue(right_expr) > 0;
  if (!positive) return MAX_MAGNITUDE;
  return mlirAffineExprIsAMod(expr) ? right : left;
}

bool tenon_is_computable(MlirAffineExpr expr) { return magnitude(expr) < MAX_MAGNITUDE; }

static MlirValue insert_select(MlirOperation before, MlirValue condition, MlirValue a,
                               MlirValue b) {
  MlirType type = mlirValueGetType(a);
  MlirValue operands[] = {condition, a, b};
  return mlirOperationGetResult(
      tenon_insert_op(before, "arith.select", 1, &type, 3, operands, 0, NULL), 0);
}

// Whether |expr| can't be negative.
static bool is_natural(MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr) || mlirAffineExprIsAMod(expr)) return true;
  if (mlirAffineExprIsAConstant(expr)) return mlirAffineConstantExprGetValue(expr) >= 0;
  return is_natural(mlirAffineBinaryOpExprGetLHS(expr)) &&
         is_natural(mlirAffineBinaryOpExprGetRHS(expr));
}

// arith.remsi has the sign of what is divided; mod has none.
static MlirValue insert_modulo(MlirOperation before, MlirValue a, MlirValue b) {
  MlirValue rest = tenon_insert_binary(before, "arith.remsi", a, b);
  MlirValue is_negative =
      tenon_insert_compare(before, TENON_SLT, rest, tenon_insert_index(before, 0));
  return insert_select(before, is_negative, tenon_insert_binary(before, "arith.addi", rest, b),
                       rest);
}

static MlirValue insert_binary_expression(MlirOperation before, MlirAffineExpr expr) {
  MlirValue left = tenon_insert_expression(before, mlirAffineBinaryOpExprGetLHS(expr));
  MlirValue right = tenon_insert_expression(before, mlirAffineBinaryOpExprGetRHS(expr));
  bool natural = is_natural(mlirAffineBinaryOpExprGetLHS(expr));
  if (mlirAffineExprIsAMod(expr)) {
    return natural ? tenon_insert_binary(before, "arith.remui", left, right)
                   : insert_modulo(before, left, right);
  }
  if (natural && mlirAffineExprIsAFloorDiv(expr))
    return tenon_insert_binary(before, "arith.divui", left, right);
  const char* name = mlirAffineExprIsAAdd(expr)        ? "arith.addi"
                     : mlirAffineExprIsAMul(expr)      ? "arith.muli"
                     : mlirAffineExprIsAFloorDiv(expr) ? "arith.floordivsi"
                                                       : "arith.ceildivsi";
  return tenon_insert_binary(before, name, left, right);
}

MlirValue tenon_insert_expression(MlirOperation before, MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr))
    return tenon_insert_loop_index(before, mlirAffineDimExprGetPosition(expr));
  if (mlirAffineExprIsAConstant(expr)) {
    return tenon_insert_index(before, mlirAffineConstantExprGetValue(expr));
  }
  return insert_binary_expression(before, expr);
}
