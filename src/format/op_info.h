// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_FORMAT_OP_INFO_H_
#define TENON_FORMAT_OP_INFO_H_

#include "format/ops.h"

// The operand string of each opcode. Kept as an array of arrays: it needs no relocation.
static const char tenon_op_operands[TENON_OP_COUNT][5] = {
#define TENON_OP_OPERANDS(name, mnemonic, operands) operands,
    TENON_OPS(TENON_OP_OPERANDS)
#undef TENON_OP_OPERANDS
};

#endif  // TENON_FORMAT_OP_INFO_H_
