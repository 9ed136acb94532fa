// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code with registers, through the assembler, into the module file.

#include <stdlib.h>

#include "compiler/emit/code.h"

typedef struct encoder_t {
  const tenon_code_t* code;
  const tenon_registers_t* registers;
  tenon_assembler_t* as;
  tenon_label_t* labels;        // by block
  tenon_code_block_t* targets;  // by block: where a branch to it leads in the end
  struct {
    uint64_t* data;
    size_t count, capacity;
  } values;  // scratch
  struct {
    tenon_register_t* data;
    size_t count, capacity;
  } list;  // scratch
} encoder_t;

// A copy of a register to itself.
static bool is_identity(const encoder_t* encoder, const tenon_instruction_t* instruction) {
  if (!tenon_code_is_copy(instruction->op)) return false;
  const tenon_operand_t* operands = tenon_code_operands(encoder->code, instruction);
  return encoder->registers->of[operands[0].value] == encoder->registers->of[operands[1].value];
}

// A block that only branches on.
static bool is_trivial(const encoder_t* encoder, tenon_code_block_t block,
                       tenon_code_block_t* out_target) {
  const tenon_instruction_list_t* list = &encoder->code->blocks.data[block];
  size_t i = 0;
  while (i < list->count && is_identity(encoder, &list->data[i])) ++i;
  if (i == list->count || list->data[i].op != TENON_OP_BR) return false;
  *out_target = (tenon_code_block_t)tenon_code_operands(encoder->code, &list->data[i])[0].value;
  return true;
}

// Follows trivial blocks; a ring of them, a loop without end, stays where it began.
static tenon_code_block_t final_target(const encoder_t* encoder, tenon_code_block_t block) {
  tenon_code_block_t target = block;
  for (size_t i = 0; i < encoder->code->blocks.count; ++i) {
    if (!is_trivial(encoder, target, &target)) return target;
  }
  return block;
}

static tenon_register_t operand_register(const encoder_t* encoder, const tenon_operand_t* operand) {
  if (operand->kind == TENON_OPERAND_SPAN) return tenon_register_span((uint32_t)operand->value);
  tenon_register_t reg = encoder->registers->of[operand->value];
  return operand->move ? tenon_register_move(reg) : reg;
}

static void encode_call(encoder_t* encoder, const tenon_instruction_t* instruction) {
  const tenon_operand_t* operands = tenon_code_operands(encoder->code, instruction);
  encoder->list.count = 0;
  size_t argument_count = 0;
  for (uint32_t i = 1; i < instruction->operand_count; ++i) {
    TENON_APPEND(&encoder->list, operand_register(encoder, &operands[i]));
    if (operands[i].kind != TENON_OPERAND_DEF) ++argument_count;
  }
  const tenon_register_t* results = encoder->list.data + argument_count;
  size_t result_count = encoder->list.count - argument_count;
  (instruction->op == TENON_OP_CALL ? tenon_assembler_call : tenon_assembler_call_import)(
      encoder->as, (uint32_t)operands[0].value, encoder->list.data, argument_count, results,
      result_count);
}

static void encode_return(encoder_t* encoder, const tenon_instruction_t* instruction) {
  const tenon_operand_t* operands = tenon_code_operands(encoder->code, instruction);
  encoder->list.count = 0;
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    TENON_APPEND(&encoder->list, encoder->registers->of[operands[i].value]);
  }
  tenon_assembler_return(encoder->as, encoder->list.data, encoder->list.count);
}

static void encode_plain(encoder_t* encoder, const tenon_instruction_t* instruction) {
  const tenon_operand_t* operands = tenon_code_operands(encoder->code, instruction);
  encoder->values.count = 0;
  for (uint32_t i = 0; i < instruction->operand_count; ++i) {
    uint64_t value = operands[i].value;
    if (operands[i].kind == TENON_OPERAND_BLOCK) {
      value = encoder->labels[encoder->targets[value]];
    } else if (operands[i].kind != TENON_OPERAND_VALUE) {
      value = operand_register(encoder, &operands[i]);
    }
    TENON_APPEND(&encoder->values, value);
  }
  tenon_assembler_emit(encoder->as, instruction->op, encoder->values.data, encoder->values.count);
}

static void encode_instruction(encoder_t* encoder, const tenon_instruction_t* instruction) {
  if (is_identity(encoder, instruction)) return;
  if (instruction->source) {
    const tenon_source_t* source = &encoder->code->sources.data[instruction->source];
    tenon_assembler_location(encoder->as, source->file, source->line, source->column,
                             source->context);
  }
  if (instruction->op == TENON_OP_CALL || instruction->op == TENON_OP_CALL_IMPORT) {
    encode_call(encoder, instruction);
  } else if (instruction->op == TENON_OP_RETURN) {
    encode_return(encoder, instruction);
  } else {
    encode_plain(encoder, instruction);
  }
}

// |next| is the block that follows: a branch to it at the end is not needed.
static void encode_block(encoder_t* encoder, tenon_code_block_t block, tenon_code_block_t next) {
  tenon_assembler_bind(encoder->as, encoder->labels[block]);
  const tenon_instruction_list_t* list = &encoder->code->blocks.data[block];
  for (size_t i = 0; i < list->count; ++i) {
    const tenon_instruction_t* instruction = &list->data[i];
    if (i + 1 == list->count && instruction->op == TENON_OP_BR &&
        encoder->targets[tenon_code_operands(encoder->code, instruction)[0].value] == next) {
      return;
    }
    encode_instruction(encoder, instruction);
  }
}

void tenon_code_encode(const tenon_code_t* code, const tenon_registers_t* registers,
                       tenon_writer_t* writer, uint32_t function) {
  size_t block_count = code->blocks.count, kept_count = 0;
  encoder_t encoder = {.code = code, .registers = registers};
  encoder.as = tenon_assembler_create(writer, function);
  encoder.labels = tenon_xcalloc(block_count, sizeof(*encoder.labels));
  encoder.targets = tenon_xcalloc(block_count, sizeof(*encoder.targets));
  tenon_code_block_t* kept = tenon_xcalloc(block_count + 1, sizeof(*kept));
  for (size_t i = 0; i < code->order.count; ++i) {
    tenon_code_block_t block = code->order.data[i];
    encoder.targets[block] = final_target(&encoder, block);
    if (i > 0 && encoder.targets[block] != block) continue;
    encoder.labels[block] = tenon_assembler_new_label(encoder.as);
    kept[kept_count++] = block;
  }
  kept[kept_count] = UINT32_MAX;  // nothing follows the last
  for (size_t i = 0; i < kept_count; ++i) encode_block(&encoder, kept[i], kept[i + 1]);
  tenon_assembler_finish(encoder.as);
  free(kept);
  free(encoder.values.data);
  free(encoder.list.data);
  free(encoder.targets);
  free(encoder.labels);
}
