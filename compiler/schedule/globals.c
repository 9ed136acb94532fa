// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/globals.h"

#include <stdlib.h>

#include "compiler/schedule/origins.h"

// What a tensor is in globals.
typedef struct tensor_global_t {
  MlirOperation op;
  MlirType type;         // of the tensor
  MlirAttribute buffer;  // symbols of the globals
  MlirAttribute* dims;   // one for each dynamic dimension
  MlirAttribute point;   // null: the contents are always there
} tensor_global_t;

MlirOperation tenon_global_of(const tenon_schedule_t* schedule, MlirOperation op) {
  if (!tenon_op_is(op, "util.global.load") && !tenon_op_is(op, "util.global.store")) {
    return (MlirOperation){NULL};
  }
  MlirAttribute symbol = mlirOperationGetAttributeByName(op, tenon_str("global"));
  return mlirSymbolTableLookup(schedule->host_symbols, mlirFlatSymbolRefAttrGetValue(symbol));
}

static const tensor_global_t* find(const tenon_schedule_t* schedule, MlirOperation op) {
  return tenon_map_get(&schedule->tensor_globals, tenon_global_of(schedule, op).ptr);
}

//===----------------------------------------------------------------------===//
// Making them
//===----------------------------------------------------------------------===//

// A global for a part of |op|, behind it; returns its symbol.
static MlirAttribute add_part(tenon_schedule_t* schedule, MlirOperation op, const char* ending,
                              MlirType type) {
  MlirContext context = schedule->context;
  MlirStringRef name = tenon_unused_name(schedule, tenon_symbol_name(op), ending);
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "sym_name", mlirStringAttrGet(context, name)),
      tenon_attr(context, "sym_visibility", tenon_string_attr(context, "private")),
      tenon_attr(context, "type", mlirTypeAttrGet(type)),
      tenon_attr(context, "is_mutable", mlirUnitAttrGet(context)),
  };
  MlirOperation part = tenon_build_op("util.global", mlirOperationGetLocation(op), 0, NULL, 0, NULL,
                                      sizeof(attributes) / sizeof(attributes[0]), attributes);
  mlirBlockInsertOwnedOperationAfter(mlirOperationGetBlock(op), op, part);
  return mlirFlatSymbolRefAttrGet(context, name);
}

static void add_global(tenon_schedule_t* schedule, MlirOperation op, MlirType type) {
  tensor_global_t* global = tenon_arena_alloc(&schedule->arena, 1, sizeof(*global));
  intptr_t dim_count = tenon_dynamic_dim_count(type);
  global->op = op;
  global->type = type;
  global->buffer = mlirFlatSymbolRefAttrGet(schedule->context, tenon_symbol_name(op));
  global->dims = tenon_arena_alloc(&schedule->arena, (size_t)dim_count, sizeof(MlirAttribute));
  if (schedule->asynchronous && tenon_map_get(&schedule->changed_globals, op.ptr)) {
    global->point = add_part(schedule, op, "point", schedule->timepoint_type);
  }
  for (intptr_t i = dim_count; i-- > 0;) {
    tenon_text_t ending = {0};
    tenon_text_appendf(&ending, "dim%d", (int)i);
    global->dims[i] = add_part(schedule, op, ending.data, schedule->index_type);
    free(ending.data);
  }
  tenon_map_set(&schedule->tensor_globals, op.ptr, global);
}

static MlirType type_of(MlirOperation global) {
  return mlirTypeAttrGetValue(mlirOperationGetAttributeByName(global, tenon_str("type")));
}

void tenon_add_tensor_globals(tenon_schedule_t* schedule) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(schedule->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "util.global") && tenon_is_tensor(type_of(op))) {
      add_global(schedule, op, type_of(op));
    }
  }
}

void tenon_finish_tensor_globals(tenon_schedule_t* schedule) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(schedule->program->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_map_get(&schedule->tensor_globals, op.ptr)) continue;
    mlirOperationSetAttributeByName(op, tenon_str("type"), mlirTypeAttrGet(schedule->buffer_type));
    mlirOperationRemoveAttributeByName(op, tenon_str("initial_value"));
  }
}

//===----------------------------------------------------------------------===//
// Loading and storing
//===----------------------------------------------------------------------===//

static MlirValue load(tenon_builder_t* builder, MlirAttribute symbol, MlirType type) {
  MlirNamedAttribute global = tenon_attr(builder->schedule->context, "global", symbol);
  return mlirOperationGetResult(
      tenon_append(builder, "util.global.load", 1, &type, 0, NULL, 1, &global), 0);
}

static void store(tenon_builder_t* builder, MlirValue value, MlirAttribute symbol) {
  MlirNamedAttribute global = tenon_attr(builder->schedule->context, "global", symbol);
  tenon_append(builder, "util.global.store", 0, NULL, 1, &value, 1, &global);
}

MlirLogicalResult tenon_convert_global_load(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  const tensor_global_t* global = find(converter->schedule, op);
  tenon_tensor_t* tensor = tenon_new_tensor(builder, global->type);
  tensor->buffer = load(builder, global->buffer, converter->schedule->buffer_type);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    tensor->dims[i] = load(builder, global->dims[i], converter->schedule->index_type);
  }
  tensor->point = mlirAttributeIsNull(global->point)
                      ? tenon_build_immediate(builder)
                      : load(builder, global->point, converter->schedule->timepoint_type);
  tenon_map_tensor(converter, mlirOperationGetResult(op, 0), tensor);
  return mlirLogicalResultSuccess();
}

MlirValue tenon_build_global_dim(tenon_builder_t* builder, MlirOperation op, intptr_t index) {
  return load(builder, find(builder->schedule, op)->dims[index], builder->schedule->index_type);
}

MlirLogicalResult tenon_convert_global_store(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  const tensor_global_t* global = find(converter->schedule, op);
  MlirValue value = mlirOperationGetOperand(op, 0);
  const tenon_tensor_t* tensor = tenon_converted_tensor(converter, value);
  if (tenon_origins_is_foreign(converter->info->origins, value) ||
      tenon_map_get(&converter->schedule->copied_stores, op.ptr)) {
    tensor = tenon_build_clone(builder, tensor);
  }
  if (converter->schedule->asynchronous && mlirAttributeIsNull(global->point)) {
    tenon_build_wait(builder, &tensor->point, 1);  // who loads it has nothing to wait for
  }
  store(builder, tensor->buffer, global->buffer);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    store(builder, tensor->dims[i], global->dims[i]);
  }
  if (!mlirAttributeIsNull(global->point)) {
    store(builder, tenon_point(builder, tensor->point), global->point);
  }
  return mlirLogicalResultSuccess();
}
