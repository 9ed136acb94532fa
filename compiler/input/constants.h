// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constant tensors: they are dense elements after this.

#ifndef TENON_COMPILER_INPUT_CONSTANTS_H_
#define TENON_COMPILER_INPUT_CONSTANTS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// The attributes of |module|'s operations that are elements of a resource become dense elements. Reports a resource that is
// missing, or has another size than its type, and returns false.
bool tenon_load_resources(MlirOperation module);

// A large constant whose elements are all the same, where it is used as a tensor, is filled when it is needed: it takes no space
// in the module.
void tenon_fill_splats(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_CONSTANTS_H_
