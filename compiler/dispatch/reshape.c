// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/reshape.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/pair.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

// Whether each iteration does the same to the elements at its own place.
static bool is_same_everywhere(MlirOperation generic) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    if (!mlirAffineMapIsIdentity(tenon_linalg_map(tenon_linalg_maps(generic), i))) return false;
  }
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "linalg.index")) return false;
  }
  return true;
}

static bool can_sink(MlirOperation generic, MlirOperation reshape) {
  if (mlirOperationIsNull(generic) || !tenon_is_generic(generic) ||
      mlirOperationGetNumResults(generic) != 1 || !tenon_is_plain_elementwise(generic) ||
      !mlirBlockEqual(mlirOperationGetBlock(generic), mlirOperationGetBlock(reshape))) {
    return false;
  }
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(generic, 0));
  return mlirOpOperandIsNull(mlirOpOperandGetNextUse(use)) && is_same_everywhere(generic);
}

// |tensor| in the shape that |reshape| makes.
static MlirValue reshape_like(MlirOperation reshape, MlirValue tensor) {
  MlirType shape = mlirValueGetType(mlirOperationGetResult(reshape, 0));
  intptr_t rank = mlirShapedTypeGetRank(shape);
  int64_t* sizes = tenon_xcalloc((size_t)rank, sizeof(*sizes));
  for (intptr_t d = 0; d < rank; ++d) {
    sizes[d] = mlirShapedTypeIsDynamicDim(shape, d) ? mlirShapedTypeGetDynamicSize()
                                                    : mlirShapedTypeGetDimSize(shape, d);
  }
  MlirType type = mlirRankedTensorTypeGet(
      rank, sizes, mlirShapedTypeGetElementType(mlirValueGetType(tensor)), mlirAttributeGetNull());
  free(sizes);
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, tensor);
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(reshape); ++i) {
    TENON_APPEND(&operands, mlirOperationGetOperand(reshape, i));
  }
  MlirOperation op = tenon_insert_op(reshape, "tenon.reshape", 1, &type, (intptr_t)operands.count,
                                     operands.data, 0, NULL);
  free(operands.data);
  return mlirOperationGetResult(op, 0);
}

// Whether both make the same of the same tensor.
static bool is_same_reshape(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumOperands(a);
  if (!mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, 0)),
                     mlirValueGetType(mlirOperationGetResult(b, 0))) ||
      !mlirBlockEqual(mlirOperationGetBlock(a), mlirOperationGetBlock(b))) {
    return false;
  }
  for (intptr_t i = 0; i < count; ++i) {
    if (!mlirValueEqual(mlirOperationGetOperand(a, i), mlirOperationGetOperand(b, i))) return false;
  }
  return true;
}

// Does the same work below |reshape| if it can; returns whether |reshape| is gone.
static bool sink_below(tenon_order_t* order, MlirOperation reshape) {
  MlirOperation generic = tenon_defining_op(mlirOperationGetOperand(reshape, 0));
  if (!can_sink(generic, reshape)) return false;
  MlirType type = mlirValueGetType(mlirOperationGetResult(reshape, 0));
  intptr_t rank = mlirShapedTypeGetRank(type);
  MlirAttribute identity = mlirAffineMapAttrGet(
      mlirAffineMapMultiDimIdentityGet(mlirOperationGetContext(reshape), rank));
  tenon_value_list_t inputs = {0}, outputs = {0}, dims = {0};
  tenon_attr_list_t maps = {0};
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    TENON_APPEND(&inputs, reshape_like(reshape, mlirOperationGetOperand(generic, i)));
    TENON_APPEND(&maps, identity);
  }
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(reshape); ++i) {
    TENON_APPEND(&dims, mlirOperationGetOperand(reshape, i));
  }
  MlirOperation empty =
      tenon_insert_op(reshape, "tensor.empty", 1, &type, (intptr_t)dims.count, dims.data, 0, NULL);
  TENON_APPEND(&outputs, mlirOperationGetResult(empty, 0));
  TENON_APPEND(&maps, identity);
  MlirRegion body = mlirRegionCreate();
  mlirRegionTakeBody(body, mlirOperationGetRegion(generic, 0));
  MlirOperation sunk = tenon_insert_generic(reshape, mlirOperationGetLocation(generic), &inputs,
                                            &outputs, &maps, rank, body);
  tenon_order_replace(order, reshape, sunk);
  tenon_order_forget(order, reshape);
  tenon_order_forget(order, generic);
  tenon_replace_op(reshape, sunk, 0);
  mlirOperationDestroy(generic);
  free(inputs.data);
  free(outputs.data);
  free(dims.data);
  free(maps.data);
  return true;
}

void tenon_visit_reshape(tenon_order_t* order, tenon_map_t* reshapes, MlirOperation reshape) {
  MlirValue tensor = mlirOperationGetOperand(reshape, 0);
  MlirOperation known = {tenon_map_get(reshapes, tensor.ptr)};
  if (!mlirOperationIsNull(known) && is_same_reshape(known, reshape)) {
    tenon_order_forget(order, reshape);
    tenon_replace_op(reshape, known, 0);
  } else if (!sink_below(order, reshape)) {
    tenon_map_set(reshapes, tensor.ptr, reshape.ptr);
  }
}
