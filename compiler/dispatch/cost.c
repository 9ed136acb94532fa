// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/cost.h"

#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

intptr_t tenon_body_length(MlirOperation generic) {
  intptr_t length = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    ++length;
  }
  return length;
}

static intptr_t weight_of(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  if (tenon_op_is(op, "arith.constant") || tenon_op_is(op, "linalg.index") ||
      tenon_op_is(op, "linalg.yield")) {
    return 0;
  }
  if (tenon_op_is(op, "tensor.extract") || tenon_op_is(op, "tenon.read") ||
      tenon_has_prefix(name, "arith.div") || tenon_has_prefix(name, "arith.rem")) {
    return 4;
  }
  return 1;
}

intptr_t tenon_body_weight(MlirOperation generic) {
  intptr_t weight = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    weight += weight_of(op);
  }
  return weight;
}

// The generic or update of |producer|'s block that reads by |use|; null where something else does, or as what it begins with.
static MlirOperation reader_of(MlirOperation producer, MlirOpOperand use) {
  MlirOperation none = {NULL}, op = mlirOpOperandGetOwner(use);
  if (tenon_op_is(op, "tensor.extract") || tenon_op_is(op, "tenon.read")) {
    op = mlirOperationGetParentOperation(op);
    return tenon_is_generic(op) || tenon_is_update(op) ? op : none;
  }
  bool is_input = tenon_is_generic(op) &&
                  mlirOpOperandGetOperandNumber(use) < tenon_linalg_input_count(op) &&
                  mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(producer));
  return is_input ? op : none;
}

int tenon_count_other_reads(MlirOperation producer, MlirOperation consumer) {
  int count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(producer); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(producer, i));
    for (; !mlirOpOperandIsNull(use) && count < TENON_MANY_USES;
         use = mlirOpOperandGetNextUse(use)) {
      MlirOperation reader = reader_of(producer, use);
      if (mlirOperationIsNull(reader)) return TENON_MANY_USES;
      count += !mlirOperationEqual(reader, consumer);
    }
  }
  return count;
}
