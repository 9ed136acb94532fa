// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `vm` dialect (vm.td): imports with any number of arguments, and the types of `vm.signature`.

#ifndef TENON_COMPILER_DIALECTS_VM_H_
#define TENON_COMPILER_DIALECTS_VM_H_

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

// Makes |context| know the dialect.
void tenon_vm_load(MlirContext context);
// ... or contexts made with |registry|, once they need it.
void tenon_vm_register(MlirDialectRegistry registry);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_DIALECTS_VM_H_
