// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Groups: the operations that become one dispatch, its members.

#ifndef TENON_COMPILER_DISPATCH_GROUP_H_
#define TENON_COMPILER_DISPATCH_GROUP_H_

#include "compiler/input/ir.h"

// Members of one block with nothing between them that they need or that needs them, in order: linalg.generics whose first |outer|
// loops are shared (docs/schedule.md), or a single tenon.update.
typedef struct tenon_group_t {
  tenon_op_list_t members;
  intptr_t outer;
} tenon_group_t;

typedef struct tenon_group_list_t {
  tenon_group_t* data;
  size_t count, capacity;
} tenon_group_list_t;

// All generics and updates of |function| in groups, in order of the text. Orders the generics' loops: parallel ones come first.
tenon_group_list_t tenon_find_groups(MlirOperation function);
void tenon_free_groups(tenon_group_list_t* groups);

#endif  // TENON_COMPILER_DISPATCH_GROUP_H_
