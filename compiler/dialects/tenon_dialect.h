// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `tenon` dialect as MLIR knows it: a name. Its operations are tenon_ops.def's, unregistered as far as MLIR is
// concerned; but an operation with a region of a dialect that isn't there could be a table of symbols to MLIR's passes,
// which then refuse the whole module.

#ifndef TENON_COMPILER_DIALECTS_TENON_DIALECT_H_
#define TENON_COMPILER_DIALECTS_TENON_DIALECT_H_

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes |context| know the dialect.
void tenon_dialect_load(MlirContext context);
// ... or contexts made with |registry|, once they need it.
void tenon_dialect_register(MlirDialectRegistry registry);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_DIALECTS_TENON_DIALECT_H_
