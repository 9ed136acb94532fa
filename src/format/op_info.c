// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/op_info.h"

const char tenon_op_operands[TENON_OP_COUNT][TENON_MAX_OPERANDS + 1] = {
#define TENON_OP_OPERANDS(name, mnemonic, operands) operands,
    TENON_OPS(TENON_OP_OPERANDS)
#undef TENON_OP_OPERANDS
};

const char tenon_op_texts[] =
#define TENON_OP_TEXTS(name, mnemonic, operands) mnemonic "\0" operands "\0"
    TENON_OPS(TENON_OP_TEXTS)
#undef TENON_OP_TEXTS
    ;
