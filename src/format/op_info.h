// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FORMAT_OP_INFO_H_
#define TENON_FORMAT_OP_INFO_H_

#include "format/ops.h"

// The operand string of each opcode. An array of arrays: it needs no relocation.
extern const char tenon_op_operands[TENON_OP_COUNT][TENON_MAX_OPERANDS + 1];

#endif  // TENON_FORMAT_OP_INFO_H_
