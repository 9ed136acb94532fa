// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/dispatch/outline.h"
#include "compiler/support/mlir_util.h"

int tenon_kernel_constant(const tenon_kernel_t* kernel, MlirValue value) {
  // Scalars come after the tensors among the function's arguments.
  if (!mlirValueIsABlockArgument(value)) return -1;
  intptr_t number = mlirBlockArgumentGetArgNumber(value) - kernel->input_count;
  if (number < 0 || number >= kernel->constant_count) return -1;
  return mlirValueEqual(kernel->constants[number], value) ? (int)number : -1;
}

int tenon_kernel_array(const tenon_kernel_t* kernel, MlirValue value) {
  for (int i = 0; i < kernel->array_count; ++i) {
    if (mlirValueEqual(kernel->arrays[i].value, value)) return i;
  }
  return -1;
}

static MlirBlock tenon_function_block(MlirOperation function) {
  MlirBlock none = {0};
  if (!tenon_op_is(function, "func.func")) return none;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  if (!mlirBlockIsNull(block) && mlirBlockIsNull(mlirBlockGetNextInRegion(block))) return block;
  return none;
}

static bool tenon_is_member(MlirOperation op) {
  return tenon_op_is(op, "linalg.generic") || tenon_op_is(op, "tenon.update");
}

// Finds the members; everything else must be a constant, a tensor.empty or the return.
static MlirLogicalResult tenon_find_members(MlirBlock block, tenon_kernel_t* kernel,
                                            MlirOperation* out_return) {
  *out_return = (MlirOperation){0};
  int count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    count += tenon_is_member(op);
  kernel->members = tenon_xcalloc((size_t)count, sizeof(*kernel->members));
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (tenon_is_member(op)) {
      tenon_member_t* member = &kernel->members[kernel->member_count++];
      member->op = op;
      member->updates = tenon_op_is(op, "tenon.update");
      if (member->updates && count > 1)
        return tenon_error(op, "a tenon.update must be the only member of its dispatch");
    } else if (tenon_op_is(op, "func.return")) {
      *out_return = op;
    } else if (!tenon_op_is(op, "arith.constant") && !tenon_op_is(op, "tensor.empty")) {
      MlirStringRef name = tenon_op_name(op);
      return tenon_error(op,
                         "'%.*s' is not supported here: a dispatch is constants, tensor.empty, "
                         "linalg.generic and tenon.update",
                         (int)name.length, name.data);
    }
  }
  return mlirLogicalResultSuccess();
}

// A new array for |value|; its static extents are known.
static MlirLogicalResult tenon_add_array(tenon_kernel_t* kernel, MlirValue value, bool written) {
  tenon_array_t* array = &kernel->arrays[kernel->array_count++];
  MlirType type = mlirValueGetType(value);
  array->value = value;
  array->type = mlirShapedTypeGetElementType(type);
  array->rank = (int)mlirShapedTypeGetRank(type);
  array->written = written;
  if (array->rank > TENON_KERNEL_MAX_RANK) {
    return tenon_error(kernel->function, "a tensor of rank %d is not supported: at most %d",
                       array->rank, TENON_KERNEL_MAX_RANK);
  }
  for (int d = 0; d < array->rank; ++d) {
    array->extents[d] = TENON_COUNT_UNKNOWN;
    if (!mlirShapedTypeIsDynamicDim(type, d))
      array->extents[d].fixed = mlirShapedTypeGetDimSize(type, d);
  }
  return mlirLogicalResultSuccess();
}

// The function's arguments, and what it returns: the arrays and constants.
static MlirLogicalResult tenon_read_border(MlirBlock block, MlirOperation return_op,
                                           tenon_kernel_t* kernel) {
  intptr_t count = mlirBlockGetNumArguments(block);
  intptr_t results = mlirOperationGetNumOperands(return_op);
  kernel->arrays = tenon_xcalloc((size_t)(count + results), sizeof(*kernel->arrays));
  kernel->constants = tenon_xcalloc((size_t)count, sizeof(*kernel->constants));
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    if (!mlirTypeIsARankedTensor(mlirValueGetType(argument))) {
      kernel->constants[kernel->constant_count++] = argument;
      continue;
    }
    if (kernel->constant_count)
      return tenon_error(kernel->function, "a dispatch takes its tensors before its scalars");
    if (mlirLogicalResultIsFailure(tenon_add_array(kernel, argument, false)))
      return mlirLogicalResultFailure();
  }
  kernel->input_count = kernel->array_count;
  for (intptr_t i = 0; i < results; ++i) {
    MlirValue value = mlirOperationGetOperand(return_op, i);
    if (!mlirValueIsAOpResult(value) || !tenon_is_member(mlirOpResultGetOwner(value))) {
      return tenon_error(return_op,
                         "result #%d of a dispatch must be a result of a linalg.generic or "
                         "tenon.update in it",
                         (int)i);
    }
    if (tenon_kernel_array(kernel, value) >= 0)
      return tenon_error(return_op, "result #%d of a dispatch is returned twice", (int)i);
    if (mlirLogicalResultIsFailure(tenon_add_array(kernel, value, true)))
      return mlirLogicalResultFailure();
  }
  if (kernel->array_count > TENON_DISPATCH_MAX_BINDINGS) {
    return tenon_error(
        return_op,
        "%d tensors in one dispatch are not supported: at most %d; split the computation",
        kernel->array_count, TENON_DISPATCH_MAX_BINDINGS);
  }
  if (kernel->constant_count > TENON_DISPATCH_MAX_CONSTANTS) {
    return tenon_error(
        return_op,
        "%d scalars in one dispatch are not supported: at most %d; split the computation",
        kernel->constant_count, TENON_DISPATCH_MAX_CONSTANTS);
  }
  return mlirLogicalResultSuccess();
}

// Whether |argument| of the function is an index; if so the number of the constant that it is.
static bool tenon_is_dimension(const tenon_kernel_t* kernel, int64_t argument,
                               int32_t* out_constant) {
  int64_t constant = argument - kernel->input_count;
  if (constant < 0 || constant >= kernel->constant_count ||
      !mlirTypeIsAIndex(mlirValueGetType(kernel->constants[constant])))
    return false;
  *out_constant = (int32_t)constant;
  return true;
}

// The dynamic dimensions of inputs that TENON_DIMS_ATTRIBUTE says are scalars.
static MlirLogicalResult tenon_read_dims(tenon_kernel_t* kernel) {
  MlirAttribute dims =
      mlirOperationGetAttributeByName(kernel->function, tenon_str(TENON_DIMS_ATTRIBUTE));
  if (mlirAttributeIsNull(dims)) return mlirLogicalResultSuccess();
  bool ok = mlirAttributeIsAArray(dims);
  for (intptr_t i = 0; ok && i < mlirArrayAttrGetNumElements(dims); ++i) {
    MlirAttribute entry = mlirArrayAttrGetElement(dims, i);
    ok = mlirAttributeIsADenseI64Array(entry) && mlirDenseArrayGetNumElements(entry) == 3;
    if (!ok) break;
    int64_t tensor = mlirDenseI64ArrayGetElement(entry, 0);
    int64_t dim = mlirDenseI64ArrayGetElement(entry, 1);
    int32_t constant = -1;
    ok = tensor >= 0 && tensor < kernel->input_count && dim >= 0 &&
         dim < kernel->arrays[tensor].rank && kernel->arrays[tensor].extents[dim].fixed < 0 &&
         tenon_is_dimension(kernel, mlirDenseI64ArrayGetElement(entry, 2), &constant);
    if (ok) kernel->arrays[tensor].extents[dim].constant = constant;
  }
  if (ok) return mlirLogicalResultSuccess();
  return tenon_error(kernel->function,
                     "'%s' must be an array of array<i64: tensor, dynamic dimension, index "
                     "argument>",
                     TENON_DIMS_ATTRIBUTE);
}

// The same for results.
static MlirLogicalResult tenon_read_result_dims(tenon_kernel_t* kernel) {
  MlirAttribute lists =
      mlirOperationGetAttributeByName(kernel->function, tenon_str(TENON_RESULTS_ATTRIBUTE));
  if (mlirAttributeIsNull(lists)) return mlirLogicalResultSuccess();
  int results = kernel->array_count - kernel->input_count;
  bool ok = mlirAttributeIsAArray(lists) && mlirArrayAttrGetNumElements(lists) == results;
  for (int r = 0; ok && r < results; ++r) {
    MlirAttribute list = mlirArrayAttrGetElement(lists, r);
    ok = mlirAttributeIsADenseI64Array(list);
    tenon_array_t* array = &kernel->arrays[kernel->input_count + r];
    intptr_t used = 0;
    for (int d = 0; ok && d < array->rank; ++d) {
      if (array->extents[d].fixed >= 0) continue;
      ok = used < mlirDenseArrayGetNumElements(list) &&
           tenon_is_dimension(kernel, mlirDenseI64ArrayGetElement(list, used++),
                              &array->extents[d].constant);
    }
    ok = ok && used == mlirDenseArrayGetNumElements(list);
  }
  if (ok) return mlirLogicalResultSuccess();
  return tenon_error(kernel->function,
                     "'%s' must be an array with an array<i64: index arguments> for each result, "
                     "its dynamic dimensions in order",
                     TENON_RESULTS_ATTRIBUTE);
}

// A dispatch of one member has all its parallel loops outside; for more the function says it.
static MlirLogicalResult tenon_read_outer(tenon_kernel_t* kernel) {
  kernel->outer_count = -1;
  if (kernel->member_count == 1) return mlirLogicalResultSuccess();
  MlirAttribute outer =
      mlirOperationGetAttributeByName(kernel->function, tenon_str(TENON_OUTER_ATTRIBUTE));
  int64_t count = mlirAttributeIsNull(outer) || !mlirAttributeIsAInteger(outer)
                      ? -1
                      : mlirIntegerAttrGetValueInt(outer);
  if (count < 0 || count > TENON_KERNEL_MAX_RANK) {
    return tenon_error(kernel->function,
                       "'%s' must say how many loops the %d members of the dispatch have in common",
                       TENON_OUTER_ATTRIBUTE, kernel->member_count);
  }
  kernel->outer_count = (int)count;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_kernel_read_parts(MlirBlock block, tenon_kernel_t* kernel) {
  MlirOperation return_op;
  if (mlirLogicalResultIsFailure(tenon_find_members(block, kernel, &return_op)))
    return mlirLogicalResultFailure();
  if (!kernel->member_count || mlirOperationIsNull(return_op)) {
    return tenon_error(kernel->function,
                       "a dispatch must hold a linalg.generic or a tenon.update, and a return");
  }
  if (mlirOperationGetNumOperands(return_op) == 0)
    return tenon_error(return_op, "a dispatch without results does nothing");
  if (mlirLogicalResultIsFailure(tenon_read_border(block, return_op, kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_dims(kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_result_dims(kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_outer(kernel))) {
    return mlirLogicalResultFailure();
  }
  for (int i = 0; i < kernel->member_count; ++i) {
    if (mlirLogicalResultIsFailure(tenon_member_read(kernel, &kernel->members[i])))
      return mlirLogicalResultFailure();
  }
  return tenon_kernel_size(kernel);
}

MlirLogicalResult tenon_kernel_read(MlirOperation function, tenon_kernel_t* out_kernel) {
  memset(out_kernel, 0, sizeof(*out_kernel));
  out_kernel->function = function;
  MlirBlock block = tenon_function_block(function);
  if (mlirBlockIsNull(block))
    return tenon_error(function, "a dispatch must be a function of one block");
  out_kernel->name = tenon_symbol_name(function);
  MlirLogicalResult result = tenon_kernel_read_parts(block, out_kernel);
  if (mlirLogicalResultIsFailure(result)) tenon_kernel_free(out_kernel);
  return result;
}

void tenon_kernel_free(tenon_kernel_t* kernel) {
  for (int i = 0; i < kernel->member_count; ++i) free(kernel->members[i].accesses);
  free(kernel->members);
  free(kernel->arrays);
  free(kernel->constants);
  free(kernel->checks.data);
  memset(kernel, 0, sizeof(*kernel));
}
