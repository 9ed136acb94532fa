// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints MLIR diagnostics on stderr the way compilers do: file:line:col, severity, message, the line, a caret.

#ifndef TENON_COMPILER_DIAGNOSTICS_H_
#define TENON_COMPILER_DIAGNOSTICS_H_

#include <stddef.h>

#include "mlir-c/IR.h"

// What is said of an operation or dialect that programs may not use.
#define TENON_LANGUAGE                                                                        \
  "the language is func, arith, math, complex, linalg, tensor, scf, cf, util, check and vm; " \
  "lower other dialects to these"

typedef struct tenon_diagnostics_t {
  // The text being compiled, whose lines are shown; borrowed.
  const char* source;
  size_t source_length;
  const char* source_name;
  size_t error_count;
} tenon_diagnostics_t;

// Sends |context|'s diagnostics to |diagnostics|, which must outlive the context.
void tenon_diagnostics_attach(MlirContext context, tenon_diagnostics_t* diagnostics);

#endif  // TENON_COMPILER_DIAGNOSTICS_H_
