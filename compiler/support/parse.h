// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parses a module and names its source: the C API parses a module, or names the source of one operation, but not both.

#ifndef TENON_COMPILER_SUPPORT_PARSE_H_
#define TENON_COMPILER_SUPPORT_PARSE_H_

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// The module in |source|, text or bytecode, owned by the caller; operations that stand alone are put into a module. Null, with
// diagnostics at |source_name|, when it does not parse or verify.
MlirModule tenon_parse_module(MlirContext context, MlirStringRef source, MlirStringRef source_name);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_SUPPORT_PARSE_H_
