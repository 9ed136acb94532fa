// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/generic.h"

#include <stdlib.h>

#include "compiler/support/mlir_util.h"
#include "mlir-c/Dialect/Linalg.h"

bool tenon_is_generic(MlirOperation op) { return tenon_op_is(op, "linalg.generic"); }

MlirAttribute tenon_linalg_maps(MlirOperation op) { return mlirLinalgGetIndexingMapsAttribute(op); }

MlirAffineMap tenon_linalg_map(MlirAttribute maps, intptr_t operand) {
  return mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, operand));
}

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

MlirOperation tenon_insert_generic(MlirOperation before, MlirLocation location,
                                   const tenon_value_list_t* inputs,
                                   const tenon_value_list_t* outputs, const tenon_attr_list_t* maps,
                                   intptr_t loop_count, MlirRegion body) {
  MlirContext context = mlirOperationGetContext(before);
  MlirAttribute parallel =
      mlirAttributeParseGet(context, tenon_str("#linalg.iterator_type<parallel>"));
  tenon_attr_list_t iterators = {0};
  for (intptr_t i = 0; i < loop_count; ++i) TENON_APPEND(&iterators, parallel);
  const int32_t segments[] = {(int32_t)inputs->count, (int32_t)outputs->count};
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "indexing_maps",
                 mlirArrayAttrGet(context, (intptr_t)maps->count, maps->data)),
      tenon_attr(context, "iterator_types",
                 mlirArrayAttrGet(context, (intptr_t)iterators.count, iterators.data)),
      tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 2, segments)),
  };
  MlirOperationState state = mlirOperationStateGet(tenon_str("linalg.generic"), location);
  mlirOperationStateAddOperands(&state, (intptr_t)inputs->count, inputs->data);
  mlirOperationStateAddOperands(&state, (intptr_t)outputs->count, outputs->data);
  for (size_t i = 0; i < outputs->count; ++i) {
    MlirType type = mlirValueGetType(outputs->data[i]);
    mlirOperationStateAddResults(&state, 1, &type);
  }
  mlirOperationStateAddAttributes(&state, 3, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &body);
  MlirOperation op = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(before), before, op);
  free(iterators.data);
  return op;
}

//===--------------------------------------------------------------------===//
// The plain form
//===--------------------------------------------------------------------===//

static bool is_used(MlirValue value) { return !mlirOpOperandIsNull(mlirValueGetFirstUse(value)); }

static bool is_empty(MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return !mlirOperationIsNull(op) && tenon_op_is(op, "tensor.empty");
}

static bool is_splat(MlirValue value) {
  MlirAttribute constant = tenon_constant_value(value);
  return !mlirAttributeIsNull(constant) && mlirAttributeIsADenseElements(constant) &&
         mlirDenseElementsAttrIsSplat(constant);
}

// The number that every element of |value|, a scalar or a splat constant, is.
static MlirValue element_of(MlirOperation before, MlirValue value) {
  if (!tenon_value_is_tensor(value)) return value;
  return tenon_insert_constant(before, mlirShapedTypeGetElementType(mlirValueGetType(value)),
                               mlirDenseElementsAttrGetSplatValue(tenon_constant_value(value)));
}

static bool is_plain(MlirOperation op, MlirBlock block) {
  intptr_t input_count = tenon_linalg_input_count(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (i < input_count ? !tenon_value_is_tensor(operand) || is_splat(operand)
                        : !is_empty(operand) || is_used(mlirBlockGetArgument(block, i))) {
      return false;
    }
  }
  return true;
}

// Appends an argument to |block| that stands for its argument |old| from now on.
static void renew_argument(MlirBlock block, intptr_t old) {
  MlirValue argument = mlirBlockGetArgument(block, old);
  MlirValue renewed =
      mlirBlockAddArgument(block, mlirValueGetType(argument), mlirValueGetLocation(argument));
  mlirValueReplaceAllUsesOfWith(argument, renewed);
}

static void normalize_generic(MlirOperation op) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  if (is_plain(op, block)) return;
  MlirAttribute maps = tenon_linalg_maps(op);
  intptr_t operand_count = mlirOperationGetNumOperands(op);
  intptr_t input_count = tenon_linalg_input_count(op);
  tenon_value_list_t inputs = {0}, outputs = {0};
  tenon_attr_list_t new_maps = {0};
  // Inputs first, then outputs that are read as well: both get a new block argument.
  for (intptr_t i = 0; i < operand_count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    MlirValue argument = mlirBlockGetArgument(block, i);
    if (i >= input_count && !is_used(argument)) continue;
    if (!tenon_value_is_tensor(operand) || is_splat(operand)) {
      mlirValueReplaceAllUsesOfWith(argument, element_of(op, operand));
      continue;
    }
    renew_argument(block, i);
    TENON_APPEND(&inputs, operand);
    TENON_APPEND(&new_maps, mlirArrayAttrGetElement(maps, i));
  }
  for (intptr_t i = input_count; i < operand_count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    renew_argument(block, i);
    TENON_APPEND(&outputs, is_empty(operand)
                               ? operand
                               : tenon_insert_empty_like(op, mlirValueGetType(operand), operand));
    TENON_APPEND(&new_maps, mlirArrayAttrGetElement(maps, i));
  }
  for (intptr_t i = 0; i < operand_count; ++i) mlirBlockEraseArgument(block, 0);
  MlirRegion body = mlirRegionCreate();
  mlirRegionTakeBody(body, mlirOperationGetRegion(op, 0));
  intptr_t loop_count = mlirAffineMapGetNumDims(tenon_linalg_map(maps, 0));
  MlirOperation plain = tenon_insert_generic(op, mlirOperationGetLocation(op), &inputs, &outputs,
                                             &new_maps, loop_count, body);
  tenon_replace_op(op, plain, 0);
  free(inputs.data);
  free(outputs.data);
  free(new_maps.data);
}

void tenon_normalize_generics(MlirOperation root) {
  tenon_op_list_t generics = tenon_collect_ops(root, tenon_is_generic);
  for (size_t i = 0; i < generics.count; ++i) normalize_generic(generics.data[i]);
  free(generics.data);
}
