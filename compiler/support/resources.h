// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements that a module has as a resource: bytes beside its text or bytecode.

#ifndef TENON_COMPILER_SUPPORT_RESOURCES_H_
#define TENON_COMPILER_SUPPORT_RESOURCES_H_

#include <stddef.h>

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// Where the bytes of |attribute|, a dense_resource, are. Returns false when the module has no resource of its |name|.
bool tenon_resource_bytes(MlirAttribute attribute, MlirStringRef* name, const void** data,
                          size_t* length);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_SUPPORT_RESOURCES_H_
