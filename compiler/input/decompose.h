// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// linalg operations that have no body: linalg.softmax, linalg.pack and linalg.unpack.

#ifndef TENON_COMPILER_INPUT_DECOMPOSE_H_
#define TENON_COMPILER_INPUT_DECOMPOSE_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether |op| is one of them.
bool tenon_is_decomposable(MlirOperation op);

// What of |op| is not supported, as text for an error message; NULL if nothing.
const char* tenon_decompose_problem(MlirOperation op);

// Replaces |op| by generics, with the checks that its dimensions agree.
void tenon_decompose(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_DECOMPOSE_H_
