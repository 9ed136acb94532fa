// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors made of numbers, and what numbers they are made of. Each tenon_lower_ function replaces |op|.

#ifndef TENON_COMPILER_INPUT_ELEMENTS_H_
#define TENON_COMPILER_INPUT_ELEMENTS_H_

#include "mlir-c/IR.h"

// Element |position| of the tensor |tensor| of rank 1, as a number, if it is known where the tensor is made; else null.
MlirValue tenon_known_element(MlirOperation before, MlirValue tensor, intptr_t position);

void tenon_lower_from_elements(MlirOperation op);
void tenon_lower_generate(MlirOperation op);
void tenon_lower_pad(MlirOperation op);
void tenon_lower_bitcast(MlirOperation op);
void tenon_lower_rank(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_ELEMENTS_H_
