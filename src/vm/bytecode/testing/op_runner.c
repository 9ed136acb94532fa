// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "vm/bytecode/testing/op_runner.h"

const char* const op_mnemonics[TENON_OP_COUNT] = {
#define TENON_OP_MNEMONIC(name, mnemonic, operands) mnemonic,
    TENON_OPS(TENON_OP_MNEMONIC)
#undef TENON_OP_MNEMONIC
};
bool op_covered[TENON_OP_COUNT];

static tenon_register_class_t class_of(char letter) {
  switch (letter) {
    case 'i':
    case 'I':
      return TENON_CLASS_I32;
    case 'l':
    case 'L':
      return TENON_CLASS_I64;
    case 'f':
    case 'F':
      return TENON_CLASS_F32;
    case 'd':
    case 'D':
      return TENON_CLASS_F64;
    default:
      return TENON_CLASS_REF;
  }
}

static bool has_letter(tenon_op_t op, const char* letters) {
  return strpbrk(tenon_op_operands[op], letters) != NULL;
}

static bool is_own(const op_program_t* program, size_t operand) {
  return program->same_as[operand] == operand;
}

// Arguments: the values that are read, in order, then all refs. Results: the value that is written,
// whether the branch is taken, the refs.
static void make_convention(const op_program_t* program, char* cconv) {
  static const char class_letters[] = "iIfFr";
  const char* letters = tenon_op_operands[program->op];
  *cconv++ = '0';
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i]) && is_own(program, i)) {
      *cconv++ = class_letters[class_of(letters[i])];
    }
  }
  for (int i = 0; i < OP_REFS; ++i) *cconv++ = 'r';
  *cconv++ = '_';
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ILFD", letters[i])) *cconv++ = class_letters[class_of(letters[i])];
  }
  if (has_letter(program->op, "b")) *cconv++ = 'i';
  for (int i = 0; i < OP_REFS; ++i) *cconv++ = 'r';
  *cconv = 0;
}

static void fill_module(test_module_t* module) {
  static const uint8_t bytes[] = {1, 2, 3, 4, 5};
  tenon_writer_add_type(module->writer, text_of(module, "vm.buffer"));
  tenon_writer_add_type(module->writer, text_of(module, "vm.list"));
  for (int i = 0; i < OP_GLOBALS; ++i) {
    tenon_writer_add_ref_global(module->writer);
    tenon_writer_add_value_global(module->writer);
  }
  tenon_writer_add_rodata(module->writer, TENON_RODATA_DATA, text_of(module, "bytes"), bytes,
                          sizeof(bytes));
  tenon_writer_add_rodata(module->writer, TENON_RODATA_DATA, 0, bytes, 0);
}

// The registers of values; what is written goes to |results|. Returns how many results there are.
static size_t place_values(const op_program_t* program, tenon_assembler_t* as, uint64_t* registers,
                           tenon_register_t* results) {
  const char* letters = tenon_op_operands[program->op];
  size_t argument = 0, result_count = 0;
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i]) && is_own(program, i)) {
      registers[i] = tenon_assembler_argument(as, argument++);
    }
  }
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i])) registers[i] = registers[program->same_as[i]];
    if (!strchr("ILFD", letters[i])) continue;
    registers[i] = is_own(program, i) ? tenon_assembler_new_register(as, class_of(letters[i]))
                                      : registers[program->same_as[i]];
    results[result_count++] = (tenon_register_t)registers[i];
  }
  return result_count;
}

static size_t argument_count(const op_program_t* program) {
  const char* letters = tenon_op_operands[program->op];
  size_t count = 0;
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i]) && is_own(program, i)) ++count;
  }
  return count;
}

static void assemble(const op_program_t* program, tenon_assembler_t* as, const uint64_t* operands) {
  const char* letters = tenon_op_operands[program->op];
  uint64_t encoded[TENON_MAX_OPERANDS] = {0};
  tenon_register_t refs[OP_REFS], results[2 + OP_REFS];
  for (size_t i = 0; i < OP_REFS; ++i) {
    refs[i] = tenon_assembler_argument(as, argument_count(program) + i);
  }
  tenon_label_t target = tenon_assembler_new_label(as);
  for (size_t i = 0; letters[i]; ++i) {
    encoded[i] = letters[i] == 'b' ? target : operands[i];
    if (letters[i] == 'r' || letters[i] == 'R') {
      encoded[i] = refs[operands[i] & ~(uint64_t)TENON_REG_MOVE] | (operands[i] & TENON_REG_MOVE);
    }
  }
  size_t result_count = place_values(program, as, encoded, results);
  bool is_branch = has_letter(program->op, "b");
  tenon_register_t taken = is_branch ? tenon_assembler_new_register(as, TENON_CLASS_I32) : 0;
  if (is_branch) results[result_count++] = taken;
  for (size_t i = 0; i < OP_REFS; ++i) results[result_count++] = refs[i];
  tenon_assembler_emit(as, program->op, encoded, strlen(letters));
  tenon_assembler_return(as, results, result_count);
  tenon_assembler_bind(as, target);
  if (is_branch) TENON_EMIT(as, TENON_OP_CONST_I32, taken, 1);
  tenon_assembler_return(as, results, result_count);
}

op_program_t op_program(tenon_op_t op, const uint64_t* operands, const uint8_t* same_as) {
  op_program_t program = {.op = op, .module = begin_module()};
  for (uint8_t i = 0; i < TENON_MAX_OPERANDS; ++i) {
    program.same_as[i] = same_as && tenon_op_operands[op][i] ? same_as[i] : i;
    if (!tenon_op_operands[op][i]) break;
  }
  test_module_t* module = &program.module;
  fill_module(module);
  char cconv[32];
  make_convention(&program, cconv);
  tenon_assembler_t* as =
      tenon_assembler_create(module->writer, declare_export(module, "run", cconv));
  assemble(&program, as, operands);
  tenon_assembler_finish(as);
  load_module(module);
  program.inputs = make_list();
  program.outputs = make_list();
  return program;
}

void op_program_end(op_program_t* program) {
  iree_vm_list_release(program->inputs);
  iree_vm_list_release(program->outputs);
  end_module(&program->module);
}

static void push_bits(iree_vm_list_t* list, char letter, uint64_t bits) {
  static const iree_vm_value_type_t types[] = {IREE_VM_VALUE_TYPE_I32, IREE_VM_VALUE_TYPE_I64,
                                               IREE_VM_VALUE_TYPE_F32, IREE_VM_VALUE_TYPE_F64};
  iree_vm_value_t value = {.type = types[class_of(letter)]};
  memcpy(value.value_storage, &bits, sizeof(bits));
  IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
}

static uint64_t get_bits(iree_vm_list_t* list, size_t i) {
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value(list, i, &value));
  bool is_wide = value.type == IREE_VM_VALUE_TYPE_I64 || value.type == IREE_VM_VALUE_TYPE_F64;
  return is_wide ? (uint64_t)value.i64 : (uint32_t)value.i32;
}

iree_status_t op_call(op_program_t* program, const uint64_t* operands, iree_vm_ref_t* refs,
                      op_result_t* out_result) {
  const char* letters = tenon_op_operands[program->op];
  iree_vm_list_clear(program->inputs);
  iree_vm_list_clear(program->outputs);
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i]) && is_own(program, i)) {
      push_bits(program->inputs, letters[i], operands[i]);
    }
  }
  for (size_t i = 0; i < OP_REFS; ++i) {
    iree_vm_ref_t null = iree_vm_ref_null();
    IREE_CHECK_OK(iree_vm_list_push_ref_retain(program->inputs, refs ? &refs[i] : &null));
  }
  IREE_RETURN_IF_ERROR(
      tenon_harness_call(&program->module.harness, "run", program->inputs, program->outputs));
  op_covered[program->op] = true;
  iree_vm_list_clear(program->inputs);
  size_t next = 0;
  op_result_t result = {0};
  if (has_letter(program->op, "ILFD")) result.value = get_bits(program->outputs, next++);
  if (has_letter(program->op, "b")) result.taken = get_bits(program->outputs, next++) != 0;
  for (size_t i = 0; i < OP_REFS && refs; ++i) {
    IREE_CHECK_OK(iree_vm_list_get_ref_retain(program->outputs, next + i, &refs[i]));
  }
  iree_vm_list_clear(program->outputs);
  *out_result = result;
  return iree_ok_status();
}

iree_status_t op_run(tenon_op_t op, const uint64_t* operands, iree_vm_ref_t* refs,
                     op_result_t* out_result) {
  op_program_t program = op_program(op, operands, NULL);
  iree_status_t status = op_call(&program, operands, refs, out_result);
  op_program_end(&program);
  return status;
}
