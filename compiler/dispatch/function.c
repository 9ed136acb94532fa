// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/function.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/outline.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

typedef struct builder_t {
  const tenon_group_t* group;
  MlirContext context;
  const tenon_map_t* functions;
  MlirOperation last;     // member
  tenon_map_t members;    // operation -> itself, for those of the group
  tenon_map_t arguments;  // the host's value -> 1 + its argument's number
  tenon_map_t captured;   // tensor -> itself, for those that bodies read by computed indices
  tenon_map_t constants;  // attribute -> the constant inside that has it
  tenon_map_t inside;     // the host's value -> what it is inside: constants, members' results
  MlirBlock block;        // of the function, one argument for each operand
  tenon_attr_list_t dims, result_dims;  // elements of the attributes
  tenon_dispatch_t dispatch;
} builder_t;

//===--------------------------------------------------------------------===//
// What a dispatch is given
//===--------------------------------------------------------------------===//

static intptr_t add_operand(builder_t* builder, MlirValue value) {
  intptr_t known = (intptr_t)tenon_map_get(&builder->arguments, value.ptr);
  if (known) return known - 1;
  TENON_APPEND(&builder->dispatch.operands, value);
  mlirBlockAddArgument(builder->block, mlirValueGetType(value), mlirValueGetLocation(value));
  intptr_t count = (intptr_t)builder->dispatch.operands.count;
  tenon_map_set(&builder->arguments, value.ptr, (void*)count);
  return count - 1;
}

static bool is_constant(MlirValue value) {
  return !mlirAttributeIsNull(tenon_constant_value(value));
}

static bool is_members(const builder_t* builder, MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return !mlirOperationIsNull(op) && tenon_map_get(&builder->members, op.ptr);
}

// The tensor.empty that |value| is; null when it is none.
static MlirOperation empty_of(MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  if (!mlirOperationIsNull(op) && tenon_op_is(op, "tensor.empty")) return op;
  return (MlirOperation){NULL};
}

// The tensor in which result |position| of |member| begins.
static MlirValue output_of(MlirOperation member, intptr_t position) {
  if (tenon_is_update(member)) return mlirOperationGetOperand(member, 0);
  return mlirOperationGetOperand(member, tenon_linalg_input_count(member) + position);
}

// Whether the output's elements matter, and are not a member's.
static bool is_read_output(const builder_t* builder, MlirValue output) {
  return mlirOperationIsNull(empty_of(output)) && !is_members(builder, output);
}

// Calls |visit| for every operand of an operation in |body| that is defined outside.
static void visit_captures(MlirBlock body, builder_t* builder,
                           void (*visit)(builder_t* builder, MlirOperation op, intptr_t position)) {
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      MlirValue value = mlirOperationGetOperand(op, i);
      MlirBlock owner = mlirValueIsABlockArgument(value)
                            ? mlirBlockArgumentGetOwner(value)
                            : mlirOperationGetBlock(mlirOpResultGetOwner(value));
      if (!mlirBlockEqual(owner, body)) visit(builder, op, i);
    }
  }
}

static void add_captured_tensor(builder_t* builder, MlirOperation op, intptr_t position) {
  MlirValue value = mlirOperationGetOperand(op, position);
  if (!tenon_value_is_tensor(value)) return;
  add_operand(builder, value);
  tenon_map_set(&builder->captured, value.ptr, (void*)value.ptr);
}

static void add_captured_number(builder_t* builder, MlirOperation op, intptr_t position) {
  MlirValue value = mlirOperationGetOperand(op, position);
  if (!tenon_value_is_tensor(value) && !is_constant(value)) add_operand(builder, value);
}

static void add_tensors(builder_t* builder, MlirOperation member) {
  if (tenon_is_generic(member)) {
    intptr_t input_count = tenon_linalg_input_count(member);
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(member); ++i) {
      MlirValue operand = mlirOperationGetOperand(member, i);
      if (is_members(builder, operand)) continue;
      if (i < input_count || is_read_output(builder, operand)) add_operand(builder, operand);
    }
  }
  visit_captures(tenon_body_of(member), builder, add_captured_tensor);
}

// Numbers that are neither constants nor sizes of a result.
static void add_numbers(builder_t* builder, MlirOperation member) {
  visit_captures(tenon_body_of(member), builder, add_captured_number);
  if (!tenon_is_update(member)) return;
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(member); ++i) {
    MlirValue extent = mlirOperationGetOperand(member, i);
    if (!is_constant(extent)) add_operand(builder, extent);
  }
}

//===--------------------------------------------------------------------===//
// Sizes
//===--------------------------------------------------------------------===//

// Dimension |dim|, a dynamic one, of |tensor|.
static MlirValue size_of(builder_t* builder, MlirValue tensor, intptr_t dim) {
  MlirOperation call = tenon_defining_op(tensor);
  MlirOperation function = {NULL};
  if (!mlirOperationIsNull(call)) function.ptr = tenon_map_get(builder->functions, call.ptr);
  if (mlirOperationIsNull(function)) return tenon_insert_dim(builder->last, tensor, dim);
  MlirAttribute sizes = mlirArrayAttrGetElement(
      mlirOperationGetAttributeByName(function, tenon_str(TENON_RESULTS_ATTRIBUTE)),
      mlirOpResultGetResultNumber(tensor));
  MlirType type = mlirValueGetType(tensor);
  intptr_t position = 0;
  for (intptr_t d = 0; d < dim; ++d) position += mlirShapedTypeIsDynamicDim(type, d);
  // The destination of an update is no argument.
  bool updates = !mlirAttributeIsNull(
      mlirOperationGetAttributeByName(call, tenon_str(TENON_UPDATES_ATTRIBUTE)));
  return mlirOperationGetOperand(call, updates + mlirDenseI64ArrayGetElement(sizes, position));
}

// The scalar that is dimension |dim| of |tensor|: one that the dispatch is given anyway, or a new
// one.
static intptr_t add_size(builder_t* builder, MlirValue tensor, intptr_t dim) {
  for (size_t i = 0; i < builder->dispatch.operands.count; ++i) {
    MlirOperation op = tenon_defining_op(builder->dispatch.operands.data[i]);
    int64_t number = -1;
    if (!mlirOperationIsNull(op) && tenon_op_is(op, "tensor.dim") &&
        mlirValueEqual(mlirOperationGetOperand(op, 0), tensor) &&
        tenon_constant_int(mlirOperationGetOperand(op, 1), &number) && number == dim) {
      return (intptr_t)i;
    }
  }
  return add_operand(builder, size_of(builder, tensor, dim));
}

// The scalars that are the dynamic dimensions of a tensor of |type|: a tensor.empty's operands, else
// the sizes of |output|.
static MlirAttribute size_numbers(builder_t* builder, MlirValue output) {
  MlirType type = mlirValueGetType(output);
  MlirOperation empty = empty_of(output);
  int64_t* numbers = tenon_xcalloc((size_t)mlirShapedTypeGetRank(type), sizeof(*numbers));
  intptr_t count = 0;
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
    numbers[count] = mlirOperationIsNull(empty)
                         ? add_size(builder, output, d)
                         : add_operand(builder, mlirOperationGetOperand(empty, count));
    ++count;
  }
  MlirAttribute attribute = mlirDenseI64ArrayGet(builder->context, count, numbers);
  free(numbers);
  return attribute;
}

// The tensor that holds what |output|, a member's, is before all members.
static MlirValue first_output(const builder_t* builder, MlirValue output) {
  while (is_members(builder, output)) {
    output = output_of(tenon_defining_op(output), mlirOpResultGetResultNumber(output));
  }
  return output;
}

static bool is_needed_outside(const builder_t* builder, MlirValue result) {
  MlirOpOperand use = mlirValueGetFirstUse(result);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!tenon_map_get(&builder->members, user.ptr)) return true;
  }
  return false;
}

// Results that aren't a number in each iteration of the outer loops are memory, whoever needs them.
static void add_results(builder_t* builder, MlirOperation member) {
  bool is_number = tenon_is_generic(member) && builder->group->members.count > 1 &&
                   tenon_parallel_count(member) == builder->group->outer;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(member); ++i) {
    MlirValue result = mlirOperationGetResult(member, i);
    MlirAttribute sizes = size_numbers(builder, first_output(builder, output_of(member, i)));
    if (is_number && !is_needed_outside(builder, result)) continue;
    TENON_APPEND(&builder->result_dims, sizes);
    TENON_APPEND(&builder->dispatch.results, result);
  }
}

// Whether the results' sizes don't tell dimension |dim| of |tensor|, as |member| reads it.
static bool reads_unknown_size(MlirOperation member, MlirValue tensor, intptr_t dim) {
  if (!tenon_is_generic(member)) return false;
  MlirAttribute maps = tenon_linalg_maps(member);
  for (intptr_t i = 0; i < tenon_linalg_input_count(member); ++i) {
    if (!mlirValueEqual(mlirOperationGetOperand(member, i), tensor)) continue;
    intptr_t loop = tenon_single_loop(mlirAffineMapGetResult(tenon_linalg_map(maps, i), dim));
    if (loop < 0 || !tenon_is_parallel(member, loop)) return true;
  }
  return false;
}

static void add_input_size(builder_t* builder, intptr_t t, intptr_t d) {
  const int64_t entry[] = {t, d, add_size(builder, builder->dispatch.operands.data[t], d)};
  TENON_APPEND(&builder->dims, mlirDenseI64ArrayGet(builder->context, 3, entry));
}

static void add_input_sizes(builder_t* builder) {
  const tenon_op_list_t* members = &builder->group->members;
  for (intptr_t t = 0; t < (intptr_t)builder->dispatch.operands.count; ++t) {
    MlirValue tensor = builder->dispatch.operands.data[t];
    if (!tenon_value_is_tensor(tensor)) break;
    MlirType type = mlirValueGetType(tensor);
    bool in_bodies = tenon_map_get(&builder->captured, tensor.ptr) != NULL;
    for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
      if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
      bool unknown = in_bodies;
      for (size_t i = 0; !unknown && i < members->count; ++i) {
        unknown = reads_unknown_size(members->data[i], tensor, d);
      }
      if (unknown) add_input_size(builder, t, d);
    }
  }
}

//===--------------------------------------------------------------------===//
// The body
//===--------------------------------------------------------------------===//

// The one constant that has the value of |value|.
static MlirValue constant_inside(builder_t* builder, MlirValue value) {
  MlirAttribute number = tenon_constant_value(value);
  MlirValue known = {tenon_map_get(&builder->constants, number.ptr)};
  if (!mlirValueIsNull(known)) return known;
  MlirOperation clone = mlirOperationClone(tenon_defining_op(value));
  mlirBlockInsertOwnedOperation(builder->block, 0, clone);
  known = mlirOperationGetResult(clone, 0);
  tenon_map_set(&builder->constants, number.ptr, (void*)known.ptr);
  return known;
}

// What |value| of the host is inside: a member's result, an argument, or a constant cloned in.
static MlirValue inside(builder_t* builder, MlirValue value) {
  MlirValue known = {tenon_map_get(&builder->inside, value.ptr)};
  if (!mlirValueIsNull(known)) return known;
  intptr_t number = (intptr_t)tenon_map_get(&builder->arguments, value.ptr);
  if (number) return mlirBlockGetArgument(builder->block, number - 1);
  MlirValue constant = constant_inside(builder, value);
  tenon_map_set(&builder->inside, value.ptr, (void*)constant.ptr);
  return constant;
}

static void replace_capture(builder_t* builder, MlirOperation op, intptr_t position) {
  mlirOperationSetOperand(op, position, inside(builder, mlirOperationGetOperand(op, position)));
}

// A tensor.empty before |op| as large as |output|, whose elements don't matter.
static MlirValue insert_empty(builder_t* builder, MlirOperation op, MlirValue output) {
  MlirType type = mlirValueGetType(output);
  MlirAttribute sizes = size_numbers(builder, output);
  tenon_value_list_t dims = {0};
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(sizes); ++i) {
    TENON_APPEND(&dims,
                 mlirBlockGetArgument(builder->block, mlirDenseI64ArrayGetElement(sizes, i)));
  }
  MlirOperation empty =
      tenon_insert_op(op, "tensor.empty", 1, &type, (intptr_t)dims.count, dims.data, 0, NULL);
  free(dims.data);
  return mlirOperationGetResult(empty, 0);
}

static void clone_member(builder_t* builder, MlirOperation member) {
  MlirOperation clone = mlirOperationClone(member);
  mlirBlockAppendOwnedOperation(builder->block, clone);
  intptr_t first_output_operand = tenon_is_update(member) ? 0 : tenon_linalg_input_count(member);
  intptr_t result_count = mlirOperationGetNumResults(member);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(member); ++i) {
    MlirValue operand = mlirOperationGetOperand(member, i);
    bool is_output = i >= first_output_operand && i < first_output_operand + result_count;
    bool is_new =
        is_output && (builder->dispatch.updates || !mlirOperationIsNull(empty_of(operand)));
    mlirOperationSetOperand(
        clone, i, is_new ? insert_empty(builder, clone, operand) : inside(builder, operand));
  }
  visit_captures(tenon_body_of(clone), builder, replace_capture);
  for (intptr_t i = 0; i < result_count; ++i) {
    tenon_map_set(&builder->inside, mlirOperationGetResult(member, i).ptr,
                  (void*)mlirOperationGetResult(clone, i).ptr);
  }
}

static void build_body(builder_t* builder) {
  const tenon_op_list_t* members = &builder->group->members;
  for (size_t i = 0; i < members->count; ++i) clone_member(builder, members->data[i]);
  tenon_value_list_t returned = {0};
  for (size_t i = 0; i < builder->dispatch.results.count; ++i) {
    TENON_APPEND(&returned, inside(builder, builder->dispatch.results.data[i]));
  }
  mlirBlockAppendOwnedOperation(
      builder->block, tenon_build_op("func.return", mlirOperationGetLocation(builder->last), 0,
                                     NULL, (intptr_t)returned.count, returned.data, 0, NULL));
  free(returned.data);
}

//===--------------------------------------------------------------------===//
// The function
//===--------------------------------------------------------------------===//

static tenon_type_list_t types_of(const tenon_value_list_t* values) {
  tenon_type_list_t types = {0};
  for (size_t i = 0; i < values->count; ++i) {
    TENON_APPEND(&types, mlirValueGetType(values->data[i]));
  }
  return types;
}

static MlirAttribute function_type(builder_t* builder) {
  tenon_type_list_t inputs = types_of(&builder->dispatch.operands);
  tenon_type_list_t results = types_of(&builder->dispatch.results);
  MlirType type = mlirFunctionTypeGet(builder->context, (intptr_t)inputs.count, inputs.data,
                                      (intptr_t)results.count, results.data);
  free(inputs.data);
  free(results.data);
  return mlirTypeAttrGet(type);
}

static MlirNamedAttribute list_attribute(builder_t* builder, const char* name,
                                         const tenon_attr_list_t* list) {
  return tenon_attr(builder->context, name,
                    mlirArrayAttrGet(builder->context, (intptr_t)list->count, list->data));
}

static MlirOperation build_function(builder_t* builder) {
  MlirContext context = builder->context;
  MlirType number = mlirIntegerTypeGet(context, 64);
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "sym_name", tenon_string_attr(context, "dispatch")),
      tenon_attr(context, "function_type", function_type(builder)),
      list_attribute(builder, TENON_RESULTS_ATTRIBUTE, &builder->result_dims),
      tenon_attr(context, TENON_OUTER_ATTRIBUTE, mlirIntegerAttrGet(number, builder->group->outer)),
      list_attribute(builder, TENON_DIMS_ATTRIBUTE, &builder->dims),
  };
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, builder->block);
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("func.func"), mlirOperationGetLocation(builder->last));
  mlirOperationStateAddAttributes(&state, builder->dims.count ? 5 : 4, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return mlirOperationCreate(&state);
}

tenon_dispatch_t tenon_build_dispatch(const tenon_group_t* group, const tenon_map_t* functions) {
  const tenon_op_list_t* members = &group->members;
  builder_t builder = {.group = group,
                       .functions = functions,
                       .last = members->data[members->count - 1],
                       .block = mlirBlockCreate(0, NULL, NULL)};
  builder.context = mlirOperationGetContext(builder.last);
  builder.dispatch.updates = tenon_is_update(builder.last);
  for (size_t i = 0; i < members->count; ++i) {
    tenon_map_set(&builder.members, members->data[i].ptr, members->data[i].ptr);
  }
  for (size_t i = 0; i < members->count; ++i) add_tensors(&builder, members->data[i]);
  for (size_t i = 0; i < members->count; ++i) add_numbers(&builder, members->data[i]);
  for (size_t i = 0; i < members->count; ++i) add_results(&builder, members->data[i]);
  add_input_sizes(&builder);
  build_body(&builder);
  builder.dispatch.function = build_function(&builder);
  free(builder.dims.data);
  free(builder.result_dims.data);
  tenon_map_free(&builder.members);
  tenon_map_free(&builder.arguments);
  tenon_map_free(&builder.captured);
  tenon_map_free(&builder.constants);
  tenon_map_free(&builder.inside);
  return builder.dispatch;
}

void tenon_dispatch_free(tenon_dispatch_t* dispatch) {
  free(dispatch->operands.data);
  free(dispatch->results.data);
}
