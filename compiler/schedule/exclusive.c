// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/exclusive.h"

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/schedule/convert.h"
#include "compiler/schedule/globals.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/ownership.h"

// A load or a store of a global.
typedef struct access_t {
  MlirOperation op;
  bool is_store;
  bool is_copied;  // a store: of a copy
} access_t;

typedef struct access_list_t {
  access_t* data;
  size_t count, capacity;
} access_list_t;

// A global that some function would update in place.
typedef struct candidate_t {
  bool is_refused;  // somebody may have what it holds
  bool is_updated;
  access_list_t accesses;  // of all functions, those of one together
} candidate_t;

// An operation's place in its function.
typedef struct place_t {
  size_t index;
  size_t calls;  // before it in its block
} place_t;

typedef struct op_list_t {
  MlirOperation* data;
  size_t count, capacity;
} op_list_t;

typedef struct finder_t {
  tenon_schedule_t* schedule;
  tenon_map_t candidates;  // util.global -> candidate_t
  struct {
    candidate_t** data;
    size_t count, capacity;
  } all;
  // Of the function that is looked at.
  const tenon_function_info_t* info;
  tenon_map_t places;  // operation -> place_t
  bool has_calls;
} finder_t;

static candidate_t* candidate_of(const finder_t* finder, MlirOperation op) {
  MlirOperation global = tenon_global_of(finder->schedule, op);
  return mlirOperationIsNull(global) ? NULL : tenon_map_get(&finder->candidates, global.ptr);
}

static MlirOperation maker_of(MlirValue value) {
  return mlirValueIsAOpResult(value) ? mlirOpResultGetOwner(value) : (MlirOperation){NULL};
}

// The load that an update changes the result of; null if it doesn't.
static MlirOperation updated_load(MlirOperation op) {
  MlirOperation none = {NULL};
  if (!tenon_dispatch_updates(op)) return none;
  MlirOperation maker = maker_of(tenon_storage_root(mlirOperationGetOperand(op, 0)));
  return !mlirOperationIsNull(maker) && tenon_op_is(maker, "util.global.load") ? maker : none;
}

static const place_t* place_of(const finder_t* finder, MlirOperation op) {
  return tenon_map_get(&finder->places, op.ptr);
}

static bool is_same_block(MlirOperation a, MlirOperation b) {
  return mlirBlockEqual(mlirOperationGetBlock(a), mlirOperationGetBlock(b));
}

static bool is_before(const finder_t* finder, MlirOperation a, MlirOperation b) {
  return place_of(finder, a)->index < place_of(finder, b)->index;
}

// Appends all operations that use |value| or what forwards its storage, but not those.
static void append_users(MlirValue value, op_list_t* users) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (tenon_op_is(user, "tensor.dim")) continue;
    if (tenon_forwards_storage(user)) {
      append_users(mlirOperationGetResult(user, 0), users);
    } else {
      TENON_APPEND(users, user);
    }
  }
}

static MlirValue root_of(const access_t* access) {
  return access->is_store ? tenon_storage_root(mlirOperationGetOperand(access->op, 0))
                          : mlirOperationGetResult(access->op, 0);
}

//===----------------------------------------------------------------------===//
// Who has what a global holds
//===----------------------------------------------------------------------===//

// What an export returns of a global is a copy.
static bool only_reads(const finder_t* finder, MlirOperation user) {
  if (tenon_op_is(user, "func.return")) {
    return finder->info->kind == TENON_FUNCTION_EXPORT && !finder->info->called;
  }
  return tenon_op_is(user, "tenon.dispatch") || tenon_op_is(user, "tensor.extract");
}

// Whether nothing is called between the access and |user|, or |user| comes first.
static bool is_without_calls(const finder_t* finder, const access_t* access, MlirOperation user) {
  if (!finder->has_calls) return true;
  if (!is_same_block(access->op, user)) return false;
  return is_before(finder, user, access->op) ||
         place_of(finder, user)->calls == place_of(finder, access->op)->calls;
}

// Whether the tensor that is loaded or stored is used for nothing else than reading.
static bool is_only_read(const finder_t* finder, const access_t* access) {
  op_list_t users = {0};
  append_users(root_of(access), &users);
  bool ok = true;
  for (size_t i = 0; i < users.count && ok; ++i) {
    MlirOperation user = users.data[i];
    if (access->is_store && mlirOperationEqual(user, access->op)) continue;
    ok = only_reads(finder, user) && is_without_calls(finder, access, user);
  }
  free(users.data);
  return ok;
}

static bool is_new(MlirValue value) {
  MlirOperation maker = maker_of(value);
  return !mlirOperationIsNull(maker) &&
         (tenon_op_is(maker, "tenon.dispatch") || tenon_op_is(maker, "tensor.empty"));
}

static void check_access(finder_t* finder, candidate_t* candidate, MlirOperation op) {
  access_t access = {.op = op, .is_store = tenon_op_is(op, "util.global.store")};
  bool ok = is_only_read(finder, &access);
  if (access.is_store) {
    access.is_copied = !ok || !is_new(root_of(&access));
  } else {
    candidate->is_refused |= !ok;
  }
  TENON_APPEND(&candidate->accesses, access);
}

//===----------------------------------------------------------------------===//
// Updates
//===----------------------------------------------------------------------===//

// What calls another function, or ends this one where it fails.
static bool may_leave(MlirOperation op) {
  return tenon_op_is(op, "func.call") || tenon_op_is(op, "tenon.assert") ||
         tenon_op_is(op, "tenon.check_eq") || tenon_op_is(op, "tenon.check_ge");
}

// The store of the same global that follows |update| in its block, before anybody can see what the global holds; else null.
static MlirOperation next_store(const finder_t* finder, const candidate_t* candidate,
                                MlirOperation update) {
  MlirOperation op = mlirOperationGetNextInBlock(update), none = {NULL};
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (may_leave(op)) return none;
    if (candidate_of(finder, op) != candidate) continue;
    return tenon_op_is(op, "util.global.store") ? op : none;
  }
  return none;
}

// Whether all that uses the tensor of |access|, which may be what |update| changes, is done before; or comes later, when the global
// holds something else.
static bool is_apart(const finder_t* finder, const access_t* access, MlirOperation update,
                     MlirOperation store) {
  bool is_here = is_same_block(access->op, update);
  if (is_here && (mlirOperationEqual(access->op, store) || is_before(finder, store, access->op))) {
    is_here = false;
  }
  op_list_t users = {0};
  append_users(root_of(access), &users);
  bool ok = true;
  for (size_t i = 0; i < users.count && ok; ++i) {
    ok = is_same_block(users.data[i], access->op) &&
         (!is_here || mlirOperationEqual(users.data[i], update) ||
          is_before(finder, users.data[i], update));
  }
  free(users.data);
  return ok;
}

// Whether |update| has its destination once only among what it reads.
static bool reads_no_other(const finder_t* finder, const candidate_t* candidate,
                           MlirOperation update) {
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(update); ++i) {
    MlirOperation maker = maker_of(tenon_storage_root(mlirOperationGetOperand(update, i)));
    if (mlirOperationIsNull(maker)) continue;
    if (candidate_of(finder, maker) == candidate) return false;
    for (size_t j = 0; j < candidate->accesses.count; ++j) {
      const access_t* access = &candidate->accesses.data[j];
      if (access->is_store && mlirOperationEqual(maker_of(root_of(access)), maker)) return false;
    }
  }
  return true;
}

static void check_update(finder_t* finder, MlirOperation update) {
  MlirOperation load = updated_load(update);
  candidate_t* candidate = mlirOperationIsNull(load) ? NULL : candidate_of(finder, load);
  const size_t max_accesses = 1000;  // each is looked at for each update
  if (!candidate || candidate->is_refused || candidate->accesses.count > max_accesses ||
      !is_same_block(load, update)) {
    return;
  }
  MlirOperation store = next_store(finder, candidate, update);
  if (mlirOperationIsNull(store) || !reads_no_other(finder, candidate, update)) return;
  for (size_t i = 0; i < candidate->accesses.count; ++i) {
    const access_t* access = &candidate->accesses.data[i];
    // Of this function.
    if (!place_of(finder, access->op) || access->is_copied) continue;
    if (!is_apart(finder, access, update, store)) return;
  }
  candidate->is_updated = true;
  tenon_map_set(&finder->info->origins->ownership->in_place, update.ptr, update.ptr);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static void for_each_op(finder_t* finder, void (*visit)(finder_t* finder, MlirOperation op)) {
  const tenon_block_list_t* blocks = &finder->info->origins->blocks;
  for (size_t i = 0; i < blocks->count; ++i) {
    MlirOperation op = mlirBlockGetFirstOperation(blocks->data[i]);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) visit(finder, op);
  }
}

static void for_each_function(finder_t* finder, void (*visit)(finder_t* finder)) {
  for (size_t i = 0; i < finder->schedule->functions.count; ++i) {
    finder->info = &finder->schedule->functions.data[i];
    if (finder->info->origins) visit(finder);
  }
}

static void note_candidate(finder_t* finder, MlirOperation op) {
  MlirOperation load = updated_load(op);
  if (mlirOperationIsNull(load) || candidate_of(finder, load)) return;
  candidate_t* candidate = tenon_arena_alloc(&finder->schedule->arena, 1, sizeof(*candidate));
  tenon_map_set(&finder->candidates, tenon_global_of(finder->schedule, load).ptr, candidate);
  TENON_APPEND(&finder->all, candidate);
}

static void find_candidates(finder_t* finder) {
  if (finder->info->origins->ownership) for_each_op(finder, note_candidate);
}

static void number_ops(finder_t* finder) {
  const tenon_block_list_t* blocks = &finder->info->origins->blocks;
  tenon_map_free(&finder->places);
  finder->has_calls = false;
  size_t index = 0;
  for (size_t i = 0; i < blocks->count; ++i) {
    size_t calls = 0;
    MlirOperation op = mlirBlockGetFirstOperation(blocks->data[i]);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      place_t* place = tenon_arena_alloc(&finder->schedule->arena, 1, sizeof(*place));
      *place = (place_t){.index = index, .calls = calls};
      ++index;
      tenon_map_set(&finder->places, op.ptr, place);
      bool is_call = tenon_op_is(op, "func.call");
      calls += is_call;
      finder->has_calls |= is_call;
    }
  }
}

static void check_if_access(finder_t* finder, MlirOperation op) {
  candidate_t* candidate = candidate_of(finder, op);
  if (candidate) check_access(finder, candidate, op);
}

static void check_accesses(finder_t* finder) {
  number_ops(finder);
  for_each_op(finder, check_if_access);
}

static void check_updates(finder_t* finder) {
  if (!finder->info->origins->ownership) return;
  number_ops(finder);
  for_each_op(finder, check_update);
}

void tenon_find_exclusive_globals(tenon_schedule_t* schedule) {
  finder_t finder = {.schedule = schedule};
  // In an asynchronous program work of those before may still read what the global holds.
  if (!schedule->asynchronous) for_each_function(&finder, find_candidates);
  if (finder.all.count > 0) {
    for_each_function(&finder, check_accesses);
    for_each_function(&finder, check_updates);
  }
  for (size_t i = 0; i < finder.all.count; ++i) {
    const candidate_t* candidate = finder.all.data[i];
    for (size_t j = 0; j < candidate->accesses.count && candidate->is_updated; ++j) {
      const access_t* access = &candidate->accesses.data[j];
      if (access->is_copied) {
        tenon_map_set(&schedule->copied_stores, access->op.ptr, access->op.ptr);
      }
    }
    free(finder.all.data[i]->accesses.data);
  }
  free(finder.all.data);
  tenon_map_free(&finder.candidates);
  tenon_map_free(&finder.places);
}
