// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/ir.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/support/mlir_util.h"

//===--------------------------------------------------------------------===//
// Lists
//===--------------------------------------------------------------------===//

intptr_t tenon_value_list_find(const tenon_value_list_t* list, MlirValue value) {
  for (size_t i = 0; i < list->count; ++i) {
    if (mlirValueEqual(list->data[i], value)) return (intptr_t)i;
  }
  return -1;
}

typedef struct collector_t {
  bool (*wanted)(MlirOperation op);
  tenon_op_list_t list;
} collector_t;

static MlirWalkResult collect(MlirOperation op, void* user_data) {
  collector_t* collector = user_data;
  if (collector->wanted(op)) TENON_APPEND(&collector->list, op);
  return MlirWalkResultAdvance;
}

tenon_op_list_t tenon_collect_ops(MlirOperation root, bool (*wanted)(MlirOperation op)) {
  collector_t collector = {.wanted = wanted};
  mlirOperationWalk(root, collect, &collector, MlirWalkPreOrder);
  return collector.list;
}

//===--------------------------------------------------------------------===//
// Reading
//===--------------------------------------------------------------------===//

MlirOperation tenon_find_in_module(MlirOperation op, const char* kind, MlirStringRef name) {
  while (!mlirOperationIsNull(op) && !tenon_op_is(op, "builtin.module")) {
    op = mlirOperationGetParentOperation(op);
  }
  if (mlirOperationIsNull(op)) return op;
  op = mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)));
  while (!mlirOperationIsNull(op) &&
         !(tenon_op_is(op, kind) && mlirStringRefEqual(tenon_symbol_name(op), name))) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

bool tenon_has_prefix(MlirStringRef text, const char* prefix) {
  size_t length = strlen(prefix);
  return text.length >= length && memcmp(text.data, prefix, length) == 0;
}

bool tenon_value_is_tensor(MlirValue value) {
  return mlirTypeIsARankedTensor(mlirValueGetType(value));
}

MlirOperation tenon_defining_op(MlirValue value) {
  if (mlirValueIsAOpResult(value)) return mlirOpResultGetOwner(value);
  return (MlirOperation){NULL};
}

MlirAttribute tenon_constant_value(MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  if (mlirOperationIsNull(op) ||
      (!tenon_op_is(op, "arith.constant") && !tenon_op_is(op, "complex.constant"))) {
    return mlirAttributeGetNull();
  }
  return mlirOperationGetAttributeByName(op, tenon_str("value"));
}

bool tenon_constant_int(MlirValue value, int64_t* out_value) {
  MlirAttribute attribute = tenon_constant_value(value);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAInteger(attribute)) return false;
  *out_value = mlirIntegerAttrGetValueInt(attribute);
  return true;
}

bool tenon_is_elementwise(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  if ((!tenon_has_prefix(name, "arith.") && !tenon_has_prefix(name, "math.")) ||
      tenon_op_is(op, "arith.constant") || mlirOperationGetNumResults(op) == 0 ||
      !tenon_value_is_tensor(mlirOperationGetResult(op, 0))) {
    return false;
  }
  // With one condition for the whole tensor, select picks one of two tensors; the other doesn't
  // matter.
  return !tenon_op_is(op, "arith.select") || tenon_value_is_tensor(mlirOperationGetOperand(op, 0));
}

bool tenon_is_linalg(MlirOperation op) {
  return tenon_has_prefix(tenon_op_name(op), "linalg.") && mlirOperationGetNumRegions(op) == 1;
}

intptr_t tenon_linalg_input_count(MlirOperation op) {
  // On tensors there is one result for each output.
  return mlirOperationGetNumOperands(op) - mlirOperationGetNumResults(op);
}

//===--------------------------------------------------------------------===//
// Building
//===--------------------------------------------------------------------===//

MlirOperation tenon_insert_op(MlirOperation before, const char* name, intptr_t result_count,
                              const MlirType* results, intptr_t operand_count,
                              const MlirValue* operands, intptr_t attribute_count,
                              const MlirNamedAttribute* attributes) {
  MlirOperation op = tenon_build_op(name, mlirOperationGetLocation(before), result_count, results,
                                    operand_count, operands, attribute_count, attributes);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(before), before, op);
  return op;
}

MlirValue tenon_insert_constant(MlirOperation before, MlirType type, MlirAttribute value) {
  const char* name = mlirTypeIsAComplex(type) ? "complex.constant" : "arith.constant";
  MlirNamedAttribute attribute = tenon_attr(mlirTypeGetContext(type), "value", value);
  return mlirOperationGetResult(tenon_insert_op(before, name, 1, &type, 0, NULL, 1, &attribute), 0);
}

MlirValue tenon_insert_index(MlirOperation before, int64_t value) {
  MlirType type = mlirIndexTypeGet(mlirOperationGetContext(before));
  return tenon_insert_constant(before, type, mlirIntegerAttrGet(type, value));
}

MlirValue tenon_insert_binary(MlirOperation before, const char* name, MlirValue a, MlirValue b) {
  MlirType type = mlirValueGetType(a);
  MlirValue operands[] = {a, b};
  return mlirOperationGetResult(tenon_insert_op(before, name, 1, &type, 2, operands, 0, NULL), 0);
}

MlirValue tenon_insert_compare(MlirOperation before, int predicate, MlirValue a, MlirValue b) {
  MlirContext context = mlirOperationGetContext(before);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute attribute = tenon_attr(
      context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), predicate));
  MlirValue operands[] = {a, b};
  return mlirOperationGetResult(
      tenon_insert_op(before, "arith.cmpi", 1, &bit, 2, operands, 1, &attribute), 0);
}

MlirValue tenon_insert_loop_index(MlirOperation before, intptr_t loop) {
  MlirContext context = mlirOperationGetContext(before);
  MlirType type = mlirIndexTypeGet(context);
  MlirNamedAttribute dim =
      tenon_attr(context, "dim", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), loop));
  return mlirOperationGetResult(tenon_insert_op(before, "linalg.index", 1, &type, 0, NULL, 1, &dim),
                                0);
}

// The operand of |op|, a tensor.empty or tenon.reshape, that is its result's dimension |dim|.
static MlirValue size_operand(MlirOperation op, intptr_t dim) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  intptr_t position = tenon_op_is(op, "tenon.reshape");
  for (intptr_t d = 0; d < dim; ++d) position += mlirShapedTypeIsDynamicDim(type, d);
  return mlirOperationGetOperand(op, position);
}

// The tensor that |tensor| has its sizes from; null when that is none.
static MlirValue source_of_sizes(MlirValue tensor) {
  MlirOperation op = tenon_defining_op(tensor);
  if (mlirOperationIsNull(op)) return (MlirValue){NULL};
  if (tenon_op_is(op, "tensor.cast") || tenon_op_is(op, "tenon.update") ||
      tenon_is_elementwise(op)) {
    return mlirOperationGetOperand(op, 0);
  }
  if (!tenon_is_linalg(op)) return (MlirValue){NULL};
  return mlirOperationGetOperand(
      op, tenon_linalg_input_count(op) + mlirOpResultGetResultNumber(tensor));
}

// So many operations are looked through for a size: of a long chain of updates the whole for each would be too much.
#define MAX_SOURCES 32

MlirValue tenon_insert_dim(MlirOperation before, MlirValue tensor, intptr_t dim) {
  MlirValue source = tensor;
  for (int i = 0; i < MAX_SOURCES && !mlirValueIsNull(source); ++i) {
    tensor = source;
    source = source_of_sizes(tensor);
    MlirType type = mlirValueGetType(tensor);
    if (!mlirShapedTypeIsDynamicDim(type, dim)) {
      return tenon_insert_index(before, mlirShapedTypeGetDimSize(type, dim));
    }
  }
  MlirOperation op = tenon_defining_op(tensor);
  if (!mlirOperationIsNull(op) &&
      (tenon_op_is(op, "tensor.empty") || tenon_op_is(op, "tenon.reshape"))) {
    return size_operand(op, dim);
  }
  MlirType index = mlirIndexTypeGet(mlirOperationGetContext(before));
  MlirValue operands[] = {tensor, tenon_insert_index(before, dim)};
  return mlirOperationGetResult(
      tenon_insert_op(before, "tensor.dim", 1, &index, 2, operands, 0, NULL), 0);
}

// Whether a dimension of |tensor| is static that isn't known of |source|, as behind a cast.
static bool knows_more(MlirValue tensor, MlirValue source) {
  MlirType type = mlirValueGetType(tensor), other = mlirValueGetType(source);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d) && mlirShapedTypeIsDynamicDim(other, d)) return true;
  }
  return false;
}

// The end of the way that sizes come from; |roots| has it for the tensors of the ways gone before.
static MlirValue root_of_sizes(tenon_map_t* roots, MlirValue tensor) {
  tenon_value_list_t way = {0};
  MlirValue root = tensor;
  for (;;) {
    MlirValue known = {tenon_map_get(roots, root.ptr)};
    if (!mlirValueIsNull(known)) {
      root = known;
      break;
    }
    TENON_APPEND(&way, root);
    MlirValue source = source_of_sizes(root);
    if (mlirValueIsNull(source) || knows_more(root, source)) break;
    // In code that nothing reaches a way may be a circle.
    tenon_map_set(roots, root.ptr, (void*)(uintptr_t)root.ptr);
    root = source;
  }
  for (size_t i = 0; i < way.count; ++i) {
    tenon_map_set(roots, way.data[i].ptr, (void*)(uintptr_t)root.ptr);
  }
  free(way.data);
  return root;
}

static bool is_dim(MlirOperation op) { return tenon_op_is(op, "tensor.dim"); }

void tenon_shorten_dims(MlirOperation module) {
  tenon_op_list_t dims = tenon_collect_ops(module, is_dim);
  tenon_map_t roots = {0};
  for (size_t i = 0; i < dims.count; ++i) {
    MlirOperation op = dims.data[i];
    int64_t dim = 0;
    MlirValue tensor = mlirOperationGetOperand(op, 0);
    MlirValue root = root_of_sizes(&roots, tensor);
    if (mlirValueEqual(root, tensor)) continue;
    if (!tenon_constant_int(mlirOperationGetOperand(op, 1), &dim)) continue;
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), tenon_insert_dim(op, root, dim));
    mlirOperationDestroy(op);
  }
  tenon_map_free(&roots);
  free(dims.data);
}

MlirValue tenon_insert_empty_like(MlirOperation before, MlirType type, MlirValue like) {
  tenon_value_list_t dims = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
    TENON_APPEND(&dims, tenon_insert_dim(before, like, d));
  }
  MlirOperation empty =
      tenon_insert_op(before, "tensor.empty", 1, &type, (intptr_t)dims.count, dims.data, 0, NULL);
  free(dims.data);
  return mlirOperationGetResult(empty, 0);
}

MlirValue tenon_insert_empty(MlirOperation before, MlirType type, const MlirValue* sizes) {
  tenon_value_list_t dims = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (mlirShapedTypeIsDynamicDim(type, d)) TENON_APPEND(&dims, sizes[d]);
  }
  MlirOperation empty =
      tenon_insert_op(before, "tensor.empty", 1, &type, (intptr_t)dims.count, dims.data, 0, NULL);
  free(dims.data);
  return mlirOperationGetResult(empty, 0);
}

MlirValue tenon_append_is_equal(MlirBlock block, MlirLocation location, MlirValue value,
                                MlirAttribute number) {
  MlirType type = mlirValueGetType(value);
  MlirContext context = mlirTypeGetContext(type);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute attribute = tenon_attr(context, "value", number);
  MlirOperation constant =
      tenon_build_op("arith.constant", location, 1, &type, 0, NULL, 1, &attribute);
  MlirNamedAttribute equal =
      tenon_attr(context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), 0));
  MlirValue compared[] = {value, mlirOperationGetResult(constant, 0)};
  MlirOperation comparison =
      tenon_build_op("arith.cmpi", location, 1, &bit, 2, compared, 1, &equal);
  mlirBlockAppendOwnedOperation(block, constant);
  mlirBlockAppendOwnedOperation(block, comparison);
  return mlirOperationGetResult(comparison, 0);
}

//===--------------------------------------------------------------------===//
// Changing
//===--------------------------------------------------------------------===//

void tenon_replace_op(MlirOperation op, MlirOperation replacement, intptr_t first) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i),
                                  mlirOperationGetResult(replacement, first + i));
  }
  mlirOperationDestroy(op);
}

void tenon_move_ops(MlirBlock from, MlirBlock to) {
  MlirOperation op = mlirBlockGetFirstOperation(from);
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    mlirOperationRemoveFromParent(op);
    mlirBlockAppendOwnedOperation(to, op);
    op = next;
  }
}
