// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/linalg_rules.h"

#include <stdlib.h>

#include "compiler/input/complex.h"
#include "compiler/input/decompose.h"
#include "compiler/input/generic.h"
#include "compiler/input/plain.h"
#include "compiler/input/tensor_ops.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

// printf arguments for "%.*s".
#define STR(ref) (int)(ref).length, (ref).data

//===--------------------------------------------------------------------===//
// Loops and maps
//===--------------------------------------------------------------------===//

// Whether each iteration of a parallel loop writes another element of every output.
static bool check_iterators(MlirOperation op, MlirAttribute maps) {
  MlirAttribute iterators = mlirOperationGetAttributeByName(op, tenon_str("iterator_types"));
  MlirAttribute parallel = mlirAttributeParseGet(mlirOperationGetContext(op),
                                                 tenon_str("#linalg.iterator_type<parallel>"));
  uint32_t written = 0;
  for (intptr_t i = tenon_linalg_input_count(op); i < mlirOperationGetNumOperands(op); ++i) {
    written |= tenon_loops_of(tenon_linalg_map(maps, i));
  }
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(iterators); ++i) {
    if (written >> i & 1 || !mlirAttributeEqual(mlirArrayAttrGetElement(iterators, i), parallel))
      continue;
    tenon_error(
        op,
        "'linalg.generic': loop d%d is parallel, but no output's indexing map has it, so several "
        "iterations would write one element; expected a reduction",
        (int)i);
    return false;
  }
  return true;
}

static const char* output_problem(MlirAffineMap map) {
  uint32_t seen = 0;
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, i);
    if (mlirAffineExprIsAConstant(expr) && mlirAffineConstantExprGetValue(expr) == 0) continue;
    if (!mlirAffineExprIsADim(expr))
      return "every result of an output's indexing map must be one loop, or 0";
    uint32_t bit = (uint32_t)1 << mlirAffineDimExprGetPosition(expr);
    if (seen & bit)
      return "an output's indexing map has a loop twice, so it writes a part of the output only";
    seen |= bit;
  }
  return NULL;
}

// Whether |op|, or an operation within it, has an operand in |values|.
static bool uses_any(MlirOperation op, const tenon_map_t* values) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    if (tenon_map_get(values, mlirOperationGetOperand(op, i).ptr)) return true;
  }
  for (intptr_t r = 0; r < mlirOperationGetNumRegions(op); ++r) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, r));
    if (mlirBlockIsNull(block)) continue;
    for (MlirOperation inner = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(inner);
         inner = mlirOperationGetNextInBlock(inner)) {
      if (uses_any(inner, values)) return true;
    }
  }
  return false;
}

// Whether what |output|, an operand, is given depends on the block argument |argument|.
static bool depends(MlirOperation generic, intptr_t output, intptr_t argument) {
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(generic, 0));
  tenon_map_t dependent = {0};  // the values that do
  MlirValue value = mlirBlockGetArgument(body, argument);
  tenon_map_set(&dependent, value.ptr, &dependent);
  MlirOperation yield = mlirBlockGetTerminator(body);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationEqual(op, yield);
       op = mlirOperationGetNextInBlock(op)) {
    if (!uses_any(op, &dependent)) continue;
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
      tenon_map_set(&dependent, mlirOperationGetResult(op, i).ptr, &dependent);
    }
  }
  MlirValue yielded = mlirOperationGetOperand(yield, output - tenon_linalg_input_count(generic));
  bool found = tenon_map_get(&dependent, yielded.ptr) != NULL;
  tenon_map_free(&dependent);
  return found;
}

// What of the outputs can't be brought into the plain form; NULL if all can.
static const char* outputs_problem(MlirOperation op, MlirAttribute maps) {
  intptr_t first = tenon_linalg_input_count(op), end = mlirOperationGetNumOperands(op);
  uint32_t all = ((uint32_t)1 << mlirAffineMapGetNumDims(tenon_linalg_map(maps, 0))) - 1;
  for (intptr_t i = first; i < end; ++i) {
    const char* problem = output_problem(tenon_linalg_map(maps, i));
    if (problem) return problem;
  }
  for (intptr_t i = first; i < end; ++i) {
    uint32_t written = tenon_writing_loops(tenon_linalg_map(maps, i));
    if (written >> TENON_MAX_LOOPS) return "it has too many loops";
    for (intptr_t j = first; j < end; ++j) {
      uint32_t other = tenon_writing_loops(tenon_linalg_map(maps, j));
      bool is_read_once = (other & all) == all;
      if (other != written && !is_read_once && depends(op, i, j)) {
        return "an output depends on the running value of another one that different loops write";
      }
    }
  }
  return NULL;
}

static bool check_map(MlirOperation op, intptr_t operand, MlirAffineMap map) {
  MlirStringRef name = tenon_op_name(op);
  for (intptr_t r = 0; r < mlirAffineMapGetNumResults(map); ++r) {
    if (tenon_is_computable(mlirAffineMapGetResult(map, r))) continue;
    tenon_error(op,
                "'%.*s': result %d of the indexing map of operand %d is not supported: its value "
                "may not fit "
                "64 bits, or it divides by something else than a positive constant",
                STR(name), (int)r, (int)operand);
    return false;
  }
  return true;
}

static bool check_maps(MlirOperation op, MlirAttribute maps) {
  MlirStringRef name = tenon_op_name(op);
  if (mlirAffineMapGetNumDims(tenon_linalg_map(maps, 0)) > TENON_MAX_LOOPS) {
    tenon_error(op, "'%.*s': more than %d loops are not supported", STR(name), TENON_MAX_LOOPS);
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    if (!check_map(op, i, tenon_linalg_map(maps, i))) return false;
  }
  const char* problem = outputs_problem(op, maps);
  if (!problem) return true;
  tenon_error(op, "'%.*s' is not supported: %s", STR(name), problem);
  return false;
}

static bool check_decomposable(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  const char* problem = tenon_decompose_problem(op);
  if (problem) tenon_error(op, "'%.*s' is not supported: %s", STR(name), problem);
  return !problem;
}

bool tenon_check_linalg(MlirOperation op, const tenon_options_t* options) {
  MlirStringRef name = tenon_op_name(op);
  bool is_decomposed = tenon_is_decomposable(op);
  if (!is_decomposed && mlirOperationGetNumRegions(op) != 1) {
    tenon_error(op, "'%.*s' is not supported", STR(name));
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(op, i));
    if (tenon_is_element(type)) continue;
    if (!tenon_check_type(mlirOperationGetLocation(op), type, name, options)) return false;
    if (mlirTypeIsARankedTensor(type)) continue;
    tenon_error(op, "'%.*s': operand %d is neither a tensor nor a number", STR(name), (int)i);
    return false;
  }
  if (mlirOperationGetNumResults(op) == 0) {
    tenon_error(op, "'%.*s': expected at least one output", STR(name));
    return false;
  }
  if (is_decomposed) return check_decomposable(op);
  MlirAttribute maps = tenon_linalg_maps(op);
  return check_maps(op, maps) && (!tenon_is_generic(op) || check_iterators(op, maps));
}

//===--------------------------------------------------------------------===//
// Bodies
//===--------------------------------------------------------------------===//

static bool is_body_op(MlirOperation op) {
  static const char* const names[] = {"linalg.index", "linalg.yield",   "tensor.yield", "scf.if",
                                      "scf.yield",    "tensor.extract", "tensor.dim"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (tenon_op_is(op, names[i])) return true;
  }
  MlirStringRef name = tenon_op_name(op);
  return tenon_has_prefix(name, "arith.") || tenon_has_prefix(name, "math.") ||
         tenon_is_body_complex(op);
}

// tensor.dim and tensor.extract are of tensors from outside of the body.
static bool takes_tensor(MlirStringRef name, intptr_t operand) {
  return operand == 0 &&
         (tenon_str_equal(name, "tensor.dim") || tenon_str_equal(name, "tensor.extract"));
}

static bool has_allowed_values(MlirOperation op, MlirStringRef name) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(op, i));
    if (!(takes_tensor(name, i) ? mlirTypeIsARankedTensor(type) : tenon_is_element(type)))
      return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (!tenon_is_element(mlirValueGetType(mlirOperationGetResult(op, i)))) return false;
  }
  return true;
}

static bool check_body_dim(MlirOperation op) {
  int64_t dim = 0;
  int64_t rank = mlirShapedTypeGetRank(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  if (tenon_constant_int(mlirOperationGetOperand(op, 1), &dim) && dim >= 0 && dim < rank)
    return true;
  tenon_error(op, "'tensor.dim': expected the constant number of a dimension here, from 0 to %lld",
              (long long)rank - 1);
  return false;
}

MlirOperation tenon_enclosing_body(MlirOperation op) {
  MlirOperation parent = mlirOperationGetParentOperation(op);
  while (!mlirOperationIsNull(parent) && tenon_op_is(parent, "scf.if")) {
    parent = mlirOperationGetParentOperation(parent);
  }
  bool found = !mlirOperationIsNull(parent) &&
               (tenon_has_prefix(tenon_op_name(parent), "linalg.") ||
                tenon_is_tensor_body(parent) || tenon_op_is(parent, "tenon.update"));
  return found ? parent : (MlirOperation){NULL};
}

bool tenon_check_body_op(MlirOperation op, MlirOperation parent) {
  MlirStringRef name = tenon_op_name(op), outer = tenon_op_name(parent);
  if (is_body_op(op) && has_allowed_values(op, name)) {
    return !tenon_str_equal(name, "tensor.dim") || check_body_dim(op);
  }
  // The hidden body of a named operation has no place of its own.
  MlirOperation place = mlirLocationEqual(mlirOperationGetLocation(op),
                                          mlirLocationUnknownGet(mlirOperationGetContext(op)))
                            ? parent
                            : op;
  tenon_error(place,
              "'%.*s' is not supported in the body of '%.*s': expected arith and math on numbers, "
              "complex, scf.if, tensor.extract and tensor.dim",
              STR(name), STR(outer));
  return false;
}
