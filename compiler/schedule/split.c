// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/split.h"

#include <stdlib.h>

#include "compiler/schedule/handover.h"
#include "compiler/schedule/known.h"
#include "compiler/schedule/origins.h"
#include "compiler/support/branches.h"
#include "compiler/schedule/turns.h"
#include "format/layout.h"

//===----------------------------------------------------------------------===//
// What may wait
//===----------------------------------------------------------------------===//

static const tenon_function_info_t* callee_of(tenon_schedule_t* schedule, MlirOperation op) {
  if (!tenon_op_is(op, "func.call")) return NULL;
  return tenon_schedule_find(schedule, mlirOperationGetAttributeByName(op, tenon_str("callee")));
}

static bool has_tensor_operand(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    if (tenon_is_tensor(mlirValueGetType(mlirOperationGetOperand(op, i)))) return true;
  }
  return false;
}

static bool op_may_wait(tenon_schedule_t* schedule, MlirOperation op) {
  if (tenon_op_is(op, "tensor.extract")) return true;
  if (tenon_touches_state(schedule, op)) return true;  // for its turn
  const tenon_function_info_t* callee = callee_of(schedule, op);
  if (!callee) return false;
  if (callee->kind != TENON_FUNCTION_IMPORT) return callee->may_wait;
  return callee->fenced ? !callee->nosideeffects : has_tensor_operand(op);
}

// Whether |op| may begin work that goes on when it is done.
static bool op_begins_work(tenon_schedule_t* schedule, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (tenon_is_tensor(mlirValueGetType(mlirOperationGetResult(op, i)))) return true;
  }
  const tenon_function_info_t* callee = callee_of(schedule, op);
  return callee && (callee->fenced || callee->begins_work);
}

// Whether |is_so| holds for any operation of the blocks from |first| on.
static bool any_op(tenon_schedule_t* schedule, const tenon_block_list_t* blocks, size_t first,
                   bool (*is_so)(tenon_schedule_t* schedule, MlirOperation op)) {
  for (size_t i = first; i < blocks->count; ++i) {
    MlirOperation op = mlirBlockGetFirstOperation(blocks->data[i]);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      if (is_so(schedule, op)) return true;
    }
  }
  return false;
}

static bool returns_tensor(const tenon_function_info_t* info) {
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(info->type); ++i) {
    if (tenon_is_tensor(mlirFunctionTypeGetResult(info->type, i))) return true;
  }
  return false;
}

// A function of the program that returns no tensor has no point to say when its work has ended: it waits.
static bool function_may_wait(tenon_schedule_t* schedule, const tenon_function_info_t* info) {
  if (any_op(schedule, &info->origins->blocks, 0, op_may_wait)) return true;
  bool is_internal = info->kind == TENON_FUNCTION_INTERNAL || info->called;
  return is_internal && !returns_tensor(info) && info->begins_work;
}

void tenon_find_waits(tenon_schedule_t* schedule) {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < schedule->functions.count; ++i) {
      tenon_function_info_t* info = &schedule->functions.data[i];
      if (info->kind == TENON_FUNCTION_IMPORT) continue;
      bool began = info->begins_work, waited = info->may_wait;
      info->begins_work = began || any_op(schedule, &info->origins->blocks, 0, op_begins_work);
      info->may_wait = waited || function_may_wait(schedule, info);
      changed |= info->begins_work != began || info->may_wait != waited;
    }
  }
}

// Whether all that comes after |op| in its block is arithmetic and the return: then who waits for the results waits for |op|.
static bool is_last_work(MlirOperation op) {
  for (op = mlirOperationGetNextInBlock(op); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "func.return")) return true;
    MlirStringRef name = tenon_op_name(op);
    if (name.length < 6 || memcmp(name.data, "arith.", 6) != 0) return false;
  }
  return false;
}

// Whether the host would have to wait before |op|, as far as can be said now.
static bool would_wait(tenon_converter_t* converter, MlirOperation op) {
  if (!op_may_wait(converter->schedule, op)) return false;
  const tenon_function_info_t* callee = callee_of(converter->schedule, op);
  if (callee && callee->kind != TENON_FUNCTION_IMPORT) return true;
  if (tenon_touches_state(converter->schedule, op)) return true;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (!tenon_is_tensor(mlirValueGetType(operand))) continue;
    const tenon_tensor_t* tensor = tenon_converted_tensor(converter, operand);
    if (!tenon_is_reached(&converter->builder, tensor->point)) return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

// "the call of 'custom.f' at a.mlir:3:10"
static void describe_blame(MlirOperation blame, tenon_text_t* text) {
  tenon_position_t position;
  MlirStringRef name = tenon_op_name(blame);
  if (tenon_op_is(blame, "util.global.load")) {
    MlirStringRef global =
        mlirFlatSymbolRefAttrGetValue(mlirOperationGetAttributeByName(blame, tenon_str("global")));
    tenon_text_appendf(text, "the global '%.*s'", (int)global.length, global.data);
  } else if (name.length > 5 && memcmp(name.data, "util.", 5) == 0) {
    tenon_text_appendf(text, "'%.*s'", (int)name.length, name.data);
  } else if (tenon_op_is(blame, "func.call")) {
    MlirStringRef callee =
        mlirFlatSymbolRefAttrGetValue(mlirOperationGetAttributeByName(blame, tenon_str("callee")));
    tenon_text_appendf(text, "the call of '%.*s'", (int)callee.length, callee.data);
  } else if (tenon_op_is(blame, "tensor.extract")) {
    tenon_text_appendf(text, "an element of a tensor (tensor.extract)");
  } else {
    tenon_text_appendf(text, "the control flow");
  }
  if (!tenon_resolve_location(mlirOperationGetLocation(blame), &position)) return;
  tenon_text_appendf(text, " at %.*s:%d:%d", (int)position.file.length, position.file.data,
                     position.line, position.column);
}

static MlirLogicalResult refuse_result(tenon_converter_t* converter, intptr_t index,
                                       MlirOperation blame) {
  const tenon_function_info_t* info = converter->info;
  if (mlirOperationIsNull(blame)) {
    return tenon_error(info->op, "the asynchronous export '%.*s' never returns",
                       (int)info->name.length, info->name.data);
  }
  tenon_text_t text = {0};
  bool is_tensor = tenon_is_tensor(mlirFunctionTypeGetResult(info->type, index));
  tenon_text_appendf(&text, "%sresult %d of '%.*s' depends on ", is_tensor ? "the size of " : "",
                     (int)index, (int)info->name.length, info->name.data);
  describe_blame(blame, &text);
  tenon_text_appendf(
      &text,
      ", which may come after this asynchronous export has returned: %s, or make the "
      "export synchronous with iree.abi.model = \"sync\"",
      is_tensor ? "take the size as an argument, return a tensor of static size"
                : "return the number in a tensor");
  MlirLogicalResult failure = tenon_error(info->op, "%s", text.data);
  free(text.data);
  return failure;
}

static MlirLogicalResult check_results(tenon_converter_t* converter, const tenon_known_t* known) {
  MlirType type = converter->info->type;
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(type); ++i) {
    MlirType result = mlirFunctionTypeGetResult(type, i);
    intptr_t count = tenon_is_tensor(result) ? tenon_dynamic_dim_count(result) : 1;
    for (intptr_t j = 0; j < count; ++j) {
      if (known->results[i][j].state == TENON_FACT_KNOWN) continue;
      return refuse_result(converter, i, known->results[i][j].blame);
    }
  }
  return mlirLogicalResultSuccess();
}

// The only return of |info|; null if there are several.
static MlirOperation only_return(const tenon_function_info_t* info) {
  MlirOperation found = {NULL};
  const tenon_block_list_t* blocks = &info->origins->blocks;
  for (size_t i = 0; i < blocks->count; ++i) {
    MlirOperation end = tenon_block_end(blocks->data[i]);
    if (!tenon_op_is(end, "func.return")) continue;
    if (!mlirOperationIsNull(found)) return (MlirOperation){NULL};
    found = end;
  }
  return found;
}

// Where result |index| is made already, before the rest begins, and shares storage with nothing: that; else NULL.
static tenon_tensor_t* made_result(tenon_converter_t* converter, intptr_t index) {
  MlirOperation end = only_return(converter->info);
  if (mlirOperationIsNull(end)) return NULL;
  tenon_tensor_t* tensor = tenon_converted_tensor(converter, mlirOperationGetOperand(end, index));
  if (!tensor) return NULL;
  bool* copy = tenon_xcalloc((size_t)mlirOperationGetNumOperands(end), sizeof(*copy));
  tenon_origins_of_return(converter->info->origins, end, copy);
  if (copy[index]) tensor = NULL;
  free(copy);
  return tensor;
}

// A buffer for result |index|, which the rest will fill.
static tenon_tensor_t* alloc_result(tenon_converter_t* converter, const tenon_known_t* known,
                                    intptr_t index) {
  tenon_tensor_t* made = made_result(converter, index);
  if (made) return made;
  MlirType type = mlirFunctionTypeGetResult(converter->info->type, index);
  tenon_value_list_t dims = {0};
  for (intptr_t i = 0; i < tenon_dynamic_dim_count(type); ++i) {
    TENON_APPEND(&dims, known->results[index][i].value);
  }
  tenon_tensor_t* tensor = tenon_build_alloc(&converter->builder, type, dims.data);
  free(dims.data);
  return tensor;
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

// A dispatch just before a return writes the result to where it goes.
static void find_in_place(tenon_converter_t* rest, MlirBlock block) {
  MlirOperation end = tenon_block_end(block);
  if (!tenon_op_is(end, "func.return")) return;
  // What a global holds as well is copied.
  bool* copy = tenon_xcalloc((size_t)mlirOperationGetNumOperands(end), sizeof(*copy));
  tenon_origins_of_return(rest->info->origins, end, copy);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(end); ++i) {
    MlirValue value = mlirOperationGetOperand(end, i);
    if (mlirValueIsNull(rest->targets[i]) || !mlirValueIsAOpResult(value) || copy[i]) continue;
    MlirOperation op = mlirOpResultGetOwner(value);
    if (!tenon_op_is(op, "tenon.dispatch") || !mlirBlockEqual(mlirOperationGetBlock(op), block) ||
        tenon_map_get(&rest->in_place, value.ptr)) {
      continue;
    }
    tenon_map_set(&rest->in_place, value.ptr, (void*)rest->targets[i].ptr);
  }
  free(copy);
}

void tenon_return_to_targets(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  tenon_value_list_t points = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue target = converter->targets[i];
    if (mlirValueIsNull(target)) continue;
    tenon_tensor_t* tensor = tenon_converted_tensor(converter, mlirOperationGetOperand(op, i));
    MlirValue point = mlirValueEqual(tensor->buffer, target)
                          ? tensor->point
                          : tenon_build_copy(builder, tensor, target);
    TENON_APPEND(&points, point);
  }
  tenon_signal_all(builder, &points);
  free(points.data);
  tenon_append(builder, "func.return", 0, NULL, 0, NULL, 0, NULL);
}

// What the rest of a stateful export is given; null in others.
typedef struct split_turn_t {
  MlirValue turn, point;
} split_turn_t;

// Last of what the export itself does: what it calls is before it.
static split_turn_t take_turn(tenon_converter_t* converter, tenon_handover_t* handover) {
  split_turn_t taken = {{NULL}, {NULL}};
  if (!converter->info->stateful) return taken;
  taken.turn = tenon_build_turn_take(&converter->builder, &taken.point);
  tenon_handover_add(handover, taken.turn);
  tenon_handover_add(handover, taken.point);
  return taken;
}

static void enter_turn(tenon_converter_t* rest, tenon_handover_t* handover, split_turn_t taken) {
  if (mlirValueIsNull(taken.turn)) return;
  tenon_build_turn_enter(&rest->builder, tenon_handover_get(handover, rest, taken.turn),
                         tenon_handover_get(handover, rest, taken.point));
}

// |rest| is ready to convert |op| and what follows; the host waits for |point| first, if that isn't null.
static MlirLogicalResult convert_rest(tenon_converter_t* rest, MlirOperation op, MlirValue point) {
  const tenon_block_list_t* blocks = &rest->info->origins->blocks;
  for (size_t i = 0; i < blocks->count; ++i) find_in_place(rest, blocks->data[i]);
  rest->builder.location = mlirOperationGetLocation(op);
  if (!mlirValueIsNull(point)) tenon_build_wait(&rest->builder, &point, 1);
  return tenon_convert_rest(rest, op);
}

static void spawn_and_return(tenon_converter_t* converter, const tenon_handover_t* handover,
                             MlirStringRef callee, const MlirValue* results) {
  tenon_builder_t* builder = &converter->builder;
  MlirContext context = converter->schedule->context;
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, builder->signal);
  tenon_handover_append(handover, &operands);
  MlirNamedAttribute attribute =
      tenon_attr(context, "callee", mlirFlatSymbolRefAttrGet(context, callee));
  tenon_append(builder, "tenon.spawn", 0, NULL, (intptr_t)operands.count, operands.data, 1,
               &attribute);
  tenon_append(builder, "func.return", 0, NULL,
               mlirFunctionTypeGetNumResults(converter->info->type), results, 0, NULL);
  free(operands.data);
}

// All is one argument each, and one letter of a calling convention: "0", they, the fence and "_v".
static MlirLogicalResult check_handover(const tenon_handover_t* handover, MlirOperation op) {
  size_t count = handover->buffers.count + handover->points.count + handover->refs.count +
                 handover->indices.count;
  size_t limit = TENON_MAX_CALLING_CONVENTION - 4;
  if (count <= limit) return mlirLogicalResultSuccess();
  const tenon_function_info_t* info = handover->from->info;
  return tenon_error(op,
                     "the asynchronous export '%.*s' may wait here while %zu values are needed "
                     "afterwards, at most %zu are supported (a tensor is a buffer, a point and its "
                     "dynamic dims); move part of the work into a function",
                     (int)info->name.length, info->name.data, count, limit);
}

// Hands over what the rest needs, makes its function and converts it.
static MlirLogicalResult split_here(tenon_converter_t* converter, MlirOperation op, MlirValue point,
                                    tenon_tensor_t* const* targets, const MlirValue* results) {
  tenon_schedule_t* schedule = converter->schedule;
  intptr_t count = mlirFunctionTypeGetNumResults(converter->info->type);
  MlirStringRef name = tenon_unused_name(schedule, converter->info->name, "async");
  tenon_handover_t handover = {.from = converter};
  tenon_handover_add_live(&handover, op);
  tenon_handover_add_unfinished(&handover);
  tenon_handover_add_readers(&handover);
  if (!mlirValueIsNull(point)) tenon_handover_add(&handover, point);
  for (intptr_t i = 0; i < count; ++i) {
    if (targets[i]) tenon_handover_add(&handover, targets[i]->buffer);
  }
  split_turn_t taken = take_turn(converter, &handover);
  MlirLogicalResult status = check_handover(&handover, op);
  if (mlirLogicalResultIsFailure(status)) {
    tenon_handover_free(&handover);
    return status;
  }
  spawn_and_return(converter, &handover, name, results);

  MlirValue* inside = tenon_xcalloc((size_t)count, sizeof(*inside));
  tenon_converter_t rest = {.targets = inside};
  tenon_handover_begin(&handover, name, &rest);
  for (intptr_t i = 0; i < count; ++i) {
    if (targets[i]) inside[i] = tenon_handover_get(&handover, &rest, targets[i]->buffer);
  }
  if (!mlirValueIsNull(point)) point = tenon_handover_get(&handover, &rest, point);
  enter_turn(&rest, &handover, taken);
  status = convert_rest(&rest, op, point);
  tenon_converter_free(&rest);
  tenon_handover_free(&handover);
  free(inside);
  return status;
}

// The function goes on at |op| on its own, once |point| is reached if that isn't null.
static MlirLogicalResult split(tenon_converter_t* converter, MlirOperation op, MlirValue point) {
  tenon_builder_t* builder = &converter->builder;
  tenon_known_t known;
  MlirLogicalResult status = tenon_known_find(&known, converter, op);
  if (mlirLogicalResultIsSuccess(status)) status = check_results(converter, &known);
  if (mlirLogicalResultIsSuccess(status)) {
    builder->location = mlirOperationGetLocation(converter->info->op);
    intptr_t count = mlirFunctionTypeGetNumResults(converter->info->type);
    tenon_tensor_t** targets = tenon_xcalloc((size_t)count, sizeof(*targets));
    MlirValue* results = tenon_xcalloc((size_t)count, sizeof(*results));
    for (intptr_t i = 0; i < count; ++i) {
      if (tenon_is_tensor(mlirFunctionTypeGetResult(converter->info->type, i))) {
        targets[i] = alloc_result(converter, &known, i);
        results[i] = tenon_export_result(builder, targets[i], converter->info, i);
      } else {
        results[i] = known.results[i][0].value;
      }
    }
    status = split_here(converter, op, point, targets, results);
    free(results);
    free(targets);
  }
  tenon_known_finish(&known);
  return status;
}

MlirLogicalResult tenon_convert_export(tenon_converter_t* converter, MlirOperation op) {
  tenon_schedule_t* schedule = converter->schedule;
  MlirValue none = {NULL};
  for (;; op = mlirOperationGetNextInBlock(op)) {
    const tenon_function_info_t* callee = callee_of(schedule, op);
    if (mlirOperationGetNumSuccessors(op) > 0) {
      bool waits = any_op(schedule, &converter->info->origins->blocks, 1, op_may_wait);
      return waits ? split(converter, op, none) : tenon_convert_rest(converter, op);
    }
    if (callee && callee->kind == TENON_FUNCTION_IMPORT && callee->fenced &&
        !callee->nosideeffects) {
      MlirValue signaled;
      converter->builder.location = mlirOperationGetLocation(op);
      tenon_convert_import_call(converter, op, callee, &signaled);
      if (is_last_work(op)) continue;
      return split(converter, mlirOperationGetNextInBlock(op), signaled);
    }
    if (would_wait(converter, op)) return split(converter, op, none);
    MlirLogicalResult status = tenon_convert_op(converter, op);
    bool is_last = mlirOperationIsNull(mlirOperationGetNextInBlock(op));
    if (mlirLogicalResultIsFailure(status) || is_last) return status;
  }
}
