// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The MLIR context that everything lives in: dialects and passes, no more than the stages use, for a quick start.

#ifndef TENON_COMPILER_CONTEXT_H_
#define TENON_COMPILER_CONTEXT_H_

#include "mlir-c/IR.h"

// A context without threads, with the dialects of the input language, of the stages and of code generation loaded, and their
// passes registered. Unregistered dialects are allowed, for their types: the input stage refuses their operations.
MlirContext tenon_context_create(void);

#endif  // TENON_COMPILER_CONTEXT_H_
