// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work on constants alone, which is done once for each context.

#ifndef TENON_COMPILER_DISPATCH_HOIST_H_
#define TENON_COMPILER_DISPATCH_HOIST_H_

#include "mlir-c/IR.h"

#include "compiler/program.h"

// Moves generics, updates and reshapes of nothing but constants to the start of the initializers, and keeps what others use of them in
// globals. Only what can't fail and isn't much larger than what it is made of.
MlirLogicalResult tenon_hoist_constants(tenon_program_t* program);

#endif  // TENON_COMPILER_DISPATCH_HOIST_H_
