// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What upstream's lowering of scf to cf does not do as programs mean it.

#ifndef TENON_COMPILER_INPUT_SCF_OPS_H_
#define TENON_COMPILER_INPUT_SCF_OPS_H_

#include <stdbool.h>

#include "mlir-c/IR.h"

// scf.index_switch becomes an scf.execute_region of comparisons and branches. (Upstream's lowering takes the low 32 bits.)
void tenon_lower_index_switch(MlirOperation op);

// Every scf.if that is in no loop becomes branches. (Upstream's lowering takes the square of their number.)
void tenon_lower_ifs(MlirOperation module);

// A scf.for whose step is not positive would not end. Reports a constant one.
bool tenon_check_step(MlirOperation op);

// Inserts a check of a step that is not constant. Where an index and the step may add up to more than
// the type holds (upstream's lowering would go on below the lower bound), the loop counts its rounds.
void tenon_lower_for(MlirOperation op);

#endif  // TENON_COMPILER_INPUT_SCF_OPS_H_
