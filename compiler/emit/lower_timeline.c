// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Points and fences. In a synchronous program every point is reached when it is made, and all of this
// is nothing. In an asynchronous one a point is a fence, null when it is known to be reached.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/emit/lower.h"

static MlirLogicalResult lower_immediate(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_lower_bind(lowering, op, 0, tenon_lower_null(lowering));
  return mlirLogicalResultSuccess();
}

static bool contains(const tenon_call_t* points, tenon_var_t var) {
  for (size_t i = 0; i < points->count; ++i) {
    if (points->data[i].value == var) return true;
  }
  return false;
}

static MlirLogicalResult lower_join(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t points = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_var_t point = tenon_lower_operand(lowering, op, i);
    if (tenon_lower_is_null(lowering, point) || contains(&points, point)) continue;
    tenon_call_argument(&points, point);
  }
  if (points.count < 2) {
    tenon_lower_bind(lowering, op, 0,
                     points.count ? (tenon_var_t)points.data[0].value : tenon_lower_null(lowering));
    free(points.data);
    return mlirLogicalResultSuccess();
  }
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_FENCE_JOIN, &call);
  tenon_call_span(&call, points.count);
  for (size_t i = 0; i < points.count; ++i) TENON_APPEND(&call, points.data[i]);
  free(points.data);
  tenon_lower_bind(lowering, op, 0, tenon_call_result(lowering, &call, TENON_CLASS_REF));
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "joining %zu points",
                                       points.count);
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

// The function that is called with the fence of |point|, if it is the point of one.
static const tenon_callee_t* signaler_of(tenon_lowering_t* lowering, MlirValue point) {
  if (!mlirValueIsAOpResult(point)) {
    return tenon_map_get(&lowering->emitter->signalers, point.ptr);
  }
  MlirOperation maker = mlirOpResultGetOwner(point);
  if (!tenon_op_is(maker, "tenon.fence")) return NULL;
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(maker, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!tenon_op_is(user, "func.call")) continue;
    return tenon_emitter_find(lowering->emitter,
                              mlirOperationGetAttributeByName(user, tenon_str("callee")));
  }
  return NULL;
}

static MlirLogicalResult lower_wait(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t point = tenon_lower_operand(lowering, op, 0);
  if (tenon_lower_is_null(lowering, point)) return mlirLogicalResultSuccess();
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_FENCE_AWAIT, &call);
  tenon_call_argument(&call, point);
  const tenon_callee_t* signaler = signaler_of(lowering, mlirOperationGetOperand(op, 0));
  MlirStringRef whom = signaler ? signaler->name : tenon_str("the contents of tensors");
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "waiting for %.*s",
                                       (int)whom.length, whom.data);
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

// A fence and its point are one.
static MlirLogicalResult lower_fence(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_FENCE_CREATE, &call);
  tenon_var_t fence = tenon_call_result(lowering, &call, TENON_CLASS_REF);
  tenon_lower_bind(lowering, op, 0, fence);
  tenon_lower_bind(lowering, op, 1, fence);
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "making a fence");
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_signal(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_QUEUE_BARRIER, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 0));
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1));
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "signaling");
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

// Lets |callee|, which is emitted later, know what the points are that it is given.
static void remember_signalers(tenon_lowering_t* lowering, MlirOperation op,
                               const tenon_callee_t* callee) {
  MlirBlock entry = mlirRegionGetFirstBlock(mlirOperationGetFirstRegion(callee->op));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    const tenon_callee_t* signaler = signaler_of(lowering, mlirOperationGetOperand(op, i));
    if (!signaler) continue;
    tenon_map_set(&lowering->emitter->signalers, mlirBlockGetArgument(entry, i).ptr,
                  (void*)signaler);
  }
}

// Operands: the fence, buffers and points, indices.
static MlirLogicalResult lower_spawn(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_callee_t* callee = tenon_emitter_find(
      lowering->emitter, mlirOperationGetAttributeByName(op, tenon_str("callee")));
  if (!callee || callee->is_import) return tenon_error(op, "the spawned function does not exist");
  remember_signalers(lowering, op, callee);
  intptr_t count = mlirOperationGetNumOperands(op), ref_end = 1;
  while (ref_end < count &&
         tenon_lower_kind(mlirOperationGetOperand(op, ref_end)).register_class == TENON_CLASS_REF) {
    ++ref_end;
  }
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_INVOKE, &call);
  tenon_call_argument(&call, tenon_lower_i32(lowering, (int32_t)callee->index));
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 0));  // for when it fails
  tenon_call_span(&call, (size_t)ref_end);
  for (intptr_t i = 0; i < count; ++i) {
    if (i == ref_end) tenon_call_span(&call, (size_t)(count - ref_end));
    tenon_call_argument(&call, tenon_lower_operand(lowering, op, i));
  }
  if (ref_end == count) tenon_call_span(&call, 0);
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "beginning @%.*s",
                                       (int)callee->name.length, callee->name.data);
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  return mlirLogicalResultSuccess();
}

tenon_lower_result_t tenon_lower_timeline(tenon_lowering_t* lowering, MlirOperation op) {
  static const struct {
    const char* name;
    MlirLogicalResult (*lower)(tenon_lowering_t* lowering, MlirOperation op);
    bool only_asynchronous;
  } operations[] = {
      {"tenon.immediate", lower_immediate, false}, {"tenon.join", lower_join, false},
      {"tenon.wait", lower_wait, false},           {"tenon.fence", lower_fence, true},
      {"tenon.signal", lower_signal, true},        {"tenon.spawn", lower_spawn, true},
  };
  for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); ++i) {
    if (!tenon_op_is(op, operations[i].name)) continue;
    if (!lowering->emitter->asynchronous) {
      return operations[i].only_asynchronous ? TENON_LOWER_UNKNOWN : TENON_LOWER_DONE;
    }
    MlirLogicalResult status = operations[i].lower(lowering, op);
    return mlirLogicalResultIsSuccess(status) ? TENON_LOWER_DONE : TENON_LOWER_FAILED;
  }
  return TENON_LOWER_UNKNOWN;
}
