// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fewer branches on the way: edges on which nothing is left to do vanish, a loop tests at its end
// whether it goes on, and what follows is fallen into. Runs when registers are known, so that
// copies of a register to itself are known too.

#include <stdlib.h>

#include "compiler/emit/code.h"

// A block at most this long is copied to where a branch to it stands.
#define MAX_COPIED 6

// How far a chain of branches is followed; also ends the way around a loop that does nothing.
#define MAX_CHAIN 64

static tenon_instruction_t* last_of(const tenon_code_t* code, tenon_code_block_t block) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  return &list->data[list->count - 1];
}

// The target of a branch, its last operand.
static tenon_operand_t* target_of(const tenon_code_t* code,
                                  const tenon_instruction_t* instruction) {
  return &tenon_code_operands(code, instruction)[instruction->operand_count - 1];
}

static bool is_conditional(const tenon_instruction_t* instruction) {
  return instruction->op >= TENON_OP_BR_IF && instruction->op <= TENON_OP_BR_ULE_I64;
}

//===----------------------------------------------------------------------===//
// Threading
//===----------------------------------------------------------------------===//

static void drop_identities(const tenon_code_t* code, const tenon_registers_t* registers,
                            tenon_instruction_list_t* list) {
  size_t count = 0;
  for (size_t i = 0; i < list->count; ++i) {
    const tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    bool is_identity = tenon_code_is_copy(list->data[i].op) &&
                       registers->of[operands[0].value] == registers->of[operands[1].value];
    if (!is_identity) list->data[count++] = list->data[i];
  }
  list->count = count;
}

// Past the blocks that only branch on.
static uint64_t final_target(const tenon_code_t* code, uint64_t block) {
  for (int i = 0; i < MAX_CHAIN; ++i) {
    const tenon_instruction_list_t* list = &code->blocks.data[block];
    if (list->data[0].op != TENON_OP_BR) break;
    block = target_of(code, &list->data[0])->value;
  }
  return block;
}

static void thread(const tenon_code_t* code, const tenon_instruction_list_t* list) {
  for (size_t i = 0; i < list->count; ++i) {
    tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
    for (uint32_t j = 0; j < list->data[i].operand_count; ++j) {
      if (operands[j].kind != TENON_OPERAND_BLOCK) continue;
      operands[j].value = final_target(code, operands[j].value);
    }
  }
}

static void mark(const tenon_code_t* code, bool* marks, tenon_code_block_t* pending) {
  size_t count = 1;
  pending[0] = code->order.data[0];
  marks[pending[0]] = true;
  while (count > 0) {
    const tenon_instruction_list_t* list = &code->blocks.data[pending[--count]];
    for (size_t i = 0; i < list->count; ++i) {
      const tenon_operand_t* operands = tenon_code_operands(code, &list->data[i]);
      for (uint32_t j = 0; j < list->data[i].operand_count; ++j) {
        if (operands[j].kind != TENON_OPERAND_BLOCK || marks[operands[j].value]) continue;
        marks[operands[j].value] = true;
        pending[count++] = (tenon_code_block_t)operands[j].value;
      }
    }
  }
}

static void drop_unreached(tenon_code_t* code) {
  bool* marks = tenon_xcalloc(code->blocks.count, sizeof(*marks));
  tenon_code_block_t* pending = tenon_xcalloc(code->blocks.count, sizeof(*pending));
  mark(code, marks, pending);
  size_t count = 0;
  for (size_t i = 0; i < code->order.count; ++i) {
    if (marks[code->order.data[i]]) code->order.data[count++] = code->order.data[i];
  }
  code->order.count = count;
  free(pending);
  free(marks);
}

//===----------------------------------------------------------------------===//
// Tests of loops, and returns, in the place of branches to them
//===----------------------------------------------------------------------===//

// A block that decides where to go, or returns, and does little else.
static bool is_worth_copying(const tenon_code_t* code, tenon_code_block_t block) {
  const tenon_instruction_list_t* list = &code->blocks.data[block];
  if (list->count == 1) return list->data[0].op == TENON_OP_RETURN;
  if (list->count > MAX_COPIED) return false;
  for (size_t i = 0; i + 2 < list->count; ++i) {
    tenon_op_t op = list->data[i].op;
    if (op == TENON_OP_CALL || op == TENON_OP_CALL_IMPORT) return false;
  }
  return is_conditional(&list->data[list->count - 2]);
}

static void copy_target(const tenon_code_t* code, tenon_code_block_t block,
                        tenon_code_block_t next) {
  const tenon_instruction_t* last = last_of(code, block);
  if (last->op != TENON_OP_BR) return;
  tenon_code_block_t target = (tenon_code_block_t)target_of(code, last)->value;
  if (target == next || target == block || !is_worth_copying(code, target)) return;
  tenon_instruction_list_t* list = &code->blocks.data[block];
  --list->count;
  for (size_t i = 0; i < code->blocks.data[target].count; ++i) {
    TENON_APPEND(list, code->blocks.data[target].data[i]);
  }
}

//===----------------------------------------------------------------------===//
// Falling into what follows
//===----------------------------------------------------------------------===//

// Makes the conditional branch one to |target| if the condition does not hold. Operands may be
// shared with copies of the instruction, so it gets new ones.
static bool invert(tenon_code_t* code, tenon_instruction_t* instruction, uint64_t target) {
  if (instruction->op == TENON_OP_BR_IF) return false;
  // eq and ne exchange; a < b becomes b <= a, a <= b becomes b < a.
  static const uint8_t inverse[] = {1, 0, 3, 2, 5, 4};
  uint32_t first = instruction->op < TENON_OP_BR_EQ_I64 ? TENON_OP_BR_EQ_I32 : TENON_OP_BR_EQ_I64;
  uint32_t kind = (uint32_t)instruction->op - first;
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  bool swap = kind >= 2;
  uint64_t values[] = {operands[swap].value, operands[!swap].value, target};
  uint32_t source = instruction->source;
  *instruction = tenon_code_make(code, (tenon_op_t)(first + inverse[kind]), values, 3);
  instruction->source = source;
  return true;
}

// The block's end when it is a conditional branch and one for the other case: the second goes if it
// leads to |next|, if need be after the two have changed places. Otherwise the first is the one
// that leads back, and so is taken most.
static void join_branches(tenon_code_t* code, const uint32_t* places, tenon_code_block_t block,
                          tenon_code_block_t next) {
  tenon_instruction_list_t* list = &code->blocks.data[block];
  if (list->count < 2 || last_of(code, block)->op != TENON_OP_BR) return;
  tenon_instruction_t* condition = &list->data[list->count - 2];
  if (!is_conditional(condition)) return;
  uint64_t taken = target_of(code, condition)->value;
  uint64_t other = target_of(code, last_of(code, block))->value;
  bool leads_back = places[other] <= places[block] && places[taken] > places[block];
  if (other == next || (taken != next && !leads_back)) return;
  if (!invert(code, condition, other)) return;
  *last_of(code, block) = tenon_code_make(code, TENON_OP_BR, &taken, 1);
}

static void fall_through(tenon_code_t* code, tenon_code_block_t block, tenon_code_block_t next) {
  const tenon_instruction_t* last = last_of(code, block);
  if (last->op == TENON_OP_BR && target_of(code, last)->value == next) {
    --code->blocks.data[block].count;
  }
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

// What follows the block at |place| of the order.
static tenon_code_block_t next_of(const tenon_code_t* code, size_t place) {
  return place + 1 < code->order.count ? code->order.data[place + 1] : UINT32_MAX;
}

void tenon_code_thread_jumps(tenon_code_t* code, const tenon_registers_t* registers) {
  for (size_t i = 0; i < code->order.count; ++i) {
    drop_identities(code, registers, &code->blocks.data[code->order.data[i]]);
  }
  for (size_t i = 0; i < code->order.count; ++i) {
    thread(code, &code->blocks.data[code->order.data[i]]);
  }
  drop_unreached(code);
  for (size_t i = 0; i < code->order.count; ++i) {
    copy_target(code, code->order.data[i], next_of(code, i));
  }
  drop_unreached(code);
  uint32_t* places = tenon_xcalloc(code->blocks.count, sizeof(*places));
  for (size_t i = 0; i < code->order.count; ++i) places[code->order.data[i]] = (uint32_t)i;
  for (size_t i = 0; i < code->order.count; ++i) {
    join_branches(code, places, code->order.data[i], next_of(code, i));
    fall_through(code, code->order.data[i], next_of(code, i));
  }
  free(places);
}
