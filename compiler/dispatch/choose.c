// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/choose.h"

#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

static bool is_choice(MlirOperation op) {
  return tenon_op_is(op, "arith.select") && tenon_is_tensor(mlirOperationGetResult(op, 0));
}

// Ends the block before |op| with a branch to a new block that is given one of the two tensors and
// goes on after |op|.
static void lower_choice(MlirOperation op) {
  MlirContext context = mlirOperationGetContext(op);
  MlirLocation location = mlirOperationGetLocation(op);
  MlirBlock block = mlirOperationGetBlock(op);
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  MlirBlock rest = mlirBlockCreate(1, &type, &location);
  mlirRegionInsertOwnedBlockAfter(mlirBlockGetParentRegion(block), block, rest);
  for (MlirOperation next = mlirOperationGetNextInBlock(op); !mlirOperationIsNull(next);
       next = mlirOperationGetNextInBlock(op)) {
    mlirOperationRemoveFromParent(next);
    mlirBlockAppendOwnedOperation(rest, next);
  }
  mlirValueReplaceAllUsesOfWith(result, mlirBlockGetArgument(rest, 0));
  const int32_t segments[] = {1, 1, 1};
  MlirNamedAttribute attribute =
      tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 3, segments));
  MlirOperationState state = mlirOperationStateGet(tenon_str("cf.cond_br"), location);
  for (intptr_t i = 0; i < 3; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    mlirOperationStateAddOperands(&state, 1, &operand);
  }
  const MlirBlock successors[] = {rest, rest};
  mlirOperationStateAddSuccessors(&state, 2, successors);
  mlirOperationStateAddAttributes(&state, 1, &attribute);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
  mlirOperationDestroy(op);
}

void tenon_lower_choices(MlirOperation module) {
  tenon_op_list_t choices = tenon_collect_ops(module, is_choice);
  for (size_t i = 0; i < choices.count; ++i) lower_choice(choices.data[i]);
  free(choices.data);
}
