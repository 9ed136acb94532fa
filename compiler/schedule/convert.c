// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Converts operations one by one, with a map from old values to new.

#include "compiler/schedule/convert.h"

#include <stdlib.h>

#include "compiler/schedule/origins.h"
#include "compiler/schedule/ownership.h"
#include "compiler/schedule/split.h"
#include "compiler/support/cfg.h"

//===----------------------------------------------------------------------===//
// Values and their parts
//===----------------------------------------------------------------------===//

MlirValue tenon_converted_scalar(const tenon_converter_t* converter, MlirValue old) {
  return (MlirValue){tenon_map_get(&converter->values, old.ptr)};
}

tenon_tensor_t* tenon_converted_tensor(const tenon_converter_t* converter, MlirValue old) {
  return tenon_map_get(&converter->values, old.ptr);
}

void tenon_map_scalar(tenon_converter_t* converter, MlirValue old, MlirValue converted) {
  tenon_map_set(&converter->values, old.ptr, (void*)converted.ptr);
}

void tenon_map_tensor(tenon_converter_t* converter, MlirValue old, tenon_tensor_t* converted) {
  tenon_map_set(&converter->values, old.ptr, converted);
}

static void append_tensor(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                          tenon_value_list_t* list) {
  TENON_APPEND(list, tensor->buffer);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) TENON_APPEND(list, tensor->dims[i]);
  TENON_APPEND(list, tenon_point(builder, tensor->point));
}

void tenon_append_parts(tenon_converter_t* converter, MlirValue old, tenon_value_list_t* list) {
  if (!tenon_is_tensor(mlirValueGetType(old))) {
    TENON_APPEND(list, tenon_converted_scalar(converter, old));
  } else {
    append_tensor(&converter->builder, tenon_converted_tensor(converter, old), list);
  }
}

void tenon_append_part_types(tenon_schedule_t* schedule, MlirType type, tenon_type_list_t* list) {
  if (!tenon_is_tensor(type)) {
    TENON_APPEND(list, type);
    return;
  }
  TENON_APPEND(list, schedule->buffer_type);
  for (intptr_t i = tenon_dynamic_dim_count(type); i > 0; --i) {
    TENON_APPEND(list, schedule->index_type);
  }
  TENON_APPEND(list, schedule->timepoint_type);
}

tenon_tensor_t* tenon_tensor_of_parts(tenon_builder_t* builder, MlirType type,
                                      MlirValue (*get)(void* source, intptr_t index), void* source,
                                      intptr_t* next) {
  tenon_tensor_t* tensor = tenon_new_tensor(builder, type);
  tensor->buffer = get(source, (*next)++);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) tensor->dims[i] = get(source, (*next)++);
  tensor->point = get(source, (*next)++);
  return tensor;
}

MlirValue tenon_get_result(void* op, intptr_t index) {
  return mlirOperationGetResult(*(MlirOperation*)op, index);
}

MlirValue tenon_get_argument(void* block, intptr_t index) {
  return mlirBlockGetArgument(*(MlirBlock*)block, index);
}

//===----------------------------------------------------------------------===//
// Calls, branches, returns and scalars
//===----------------------------------------------------------------------===//

static MlirLogicalResult convert_call(tenon_converter_t* converter, MlirOperation op) {
  tenon_schedule_t* schedule = converter->schedule;
  const tenon_function_info_t* callee =
      tenon_schedule_find(schedule, mlirOperationGetAttributeByName(op, tenon_str("callee")));
  if (!callee) return tenon_error(op, "the called function does not exist");
  if (callee->kind == TENON_FUNCTION_IMPORT) {
    MlirValue signaled;
    tenon_convert_import_call(converter, op, callee, &signaled);
    if (!mlirValueIsNull(signaled) && !callee->nosideeffects) {
      tenon_build_wait(&converter->builder, &signaled, 1);
    }
    return mlirLogicalResultSuccess();
  }
  tenon_value_list_t operands = {0};
  tenon_type_list_t types = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_append_parts(converter, mlirOperationGetOperand(op, i), &operands);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    tenon_append_part_types(schedule, mlirValueGetType(mlirOperationGetResult(op, i)), &types);
  }
  MlirNamedAttribute attribute = tenon_attr(
      schedule->context, "callee", mlirFlatSymbolRefAttrGet(schedule->context, callee->internal));
  MlirOperation call =
      tenon_append(&converter->builder, "func.call", (intptr_t)types.count, types.data,
                   (intptr_t)operands.count, operands.data, 1, &attribute);
  free(types.data);
  free(operands.data);
  intptr_t next = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue old = mlirOperationGetResult(op, i);
    MlirType type = mlirValueGetType(old);
    if (tenon_is_tensor(type)) {
      tenon_tensor_t* tensor =
          tenon_tensor_of_parts(&converter->builder, type, tenon_get_result, &call, &next);
      tenon_map_tensor(converter, old, tensor);
      tenon_add_work(&converter->builder, converter->builder.block, tensor->point);
    } else {
      tenon_map_scalar(converter, old, mlirOperationGetResult(call, next++));
    }
  }
  return mlirLogicalResultSuccess();
}

// The function has ended for its caller when the points of its results are reached: those of work that they don't wait for is added to
// the first; without a result, the host waits.
static void convert_internal_return(tenon_converter_t* converter, MlirOperation op) {
  tenon_builder_t* builder = &converter->builder;
  tenon_value_list_t operands = {0}, points = {0};
  size_t first = 0;  // position of the first point
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_append_parts(converter, mlirOperationGetOperand(op, i), &operands);
    if (!tenon_is_tensor(mlirValueGetType(mlirOperationGetOperand(op, i)))) continue;
    if (points.count == 0) first = operands.count - 1;
    TENON_APPEND(&points, operands.data[operands.count - 1]);
  }
  size_t result_count = points.count;
  tenon_add_unfinished(builder, NULL, &points);
  if (result_count == 0) {
    tenon_build_wait(builder, points.data, (intptr_t)points.count);
  } else if (points.count > result_count) {
    // The first result's point and the others', without those of the other results.
    points.data[result_count - 1] = points.data[0];
    operands.data[first] = tenon_build_join(builder, points.data + result_count - 1,
                                            (intptr_t)(points.count - result_count + 1));
  }
  tenon_append(builder, "func.return", 0, NULL, (intptr_t)operands.count, operands.data, 0, NULL);
  free(points.data);
  free(operands.data);
}

static MlirLogicalResult convert_return(tenon_converter_t* converter, MlirOperation op) {
  intptr_t count = mlirOperationGetNumOperands(op);
  if (converter->targets) {
    tenon_return_to_targets(converter, op);
    return mlirLogicalResultSuccess();
  }
  if (!converter->is_export) {
    convert_internal_return(converter, op);
    return mlirLogicalResultSuccess();
  }
  tenon_tensor_t** tensors = tenon_xcalloc((size_t)count, sizeof(*tensors));
  MlirValue* scalars = tenon_xcalloc((size_t)count, sizeof(*scalars));
  bool* copy = tenon_xcalloc((size_t)count, sizeof(*copy));
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (tenon_is_tensor(mlirValueGetType(operand))) {
      tensors[i] = tenon_converted_tensor(converter, operand);
    } else {
      scalars[i] = tenon_converted_scalar(converter, operand);
    }
  }
  tenon_origins_of_return(converter->info->origins, op, copy);
  tenon_return_views(&converter->builder, converter->info, tensors, scalars, copy);
  free(copy);
  free(scalars);
  free(tensors);
  return mlirLogicalResultSuccess();
}

void tenon_append_branch(tenon_builder_t* builder, MlirOperation like,
                         const tenon_value_list_t* operands, const MlirBlock* successors,
                         const int32_t* counts) {
  MlirContext context = builder->schedule->context;
  intptr_t successor_count = mlirOperationGetNumSuccessors(like);
  MlirOperationState state =
      mlirOperationStateGet(tenon_op_name(like), mlirOperationGetLocation(like));
  mlirOperationStateAddOperands(&state, (intptr_t)operands->count, operands->data);
  mlirOperationStateAddSuccessors(&state, successor_count, successors);
  if (tenon_op_is(like, "cf.cond_br")) {
    const int32_t sizes[] = {1, counts[0], counts[1]};
    MlirNamedAttribute attribute =
        tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 3, sizes));
    mlirOperationStateAddAttributes(&state, 1, &attribute);
  } else if (tenon_op_is(like, "cf.switch")) {
    const int32_t sizes[] = {1, counts[0], (int32_t)operands->count - 1 - counts[0]};
    MlirNamedAttribute attributes[3] = {
        tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 3, sizes)),
        tenon_attr(context, "case_operand_segments",
                   mlirDenseI32ArrayGet(context, successor_count - 1, counts + 1)),
    };
    MlirAttribute values = mlirOperationGetAttributeByName(like, tenon_str("case_values"));
    bool has_values = !mlirAttributeIsNull(values);
    if (has_values) attributes[2] = tenon_attr(context, "case_values", values);
    mlirOperationStateAddAttributes(&state, has_values ? 3 : 2, attributes);
  }
  mlirBlockAppendOwnedOperation(builder->block, mlirOperationCreate(&state));
}

// The parts of operand |position| of a branch, for |argument|. One that owns its storage gets a copy, or what nobody reads any more.
static void append_passed(tenon_converter_t* converter, MlirOperation op, intptr_t position,
                          MlirValue argument, tenon_value_list_t* list) {
  tenon_builder_t* builder = &converter->builder;
  const struct tenon_ownership_t* ownership = converter->info->origins->ownership;
  MlirValue old = mlirOperationGetOperand(op, position);
  if (!tenon_is_owner(ownership, argument)) {
    tenon_append_parts(converter, old, list);
    return;
  }
  tenon_tensor_t passed = *tenon_converted_tensor(converter, old);
  if (tenon_is_copied(ownership, op, position)) {
    passed = *tenon_build_clone(builder, &passed);
    tenon_note_reader(converter, old, passed.point);
  } else {
    passed.point = tenon_point_to_write(converter, old, &passed);
  }
  append_tensor(builder, &passed, list);
}

// A branch whose successors take the parts of the tensors they took.
static MlirLogicalResult convert_branch(tenon_converter_t* converter, MlirOperation op) {
  intptr_t successor_count = mlirOperationGetNumSuccessors(op);
  tenon_value_list_t operands = {0};
  if (!tenon_op_is(op, "cf.br")) {
    tenon_append_parts(converter, mlirOperationGetOperand(op, 0), &operands);
  }
  MlirBlock* successors = tenon_xcalloc((size_t)successor_count, sizeof(*successors));
  int32_t* counts = tenon_xcalloc((size_t)successor_count, sizeof(*counts));
  MlirLogicalResult status = mlirLogicalResultSuccess();
  for (intptr_t i = 0; i < successor_count && mlirLogicalResultIsSuccess(status); ++i) {
    intptr_t first = 0, count = 0;
    status = tenon_branch_operands(op, i, &first, &count);
    size_t before = operands.count;
    for (intptr_t j = 0; j < count; ++j) {
      MlirValue argument = mlirBlockGetArgument(mlirOperationGetSuccessor(op, i), j);
      append_passed(converter, op, first + j, argument, &operands);
    }
    counts[i] = (int32_t)(operands.count - before);
    successors[i].ptr = tenon_map_get(&converter->blocks, mlirOperationGetSuccessor(op, i).ptr);
  }
  if (mlirLogicalResultIsSuccess(status)) {
    tenon_append_branch(&converter->builder, op, &operands, successors, counts);
  }
  free(counts);
  free(successors);
  free(operands.data);
  return status;
}

bool tenon_touches_tensors(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    if (tenon_is_tensor(mlirValueGetType(mlirOperationGetOperand(op, i)))) return true;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (tenon_is_tensor(mlirValueGetType(mlirOperationGetResult(op, i)))) return true;
  }
  return false;
}

static MlirLogicalResult convert_scalar(tenon_converter_t* converter, MlirOperation op) {
  if (mlirOperationGetNumRegions(op) > 0) {
    MlirStringRef name = tenon_op_name(op);
    return tenon_error(op, "'%.*s' is not supported: it has regions", (int)name.length, name.data);
  }
  MlirOperation clone = mlirOperationClone(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    mlirOperationSetOperand(clone, i,
                            tenon_converted_scalar(converter, mlirOperationGetOperand(op, i)));
  }
  mlirBlockAppendOwnedOperation(converter->builder.block, clone);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    tenon_map_scalar(converter, mlirOperationGetResult(op, i), mlirOperationGetResult(clone, i));
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_convert_op(tenon_converter_t* converter, MlirOperation op) {
  converter->builder.location = mlirOperationGetLocation(op);
  if (mlirOperationGetNumSuccessors(op) > 0) return convert_branch(converter, op);
  if (tenon_op_is(op, "func.call")) return convert_call(converter, op);
  if (tenon_op_is(op, "func.return")) return convert_return(converter, op);
  if (tenon_touches_tensors(op)) return tenon_convert_tensor_op(converter, op);
  return convert_scalar(converter, op);
}
