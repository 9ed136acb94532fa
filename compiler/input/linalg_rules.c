// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/linalg_rules.h"

#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

// printf arguments for "%.*s".
#define STR(ref) (int)(ref).length, (ref).data

#define PARALLEL_ONLY "only operations whose iterators are all parallel are supported"

static bool check_iterators(MlirOperation op) {
  MlirAttribute iterators = mlirOperationGetAttributeByName(op, tenon_str("iterator_types"));
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(iterators); ++i) {
    tenon_text_t text = {0};
    mlirAttributePrint(mlirArrayAttrGetElement(iterators, i), tenon_text_callback, &text);
    bool parallel = strstr(text.data, "<parallel>") != NULL;
    bool reduction = strstr(text.data, "<reduction>") != NULL;
    free(text.data);
    if (parallel) continue;
    tenon_error(op, "'linalg.generic': %s iterators are not supported yet; " PARALLEL_ONLY,
                reduction ? "reduction" : "window");
    return false;
  }
  return true;
}

static bool check_maps(MlirOperation op, MlirAttribute maps) {
  MlirStringRef name = tenon_op_name(op);
  intptr_t input_count = tenon_linalg_input_count(op);
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(maps); ++i) {
    MlirAffineMap map = tenon_linalg_map(maps, i);
    if (mlirAffineMapGetNumDims(map) > TENON_MAX_RANK) {
      tenon_error(op, "'%.*s': more than %d loops are not supported", STR(name), TENON_MAX_RANK);
      return false;
    }
    if (i < input_count) {
      if (tenon_is_linear_map(map)) continue;
      tenon_error(op,
                  "'%.*s': the indexing map of operand %d is not supported: expected sums of loop "
                  "indices times constants from 1 to %d, plus constants from 0 to %d",
                  STR(name), (int)i, TENON_MAX_COEFFICIENT, TENON_MAX_COEFFICIENT);
      return false;
    }
    if (mlirAffineMapIsPermutation(map)) continue;
    bool reduction = mlirAffineMapGetNumResults(map) < mlirAffineMapGetNumDims(map);
    tenon_error(op,
                reduction && !tenon_is_generic(op)
                    ? "'%.*s': reduction iterators are not supported yet; " PARALLEL_ONLY
                    : "'%.*s': the indexing map of every output must be a permutation of the loops",
                STR(name));
    return false;
  }
  return true;
}

bool tenon_check_linalg(MlirOperation op, const tenon_options_t* options) {
  MlirStringRef name = tenon_op_name(op);
  MlirAttribute maps = tenon_linalg_maps(op);
  if (mlirAttributeIsNull(maps) || mlirOperationGetNumRegions(op) != 1) {
    tenon_error(op, "'%.*s' is not supported; " PARALLEL_ONLY, STR(name));
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(op, i));
    if (!tenon_check_type(mlirOperationGetLocation(op), type, name, options)) return false;
  }
  return (!tenon_is_generic(op) || check_iterators(op)) && check_maps(op, maps);
}

// Inside of a linalg operation: numbers only.
bool tenon_check_body_op(MlirOperation op, MlirOperation parent) {
  MlirStringRef name = tenon_op_name(op), outer = tenon_op_name(parent);
  bool numbers = true;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    numbers = numbers && tenon_is_element(mlirValueGetType(mlirOperationGetOperand(op, i)));
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    numbers = numbers && tenon_is_element(mlirValueGetType(mlirOperationGetResult(op, i)));
  }
  if (numbers &&
      (tenon_has_prefix(name, "arith.") || tenon_has_prefix(name, "math.") ||
       tenon_str_equal(name, "complex.create") || tenon_str_equal(name, "complex.re") ||
       tenon_str_equal(name, "complex.im") || tenon_str_equal(name, "complex.constant") ||
       tenon_str_equal(name, "linalg.index") || tenon_str_equal(name, "linalg.yield"))) {
    return true;
  }
  // The hidden body of a named operation has no place of its own.
  MlirOperation place = tenon_is_generic(parent) ? op : parent;
  tenon_error(place,
              "'%.*s' is not supported in the body of '%.*s': expected arith and math on numbers",
              STR(name), STR(outer));
  return false;
}
