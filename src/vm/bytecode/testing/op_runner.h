// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs one instruction of the op table on values and references given by a test, and shows all that
// it has done to the registers. For cmocka programs: include after cmocka.h.

#ifndef TENON_VM_BYTECODE_TESTING_OP_RUNNER_H_
#define TENON_VM_BYTECODE_TESTING_OP_RUNNER_H_

#include "format/op_info.h"
#include "vm/bytecode/testing/test_module.h"

// Ref registers of a run.
#define OP_REFS 3

// What the operands that are indices can name: types TENON_TYPE_REF(OP_TYPE_BUFFER) and
// (OP_TYPE_LIST), OP_GLOBALS globals of each kind, the string "bytes", a segment of constants (the
// bytes 1 to 5) and an empty one.
enum { OP_TYPE_BUFFER = 0, OP_TYPE_LIST = 1, OP_GLOBALS = 4, OP_STRING_BYTES = 4 };

// A function around one instruction, in a context of its own.
typedef struct op_program_t {
  tenon_op_t op;
  uint8_t same_as[TENON_MAX_OPERANDS];
  test_module_t module;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} op_program_t;

// What a run has given.
typedef struct op_result_t {
  uint64_t value;  // of the value register that the instruction writes, if any
  bool taken;      // of a branch
} op_result_t;

extern const char* const op_mnemonics[TENON_OP_COUNT];

// Makes the program. One entry of |operands| per letter: the number (0 to 2) of a ref register, with
// TENON_REG_MOVE or without; an immediate; a type; an index. The entries of values don't matter here.
// |same_as| has, per letter of a value, the operand whose register it has: its own number, or that
// of one that is read and has a register of its own. NULL: each has its own.
op_program_t op_program(tenon_op_t op, const uint64_t* operands, const uint8_t* same_as);
void op_program_end(op_program_t* program);

// Runs it, with the entries of |operands| as the bits of the values that it reads (of registers of
// their own). |refs|, or NULL
// for nulls, are copied to the ref registers beforehand and replaced by what these hold afterwards,
// if it succeeds.
iree_status_t op_call(op_program_t* program, const uint64_t* operands, iree_vm_ref_t* refs,
                      op_result_t* out_result);

// All of this once.
iree_status_t op_run(tenon_op_t op, const uint64_t* operands, iree_vm_ref_t* refs,
                     op_result_t* out_result);

// Which instructions have run without a failure.
extern bool op_covered[TENON_OP_COUNT];

#endif  // TENON_VM_BYTECODE_TESTING_OP_RUNNER_H_
