// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/dispatch/outline.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"
#include "mlir-c/AffineMap.h"

//===----------------------------------------------------------------------===//
// Reading the function
//===----------------------------------------------------------------------===//

static bool tenon_is_tensor(MlirType type) { return mlirTypeIsARankedTensor(type); }

static int64_t tenon_static_size(MlirType tensor, int dim) {
  return mlirShapedTypeIsDynamicDim(tensor, dim) ? -1 : mlirShapedTypeGetDimSize(tensor, dim);
}

static MlirBlock tenon_function_block(MlirOperation function) {
  MlirBlock none = {0};
  if (!tenon_op_is(function, "func.func")) return none;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  if (!mlirBlockIsNull(block) && mlirBlockIsNull(mlirBlockGetNextInRegion(block))) return block;
  return none;
}

// Finds the one linalg.generic; everything else must be a constant, a tensor.empty or the return.
static MlirLogicalResult tenon_find_generic(MlirBlock block, MlirOperation* out_generic,
                                            MlirOperation* out_return) {
  *out_generic = *out_return = (MlirOperation){0};
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "linalg.generic") && mlirOperationIsNull(*out_generic)) {
      *out_generic = op;
    } else if (tenon_op_is(op, "func.return")) {
      *out_return = op;
    } else if (!tenon_op_is(op, "arith.constant") && !tenon_op_is(op, "tensor.empty")) {
      MlirStringRef name = tenon_op_name(op);
      return tenon_error(op,
                         "'%.*s' is not supported here: a dispatch is constants, tensor.empty and "
                         "one linalg.generic",
                         (int)name.length, name.data);
    }
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_read_arguments(MlirBlock block, tenon_kernel_t* kernel) {
  intptr_t count = mlirBlockGetNumArguments(block);
  intptr_t results = mlirOperationGetNumResults(kernel->generic);
  kernel->arrays = tenon_xcalloc((size_t)(count + results + 1), sizeof(*kernel->arrays));
  kernel->constants = tenon_xcalloc((size_t)count + 1, sizeof(*kernel->constants));
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    MlirType type = mlirValueGetType(argument);
    if (!tenon_is_tensor(type)) {
      kernel->constants[kernel->constant_count++] = argument;
      continue;
    }
    if (kernel->constant_count)
      return tenon_error(kernel->function, "a dispatch takes its tensors before its scalars");
    tenon_array_t* array = &kernel->arrays[kernel->array_count++];
    array->type = mlirShapedTypeGetElementType(type);
    array->rank = (int)mlirShapedTypeGetRank(type);
    if (array->rank > TENON_KERNEL_MAX_RANK) {
      return tenon_error(kernel->function, "a tensor of rank %d is not supported: at most %d",
                         array->rank, TENON_KERNEL_MAX_RANK);
    }
    array->sized = true;
    for (int d = 0; d < array->rank; ++d) {
      int64_t size = tenon_static_size(type, d);
      if (size < 0) array->sized = false;
      array->extents[d].base = size < 0 ? 0 : size;
    }
  }
  kernel->input_count = kernel->array_count;
  return mlirLogicalResultSuccess();
}

// The dynamic dimensions that TENON_DIMS_ATTRIBUTE says are scalars.
static MlirLogicalResult tenon_read_dims(MlirBlock block, tenon_kernel_t* kernel) {
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
    int64_t constant = mlirDenseI64ArrayGetElement(entry, 2) - kernel->input_count;
    ok = tensor >= 0 && tensor < kernel->input_count && dim >= 0 &&
         dim < kernel->arrays[tensor].rank && constant >= 0 && constant < kernel->constant_count &&
         mlirTypeIsAIndex(mlirValueGetType(kernel->constants[constant])) &&
         mlirShapedTypeIsDynamicDim(mlirValueGetType(mlirBlockGetArgument(block, tensor)), dim);
    if (ok) kernel->arrays[tensor].extents[dim].constant_plus_1 = constant + 1;
  }
  if (ok) return mlirLogicalResultSuccess();
  return tenon_error(kernel->function,
                     "'%s' must be an array of array<i64: tensor, dynamic dimension, index "
                     "argument>",
                     TENON_DIMS_ATTRIBUTE);
}

static int tenon_constant_index(const tenon_kernel_t* kernel, MlirValue value) {
  for (int i = 0; i < kernel->constant_count; ++i) {
    if (mlirValueEqual(kernel->constants[i], value)) return i;
  }
  return -1;
}

// The index map of operand |i| into |access|.
static MlirLogicalResult tenon_read_map(const tenon_kernel_t* kernel, MlirAttribute maps,
                                        intptr_t i, tenon_access_t* access) {
  MlirAffineMap map = mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, i));
  intptr_t count = mlirAffineMapGetNumResults(map);
  if (count > TENON_KERNEL_MAX_RANK) {
    return tenon_error(kernel->generic, "an operand of rank %d is not supported: at most %d",
                       (int)count, TENON_KERNEL_MAX_RANK);
  }
  for (intptr_t p = 0; p < count; ++p) {
    if (!tenon_linear_add(mlirAffineMapGetResult(map, p), 1, &access->indices[p])) {
      return tenon_error(kernel->generic,
                         "the indexing map of operand #%d is not supported: an index must be a sum "
                         "of loop indices times constants "
                         "from 1 to %d, plus a constant that is not negative",
                         (int)i, TENON_MAX_COEFFICIENT);
    }
  }
  return mlirLogicalResultSuccess();
}

// A splat tensor constant stands for a scalar; its own value is what tenon_access_t.scalar names.
static bool tenon_is_splat(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) return false;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!tenon_op_is(op, "arith.constant")) return false;
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str("value"));
  return mlirAttributeIsADenseElements(attribute) && mlirDenseElementsAttrIsSplat(attribute);
}

static MlirLogicalResult tenon_read_inputs(MlirBlock block, MlirAttribute maps,
                                           tenon_kernel_t* kernel) {
  for (int i = 0; i < kernel->read_count; ++i) {
    MlirValue operand = mlirOperationGetOperand(kernel->generic, i);
    tenon_access_t* access = &kernel->accesses[i];
    access->scalar = operand;
    access->array = -1;
    if (!tenon_is_tensor(mlirValueGetType(operand)) || tenon_is_splat(operand)) continue;
    if (!mlirValueIsABlockArgument(operand) ||
        !mlirBlockEqual(mlirBlockArgumentGetOwner(operand), block)) {
      return tenon_error(
          kernel->generic,
          "operand #%d must be an argument of the dispatch, a scalar or a splat constant", i);
    }
    access->array = (int)mlirBlockArgumentGetArgNumber(operand);
    if (mlirLogicalResultIsFailure(tenon_read_map(kernel, maps, i, access)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

// Results tell the loops' extents: from their types, and from the operands of the tensor.empty they
// are written into.
static MlirLogicalResult tenon_read_result_extents(tenon_kernel_t* kernel, int result,
                                                   const tenon_access_t* access) {
  MlirValue init = mlirOperationGetOperand(kernel->generic, kernel->read_count + result);
  MlirOperation empty = {0};
  if (mlirValueIsAOpResult(init)) empty = mlirOpResultGetOwner(init);
  if (mlirOperationIsNull(empty) || !tenon_op_is(empty, "tensor.empty")) {
    return tenon_error(kernel->generic, "result #%d must be written into a tensor.empty", result);
  }
  MlirType type = mlirValueGetType(init);
  int dynamic = 0;
  for (int p = 0; p < (int)mlirShapedTypeGetRank(type); ++p) {
    int dim = tenon_linear_single_dim(&access->indices[p]);
    if (dim < 0)
      return tenon_error(kernel->generic, "the indexing map of result #%d is not a permutation",
                         result);
    tenon_loop_t* loop = &kernel->loops[dim];
    int64_t size = tenon_static_size(type, p);
    if (size >= 0) {
      loop->scale = size;
      loop->constant = -1;
      continue;
    }
    MlirValue extent = mlirOperationGetOperand(empty, dynamic++);
    if (loop->scale >= 0) continue;  // known already
    loop->scale = 1;
    loop->constant = tenon_constant_index(kernel, extent);
    if (loop->constant >= 0) continue;
    if (!mlirValueIsAOpResult(extent) ||
        !tenon_op_is(mlirOpResultGetOwner(extent), "arith.constant")) {
      return tenon_error(empty,
                         "a dynamic dimension must be an argument of the dispatch or a constant");
    }
    loop->scale = mlirIntegerAttrGetValueInt(
        mlirOperationGetAttributeByName(mlirOpResultGetOwner(extent), tenon_str("value")));
    if (loop->scale < 0)
      return tenon_error(empty, "a dimension of %lld is negative", (long long)loop->scale);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_read_results(MlirAttribute maps, MlirOperation return_op,
                                            tenon_kernel_t* kernel) {
  int results = kernel->access_count - kernel->read_count;
  for (int r = 0; r < results; ++r) {
    tenon_access_t* access = &kernel->accesses[kernel->read_count + r];
    access->array = -1;
    if (mlirLogicalResultIsFailure(tenon_read_map(kernel, maps, kernel->read_count + r, access)) ||
        mlirLogicalResultIsFailure(tenon_read_result_extents(kernel, r, access))) {
      return mlirLogicalResultFailure();
    }
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(return_op); ++i) {
    MlirValue value = mlirOperationGetOperand(return_op, i);
    if (!mlirValueIsAOpResult(value) ||
        !mlirOperationEqual(mlirOpResultGetOwner(value), kernel->generic)) {
      return tenon_error(return_op,
                         "result #%d of a dispatch must be a result of its linalg.generic", (int)i);
    }
    tenon_access_t* access =
        &kernel->accesses[kernel->read_count + mlirOpResultGetResultNumber(value)];
    if (access->array >= 0)
      return tenon_error(return_op, "result #%d of a dispatch is returned twice", (int)i);
    access->array = kernel->array_count;
    tenon_array_t* array = &kernel->arrays[kernel->array_count++];
    MlirType type = mlirValueGetType(value);
    array->type = mlirShapedTypeGetElementType(type);
    array->rank = (int)mlirShapedTypeGetRank(type);
    array->written = true;
    array->sized = true;
    // A permutation: the extents are the loops'.
    memcpy(array->extents, access->indices, sizeof(array->extents));
  }
  return mlirLogicalResultSuccess();
}

// A loop over a dimension of known size, in any operand, runs that often: what the bytecode says
// does not matter then.
static void tenon_fix_loops(tenon_kernel_t* kernel) {
  for (int i = 0; i < kernel->read_count; ++i) {
    const tenon_access_t* access = &kernel->accesses[i];
    if (access->array < 0) continue;
    MlirType type = mlirValueGetType(access->scalar);
    for (int p = 0; p < kernel->arrays[access->array].rank; ++p) {
      int dim = tenon_linear_single_dim(&access->indices[p]);
      int64_t size = tenon_static_size(type, p);
      if (dim < 0 || size < 0) continue;
      kernel->loops[dim].scale = size;
      kernel->loops[dim].constant = -1;
    }
  }
}

// The loop whose extent dimension |p| of |access|'s array is.
static MlirLogicalResult tenon_size_by_loop(const tenon_kernel_t* kernel,
                                            const tenon_access_t* access, int p) {
  tenon_linear_t* extent = &kernel->arrays[access->array].extents[p];
  int dim = tenon_linear_single_dim(&access->indices[p]);
  if (dim < 0) {
    return tenon_error(kernel->generic,
                       "operand #%d: the dynamic dimension %d is not indexed by a loop alone; "
                       "'%s' must say which argument of the dispatch is its extent",
                       (int)(access - kernel->accesses), p, TENON_DIMS_ATTRIBUTE);
  }
  extent->coefficients[dim] = 1;
  return mlirLogicalResultSuccess();
}

tenon_linear_t tenon_linear_fold(const tenon_kernel_t* kernel, const tenon_linear_t* linear) {
  tenon_linear_t folded = *linear;
  for (int d = 0; d < kernel->loop_count; ++d) {
    if (kernel->loops[d].constant >= 0) continue;
    folded.base += folded.coefficients[d] * kernel->loops[d].scale;
    folded.coefficients[d] = 0;
  }
  return folded;
}

// Whether |a| is known to be no more than |b| whatever numbers the dispatch is given.
static bool tenon_never_exceeds(const tenon_kernel_t* kernel, const tenon_linear_t* a,
                                const tenon_linear_t* b) {
  tenon_linear_t x = tenon_linear_fold(kernel, a), y = tenon_linear_fold(kernel, b);
  if (x.base > y.base) return false;
  x.base = y.base;
  return tenon_linear_equal(&x, &y);
}

// Dynamic extents of inputs that have no constant of their own follow from the loops'. An access
// that reaches further than its array's declared extents for some numbers makes a check.
static MlirLogicalResult tenon_size_inputs(tenon_kernel_t* kernel) {
  size_t most = 0;
  for (int i = 0; i < kernel->read_count; ++i) {
    if (kernel->accesses[i].array >= 0)
      most += (size_t)kernel->arrays[kernel->accesses[i].array].rank;
  }
  kernel->checks = tenon_xcalloc(most + 1, sizeof(*kernel->checks));
  for (int i = 0; i < kernel->read_count; ++i) {
    const tenon_access_t* access = &kernel->accesses[i];
    if (access->array < 0) continue;
    tenon_array_t* array = &kernel->arrays[access->array];
    MlirType type = mlirValueGetType(access->scalar);
    for (int p = 0; p < array->rank; ++p) {
      tenon_linear_t needed = tenon_needed_extent(&access->indices[p]);
      bool dynamic = tenon_static_size(type, p) < 0;
      if (dynamic && !array->sized && !array->extents[p].constant_plus_1 &&
          mlirLogicalResultIsFailure(tenon_size_by_loop(kernel, access, p))) {
        return mlirLogicalResultFailure();
      }
      if (tenon_never_exceeds(kernel, &needed, &array->extents[p])) continue;
      kernel->checks[kernel->check_count].needed = needed;
      kernel->checks[kernel->check_count++].declared = array->extents[p];
    }
    array->sized = true;
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_read_loops(tenon_kernel_t* kernel) {
  MlirAttribute iterators =
      mlirOperationGetAttributeByName(kernel->generic, tenon_str("iterator_types"));
  MlirAttribute parallel = mlirAttributeParseGet(mlirOperationGetContext(kernel->generic),
                                                 tenon_str("#linalg.iterator_type<parallel>"));
  intptr_t count = mlirArrayAttrGetNumElements(iterators);
  if (count > TENON_KERNEL_MAX_RANK) {
    return tenon_error(kernel->generic, "%d loops are not supported: at most %d", (int)count,
                       TENON_KERNEL_MAX_RANK);
  }
  kernel->loop_count = (int)count;
  for (int i = 0; i < kernel->loop_count; ++i) {
    if (!mlirAttributeEqual(mlirArrayAttrGetElement(iterators, i), parallel)) {
      return tenon_error(kernel->generic,
                         "iterator #%d is not parallel: only parallel iterators are supported", i);
    }
    kernel->loops[i].scale = -1;
    kernel->loops[i].constant = -1;
  }
  for (MlirOperation op = mlirBlockGetFirstOperation(kernel->body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "linalg.index")) continue;
    kernel->loops[mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")))]
        .index_used = true;
  }
  return mlirLogicalResultSuccess();
}

// The loops of fixed length: nothing that the plan multiplies may overflow.
static MlirLogicalResult tenon_check_size(const tenon_kernel_t* kernel) {
  int64_t iterations = 1;
  for (int d = 0; d < kernel->loop_count; ++d) {
    if (kernel->loops[d].constant >= 0 || kernel->loops[d].scale == 0) continue;
    if (__builtin_mul_overflow(iterations, kernel->loops[d].scale, &iterations) ||
        iterations > INT64_MAX / 64) {
      return tenon_error(
          kernel->generic,
          "a result has too many elements for any memory; make its dimensions smaller");
    }
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_kernel_read_parts(MlirBlock block, MlirOperation return_op,
                                                 tenon_kernel_t* kernel) {
  kernel->body = mlirRegionGetFirstBlock(mlirOperationGetRegion(kernel->generic, 0));
  kernel->access_count = (int)mlirOperationGetNumOperands(kernel->generic);
  kernel->read_count = kernel->access_count - (int)mlirOperationGetNumResults(kernel->generic);
  kernel->accesses = tenon_xcalloc((size_t)kernel->access_count + 1, sizeof(*kernel->accesses));
  MlirAttribute maps = mlirOperationGetAttributeByName(kernel->generic, tenon_str("indexing_maps"));
  if (kernel->access_count == kernel->read_count)
    return tenon_error(kernel->generic, "a dispatch without results does nothing");
  if (mlirLogicalResultIsFailure(tenon_read_loops(kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_arguments(block, kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_dims(block, kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_inputs(block, maps, kernel)) ||
      mlirLogicalResultIsFailure(tenon_read_results(maps, return_op, kernel))) {
    return mlirLogicalResultFailure();
  }
  for (int d = 0; d < kernel->loop_count; ++d) {
    if (kernel->loops[d].scale < 0)
      return tenon_error(kernel->generic, "loop #%d does not appear in any result's indexing map",
                         d);
  }
  tenon_fix_loops(kernel);
  if (mlirLogicalResultIsFailure(tenon_check_size(kernel)) ||
      mlirLogicalResultIsFailure(tenon_size_inputs(kernel))) {
    return mlirLogicalResultFailure();
  }
  if (kernel->array_count > TENON_DISPATCH_MAX_BINDINGS) {
    return tenon_error(
        kernel->generic,
        "%d tensors in one dispatch are not supported: at most %d; split the computation",
        kernel->array_count, TENON_DISPATCH_MAX_BINDINGS);
  }
  if (kernel->constant_count > TENON_DISPATCH_MAX_CONSTANTS) {
    return tenon_error(
        kernel->generic,
        "%d scalars in one dispatch are not supported: at most %d; split the computation",
        kernel->constant_count, TENON_DISPATCH_MAX_CONSTANTS);
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_kernel_read(MlirOperation function, tenon_kernel_t* out_kernel) {
  memset(out_kernel, 0, sizeof(*out_kernel));
  out_kernel->function = function;
  MlirBlock block = tenon_function_block(function);
  if (mlirBlockIsNull(block))
    return tenon_error(function, "a dispatch must be a function of one block");
  out_kernel->name = tenon_symbol_name(function);
  MlirOperation return_op;
  if (mlirLogicalResultIsFailure(tenon_find_generic(block, &out_kernel->generic, &return_op)))
    return mlirLogicalResultFailure();
  if (mlirOperationIsNull(out_kernel->generic) || mlirOperationIsNull(return_op)) {
    return tenon_error(function, "a dispatch must hold one linalg.generic");
  }
  MlirLogicalResult result = tenon_kernel_read_parts(block, return_op, out_kernel);
  if (mlirLogicalResultIsFailure(result)) tenon_kernel_free(out_kernel);
  return result;
}

void tenon_kernel_free(tenon_kernel_t* kernel) {
  free(kernel->arrays);
  free(kernel->accesses);
  free(kernel->constants);
  free(kernel->checks);
  memset(kernel, 0, sizeof(*kernel));
}
