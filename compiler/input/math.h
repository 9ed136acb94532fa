// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `math`: the device library (compiler/library) has a function for each operation and type.

#ifndef TENON_COMPILER_INPUT_MATH_H_
#define TENON_COMPILER_INPUT_MATH_H_

#include "compiler/program.h"

// What the names of the library's functions begin with; no program may have such names.
#define TENON_LIBRARY_PREFIX "__tenon_"

// Replaces every operation of `math` in the host functions of the program, which all are on numbers, by a call of the library's
// function, and puts those that are called into the module, each once. math.sqrt, and math.ctlz of i32 and i64, stay: they are
// instructions. Done before anything is folded, so that the results are the library's always.
MlirLogicalResult tenon_link_math(tenon_program_t* program);

// Puts the library's functions into the bodies of operations on tensors, in the place of `math` and of calls of the functions
// by name; what nothing calls afterwards is for symbol-dce. Done before anything is folded there.
MlirLogicalResult tenon_inline_math(tenon_program_t* program);

#endif  // TENON_COMPILER_INPUT_MATH_H_
