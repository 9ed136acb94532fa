// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FORMAT_OP_INFO_H_
#define TENON_FORMAT_OP_INFO_H_

#include "format/ops.h"

// The operand string of each opcode. An array of arrays: it needs no relocation.
extern const char tenon_op_operands[TENON_OP_COUNT][TENON_MAX_OPERANDS + 1];

// The same for programs that only run modules, in half the bytes: the mnemonic and the operand string of each opcode, one
// behind the other, each with its NUL.
extern const char tenon_op_texts[];

#endif  // TENON_FORMAT_OP_INFO_H_
