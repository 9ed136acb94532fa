// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which variables are still read later, and what follows from it: unread results go, refs are
// released early.

#include <stdlib.h>

#include "compiler/emit/code.h"

static void set_add(uint64_t* set, tenon_var_t var) { set[var / 64] |= (uint64_t)1 << (var % 64); }
static void set_remove(uint64_t* set, tenon_var_t var) {
  set[var / 64] &= ~((uint64_t)1 << (var % 64));
}
static bool set_has(const uint64_t* set, tenon_var_t var) {
  return (set[var / 64] >> (var % 64)) & 1;
}

//===----------------------------------------------------------------------===//
// The analysis
//===----------------------------------------------------------------------===//

// From what is live after the instruction to what is live before it.
static void step_back(const tenon_code_t* code, const tenon_instruction_t* instruction,
                      uint64_t* live) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == TENON_OPERAND_DEF) set_remove(live, (tenon_var_t)operands[i].value);
  }
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == TENON_OPERAND_USE) set_add(live, (tenon_var_t)operands[i].value);
  }
}

static void unite(uint64_t* to, const uint64_t* from, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] |= from[i];
}

// live_out: what is live into any successor.
static void gather_live_out(const tenon_code_t* code, const tenon_liveness_t* liveness,
                            tenon_code_block_t block) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    const tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    for (uint32_t j = 0; j < list->data[i].operand_count; ++j) {
      if (operands[j].kind != TENON_OPERAND_BLOCK) continue;
      unite(&liveness->live_out[block * liveness->word_count],
            &liveness->live_in[operands[j].value * liveness->word_count], liveness->word_count);
    }
  }
}

// True when the block's live_in grew. |live| is scratch.
static bool visit_block(const tenon_code_t* code, const tenon_liveness_t* liveness,
                        tenon_code_block_t block, uint64_t* live) {
  gather_live_out(code, liveness, block);
  for (size_t i = 0; i < liveness->word_count; ++i) {
    live[i] = liveness->live_out[block * liveness->word_count + i];
  }
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = list->count; i-- > 0;) step_back(code, &list->data[i], live);
  bool grew = false;
  for (size_t i = 0; i < liveness->word_count; ++i) {
    uint64_t* word = &liveness->live_in[block * liveness->word_count + i];
    grew |= *word != live[i];
    *word = live[i];
  }
  return grew;
}

tenon_liveness_t tenon_liveness_compute(const tenon_code_t* code) {
  tenon_liveness_t liveness = {.word_count = (code->variables.count + 63) / 64};
  size_t size = liveness.word_count * code->blocks.count;
  liveness.live_in = tenon_xcalloc(size, sizeof(uint64_t));
  liveness.live_out = tenon_xcalloc(size, sizeof(uint64_t));
  uint64_t* live = tenon_xcalloc(liveness.word_count, sizeof(uint64_t));
  bool grew = true;
  while (grew) {
    grew = false;
    for (size_t i = code->order.count; i-- > 0;) {
      grew |= visit_block(code, &liveness, code->order.data[i], live);
    }
  }
  free(live);
  return liveness;
}

void tenon_liveness_free(tenon_liveness_t* liveness) {
  free(liveness->live_in);
  free(liveness->live_out);
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

static bool is_ref(const tenon_code_t* code, const tenon_operand_t* operand) {
  return (operand->kind == TENON_OPERAND_USE || operand->kind == TENON_OPERAND_DEF) &&
         tenon_code_class(code, (tenon_var_t)operand->value) == TENON_CLASS_REF;
}

static void append_drop(tenon_code_t* code, tenon_instruction_list_t* list, tenon_var_t var) {
  tenon_instruction_t drop = tenon_code_make(code, TENON_OP_NULL_REF, (const uint64_t[]){var}, 1);
  TENON_APPEND(list, drop);
}

static bool is_unread(const tenon_code_t* code, const tenon_instruction_t* instruction,
                      const uint64_t* live_after) {
  if (!tenon_code_is_pure(instruction->op)) return false;
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    bool is_def = operands[i].kind == TENON_OPERAND_DEF;
    if (is_def && set_has(live_after, (tenon_var_t)operands[i].value)) return false;
  }
  return true;
}

static bool is_set_here(const tenon_code_t* code, const tenon_instruction_t* instruction,
                        uint64_t var) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == TENON_OPERAND_DEF && operands[i].value == var) return true;
  }
  return false;
}

// The last operand that names a ref that dies here gives it away; select.ref, which reads just one
// of two, can't. What then still holds a ref that nothing reads is dropped: |out| takes these
// instructions in reverse.
static void release_after(tenon_code_t* code, tenon_instruction_t instruction,
                          const uint64_t* live_after, tenon_instruction_list_t* out) {
  for (uint32_t i = instruction.operand_count; i-- > 0;) {
    tenon_operand_t operand = tenon_code_operands(code, &instruction)[i];
    if (!is_ref(code, &operand) || set_has(live_after, (tenon_var_t)operand.value)) continue;
    bool seen = false;
    for (uint32_t j = i + 1; j < instruction.operand_count; ++j) {
      const tenon_operand_t* later = &tenon_code_operands(code, &instruction)[j];
      seen |= is_ref(code, later) && later->value == operand.value;
    }
    if (seen) continue;
    bool drops = operand.kind == TENON_OPERAND_DEF ? instruction.op != TENON_OP_NULL_REF
                                                   : instruction.op == TENON_OP_SELECT_REF;
    if (operand.kind == TENON_OPERAND_USE && is_set_here(code, &instruction, operand.value)) {
      continue;
    }
    if (drops) {
      append_drop(code, out, (tenon_var_t)operand.value);
    } else if (operand.kind == TENON_OPERAND_USE) {
      tenon_code_operands(code, &instruction)[i].move = true;
    }
  }
}

static void reverse(tenon_instruction_list_t* list) {
  for (size_t i = 0; i < list->count / 2; ++i) {
    tenon_instruction_t instruction = list->data[i];
    list->data[i] = list->data[list->count - 1 - i];
    list->data[list->count - 1 - i] = instruction;
  }
}

// Walks the block backwards. |live| is what is live at the place.
static void release_in_block(tenon_code_t* code, tenon_code_block_t block, uint64_t* live) {
  tenon_instruction_list_t old = code->blocks.data[block], reversed = {0};
  for (size_t i = old.count; i-- > 0;) {
    release_after(code, old.data[i], live, &reversed);
    TENON_APPEND(&reversed, old.data[i]);
    step_back(code, &old.data[i], live);
  }
  free(old.data);
  reverse(&reversed);
  code->blocks.data[block] = reversed;
}

static bool remove_unread_in_block(const tenon_code_t* code, tenon_instruction_list_t* list,
                                   uint64_t* live) {
  size_t first = list->count;  // what is kept moves to the end
  for (size_t i = list->count; i-- > 0;) {
    if (is_unread(code, &list->data[i], live)) continue;
    step_back(code, &list->data[i], live);
    list->data[--first] = list->data[i];
  }
  for (size_t i = first; i < list->count; ++i) list->data[i - first] = list->data[i];
  list->count -= first;
  return first > 0;
}

// Puts drops of |vars| before everything else in the block.
static void prepend_drops(tenon_code_t* code, tenon_code_block_t block, const tenon_var_t* vars,
                          size_t count) {
  if (count == 0) return;
  tenon_instruction_list_t list = {0};
  for (size_t i = 0; i < count; ++i) append_drop(code, &list, vars[i]);
  tenon_instruction_list_t old = code->blocks.data[block];
  for (size_t i = 0; i < old.count; ++i) TENON_APPEND(&list, old.data[i]);
  free(old.data);
  code->blocks.data[block] = list;
}

// Does the function end in this block without doing anything that lasts? Then releasing is left to
// its end.
static bool ends_at_once(const tenon_code_t* code, tenon_code_block_t block) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    tenon_op_t op = list->data[i].op;
    if (op == TENON_OP_RETURN || op == TENON_OP_FAIL) return true;
    if (op == TENON_OP_CALL || op == TENON_OP_CALL_IMPORT) return false;
  }
  return false;
}

// Refs that one successor of a branch reads and |target|, another, doesn't. Lowering puts a block
// of its own on every edge of a branch with several targets, so no other path comes this way.
static void drop_on_edge(tenon_code_t* code, const tenon_liveness_t* liveness,
                         tenon_code_block_t block, tenon_code_block_t target) {
  if (ends_at_once(code, target)) return;
  struct {
    tenon_var_t* data;
    size_t count, capacity;
  } dying = {0};
  const uint64_t* live_out = &liveness->live_out[block * liveness->word_count];
  const uint64_t* live_in = &liveness->live_in[target * liveness->word_count];
  for (size_t i = 0; i < liveness->word_count; ++i) {
    for (uint64_t word = live_out[i] & ~live_in[i]; word; word &= word - 1) {
      tenon_var_t var = (tenon_var_t)(i * 64 + (size_t)__builtin_ctzll(word));
      if (tenon_code_class(code, var) == TENON_CLASS_REF) TENON_APPEND(&dying, var);
    }
  }
  prepend_drops(code, target, dying.data, dying.count);
  free(dying.data);
}

static void drop_on_edges(tenon_code_t* code, const tenon_liveness_t* liveness,
                          tenon_code_block_t block) {
  struct {
    tenon_code_block_t* data;
    size_t count, capacity;
  } targets = {0};
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    const tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    for (uint32_t j = 0; j < list->data[i].operand_count; ++j) {
      if (operands[j].kind != TENON_OPERAND_BLOCK) continue;
      TENON_APPEND(&targets, (tenon_code_block_t)operands[j].value);
    }
  }
  for (size_t i = 0; i < targets.count && targets.count > 1; ++i) {
    drop_on_edge(code, liveness, block, targets.data[i]);
  }
  free(targets.data);
}

// Arguments that are never read.
static void drop_arguments(tenon_code_t* code, const tenon_liveness_t* liveness) {
  tenon_code_block_t entry = code->order.data[0];
  tenon_var_t* unread = tenon_xcalloc(code->argument_count, sizeof(*unread));
  size_t count = 0;
  for (tenon_var_t var = 0; var < code->argument_count; ++var) {
    bool read = tenon_live(liveness, liveness->live_in, entry, var);
    if (!read && tenon_code_class(code, var) == TENON_CLASS_REF) unread[count++] = var;
  }
  prepend_drops(code, entry, unread, count);
  free(unread);
}

static void copy_live_out(const tenon_liveness_t* liveness, tenon_code_block_t block,
                          uint64_t* live) {
  for (size_t i = 0; i < liveness->word_count; ++i) {
    live[i] = liveness->live_out[block * liveness->word_count + i];
  }
}

// Goes on until everything left is read: what was removed may have been the only reader of
// something in another block.
static void remove_unread(tenon_code_t* code, uint64_t* live) {
  bool removed = true;
  while (removed) {
    removed = false;
    tenon_liveness_t liveness = tenon_liveness_compute(code);
    for (size_t i = 0; i < code->order.count; ++i) {
      tenon_code_block_t block = code->order.data[i];
      copy_live_out(&liveness, block, live);
      removed |= remove_unread_in_block(code, &code->blocks.data[block], live);
    }
    tenon_liveness_free(&liveness);
    if (code->order.count == 1) break;
  }
}

void tenon_code_release_refs(tenon_code_t* code) {
  uint64_t* live = tenon_xcalloc((code->variables.count + 63) / 64, sizeof(uint64_t));
  remove_unread(code, live);
  tenon_liveness_t liveness = tenon_liveness_compute(code);
  for (size_t i = 0; i < code->order.count; ++i) {
    copy_live_out(&liveness, code->order.data[i], live);
    release_in_block(code, code->order.data[i], live);
  }
  for (size_t i = 0; i < code->order.count; ++i) {
    drop_on_edges(code, &liveness, code->order.data[i]);
  }
  drop_arguments(code, &liveness);
  free(live);
  tenon_liveness_free(&liveness);
}
