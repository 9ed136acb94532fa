// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytecode before registers are chosen: instructions of format/ops.h on *variables*, as many as
// needed. A variable may be set more than once (block arguments are set on every edge). Lowering
// makes it, liveness.c and registers.c refine it, encode.c turns it into a function of the module
// file.

#ifndef TENON_COMPILER_EMIT_CODE_H_
#define TENON_COMPILER_EMIT_CODE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/support/memory.h"
#include "format/writer.h"

typedef uint32_t tenon_var_t;         // index into |variables|
typedef uint32_t tenon_code_block_t;  // index into |blocks|

typedef enum tenon_operand_kind_e {
  TENON_OPERAND_USE = 0,  // a variable that is read
  TENON_OPERAND_DEF,      // a variable that is set
  TENON_OPERAND_BLOCK,    // a branch target
  TENON_OPERAND_SPAN,     // in the arguments of a call: the number of tuples that follow
  TENON_OPERAND_VALUE,    // an immediate or an index
} tenon_operand_kind_t;

typedef struct tenon_operand_t {
  tenon_operand_kind_t kind;
  bool move;  // the variable, a ref, is given away here
  uint64_t value;
} tenon_operand_t;

// Where an instruction comes from, as strings of the module.
typedef struct tenon_source_t {
  uint32_t file, line, column, context;
} tenon_source_t;

// CALL and CALL_IMPORT: the callee, the arguments, the results. RETURN: the results. Others: as
// their operand string.
typedef struct tenon_instruction_t {
  tenon_op_t op;
  uint32_t operand_begin, operand_count;  // in |operands|
  uint32_t source;                        // index into |sources|; 0 is nowhere
} tenon_instruction_t;

typedef struct tenon_instruction_list_t {
  tenon_instruction_t* data;
  size_t count, capacity;
} tenon_instruction_list_t;

typedef struct tenon_code_t {
  struct {
    uint8_t* data;  // tenon_register_class_t
    size_t count, capacity;
  } variables;  // the first are the function's arguments, in order
  size_t argument_count;
  struct {
    tenon_instruction_list_t* data;
    size_t count, capacity;
  } blocks;
  struct {
    tenon_code_block_t* data;
    size_t count, capacity;
  } order;  // the blocks as they follow one another
  struct {
    tenon_operand_t* data;
    size_t count, capacity;
  } operands;
  struct {
    tenon_source_t* data;
    size_t count, capacity;
  } sources;
} tenon_code_t;

void tenon_code_free(tenon_code_t* code);

tenon_var_t tenon_code_new_var(tenon_code_t* code, tenon_register_class_t register_class);
static inline tenon_register_class_t tenon_code_class(const tenon_code_t* code, tenon_var_t var) {
  return (tenon_register_class_t)code->variables.data[var];
}
static inline tenon_operand_t* tenon_code_operands(const tenon_code_t* code,
                                                   const tenon_instruction_t* instruction) {
  return &code->operands.data[instruction->operand_begin];
}
// A block that is not yet in the order.
tenon_code_block_t tenon_code_new_block(tenon_code_t* code);

// An instruction other than calls and returns, whose |values| are what the operand string asks for.
tenon_instruction_t tenon_code_make(tenon_code_t* code, tenon_op_t op, const uint64_t* values,
                                    size_t count);
// An instruction with any operands.
tenon_instruction_t tenon_code_make_list(tenon_code_t* code, tenon_op_t op,
                                         const tenon_operand_t* operands, size_t count);

// May the instruction be left out when nothing reads what it sets? (Not so null.ref once it drops
// what is not read any more.)
bool tenon_code_is_pure(tenon_op_t op);
// mov.*: the operands are the target and the source.
bool tenon_code_is_copy(tenon_op_t op);

// coalesce.c: makes one variable of a value and what it is copied to, where nothing speaks against.
void tenon_code_coalesce(tenon_code_t* code);

// liveness.c: leaves out what is never read, lets the last use of a ref give it away, and drops
// refs that are not used any more.
void tenon_code_release_refs(tenon_code_t* code);

// A set of variables for each block.
typedef struct tenon_liveness_t {
  size_t word_count;
  uint64_t* live_in;  // [block * word_count]
  uint64_t* live_out;
} tenon_liveness_t;
tenon_liveness_t tenon_liveness_compute(const tenon_code_t* code);
void tenon_liveness_free(tenon_liveness_t* liveness);
static inline bool tenon_live(const tenon_liveness_t* liveness, const uint64_t* sets,
                              tenon_code_block_t block, tenon_var_t var) {
  return (sets[block * liveness->word_count + var / 64] >> (var % 64)) & 1;
}

// interference.c: which of the variables that are copied, by numbers of their own, can't be one.
typedef struct tenon_interference_t {
  uint32_t* numbers;       // by variable, or TENON_NOT_COPIED
  tenon_var_t* variables;  // by number
  size_t count;
  size_t word_count;  // of a row
  uint64_t* rows;     // [number * word_count]
} tenon_interference_t;
#define TENON_NOT_COPIED UINT32_MAX
tenon_interference_t tenon_interference_compute(const tenon_code_t* code,
                                                const tenon_liveness_t* liveness);
void tenon_interference_free(tenon_interference_t* graph);
bool tenon_interference_meet(const tenon_interference_t* graph, uint32_t a, uint32_t b);
// |a| stands for both from now on.
void tenon_interference_merge(tenon_interference_t* graph, uint32_t a, uint32_t b);

// registers.c: a register for every variable; arguments get theirs by the calling convention. False
// when the function needs more than an instruction can name.
typedef struct tenon_registers_t {
  tenon_register_t* of;  // by variable; owned, free()
  uint32_t counts[TENON_CLASS_COUNT];
} tenon_registers_t;
bool tenon_registers_assign(const tenon_code_t* code, tenon_registers_t* out_registers);

// jumps.c: leads branches to where they go in the end, and leaves out those to what follows: blocks
// may then fall through to the next of the order.
void tenon_code_thread_jumps(tenon_code_t* code, const tenon_registers_t* registers);

// fuse.c: makes one instruction of two where the machine has it.
void tenon_code_fuse(tenon_code_t* code, const tenon_registers_t* registers);

// encode.c: the code of |function| in the module file.
void tenon_code_encode(const tenon_code_t* code, const tenon_registers_t* registers,
                       tenon_writer_t* writer, uint32_t function);

#endif  // TENON_COMPILER_EMIT_CODE_H_
