// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bodies of operations on tensors (linalg's, and those that become such), as the plain form wants them: without
// regions, and without what the host knows.

#ifndef TENON_COMPILER_INPUT_FLATTEN_H_
#define TENON_COMPILER_INPUT_FLATTEN_H_

#include "mlir-c/IR.h"

// In |body|, a block of |op|: makes scf.if a choice between values, so that both of its regions are computed, a
// tensor.extract in them an access that fails only where it is meant to be made, and tensor.dim a value from before |op|.
void tenon_flatten_body(MlirOperation op, MlirBlock body);

// ... of a body that is meant to run only if |condition| holds.
void tenon_flatten_guarded(MlirOperation op, MlirBlock body, MlirValue condition);

#endif  // TENON_COMPILER_INPUT_FLATTEN_H_
