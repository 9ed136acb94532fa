// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The control flow of host functions: blocks ended by cf.br, cf.cond_br, cf.switch, func.return and
// util.unreachable.

#ifndef TENON_COMPILER_SUPPORT_CFG_H_
#define TENON_COMPILER_SUPPORT_CFG_H_

#include <stddef.h>

#include "mlir-c/IR.h"

// The reachable blocks of a region in reverse postorder: a block comes after those that dominate
// it.
typedef struct tenon_block_list_t {
  MlirBlock* data;  // owned, free()
  size_t count, capacity;
} tenon_block_list_t;
tenon_block_list_t tenon_reverse_postorder(MlirRegion region);

// Of each of |blocks|, in reverse postorder, the position of its immediate dominator: the last block that every way to it comes
// through. The first block's is itself. free() it.
size_t* tenon_immediate_dominators(const tenon_block_list_t* blocks);

// Which operands of a branch become the block arguments of its successor |successor|: |out_count|
// operands from |out_first| on. Fails with a diagnostic when |branch| is not one of the operations
// above.
MlirLogicalResult tenon_branch_operands(MlirOperation branch, intptr_t successor,
                                        intptr_t* out_first, intptr_t* out_count);

#endif  // TENON_COMPILER_SUPPORT_CFG_H_
