// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The util dialect in the input stage: what its own verifier leaves open.

#ifndef TENON_COMPILER_INPUT_UTIL_OPS_H_
#define TENON_COMPILER_INPUT_UTIL_OPS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether |op|, of whatever dialect, is one that the language has; else reports it.
bool tenon_check_util_op(MlirOperation op);

// MLIR's verifier knows nothing of util.unreachable.
bool tenon_check_unreachable(MlirOperation op);

// Removes what means nothing at run time, inserts the checks that |op| needs before it, and splits
// barriers into one for each operand. |op| may be gone afterwards.
void tenon_lower_util_op(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_UTIL_OPS_H_
