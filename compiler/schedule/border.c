// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors that cross the border of the program, as views: arguments and results of exports, and of
// calls of imports.

#include <stdlib.h>

#include "compiler/schedule/turns.h"
#include "compiler/schedule/convert.h"
#include "compiler/schedule/origins.h"

// "argument 0 of @main"; owned by the caller.
static char* describe(const char* what, intptr_t index, const char* prefix, MlirStringRef name) {
  tenon_text_t text = {0};
  tenon_text_appendf(&text, "%s %d of %s%.*s", what, (int)index, prefix, (int)name.length,
                     name.data);
  return text.data;
}

static tenon_tensor_t* import_view(tenon_builder_t* builder, MlirType type, MlirValue view,
                                   const char* what, intptr_t index, const char* prefix,
                                   MlirStringRef name) {
  char* context = describe(what, index, prefix, name);
  tenon_tensor_t* tensor = tenon_build_import(builder, type, view, context);
  free(context);
  return tensor;
}

static MlirValue export_view(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                             const char* what, intptr_t index, const char* prefix,
                             MlirStringRef name) {
  char* context = describe(what, index, prefix, name);
  MlirValue view = tenon_build_export(builder, tensor, context);
  free(context);
  return view;
}

void tenon_import_arguments(tenon_converter_t* converter, MlirBlock old_entry, MlirValue wait) {
  tenon_builder_t* builder = &converter->builder;
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(old_entry); ++i) {
    MlirValue old = mlirBlockGetArgument(old_entry, i);
    MlirValue argument = mlirBlockGetArgument(builder->entry, i);
    if (!tenon_is_tensor(mlirValueGetType(old))) {
      tenon_map_scalar(converter, old, argument);
      continue;
    }
    builder->location = mlirValueGetLocation(old);
    tenon_tensor_t* tensor = import_view(builder, mlirValueGetType(old), argument, "argument", i,
                                         "@", converter->info->name);
    if (!mlirValueIsNull(wait)) tensor->point = wait;
    tenon_map_tensor(converter, old, tensor);
  }
}

// The points of all tensors of a border crossing; |tensors[i]| is NULL for a scalar.
static tenon_value_list_t points_of(tenon_tensor_t* const* tensors, intptr_t count) {
  tenon_value_list_t points = {0};
  for (intptr_t i = 0; i < count; ++i) {
    if (tensors[i]) TENON_APPEND(&points, tensors[i]->point);
  }
  return points;
}

MlirValue tenon_export_result(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                              const tenon_function_info_t* info, intptr_t index) {
  return export_view(builder, tensor, "result", index, "@", info->name);
}

void tenon_signal_all(tenon_builder_t* builder, tenon_value_list_t* points) {
  tenon_add_unfinished(builder, NULL, points);
  MlirValue ended = tenon_build_join(builder, points->data, (intptr_t)points->count);
  tenon_build_signal(builder, ended, builder->signal);
}

// Result i is |tensors[i]|, or |scalars[i]| when that is NULL.
void tenon_return_views(tenon_builder_t* builder, const tenon_function_info_t* info,
                        tenon_tensor_t** tensors, const MlirValue* scalars, const bool* copy) {
  intptr_t count = mlirFunctionTypeGetNumResults(info->type);
  for (intptr_t i = 0; i < count; ++i) {
    if (tensors[i] && copy[i]) tensors[i] = tenon_build_clone(builder, tensors[i]);
  }
  tenon_value_list_t points = points_of(tensors, count);
  bool fenced = !mlirValueIsNull(builder->signal);
  if (!fenced) {
    tenon_add_unfinished(builder, NULL, &points);
    tenon_build_wait(builder, points.data, (intptr_t)points.count);
  }
  MlirValue* results = tenon_xcalloc((size_t)count, sizeof(*results));
  for (intptr_t i = 0; i < count; ++i) {
    results[i] = tensors[i] ? tenon_export_result(builder, tensors[i], info, i) : scalars[i];
  }
  if (fenced) tenon_signal_all(builder, &points);
  tenon_append(builder, "func.return", 0, NULL, count, results, 0, NULL);
  free(points.data);
  free(results);
}

// The views that an import is given, or the scalars, and for one with fences those: |out_signaled| is then the point at which it is
// done, else null. A synchronous import is called when its arguments are there.
static tenon_value_list_t import_operands(tenon_converter_t* converter, MlirOperation op,
                                          const tenon_function_info_t* callee,
                                          MlirValue* out_signaled) {
  tenon_builder_t* builder = &converter->builder;
  intptr_t count = mlirOperationGetNumOperands(op);
  tenon_tensor_t** tensors = tenon_xcalloc((size_t)count, sizeof(*tensors));
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue old = mlirOperationGetOperand(op, i);
    if (tenon_is_tensor(mlirValueGetType(old))) tensors[i] = tenon_converted_tensor(converter, old);
  }
  tenon_value_list_t points = points_of(tensors, count), operands = {0};
  if (!callee->fenced) tenon_build_wait(builder, points.data, (intptr_t)points.count);
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue operand = tensors[i]
                            ? export_view(builder, tensors[i], "argument", i, "", callee->name)
                            : tenon_converted_scalar(converter, mlirOperationGetOperand(op, i));
    TENON_APPEND(&operands, operand);
  }
  *out_signaled = (MlirValue){NULL};
  if (callee->fenced) {
    MlirValue wait = tenon_build_join(builder, points.data, (intptr_t)points.count);
    TENON_APPEND(&operands, wait);
    MlirValue fence = tenon_build_fence(builder, out_signaled);
    TENON_APPEND(&operands, fence);
  }
  free(points.data);
  free(tensors);
  return operands;
}

static void map_import_results(tenon_converter_t* converter, MlirOperation op, MlirOperation call,
                               const tenon_function_info_t* callee, MlirValue point) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue old = mlirOperationGetResult(op, i), result = mlirOperationGetResult(call, i);
    if (!tenon_is_tensor(mlirValueGetType(old))) {
      tenon_map_scalar(converter, old, result);
      continue;
    }
    tenon_tensor_t* tensor = import_view(&converter->builder, mlirValueGetType(old), result,
                                         "result", i, "", callee->name);
    if (!mlirValueIsNull(point)) tensor->point = point;
    tenon_map_tensor(converter, old, tensor);
  }
}

void tenon_convert_import_call(tenon_converter_t* converter, MlirOperation op,
                               const tenon_function_info_t* callee, MlirValue* out_signaled) {
  tenon_builder_t* builder = &converter->builder;
  MlirType type = tenon_converted_type(converter->schedule, callee, /*is_border=*/true);
  intptr_t result_count = mlirFunctionTypeGetNumResults(type);
  MlirType* types = tenon_xcalloc((size_t)result_count, sizeof(*types));
  for (intptr_t i = 0; i < result_count; ++i) types[i] = mlirFunctionTypeGetResult(type, i);
  tenon_value_list_t operands = import_operands(converter, op, callee, out_signaled);
  MlirNamedAttribute attribute =
      tenon_attr(converter->schedule->context, "callee",
                 mlirOperationGetAttributeByName(op, tenon_str("callee")));
  MlirOperation call = tenon_append(builder, "func.call", result_count, types,
                                    (intptr_t)operands.count, operands.data, 1, &attribute);
  free(operands.data);
  free(types);
  map_import_results(converter, op, call, callee, *out_signaled);
}

void tenon_convert_import(tenon_schedule_t* schedule, const tenon_function_info_t* info) {
  MlirType type = tenon_converted_type(schedule, info, /*is_border=*/true);
  tenon_new_function(schedule, info, info->name, type, /*is_border=*/true);
}

// The parts of the wrapped function's arguments, from the wrapper's.
static tenon_value_list_t wrapper_operands(tenon_builder_t* builder,
                                           const tenon_function_info_t* info) {
  tenon_value_list_t operands = {0};
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(info->type); ++i) {
    MlirType type = mlirFunctionTypeGetInput(info->type, i);
    MlirValue argument = mlirBlockGetArgument(builder->entry, i);
    if (!tenon_is_tensor(type)) {
      TENON_APPEND(&operands, argument);
      continue;
    }
    tenon_tensor_t* tensor = import_view(builder, type, argument, "argument", i, "@", info->name);
    TENON_APPEND(&operands, tensor->buffer);
    for (intptr_t j = 0; j < tensor->dim_count; ++j) TENON_APPEND(&operands, tensor->dims[j]);
    TENON_APPEND(&operands, tensor->point);
  }
  return operands;
}

static MlirOperation call_internal(tenon_builder_t* builder, const tenon_function_info_t* info) {
  tenon_schedule_t* schedule = builder->schedule;
  tenon_value_list_t operands = wrapper_operands(builder, info);
  tenon_type_list_t types = {0};
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumResults(info->type); ++i) {
    tenon_append_part_types(schedule, mlirFunctionTypeGetResult(info->type, i), &types);
  }
  MlirNamedAttribute callee = tenon_attr(
      schedule->context, "callee", mlirFlatSymbolRefAttrGet(schedule->context, info->internal));
  MlirOperation call = tenon_append(builder, "func.call", (intptr_t)types.count, types.data,
                                    (intptr_t)operands.count, operands.data, 1, &callee);
  free(types.data);
  free(operands.data);
  return call;
}

void tenon_build_wrapper(tenon_schedule_t* schedule, const tenon_function_info_t* info) {
  MlirType type = tenon_converted_type(schedule, info, /*is_border=*/true);
  MlirOperation function = tenon_new_function(schedule, info, info->name, type, /*is_border=*/true);
  MlirLocation location = mlirOperationGetLocation(info->op);
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  for (intptr_t i = 0; i < mlirFunctionTypeGetNumInputs(type); ++i) {
    mlirBlockAddArgument(block, mlirFunctionTypeGetInput(type, i), location);
  }
  mlirRegionAppendOwnedBlock(mlirOperationGetFirstRegion(function), block);
  tenon_builder_t builder = {
      .schedule = schedule, .entry = block, .block = block, .location = location};
  tenon_build_turn_begin(&builder, info);
  MlirOperation call = call_internal(&builder, info);

  size_t count = (size_t)mlirFunctionTypeGetNumResults(info->type);
  tenon_tensor_t** tensors = tenon_xcalloc(count, sizeof(*tensors));
  MlirValue* scalars = tenon_xcalloc(count, sizeof(*scalars));
  bool* is_tensor = tenon_xcalloc(count, sizeof(*is_tensor));
  bool* copy = tenon_xcalloc(count, sizeof(*copy));
  intptr_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    MlirType old = mlirFunctionTypeGetResult(info->type, (intptr_t)i);
    is_tensor[i] = tenon_is_tensor(old);
    if (is_tensor[i]) {
      tensors[i] = tenon_tensor_of_parts(&builder, old, tenon_get_result, &call, &next);
    } else {
      scalars[i] = mlirOperationGetResult(call, next++);
    }
  }
  tenon_origins_of_results(info->origins, is_tensor, copy);
  tenon_return_views(&builder, info, tensors, scalars, copy);
  tenon_builder_free(&builder);
  free(copy);
  free(is_tensor);
  free(scalars);
  free(tensors);
}
