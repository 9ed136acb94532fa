// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/tensor_ops.h"

#include <stdlib.h>

#include "compiler/input/elements.h"
#include "compiler/input/gathers.h"
#include "compiler/input/ir.h"
#include "compiler/input/reshapes.h"
#include "compiler/input/slices.h"
#include "compiler/input/tensor_checks.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

// NULL for what stays, or is replaced elsewhere.
static const struct {
  const char* name;
  void (*lower)(MlirOperation op);
} ops[] = {
    {"tensor.bitcast", tenon_lower_bitcast},
    {"tensor.cast", NULL},
    {"tensor.collapse_shape", tenon_lower_collapse_shape},
    {"tensor.concat", tenon_lower_concat},
    {"tensor.dim", NULL},
    {"tensor.empty", NULL},
    {"tensor.expand_shape", tenon_lower_expand_shape},
    {"tensor.extract", NULL},
    {"tensor.extract_slice", tenon_lower_extract_slice},
    {"tensor.from_elements", NULL},
    {"tensor.gather", tenon_lower_gather},
    {"tensor.generate", tenon_lower_generate},
    {"tensor.insert", tenon_lower_insert},
    {"tensor.insert_slice", tenon_lower_insert_slice},
    {"tensor.pad", tenon_lower_pad},
    {"tensor.parallel_insert_slice", NULL},
    {"tensor.rank", tenon_lower_rank},
    {"tensor.reshape", tenon_lower_reshape},
    {"tensor.scatter", tenon_lower_scatter},
    {"tensor.splat", NULL},
    {"tensor.yield", NULL},
};

static int find_op(MlirOperation op) {
  int position = (int)(sizeof(ops) / sizeof(ops[0]));
  while (position-- > 0) {
    if (tenon_op_is(op, ops[position].name)) break;
  }
  return position;
}

// The constants in the array |attribute|, if there is one, are |least| or more.
static bool check_constants(MlirOperation op, const char* attribute, const char* what,
                            int64_t least) {
  MlirAttribute numbers = mlirOperationGetAttributeByName(op, tenon_str(attribute));
  if (mlirAttributeIsNull(numbers)) return true;
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(numbers); ++i) {
    int64_t number = mlirDenseI64ArrayGetElement(numbers, i);
    if (number >= least || number == INT64_MIN) continue;
    tenon_error(op, "'%.*s': %s %d is %lld, expected %lld or more", STR(tenon_op_name(op)), what,
                (int)i, (long long)number, (long long)least);
    return false;
  }
  return true;
}

static intptr_t rank_of(MlirValue tensor) {
  return mlirShapedTypeGetRank(mlirValueGetType(tensor));
}

// The arrays of numbers that may be operands.
static bool check_arrays(MlirOperation op) {
  static const char* const parts[] = {"static_offsets", "static_sizes", "static_strides"};
  if (tenon_op_is(op, "tensor.pad")) {
    intptr_t rank = rank_of(mlirOperationGetOperand(op, 0));
    return tenon_check_mixed(op, "static_low", rank, tenon_segment_size(op, 1)) &&
           tenon_check_mixed(op, "static_high", rank, tenon_segment_size(op, 2));
  }
  if (tenon_op_is(op, "tensor.expand_shape")) {
    return tenon_check_mixed(op, "static_output_shape", rank_of(mlirOperationGetResult(op, 0)),
                             mlirOperationGetNumOperands(op) - 1);
  }
  bool is_extract = tenon_op_is(op, "tensor.extract_slice");
  if (!is_extract && !tenon_op_is(op, "tensor.insert_slice") &&
      !tenon_op_is(op, "tensor.parallel_insert_slice")) {
    return true;
  }
  intptr_t rank = rank_of(mlirOperationGetOperand(op, is_extract ? 0 : 1));
  for (intptr_t i = 0; i < 3; ++i) {
    if (!tenon_check_mixed(op, parts[i], rank, tenon_segment_size(op, i + (is_extract ? 1 : 2)))) {
      return false;
    }
  }
  return true;
}

bool tenon_check_tensor_op(MlirOperation op) {
  if (find_op(op) < 0) {
    tenon_error(op, "'%.*s' is not supported", STR(tenon_op_name(op)));
    return false;
  }
  return check_arrays(op) && check_constants(op, "static_strides", "stride", 1) &&
         check_constants(op, "static_low", "low padding", 0) &&
         check_constants(op, "static_high", "high padding", 0);
}

bool tenon_is_tensor_body(MlirOperation op) {
  return tenon_op_is(op, "tensor.generate") || tenon_op_is(op, "tensor.pad");
}

// The sizes of a new tensor.
static void check_sizes(MlirOperation op, intptr_t first_operand) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
    tenon_check_least(op, "size", d, mlirOperationGetOperand(op, first_operand++), 0);
  }
}

bool tenon_lower_tensor_op(MlirOperation op) {
  if (tenon_op_is(op, "tensor.empty")) check_sizes(op, 0);
  if (tenon_op_is(op, "tensor.splat")) check_sizes(op, 1);
  int position = find_op(op);
  if (position < 0 || !ops[position].lower) return false;
  ops[position].lower(op);
  return true;
}

static bool is_from_elements(MlirOperation op) { return tenon_op_is(op, "tensor.from_elements"); }

void tenon_lower_elements(MlirOperation module) {
  tenon_op_list_t list = tenon_collect_ops(module, is_from_elements);
  for (size_t i = 0; i < list.count; ++i) tenon_lower_from_elements(list.data[i]);
  free(list.data);
}
