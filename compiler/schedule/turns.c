// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/turns.h"

#include "compiler/dialects/dialects.h"
#include "compiler/schedule/globals.h"

bool tenon_touches_state(const tenon_schedule_t* schedule, MlirOperation op) {
  MlirOperation global = tenon_global_of(schedule, op);
  return !mlirOperationIsNull(global) && tenon_map_get(&schedule->changed_globals, global.ptr);
}

static MlirWalkResult note_store(MlirOperation op, void* user_data) {
  tenon_schedule_t* schedule = user_data;
  if (tenon_op_is(op, "util.global.store")) {
    MlirOperation global = tenon_global_of(schedule, op);
    tenon_map_set(&schedule->changed_globals, global.ptr, global.ptr);
  }
  return MlirWalkResultAdvance;
}

typedef struct search_t {
  tenon_schedule_t* schedule;
  bool found;
} search_t;

static MlirWalkResult find_touch(MlirOperation op, void* user_data) {
  search_t* search = user_data;
  const tenon_function_info_t* callee =
      tenon_op_is(op, "func.call")
          ? tenon_schedule_find(search->schedule,
                                mlirOperationGetAttributeByName(op, tenon_str("callee")))
          : NULL;
  search->found = callee ? callee->stateful : tenon_touches_state(search->schedule, op);
  return search->found ? MlirWalkResultInterrupt : MlirWalkResultAdvance;
}

// What these hold changes by itself.
static void note_objects(tenon_schedule_t* schedule) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(schedule->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "util.global")) continue;
    MlirType type = mlirTypeAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("type")));
    if (tenon_type_is_util_buffer(type) || tenon_type_is_list(type) || tenon_type_is_object(type)) {
      tenon_map_set(&schedule->changed_globals, op.ptr, op.ptr);
    }
  }
}

void tenon_find_stateful(tenon_schedule_t* schedule) {
  note_objects(schedule);
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    const tenon_function_info_t* info = &schedule->functions.data[i];
    if (!tenon_is_initializer(info->op)) {
      mlirOperationWalk(info->op, note_store, schedule, MlirWalkPreOrder);
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < schedule->functions.count; ++i) {
      tenon_function_info_t* info = &schedule->functions.data[i];
      if (info->stateful || tenon_is_initializer(info->op)) continue;
      search_t search = {schedule, false};
      mlirOperationWalk(info->op, find_touch, &search, MlirWalkPreOrder);
      info->stateful = search.found;
      changed |= search.found;
    }
  }
}

void tenon_build_turn_begin(tenon_builder_t* builder, const tenon_function_info_t* info) {
  if (info->stateful) tenon_append(builder, "tenon.turn_begin", 0, NULL, 0, NULL, 0, NULL);
}

MlirValue tenon_build_turn_take(tenon_builder_t* builder, MlirValue* out_point) {
  MlirType types[] = {tenon_turn_type(builder->schedule->context),
                      builder->schedule->timepoint_type};
  MlirOperation op = tenon_append(builder, "tenon.turn_take", 2, types, 0, NULL, 0, NULL);
  *out_point = mlirOperationGetResult(op, 1);
  return mlirOperationGetResult(op, 0);
}

void tenon_build_turn_enter(tenon_builder_t* builder, MlirValue turn, MlirValue point) {
  MlirValue operands[] = {turn, point};
  tenon_append(builder, "tenon.turn_enter", 0, NULL, 2, operands, 0, NULL);
}
