// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Run-time checks of linalg operations, by their indexing maps.

#include <stdio.h>

#include "compiler/input/checks.h"
#include "compiler/input/generic.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

static bool is_dynamic(MlirValue tensor, intptr_t dim) {
  return mlirShapedTypeIsDynamicDim(mlirValueGetType(tensor), dim);
}

// Where a loop's extent comes from: the first dimension that the loop alone indexes.
typedef struct loop_t {
  intptr_t operand, dim;   // operand is -1 while unknown
  MlirValue extent, last;  // last: extent - 1; both made when needed
} loop_t;

typedef struct linalg_checker_t {
  MlirOperation op;
  MlirAttribute maps;
  loop_t loops[TENON_MAX_LOOPS];
  MlirValue is_empty;  // whether there is no iteration at all, made when needed
} linalg_checker_t;

static MlirValue extent_of_loop(linalg_checker_t* checker, intptr_t position) {
  loop_t* loop = &checker->loops[position];
  if (mlirValueIsNull(loop->extent)) {
    loop->extent = tenon_insert_dim(checker->op,
                                    mlirOperationGetOperand(checker->op, loop->operand), loop->dim);
  }
  return loop->extent;
}

static MlirValue last_of_loop(linalg_checker_t* checker, intptr_t position) {
  loop_t* loop = &checker->loops[position];
  if (!mlirValueIsNull(loop->last)) return loop->last;
  loop->last = tenon_insert_binary(checker->op, "arith.subi", extent_of_loop(checker, position),
                                   tenon_insert_index(checker->op, 1));
  return loop->last;
}

// The largest value of |expr|: no coefficient is negative, so it is that of the last iteration.
static MlirValue last_of(linalg_checker_t* checker, MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr)) {
    return last_of_loop(checker, mlirAffineDimExprGetPosition(expr));
  }
  if (mlirAffineExprIsAConstant(expr)) {
    return tenon_insert_index(checker->op, mlirAffineConstantExprGetValue(expr));
  }
  const char* name = mlirAffineExprIsAAdd(expr) ? "arith.addi" : "arith.muli";
  MlirValue left = last_of(checker, mlirAffineBinaryOpExprGetLHS(expr));
  MlirValue right = last_of(checker, mlirAffineBinaryOpExprGetRHS(expr));
  return tenon_insert_binary(checker->op, name, left, right);
}

static MlirValue insert_is_zero(MlirOperation before, MlirValue value) {
  MlirContext context = mlirOperationGetContext(before);
  MlirType i1 = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute eq =
      tenon_attr(context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), 0));
  MlirValue operands[] = {value, tenon_insert_index(before, 0)};
  return mlirOperationGetResult(tenon_insert_op(before, "arith.cmpi", 1, &i1, 2, operands, 1, &eq),
                                0);
}

// Whether any loop runs zero times; null when none can.
static MlirValue is_empty(linalg_checker_t* checker) {
  if (!mlirValueIsNull(checker->is_empty)) return checker->is_empty;
  intptr_t count = mlirAffineMapGetNumDims(tenon_linalg_map(checker->maps, 0));
  for (intptr_t i = 0; i < count; ++i) {
    int64_t size = 0;
    MlirValue extent = extent_of_loop(checker, i);
    if (tenon_constant_int(extent, &size) && size > 0) continue;
    MlirValue zero = insert_is_zero(checker->op, extent);
    checker->is_empty =
        mlirValueIsNull(checker->is_empty)
            ? zero
            : tenon_insert_binary(checker->op, "arith.ori", checker->is_empty, zero);
  }
  return checker->is_empty;
}

// |extent|, or 0 when nothing is read because there is no iteration.
static MlirValue unless_empty(linalg_checker_t* checker, MlirValue extent) {
  MlirValue empty = is_empty(checker);
  if (mlirValueIsNull(empty)) return extent;
  MlirType type = mlirValueGetType(extent);
  MlirValue operands[] = {empty, tenon_insert_index(checker->op, 0), extent};
  return mlirOperationGetResult(
      tenon_insert_op(checker->op, "arith.select", 1, &type, 3, operands, 0, NULL), 0);
}

// A dimension indexed by a loop alone must be the loop's extent.
static void check_loop(linalg_checker_t* checker, intptr_t operand, intptr_t dim,
                       const loop_t* loop) {
  MlirOperation op = checker->op;
  if (loop->operand == operand && loop->dim == dim) return;
  MlirValue first = mlirOperationGetOperand(op, loop->operand);
  MlirValue other = mlirOperationGetOperand(op, operand);
  if (!is_dynamic(first, loop->dim) && !is_dynamic(other, dim)) return;
  MlirStringRef name = tenon_op_name(op);
  char message[200];
  snprintf(message, sizeof(message),
           "%.*s: dimension %d of operand %d is {1}, but dimension %d of operand %d is {0}",
           STR(name), (int)dim, (int)operand, (int)loop->dim, (int)loop->operand);
  tenon_insert_check(op, "tenon.check_eq", tenon_insert_dim(op, first, loop->dim),
                     tenon_insert_dim(op, other, dim), message);
}

// A dimension indexed by an expression must hold its largest value.
static void check_expression(linalg_checker_t* checker, intptr_t operand, intptr_t dim,
                             MlirAffineExpr expr) {
  MlirOperation op = checker->op;
  MlirStringRef name = tenon_op_name(op);
  char message[200];
  snprintf(message, sizeof(message),
           "%.*s: dimension %d of operand %d is {0}, but its indexing map needs {1}", STR(name),
           (int)dim, (int)operand);
  MlirValue needed =
      tenon_insert_binary(op, "arith.addi", last_of(checker, expr), tenon_insert_index(op, 1));
  needed = unless_empty(checker, needed);
  tenon_insert_check(op, "tenon.check_ge",
                     tenon_insert_dim(op, mlirOperationGetOperand(op, operand), dim), needed,
                     message);
}

// A dimension of an output indexed by 0: one of another size would be written in part only.
static void check_written_once(linalg_checker_t* checker, intptr_t operand, intptr_t dim) {
  MlirOperation op = checker->op;
  MlirValue output = mlirOperationGetOperand(op, operand);
  MlirStringRef name = tenon_op_name(op);
  char message[200];
  snprintf(message, sizeof(message),
           "%.*s: dimension %d of operand %d, an output, is {0}, but its indexing map writes {1}",
           STR(name), (int)dim, (int)operand);
  tenon_insert_check(op, "tenon.check_eq", tenon_insert_dim(op, output, dim),
                     tenon_insert_index(op, 1), message);
}

// Otherwise each access in the body is checked.
static bool is_read_by_map(const linalg_checker_t* checker, intptr_t operand) {
  return tenon_is_linear_map(tenon_simplify_map(tenon_linalg_map(checker->maps, operand), 0));
}

// Calls |visit| for each dimension of each tensor operand, with the expression that indexes it.
static void visit_dims(linalg_checker_t* checker,
                       void (*visit)(linalg_checker_t* checker, intptr_t operand, intptr_t dim,
                                     MlirAffineExpr expr)) {
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(checker->maps); ++i) {
    MlirAffineMap map = tenon_simplify_map(tenon_linalg_map(checker->maps, i), 0);
    for (intptr_t r = 0; r < mlirAffineMapGetNumResults(map); ++r) {
      visit(checker, i, r, mlirAffineMapGetResult(map, r));
    }
  }
}

static void find_extent(linalg_checker_t* checker, intptr_t operand, intptr_t dim,
                        MlirAffineExpr expr) {
  if (!mlirAffineExprIsADim(expr)) return;
  loop_t* loop = &checker->loops[mlirAffineDimExprGetPosition(expr)];
  if (loop->operand < 0) *loop = (loop_t){.operand = operand, .dim = dim};
}

static void check_dim(linalg_checker_t* checker, intptr_t operand, intptr_t dim,
                      MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr)) {
    check_loop(checker, operand, dim, &checker->loops[mlirAffineDimExprGetPosition(expr)]);
  } else if (operand >= tenon_linalg_input_count(checker->op)) {
    check_written_once(checker, operand, dim);
  } else if (is_read_by_map(checker, operand)) {
    check_expression(checker, operand, dim, expr);
  }
}

// MLIR sees to it that every loop is some operand's index alone, so that it has an extent.
void tenon_insert_linalg_checks(MlirOperation op) {
  linalg_checker_t checker = {.op = op, .maps = tenon_linalg_maps(op)};
  for (int i = 0; i < TENON_MAX_LOOPS; ++i) checker.loops[i].operand = -1;
  visit_dims(&checker, find_extent);
  visit_dims(&checker, check_dim);
}
