// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The function of a dispatch: what a group becomes inside, and what it is given.

#ifndef TENON_COMPILER_DISPATCH_FUNCTION_H_
#define TENON_COMPILER_DISPATCH_FUNCTION_H_

#include "compiler/dispatch/group.h"

typedef struct tenon_dispatch_t {
  MlirOperation function;       // detached, without a name of its own
  tenon_value_list_t operands;  // the host's values for its arguments: tensors, then scalars
  tenon_value_list_t results;   // the members' results that it returns
  bool updates;                 // it is a tenon.update, whose destination is not among the operands
} tenon_dispatch_t;

// Builds the function of |group|, which stays as it is. Sizes that the function needs and nobody has are asked for before the
// group's last member. |functions| maps each tenon.dispatch that is there to its function.
tenon_dispatch_t tenon_build_dispatch(const tenon_group_t* group, const tenon_map_t* functions);
// Frees the lists.
void tenon_dispatch_free(tenon_dispatch_t* dispatch);

#endif  // TENON_COMPILER_DISPATCH_FUNCTION_H_
