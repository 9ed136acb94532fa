// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/body.h"

#include <stdlib.h>

#include "compiler/input/flatten.h"
#include "compiler/input/flatten.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

static MlirLocation location_of(const tenon_body_t* body) {
  return mlirOperationGetLocation(body->before);
}

static MlirType index_type(const tenon_body_t* body) {
  return mlirIndexTypeGet(mlirOperationGetContext(body->before));
}

tenon_body_t tenon_generic_begin(MlirOperation before, intptr_t loop_count) {
  tenon_body_t body = {.before = before, .loop_count = loop_count};
  body.block = mlirBlockCreate(0, NULL, NULL);
  for (intptr_t i = 0; i < loop_count; ++i) TENON_APPEND(&body.indices, (MlirValue){NULL});
  return body;
}

tenon_body_t tenon_update_begin(MlirOperation before, intptr_t loop_count) {
  tenon_body_t body = {.before = before, .loop_count = loop_count, .is_update = true};
  body.block = mlirBlockCreate(0, NULL, NULL);
  for (intptr_t i = 0; i < loop_count; ++i) {
    TENON_APPEND(&body.indices,
                 mlirBlockAddArgument(body.block, index_type(&body), location_of(&body)));
  }
  return body;
}

//===--------------------------------------------------------------------===//
// Operations
//===--------------------------------------------------------------------===//

static MlirValue append(tenon_body_t* body, const char* name, MlirType result,
                        intptr_t operand_count, const MlirValue* operands, intptr_t attribute_count,
                        const MlirNamedAttribute* attributes) {
  MlirOperation op = tenon_build_op(name, location_of(body), 1, &result, operand_count, operands,
                                    attribute_count, attributes);
  mlirBlockAppendOwnedOperation(body->block, op);
  return mlirOperationGetResult(op, 0);
}

MlirValue tenon_body_index(tenon_body_t* body, intptr_t loop) {
  MlirValue* index = &body->indices.data[loop];
  if (!mlirValueIsNull(*index)) return *index;
  MlirContext context = mlirOperationGetContext(body->before);
  MlirNamedAttribute dim =
      tenon_attr(context, "dim", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), loop));
  *index = append(body, "linalg.index", index_type(body), 0, NULL, 1, &dim);
  return *index;
}

MlirValue tenon_body_input(tenon_body_t* body, MlirValue tensor, MlirAffineMap map) {
  TENON_APPEND(&body->inputs, tensor);
  TENON_APPEND(&body->maps, mlirAffineMapAttrGet(map));
  return mlirBlockAddArgument(body->block, mlirShapedTypeGetElementType(mlirValueGetType(tensor)),
                              location_of(body));
}

MlirValue tenon_body_op(tenon_body_t* body, const char* name, MlirType result,
                        intptr_t operand_count, const MlirValue* operands) {
  return append(body, name, result, operand_count, operands, 0, NULL);
}

MlirValue tenon_body_add(tenon_body_t* body, MlirValue a, MlirValue b) {
  int64_t number = 0;
  if (tenon_constant_int(a, &number) && number == 0) return b;
  if (tenon_constant_int(b, &number) && number == 0) return a;
  MlirValue operands[] = {a, b};
  return append(body, "arith.addi", index_type(body), 2, operands, 0, NULL);
}

MlirValue tenon_body_multiply(tenon_body_t* body, MlirValue a, MlirValue b) {
  int64_t number = 0;
  if (tenon_constant_int(a, &number) && number == 1) return b;
  if (tenon_constant_int(b, &number) && number == 1) return a;
  MlirValue operands[] = {a, b};
  return append(body, "arith.muli", index_type(body), 2, operands, 0, NULL);
}

MlirValue tenon_body_compare(tenon_body_t* body, int predicate, MlirValue a, MlirValue b) {
  MlirContext context = mlirOperationGetContext(body->before);
  MlirNamedAttribute attribute = tenon_attr(
      context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), predicate));
  MlirValue operands[] = {a, b};
  return append(body, "arith.cmpi", mlirIntegerTypeGet(context, 1), 2, operands, 1, &attribute);
}

MlirValue tenon_body_select(tenon_body_t* body, MlirValue condition, MlirValue yes, MlirValue no) {
  MlirValue operands[] = {condition, yes, no};
  return append(body, "arith.select", mlirValueGetType(yes), 3, operands, 0, NULL);
}

MlirValue tenon_body_read(tenon_body_t* body, MlirValue otherwise, MlirValue tensor,
                          const MlirValue* indices) {
  MlirType type = mlirValueGetType(tensor);
  tenon_value_list_t operands = {0};
  bool fails = mlirValueIsNull(otherwise);
  if (!fails) TENON_APPEND(&operands, otherwise);
  TENON_APPEND(&operands, tensor);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) TENON_APPEND(&operands, indices[d]);
  MlirValue element =
      append(body, fails ? "tensor.extract" : "tenon.read", mlirShapedTypeGetElementType(type),
             (intptr_t)operands.count, operands.data, 0, NULL);
  free(operands.data);
  return element;
}

MlirValue tenon_body_take(tenon_body_t* body, MlirRegion region, MlirValue condition) {
  MlirBlock block = mlirRegionGetFirstBlock(region);
  tenon_flatten_guarded(body->before, block, condition);
  tenon_flatten_body(body->before, block);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i) {
    mlirValueReplaceAllUsesOfWith(mlirBlockGetArgument(block, i), tenon_body_index(body, i));
  }
  MlirOperation yield = mlirBlockGetTerminator(block);
  MlirValue value = mlirOperationGetOperand(yield, 0);
  mlirOperationDestroy(yield);
  tenon_move_ops(block, body->block);
  return value;
}

//===--------------------------------------------------------------------===//
// The whole
//===--------------------------------------------------------------------===//

static void append_end(tenon_body_t* body, const char* name, intptr_t count,
                       const MlirValue* values) {
  mlirBlockAppendOwnedOperation(
      body->block, tenon_build_op(name, location_of(body), 0, NULL, count, values, 0, NULL));
}

static void free_lists(tenon_body_t* body) {
  free(body->indices.data);
  free(body->inputs.data);
  free(body->maps.data);
}

MlirValue tenon_generic_end(tenon_body_t* body, MlirType type, const MlirValue* sizes,
                            MlirValue value) {
  MlirContext context = mlirOperationGetContext(body->before);
  append_end(body, "linalg.yield", 1, &value);
  tenon_value_list_t outputs = {0};
  TENON_APPEND(&outputs, tenon_insert_empty(body->before, type, sizes));
  mlirBlockAddArgument(body->block, mlirShapedTypeGetElementType(type), location_of(body));
  TENON_APPEND(&body->maps,
               mlirAffineMapAttrGet(mlirAffineMapMultiDimIdentityGet(context, body->loop_count)));
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body->block);
  MlirOperation generic = tenon_insert_generic(body->before, location_of(body), &body->inputs,
                                               &outputs, &body->maps, body->loop_count, region);
  free(outputs.data);
  free_lists(body);
  return mlirOperationGetResult(generic, 0);
}

MlirValue tenon_update_end(tenon_body_t* body, MlirValue destination, const MlirValue* extents,
                           MlirValue value, const MlirValue* indices) {
  MlirType type = mlirValueGetType(destination);
  tenon_value_list_t yielded = {0};
  TENON_APPEND(&yielded, value);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) TENON_APPEND(&yielded, indices[d]);
  append_end(body, "tenon.yield", (intptr_t)yielded.count, yielded.data);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body->block);
  MlirOperationState state = mlirOperationStateGet(tenon_str("tenon.update"), location_of(body));
  mlirOperationStateAddOperands(&state, 1, &destination);
  mlirOperationStateAddOperands(&state, body->loop_count, extents);
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  MlirOperation update = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(body->before), body->before, update);
  free(yielded.data);
  free_lists(body);
  return mlirOperationGetResult(update, 0);
}

MlirValue tenon_insert_zero(MlirOperation before, MlirType type) {
  MlirContext context = mlirTypeGetContext(type);
  if (mlirTypeIsAComplex(type)) {
    MlirType part = mlirComplexTypeGetElementType(type);
    MlirAttribute zero = mlirTypeIsAFloat(part) ? mlirFloatAttrDoubleGet(context, part, 0.0)
                                                : mlirIntegerAttrGet(part, 0);
    MlirAttribute parts[] = {zero, zero};
    return tenon_insert_constant(before, type, mlirArrayAttrGet(context, 2, parts));
  }
  return tenon_insert_constant(before, type,
                               mlirTypeIsAFloat(type) ? mlirFloatAttrDoubleGet(context, type, 0.0)
                                                      : mlirIntegerAttrGet(type, 0));
}
