// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ends of blocks, and branches that are decided at compile time.

#ifndef TENON_COMPILER_SUPPORT_BRANCHES_H_
#define TENON_COMPILER_SUPPORT_BRANCHES_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// The last operation of |block|, null if it has none: a branch, func.return or util.unreachable once it is whole.
// (mlirBlockGetTerminator gives null for the last of these.)
MlirOperation tenon_block_end(MlirBlock block);

// Under |root|, makes a conditional branch on a constant an unconditional one, and erases the blocks that nothing reaches.
// Returns whether anything was changed.
bool tenon_fold_branches(MlirOperation root);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_SUPPORT_BRANCHES_H_
