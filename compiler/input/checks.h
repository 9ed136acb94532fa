// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Run-time checks that sizes agree. MLIR takes it as given that the operands of an elementwise or
// linalg operation have the same dynamic dimensions; a program whose caller breaks that would read
// out of bounds. So the program checks it, before it is rewritten in any way, with tenon.check_eq
// and tenon.check_ge.

#ifndef TENON_COMPILER_INPUT_CHECKS_H_
#define TENON_COMPILER_INPUT_CHECKS_H_

#include "mlir-c/IR.h"

// Inserts the checks that |op| needs, if any, just before it and at its location.
void tenon_insert_checks(MlirOperation op);
// ... of a linalg operation, by its indexing maps.
void tenon_insert_linalg_checks(MlirOperation op);

// Inserts one check: |name| is tenon.check_eq or tenon.check_ge.
void tenon_insert_check(MlirOperation before, const char* name, MlirValue a, MlirValue b,
                        const char* message);

// Removes the checks that hold because of others before them in the same block, or of constants.
// Run after values that are equal have become one (canonicalize, cse).
void tenon_tidy_checks(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_CHECKS_H_
