// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/decompose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/body.h"
#include "compiler/input/checks.h"
#include "compiler/input/generic.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

static MlirType element_type(MlirValue tensor) {
  return mlirShapedTypeGetElementType(mlirValueGetType(tensor));
}

static intptr_t rank_of(MlirValue tensor) {
  return mlirShapedTypeGetRank(mlirValueGetType(tensor));
}

static void replace(MlirOperation op, MlirValue value) {
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

static void insert_sizes(MlirOperation before, MlirValue tensor, MlirValue sizes[TENON_MAX_RANK]) {
  for (intptr_t d = 0; d < rank_of(tensor); ++d) sizes[d] = tenon_insert_dim(before, tensor, d);
}

//===--------------------------------------------------------------------===//
// linalg.softmax: exp(x - max(x)) / sum(exp(x - max(x)))
//===--------------------------------------------------------------------===//

typedef struct softmax_t {
  MlirOperation op;
  intptr_t rank, dim;
  MlirValue sizes[TENON_MAX_RANK];  // of the whole
  MlirValue outer[TENON_MAX_RANK];  // ... without |dim|
  MlirAffineMap whole, reduced;     // maps of both
} softmax_t;

static intptr_t softmax_dim(MlirOperation op) {
  return mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dimension")));
}

static softmax_t softmax_begin(MlirOperation op) {
  MlirContext context = mlirOperationGetContext(op);
  MlirValue input = mlirOperationGetOperand(op, 0);
  softmax_t softmax = {.op = op, .rank = rank_of(input), .dim = softmax_dim(op)};
  insert_sizes(op, input, softmax.sizes);
  MlirAffineExpr exprs[TENON_MAX_RANK];
  intptr_t count = 0;
  for (intptr_t d = 0; d < softmax.rank; ++d) {
    if (d == softmax.dim) continue;
    softmax.outer[count] = softmax.sizes[d];
    exprs[count++] = mlirAffineDimExprGet(context, d);
  }
  softmax.whole = mlirAffineMapMultiDimIdentityGet(context, softmax.rank);
  softmax.reduced = mlirAffineMapGet(context, softmax.rank, 0, count, exprs);
  return softmax;
}

// The type of a tensor of |element| with the sizes of the operand, or without the dimension that is reduced.
static MlirType softmax_type(const softmax_t* softmax, MlirType element, bool is_reduced) {
  MlirType source = mlirValueGetType(mlirOperationGetOperand(softmax->op, 0));
  int64_t shape[TENON_MAX_RANK];
  intptr_t count = 0;
  for (intptr_t d = 0; d < softmax->rank; ++d) {
    if (!is_reduced || d != softmax->dim) shape[count++] = mlirShapedTypeGetDimSize(source, d);
  }
  return mlirRankedTensorTypeGet(count, shape, element, mlirAttributeGetNull());
}

// |tensor| reduced by |name|, which begins with |initial|.
static MlirValue insert_reduction(const softmax_t* softmax, MlirValue tensor, const char* name,
                                  double initial) {
  MlirOperation op = softmax->op;
  MlirContext context = mlirOperationGetContext(op);
  MlirLocation location = mlirOperationGetLocation(op);
  MlirType element = element_type(tensor), type = softmax_type(softmax, element, true);
  MlirValue number =
      tenon_insert_constant(op, element, mlirFloatAttrDoubleGet(context, element, initial));
  tenon_body_t fill = tenon_generic_begin(op, softmax->rank - 1);
  MlirValue filled = tenon_generic_end(&fill, type, softmax->outer, number);
  MlirType types[] = {element, element};
  MlirLocation locations[] = {location, location};
  MlirBlock block = mlirBlockCreate(2, types, locations);
  MlirValue arguments[] = {mlirBlockGetArgument(block, 0), mlirBlockGetArgument(block, 1)};
  MlirOperation combine = tenon_build_op(name, location, 1, &element, 2, arguments, 0, NULL);
  MlirValue combined = mlirOperationGetResult(combine, 0);
  mlirBlockAppendOwnedOperation(block, combine);
  mlirBlockAppendOwnedOperation(
      block, tenon_build_op("linalg.yield", location, 0, NULL, 1, &combined, 0, NULL));
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  tenon_value_list_t inputs = {.data = &tensor, .count = 1},
                     outputs = {.data = &filled, .count = 1};
  MlirAttribute map_data[] = {mlirAffineMapAttrGet(softmax->whole),
                              mlirAffineMapAttrGet(softmax->reduced)};
  tenon_attr_list_t maps = {.data = map_data, .count = 2};
  MlirOperation generic =
      tenon_insert_generic(op, location, &inputs, &outputs, &maps, softmax->rank, region);
  return mlirOperationGetResult(generic, 0);
}

// f16 and bf16 are computed as f32: sums of many numbers would come to a halt early.
static MlirType wide_type(MlirType element) {
  return mlirTypeIsAF64(element) ? element : mlirF32TypeGet(mlirTypeGetContext(element));
}

static MlirValue convert(tenon_body_t* body, const char* name, MlirType type, MlirValue value) {
  if (mlirTypeEqual(mlirValueGetType(value), type)) return value;
  return tenon_body_op(body, name, type, 1, &value);
}

static MlirValue insert_exponentials(softmax_t* softmax, MlirValue input, MlirValue maxima) {
  MlirType wide = wide_type(element_type(input));
  tenon_body_t body = tenon_generic_begin(softmax->op, softmax->rank);
  MlirValue x = tenon_body_input(&body, input, softmax->whole);
  MlirValue maximum = tenon_body_input(&body, maxima, softmax->reduced);
  MlirValue operands[] = {convert(&body, "arith.extf", wide, x),
                          convert(&body, "arith.extf", wide, maximum)};
  MlirValue difference = tenon_body_op(&body, "arith.subf", wide, 2, operands);
  MlirValue exponential = tenon_body_op(&body, "math.exp", wide, 1, &difference);
  return tenon_generic_end(&body, softmax_type(softmax, wide, false), softmax->sizes, exponential);
}

static MlirValue insert_quotients(softmax_t* softmax, MlirValue exponentials, MlirValue sums) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(softmax->op, 0));
  MlirType wide = element_type(exponentials);
  tenon_body_t body = tenon_generic_begin(softmax->op, softmax->rank);
  MlirValue operands[] = {tenon_body_input(&body, exponentials, softmax->whole),
                          tenon_body_input(&body, sums, softmax->reduced)};
  MlirValue quotient = tenon_body_op(&body, "arith.divf", wide, 2, operands);
  quotient = convert(&body, "arith.truncf", mlirShapedTypeGetElementType(type), quotient);
  return tenon_generic_end(&body, type, softmax->sizes, quotient);
}

static void decompose_softmax(MlirOperation op) {
  MlirValue input = mlirOperationGetOperand(op, 0), output = mlirOperationGetOperand(op, 1);
  for (intptr_t d = 0; d < rank_of(input); ++d) {
    char message[100];
    snprintf(message, sizeof(message),
             "linalg.softmax: dimension %d of the output is {1}, but that of the input is {0}",
             (int)d);
    tenon_insert_check(op, "tenon.check_eq", tenon_insert_dim(op, input, d),
                       tenon_insert_dim(op, output, d), message);
  }
  softmax_t softmax = softmax_begin(op);
  MlirValue maxima = insert_reduction(&softmax, input, "arith.maximumf", -INFINITY);
  MlirValue exponentials = insert_exponentials(&softmax, input, maxima);
  MlirValue sums = insert_reduction(&softmax, exponentials, "arith.addf", 0.0);
  replace(op, insert_quotients(&softmax, exponentials, sums));
}

//===--------------------------------------------------------------------===//
// linalg.pack and linalg.unpack
//===--------------------------------------------------------------------===//

// How a tensor and its packed form go together: dimension |outer[d]| of the packed one counts the tiles along |d|,
// and |inner[d]|, or -1, the elements of a tile of |tile[d]| elements.
typedef struct packing_t {
  MlirOperation op;
  MlirValue plain, packed;
  intptr_t rank;
  intptr_t outer[TENON_MAX_RANK], inner[TENON_MAX_RANK];
  MlirValue tile[TENON_MAX_RANK];
} packing_t;

static packing_t packing_of(MlirOperation op, MlirValue plain, MlirValue packed,
                            intptr_t first_tile) {
  packing_t packing = {.op = op, .plain = plain, .packed = packed, .rank = rank_of(plain)};
  MlirAttribute order = mlirOperationGetAttributeByName(op, tenon_str("outer_dims_perm"));
  bool is_ordered = !mlirAttributeIsNull(order) && mlirDenseArrayGetNumElements(order) > 0;
  for (intptr_t d = 0; d < packing.rank; ++d) {
    packing.outer[is_ordered ? mlirDenseI64ArrayGetElement(order, d) : d] = d;
    packing.inner[d] = -1;
  }
  MlirAttribute positions = mlirOperationGetAttributeByName(op, tenon_str("inner_dims_pos"));
  MlirAttribute tiles = mlirOperationGetAttributeByName(op, tenon_str("static_inner_tiles"));
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(positions); ++i) {
    intptr_t d = mlirDenseI64ArrayGetElement(positions, i);
    int64_t tile = mlirDenseI64ArrayGetElement(tiles, i);
    packing.inner[d] = packing.rank + i;
    packing.tile[d] = mlirShapedTypeIsDynamicSize(tile) ? mlirOperationGetOperand(op, first_tile++)
                                                        : tenon_insert_index(op, tile);
  }
  return packing;
}

static void check_packed(const packing_t* packing, intptr_t packed_dim, MlirValue expected) {
  MlirStringRef name = tenon_op_name(packing->op);
  char message[100];
  snprintf(message, sizeof(message), "%.*s: dimension %d of the packed tensor is {0}, expected {1}",
           (int)name.length, name.data, (int)packed_dim);
  tenon_insert_check(packing->op, "tenon.check_eq",
                     tenon_insert_dim(packing->op, packing->packed, packed_dim), expected, message);
}

static void check_tile(MlirOperation op, MlirValue tile, MlirValue one) {
  MlirStringRef name = tenon_op_name(op);
  char message[80];
  snprintf(message, sizeof(message), "%.*s: a tile's size is {0}, expected {1} or more",
           (int)name.length, name.data);
  tenon_insert_check(op, "tenon.check_ge", tile, one, message);
}

// Whether tiles may stick out is what |is_exact| says.
static void check_packing(const packing_t* packing, bool is_exact) {
  MlirOperation op = packing->op;
  MlirValue one = tenon_insert_index(op, 1);
  for (intptr_t d = 0; d < packing->rank; ++d) {
    MlirValue size = tenon_insert_dim(op, packing->plain, d);
    if (packing->inner[d] < 0) {
      check_packed(packing, packing->outer[d], size);
      continue;
    }
    MlirValue tile = packing->tile[d];
    check_tile(op, tile, one);
    MlirValue last = tenon_insert_binary(op, "arith.subi", tile, one);
    MlirValue rounded = tenon_insert_binary(op, "arith.addi", size, last);
    check_packed(packing, packing->outer[d], tenon_insert_binary(op, "arith.divui", rounded, tile));
    check_packed(packing, packing->inner[d], tile);
    if (!is_exact) continue;
    tenon_insert_check(op, "tenon.check_eq", tenon_insert_binary(op, "arith.remui", size, tile),
                       tenon_insert_index(op, 0),
                       "linalg.pack: {0} elements are left over, which need a padding_value");
  }
}

static void decompose_pack(MlirOperation op) {
  MlirAttribute segments = mlirOperationGetAttributeByName(op, tenon_str("operandSegmentSizes"));
  bool is_padded = mlirDenseI32ArrayGetElement(segments, 2) > 0;
  MlirValue source = mlirOperationGetOperand(op, 0), packed = mlirOperationGetOperand(op, 1);
  packing_t packing = packing_of(op, source, packed, is_padded ? 3 : 2);
  check_packing(&packing, !is_padded);
  tenon_body_t body = tenon_generic_begin(op, rank_of(packed));
  MlirValue indices[TENON_MAX_RANK], sizes[TENON_MAX_RANK];
  for (intptr_t d = 0; d < packing.rank; ++d) {
    indices[d] = tenon_body_index(&body, packing.outer[d]);
    if (packing.inner[d] < 0) continue;
    indices[d] = tenon_body_add(&body, tenon_body_multiply(&body, indices[d], packing.tile[d]),
                                tenon_body_index(&body, packing.inner[d]));
  }
  MlirValue padding = is_padded ? mlirOperationGetOperand(op, 2) : (MlirValue){NULL};
  MlirValue element = tenon_body_read(&body, padding, source, indices);
  insert_sizes(op, packed, sizes);
  replace(op, tenon_generic_end(&body, mlirValueGetType(packed), sizes, element));
}

static void decompose_unpack(MlirOperation op) {
  MlirValue packed = mlirOperationGetOperand(op, 0), plain = mlirOperationGetOperand(op, 1);
  MlirType index = mlirIndexTypeGet(mlirOperationGetContext(op));
  packing_t packing = packing_of(op, plain, packed, 2);
  check_packing(&packing, false);
  tenon_body_t body = tenon_generic_begin(op, packing.rank);
  MlirValue indices[TENON_MAX_RANK], sizes[TENON_MAX_RANK];
  for (intptr_t d = 0; d < packing.rank; ++d) {
    MlirValue position = tenon_body_index(&body, d);
    if (packing.inner[d] < 0) {
      indices[packing.outer[d]] = position;
      continue;
    }
    MlirValue operands[] = {position, packing.tile[d]};
    indices[packing.outer[d]] = tenon_body_op(&body, "arith.divui", index, 2, operands);
    indices[packing.inner[d]] = tenon_body_op(&body, "arith.remui", index, 2, operands);
  }
  MlirValue element = tenon_body_read(&body, (MlirValue){NULL}, packed, indices);
  insert_sizes(op, plain, sizes);
  replace(op, tenon_generic_end(&body, mlirValueGetType(plain), sizes, element));
}

//===--------------------------------------------------------------------===//
// All of them
//===--------------------------------------------------------------------===//

bool tenon_is_decomposable(MlirOperation op) {
  return tenon_op_is(op, "linalg.softmax") || tenon_op_is(op, "linalg.pack") ||
         tenon_op_is(op, "linalg.unpack");
}

const char* tenon_decompose_problem(MlirOperation op) {
  bool ok = !tenon_op_is(op, "linalg.softmax") ||
            mlirTypeIsAFloat(element_type(mlirOperationGetOperand(op, 0)));
  return ok ? NULL : "expected elements of a floating-point type";
}

void tenon_decompose(MlirOperation op) {
  if (tenon_op_is(op, "linalg.softmax")) {
    decompose_softmax(op);
  } else if (tenon_op_is(op, "linalg.pack")) {
    decompose_pack(op);
  } else {
    decompose_unpack(op);
  }
}
