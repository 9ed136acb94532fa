// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/emit/code.h"

#include <stdlib.h>

#include "format/op_info.h"

void tenon_code_free(tenon_code_t* code) {
  for (size_t i = 0; i < code->blocks.count; ++i) free(code->blocks.data[i].data);
  free(code->variables.data);
  free(code->blocks.data);
  free(code->order.data);
  free(code->operands.data);
  free(code->sources.data);
}

tenon_var_t tenon_code_new_var(tenon_code_t* code, tenon_register_class_t register_class) {
  TENON_APPEND(&code->variables, (uint8_t)register_class);
  return (tenon_var_t)(code->variables.count - 1);
}

tenon_code_block_t tenon_code_new_block(tenon_code_t* code) {
  TENON_APPEND(&code->blocks, ((tenon_instruction_list_t){0}));
  return (tenon_code_block_t)(code->blocks.count - 1);
}

static tenon_operand_kind_t kind_of_letter(char letter) {
  switch (letter) {
    case 'i':
    case 'l':
    case 'f':
    case 'd':
    case 'r':
      return TENON_OPERAND_USE;
    case 'I':
    case 'L':
    case 'F':
    case 'D':
    case 'R':
      return TENON_OPERAND_DEF;
    case 'b':
      return TENON_OPERAND_BLOCK;
    default:
      return TENON_OPERAND_VALUE;
  }
}

tenon_instruction_t tenon_code_make(tenon_code_t* code, tenon_op_t op, const uint64_t* values,
                                    size_t count) {
  tenon_instruction_t instruction = {
      .op = op,
      .operand_begin = (uint32_t)code->operands.count,
      .operand_count = (uint32_t)count,
  };
  for (size_t i = 0; i < count; ++i) {
    tenon_operand_kind_t kind = kind_of_letter(tenon_op_operands[op][i]);
    TENON_APPEND(&code->operands, ((tenon_operand_t){kind, false, values[i]}));
  }
  return instruction;
}

tenon_instruction_t tenon_code_make_list(tenon_code_t* code, tenon_op_t op,
                                         const tenon_operand_t* operands, size_t count) {
  tenon_instruction_t instruction = {
      .op = op,
      .operand_begin = (uint32_t)code->operands.count,
      .operand_count = (uint32_t)count,
  };
  for (size_t i = 0; i < count; ++i) TENON_APPEND(&code->operands, operands[i]);
  return instruction;
}

// What sets no variable is there for what it does. Of the others calls do something, and what may
// fail by what an object is.
bool tenon_code_is_pure(tenon_op_t op) {
  char first = tenon_op_operands[op][0];
  if (kind_of_letter(first) != TENON_OPERAND_DEF) return false;
  switch (op) {
    case TENON_OP_TURN_TAKE:
    case TENON_OP_CAST_REF:
    case TENON_OP_BUFFER_CLONE:
    case TENON_OP_BUFFER_COMPARE:
    case TENON_OP_ADD_BR_SLT_I32:
    case TENON_OP_ADD_BR_SLT_I64:
      return false;
    default:
      return !(op >= TENON_OP_BUFFER_LOAD_I8 && op <= TENON_OP_BUFFER_LOAD_F64) &&
             !(op >= TENON_OP_LIST_GET_I32 && op <= TENON_OP_LIST_GET_REF);
  }
}

bool tenon_code_is_copy(tenon_op_t op) {
  return op == TENON_OP_MOV_I32 || op == TENON_OP_MOV_I64 || op == TENON_OP_MOV_F32 ||
         op == TENON_OP_MOV_F64 || op == TENON_OP_MOV_REF;
}
