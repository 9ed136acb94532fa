// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/slices.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/body.h"
#include "compiler/input/checks.h"
#include "compiler/input/generic.h"
#include "compiler/input/reshapes.h"
#include "compiler/input/tensor_checks.h"
#include "compiler/support/mlir_util.h"

tenon_value_list_t tenon_mixed_values(MlirOperation op, const char* attribute, intptr_t* operand) {
  MlirAttribute numbers = mlirOperationGetAttributeByName(op, tenon_str(attribute));
  tenon_value_list_t values = {0};
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(numbers); ++i) {
    int64_t number = mlirDenseI64ArrayGetElement(numbers, i);
    TENON_APPEND(&values, number == INT64_MIN ? mlirOperationGetOperand(op, (*operand)++)
                                              : tenon_insert_index(op, number));
  }
  return values;
}

bool tenon_check_mixed(MlirOperation op, const char* attribute, intptr_t count,
                       intptr_t operand_count) {
  MlirAttribute numbers = mlirOperationGetAttributeByName(op, tenon_str(attribute));
  bool ok = !mlirAttributeIsNull(numbers) && mlirAttributeIsADenseI64Array(numbers) &&
            mlirDenseArrayGetNumElements(numbers) == count;
  for (intptr_t i = 0; ok && i < count; ++i) {
    operand_count -= mlirDenseI64ArrayGetElement(numbers, i) == INT64_MIN;
  }
  if (ok && operand_count == 0) return true;
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s': expected as many numbers and operands in '%s' as there are dimensions",
              (int)name.length, name.data, attribute);
  return false;
}

intptr_t tenon_segment_size(MlirOperation op, intptr_t segment) {
  MlirAttribute segments = mlirOperationGetAttributeByName(op, tenon_str("operandSegmentSizes"));
  return mlirDenseI32ArrayGetElement(segments, segment);
}

// Which elements of |whole| a slice is, and which of its own dimensions indexes each of |whole|'s: -1 where there is
// none because the slice, of one element there, lacks the dimension.
typedef struct slice_t {
  MlirValue whole;
  intptr_t rank;  // of |whole|
  tenon_value_list_t offsets, sizes, strides;
  intptr_t* dims;
} slice_t;

static bool is_number(MlirValue value, int64_t number) {
  int64_t constant = 0;
  return tenon_constant_int(value, &constant) && constant == number;
}

// The dimensions that |part|, a tensor type of lower rank, lacks are of one element by the static sizes. Which of
// several are lacking makes no difference to the elements.
static void find_dims(slice_t* slice, MlirType part, MlirAttribute static_sizes) {
  intptr_t next = 0, lacking = slice->rank - mlirShapedTypeGetRank(part);
  for (intptr_t d = 0; d < slice->rank; ++d) {
    bool lacks = lacking > 0 && mlirDenseI64ArrayGetElement(static_sizes, d) == 1 &&
                 (next == mlirShapedTypeGetRank(part) || mlirShapedTypeIsDynamicDim(part, next) ||
                  mlirShapedTypeGetDimSize(part, next) != 1);
    if (lacks) --lacking;
    slice->dims[d] = lacks ? -1 : next++;
  }
}

// |op|'s operands from |first| on say which elements.
static slice_t slice_begin(MlirOperation op, MlirValue whole, MlirType part, intptr_t first) {
  slice_t slice = {.whole = whole, .rank = mlirShapedTypeGetRank(mlirValueGetType(whole))};
  slice.offsets = tenon_mixed_values(op, "static_offsets", &first);
  slice.sizes = tenon_mixed_values(op, "static_sizes", &first);
  slice.strides = tenon_mixed_values(op, "static_strides", &first);
  slice.dims = tenon_xcalloc((size_t)slice.rank, sizeof(*slice.dims));
  find_dims(&slice, part, mlirOperationGetAttributeByName(op, tenon_str("static_sizes")));
  for (intptr_t d = 0; d < slice.rank; ++d) {
    tenon_check_slice(op, d, slice.offsets.data[d], slice.sizes.data[d], slice.strides.data[d],
                      tenon_insert_dim(op, whole, d));
  }
  return slice;
}

static void slice_free(slice_t* slice) {
  free(slice->offsets.data);
  free(slice->sizes.data);
  free(slice->strides.data);
  free(slice->dims);
}

// The sizes of the dimensions that the slice has.
static tenon_value_list_t own_sizes(const slice_t* slice) {
  tenon_value_list_t sizes = {0};
  for (intptr_t d = 0; d < slice->rank; ++d) {
    if (slice->dims[d] >= 0) TENON_APPEND(&sizes, slice->sizes.data[d]);
  }
  return sizes;
}

// Whether the slice is all of |whole| along dimension |d|, as far as constants and tensor.dim tell.
static bool is_all_of_dim(const slice_t* slice, intptr_t d) {
  MlirType type = mlirValueGetType(slice->whole);
  MlirValue size = slice->sizes.data[d];
  if (!is_number(slice->offsets.data[d], 0) || !is_number(slice->strides.data[d], 1)) return false;
  if (!mlirShapedTypeIsDynamicDim(type, d)) {
    return is_number(size, mlirShapedTypeGetDimSize(type, d));
  }
  MlirOperation dim = tenon_defining_op(size);
  return !mlirOperationIsNull(dim) && tenon_op_is(dim, "tensor.dim") &&
         mlirValueEqual(mlirOperationGetOperand(dim, 0), slice->whole) &&
         is_number(mlirOperationGetOperand(dim, 1), d);
}

static bool is_all(const slice_t* slice) {
  for (intptr_t d = 0; d < slice->rank; ++d) {
    if (!is_all_of_dim(slice, d)) return false;
  }
  return true;
}

// Where in |whole| the element of the loops' iteration is.
static tenon_value_list_t place(tenon_body_t* body, const slice_t* slice) {
  tenon_value_list_t indices = {0};
  for (intptr_t d = 0; d < slice->rank; ++d) {
    MlirValue index = slice->offsets.data[d];
    if (slice->dims[d] >= 0) {
      MlirValue loop = tenon_body_index(body, slice->dims[d]);
      index = tenon_body_add(body, tenon_body_multiply(body, loop, slice->strides.data[d]), index);
    }
    TENON_APPEND(&indices, index);
  }
  return indices;
}

// Whether the constants |offset|, |size| and |stride| stay inside of dimension |d|, as far as its size is known.
static bool fits(const slice_t* slice, intptr_t d, int64_t offset, int64_t size, int64_t stride) {
  MlirType type = mlirValueGetType(slice->whole);
  return size > 0 && (mlirShapedTypeIsDynamicDim(type, d) ||
                      (mlirShapedTypeGetDimSize(type, d) - 1 - offset) / stride >= size - 1);
}

// Whether a map may say what is read along dimension |d|: not of a dimension's beginning, as what a loop alone indexes has the
// loop's extent; nor where there would be more than there is if a check failed, which MLIR would refuse.
static bool has_map(const slice_t* slice, intptr_t d) {
  if (is_all_of_dim(slice, d)) return true;
  int64_t offset = 0, size = 0, stride = 0;
  return tenon_constant_int(slice->offsets.data[d], &offset) && offset >= 0 &&
         offset <= TENON_MAX_COEFFICIENT && tenon_constant_int(slice->strides.data[d], &stride) &&
         stride >= 1 && stride <= TENON_MAX_COEFFICIENT &&
         tenon_constant_int(slice->sizes.data[d], &size) && fits(slice, d, offset, size, stride) &&
         (slice->dims[d] < 0 || offset > 0 || stride > 1);
}

// The same as a map of the loops; a null map if there is none.
static MlirAffineMap linear_place(MlirContext context, const slice_t* slice, intptr_t loop_count) {
  MlirAffineExpr* results = tenon_xcalloc((size_t)slice->rank, sizeof(*results));
  bool is_linear = true;
  for (intptr_t d = 0; d < slice->rank && is_linear; ++d) {
    int64_t offset = 0, stride = 0;
    is_linear = has_map(slice, d) && tenon_constant_int(slice->offsets.data[d], &offset) &&
                tenon_constant_int(slice->strides.data[d], &stride);
    results[d] = mlirAffineConstantExprGet(context, offset);
    if (slice->dims[d] < 0 || !is_linear) continue;
    MlirAffineExpr loop = mlirAffineDimExprGet(context, slice->dims[d]);
    MlirAffineExpr scaled = mlirAffineMulExprGet(loop, mlirAffineConstantExprGet(context, stride));
    results[d] = mlirAffineAddExprGet(scaled, results[d]);
  }
  MlirAffineMap map = {NULL};
  if (is_linear) map = mlirAffineMapGet(context, loop_count, 0, slice->rank, results);
  free(results);
  return map;
}

static void replace(MlirOperation op, MlirValue value) {
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

// |tensor| with the dimensions of |type|, which differ from its own by some of one element at most.
static MlirValue as_type(MlirOperation op, MlirValue tensor, MlirType type,
                         const MlirValue* sizes) {
  if (mlirTypeEqual(mlirValueGetType(tensor), type)) return tensor;
  return tenon_insert_reshape(op, tensor, type, sizes);
}

void tenon_lower_extract_slice(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  slice_t slice = slice_begin(op, mlirOperationGetOperand(op, 0), type, 1);
  tenon_value_list_t sizes = own_sizes(&slice);
  if (is_all(&slice)) {
    replace(op, as_type(op, slice.whole, type, sizes.data));
  } else {
    tenon_body_t body = tenon_generic_begin(op, (intptr_t)sizes.count);
    MlirAffineMap map = linear_place(mlirOperationGetContext(op), &slice, (intptr_t)sizes.count);
    MlirValue element = {NULL};
    if (!mlirAffineMapIsNull(map)) {
      element = tenon_body_input(&body, slice.whole, map);
    } else {
      tenon_value_list_t indices = place(&body, &slice);
      MlirValue zero = tenon_insert_zero(op, mlirShapedTypeGetElementType(type));
      element = tenon_body_read(&body, zero, slice.whole, indices.data);
      free(indices.data);
    }
    replace(op, tenon_generic_end(&body, type, sizes.data, element));
  }
  free(sizes.data);
  slice_free(&slice);
}

// The element of |source| of the loops' iteration.
static MlirValue read_own(tenon_body_t* body, MlirValue source) {
  MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(source));
  tenon_value_list_t indices = {0};
  for (intptr_t d = 0; d < body->loop_count; ++d) {
    TENON_APPEND(&indices, tenon_body_index(body, d));
  }
  MlirValue zero = tenon_insert_zero(body->before, element);
  MlirValue value = tenon_body_read(body, zero, source, indices.data);
  free(indices.data);
  return value;
}

void tenon_lower_insert_slice(MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0), whole = mlirOperationGetOperand(op, 1);
  slice_t slice = slice_begin(op, whole, mlirValueGetType(source), 2);
  tenon_value_list_t sizes = own_sizes(&slice);
  for (size_t d = 0; d < sizes.count; ++d) {
    tenon_check_same(op, "dimension", (intptr_t)d, tenon_insert_dim(op, source, (intptr_t)d),
                     sizes.data[d]);
  }
  if (is_all(&slice)) {
    replace(op, as_type(op, source, mlirValueGetType(whole), slice.sizes.data));
  } else {
    tenon_body_t body = tenon_update_begin(op, (intptr_t)sizes.count);
    MlirValue value = read_own(&body, source);
    tenon_value_list_t indices = place(&body, &slice);
    replace(op, tenon_update_end(&body, whole, sizes.data, value, indices.data));
    free(indices.data);
  }
  free(sizes.data);
  slice_free(&slice);
}

void tenon_lower_insert(MlirOperation op) {
  MlirValue whole = mlirOperationGetOperand(op, 1);
  tenon_value_list_t indices = {0};
  for (intptr_t d = 0; d < mlirOperationGetNumOperands(op) - 2; ++d) {
    MlirValue index = mlirOperationGetOperand(op, d + 2);
    tenon_check_index(op, d, index, tenon_insert_dim(op, whole, d));
    TENON_APPEND(&indices, index);
  }
  tenon_body_t body = tenon_update_begin(op, 0);
  replace(op, tenon_update_end(&body, whole, NULL, mlirOperationGetOperand(op, 0), indices.data));
  free(indices.data);
}

//===--------------------------------------------------------------------===//
// tensor.concat
//===--------------------------------------------------------------------===//

// Up to so many tensors one dispatch reads all of them for each element; of more each is copied by its own.
#define MAX_READ_TOGETHER 4

typedef struct concat_t {
  MlirOperation op;
  MlirType type;
  intptr_t rank, dim;
  tenon_value_list_t sizes;   // of the result
  tenon_value_list_t begins;  // of each operand along |dim|
} concat_t;

// Dimension |d| of operand |i| is that of the first.
static void check_agreement(concat_t* concat, intptr_t i, intptr_t d) {
  int64_t expected = 0;
  MlirValue size = tenon_insert_dim(concat->op, mlirOperationGetOperand(concat->op, i), d);
  if (tenon_constant_int(concat->sizes.data[d], &expected) && is_number(size, expected)) return;
  char message[120];
  snprintf(message, sizeof(message),
           "tensor.concat: dimension %d of operand %d is {0}, expected {1}", (int)d, (int)i);
  tenon_insert_check(concat->op, "tenon.check_eq", size, concat->sizes.data[d], message);
}

static concat_t concat_begin(MlirOperation op) {
  concat_t concat = {.op = op, .type = mlirValueGetType(mlirOperationGetResult(op, 0))};
  concat.rank = mlirShapedTypeGetRank(concat.type);
  concat.dim = mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")));
  MlirValue first = mlirOperationGetOperand(op, 0);
  for (intptr_t d = 0; d < concat.rank; ++d) {
    bool is_static = !mlirShapedTypeIsDynamicDim(concat.type, d) && d != concat.dim;
    TENON_APPEND(&concat.sizes,
                 is_static ? tenon_insert_index(op, mlirShapedTypeGetDimSize(concat.type, d))
                           : tenon_insert_dim(op, first, d));
  }
  MlirValue end = tenon_insert_index(op, 0);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    for (intptr_t d = 0; d < concat.rank; ++d) {
      if (d != concat.dim) check_agreement(&concat, i, d);
    }
    TENON_APPEND(&concat.begins, end);
    end = tenon_insert_sum(op, end, tenon_insert_dim(op, operand, concat.dim));
  }
  concat.sizes.data[concat.dim] = end;
  if (!mlirShapedTypeIsDynamicDim(concat.type, concat.dim)) {
    tenon_check_same(op, "dimension", concat.dim, end,
                     tenon_insert_index(op, mlirShapedTypeGetDimSize(concat.type, concat.dim)));
  }
  return concat;
}

// An element is in one operand only: each is read with what those after it give as the element elsewhere.
static MlirValue concat_reads(concat_t* concat) {
  tenon_body_t body = tenon_generic_begin(concat->op, concat->rank);
  MlirValue value = tenon_insert_zero(concat->op, mlirShapedTypeGetElementType(concat->type));
  for (intptr_t i = (intptr_t)concat->begins.count; i-- > 0;) {
    tenon_value_list_t indices = {0};
    for (intptr_t d = 0; d < concat->rank; ++d) {
      MlirValue index = tenon_body_index(&body, d);
      if (d == concat->dim && !is_number(concat->begins.data[i], 0)) {
        MlirValue operands[] = {index, concat->begins.data[i]};
        index = tenon_body_op(&body, "arith.subi", mlirValueGetType(index), 2, operands);
      }
      TENON_APPEND(&indices, index);
    }
    value = tenon_body_read(&body, value, mlirOperationGetOperand(concat->op, i), indices.data);
    free(indices.data);
  }
  return tenon_generic_end(&body, concat->type, concat->sizes.data, value);
}

// Puts operand |i| where it goes in |whole|.
static MlirValue concat_update(concat_t* concat, MlirValue whole, intptr_t i) {
  MlirValue operand = mlirOperationGetOperand(concat->op, i);
  tenon_value_list_t sizes = {0}, indices = {0};
  for (intptr_t d = 0; d < concat->rank; ++d) {
    TENON_APPEND(&sizes, tenon_insert_dim(concat->op, operand, d));
  }
  tenon_body_t body = tenon_update_begin(concat->op, concat->rank);
  MlirValue value = read_own(&body, operand);
  for (intptr_t d = 0; d < concat->rank; ++d) {
    MlirValue index = tenon_body_index(&body, d);
    TENON_APPEND(&indices,
                 d == concat->dim ? tenon_body_add(&body, index, concat->begins.data[i]) : index);
  }
  MlirValue result = tenon_update_end(&body, whole, sizes.data, value, indices.data);
  free(sizes.data);
  free(indices.data);
  return result;
}

void tenon_lower_concat(MlirOperation op) {
  concat_t concat = concat_begin(op);
  MlirValue result = {NULL};
  if (concat.begins.count <= MAX_READ_TOGETHER) {
    result = concat_reads(&concat);
  } else {
    result = tenon_insert_empty(op, concat.type, concat.sizes.data);
    for (size_t i = 0; i < concat.begins.count; ++i) {
      result = concat_update(&concat, result, (intptr_t)i);
    }
  }
  replace(op, result);
  free(concat.sizes.data);
  free(concat.begins.data);
}
