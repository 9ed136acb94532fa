// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// util.global, and util.initializer, which is parsed as a function with the attribute `tenon.initializer`. (That symbols exist, types agree and what isn't mutable isn't stored to is the
// dialect's to verify.)

#ifndef TENON_COMPILER_INPUT_GLOBALS_H_
#define TENON_COMPILER_INPUT_GLOBALS_H_

#include <stdbool.h>

#include "compiler/options.h"
#include "mlir-c/IR.h"

// Reports what |op|, a util.global, holds or begins with if that is not supported.
bool tenon_check_global(MlirOperation op, const tenon_options_t* options);

// Puts all initializers of |module|, in their order, into one function of that attribute, `__init`, which is public lest it goes. Before
// them it stores to the globals that are tensors what these begin with; those that are never stored to are constants instead.
void tenon_lower_initializers(MlirOperation module);

// That function, with nothing in it, for a module that has none.
MlirOperation tenon_make_initializers(MlirOperation module, MlirLocation location);

#endif  // TENON_COMPILER_INPUT_GLOBALS_H_
