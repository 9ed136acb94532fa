// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/to_linalg.h"

#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

// A generic in the making: all maps are the identity.
typedef struct builder_t {
  MlirOperation op;  // what it replaces
  intptr_t rank;
  tenon_value_list_t inputs, outputs;
  MlirBlock block;
} builder_t;

static builder_t builder_begin(MlirOperation op) {
  intptr_t rank = mlirShapedTypeGetRank(mlirValueGetType(mlirOperationGetResult(op, 0)));
  return (builder_t){.op = op, .rank = rank, .block = mlirBlockCreate(0, NULL, NULL)};
}

static MlirValue add_element_argument(builder_t* builder, MlirValue tensor) {
  return mlirBlockAddArgument(builder->block,
                              mlirShapedTypeGetElementType(mlirValueGetType(tensor)),
                              mlirOperationGetLocation(builder->op));
}

// The element of |operand| in the body: a block argument (one for each different tensor), or a
// value from outside.
static MlirValue add_input(builder_t* builder, MlirValue operand) {
  if (!tenon_value_is_tensor(operand)) return operand;
  MlirAttribute constant = tenon_constant_value(operand);
  if (!mlirAttributeIsNull(constant) && mlirDenseElementsAttrIsSplat(constant)) {
    MlirType type = mlirShapedTypeGetElementType(mlirValueGetType(operand));
    return tenon_insert_constant(builder->op, type, mlirDenseElementsAttrGetSplatValue(constant));
  }
  intptr_t known = tenon_value_list_find(&builder->inputs, operand);
  if (known >= 0) return mlirBlockGetArgument(builder->block, known);
  TENON_APPEND(&builder->inputs, operand);
  return add_element_argument(builder, operand);
}

// Ends the body with a yield of |yielded| and replaces the operation.
static void builder_finish(builder_t* builder, intptr_t yield_count, const MlirValue* yielded) {
  MlirOperation op = builder->op;
  MlirContext context = mlirOperationGetContext(op);
  for (size_t i = 0; i < builder->outputs.count; ++i) {
    add_element_argument(builder, builder->outputs.data[i]);
  }
  mlirBlockAppendOwnedOperation(
      builder->block, tenon_build_op("linalg.yield", mlirOperationGetLocation(op), 0, NULL,
                                     yield_count, yielded, 0, NULL));
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, builder->block);
  tenon_attr_list_t maps = {0};
  for (size_t i = 0; i < builder->inputs.count + builder->outputs.count; ++i) {
    TENON_APPEND(&maps,
                 mlirAffineMapAttrGet(mlirAffineMapMultiDimIdentityGet(context, builder->rank)));
  }
  MlirOperation generic = tenon_insert_generic(op, mlirOperationGetLocation(op), &builder->inputs,
                                               &builder->outputs, &maps, builder->rank, body);
  tenon_replace_op(op, generic, 0);
  free(maps.data);
  free(builder->inputs.data);
  free(builder->outputs.data);
}

static void convert_elementwise(MlirOperation op) {
  builder_t builder = builder_begin(op);
  // The same operation on elements.
  MlirOperation scalar = mlirOperationClone(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    mlirOperationSetOperand(scalar, i, add_input(&builder, mlirOperationGetOperand(op, i)));
  }
  tenon_value_list_t yielded = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetResult(op, i));
    TENON_APPEND(&builder.outputs,
                 tenon_insert_empty_like(op, type, mlirOperationGetOperand(op, 0)));
    MlirValue result = mlirOperationGetResult(scalar, i);
    mlirValueSetType(result, mlirShapedTypeGetElementType(type));
    TENON_APPEND(&yielded, result);
  }
  mlirBlockAppendOwnedOperation(builder.block, scalar);
  builder_finish(&builder, (intptr_t)yielded.count, yielded.data);
  free(yielded.data);
}

// tensor.splat %number[%dims...]
static void convert_splat(MlirOperation op) {
  builder_t builder = builder_begin(op);
  tenon_value_list_t dims = {0};
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); ++i) {
    TENON_APPEND(&dims, mlirOperationGetOperand(op, i));
  }
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirOperation empty =
      tenon_insert_op(op, "tensor.empty", 1, &type, (intptr_t)dims.count, dims.data, 0, NULL);
  TENON_APPEND(&builder.outputs, mlirOperationGetResult(empty, 0));
  MlirValue number = mlirOperationGetOperand(op, 0);
  builder_finish(&builder, 1, &number);
  free(dims.data);
}

void tenon_convert_to_linalg(MlirOperation op) {
  if (tenon_op_is(op, "tensor.splat")) {
    convert_splat(op);
  } else if (tenon_is_elementwise(op)) {
    convert_elementwise(op);
  }
}
