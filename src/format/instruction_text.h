// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An instruction as text: for the disassembler and for traces of what is executed.

#ifndef TENON_FORMAT_INSTRUCTION_TEXT_H_
#define TENON_FORMAT_INSTRUCTION_TEXT_H_

#include "format/reader.h"

// What the instructions of a function are shown by. The file has been read and verified.
typedef struct tenon_instruction_text_t {
  const tenon_module_file_t* file;
  const tenon_function_t* function;
  // What the text is appended to, until that fails; NULL: nothing.
  iree_string_builder_t* builder;
  iree_status_t status;  // the first failure to append
  // Unless NULL, told of each register that the instruction reads, from left to right: the
  // letter of its class, i l f d or r, its number within the class, and its index in its file.
  void (*read_fn)(void* user_data, char register_class, uint32_t number, uint32_t index);
  void* user_data;
  uint32_t callee;  // string: the calling convention of the call that is shown; set on the way
} tenon_instruction_text_t;

// Shows the instruction at |units|: `add.i32          i2, i0, i1`. Registers are named by their
// class and their number within it: i0, l0 (i64), f0, d0 (f64), r0; a ref that is given away is
// `move r0`. Returns where the next instruction starts.
const uint16_t* tenon_instruction_text(tenon_instruction_text_t* text, const uint16_t* units);

IREE_PRINTF_ATTRIBUTE(2, 3)
void tenon_instruction_text_append(tenon_instruction_text_t* text, const char* format, ...);

// The value of a register of class i, l, f or d.
void tenon_instruction_text_append_value(tenon_instruction_text_t* text, char register_class,
                                         uint64_t bits);

#endif  // TENON_FORMAT_INSTRUCTION_TEXT_H_
