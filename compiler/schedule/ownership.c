// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/ownership.h"

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/owning.h"

bool tenon_updates_in_place(const tenon_ownership_t* ownership, MlirOperation update) {
  return ownership && tenon_map_get(&ownership->in_place, update.ptr);
}

bool tenon_is_owner(const tenon_ownership_t* ownership, MlirValue block_argument) {
  return ownership && tenon_map_get(&ownership->owners, block_argument.ptr);
}

bool tenon_is_copied(const tenon_ownership_t* ownership, MlirOperation branch, intptr_t position) {
  const bool* copied = ownership ? tenon_map_get(&ownership->copied, branch.ptr) : NULL;
  return copied && copied[position];
}

bool tenon_is_written(const tenon_ownership_t* ownership, MlirValue root) {
  return ownership && tenon_map_get(&ownership->written, root.ptr);
}

bool tenon_forwards_storage(MlirOperation op) {
  return tenon_op_is(op, "tensor.cast") || tenon_op_is(op, "tenon.reshape") ||
         tenon_op_is(op, "util.optimization_barrier");
}

MlirValue tenon_storage_root(MlirValue value) {
  while (mlirValueIsAOpResult(value) && tenon_forwards_storage(mlirOpResultGetOwner(value))) {
    value = mlirOperationGetOperand(mlirOpResultGetOwner(value), 0);
  }
  return value;
}

void tenon_ownership_free(tenon_ownership_t* ownership) {
  if (!ownership) return;
  tenon_map_free(&ownership->in_place);
  tenon_map_free(&ownership->owners);
  tenon_map_free(&ownership->copied);
  tenon_map_free(&ownership->written);
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

static size_t find(tenon_owning_t* owning, size_t node) {
  tenon_owning_node_t* nodes = owning->nodes.data;
  while (nodes[node].parent != node) {
    nodes[node].parent = nodes[nodes[node].parent].parent;
    node = nodes[node].parent;
  }
  return node;
}

static void unite(tenon_owning_t* owning, size_t a, size_t b) {
  a = find(owning, a);
  b = find(owning, b);
  owning->nodes.data[b].foreign |= owning->nodes.data[a].foreign;
  owning->nodes.data[a].parent = b;
}

size_t tenon_owning_class(tenon_owning_t* owning, size_t node) { return find(owning, node); }

static bool is_foreign(tenon_owning_t* owning, size_t node) {
  return owning->nodes.data[find(owning, node)].foreign;
}

static void set_foreign(tenon_owning_t* owning, size_t node) {
  owning->nodes.data[find(owning, node)].foreign = true;
}

size_t tenon_owning_node(tenon_owning_t* owning, MlirValue value) {
  size_t node = (size_t)tenon_map_get(&owning->numbers, value.ptr);
  if (node) return node - 1;
  tenon_owning_node_t added = {.value = value};
  TENON_APPEND(&owning->nodes, added);
  tenon_map_set(&owning->numbers, value.ptr, (void*)owning->nodes.count);
  return owning->nodes.count - 1;
}

//===----------------------------------------------------------------------===//
// Which block arguments should own their storage: what updates change, and what is passed to those
//===----------------------------------------------------------------------===//

static void want(tenon_owning_t* owning, MlirValue value, tenon_value_list_t* stack) {
  value = tenon_storage_root(value);
  bool is_entry = !mlirValueIsABlockArgument(value) ||
                  mlirBlockEqual(mlirBlockArgumentGetOwner(value), owning->blocks->data[0]);
  if (is_entry || tenon_map_get(&owning->wanted, value.ptr)) return;
  tenon_map_set(&owning->wanted, value.ptr, (void*)value.ptr);
  TENON_APPEND(stack, value);
}

static void find_wanted(tenon_owning_t* owning) {
  tenon_value_list_t stack = {0};
  for (size_t i = 0; i < owning->updates.count; ++i) {
    want(owning, mlirOperationGetOperand(owning->updates.data[i].op, 0), &stack);
  }
  // What comes in is in the list of passes, by argument.
  while (stack.count) {
    MlirValue argument = stack.data[--stack.count];
    const tenon_owning_passes_t* passes = tenon_map_get(&owning->passes_of, argument.ptr);
    for (size_t i = 0; passes && i < passes->count; ++i) {
      const tenon_owning_pass_t* pass = &owning->passes.data[passes->data[i]];
      want(owning, owning->nodes.data[pass->from].value, &stack);
    }
  }
  free(stack.data);
}

//===----------------------------------------------------------------------===//
// What operations say
//===----------------------------------------------------------------------===//

static bool is_tensor_value(MlirValue value) { return tenon_is_tensor(mlirValueGetType(value)); }

static void add_union(tenon_owning_t* owning, MlirValue a, MlirValue b) {
  tenon_owning_union_t added = {tenon_owning_node(owning, a), tenon_owning_node(owning, b)};
  TENON_APPEND(&owning->unions, added);
}

static void note_foreign(tenon_owning_t* owning, MlirValue value) {
  if (is_tensor_value(value)) TENON_APPEND(&owning->foreign, tenon_owning_node(owning, value));
}

static void visit_passes(tenon_owning_t* owning, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(op); ++i) {
    intptr_t first = 0, count = 0;
    MlirBlock target = mlirOperationGetSuccessor(op, i);
    if (mlirLogicalResultIsFailure(tenon_branch_operands(op, i, &first, &count))) return;
    for (intptr_t j = 0; j < count; ++j) {
      MlirValue argument = mlirBlockGetArgument(target, j);
      if (!is_tensor_value(argument)) continue;
      tenon_owning_pass_t pass = {
          .op = op,
          .successor = i,
          .position = first + j,
          .from = tenon_owning_node(owning, mlirOperationGetOperand(op, first + j)),
          .to = tenon_owning_node(owning, argument)};
      tenon_owning_passes_t* passes = tenon_map_get(&owning->passes_of, argument.ptr);
      if (!passes) {
        passes = tenon_arena_alloc(&owning->schedule->arena, 1, sizeof(*passes));
        tenon_map_set(&owning->passes_of, argument.ptr, passes);
        TENON_APPEND(&owning->pass_lists, passes);
      }
      TENON_APPEND(passes, owning->passes.count);
      TENON_APPEND(&owning->passes, pass);
    }
  }
}

static void visit_escapes(tenon_owning_t* owning, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (!is_tensor_value(operand)) continue;
    tenon_owning_escape_t escape = {.op = op, .node = tenon_owning_node(owning, operand)};
    TENON_APPEND(&owning->escapes, escape);
  }
}

static void visit(tenon_owning_t* owning, MlirOperation op) {
  if (mlirOperationGetNumSuccessors(op) > 0) {
    visit_passes(owning, op);
    return;
  }
  bool is_call = tenon_op_is(op, "func.call");
  if (is_call || tenon_op_is(op, "util.global.store")) visit_escapes(owning, op);
  if (mlirOperationGetNumResults(op) == 0 || tenon_op_is(op, "tensor.empty")) return;
  MlirValue result = mlirOperationGetResult(op, 0);
  if (tenon_op_is(op, "tenon.dispatch")) {
    if (tenon_dispatch_updates(op)) {
      tenon_owning_update_t update = {
          .op = op,
          .from = tenon_owning_node(owning, mlirOperationGetOperand(op, 0)),
          .to = tenon_owning_node(owning, result)};
      TENON_APPEND(&owning->updates, update);
    }
  } else if (!is_tensor_value(result) && !is_call) {
    return;
  } else if (tenon_forwards_storage(op)) {
    add_union(owning, result, mlirOperationGetOperand(op, 0));
  } else if (tenon_op_is(op, "arith.select")) {
    // Who reads it may read either: both are given away.
    visit_escapes(owning, op);
    note_foreign(owning, result);
  } else {
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
      note_foreign(owning, mlirOperationGetResult(op, i));
    }
  }
}

static bool has_updates(const tenon_block_list_t* blocks) {
  for (size_t i = 0; i < blocks->count; ++i) {
    MlirOperation op = mlirBlockGetFirstOperation(blocks->data[i]);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
      if (tenon_dispatch_updates(op)) return true;
    }
  }
  return false;
}

static void visit_all(tenon_owning_t* owning) {
  for (size_t i = 0; i < owning->blocks->count; ++i) {
    MlirBlock block = owning->blocks->data[i];
    for (intptr_t j = 0; i == 0 && j < mlirBlockGetNumArguments(block); ++j) {
      note_foreign(owning, mlirBlockGetArgument(block, j));
    }
    MlirOperation op = mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) visit(owning, op);
  }
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

// Of what is passed to an argument that should own its storage but doesn't, since something is foreign that it goes to.
static bool give_up_owners(tenon_owning_t* owning) {
  bool changed = false;
  for (size_t i = 0; i < owning->passes.count; ++i) {
    tenon_owning_pass_t* pass = &owning->passes.data[i];
    if (!pass->to_owner || !is_foreign(owning, pass->to)) continue;
    pass->to_owner = false;
    unite(owning, pass->from, pass->to);
    changed = true;
  }
  return changed;
}

static void begin_round(tenon_owning_t* owning) {
  for (size_t i = 0; i < owning->nodes.count; ++i) {
    owning->nodes.data[i].parent = i;
    owning->nodes.data[i].foreign = false;
  }
  for (size_t i = 0; i < owning->unions.count; ++i) {
    unite(owning, owning->unions.data[i].a, owning->unions.data[i].b);
  }
  for (size_t i = 0; i < owning->foreign.count; ++i) set_foreign(owning, owning->foreign.data[i]);
  for (size_t i = 0; i < owning->escapes.count; ++i) {
    if (owning->escapes.data[i].is_foreign) set_foreign(owning, owning->escapes.data[i].node);
  }
  for (size_t i = 0; i < owning->passes.count; ++i) {
    tenon_owning_pass_t* pass = &owning->passes.data[i];
    MlirValue argument = owning->nodes.data[pass->to].value;
    pass->to_owner = tenon_map_get(&owning->wanted, argument.ptr) != NULL;
    if (pass->to_owner) continue;
    // Given away to who may have anything, but changes nothing.
    set_foreign(owning, pass->to);
    if (pass->is_foreign) set_foreign(owning, pass->from);
  }
}

// Hopes for the best, which tenon_owning_check() takes back where somebody lives.
static void hope(tenon_owning_t* owning) {
  while (give_up_owners(owning)) continue;
  for (size_t i = 0; i < owning->passes.count; ++i) {
    tenon_owning_pass_t* pass = &owning->passes.data[i];
    pass->is_copied = pass->to_owner && (pass->is_refused || is_foreign(owning, pass->from));
    if (pass->to_owner && !pass->is_copied) unite(owning, pass->from, pass->to);
  }
  for (size_t i = 0; i < owning->updates.count; ++i) {
    tenon_owning_update_t* update = &owning->updates.data[i];
    update->in_place =
        !update->is_refused && !is_foreign(owning, update->from) && !is_foreign(owning, update->to);
    if (update->in_place) unite(owning, update->from, update->to);
  }
}

static void give_up(tenon_owning_t* owning) {
  for (size_t i = 0; i < owning->escapes.count; ++i) owning->escapes.data[i].is_foreign = true;
  for (size_t i = 0; i < owning->passes.count; ++i) {
    owning->passes.data[i].is_foreign = owning->passes.data[i].is_refused = true;
  }
  for (size_t i = 0; i < owning->updates.count; ++i) owning->updates.data[i].is_refused = true;
}

static void note_written(tenon_ownership_t* ownership, MlirValue value) {
  value = tenon_storage_root(value);
  tenon_map_set(&ownership->written, value.ptr, (void*)value.ptr);
}

static tenon_ownership_t* conclude(tenon_owning_t* owning) {
  tenon_arena_t* arena = &owning->schedule->arena;
  tenon_ownership_t* ownership = tenon_arena_alloc(arena, 1, sizeof(*ownership));
  for (size_t i = 0; i < owning->updates.count; ++i) {
    const tenon_owning_update_t* update = &owning->updates.data[i];
    if (!update->in_place) continue;
    tenon_map_set(&ownership->in_place, update->op.ptr, update->op.ptr);
    note_written(ownership, owning->nodes.data[update->from].value);
  }
  for (size_t i = 0; i < owning->passes.count; ++i) {
    const tenon_owning_pass_t* pass = &owning->passes.data[i];
    if (!pass->to_owner) continue;
    MlirValue argument = owning->nodes.data[pass->to].value;
    tenon_map_set(&ownership->owners, argument.ptr, (void*)argument.ptr);
    note_written(ownership, owning->nodes.data[pass->from].value);
    if (!pass->is_copied) continue;
    bool* copied = tenon_map_get(&ownership->copied, pass->op.ptr);
    if (!copied) {
      size_t count = (size_t)mlirOperationGetNumOperands(pass->op);
      copied = tenon_arena_alloc(arena, count, sizeof(*copied));
      tenon_map_set(&ownership->copied, pass->op.ptr, copied);
    }
    copied[pass->position] = true;
  }
  return ownership;
}

tenon_ownership_t* tenon_find_ownership(tenon_schedule_t* schedule,
                                        const tenon_block_list_t* blocks) {
  if (!has_updates(blocks)) return NULL;
  tenon_owning_t owning = {.schedule = schedule, .blocks = blocks};
  visit_all(&owning);
  find_wanted(&owning);
  // What turns out to be foreign or refused stays so: an end is certain, and mostly comes after one or two rounds. Then hope is given up.
  const int max_rounds = 6;
  int round = 0;
  do {
    if (round++ == max_rounds) give_up(&owning);
    begin_round(&owning);
    hope(&owning);
  } while (!tenon_owning_check(&owning));
  tenon_ownership_t* ownership = conclude(&owning);
  tenon_owning_free(&owning);
  return ownership;
}
