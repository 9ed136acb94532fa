// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/order.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/support/mlir_util.h"

// Looking further costs time that grows with the square of the program's length.
#define MAX_DISTANCE 512

//===--------------------------------------------------------------------===//
// Places
//===--------------------------------------------------------------------===//

static bool is_in_function(MlirOperation op) {
  MlirOperation parent = mlirOperationGetParentOperation(op);
  return !mlirOperationIsNull(parent) && tenon_op_is(parent, "func.func");
}

// Even ones, so that there is one before each.
tenon_order_t tenon_order_of(MlirOperation root) {
  tenon_order_t order = {0};
  tenon_op_list_t ops = tenon_collect_ops(root, is_in_function);
  for (size_t i = 0; i < ops.count; ++i) {
    tenon_map_set(&order.places, ops.data[i].ptr, (void*)(intptr_t)(2 * i + 2));
  }
  free(ops.data);
  return order;
}

void tenon_order_free(tenon_order_t* order) { tenon_map_free(&order->places); }

void tenon_order_replace(tenon_order_t* order, MlirOperation old, MlirOperation op) {
  tenon_map_set(&order->places, op.ptr, tenon_map_get(&order->places, old.ptr));
}

void tenon_order_forget(tenon_order_t* order, MlirOperation op) {
  tenon_map_set(&order->places, op.ptr, NULL);
}

intptr_t tenon_place_of(tenon_order_t* order, MlirOperation op) {
  intptr_t place = (intptr_t)tenon_map_get(&order->places, op.ptr);
  if (place) return place;
  // It was inserted, as perhaps some after it.
  MlirOperation next = op;
  while (!place) {
    next = mlirOperationGetNextInBlock(next);
    place = (intptr_t)tenon_map_get(&order->places, next.ptr);
  }
  return place & 1 ? place : place - 1;
}

//===--------------------------------------------------------------------===//
// Moving
//===--------------------------------------------------------------------===//

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

bool tenon_can_sink(tenon_order_t* order, MlirOperation producer, MlirOperation consumer) {
  MlirBlock block = mlirOperationGetBlock(consumer);
  int looked = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(producer); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(producer, i));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      MlirOperation user = ancestor_in(block, mlirOpOperandGetOwner(use));
      if (++looked > MAX_DISTANCE ||
          (!mlirOperationIsNull(user) &&
           tenon_place_of(order, user) < tenon_place_of(order, consumer))) {
        return false;
      }
    }
  }
  return true;
}

// Whether |value| is there before |producer| runs, or is its result.
static bool is_before(tenon_order_t* order, MlirOperation producer, MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return mlirOperationIsNull(op) ||
         !mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(producer)) ||
         mlirOperationEqual(op, producer) ||
         tenon_place_of(order, op) < tenon_place_of(order, producer);
}

bool tenon_can_hoist(tenon_order_t* order, MlirOperation consumer, MlirOperation producer) {
  int looked = 0;
  for (MlirOperation op = mlirOperationGetNextInBlock(producer); !mlirOperationEqual(op, consumer);
       op = mlirOperationGetNextInBlock(op)) {
    if (++looked > MAX_DISTANCE || tenon_has_prefix(tenon_op_name(op), "tenon.check") ||
        tenon_op_is(op, "tenon.assert")) {
      return false;
    }
  }
  for (intptr_t i = 0; i < tenon_linalg_input_count(consumer); ++i) {
    if (!is_before(order, producer, mlirOperationGetOperand(consumer, i))) return false;
  }
  MlirBlock body = tenon_body_of(consumer);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      if (!is_before(order, producer, mlirOperationGetOperand(op, i))) return false;
    }
  }
  return true;
}
