// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/elements.h"

#include <stdlib.h>

#include "compiler/input/body.h"
#include "compiler/input/reshapes.h"
#include "compiler/input/slices.h"
#include "compiler/input/tensor_checks.h"
#include "compiler/support/mlir_util.h"

static void replace(MlirOperation op, MlirValue value) {
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

static MlirType result_type(MlirOperation op) {
  return mlirValueGetType(mlirOperationGetResult(op, 0));
}

//===--------------------------------------------------------------------===//
// tensor.from_elements
//===--------------------------------------------------------------------===//

MlirValue tenon_known_element(MlirOperation before, MlirValue tensor, intptr_t position) {
  MlirOperation op = tenon_defining_op(tensor);
  if (!mlirOperationIsNull(op) && tenon_op_is(op, "tensor.from_elements")) {
    return mlirOperationGetOperand(op, position);
  }
  MlirAttribute constant = tenon_constant_value(tensor);
  if (mlirAttributeIsNull(constant)) return (MlirValue){NULL};
  uint64_t index = (uint64_t)position;
  return tenon_insert_constant(before, mlirShapedTypeGetElementType(mlirValueGetType(tensor)),
                               mlirElementsAttrGetValue(constant, 1, &index));
}

// So many numbers make a generic, which may become part of others; of more each so many are put in place by one dispatch. It takes
// them all, and every element chooses.
#define FEW 16
#define CHUNK 64

// Number |position| of |op|, or zero where it isn't constant.
static MlirAttribute constant_part(MlirOperation op, intptr_t position, MlirAttribute zero) {
  MlirAttribute constant = tenon_constant_value(mlirOperationGetOperand(op, position));
  return mlirAttributeIsNull(constant) ? zero : constant;
}

static bool all_constant(MlirOperation op, intptr_t first, intptr_t end) {
  for (intptr_t i = first; i < end; ++i) {
    if (mlirAttributeIsNull(tenon_constant_value(mlirOperationGetOperand(op, i)))) return false;
  }
  return true;
}

// A constant of |type| with the numbers of |op| that are constant, and zeros.
static MlirValue insert_constants(MlirOperation op, MlirType type) {
  intptr_t count = mlirOperationGetNumOperands(op);
  MlirValue zero_value = tenon_insert_zero(op, mlirShapedTypeGetElementType(type));
  MlirAttribute zero =
      mlirOperationGetAttributeByName(tenon_defining_op(zero_value), tenon_str("value"));
  tenon_attr_list_t elements = {0};
  for (intptr_t i = 0; i < count; ++i) TENON_APPEND(&elements, constant_part(op, i, zero));
  MlirValue constant =
      tenon_insert_constant(op, type, mlirDenseElementsAttrGet(type, count, elements.data));
  free(elements.data);
  return constant;
}

// The one of |op|'s numbers from |first| on, up to |end|, that |index| counts.
static MlirValue choose(tenon_body_t* body, MlirOperation op, intptr_t first, intptr_t end,
                        MlirValue index) {
  MlirValue chosen = mlirOperationGetOperand(op, end - 1);
  for (intptr_t i = end - 1; i-- > first;) {
    MlirValue is_it = tenon_body_compare(body, TENON_EQ, index, tenon_insert_index(op, i - first));
    chosen = tenon_body_select(body, is_it, mlirOperationGetOperand(op, i), chosen);
  }
  return chosen;
}

// The number of the loops' iteration in row-major order.
static MlirValue row_major(tenon_body_t* body, MlirType type) {
  MlirValue number = tenon_insert_index(body->before, 0);
  for (intptr_t d = 0; d < body->loop_count; ++d) {
    MlirValue size = tenon_insert_index(body->before, mlirShapedTypeGetDimSize(type, d));
    number = tenon_body_multiply(body, number, size);
    number = tenon_body_add(body, number, tenon_body_index(body, d));
  }
  return number;
}

static MlirValue from_few(MlirOperation op, MlirType type) {
  tenon_body_t body = tenon_generic_begin(op, mlirShapedTypeGetRank(type));
  MlirValue number = row_major(&body, type);
  MlirValue value = choose(&body, op, 0, mlirOperationGetNumOperands(op), number);
  return tenon_generic_end(&body, type, NULL, value);
}

static MlirValue update_chunk(MlirOperation op, MlirValue tensor, intptr_t first, intptr_t end) {
  tenon_body_t body = tenon_update_begin(op, 1);
  MlirValue number = tenon_body_index(&body, 0);
  MlirValue value = choose(&body, op, first, end, number);
  MlirValue index = tenon_body_add(&body, number, tenon_insert_index(op, first));
  MlirValue extent = tenon_insert_index(op, end - first);
  return tenon_update_end(&body, tensor, &extent, value, &index);
}

static MlirValue from_many(MlirOperation op, MlirType type) {
  int64_t count = mlirOperationGetNumOperands(op);
  MlirType flat = mlirRankedTensorTypeGet(1, &count, mlirShapedTypeGetElementType(type),
                                          mlirAttributeGetNull());
  MlirValue tensor = insert_constants(op, flat);
  for (intptr_t i = 0; i < count; i += CHUNK) {
    intptr_t end = i + CHUNK < count ? i + CHUNK : count;
    if (!all_constant(op, i, end)) tensor = update_chunk(op, tensor, i, end);
  }
  return tenon_insert_reshape(op, tensor, type, NULL);
}

void tenon_lower_from_elements(MlirOperation op) {
  MlirType type = result_type(op);
  intptr_t count = mlirOperationGetNumOperands(op);
  if (all_constant(op, 0, count)) {
    replace(op, insert_constants(op, type));
  } else {
    replace(op, count <= FEW ? from_few(op, type) : from_many(op, type));
  }
}

//===--------------------------------------------------------------------===//
// tensor.generate, tensor.pad
//===--------------------------------------------------------------------===//

void tenon_lower_generate(MlirOperation op) {
  MlirType type = result_type(op);
  intptr_t next = 0;
  tenon_value_list_t sizes = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    bool is_dynamic = mlirShapedTypeIsDynamicDim(type, d);
    TENON_APPEND(&sizes, is_dynamic ? mlirOperationGetOperand(op, next++)
                                    : tenon_insert_index(op, mlirShapedTypeGetDimSize(type, d)));
    tenon_check_least(op, "size", d, sizes.data[d], 0);
  }
  tenon_body_t body = tenon_generic_begin(op, (intptr_t)sizes.count);
  MlirValue value = tenon_body_take(&body, mlirOperationGetRegion(op, 0), (MlirValue){NULL});
  replace(op, tenon_generic_end(&body, type, sizes.data, value));
  free(sizes.data);
}

typedef struct pad_t {
  MlirOperation op;
  MlirValue source;
  MlirType type;
  intptr_t rank;
  tenon_value_list_t low, high, sizes;  // sizes: of the result
} pad_t;

static pad_t pad_begin(MlirOperation op) {
  pad_t pad = {.op = op, .source = mlirOperationGetOperand(op, 0), .type = result_type(op)};
  pad.rank = mlirShapedTypeGetRank(pad.type);
  intptr_t operand = 1;
  pad.low = tenon_mixed_values(op, "static_low", &operand);
  pad.high = tenon_mixed_values(op, "static_high", &operand);
  for (intptr_t d = 0; d < pad.rank; ++d) {
    MlirValue low = pad.low.data[d], high = pad.high.data[d];
    tenon_check_least(op, "low padding", d, low, 0);
    tenon_check_least(op, "high padding", d, high, 0);
    MlirValue size = tenon_insert_sum(op, low, tenon_insert_dim(op, pad.source, d));
    TENON_APPEND(&pad.sizes, tenon_insert_sum(op, size, high));
    if (mlirShapedTypeIsDynamicDim(pad.type, d)) continue;
    tenon_check_same(op, "dimension", d, pad.sizes.data[d],
                     tenon_insert_index(op, mlirShapedTypeGetDimSize(pad.type, d)));
  }
  return pad;
}

// Where in the source the element of the loops' iteration is, if it is there.
static tenon_value_list_t source_indices(tenon_body_t* body, const pad_t* pad) {
  tenon_value_list_t indices = {0};
  for (intptr_t d = 0; d < pad->rank; ++d) {
    MlirValue operands[] = {tenon_body_index(body, d), pad->low.data[d]};
    int64_t low = 0;
    bool is_none = tenon_constant_int(operands[1], &low) && low == 0;
    TENON_APPEND(&indices, is_none ? operands[0]
                                   : tenon_body_op(body, "arith.subi",
                                                   mlirValueGetType(operands[0]), 2, operands));
  }
  return indices;
}

// Whether the element of the loops' iteration is padding.
static MlirValue is_padding(tenon_body_t* body, const pad_t* pad, const MlirValue* indices) {
  MlirType bit = mlirIntegerTypeGet(mlirOperationGetContext(pad->op), 1);
  MlirValue outside = tenon_insert_constant(pad->op, bit, mlirIntegerAttrGet(bit, 0));
  for (intptr_t d = 0; d < pad->rank; ++d) {
    MlirValue size = tenon_insert_dim(pad->op, pad->source, d);
    MlirValue either[] = {outside, tenon_body_compare(body, TENON_UGE, indices[d], size)};
    outside = tenon_body_op(body, "arith.ori", bit, 2, either);
  }
  return outside;
}

void tenon_lower_pad(MlirOperation op) {
  pad_t pad = pad_begin(op);
  tenon_body_t body = tenon_generic_begin(op, pad.rank);
  tenon_value_list_t indices = source_indices(&body, &pad);
  MlirValue padding =
      tenon_body_take(&body, mlirOperationGetRegion(op, 0), is_padding(&body, &pad, indices.data));
  MlirValue value = tenon_body_read(&body, padding, pad.source, indices.data);
  replace(op, tenon_generic_end(&body, pad.type, pad.sizes.data, value));
  free(indices.data);
  free(pad.low.data);
  free(pad.high.data);
  free(pad.sizes.data);
}

//===--------------------------------------------------------------------===//
// tensor.bitcast, tensor.rank
//===--------------------------------------------------------------------===//

void tenon_lower_bitcast(MlirOperation op) {
  MlirType type = result_type(op), element = mlirShapedTypeGetElementType(type);
  MlirValue source = mlirOperationGetOperand(op, 0);
  intptr_t rank = mlirShapedTypeGetRank(type);
  tenon_body_t body = tenon_generic_begin(op, rank);
  MlirValue value = tenon_body_input(
      &body, source, mlirAffineMapMultiDimIdentityGet(mlirOperationGetContext(op), rank));
  if (!mlirTypeEqual(mlirValueGetType(value), element)) {
    value = tenon_body_op(&body, "arith.bitcast", element, 1, &value);
  }
  tenon_value_list_t sizes = {0};
  for (intptr_t d = 0; d < rank; ++d) {
    TENON_APPEND(&sizes, tenon_insert_dim(op, source, d));
    if (mlirShapedTypeIsDynamicDim(type, d)) continue;
    tenon_check_same(op, "dimension", d, sizes.data[d],
                     tenon_insert_index(op, mlirShapedTypeGetDimSize(type, d)));
  }
  replace(op, tenon_generic_end(&body, type, sizes.data, value));
  free(sizes.data);
}

void tenon_lower_rank(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, 0));
  replace(op, tenon_insert_index(op, mlirShapedTypeGetRank(type)));
}
