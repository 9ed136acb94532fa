// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operations of the `vm` dialect: imports with spans, which `func` can't declare, and their calls.

#ifndef TENON_COMPILER_INPUT_VM_IMPORTS_H_
#define TENON_COMPILER_INPUT_VM_IMPORTS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// Whether |op|, of the vm dialect, is right; reports what is not.
bool tenon_check_vm_op(MlirOperation op);

// Replaces all operations of the vm dialect: each call becomes one of a private function without a body, which has the call's
// values as arguments, one by one, and says in attributes what it stands for:
//
//   tenon.source_name = "custom.sum"    the import
//   tenon.convention = "0fCiD_i"        how it is called
//   tenon.spans = array<i32: 1, 3>      before which argument each span begins, and how many values or tuples it has
//   tenon.optional                      it may be missing
//   vm.signature                        the import's types
void tenon_lower_vm_imports(MlirOperation module);

#endif  // TENON_COMPILER_INPUT_VM_IMPORTS_H_
