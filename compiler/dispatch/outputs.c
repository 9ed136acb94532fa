// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/outputs.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/pair.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

static bool is_used(MlirValue value) { return !mlirOpOperandIsNull(mlirValueGetFirstUse(value)); }

static bool is_used_once(MlirValue value) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  return !mlirOpOperandIsNull(use) && mlirOpOperandIsNull(mlirOpOperandGetNextUse(use));
}

//===--------------------------------------------------------------------===//
// Beginnings
//===--------------------------------------------------------------------===//

// A generic before |before| that makes a tensor like the splat constant |value|.
static MlirValue insert_fill(MlirOperation before, MlirValue value) {
  MlirContext context = mlirOperationGetContext(before);
  MlirLocation location = mlirOperationGetLocation(before);
  MlirType type = mlirValueGetType(value), element = mlirShapedTypeGetElementType(type);
  MlirValue number = tenon_insert_constant(
      before, element, mlirDenseElementsAttrGetSplatValue(tenon_constant_value(value)));
  tenon_value_list_t inputs = {0}, outputs = {0};
  tenon_attr_list_t maps = {0};
  MlirOperation empty = tenon_insert_op(before, "tensor.empty", 1, &type, 0, NULL, 0, NULL);
  intptr_t rank = mlirShapedTypeGetRank(type);
  TENON_APPEND(&outputs, mlirOperationGetResult(empty, 0));
  TENON_APPEND(&maps, mlirAffineMapAttrGet(mlirAffineMapMultiDimIdentityGet(context, rank)));
  MlirBlock block = mlirBlockCreate(1, &element, &location);
  mlirBlockAppendOwnedOperation(
      block, tenon_build_op("linalg.yield", location, 0, NULL, 1, &number, 0, NULL));
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, block);
  MlirOperation fill = tenon_insert_generic(before, location, &inputs, &outputs, &maps, rank, body);
  free(outputs.data);
  free(maps.data);
  return mlirOperationGetResult(fill, 0);
}

static bool is_splat(MlirValue value) {
  MlirAttribute constant = tenon_constant_value(value);
  return !mlirAttributeIsNull(constant) && mlirAttributeIsADenseElements(constant) &&
         mlirDenseElementsAttrIsSplat(constant);
}

// Whether |op| makes a tensor of one number.
static bool is_fill(MlirOperation op) {
  if (mlirOperationIsNull(op) || !tenon_is_generic(op) || mlirOperationGetNumResults(op) != 1) {
    return false;
  }
  return tenon_linalg_input_count(op) == 0 && tenon_is_plain_elementwise(op) &&
         tenon_op_is(mlirBlockGetFirstOperation(tenon_body_of(op)), "linalg.yield");
}

static void separate(MlirOperation reduction, intptr_t operand) {
  MlirValue output = mlirOperationGetOperand(reduction, operand);
  if (is_splat(output)) {
    mlirOperationSetOperand(reduction, operand, insert_fill(reduction, output));
    return;
  }
  MlirOperation op = tenon_defining_op(output);
  if (!is_fill(op) || (is_used_once(output) && mlirBlockEqual(mlirOperationGetBlock(op),
                                                              mlirOperationGetBlock(reduction)))) {
    return;
  }
  MlirOperation clone = mlirOperationClone(op);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(reduction), reduction, clone);
  mlirOperationSetOperand(reduction, operand, mlirOperationGetResult(clone, 0));
}

void tenon_separate_beginnings(MlirOperation root) {
  tenon_op_list_t generics = tenon_collect_ops(root, tenon_is_generic);
  for (size_t i = 0; i < generics.count; ++i) {
    MlirOperation op = generics.data[i];
    if (tenon_is_plain_elementwise(op)) continue;
    for (intptr_t j = tenon_linalg_input_count(op); j < mlirOperationGetNumOperands(op); ++j) {
      separate(op, j);
    }
  }
  free(generics.data);
}

//===--------------------------------------------------------------------===//
// Results
//===--------------------------------------------------------------------===//

static bool is_dropped(MlirOperation generic, intptr_t position) {
  intptr_t operand = tenon_linalg_input_count(generic) + position;
  return !is_used(mlirOperationGetResult(generic, position)) &&
         !is_used(mlirBlockGetArgument(tenon_body_of(generic), operand));
}

// The same generic, without the results that nobody uses.
static void drop_results(MlirOperation generic) {
  tenon_value_list_t inputs = {0}, outputs = {0}, yielded = {0};
  tenon_attr_list_t maps = {0};
  intptr_t input_count = tenon_linalg_input_count(generic);
  intptr_t result_count = mlirOperationGetNumResults(generic);
  MlirBlock body = tenon_body_of(generic);
  MlirOperation yield = mlirBlockGetTerminator(body);
  for (intptr_t i = 0; i < input_count + result_count; ++i) {
    if (i >= input_count && is_dropped(generic, i - input_count)) continue;
    TENON_APPEND(&maps, mlirArrayAttrGetElement(tenon_linalg_maps(generic), i));
    MlirValue operand = mlirOperationGetOperand(generic, i);
    if (i < input_count) {
      TENON_APPEND(&inputs, operand);
    } else {
      TENON_APPEND(&outputs, operand);
      TENON_APPEND(&yielded, mlirOperationGetOperand(yield, i - input_count));
    }
  }
  mlirOperationSetOperands(yield, (intptr_t)yielded.count, yielded.data);
  // The results that stay, in order.
  tenon_value_list_t kept = {0};
  for (intptr_t i = 0; i < result_count; ++i) {
    if (!is_dropped(generic, i)) TENON_APPEND(&kept, mlirOperationGetResult(generic, i));
  }
  for (intptr_t i = result_count; i-- > 0;) {
    if (is_dropped(generic, i)) mlirBlockEraseArgument(body, (unsigned)(input_count + i));
  }
  intptr_t loop_count = tenon_loop_count(generic);
  MlirRegion region = mlirRegionCreate();
  mlirRegionTakeBody(region, mlirOperationGetRegion(generic, 0));
  MlirOperation renewed = tenon_insert_generic(generic, mlirOperationGetLocation(generic), &inputs,
                                               &outputs, &maps, loop_count, region);
  MlirStringRef iterators = tenon_str("iterator_types");
  mlirOperationSetAttributeByName(renewed, iterators,
                                  mlirOperationGetAttributeByName(generic, iterators));
  for (size_t i = 0; i < kept.count; ++i) {
    mlirValueReplaceAllUsesOfWith(kept.data[i], mlirOperationGetResult(renewed, (intptr_t)i));
  }
  mlirOperationDestroy(generic);
  free(inputs.data);
  free(outputs.data);
  free(yielded.data);
  free(kept.data);
  free(maps.data);
}

void tenon_drop_unused_results(MlirOperation root) {
  tenon_op_list_t generics = tenon_collect_ops(root, tenon_is_generic);
  for (size_t i = generics.count; i-- > 0;) {
    intptr_t dropped = 0, used = 0;
    for (intptr_t j = 0; j < mlirOperationGetNumResults(generics.data[i]); ++j) {
      used += is_used(mlirOperationGetResult(generics.data[i], j));
      dropped += is_dropped(generics.data[i], j);
    }
    if (used == 0) {
      mlirOperationDestroy(generics.data[i]);
    } else if (dropped > 0) {
      drop_results(generics.data[i]);
    }
  }
  free(generics.data);
}
