// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

// What the checks so far in a block have shown.
typedef struct shown_t {
  tenon_map_t parents;  // a forest of values, equal ones under one root, which has no parent
  tenon_map_t repeats;  // a check_ge by its operands, for those that have been found
} shown_t;

static void forget(shown_t* shown) {
  tenon_map_free(&shown->parents);
  tenon_map_free(&shown->repeats);
  *shown = (shown_t){0};
}

// Ways get shorter as they are gone.
static const void* find_root(shown_t* shown, const void* value) {
  const void* root = value;
  for (void* up; (up = tenon_map_get(&shown->parents, root));) root = up;
  while (value != root) {
    const void* next = tenon_map_get(&shown->parents, value);
    tenon_map_set(&shown->parents, value, (void*)(uintptr_t)root);
    value = next;
  }
  return root;
}

static bool are_equal(shown_t* shown, MlirValue a, MlirValue b) {
  return find_root(shown, a.ptr) == find_root(shown, b.ptr);
}

static void add_equality(shown_t* shown, MlirValue a, MlirValue b) {
  const void* root = find_root(shown, a.ptr);
  const void* other = find_root(shown, b.ptr);
  if (root != other) tenon_map_set(&shown->parents, other, (void*)(uintptr_t)root);
}

static bool holds(shown_t* shown, MlirOperation check) {
  MlirValue a = mlirOperationGetOperand(check, 0), b = mlirOperationGetOperand(check, 1);
  int64_t x = 0, y = 0;
  if (are_equal(shown, a, b)) return true;
  if (!tenon_constant_int(a, &x) || !tenon_constant_int(b, &y)) return false;
  return tenon_op_is(check, "tenon.check_eq") ? x == y : x >= y;
}

// The same check_ge before. (Of two pairs of operands with one key the later one is known.)
static bool is_repeated(shown_t* shown, MlirOperation check) {
  MlirValue a = mlirOperationGetOperand(check, 0), b = mlirOperationGetOperand(check, 1);
  const void* key = (const void*)((uintptr_t)a.ptr * 31 + (uintptr_t)b.ptr);
  MlirOperation other = {tenon_map_get(&shown->repeats, key)};
  if (!mlirOperationIsNull(other) && mlirValueEqual(mlirOperationGetOperand(other, 0), a) &&
      mlirValueEqual(mlirOperationGetOperand(other, 1), b)) {
    return true;
  }
  tenon_map_set(&shown->repeats, key, check.ptr);
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
  shown_t shown = {0};
  MlirBlock block = {NULL};
  for (size_t i = 0; i < checks.count; ++i) {
    MlirOperation check = checks.data[i];
    if (!mlirBlockEqual(mlirOperationGetBlock(check), block)) {
      block = mlirOperationGetBlock(check);
      forget(&shown);
    }
    bool is_eq = tenon_op_is(check, "tenon.check_eq");
    if (holds(&shown, check) || (!is_eq && is_repeated(&shown, check))) {
      mlirOperationDestroy(check);
    } else if (is_eq) {
      add_equality(&shown, mlirOperationGetOperand(check, 0), mlirOperationGetOperand(check, 1));
    }
  }
  forget(&shown);
  free(checks.data);
}
