// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

// What the checks so far in a block have shown to be equal: a forest of values, equal ones under
// one root.
typedef struct equalities_t {
  tenon_value_list_t values;
  intptr_t* parents;
} equalities_t;

static intptr_t find_root(const equalities_t* equal, MlirValue value) {
  intptr_t at = tenon_value_list_find(&equal->values, value);
  while (at >= 0 && equal->parents[at] != at) at = equal->parents[at];
  return at;
}

static bool are_equal(const equalities_t* equal, MlirValue a, MlirValue b) {
  if (mlirValueEqual(a, b)) return true;
  intptr_t root = find_root(equal, a);
  return root >= 0 && root == find_root(equal, b);
}

static intptr_t add_value(equalities_t* equal, MlirValue value) {
  intptr_t root = find_root(equal, value);
  if (root >= 0) return root;
  TENON_APPEND(&equal->values, value);
  intptr_t position = (intptr_t)equal->values.count - 1;
  equal->parents[position] = position;
  return position;
}

static void add_equality(equalities_t* equal, MlirValue a, MlirValue b) {
  intptr_t root = add_value(equal, a);
  equal->parents[add_value(equal, b)] = root;
}

static bool holds(const equalities_t* equal, MlirOperation check) {
  MlirValue a = mlirOperationGetOperand(check, 0), b = mlirOperationGetOperand(check, 1);
  int64_t x = 0, y = 0;
  if (are_equal(equal, a, b)) return true;
  if (!tenon_constant_int(a, &x) || !tenon_constant_int(b, &y)) return false;
  return tenon_op_is(check, "tenon.check_eq") ? x == y : x >= y;
}

// The same check_ge before, in the same block.
static bool is_repeated(const tenon_op_list_t* checks, size_t position) {
  MlirOperation check = checks->data[position];
  for (size_t i = position; i-- > 0;) {
    MlirOperation other = checks->data[i];
    if (mlirOperationIsNull(other)) continue;
    if (!mlirBlockEqual(mlirOperationGetBlock(other), mlirOperationGetBlock(check))) return false;
    if (tenon_op_is(other, "tenon.check_ge") &&
        mlirValueEqual(mlirOperationGetOperand(other, 0), mlirOperationGetOperand(check, 0)) &&
        mlirValueEqual(mlirOperationGetOperand(other, 1), mlirOperationGetOperand(check, 1))) {
      return true;
    }
  }
  return false;
}

static bool is_needless_assert(MlirOperation op) {
  int64_t holds = 0;
  return tenon_op_is(op, "tenon.assert") &&
         tenon_constant_int(mlirOperationGetOperand(op, 0), &holds) && holds != 0;
}

static bool is_check(MlirOperation op) {
  return tenon_op_is(op, "tenon.check_eq") || tenon_op_is(op, "tenon.check_ge");
}

void tenon_tidy_checks(MlirOperation module) {
  tenon_op_list_t asserts = tenon_collect_ops(module, is_needless_assert);
  for (size_t i = 0; i < asserts.count; ++i) mlirOperationDestroy(asserts.data[i]);
  free(asserts.data);
  tenon_op_list_t checks = tenon_collect_ops(module, is_check);
  equalities_t equal = {.parents = calloc(checks.count * 2 + 1, sizeof(*equal.parents))};
  MlirBlock block = {NULL};
  for (size_t i = 0; equal.parents && i < checks.count; ++i) {
    MlirOperation check = checks.data[i];
    if (!mlirBlockEqual(mlirOperationGetBlock(check), block)) {
      block = mlirOperationGetBlock(check);
      equal.values.count = 0;
    }
    bool is_eq = tenon_op_is(check, "tenon.check_eq");
    if (holds(&equal, check) || (!is_eq && is_repeated(&checks, i))) {
      mlirOperationDestroy(check);
      checks.data[i] = (MlirOperation){NULL};
    } else if (is_eq) {
      add_equality(&equal, mlirOperationGetOperand(check, 0), mlirOperationGetOperand(check, 1));
    }
  }
  free(equal.parents);
  free(equal.values.data);
  free(checks.data);
}
