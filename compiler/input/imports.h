// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an import says of how the runtime calls it: `vm.signature` and `vm.fallback`.

#ifndef TENON_COMPILER_INPUT_IMPORTS_H_
#define TENON_COMPILER_INPUT_IMPORTS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// "module.function", neither part empty.
bool tenon_is_import_name(MlirStringRef name);

// Each reports what is wrong with the attribute of |function|.

// `(!vm.ref<!custom.string>) -> i64`: the types of the call, one for each of the function's. Integers
// of 32 or 64 bits and indices may be either, all else must be what it is anyhow.
bool tenon_check_import_signature(MlirOperation function, MlirAttribute signature);

// Whether a value of type |declared| can be passed where an import takes, or gives, |called|.
bool tenon_import_type_matches(MlirType declared, MlirType called);

// `@name`: a function of the program with a body and the same type, called where no module provides
// the import.
bool tenon_check_import_fallback(MlirOperation function, MlirAttribute fallback);

// Lets a call of an import with a fallback choose between the two:
//
//   %exists = "tenon.import_exists"() {callee = @import}
//   scf.if %exists { call @import } else { call @fallback }
void tenon_lower_optional_call(MlirOperation call);

#endif  // TENON_COMPILER_INPUT_IMPORTS_H_
