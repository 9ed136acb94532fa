// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/calls.h"

#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

typedef struct call_t {
  MlirOperation op;
  struct call_t* next;  // of the same hash
} call_t;

static const void* callee_of(MlirOperation call) {
  return mlirOperationGetAttributeByName(call, tenon_str("callee")).ptr;
}

static const void* hash_call(MlirOperation call) {
  uintptr_t hash = (uintptr_t)callee_of(call) ^ (uintptr_t)mlirOperationGetBlock(call).ptr;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(call); ++i) {
    hash = hash * 31 + ((uintptr_t)mlirOperationGetOperand(call, i).ptr >> 3);
  }
  return (const void*)(hash | 1);
}

static bool is_same_call(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumOperands(a);
  if (callee_of(a) != callee_of(b) || mlirOperationGetNumOperands(b) != count ||
      !mlirBlockEqual(mlirOperationGetBlock(a), mlirOperationGetBlock(b))) {
    return false;
  }
  for (intptr_t i = 0; i < count; ++i) {
    if (!mlirValueEqual(mlirOperationGetOperand(a, i), mlirOperationGetOperand(b, i))) return false;
  }
  return true;
}

static bool is_call(MlirOperation op) { return tenon_op_is(op, "tenon.dispatch"); }

void tenon_drop_same_calls(MlirOperation module) {
  tenon_op_list_t calls = tenon_collect_ops(module, is_call);
  tenon_map_t firsts = {0};
  tenon_arena_t arena = {0};
  for (size_t i = 0; i < calls.count; ++i) {
    MlirOperation call = calls.data[i];
    const void* hash = hash_call(call);
    call_t* first = tenon_map_get(&firsts, hash);
    const call_t* known = first;
    while (known && !is_same_call(known->op, call)) known = known->next;
    if (known) {
      tenon_replace_op(call, known->op, 0);
      continue;
    }
    call_t* added = tenon_arena_alloc(&arena, 1, sizeof(*added));
    *added = (call_t){call, first};
    tenon_map_set(&firsts, hash, added);
  }
  tenon_map_free(&firsts);
  tenon_arena_free(&arena);
  free(calls.data);
}
