// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/total.h"

#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

// Operations that are looked through for one index.
#define MAX_DEPTH 6

// What an index may be, both ends included.
typedef struct range_t {
  bool is_known;
  int64_t low, high;
} range_t;

static const range_t unknown = {0};

// From 0 to below |count|.
static range_t range_of_count(int64_t count) { return (range_t){true, 0, count - 1}; }

static range_t range_of_extent(MlirOperation update, intptr_t position) {
  int64_t extent = 0;
  bool is_known = tenon_constant_int(mlirOperationGetOperand(update, 1 + position), &extent);
  return is_known ? range_of_count(extent) : unknown;
}

// A loop runs over a dimension of an operand that it alone indexes.
static range_t range_of_loop(MlirOperation generic, intptr_t loop) {
  MlirAttribute maps = tenon_linalg_maps(generic);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    MlirAffineMap map = tenon_linalg_map(maps, i);
    MlirType type = mlirValueGetType(mlirOperationGetOperand(generic, i));
    for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
      if (tenon_single_loop(mlirAffineMapGetResult(map, d)) == loop) {
        return range_of_count(mlirShapedTypeGetDimSize(type, d));
      }
    }
  }
  return unknown;
}

static range_t range_of_sum(range_t a, range_t b) {
  range_t sum = {a.is_known && b.is_known, 0, 0};
  if (__builtin_add_overflow(a.low, b.low, &sum.low) ||
      __builtin_add_overflow(a.high, b.high, &sum.high)) {
    return unknown;
  }
  return sum;
}

static range_t range_of_difference(range_t a, range_t b) {
  range_t difference = {a.is_known && b.is_known, 0, 0};
  if (__builtin_sub_overflow(a.low, b.high, &difference.low) ||
      __builtin_sub_overflow(a.high, b.low, &difference.high)) {
    return unknown;
  }
  return difference;
}

// Of what isn't negative.
static range_t range_of_product(range_t a, range_t b) {
  range_t product = {a.is_known && b.is_known && a.low >= 0 && b.low >= 0, 0, 0};
  if (__builtin_mul_overflow(a.low, b.low, &product.low) ||
      __builtin_mul_overflow(a.high, b.high, &product.high)) {
    return unknown;
  }
  return product;
}

// |index| in the body of |op|.
static range_t range_of(MlirOperation op, MlirValue index, int depth) {
  int64_t number = 0;
  if (tenon_constant_int(index, &number)) return (range_t){true, number, number};
  if (mlirValueIsABlockArgument(index)) {
    return tenon_is_update(op) ? range_of_extent(op, mlirBlockArgumentGetArgNumber(index))
                               : unknown;
  }
  MlirOperation maker = tenon_defining_op(index);
  if (tenon_op_is(maker, "linalg.index")) {
    MlirAttribute loop = mlirOperationGetAttributeByName(maker, tenon_str("dim"));
    return range_of_loop(op, (intptr_t)mlirIntegerAttrGetValueInt(loop));
  }
  bool is_sum = tenon_op_is(maker, "arith.addi"), is_product = tenon_op_is(maker, "arith.muli");
  if (depth == 0 || (!is_sum && !is_product && !tenon_op_is(maker, "arith.subi"))) return unknown;
  range_t a = range_of(op, mlirOperationGetOperand(maker, 0), depth - 1);
  range_t b = range_of(op, mlirOperationGetOperand(maker, 1), depth - 1);
  return is_sum       ? range_of_sum(a, b)
         : is_product ? range_of_product(a, b)
                      : range_of_difference(a, b);
}

// Whether the operands of |user| from the second on are indices inside of |tensor|.
static bool are_inside(MlirOperation op, MlirOperation user, MlirValue tensor) {
  MlirType type = mlirValueGetType(tensor);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    range_t range = range_of(op, mlirOperationGetOperand(user, 1 + d), MAX_DEPTH);
    bool is_inside =
        range.is_known && range.low >= 0 && range.high < mlirShapedTypeGetDimSize(type, d);
    if (!is_inside) return false;
  }
  return true;
}

bool tenon_cannot_fail(MlirOperation op) {
  MlirOperation inner = mlirBlockGetFirstOperation(tenon_body_of(op));
  for (; !mlirOperationIsNull(inner); inner = mlirOperationGetNextInBlock(inner)) {
    if (tenon_op_is(inner, "tensor.extract") &&
        !are_inside(op, inner, mlirOperationGetOperand(inner, 0))) {
      return false;
    }
    if (tenon_op_is(inner, "tenon.yield") &&
        !are_inside(op, inner, mlirOperationGetOperand(op, 0))) {
      return false;
    }
  }
  return true;
}
