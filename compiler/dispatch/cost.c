// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/cost.h"

#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"
#include "hal/local/executable_abi.h"

// Operations of a merged body. More gain nothing, and cost LLVM time that grows with the square.
#define MAX_BODY_LENGTH 512

// The rest are sizes.
#define MAX_NUMBERS (TENON_DISPATCH_MAX_CONSTANTS / 2)

// What bodies take from outside, each once.
typedef struct captures_t {
  tenon_map_t seen;
  intptr_t length, tensors, numbers;
} captures_t;

static void count_capture(captures_t* captures, MlirValue value) {
  if (tenon_map_get(&captures->seen, value.ptr)) return;
  tenon_map_set(&captures->seen, value.ptr, (void*)value.ptr);
  if (tenon_value_is_tensor(value)) {
    ++captures->tensors;
  } else {
    captures->numbers += mlirAttributeIsNull(tenon_constant_value(value));
  }
}

static void count_captures(captures_t* captures, MlirOperation generic) {
  MlirBlock body = tenon_body_of(generic);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    ++captures->length;
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      MlirValue value = mlirOperationGetOperand(op, i);
      MlirBlock owner = mlirValueIsABlockArgument(value)
                            ? mlirBlockArgumentGetOwner(value)
                            : mlirOperationGetBlock(mlirOpResultGetOwner(value));
      if (!mlirBlockEqual(owner, body)) count_capture(captures, value);
    }
  }
}

bool tenon_fit_together(MlirOperation a, MlirOperation b) {
  captures_t captures = {0};
  count_captures(&captures, a);
  count_captures(&captures, b);
  tenon_map_free(&captures.seen);
  return captures.length <= MAX_BODY_LENGTH && captures.numbers <= MAX_NUMBERS &&
         captures.tensors + mlirOperationGetNumOperands(a) + mlirOperationGetNumOperands(b) <=
             TENON_DISPATCH_MAX_BINDINGS;
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
