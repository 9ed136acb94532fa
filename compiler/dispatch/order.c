// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/order.h"

#include "compiler/dispatch/loops.h"
#include "compiler/support/mlir_util.h"

// Looking further costs time that grows with the square of the program's length.
#define MAX_DISTANCE 512

// The operation of |block| that contains |op|, at whatever depth; null when there is none.
static MlirOperation ancestor_in(MlirBlock block, MlirOperation op) {
  while (!mlirOperationIsNull(op) && !mlirBlockEqual(mlirOperationGetBlock(op), block)) {
    op = mlirOperationGetParentOperation(op);
    if (!mlirOperationIsNull(op) && mlirBlockIsNull(mlirOperationGetBlock(op))) {
      return (MlirOperation){NULL};
    }
  }
  return op;
}

bool tenon_can_sink(MlirOperation producer, MlirOperation consumer) {
  MlirBlock block = mlirOperationGetBlock(consumer);
  int looked = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(producer); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(producer, i));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      MlirOperation user = ancestor_in(block, mlirOpOperandGetOwner(use));
      if (++looked > MAX_DISTANCE ||
          (!mlirOperationIsNull(user) && mlirOperationIsBeforeInBlock(user, consumer))) {
        return false;
      }
    }
  }
  return true;
}

// Whether |value| is there before |producer| runs, or is its result.
static bool is_before(MlirOperation producer, MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return mlirOperationIsNull(op) ||
         !mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(producer)) ||
         mlirOperationEqual(op, producer) || mlirOperationIsBeforeInBlock(op, producer);
}

bool tenon_can_hoist(MlirOperation consumer, MlirOperation producer) {
  int looked = 0;
  for (MlirOperation op = mlirOperationGetNextInBlock(producer); !mlirOperationEqual(op, consumer);
       op = mlirOperationGetNextInBlock(op)) {
    if (++looked > MAX_DISTANCE || tenon_has_prefix(tenon_op_name(op), "tenon.check") ||
        tenon_op_is(op, "tenon.assert")) {
      return false;
    }
  }
  for (intptr_t i = 0; i < tenon_linalg_input_count(consumer); ++i) {
    if (!is_before(producer, mlirOperationGetOperand(consumer, i))) return false;
  }
  MlirBlock body = tenon_body_of(consumer);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      if (!is_before(producer, mlirOperationGetOperand(op, i))) return false;
    }
  }
  return true;
}
