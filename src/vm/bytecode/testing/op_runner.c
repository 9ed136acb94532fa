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

// Arguments: the values that are read, in order, then all refs. Results: the value that is written,
// whether the branch is taken, the refs.
static void make_convention(tenon_op_t op, char* cconv) {
  static const char letters[] = "iIfFr";
  *cconv++ = '0';
  for (const char* letter = tenon_op_operands[op]; *letter; ++letter) {
    if (strchr("ilfd", *letter)) *cconv++ = letters[class_of(*letter)];
  }
  for (int i = 0; i < OP_REFS; ++i) *cconv++ = 'r';
  *cconv++ = '_';
  for (const char* letter = tenon_op_operands[op]; *letter; ++letter) {
    if (strchr("ILFD", *letter)) *cconv++ = letters[class_of(*letter)];
  }
  if (has_letter(op, "b")) *cconv++ = 'i';
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
}

op_program_t op_program(tenon_op_t op, const uint64_t* operands) {
  op_program_t program = {.op = op, .module = begin_module()};
  test_module_t* module = &program.module;
  const char* letters = tenon_op_operands[op];
  fill_module(module);
  char cconv[32];
  make_convention(op, cconv);
  tenon_assembler_t* as =
      tenon_assembler_create(module->writer, declare_export(module, "run", cconv));
  tenon_label_t taken = tenon_assembler_new_label(as);
  size_t count = strlen(letters), value_count = 0;
  tenon_register_t results[2 + OP_REFS];
  size_t result_count = 0;
  for (size_t i = 0; i < count; ++i) {
    program.operands[i] = operands[i];
    if (strchr("ilfd", letters[i])) {
      program.operands[i] = tenon_assembler_argument(as, value_count++);
    }
  }
  tenon_register_t refs[OP_REFS];
  for (size_t i = 0; i < OP_REFS; ++i) refs[i] = tenon_assembler_argument(as, value_count + i);
  for (size_t i = 0; i < count; ++i) {
    if (strchr("ILFD", letters[i])) {
      bool is_shared = operands[i] >= OP_SAME_AS(0);
      results[result_count++] =
          is_shared ? (tenon_register_t)program.operands[operands[i] - OP_SAME_AS(0)]
                    : tenon_assembler_new_register(as, class_of(letters[i]));
      program.operands[i] = results[result_count - 1];
    } else if (letters[i] == 'b') {
      program.operands[i] = taken;
    } else if (letters[i] == 'r' || letters[i] == 'R') {
      program.operands[i] =
          refs[operands[i] & ~(uint64_t)TENON_REG_MOVE] | (operands[i] & TENON_REG_MOVE);
    }
  }
  bool is_branch = has_letter(op, "b");
  if (is_branch) results[result_count++] = tenon_assembler_new_register(as, TENON_CLASS_I32);
  for (size_t i = 0; i < OP_REFS; ++i) results[result_count++] = refs[i];
  tenon_assembler_emit(as, op, program.operands, count);
  tenon_assembler_return(as, results, result_count);
  tenon_assembler_bind(as, taken);
  if (is_branch) TENON_EMIT(as, TENON_OP_CONST_I32, results[result_count - OP_REFS - 1], 1);
  tenon_assembler_return(as, results, result_count);
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
  op_covered[program->op] = true;
  iree_vm_list_clear(program->inputs);
  iree_vm_list_clear(program->outputs);
  for (size_t i = 0; letters[i]; ++i) {
    if (strchr("ilfd", letters[i])) push_bits(program->inputs, letters[i], operands[i]);
  }
  for (size_t i = 0; i < OP_REFS; ++i) {
    iree_vm_ref_t null = iree_vm_ref_null();
    IREE_CHECK_OK(iree_vm_list_push_ref_retain(program->inputs, refs ? &refs[i] : &null));
  }
  IREE_RETURN_IF_ERROR(
      tenon_harness_call(&program->module.harness, "run", program->inputs, program->outputs));
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
  op_program_t program = op_program(op, operands);
  iree_status_t status = op_call(&program, operands, refs, out_result);
  op_program_end(&program);
  return status;
}
