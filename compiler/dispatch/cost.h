// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What it costs to run a body more often than once for each element.

#ifndef TENON_COMPILER_DISPATCH_COST_H_
#define TENON_COMPILER_DISPATCH_COST_H_

#include "compiler/input/ir.h"

// What running a body once more may cost, in operations, before memory is better, which within a dispatch is the cache. Measured on
// rows of a softmax: to keep exp, 33 operations in double precision, takes half the time of computing it twice.
#define TENON_MAX_REPEATED 16
// ... where a consumer without reductions reads the element for several of its own.
#define TENON_MAX_BROADCAST 8
// ... where one with reductions does: the body runs in the innermost loop of something like a matrix product.
#define TENON_MAX_IN_PRODUCT 2

// Nobody looks at more users.
#define TENON_MANY_USES 64

// What the body costs, in simple operations.
intptr_t tenon_body_weight(MlirOperation generic);

// Whether one body of both |a|'s and |b|'s, generics or updates, is short enough, and of no more tensors and numbers than a dispatch
// can be given.
bool tenon_fit_together(MlirOperation a, MlirOperation b);

// How often others than |consumer| read |producer|'s results, as inputs or in bodies; TENON_MANY_USES where somebody needs them in
// memory, so that they may as well be read from there.
int tenon_count_other_reads(MlirOperation producer, MlirOperation consumer);

#endif  // TENON_COMPILER_DISPATCH_COST_H_
