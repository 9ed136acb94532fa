// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Outlining: every group becomes a call of a function in the nested module of dispatches, equal ones
// of the same function.

#ifndef TENON_COMPILER_DISPATCH_OUTLINE_H_
#define TENON_COMPILER_DISPATCH_OUTLINE_H_

#include "mlir-c/IR.h"

// The attributes of a dispatch function. Scalars and tensors are named by their numbers among its arguments.
#define TENON_RESULTS_ATTRIBUTE \
  "tenon.results"  // array of array<i64: scalar...>: each result's dynamic dimensions
#define TENON_OUTER_ATTRIBUTE "tenon.outer"  // i64: how many loops the members share
// Array of array<i64: tensor, dimension, scalar>: dynamic dimensions of inputs that don't follow from the results'; absent if none.
#define TENON_DIMS_ATTRIBUTE "tenon.dims"
// The unit attribute of a tenon.dispatch whose first tensor is what the one result begins with.
#define TENON_UPDATES_ATTRIBUTE "updates"

// Outlines all generics (in the plain form) and updates of |module|'s functions. Makes the nested
// module when there is one at least.
void tenon_outline_dispatches(MlirOperation module);

#endif  // TENON_COMPILER_DISPATCH_OUTLINE_H_
