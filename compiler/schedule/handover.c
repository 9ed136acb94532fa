// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/handover.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/schedule/origins.h"

//===----------------------------------------------------------------------===//
// Numbers as indices
//===----------------------------------------------------------------------===//

static MlirValue cast(tenon_builder_t* builder, const char* name, MlirValue value, MlirType type) {
  return mlirOperationGetResult(tenon_append(builder, name, 1, &type, 1, &value, 0, NULL), 0);
}

// The integer type with the bits of |type|.
static MlirType bits_of(tenon_builder_t* builder, MlirType type) {
  return mlirTypeIsAFloat(type)
             ? mlirIntegerTypeGet(builder->schedule->context, mlirFloatTypeGetWidth(type))
             : type;
}

static MlirValue to_index(tenon_builder_t* builder, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  if (mlirTypeIsAIndex(type)) return value;
  if (mlirTypeIsAFloat(type)) value = cast(builder, "arith.bitcast", value, bits_of(builder, type));
  return cast(builder, "arith.index_cast", value, builder->schedule->index_type);
}

static MlirValue from_index(tenon_builder_t* builder, MlirValue value, MlirType type) {
  if (mlirTypeIsAIndex(type)) return value;
  value = cast(builder, "arith.index_cast", value, bits_of(builder, type));
  return mlirTypeIsAFloat(type) ? cast(builder, "arith.bitcast", value, type) : value;
}

//===----------------------------------------------------------------------===//
// Handing over
//===----------------------------------------------------------------------===//

// Constants and the immediate point are made again instead.
static bool is_made_again(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  return tenon_op_is(op, "arith.constant") || tenon_op_is(op, "tenon.constant") ||
         tenon_op_is(op, "tenon.immediate");
}

void tenon_handover_add(tenon_handover_t* handover, MlirValue value) {
  if (is_made_again(value)) return;
  MlirType type = mlirValueGetType(value);
  tenon_value_list_t* list = &handover->indices;
  if (tenon_type_is_buffer(type)) {
    list = &handover->buffers;
  } else if (tenon_type_is_timepoint(type)) {
    list = &handover->points;
  } else if (tenon_type_is_ref(type) || tenon_type_is_turn(type)) {
    list = &handover->refs;
  } else if (!mlirTypeIsAIndex(type)) {
    if (tenon_map_get(&handover->numbers, value.ptr)) return;
    MlirValue number = to_index(&handover->from->builder, value);
    tenon_map_set(&handover->numbers, value.ptr, (void*)number.ptr);
    value = number;
  }
  if (tenon_map_get(&handover->positions, value.ptr)) return;
  TENON_APPEND(list, value);
  tenon_map_set(&handover->positions, value.ptr, (void*)list->count);
}

static void add_operands(tenon_handover_t* handover, MlirOperation op, tenon_map_t* seen) {
  tenon_converter_t* from = handover->from;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue old = mlirOperationGetOperand(op, i);
    if (!tenon_map_get(&from->values, old.ptr) || tenon_map_get(seen, old.ptr)) continue;
    tenon_map_set(seen, old.ptr, (void*)old.ptr);
    TENON_APPEND(&handover->live, old);
    if (!tenon_is_tensor(mlirValueGetType(old))) {
      tenon_handover_add(handover, tenon_converted_scalar(from, old));
      continue;
    }
    const tenon_tensor_t* tensor = tenon_converted_tensor(from, old);
    tenon_handover_add(handover, tensor->buffer);
    tenon_handover_add(handover, tensor->point);
    for (intptr_t j = 0; j < tensor->dim_count; ++j) tenon_handover_add(handover, tensor->dims[j]);
  }
}

static void add_all_operands(tenon_handover_t* handover, MlirOperation op, tenon_map_t* seen) {
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    add_operands(handover, op, seen);
  }
}

void tenon_handover_add_live(tenon_handover_t* handover, MlirOperation first) {
  const tenon_block_list_t* blocks = &handover->from->info->origins->blocks;
  tenon_map_t seen = {0};
  add_all_operands(handover, first, &seen);
  for (size_t i = 1; i < blocks->count; ++i) {
    add_all_operands(handover, mlirBlockGetFirstOperation(blocks->data[i]), &seen);
  }
  tenon_map_free(&seen);
}

void tenon_handover_add_unfinished(tenon_handover_t* handover) {
  tenon_add_unfinished(&handover->from->builder, NULL, &handover->unfinished);
  for (size_t i = 0; i < handover->unfinished.count; ++i) {
    tenon_handover_add(handover, handover->unfinished.data[i]);
  }
}

void tenon_handover_add_readers(tenon_handover_t* handover) {
  const tenon_converter_t* from = handover->from;
  for (size_t i = 0; i < from->readers.lists.count; ++i) {
    const tenon_value_list_t* points = &from->readers.lists.data[i].points;
    for (size_t j = 0; j < points->count; ++j) {
      MlirValue point = points->data[j];
      if (!tenon_is_reached(&from->builder, point)) tenon_handover_add(handover, point);
    }
  }
}

static void receive_readers(tenon_handover_t* handover, tenon_converter_t* rest) {
  const tenon_converter_t* from = handover->from;
  for (size_t i = 0; i < from->readers.lists.count; ++i) {
    const struct tenon_reader_list_t* list = &from->readers.lists.data[i];
    for (size_t j = 0; j < list->points.count; ++j) {
      MlirValue point = list->points.data[j];
      if (tenon_is_reached(&from->builder, point)) continue;
      tenon_note_reader(rest, list->root, tenon_handover_get(handover, rest, point));
    }
  }
}

void tenon_handover_append(const tenon_handover_t* handover, tenon_value_list_t* operands) {
  const tenon_value_list_t* lists[] = {&handover->buffers, &handover->points, &handover->refs,
                                       &handover->indices};
  for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); ++i) {
    for (size_t j = 0; j < lists[i]->count; ++j) TENON_APPEND(operands, lists[i]->data[j]);
  }
}

//===----------------------------------------------------------------------===//
// Receiving
//===----------------------------------------------------------------------===//

MlirValue tenon_handover_get(tenon_handover_t* handover, tenon_converter_t* rest, MlirValue value) {
  tenon_builder_t* builder = &rest->builder;
  if (mlirValueEqual(value, handover->from->builder.immediate)) {
    return tenon_build_immediate(builder);
  }
  MlirValue known = {tenon_map_get(&handover->received, value.ptr)};
  if (!mlirValueIsNull(known)) return known;
  if (is_made_again(value)) {
    MlirOperation clone = mlirOperationClone(mlirOpResultGetOwner(value));
    mlirBlockAppendOwnedOperation(builder->block, clone);
    known = mlirOperationGetResult(clone, 0);
  } else {
    MlirValue number = {tenon_map_get(&handover->numbers, value.ptr)};
    MlirValue received = {tenon_map_get(&handover->received, number.ptr)};
    known = from_index(builder, received, mlirValueGetType(value));
  }
  tenon_map_set(&handover->received, value.ptr, (void*)known.ptr);
  return known;
}

static void receive_tensor(tenon_handover_t* handover, tenon_converter_t* rest, MlirValue old) {
  const tenon_tensor_t* source = tenon_converted_tensor(handover->from, old);
  tenon_tensor_t* tensor = tenon_new_tensor(&rest->builder, source->type);
  tensor->buffer = tenon_handover_get(handover, rest, source->buffer);
  tensor->point = tenon_handover_get(handover, rest, source->point);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    tensor->dims[i] = tenon_handover_get(handover, rest, source->dims[i]);
  }
  tenon_map_tensor(rest, old, tensor);
}

static MlirType type_of_rest(tenon_schedule_t* schedule, const tenon_value_list_t* values) {
  tenon_type_list_t types = {0};
  TENON_APPEND(&types, schedule->fence_type);
  for (size_t i = 0; i < values->count; ++i) {
    TENON_APPEND(&types, mlirValueGetType(values->data[i]));
  }
  MlirType type =
      mlirFunctionTypeGet(schedule->context, (intptr_t)types.count, types.data, 0, NULL);
  free(types.data);
  return type;
}

// Makes the function: the fence, and what was handed over, in order.
static void begin_function(tenon_handover_t* handover, MlirStringRef name,
                           tenon_converter_t* rest) {
  tenon_schedule_t* schedule = handover->from->schedule;
  const tenon_function_info_t* info = rest->info;
  MlirLocation location = mlirOperationGetLocation(info->op);
  tenon_value_list_t values = {0};
  tenon_handover_append(handover, &values);
  MlirOperation function = tenon_new_function(schedule, info, name, type_of_rest(schedule, &values),
                                              /*is_border=*/false);
  rest->region = mlirOperationGetFirstRegion(function);
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  tenon_begin_entry(rest, info->origins->blocks.data[0], block);
  rest->builder.signal = mlirBlockAddArgument(block, schedule->fence_type, location);
  for (size_t i = 0; i < values.count; ++i) {
    MlirValue argument = mlirBlockAddArgument(block, mlirValueGetType(values.data[i]), location);
    tenon_map_set(&handover->received, values.data[i].ptr, (void*)argument.ptr);
  }
  free(values.data);
}

void tenon_handover_begin(tenon_handover_t* handover, MlirStringRef name, tenon_converter_t* rest) {
  const tenon_converter_t* from = handover->from;
  rest->schedule = from->schedule;
  rest->info = from->info;
  rest->builder.schedule = from->schedule;
  rest->builder.location = mlirOperationGetLocation(from->info->op);
  begin_function(handover, name, rest);
  for (size_t i = 0; i < handover->unfinished.count; ++i) {
    tenon_add_work(&rest->builder, rest->builder.entry,
                   tenon_handover_get(handover, rest, handover->unfinished.data[i]));
  }
  receive_readers(handover, rest);
  for (size_t i = 0; i < handover->live.count; ++i) {
    MlirValue old = handover->live.data[i];
    if (tenon_is_tensor(mlirValueGetType(old))) {
      receive_tensor(handover, rest, old);
    } else {
      tenon_map_scalar(rest, old,
                       tenon_handover_get(handover, rest, tenon_converted_scalar(from, old)));
    }
  }
}

void tenon_handover_free(tenon_handover_t* handover) {
  free(handover->unfinished.data);
  free(handover->live.data);
  free(handover->buffers.data);
  free(handover->points.data);
  free(handover->refs.data);
  free(handover->indices.data);
  tenon_map_free(&handover->positions);
  tenon_map_free(&handover->numbers);
  tenon_map_free(&handover->received);
}
