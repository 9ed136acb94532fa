// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `util` dialect (util.td): the only one that MLIR parses for us beside its own.

#ifndef TENON_COMPILER_DIALECTS_UTIL_H_
#define TENON_COMPILER_DIALECTS_UTIL_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes |context| know the dialect.
void tenon_util_load(MlirContext context);
// ... or contexts made with |registry|, once they need it.
void tenon_util_register(MlirDialectRegistry registry);
// !util.buffer
bool tenon_util_is_buffer(MlirType type);
// !util.list<T>, and its T: a null type for `?`.
bool tenon_util_is_list(MlirType type);
MlirType tenon_util_list_element(MlirType type);
// !util.object
bool tenon_util_is_object(MlirType type);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_DIALECTS_UTIL_H_
