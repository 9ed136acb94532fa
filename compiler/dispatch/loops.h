// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops of a linalg.generic in the plain form.

#ifndef TENON_COMPILER_DISPATCH_LOOPS_H_
#define TENON_COMPILER_DISPATCH_LOOPS_H_

#include "compiler/input/ir.h"

bool tenon_is_update(MlirOperation op);  // tenon.update

// The body of a generic or an update.
MlirBlock tenon_body_of(MlirOperation op);

intptr_t tenon_loop_count(MlirOperation generic);
// Whether |loop| is one of the outputs'.
bool tenon_is_parallel(MlirOperation generic, intptr_t loop);
intptr_t tenon_parallel_count(MlirOperation generic);

// The loop that |expr| is alone, or -1.
intptr_t tenon_single_loop(MlirAffineExpr expr);
// The map of output |position|.
MlirAffineMap tenon_output_map(MlirOperation generic, intptr_t position);

// |map| of some loops, as a map of the loops in which |loops| gives these.
MlirAttribute tenon_compose_map(MlirAttribute map, MlirAffineMap loops);

// Makes loop |order[i]| the i-th.
void tenon_reorder_loops(MlirOperation generic, const intptr_t* order);
// Brings the parallel loops to the front; within both kinds the order stays.
void tenon_parallel_first(MlirOperation generic);

#endif  // TENON_COMPILER_DISPATCH_LOOPS_H_
