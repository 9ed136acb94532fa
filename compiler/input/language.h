// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The language: which operations, types and attributes a program may use. All else is refused by
// name, at its place.

#ifndef TENON_COMPILER_INPUT_LANGUAGE_H_
#define TENON_COMPILER_INPUT_LANGUAGE_H_

#include "compiler/options.h"
#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

// Checks the whole of |module| and reports everything outside the language, as far as |options| change it.
MlirLogicalResult tenon_check_language(MlirOperation module, const tenon_options_t* options);

// Whether |function| is a declaration of a user's native function.
bool tenon_is_import(MlirOperation function);

#endif  // TENON_COMPILER_INPUT_LANGUAGE_H_
