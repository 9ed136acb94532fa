// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code with registers, through the assembler, into the module file.

#include <stdlib.h>

#include "compiler/emit/code.h"

typedef struct encoder_t {
  const tenon_code_t* code;
  const tenon_registers_t* registers;
  tenon_assembler_t* as;
  tenon_label_t* labels;  // by block
  struct {
    uint64_t* data;
    size_t count, capacity;
  } values;  // scratch
  struct {
    tenon_register_t* data;
    size_t count, capacity;
  } list;  // scratch
} encoder_t;

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
      value = encoder->labels[value];
    } else if (operands[i].kind != TENON_OPERAND_VALUE) {
      value = operand_register(encoder, &operands[i]);
    }
    TENON_APPEND(&encoder->values, value);
  }
  tenon_assembler_emit(encoder->as, instruction->op, encoder->values.data, encoder->values.count);
}

static void encode_instruction(encoder_t* encoder, const tenon_instruction_t* instruction) {
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

void tenon_code_encode(const tenon_code_t* code, const tenon_registers_t* registers,
                       tenon_writer_t* writer, uint32_t function) {
  encoder_t encoder = {.code = code, .registers = registers};
  encoder.as = tenon_assembler_create(writer, function);
  encoder.labels = tenon_xcalloc(code->blocks.count, sizeof(*encoder.labels));
  for (size_t i = 0; i < code->order.count; ++i) {
    encoder.labels[code->order.data[i]] = tenon_assembler_new_label(encoder.as);
  }
  for (size_t i = 0; i < code->order.count; ++i) {
    tenon_assembler_bind(encoder.as, encoder.labels[code->order.data[i]]);
    const tenon_instruction_list_t* list = &code->blocks.data[code->order.data[i]];
    for (size_t j = 0; j < list->count; ++j) encode_instruction(&encoder, &list->data[j]);
  }
  tenon_assembler_finish(encoder.as);
  free(encoder.values.data);
  free(encoder.list.data);
  free(encoder.labels);
}
