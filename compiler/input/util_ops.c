// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/util_ops.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

// What iree_vm_buffer_t promises of its data.
#define MAX_ALIGNMENT 16

// Bytes of a number in a buffer.
static int64_t size_of(MlirType type) {
  if (mlirTypeIsAIndex(type) || mlirTypeIsAF64(type)) return 8;
  if (mlirTypeIsAF32(type)) return 4;
  return (mlirIntegerTypeGetWidth(type) + 7) / 8;
}

// The length that a load or store may state beside its type; null when it does not.
static MlirValue stated_length(MlirOperation op, MlirType* out_type) {
  MlirValue none = {NULL};
  bool is_load = tenon_op_is(op, "util.buffer.load");
  if (!is_load && !tenon_op_is(op, "util.buffer.store")) return none;
  intptr_t position = is_load ? 3 : 4;
  if (mlirOperationGetNumOperands(op) <= position) return none;
  *out_type =
      mlirValueGetType(is_load ? mlirOperationGetResult(op, 0) : mlirOperationGetOperand(op, 0));
  return mlirOperationGetOperand(op, position);
}

static bool check_length(MlirOperation op) {
  MlirType type;
  MlirValue length = stated_length(op, &type);
  int64_t stated = 0;
  if (mlirValueIsNull(length) || !tenon_constant_int(length, &stated) || stated == size_of(type)) {
    return true;
  }
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s': the length is %lld, expected %lld, the size of the value",
              (int)name.length, name.data, (long long)stated, (long long)size_of(type));
  return false;
}

static bool check_alignment(MlirOperation op) {
  MlirAttribute alignment = mlirOperationGetAttributeByName(op, tenon_str("alignment"));
  if (mlirAttributeIsNull(alignment)) return true;
  int64_t value = mlirIntegerAttrGetValueInt(alignment);
  if (value > 0 && value <= MAX_ALIGNMENT && (value & (value - 1)) == 0) return true;
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s': an alignment of %lld is not supported, expected 1, 2, 4, 8 or %d",
              (int)name.length, name.data, (long long)value, MAX_ALIGNMENT);
  return false;
}

static bool check_constant(MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  if (mlirAttributeIsAString(value)) return check_alignment(op);
  if (mlirAttributeIsADenseElements(value)) {
    MlirType type = mlirShapedTypeGetElementType(mlirAttributeGetType(value));
    if (tenon_is_number(type)) return check_alignment(op);
  }
  tenon_error(
      op,
      "'util.buffer.constant': expected a string, or dense elements of i1, i4, i8, i16, i32, "
      "i64, index, f16, bf16, f32 or f64");
  return false;
}

bool tenon_check_util_op(MlirOperation op) {
  if (tenon_op_is(op, "util.buffer.alloc")) return check_alignment(op);
  if (tenon_op_is(op, "util.buffer.constant")) return check_constant(op);
  return check_length(op);
}

bool tenon_check_unreachable(MlirOperation op) {
  MlirAttribute message = mlirOperationGetAttributeByName(op, tenon_str("message"));
  bool has_text = mlirAttributeIsNull(message) || mlirAttributeIsAString(message);
  bool is_last = mlirOperationIsNull(mlirOperationGetNextInBlock(op));
  MlirOperation parent = mlirOperationGetParentOperation(op);
  bool is_inside = !mlirOperationIsNull(mlirOperationGetParentOperation(parent));
  if (has_text && is_last && is_inside && mlirOperationGetNumOperands(op) == 0 &&
      mlirOperationGetNumResults(op) == 0 && mlirOperationGetNumSuccessors(op) == 0 &&
      mlirOperationGetNumRegions(op) == 0) {
    return true;
  }
  tenon_error(op,
              "'util.unreachable': expected it to end a block of a function, without operands, "
              "results or successors, and its message to be a string");
  return false;
}

static void insert_length_check(MlirOperation op) {
  MlirType type;
  MlirValue length = stated_length(op, &type);
  int64_t stated = 0;
  if (mlirValueIsNull(length) || tenon_constant_int(length, &stated)) return;
  MlirStringRef name = tenon_op_name(op);
  char message[120];
  snprintf(message, sizeof(message), "%.*s: the length is {0}, expected {1}, the size of the value",
           (int)name.length, name.data);
  tenon_insert_check(op, "tenon.check_eq", length, tenon_insert_index(op, size_of(type)), message);
}

// One for each operand.
static void lower_barrier(MlirOperation op) {
  intptr_t count = mlirOperationGetNumOperands(op);
  if (count == 1) return;
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    MlirType type = mlirValueGetType(operand);
    MlirOperation single =
        tenon_insert_op(op, "util.optimization_barrier", 1, &type, 1, &operand, 0, NULL);
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i), mlirOperationGetResult(single, 0));
  }
  mlirOperationDestroy(op);
}

static void lower_unfoldable_constant(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirValue constant =
      tenon_insert_constant(op, type, mlirOperationGetAttributeByName(op, tenon_str("value")));
  tenon_replace_op(
      op, tenon_insert_op(op, "util.optimization_barrier", 1, &type, 1, &constant, 0, NULL), 0);
}

void tenon_lower_util_op(MlirOperation op) {
  if (tenon_op_is(op, "util.optimization_barrier")) {
    lower_barrier(op);
  } else if (tenon_op_is(op, "util.unfoldable_constant")) {
    lower_unfoldable_constant(op);
  } else if (tenon_op_is(op, "util.buffer.dealloc")) {
    mlirOperationDestroy(op);  // the last reference does it
  } else {
    insert_length_check(op);
  }
}
