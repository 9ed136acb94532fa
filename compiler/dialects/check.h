// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `check` dialect (check.td): what programs that test something expect.

#ifndef TENON_COMPILER_DIALECTS_CHECK_H_
#define TENON_COMPILER_DIALECTS_CHECK_H_

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes |context| know the dialect.
void tenon_check_load(MlirContext context);
// ... or contexts made with |registry|, once they need it.
void tenon_check_register(MlirDialectRegistry registry);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_DIALECTS_CHECK_H_
