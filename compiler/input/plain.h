// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Brings linalg operations into the plain form of a generic (docs/schedule.md).

#ifndef TENON_COMPILER_INPUT_PLAIN_H_
#define TENON_COMPILER_INPUT_PLAIN_H_

#include "mlir-c/IR.h"

// Replaces |op|, a linalg operation with a body, by generics in the plain form, unless it is one. Several, if its
// outputs are written by different loops.
void tenon_make_plain(MlirOperation op);

// ... of every generic below |root|.
void tenon_make_all_plain(MlirOperation root);

// What can't be brought into the plain form, as text for an error message; NULL if |op| can.
const char* tenon_plain_problem(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_PLAIN_H_
