// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tensor.gather becomes a generic and tensor.scatter an update. Each function replaces |op|.

#ifndef TENON_COMPILER_INPUT_GATHERS_H_
#define TENON_COMPILER_INPUT_GATHERS_H_

#include "mlir-c/IR.h"

void tenon_lower_gather(MlirOperation op);
void tenon_lower_scatter(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_GATHERS_H_
