// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/loops.h"

#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

bool tenon_is_update(MlirOperation op) { return tenon_op_is(op, "tenon.update"); }

MlirBlock tenon_body_of(MlirOperation op) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
}

intptr_t tenon_loop_count(MlirOperation generic) {
  return mlirAffineMapGetNumDims(tenon_linalg_map(tenon_linalg_maps(generic), 0));
}

intptr_t tenon_single_loop(MlirAffineExpr expr) {
  return mlirAffineExprIsADim(expr) ? mlirAffineDimExprGetPosition(expr) : -1;
}

MlirAffineMap tenon_output_map(MlirOperation generic, intptr_t position) {
  return tenon_linalg_map(tenon_linalg_maps(generic), tenon_linalg_input_count(generic) + position);
}

bool tenon_is_parallel(MlirOperation generic, intptr_t loop) {
  MlirAffineMap map = tenon_output_map(generic, 0);
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    if (tenon_single_loop(mlirAffineMapGetResult(map, i)) == loop) return true;
  }
  return false;
}

intptr_t tenon_parallel_count(MlirOperation generic) {
  return mlirAffineMapGetNumResults(tenon_output_map(generic, 0));
}

// linalg.index of the body: the loops' new numbers.
static void renumber_indices(MlirOperation generic, const intptr_t* position) {
  MlirBlock body = tenon_body_of(generic);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "linalg.index")) continue;
    MlirAttribute dim = mlirOperationGetAttributeByName(op, tenon_str("dim"));
    intptr_t loop = position[mlirIntegerAttrGetValueInt(dim)];
    mlirOperationSetAttributeByName(op, tenon_str("dim"),
                                    mlirIntegerAttrGet(mlirAttributeGetType(dim), loop));
  }
}

void tenon_reorder_loops(MlirOperation generic, const intptr_t* order) {
  MlirContext context = mlirOperationGetContext(generic);
  intptr_t count = tenon_loop_count(generic);
  intptr_t* position = tenon_xcalloc((size_t)count, sizeof(*position));
  MlirAffineExpr* loops = tenon_xcalloc((size_t)count, sizeof(*loops));
  MlirAttribute old_iterators =
      mlirOperationGetAttributeByName(generic, tenon_str("iterator_types"));
  tenon_attr_list_t iterators = {0}, maps = {0};
  for (intptr_t i = 0; i < count; ++i) {
    position[order[i]] = i;
    loops[order[i]] = mlirAffineDimExprGet(context, i);
    TENON_APPEND(&iterators, mlirArrayAttrGetElement(old_iterators, order[i]));
  }
  MlirAffineMap renumbered = mlirAffineMapGet(context, count, 0, count, loops);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    TENON_APPEND(&maps, mlirArrayAttrGetElement(tenon_linalg_maps(generic), i));
    maps.data[i] = tenon_compose_map(maps.data[i], renumbered);
  }
  mlirOperationSetAttributeByName(generic, tenon_str("indexing_maps"),
                                  mlirArrayAttrGet(context, (intptr_t)maps.count, maps.data));
  mlirOperationSetAttributeByName(
      generic, tenon_str("iterator_types"),
      mlirArrayAttrGet(context, (intptr_t)iterators.count, iterators.data));
  renumber_indices(generic, position);
  free(iterators.data);
  free(maps.data);
  free(loops);
  free(position);
}

void tenon_parallel_first(MlirOperation generic) {
  intptr_t count = tenon_loop_count(generic), next = 0;
  intptr_t* order = tenon_xcalloc((size_t)count, sizeof(*order));
  bool moved = false;
  for (int parallel = 1; parallel >= 0; --parallel) {
    for (intptr_t i = 0; i < count; ++i) {
      if (tenon_is_parallel(generic, i) != parallel) continue;
      moved = moved || next != i;
      order[next++] = i;
    }
  }
  if (moved) tenon_reorder_loops(generic, order);
  free(order);
}

MlirAttribute tenon_compose_map(MlirAttribute map, MlirAffineMap loops) {
  MlirAffineMap inner = mlirAffineMapAttrGetValue(map);
  intptr_t count = mlirAffineMapGetNumResults(inner);
  MlirAffineExpr* exprs = tenon_xcalloc((size_t)count, sizeof(*exprs));
  for (intptr_t d = 0; d < count; ++d) {
    exprs[d] =
        mlirSimplifyAffineExpr(mlirAffineExprCompose(mlirAffineMapGetResult(inner, d), loops),
                               (uint32_t)mlirAffineMapGetNumDims(loops), 0);
  }
  MlirAttribute composed = mlirAffineMapAttrGet(mlirAffineMapGet(
      mlirAffineMapGetContext(inner), mlirAffineMapGetNumDims(loops), 0, count, exprs));
  free(exprs);
  return composed;
}
