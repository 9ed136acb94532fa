// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scf.forall and scf.parallel become nested scf.for: the host runs their iterations one after the other.

#ifndef TENON_COMPILER_INPUT_FORALLS_H_
#define TENON_COMPILER_INPUT_FORALLS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether the language has |op|, if it is scf.forall, what ends it, or scf.parallel; else reports it.
bool tenon_check_parallel_op(MlirOperation op);

// Replaces all of them in |module|; their tensor.parallel_insert_slice become tensor.insert_slice.
void tenon_lower_foralls(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_FORALLS_H_
