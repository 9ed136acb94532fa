// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Liveness of the classes: how many tensors of each are used later, at every place where that decides something.

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/owning.h"
#include "compiler/support/branches.h"

typedef TENON_LIST(size_t) number_list_t;

typedef struct check_t {
  tenon_owning_t* owning;
  tenon_map_t
      positions;  // block -> its position + 1, in reverse postorder; operation -> its number in the block + 1
  number_list_t* predecessors;  // by block
  number_list_t* live_in;       // by block: nodes
  size_t* dominators;
  size_t* counts;         // by class: live tensors, while a block is looked at
  number_list_t touched;  // nodes that were live meanwhile
  tenon_map_t
      lasts;  // operation -> itself, if nothing of the classes that it reads is live after it
  tenon_map_t updates, passes, escapes;  // operation -> the first of its own in that list, + 1
  bool is_sound;
} check_t;

// The position of a block, or of an operation in its block; SIZE_MAX where nothing reaches.
static size_t position(const check_t* check, const void* what) {
  return (size_t)tenon_map_get(&check->positions, what) - 1;
}

static size_t block_of(const check_t* check, MlirValue value) {
  MlirBlock block = mlirValueIsABlockArgument(value)
                        ? mlirBlockArgumentGetOwner(value)
                        : mlirOperationGetBlock(mlirOpResultGetOwner(value));
  return position(check, block.ptr);
}

// Operations that ask for a tensor's size need no storage.
static bool reads_storage(MlirOperation op) { return !tenon_op_is(op, "tensor.dim"); }

//===----------------------------------------------------------------------===//
// What is live where blocks begin
//===----------------------------------------------------------------------===//

static void enter(check_t* check, size_t node, size_t block, number_list_t* stack,
                  tenon_map_t* seen) {
  const void* key = check->owning->blocks->data[block].ptr;
  if (tenon_map_get(seen, key)) return;
  tenon_map_set(seen, key, check);
  TENON_APPEND(&check->live_in[block], node);
  TENON_APPEND(stack, block);
}

static void find_live(check_t* check, size_t node) {
  MlirValue value = check->owning->nodes.data[node].value;
  size_t home = block_of(check, value);
  number_list_t stack = {0};
  tenon_map_t seen = {0};
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    size_t at = position(check, mlirOperationGetBlock(user).ptr);
    if (at == SIZE_MAX || at == home || !reads_storage(user)) continue;
    enter(check, node, at, &stack, &seen);
  }
  while (stack.count) {
    const number_list_t* before = &check->predecessors[stack.data[--stack.count]];
    for (size_t i = 0; i < before->count; ++i) {
      if (before->data[i] != home) enter(check, node, before->data[i], &stack, &seen);
    }
  }
  tenon_map_free(&seen);
  free(stack.data);
}

//===----------------------------------------------------------------------===//
// Who reads
//===----------------------------------------------------------------------===//

static bool dominates(const check_t* check, MlirOperation a, MlirOperation b) {
  size_t above = position(check, mlirOperationGetBlock(a).ptr);
  size_t below = position(check, mlirOperationGetBlock(b).ptr);
  if (above == below) return position(check, a.ptr) < position(check, b.ptr);
  while (below > above) below = check->dominators[below];
  return above == below;
}

// Whether control may come from the end of block |from| to block |to|.
static bool reaches(const check_t* check, size_t from, size_t to) {
  bool* seen = tenon_xcalloc(check->owning->blocks->count, sizeof(*seen));
  number_list_t stack = {0};
  TENON_APPEND(&stack, from);
  while (stack.count && !seen[to]) {
    MlirOperation end = tenon_block_end(check->owning->blocks->data[stack.data[--stack.count]]);
    for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(end); ++i) {
      size_t next = position(check, mlirOperationGetSuccessor(end, i).ptr);
      if (seen[next]) continue;
      seen[next] = true;
      TENON_APPEND(&stack, next);
    }
  }
  bool found = seen[to];
  free(stack.data);
  free(seen);
  return found;
}

// Whether |reader| is done before |writer| on every way to it, or comes only after it.
static bool is_in_order(const check_t* check, MlirOperation reader, MlirOperation writer) {
  if (dominates(check, reader, writer) || tenon_map_get(&check->lasts, reader.ptr)) return true;
  size_t from = position(check, mlirOperationGetBlock(reader).ptr);
  size_t to = position(check, mlirOperationGetBlock(writer).ptr);
  return !reaches(check, from, to);
}

// Whether all that reads the storage of |value|, by forwarding alone, comes before |writer| on every way to it, or after it, or is that.
static bool readers_come_before(const check_t* check, MlirValue value, MlirOperation writer) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (mlirOperationEqual(user, writer) || !reads_storage(user)) continue;
    if (position(check, mlirOperationGetBlock(user).ptr) == SIZE_MAX) continue;
    if (tenon_forwards_storage(user)) {
      if (!readers_come_before(check, mlirOperationGetResult(user, 0), writer)) return false;
    } else if (!tenon_op_is(user, "util.global.store") && !is_in_order(check, user, writer)) {
      return false;
    }
  }
  return true;
}

// In an asynchronous program the readers' points are waited for.
static bool can_wait(const check_t* check, size_t node, MlirOperation writer) {
  if (!check->owning->schedule->asynchronous) return true;
  MlirValue root = tenon_storage_root(check->owning->nodes.data[node].value);
  return readers_come_before(check, root, writer);
}

//===----------------------------------------------------------------------===//
// Decisions at an operation, with what is live after it
//===----------------------------------------------------------------------===//

static size_t class_of(check_t* check, size_t node) {
  return tenon_owning_class(check->owning, node);
}

static void check_update(check_t* check, MlirOperation op) {
  size_t first = (size_t)tenon_map_get(&check->updates, op.ptr);
  if (!first) return;
  tenon_owning_update_t* update = &check->owning->updates.data[first - 1];
  if (!update->in_place) return;
  size_t class = class_of(check, update->from);
  size_t live = check->counts[class] - check->owning->nodes.data[update->to].is_live;
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); ++i) {
    size_t node =
        (size_t)tenon_map_get(&check->owning->numbers, mlirOperationGetOperand(op, i).ptr);
    if (node) live += class_of(check, node - 1) == class;
  }
  update->in_place = live == 0 && can_wait(check, update->from, op);
  if (check->owning->nodes.data[update->from].is_live && !update->is_refused) {
    // Others have hoped in vain that the result would be what it updates.
    update->is_refused = true;
    check->is_sound = false;
  }
}

static bool is_foreign(check_t* check, size_t node) {
  return check->owning->nodes.data[class_of(check, node)].foreign;
}

// Whether something of the class of |node| may be updated in place after |op|.
static bool is_written_after(check_t* check, MlirOperation op, size_t node) {
  size_t here = position(check, mlirOperationGetBlock(op).ptr);
  for (size_t i = 0; i < check->owning->updates.count; ++i) {
    const tenon_owning_update_t* update = &check->owning->updates.data[i];
    if (!update->in_place || class_of(check, update->from) != class_of(check, node)) continue;
    size_t there = position(check, mlirOperationGetBlock(update->op).ptr);
    bool follows = here == there && position(check, update->op.ptr) > position(check, op.ptr);
    if (follows || reaches(check, here, there)) return true;
  }
  return false;
}

static void check_escapes(check_t* check, MlirOperation op) {
  size_t first = (size_t)tenon_map_get(&check->escapes, op.ptr);
  for (size_t i = first - 1; first && i < check->owning->escapes.count; ++i) {
    tenon_owning_escape_t* escape = &check->owning->escapes.data[i];
    if (!mlirOperationEqual(escape->op, op)) break;
    if (is_foreign(check, escape->node) || !check->counts[class_of(check, escape->node)]) continue;
    if (!is_written_after(check, op, escape->node)) continue;
    escape->is_foreign = true;
    check->is_sound = false;
  }
}

static bool has_same_root(const check_t* check, const tenon_owning_pass_t* a,
                          const tenon_owning_pass_t* b) {
  const tenon_owning_node_t* nodes = check->owning->nodes.data;
  return mlirValueEqual(tenon_storage_root(nodes[a->from].value),
                        tenon_storage_root(nodes[b->from].value));
}

// Whether something else of the class of |pass| goes the same way, as it is or to an owner before: certainly the same storage, or
// what may have it.
static bool has_companion(check_t* check, size_t first, size_t index, bool is_same) {
  const tenon_owning_pass_t* pass = &check->owning->passes.data[index];
  for (size_t i = first; i < check->owning->passes.count; ++i) {
    const tenon_owning_pass_t* other = &check->owning->passes.data[i];
    if (!mlirOperationEqual(other->op, pass->op)) break;
    if (i == index || other->successor != pass->successor || other->is_copied) continue;
    bool comes_first = i < index || !other->to_owner;
    if (!comes_first || class_of(check, other->from) != class_of(check, pass->from)) continue;
    if (!is_same || has_same_root(check, other, pass)) return true;
  }
  return false;
}

static const number_list_t* live_in_successor(const check_t* check, MlirOperation op,
                                              intptr_t successor) {
  return &check->live_in[position(check, mlirOperationGetSuccessor(op, successor).ptr)];
}

// With what is live where successor |successor| begins.
static void check_passes_to(check_t* check, MlirOperation op, intptr_t successor, size_t first) {
  tenon_owning_t* owning = check->owning;
  for (size_t i = first; i < owning->passes.count; ++i) {
    tenon_owning_pass_t* pass = &owning->passes.data[i];
    if (!mlirOperationEqual(pass->op, op)) break;
    if (pass->successor != successor) continue;
    bool is_live = check->counts[class_of(check, pass->from)] > 0;
    if (pass->to_owner) {
      pass->is_copied |= is_live || has_companion(check, first, i, /*is_same=*/false) ||
                         !can_wait(check, pass->from, op);
      if (!pass->is_refused && (owning->nodes.data[pass->from].is_live ||
                                has_companion(check, first, i, /*is_same=*/true))) {
        pass->is_refused = true;
        check->is_sound = false;
      }
    } else if (is_live && !is_foreign(check, pass->from) &&
               is_written_after(check, op, pass->from)) {
      pass->is_foreign = true;
      check->is_sound = false;
    }
  }
}

//===----------------------------------------------------------------------===//
// Blocks, from their ends
//===----------------------------------------------------------------------===//

static void set_live(check_t* check, size_t node, bool is_live) {
  tenon_owning_node_t* live = &check->owning->nodes.data[node];
  if (live->is_live == is_live) return;
  live->is_live = is_live;
  if (is_live) TENON_APPEND(&check->touched, node);
  check->counts[class_of(check, node)] += is_live ? 1 : (size_t)-1;
}

static void set_value_live(check_t* check, MlirValue value, bool is_live) {
  size_t node = (size_t)tenon_map_get(&check->owning->numbers, value.ptr);
  if (node) set_live(check, node - 1, is_live);
}

static void end_block(check_t* check) {
  for (size_t i = 0; i < check->touched.count; ++i) set_live(check, check->touched.data[i], false);
  check->touched.count = 0;
}

static void set_live_in_successor(check_t* check, MlirOperation end, intptr_t successor) {
  const number_list_t* live = live_in_successor(check, end, successor);
  for (size_t i = 0; i < live->count; ++i) set_live(check, live->data[i], true);
}

static void set_live_out(check_t* check, size_t index) {
  MlirOperation end = tenon_block_end(check->owning->blocks->data[index]);
  for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(end); ++i) {
    set_live_in_successor(check, end, i);
  }
}

static void check_branch(check_t* check, MlirOperation end) {
  size_t first = (size_t)tenon_map_get(&check->passes, end.ptr);
  intptr_t count = mlirOperationGetNumSuccessors(end);
  for (intptr_t i = 0; first && i < count; ++i) {
    set_live_in_successor(check, end, i);
    check_passes_to(check, end, i, first - 1);
    end_block(check);
  }
}

static void note_last(check_t* check, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    size_t node =
        (size_t)tenon_map_get(&check->owning->numbers, mlirOperationGetOperand(op, i).ptr);
    if (node && check->counts[class_of(check, node - 1)]) return;
  }
  tenon_map_set(&check->lasts, op.ptr, op.ptr);
}

static void check_op(check_t* check, MlirOperation op) {
  check_update(check, op);
  check_escapes(check, op);
}

// Visits the operations of a block from its end, each with what is live after it.
static void visit_block(check_t* check, size_t index,
                        void (*visit)(check_t* check, MlirOperation op)) {
  MlirBlock block = check->owning->blocks->data[index];
  tenon_value_list_t ops = {0};  // from the first on
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    TENON_APPEND(&ops, ((MlirValue){op.ptr}));
  }
  for (size_t i = ops.count; i-- > 0;) {
    op.ptr = (void*)ops.data[i].ptr;
    visit(check, op);
    for (intptr_t j = 0; j < mlirOperationGetNumResults(op); ++j) {
      set_value_live(check, mlirOperationGetResult(op, j), false);
    }
    for (intptr_t j = 0; reads_storage(op) && j < mlirOperationGetNumOperands(op); ++j) {
      set_value_live(check, mlirOperationGetOperand(op, j), true);
    }
  }
  free(ops.data);
  end_block(check);
}

static void number_all(check_t* check) {
  const tenon_block_list_t* blocks = check->owning->blocks;
  for (size_t i = 0; i < blocks->count; ++i) {
    tenon_map_set(&check->positions, blocks->data[i].ptr, (void*)(i + 1));
    MlirOperation op = mlirBlockGetFirstOperation(blocks->data[i]);
    for (size_t j = 1; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op), ++j) {
      tenon_map_set(&check->positions, op.ptr, (void*)j);
    }
  }
  for (size_t i = 0; i < blocks->count; ++i) {
    MlirOperation end = tenon_block_end(blocks->data[i]);
    for (intptr_t j = 0; j < mlirOperationGetNumSuccessors(end); ++j) {
      size_t target = position(check, mlirOperationGetSuccessor(end, j).ptr);
      TENON_APPEND(&check->predecessors[target], i);
    }
  }
}

// The first of each operation's own: a list has those of one operation together.
static void note_firsts(check_t* check) {
  tenon_owning_t* owning = check->owning;
  for (size_t i = owning->updates.count; i-- > 0;) {
    tenon_map_set(&check->updates, owning->updates.data[i].op.ptr, (void*)(i + 1));
  }
  for (size_t i = owning->passes.count; i-- > 0;) {
    tenon_map_set(&check->passes, owning->passes.data[i].op.ptr, (void*)(i + 1));
  }
  for (size_t i = owning->escapes.count; i-- > 0;) {
    tenon_map_set(&check->escapes, owning->escapes.data[i].op.ptr, (void*)(i + 1));
  }
}

static void check_free(check_t* check) {
  for (size_t i = 0; i < check->owning->blocks->count; ++i) {
    free(check->predecessors[i].data);
    free(check->live_in[i].data);
  }
  free(check->predecessors);
  free(check->live_in);
  free(check->touched.data);
  free(check->dominators);
  free(check->counts);
  tenon_map_free(&check->positions);
  tenon_map_free(&check->lasts);
  tenon_map_free(&check->updates);
  tenon_map_free(&check->passes);
  tenon_map_free(&check->escapes);
}

bool tenon_owning_check(tenon_owning_t* owning) {
  size_t block_count = owning->blocks->count, node_count = owning->nodes.count;
  check_t check = {
      .owning = owning,
      .predecessors = tenon_xcalloc(block_count, sizeof(number_list_t)),
      .live_in = tenon_xcalloc(block_count, sizeof(number_list_t)),
      .dominators = tenon_immediate_dominators(owning->blocks),
      .counts = tenon_xcalloc(node_count, sizeof(size_t)),
      .is_sound = true,
  };
  number_all(&check);
  note_firsts(&check);
  for (size_t i = 0; i < node_count; ++i) {
    // Nothing is decided by foreign classes but that they are.
    if (!is_foreign(&check, i)) find_live(&check, i);
  }
  for (size_t i = 0; owning->schedule->asynchronous && i < block_count; ++i) {
    set_live_out(&check, i);
    visit_block(&check, i, note_last);
  }
  for (size_t i = 0; i < block_count; ++i) {
    check_branch(&check, tenon_block_end(owning->blocks->data[i]));
    set_live_out(&check, i);
    visit_block(&check, i, check_op);
  }
  check_free(&check);
  return check.is_sound;
}

void tenon_owning_free(tenon_owning_t* owning) {
  for (size_t i = 0; i < owning->pass_lists.count; ++i) {
    free(owning->pass_lists.data[i]->data);
  }
  free(owning->pass_lists.data);
  free(owning->nodes.data);
  free(owning->unions.data);
  free(owning->foreign.data);
  free(owning->updates.data);
  free(owning->passes.data);
  free(owning->escapes.data);
  tenon_map_free(&owning->numbers);
  tenon_map_free(&owning->wanted);
  tenon_map_free(&owning->passes_of);
}
