// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The complex dialect. Complex numbers are elements of tensors: the host has none, so what makes one from constants or
// numbers there is done in the bodies that use it.

#ifndef TENON_COMPILER_INPUT_COMPLEX_H_
#define TENON_COMPILER_INPUT_COMPLEX_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether the language has |op|, of the complex dialect, in bodies.
bool tenon_is_body_complex(MlirOperation op);

// ... outside of them, where only operations on tensors and bodies may use its result. Else reports it.
bool tenon_check_host_complex(MlirOperation op);

// Makes everything of the complex dialect below |module| arithmetic on parts, in bodies: but for complex.create, re and im,
// and calls of functions of the math library.
void tenon_lower_complex(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_COMPLEX_H_
