// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/build.h"

#include <stdlib.h>

#include "compiler/support/values.h"

MlirOperation tenon_append(tenon_builder_t* builder, const char* name, intptr_t result_count,
                           const MlirType* results, intptr_t operand_count,
                           const MlirValue* operands, intptr_t attribute_count,
                           const MlirNamedAttribute* attributes) {
  MlirOperation op = tenon_build_op(name, builder->location, result_count, results, operand_count,
                                    operands, attribute_count, attributes);
  mlirBlockAppendOwnedOperation(builder->block, op);
  return op;
}

static MlirNamedAttribute named(tenon_builder_t* builder, const char* name, MlirAttribute value) {
  return tenon_attr(builder->schedule->context, name, value);
}

static MlirNamedAttribute type_attribute(tenon_builder_t* builder, MlirType type) {
  return named(builder, "type", mlirTypeAttrGet(type));
}

static MlirNamedAttribute context_attribute(tenon_builder_t* builder, const char* context) {
  return named(builder, "context", tenon_string_attr(builder->schedule->context, context));
}

//===----------------------------------------------------------------------===//
// Tensors and their dimensions
//===----------------------------------------------------------------------===//

intptr_t tenon_dynamic_dim_count(MlirType type) {
  intptr_t count = 0;
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i) {
    count += mlirShapedTypeIsDynamicDim(type, i);
  }
  return count;
}

tenon_tensor_t* tenon_new_tensor(tenon_builder_t* builder, MlirType type) {
  tenon_arena_t* arena = &builder->schedule->arena;
  tenon_tensor_t* tensor = tenon_arena_alloc(arena, 1, sizeof(*tensor));
  tensor->type = type;
  tensor->dim_count = tenon_dynamic_dim_count(type);
  tensor->dims = tenon_arena_alloc(arena, (size_t)tensor->dim_count, sizeof(MlirValue));
  return tensor;
}

MlirValue tenon_tensor_dim(tenon_builder_t* builder, const tenon_tensor_t* tensor, intptr_t dim) {
  if (!mlirShapedTypeIsDynamicDim(tensor->type, dim)) {
    return tenon_build_index(builder, mlirShapedTypeGetDimSize(tensor->type, dim));
  }
  intptr_t position = 0;
  for (intptr_t i = 0; i < dim; ++i) position += mlirShapedTypeIsDynamicDim(tensor->type, i);
  return tensor->dims[position];
}

MlirValue tenon_build_index(tenon_builder_t* builder, int64_t value) {
  MlirType type = builder->schedule->index_type;
  MlirNamedAttribute attribute = named(builder, "value", mlirIntegerAttrGet(type, value));
  MlirOperation op = tenon_append(builder, "arith.constant", 1, &type, 0, NULL, 1, &attribute);
  return mlirOperationGetResult(op, 0);
}

//===----------------------------------------------------------------------===//
// The border
//===----------------------------------------------------------------------===//

tenon_tensor_t* tenon_build_import(tenon_builder_t* builder, MlirType type, MlirValue view,
                                   const char* context) {
  tenon_tensor_t* tensor = tenon_new_tensor(builder, type);
  MlirType* types = tenon_xcalloc((size_t)tensor->dim_count + 1, sizeof(*types));
  types[0] = builder->schedule->buffer_type;
  for (intptr_t i = 0; i < tensor->dim_count; ++i) types[i + 1] = builder->schedule->index_type;
  const MlirNamedAttribute attributes[] = {type_attribute(builder, type),
                                           context_attribute(builder, context)};
  MlirOperation op = tenon_append(builder, "tenon.tensor_import", tensor->dim_count + 1, types, 1,
                                  &view, 2, attributes);
  free(types);
  tensor->buffer = mlirOperationGetResult(op, 0);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    tensor->dims[i] = mlirOperationGetResult(op, i + 1);
  }
  tensor->point = tenon_build_immediate(builder);
  return tensor;
}

// |leading| values (one or two that are not null), then dims.
static MlirOperation append_with_dims(tenon_builder_t* builder, const char* name,
                                      intptr_t result_count, const MlirType* results,
                                      MlirValue first, MlirValue second,
                                      const tenon_tensor_t* tensor, intptr_t attribute_count,
                                      const MlirNamedAttribute* attributes) {
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, first);
  if (!mlirValueIsNull(second)) TENON_APPEND(&operands, second);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) TENON_APPEND(&operands, tensor->dims[i]);
  MlirOperation op = tenon_append(builder, name, result_count, results, (intptr_t)operands.count,
                                  operands.data, attribute_count, attributes);
  free(operands.data);
  return op;
}

MlirValue tenon_build_export(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                             const char* context) {
  const MlirNamedAttribute attributes[] = {type_attribute(builder, tensor->type),
                                           context_attribute(builder, context)};
  MlirOperation op =
      append_with_dims(builder, "tenon.tensor_export", 1, &builder->schedule->view_type,
                       tensor->buffer, (MlirValue){NULL}, tensor, 2, attributes);
  return mlirOperationGetResult(op, 0);
}

//===----------------------------------------------------------------------===//
// Buffers and work
//===----------------------------------------------------------------------===//

tenon_tensor_t* tenon_build_constant(tenon_builder_t* builder, MlirType type, MlirAttribute value) {
  tenon_tensor_t* tensor = tenon_new_tensor(builder, type);
  MlirNamedAttribute attribute = named(builder, "value", value);
  MlirOperation op = tenon_append(builder, "tenon.constant", 1, &builder->schedule->buffer_type, 0,
                                  NULL, 1, &attribute);
  tensor->buffer = mlirOperationGetResult(op, 0);
  tensor->point = tenon_build_immediate(builder);
  return tensor;
}

static tenon_tensor_t* new_like(tenon_builder_t* builder, MlirType type, const MlirValue* dims) {
  tenon_tensor_t* tensor = tenon_new_tensor(builder, type);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) tensor->dims[i] = dims[i];
  return tensor;
}

static void make_buffer(tenon_builder_t* builder, const char* name, MlirValue wait,
                        MlirValue source, tenon_tensor_t* tensor) {
  const MlirType types[] = {builder->schedule->buffer_type, builder->schedule->timepoint_type};
  MlirNamedAttribute attribute = type_attribute(builder, tensor->type);
  MlirOperation op = append_with_dims(builder, name, 2, types, wait, source, tensor, 1, &attribute);
  tensor->buffer = mlirOperationGetResult(op, 0);
  tensor->point = mlirOperationGetResult(op, 1);
}

tenon_tensor_t* tenon_build_alloc(tenon_builder_t* builder, MlirType type, const MlirValue* dims) {
  tenon_tensor_t* tensor = new_like(builder, type, dims);
  MlirValue none = {NULL};
  make_buffer(builder, "tenon.alloc", tenon_build_immediate(builder), none, tensor);
  return tensor;
}

tenon_tensor_t* tenon_build_in_place(tenon_builder_t* builder, MlirType type, const MlirValue* dims,
                                     MlirValue buffer) {
  tenon_tensor_t* tensor = new_like(builder, type, dims);
  tensor->buffer = buffer;
  tensor->point = tenon_build_immediate(builder);
  return tensor;
}

MlirValue tenon_build_copy(tenon_builder_t* builder, const tenon_tensor_t* source,
                           MlirValue target) {
  tenon_value_list_t operands = {0};
  TENON_APPEND(&operands, tenon_point(builder, source->point));
  TENON_APPEND(&operands, source->buffer);
  TENON_APPEND(&operands, target);
  for (intptr_t i = 0; i < source->dim_count; ++i) TENON_APPEND(&operands, source->dims[i]);
  MlirNamedAttribute attribute = type_attribute(builder, source->type);
  MlirOperation op = tenon_append(builder, "tenon.copy", 1, &builder->schedule->timepoint_type,
                                  (intptr_t)operands.count, operands.data, 1, &attribute);
  free(operands.data);
  MlirValue point = mlirOperationGetResult(op, 0);
  tenon_add_work(builder, builder->block, point);
  return point;
}

tenon_tensor_t* tenon_build_clone(tenon_builder_t* builder, const tenon_tensor_t* source) {
  tenon_tensor_t* tensor = new_like(builder, source->type, source->dims);
  make_buffer(builder, "tenon.clone", tenon_point(builder, source->point), source->buffer, tensor);
  tenon_add_work(builder, builder->block, tensor->point);
  return tensor;
}

MlirValue tenon_build_load(tenon_builder_t* builder, const tenon_tensor_t* tensor,
                           MlirValue number) {
  MlirType type = mlirShapedTypeGetElementType(tensor->type);
  const MlirValue operands[] = {tensor->buffer, number};
  MlirNamedAttribute attribute = type_attribute(builder, tensor->type);
  MlirOperation op = tenon_append(builder, "tenon.load", 1, &type, 2, operands, 1, &attribute);
  return mlirOperationGetResult(op, 0);
}

void tenon_build_execute(tenon_builder_t* builder, MlirAttribute callee, int64_t ordinal,
                         tenon_tensor_t* const* inputs, intptr_t input_count,
                         tenon_tensor_t* const* outputs, intptr_t output_count,
                         const MlirValue* scalars, intptr_t scalar_count) {
  tenon_value_list_t points = {0}, operands = {0};
  TENON_APPEND(&operands, ((MlirValue){NULL}));  // the point, once known
  for (intptr_t i = 0; i < input_count + output_count; ++i) {
    const tenon_tensor_t* tensor = i < input_count ? inputs[i] : outputs[i - input_count];
    TENON_APPEND(&points, tensor->point);
    TENON_APPEND(&operands, tensor->buffer);
  }
  for (intptr_t i = 0; i < scalar_count; ++i) TENON_APPEND(&operands, scalars[i]);
  operands.data[0] = tenon_build_join(builder, points.data, (intptr_t)points.count);
  MlirType i64 = mlirIntegerTypeGet(builder->schedule->context, 64);
  const MlirNamedAttribute attributes[] = {
      named(builder, "callee", callee),
      named(builder, "ordinal", mlirIntegerAttrGet(i64, ordinal)),
  };
  MlirOperation op = tenon_append(builder, "tenon.execute", 1, &builder->schedule->timepoint_type,
                                  (intptr_t)operands.count, operands.data, 2, attributes);
  MlirValue point = mlirOperationGetResult(op, 0);
  for (intptr_t i = 0; i < output_count; ++i) outputs[i]->point = point;
  tenon_add_work(builder, builder->block, point);
  free(points.data);
  free(operands.data);
}
