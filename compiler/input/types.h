// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The types of the language.

#ifndef TENON_COMPILER_INPUT_TYPES_H_
#define TENON_COMPILER_INPUT_TYPES_H_

#include <stdbool.h>

#include "compiler/options.h"
#include "mlir-c/IR.h"

// Of tensors, and the loops of a linalg.generic.
#define TENON_MAX_RANK 6
#define TENON_MAX_LOOPS 16

// i1, i4, i8, i16, i32, i64, index, f16, bf16, f32, f64: what the host has, too.
bool tenon_is_number(MlirType type);
// ... or complex<f32> or complex<f64>: what tensors have.
bool tenon_is_element(MlirType type);

// Whether |type| is of the language; else reports it at |location|, of |name|.
bool tenon_check_type(MlirLocation location, MlirType type, MlirStringRef name,
                      const tenon_options_t* options);

#endif  // TENON_COMPILER_INPUT_TYPES_H_
