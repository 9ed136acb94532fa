// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operations that only move tensors about, and the list of all that are left in the host program.

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/globals.h"

//===----------------------------------------------------------------------===//
// Tensors that move
//===----------------------------------------------------------------------===//

static bool is_constant_index(MlirValue value, int64_t* out_constant) {
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!tenon_op_is(op, "arith.constant")) return false;
  *out_constant =
      mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("value")));
  return true;
}

static MlirValue choose(tenon_builder_t* builder, MlirValue condition, MlirValue a, MlirValue b) {
  MlirType type = mlirValueGetType(a);
  const MlirValue operands[] = {condition, a, b};
  MlirOperation op = tenon_append(builder, "arith.select", 1, &type, 3, operands, 0, NULL);
  return mlirOperationGetResult(op, 0);
}

static MlirLogicalResult convert_dim(tenon_converter_t* converter, MlirOperation op) {
  const tenon_tensor_t* tensor = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 0));
  int64_t index = -1;
  if (!is_constant_index(mlirOperationGetOperand(op, 1), &index) || index < 0 ||
      index >= mlirShapedTypeGetRank(tensor->type)) {
    return tenon_error(op,
                       "internal error: tensor.dim of something else than a dimension's number");
  }
  tenon_map_scalar(converter, mlirOperationGetResult(op, 0),
                   tenon_tensor_dim(&converter->builder, tensor, (intptr_t)index));
  return mlirLogicalResultSuccess();
}

// The same storage with other dims known statically; what must agree was checked before.
static MlirLogicalResult convert_cast(tenon_converter_t* converter, MlirOperation op) {
  const tenon_tensor_t* source = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 0));
  MlirValue result = mlirOperationGetResult(op, 0);
  tenon_tensor_t* tensor = tenon_new_tensor(&converter->builder, mlirValueGetType(result));
  intptr_t next = 0;
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(tensor->type); ++i) {
    if (!mlirShapedTypeIsDynamicDim(tensor->type, i)) continue;
    tensor->dims[next++] = tenon_tensor_dim(&converter->builder, source, i);
  }
  tensor->buffer = source->buffer;
  tensor->point = source->point;
  tenon_map_tensor(converter, result, tensor);
  return mlirLogicalResultSuccess();
}

// The same storage, too, where the elements have other indices.
static MlirLogicalResult convert_reshape(tenon_converter_t* converter, MlirOperation op) {
  const tenon_tensor_t* source = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 0));
  MlirValue result = mlirOperationGetResult(op, 0);
  tenon_tensor_t* tensor = tenon_new_tensor(&converter->builder, mlirValueGetType(result));
  if (mlirOperationGetNumOperands(op) - 1 != tensor->dim_count) {
    return tenon_error(op, "tenon.reshape needs %d dynamic dimensions but has %d",
                       (int)tensor->dim_count, (int)mlirOperationGetNumOperands(op) - 1);
  }
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    tensor->dims[i] = tenon_converted_scalar(converter, mlirOperationGetOperand(op, i + 1));
  }
  tensor->buffer = source->buffer;
  tensor->point = source->point;
  tenon_map_tensor(converter, result, tensor);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult convert_empty(tenon_converter_t* converter, MlirOperation op) {
  MlirValue result = mlirOperationGetResult(op, 0);
  tenon_value_list_t dims = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    TENON_APPEND(&dims, tenon_converted_scalar(converter, mlirOperationGetOperand(op, i)));
  }
  tenon_map_tensor(converter, result,
                   tenon_build_alloc(&converter->builder, mlirValueGetType(result), dims.data));
  free(dims.data);
  return mlirLogicalResultSuccess();
}

// The dims of the chosen tensor are chosen; the point is reached when both are there.
static MlirLogicalResult convert_select(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  if (tenon_is_tensor(mlirValueGetType(mlirOperationGetOperand(op, 0)))) {
    return tenon_error(op, "a selection by a tensor of conditions was left in the host program");
  }
  MlirValue condition = tenon_converted_scalar(converter, mlirOperationGetOperand(op, 0));
  const tenon_tensor_t* a = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 1));
  const tenon_tensor_t* b = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 2));
  tenon_tensor_t* tensor = tenon_new_tensor(builder, a->type);
  tensor->buffer = choose(builder, condition, a->buffer, b->buffer);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    tensor->dims[i] = choose(builder, condition, a->dims[i], b->dims[i]);
  }
  const MlirValue points[] = {a->point, b->point};
  tensor->point = tenon_build_join(builder, points, 2);
  tenon_map_tensor(converter, mlirOperationGetResult(op, 0), tensor);
  return mlirLogicalResultSuccess();
}

static MlirValue combine(tenon_builder_t* builder, const char* name, MlirValue a, MlirValue b) {
  const MlirValue operands[] = {a, b};
  return mlirOperationGetResult(
      tenon_append(builder, name, 1, &builder->schedule->index_type, 2, operands, 0, NULL), 0);
}

// The host reads an element; the indices were checked before.
static MlirLogicalResult convert_extract(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  const tenon_tensor_t* tensor = tenon_converted_tensor(converter, mlirOperationGetOperand(op, 0));
  MlirValue number = {NULL};
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(tensor->type); ++i) {
    MlirValue index = tenon_converted_scalar(converter, mlirOperationGetOperand(op, i + 1));
    if (i > 0) {
      number = combine(builder, "arith.muli", number, tenon_tensor_dim(builder, tensor, i));
      number = combine(builder, "arith.addi", number, index);
    } else {
      number = index;
    }
  }
  if (mlirValueIsNull(number)) number = tenon_build_index(builder, 0);
  tenon_build_wait(builder, &tensor->point, 1);
  tenon_map_scalar(converter, mlirOperationGetResult(op, 0),
                   tenon_build_load(builder, tensor, number));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult convert_constant(tenon_converter_t* converter, MlirOperation op) {
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  tenon_map_tensor(converter, result,
                   tenon_build_constant(&converter->builder, mlirValueGetType(result), value));
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

static const struct {
  const char* name;
  MlirLogicalResult (*convert)(tenon_converter_t* converter, MlirOperation op);
} tensor_operations[] = {
    {"arith.constant", convert_constant},
    {"arith.select", convert_select},
    {"tensor.cast", convert_cast},
    {"tensor.dim", convert_dim},
    {"tensor.empty", convert_empty},
    {"tensor.extract", convert_extract},
    {"tenon.dispatch", tenon_convert_dispatch},
    {"util.optimization_barrier", convert_cast},
    {"tenon.reshape", convert_reshape},
    {"util.global.load", tenon_convert_global_load},
    {"util.global.store", tenon_convert_global_store},
};

MlirLogicalResult tenon_convert_tensor_op(tenon_converter_t* converter, MlirOperation op) {
  for (size_t i = 0; i < sizeof(tensor_operations) / sizeof(tensor_operations[0]); ++i) {
    if (tenon_op_is(op, tensor_operations[i].name)) {
      return tensor_operations[i].convert(converter, op);
    }
  }
  MlirStringRef name = tenon_op_name(op);
  return tenon_error(op, "'%.*s' on tensors is not supported outside of a dispatch",
                     (int)name.length, name.data);
}
