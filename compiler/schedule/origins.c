// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/origins.h"

#include <stdlib.h>

#include "compiler/schedule/ownership.h"

typedef uint64_t word_t;

static size_t constants_bit(const tenon_origins_t* origins) { return origins->argument_count; }
static size_t imports_bit(const tenon_origins_t* origins) { return origins->argument_count + 1; }
static size_t globals_bit(const tenon_origins_t* origins) { return origins->argument_count + 2; }
// The bits above are of tensors that operations make.
static size_t first_own_bit(const tenon_origins_t* origins) { return origins->argument_count + 3; }

static void set_bit(word_t* set, size_t bit) { set[bit / 64] |= (word_t)1 << (bit % 64); }
static bool has_bit(const word_t* set, size_t bit) { return (set[bit / 64] >> (bit % 64)) & 1; }

// Adds |from| to |to|; true when that changed it. |from| may be NULL, a scalar's.
static bool unite(const tenon_origins_t* origins, word_t* to, const word_t* from) {
  bool changed = false;
  for (size_t i = 0; from && i < origins->word_count; ++i) {
    word_t united = to[i] | from[i];
    changed |= united != to[i];
    to[i] = united;
  }
  return changed;
}

static word_t* set_of(const tenon_origins_t* origins, MlirValue value) {
  return tenon_map_get(&origins->sets, value.ptr);
}

static bool meet(const tenon_origins_t* origins, const word_t* a, const word_t* b) {
  for (size_t i = 0; i < origins->word_count; ++i) {
    if (a[i] & b[i]) return true;
  }
  return false;
}

bool tenon_origins_is_foreign(const tenon_origins_t* origins, MlirValue value) {
  const word_t* set = set_of(origins, value);
  for (size_t i = 0; i < origins->argument_count; ++i) {
    if (has_bit(set, i)) return true;
  }
  return has_bit(set, imports_bit(origins));
}

//===----------------------------------------------------------------------===//
// Setting up
//===----------------------------------------------------------------------===//

static word_t* new_set(tenon_schedule_t* schedule, const tenon_origins_t* origins) {
  return tenon_arena_alloc(&schedule->arena, origins->word_count, sizeof(word_t));
}

static bool makes_tensors(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (tenon_is_tensor(mlirValueGetType(mlirOperationGetResult(op, i)))) return true;
  }
  return false;
}

static void count_bits(tenon_origins_t* origins) {
  for (size_t i = 0; i < origins->blocks.count; ++i) {
    MlirBlock block = origins->blocks.data[i];
    for (intptr_t j = 0; j < mlirBlockGetNumArguments(block); ++j) {
      MlirValue argument = mlirBlockGetArgument(block, j);
      if (!tenon_is_owner(origins->ownership, argument)) continue;
      tenon_map_set(&origins->own_bits, argument.ptr, (void*)++origins->bit_count);
    }
    MlirOperation op = mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      if (!makes_tensors(op)) continue;
      tenon_map_set(&origins->own_bits, op.ptr, (void*)(origins->bit_count + 1));
      origins->bit_count += (size_t)mlirOperationGetNumResults(op);
    }
  }
}

// Scalars have no set.
static word_t* add_set(tenon_schedule_t* schedule, tenon_origins_t* origins, MlirValue value) {
  if (!tenon_is_tensor(mlirValueGetType(value))) return NULL;
  word_t* set = new_set(schedule, origins);
  tenon_map_set(&origins->sets, value.ptr, set);
  return set;
}

static void add_sets(tenon_schedule_t* schedule, tenon_origins_t* origins) {
  for (size_t i = 0; i < origins->blocks.count; ++i) {
    MlirBlock block = origins->blocks.data[i];
    for (intptr_t j = 0; j < mlirBlockGetNumArguments(block); ++j) {
      word_t* set = add_set(schedule, origins, mlirBlockGetArgument(block, j));
      if (i == 0 && set) set_bit(set, (size_t)j);
    }
    MlirOperation op = mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      for (intptr_t j = 0; j < mlirOperationGetNumResults(op); ++j) {
        add_set(schedule, origins, mlirOperationGetResult(op, j));
      }
    }
  }
}

static tenon_origins_t* create_origins(tenon_schedule_t* schedule,
                                       const tenon_function_info_t* info) {
  tenon_origins_t* origins = tenon_arena_alloc(&schedule->arena, 1, sizeof(*origins));
  origins->argument_count = (size_t)mlirFunctionTypeGetNumInputs(info->type);
  origins->result_count = (size_t)mlirFunctionTypeGetNumResults(info->type);
  origins->blocks = tenon_reverse_postorder(mlirOperationGetFirstRegion(info->op));
  origins->ownership = tenon_find_ownership(schedule, &origins->blocks);
  origins->bit_count = first_own_bit(origins);
  count_bits(origins);
  origins->word_count = (origins->bit_count + 63) / 64;
  add_sets(schedule, origins);
  origins->escaped = new_set(schedule, origins);
  origins->stored = new_set(schedule, origins);
  origins->results = tenon_arena_alloc(&schedule->arena, origins->result_count, sizeof(word_t*));
  for (size_t i = 0; i < origins->result_count; ++i) {
    origins->results[i] = new_set(schedule, origins);
  }
  return origins;
}

void tenon_origins_free(tenon_origins_t* origins) {
  if (!origins) return;
  tenon_ownership_free(origins->ownership);
  tenon_map_free(&origins->sets);
  tenon_map_free(&origins->own_bits);
  free(origins->blocks.data);
}

//===----------------------------------------------------------------------===//
// One operation's effect
//===----------------------------------------------------------------------===//

static size_t own_bit(const tenon_origins_t* origins, MlirOperation op, size_t result) {
  return (size_t)tenon_map_get(&origins->own_bits, op.ptr) - 1 + result;
}

// Adds one bit to the set of a result, if it is a tensor.
static bool add_bit(const tenon_origins_t* origins, MlirOperation op, size_t result, size_t bit) {
  word_t* set = set_of(origins, mlirOperationGetResult(op, (intptr_t)result));
  if (!set || has_bit(set, bit)) return false;
  set_bit(set, bit);
  return true;
}

static bool visit_import(tenon_origins_t* origins, MlirOperation op) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    changed |= unite(origins, origins->escaped, set_of(origins, operand));
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    changed |= add_bit(origins, op, (size_t)i, imports_bit(origins));
  }
  return changed;
}

// Do the callee's sets meet in a tensor that it makes itself?
static bool share_fresh(const tenon_origins_t* callee, const word_t* a, const word_t* b) {
  for (size_t bit = first_own_bit(callee); bit < callee->bit_count; ++bit) {
    if (has_bit(a, bit) && has_bit(b, bit)) return true;
  }
  return false;
}

// Adds to |to|, a set of the caller, what |from|, a set of the callee, means at the call |op|. A
// tensor that the callee makes is known to the caller only when it comes back as a result: by the
// bits of those results.
static bool unite_mapped(tenon_origins_t* origins, MlirOperation op, const tenon_origins_t* callee,
                         word_t* to, const word_t* from) {
  bool changed = false;
  for (size_t i = 0; i < callee->argument_count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, (intptr_t)i);
    if (has_bit(from, i)) changed |= unite(origins, to, set_of(origins, operand));
  }
  word_t* bits = tenon_xcalloc(origins->word_count, sizeof(word_t));
  if (has_bit(from, constants_bit(callee))) set_bit(bits, constants_bit(origins));
  if (has_bit(from, imports_bit(callee))) set_bit(bits, imports_bit(origins));
  if (has_bit(from, globals_bit(callee))) set_bit(bits, globals_bit(origins));
  for (size_t i = 0; i < callee->result_count; ++i) {
    if (share_fresh(callee, from, callee->results[i])) set_bit(bits, own_bit(origins, op, i));
  }
  changed |= unite(origins, to, bits);
  free(bits);
  return changed;
}

static bool visit_call(tenon_origins_t* origins, MlirOperation op, const tenon_origins_t* callee) {
  bool changed = unite_mapped(origins, op, callee, origins->escaped, callee->escaped);
  changed |= unite_mapped(origins, op, callee, origins->stored, callee->stored);
  for (size_t i = 0; i < callee->result_count; ++i) {
    word_t* set = set_of(origins, mlirOperationGetResult(op, (intptr_t)i));
    if (set) changed |= unite_mapped(origins, op, callee, set, callee->results[i]);
  }
  return changed;
}

// A result that is one of its operands (a cast, a reshape, a selection).
static bool visit_forward(tenon_origins_t* origins, MlirOperation op) {
  word_t* set = set_of(origins, mlirOperationGetResult(op, 0));
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    changed |= unite(origins, set, set_of(origins, mlirOperationGetOperand(op, i)));
  }
  return changed;
}

static bool visit_return(tenon_origins_t* origins, MlirOperation op) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    changed |= unite(origins, origins->results[i], set_of(origins, mlirOperationGetOperand(op, i)));
  }
  return changed;
}

static bool visit_branch(tenon_origins_t* origins, MlirOperation op, MlirLogicalResult* status) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(op); ++i) {
    intptr_t first = 0, count = 0;
    *status = tenon_branch_operands(op, i, &first, &count);
    if (mlirLogicalResultIsFailure(*status)) return false;
    for (intptr_t j = 0; j < count; ++j) {
      MlirValue argument = mlirBlockGetArgument(mlirOperationGetSuccessor(op, i), j);
      word_t* set = set_of(origins, argument);
      if (tenon_is_copied(origins->ownership, op, first + j)) {
        size_t bit = (size_t)tenon_map_get(&origins->own_bits, argument.ptr) - 1;
        changed |= !has_bit(set, bit);
        set_bit(set, bit);
      } else {
        changed |= unite(origins, set, set_of(origins, mlirOperationGetOperand(op, first + j)));
      }
    }
  }
  return changed;
}

static bool visit(tenon_schedule_t* schedule, tenon_origins_t* origins, MlirOperation op,
                  MlirLogicalResult* status) {
  if (mlirOperationGetNumSuccessors(op) > 0) return visit_branch(origins, op, status);
  if (tenon_op_is(op, "func.return")) return visit_return(origins, op);
  if (tenon_op_is(op, "func.call")) {
    tenon_function_info_t* callee =
        tenon_schedule_find(schedule, mlirOperationGetAttributeByName(op, tenon_str("callee")));
    if (callee && callee->origins) return visit_call(origins, op, callee->origins);
    return visit_import(origins, op);
  }
  if (tenon_op_is(op, "util.global.store")) {
    MlirValue value = mlirOperationGetOperand(op, 0);
    if (!tenon_is_tensor(mlirValueGetType(value)) || tenon_origins_is_foreign(origins, value)) {
      return false;
    }
    return unite(origins, origins->stored, set_of(origins, value));
  }
  if (mlirOperationGetNumResults(op) == 0) return false;
  if (tenon_op_is(op, "util.global.load")) return add_bit(origins, op, 0, globals_bit(origins));
  if (tenon_op_is(op, "tensor.cast") || tenon_op_is(op, "arith.select") ||
      tenon_op_is(op, "tenon.reshape") || tenon_op_is(op, "util.optimization_barrier")) {
    return visit_forward(origins, op);
  }
  if (tenon_op_is(op, "arith.constant")) return add_bit(origins, op, 0, constants_bit(origins));
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    changed |= add_bit(origins, op, (size_t)i, own_bit(origins, op, (size_t)i));
  }
  return changed;
}

static bool visit_function(tenon_schedule_t* schedule, tenon_origins_t* origins,
                           MlirLogicalResult* status) {
  bool changed = false;
  for (size_t i = 0; i < origins->blocks.count; ++i) {
    MlirOperation op = mlirBlockGetFirstOperation(origins->blocks.data[i]);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      changed |= visit(schedule, origins, op, status);
      if (mlirLogicalResultIsFailure(*status)) return false;
    }
  }
  return changed;
}

// Whether imports may have been given what a global holds, in whatever function.
static bool globals_escape(const tenon_schedule_t* schedule) {
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    const tenon_origins_t* origins = schedule->functions.data[i].origins;
    if (!origins) continue;
    if (has_bit(origins->escaped, globals_bit(origins)) ||
        meet(origins, origins->escaped, origins->stored)) {
      return true;
    }
  }
  return false;
}

MlirLogicalResult tenon_origins_analyse(tenon_schedule_t* schedule) {
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    tenon_function_info_t* info = &schedule->functions.data[i];
    if (info->kind != TENON_FUNCTION_IMPORT) info->origins = create_origins(schedule, info);
  }
  MlirLogicalResult status = mlirLogicalResultSuccess();
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t i = 0; i < schedule->functions.count; ++i) {
      tenon_origins_t* origins = schedule->functions.data[i].origins;
      if (origins) changed |= visit_function(schedule, origins, &status);
    }
  }
  bool escape = globals_escape(schedule);
  for (size_t i = 0; i < schedule->functions.count; ++i) {
    tenon_origins_t* origins = schedule->functions.data[i].origins;
    if (origins) origins->globals_escape = escape;
  }
  return status;
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

// |sets[i]| is NULL for scalars. The sets that are kept so far, with the arguments, the constants and what globals hold,
// are |taken|.
static void choose_copies(const tenon_origins_t* origins, const word_t* const* sets, size_t count,
                          bool* out_copy) {
  word_t* taken = tenon_xcalloc(origins->word_count, sizeof(word_t));
  word_t* set = tenon_xcalloc(origins->word_count, sizeof(word_t));
  for (size_t bit = 0; bit <= constants_bit(origins); ++bit) set_bit(taken, bit);
  set_bit(taken, globals_bit(origins));
  if (origins->globals_escape) set_bit(taken, imports_bit(origins));
  unite(origins, taken, origins->stored);
  for (size_t i = 0; i < count; ++i) {
    out_copy[i] = false;
    if (!sets[i]) continue;
    for (size_t j = 0; j < origins->word_count; ++j) set[j] = sets[i][j];
    if (has_bit(set, imports_bit(origins))) unite(origins, set, origins->escaped);
    out_copy[i] = meet(origins, set, taken);
    if (!out_copy[i]) unite(origins, taken, set);
  }
  free(set);
  free(taken);
}

void tenon_origins_of_return(const tenon_origins_t* origins, MlirOperation return_op,
                             bool* out_copy) {
  const word_t** sets = tenon_xcalloc(origins->result_count, sizeof(*sets));
  for (size_t i = 0; i < origins->result_count; ++i) {
    sets[i] = set_of(origins, mlirOperationGetOperand(return_op, (intptr_t)i));
  }
  choose_copies(origins, sets, origins->result_count, out_copy);
  free(sets);
}

void tenon_origins_of_results(const tenon_origins_t* origins, const bool* is_tensor,
                              bool* out_copy) {
  const word_t** sets = tenon_xcalloc(origins->result_count, sizeof(*sets));
  for (size_t i = 0; i < origins->result_count; ++i) {
    if (is_tensor[i]) sets[i] = origins->results[i];
  }
  choose_copies(origins, sets, origins->result_count, out_copy);
  free(sets);
}
