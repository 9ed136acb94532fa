// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/gathers.h"

#include <stdlib.h>

#include "compiler/input/body.h"
#include "compiler/input/tensor_checks.h"
#include "compiler/support/mlir_util.h"

// Slices of |whole|, one for each tuple in the last dimension of |indices|, whose elements index |dims| of |whole|.
// |slices| is a tensor of them: first the other dimensions of |indices|, then those of |whole|; of |dims| either
// none, or all, with one element each.
typedef struct slices_t {
  MlirOperation op;
  MlirValue whole, indices;
  MlirAttribute dims;
  intptr_t rank, batch_rank, slices_rank;
  bool is_reduced;
  tenon_value_list_t sizes;  // of |slices|
} slices_t;

static bool is_indexed(const slices_t* slices, intptr_t dim, intptr_t* position) {
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(slices->dims); ++i) {
    *position = i;
    if (mlirDenseI64ArrayGetElement(slices->dims, i) == dim) return true;
  }
  return false;
}

static slices_t slices_begin(MlirOperation op, MlirValue whole, MlirValue indices, const char* dims,
                             MlirType type) {
  slices_t slices = {.op = op, .whole = whole, .indices = indices};
  slices.dims = mlirOperationGetAttributeByName(op, tenon_str(dims));
  slices.rank = mlirShapedTypeGetRank(mlirValueGetType(whole));
  slices.batch_rank = mlirShapedTypeGetRank(mlirValueGetType(indices)) - 1;
  slices.slices_rank = mlirShapedTypeGetRank(type);
  slices.is_reduced = slices.slices_rank < slices.batch_rank + slices.rank;
  for (intptr_t d = 0; d < slices.batch_rank; ++d) {
    TENON_APPEND(&slices.sizes, tenon_insert_dim(op, indices, d));
  }
  intptr_t position = 0;
  for (intptr_t d = 0; d < slices.rank; ++d) {
    bool indexed = is_indexed(&slices, d, &position);
    if (indexed && slices.is_reduced) continue;
    TENON_APPEND(&slices.sizes,
                 indexed ? tenon_insert_index(op, 1) : tenon_insert_dim(op, whole, d));
  }
  tenon_check_same(op, "the size of the indices' last dimension, number", slices.batch_rank,
                   tenon_insert_dim(op, indices, slices.batch_rank),
                   tenon_insert_index(op, mlirDenseArrayGetNumElements(slices.dims)));
  return slices;
}

static MlirValue to_index(tenon_body_t* body, MlirValue value) {
  MlirType index = mlirIndexTypeGet(mlirOperationGetContext(body->before));
  if (mlirTypeIsAIndex(mlirValueGetType(value))) return value;
  return tenon_body_op(body, "arith.index_cast", index, 1, &value);
}

// Element |position| of the tuple of the loops' iteration.
static MlirValue read_tuple(tenon_body_t* body, const slices_t* slices, intptr_t position) {
  tenon_value_list_t place = {0};
  for (intptr_t d = 0; d < slices->batch_rank; ++d) {
    TENON_APPEND(&place, tenon_body_index(body, d));
  }
  TENON_APPEND(&place, tenon_insert_index(slices->op, position));
  MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(slices->indices));
  MlirValue zero = tenon_insert_zero(slices->op, element);
  MlirValue value = tenon_body_read(body, zero, slices->indices, place.data);
  free(place.data);
  return to_index(body, value);
}

static MlirValue input_tuple(tenon_body_t* body, const slices_t* slices, intptr_t position) {
  MlirContext context = mlirOperationGetContext(slices->op);
  intptr_t rank = slices->batch_rank + 1;
  MlirAffineExpr* results = tenon_xcalloc((size_t)rank, sizeof(*results));
  for (intptr_t d = 0; d + 1 < rank; ++d) results[d] = mlirAffineDimExprGet(context, d);
  results[rank - 1] = mlirAffineConstantExprGet(context, position);
  MlirAffineMap map = mlirAffineMapGet(context, slices->slices_rank, 0, rank, results);
  free(results);
  return tenon_body_input(body, slices->indices, map);
}

// Where in |whole| the element of the loops' iteration is.
static tenon_value_list_t place(tenon_body_t* body, const slices_t* slices) {
  tenon_value_list_t indices = {0}, tuple = {0};
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(slices->dims); ++i) {
    TENON_APPEND(&tuple,
                 body->is_update ? read_tuple(body, slices, i) : input_tuple(body, slices, i));
  }
  intptr_t loop = slices->batch_rank, position = 0;
  for (intptr_t d = 0; d < slices->rank; ++d) {
    if (is_indexed(slices, d, &position)) {
      MlirValue index = tuple.data[position];
      TENON_APPEND(&indices, body->is_update ? index : to_index(body, index));
      loop += !slices->is_reduced;
    } else {
      TENON_APPEND(&indices, tenon_body_index(body, loop++));
    }
  }
  free(tuple.data);
  return indices;
}

static void replace(MlirOperation op, MlirValue value) {
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), value);
  mlirOperationDestroy(op);
}

void tenon_lower_gather(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  slices_t slices = slices_begin(op, mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1),
                                 "gather_dims", type);
  tenon_body_t body = tenon_generic_begin(op, slices.slices_rank);
  tenon_value_list_t indices = place(&body, &slices);
  MlirValue element = tenon_body_read(&body, (MlirValue){NULL}, slices.whole, indices.data);
  replace(op, tenon_generic_end(&body, type, slices.sizes.data, element));
  free(indices.data);
  free(slices.sizes.data);
}

void tenon_lower_scatter(MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0);
  MlirType type = mlirValueGetType(source);
  slices_t slices = slices_begin(op, mlirOperationGetOperand(op, 1), mlirOperationGetOperand(op, 2),
                                 "scatter_dims", type);
  tenon_body_t body = tenon_update_begin(op, slices.slices_rank);
  tenon_value_list_t loops = {0};
  for (intptr_t d = 0; d < slices.slices_rank; ++d) {
    tenon_check_same(op, "dimension", d, tenon_insert_dim(op, source, d), slices.sizes.data[d]);
    TENON_APPEND(&loops, tenon_body_index(&body, d));
  }
  MlirValue zero = tenon_insert_zero(op, mlirShapedTypeGetElementType(type));
  MlirValue value = tenon_body_read(&body, zero, source, loops.data);
  tenon_value_list_t indices = place(&body, &slices);
  replace(op, tenon_update_end(&body, slices.whole, slices.sizes.data, value, indices.data));
  free(indices.data);
  free(loops.data);
  free(slices.sizes.data);
}
