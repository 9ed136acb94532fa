// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An addition and the branch on its result become one instruction: the end of most loops that
// count.

#include "compiler/emit/code.h"

// How far before the branch the addition may stand.
#define WINDOW 16

// Whether |instruction| names |reg|, or only whether it sets it.
static bool names(const tenon_code_t* code, const tenon_registers_t* registers,
                  const tenon_instruction_t* instruction, tenon_register_t reg, bool only_sets) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    bool sets = operands[i].kind == TENON_OPERAND_DEF;
    bool reads = operands[i].kind == TENON_OPERAND_USE && !only_sets;
    if ((sets || reads) && registers->of[operands[i].value] == reg) return true;
  }
  return false;
}

static bool leaves(const tenon_code_t* code, const tenon_instruction_t* instruction) {
  const tenon_operand_t* operands = tenon_code_operands(code, instruction);
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    if (operands[i].kind == TENON_OPERAND_BLOCK) return true;
  }
  return false;
}

// The place in |list| of the addition that sets |reg| and can be done right before |branch| as
// well: nothing in between names what it sets, sets what it reads, or goes elsewhere, where what it
// sets may be read. |branch| when there is none.
static size_t find_addition(const tenon_code_t* code, const tenon_registers_t* registers,
                            const tenon_instruction_list_t* list, size_t branch, tenon_op_t add,
                            tenon_register_t reg) {
  size_t i = branch;
  while (i-- > 0 && branch - i <= WINDOW) {
    const tenon_instruction_t* instruction = &list->data[i];
    if (leaves(code, instruction)) return branch;
    if (!names(code, registers, instruction, reg, false)) continue;
    const tenon_operand_t* operands = tenon_code_operands(code, instruction);
    if (instruction->op != add || registers->of[operands[0].value] != reg) return branch;
    for (size_t j = i + 1; j < branch; ++j) {
      if (names(code, registers, &list->data[j], registers->of[operands[1].value], true) ||
          names(code, registers, &list->data[j], registers->of[operands[2].value], true)) {
        return branch;
      }
    }
    return i;
  }
  return branch;
}

static void fuse(tenon_code_t* code, const tenon_registers_t* registers,
                 tenon_instruction_list_t* list, size_t branch) {
  tenon_op_t op = list->data[branch].op;
  bool wide = op == TENON_OP_BR_SLT_I64;
  if (op != TENON_OP_BR_SLT_I32 && !wide) return;
  const tenon_operand_t* compared = tenon_code_operands(code, &list->data[branch]);
  tenon_register_t reg = registers->of[compared[0].value];
  if (registers->of[compared[1].value] == reg) return;
  size_t place =
      find_addition(code, registers, list, branch, wide ? TENON_OP_ADD_I64 : TENON_OP_ADD_I32, reg);
  if (place == branch) return;
  const tenon_operand_t* added = tenon_code_operands(code, &list->data[place]);
  const uint64_t values[] = {added[0].value, added[1].value, added[2].value, compared[1].value,
                             compared[2].value};
  uint32_t source = list->data[branch].source;
  list->data[branch] =
      tenon_code_make(code, wide ? TENON_OP_ADD_BR_SLT_I64 : TENON_OP_ADD_BR_SLT_I32, values, 5);
  list->data[branch].source = source;
  --list->count;
  for (size_t i = place; i < list->count; ++i) list->data[i] = list->data[i + 1];
}

void tenon_code_fuse(tenon_code_t* code, const tenon_registers_t* registers) {
  for (size_t i = 0; i < code->order.count; ++i) {
    tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    // From the end: what is fused leaves the places before it as they are.
    for (size_t j = list->count; j-- > 0;) fuse(code, registers, list, j);
  }
}
