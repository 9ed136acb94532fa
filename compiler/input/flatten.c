// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/flatten.h"

#include "compiler/input/body.h"

#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

static MlirValue insert_select(MlirOperation before, MlirValue condition, MlirValue a,
                               MlirValue b) {
  MlirType type = mlirValueGetType(a);
  MlirValue operands[] = {condition, a, b};
  return mlirOperationGetResult(
      tenon_insert_op(before, "arith.select", 1, &type, 3, operands, 0, NULL), 0);
}

static MlirValue insert_bit(MlirOperation before, bool value) {
  MlirType bit = mlirIntegerTypeGet(mlirOperationGetContext(before), 1);
  return tenon_insert_constant(before, bit, mlirIntegerAttrGet(bit, value));
}

static void hoist_dim(MlirOperation outer, MlirOperation op) {
  int64_t dim = 0;
  tenon_constant_int(mlirOperationGetOperand(op, 1), &dim);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0),
                                tenon_insert_dim(outer, mlirOperationGetOperand(op, 0), dim));
  mlirOperationDestroy(op);
}

//===--------------------------------------------------------------------===//
// tensor.extract that happens on a condition
//===--------------------------------------------------------------------===//

static bool has_elements(MlirType type) {
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (mlirShapedTypeIsDynamicDim(type, d) || mlirShapedTypeGetDimSize(type, d) == 0) return false;
  }
  return true;
}

// Reads the first element when the condition doesn't hold.
static void guard_indices(MlirOperation extract, MlirValue condition) {
  MlirValue zero = tenon_insert_index(extract, 0);
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(extract); ++i) {
    MlirValue index = mlirOperationGetOperand(extract, i);
    mlirOperationSetOperand(extract, i, insert_select(extract, condition, index, zero));
  }
}

// Whether all indices of |extract| lie in its tensor.
static MlirValue insert_is_inside(MlirOperation outer, MlirOperation extract) {
  MlirValue tensor = mlirOperationGetOperand(extract, 0), inside = insert_bit(extract, true);
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(extract); ++i) {
    MlirValue less = tenon_insert_compare(extract, TENON_ULT, mlirOperationGetOperand(extract, i),
                                          tenon_insert_dim(outer, tensor, i - 1));
    inside = tenon_insert_binary(extract, "arith.andi", inside, less);
  }
  return inside;
}

// An index of a tensor of two elements that is outside of it if |condition| and not |inside|: reading there fails the
// dispatch. Gives whether the read, which is of 0, did not fail: true.
static MlirValue insert_failure(MlirOperation outer, MlirOperation before, MlirValue condition,
                                MlirValue inside) {
  MlirContext context = mlirOperationGetContext(outer);
  MlirType byte = mlirIntegerTypeGet(context, 8);
  const int64_t shape[] = {2};
  const int8_t bytes[] = {0, 1};
  MlirType type = mlirRankedTensorTypeGet(1, shape, byte, mlirAttributeGetNull());
  MlirValue tensor =
      tenon_insert_constant(outer, type, mlirDenseElementsAttrInt8Get(type, 2, bytes));
  MlirValue outside = tenon_insert_binary(before, "arith.xori", inside, insert_bit(before, true));
  MlirValue fails = tenon_insert_binary(before, "arith.andi", condition, outside);
  MlirValue index =
      insert_select(before, fails, tenon_insert_index(before, 2), tenon_insert_index(before, 0));
  MlirValue operands[] = {tensor, index};
  MlirValue zero = mlirOperationGetResult(
      tenon_insert_op(before, "tensor.extract", 1, &byte, 2, operands, 0, NULL), 0);
  return tenon_insert_compare(before, TENON_EQ, zero,
                              tenon_insert_constant(before, byte, mlirIntegerAttrGet(byte, 0)));
}

// A tensor that may have no element at all has none to read instead.
static void guard_read(MlirOperation outer, MlirOperation extract, MlirValue condition) {
  MlirValue result = mlirOperationGetResult(extract, 0);
  MlirType type = mlirValueGetType(result);
  MlirValue zero = tenon_insert_zero(extract, type);
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, zero);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(extract); ++i) {
    TENON_APPEND(&operands, mlirOperationGetOperand(extract, i));
  }
  MlirValue read =
      mlirOperationGetResult(tenon_insert_op(extract, "tenon.read", 1, &type,
                                             (intptr_t)operands.count, operands.data, 0, NULL),
                             0);
  MlirValue good = insert_failure(outer, extract, condition, insert_is_inside(outer, extract));
  mlirValueReplaceAllUsesOfWith(result, insert_select(extract, good, read, zero));
  mlirOperationDestroy(extract);
  free(operands.data);
}

static void guard_extract(MlirOperation outer, MlirOperation extract, MlirValue condition) {
  if (has_elements(mlirValueGetType(mlirOperationGetOperand(extract, 0)))) {
    guard_indices(extract, condition);
  } else {
    guard_read(outer, extract, condition);
  }
}

//===--------------------------------------------------------------------===//
// scf.if
//===--------------------------------------------------------------------===//

static void flatten_if(MlirOperation outer, MlirOperation op, MlirValue condition);

// |condition|: when the operations of |block| are meant to run; null if always.
static void flatten_block(MlirOperation outer, MlirBlock block, MlirValue condition) {
  MlirOperation op = mlirBlockGetFirstOperation(block);
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (tenon_op_is(op, "scf.if")) {
      flatten_if(outer, op, condition);
    } else if (tenon_op_is(op, "tensor.dim")) {
      hoist_dim(outer, op);
    } else if (tenon_op_is(op, "tensor.extract") && !mlirValueIsNull(condition)) {
      guard_extract(outer, op, condition);
    }
    op = next;
  }
}

// Moves the operations of a region of |op| before it, but for the yield, which stays.
static void move_region(MlirOperation outer, MlirOperation op, intptr_t number,
                        MlirValue condition) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, number));
  flatten_block(outer, block, condition);
  MlirOperation yield = mlirBlockGetTerminator(block);
  MlirOperation first = mlirBlockGetFirstOperation(block);
  while (!mlirOperationEqual(first, yield)) {
    MlirOperation next = mlirOperationGetNextInBlock(first);
    mlirOperationMoveBefore(first, op);
    first = next;
  }
}

static MlirValue yielded(MlirOperation op, intptr_t region, intptr_t result) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, region));
  return mlirOperationGetOperand(mlirBlockGetTerminator(block), result);
}

static bool has_else(MlirOperation op) {
  return !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 1)));
}

static void flatten_if(MlirOperation outer, MlirOperation op, MlirValue condition) {
  MlirValue taken = mlirOperationGetOperand(op, 0);
  MlirValue skipped = tenon_insert_binary(op, "arith.xori", taken, insert_bit(op, true));
  MlirValue conditions[] = {taken, skipped};
  for (int i = 0; i < 2 && !mlirValueIsNull(condition); ++i) {
    conditions[i] = tenon_insert_binary(op, "arith.andi", condition, conditions[i]);
  }
  move_region(outer, op, 0, conditions[0]);
  if (has_else(op)) move_region(outer, op, 1, conditions[1]);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i),
                                  insert_select(op, taken, yielded(op, 0, i), yielded(op, 1, i)));
  }
  mlirOperationDestroy(op);
}

void tenon_flatten_body(MlirOperation op, MlirBlock body) {
  flatten_block(op, body, (MlirValue){NULL});
}

void tenon_flatten_guarded(MlirOperation op, MlirBlock body, MlirValue condition) {
  flatten_block(op, body, condition);
}
