// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/generic.h"

#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"
#include "mlir-c/Dialect/Linalg.h"

bool tenon_is_generic(MlirOperation op) { return tenon_op_is(op, "linalg.generic"); }

MlirAttribute tenon_linalg_maps(MlirOperation op) { return mlirLinalgGetIndexingMapsAttribute(op); }

MlirAffineMap tenon_linalg_map(MlirAttribute maps, intptr_t operand) {
  return mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, operand));
}

uint32_t tenon_loops_of(MlirAffineMap map) {
  uint32_t loops = 0;
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, i);
    if (mlirAffineExprIsADim(expr)) loops |= (uint32_t)1 << mlirAffineDimExprGetPosition(expr);
  }
  return loops;
}

MlirAttribute tenon_iterators(MlirContext context, uint32_t parallel, intptr_t count) {
  MlirAttribute iterators[TENON_MAX_LOOPS];
  MlirAttribute is_parallel =
      mlirAttributeParseGet(context, tenon_str("#linalg.iterator_type<parallel>"));
  MlirAttribute is_reduction =
      mlirAttributeParseGet(context, tenon_str("#linalg.iterator_type<reduction>"));
  for (intptr_t i = 0; i < count; ++i)
    iterators[i] = parallel >> i & 1 ? is_parallel : is_reduction;
  return mlirArrayAttrGet(context, count, iterators);
}

MlirOperation tenon_insert_generic(MlirOperation before, MlirLocation location,
                                   const tenon_value_list_t* inputs,
                                   const tenon_value_list_t* outputs, const tenon_attr_list_t* maps,
                                   intptr_t loop_count, MlirRegion body) {
  MlirContext context = mlirOperationGetContext(before);
  uint32_t written = 0;
  for (size_t i = 0; i < outputs->count; ++i) {
    written |= tenon_loops_of(mlirAffineMapAttrGetValue(maps->data[inputs->count + i]));
  }
  const int32_t segments[] = {(int32_t)inputs->count, (int32_t)outputs->count};
  const MlirNamedAttribute attributes[] = {
      tenon_attr(context, "indexing_maps",
                 mlirArrayAttrGet(context, (intptr_t)maps->count, maps->data)),
      tenon_attr(context, "iterator_types", tenon_iterators(context, written, loop_count)),
      tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 2, segments)),
  };
  MlirOperationState state = mlirOperationStateGet(tenon_str("linalg.generic"), location);
  mlirOperationStateAddOperands(&state, (intptr_t)inputs->count, inputs->data);
  mlirOperationStateAddOperands(&state, (intptr_t)outputs->count, outputs->data);
  for (size_t i = 0; i < outputs->count; ++i) {
    MlirType type = mlirValueGetType(outputs->data[i]);
    mlirOperationStateAddResults(&state, 1, &type);
  }
  mlirOperationStateAddAttributes(&state, 3, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &body);
  MlirOperation op = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(before), before, op);
  return op;
}
