// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/group.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"

static bool is_member(MlirOperation op) { return tenon_is_generic(op) || tenon_is_update(op); }

tenon_group_list_t tenon_find_groups(MlirOperation function) {
  tenon_group_list_t groups = {0};
  tenon_op_list_t ops = tenon_collect_ops(function, is_member);
  for (size_t i = 0; i < ops.count; ++i) {
    tenon_group_t group = {0};
    TENON_APPEND(&group.members, ops.data[i]);
    if (tenon_is_generic(ops.data[i])) {
      tenon_parallel_first(ops.data[i]);
      group.outer = tenon_parallel_count(ops.data[i]);
    }
    TENON_APPEND(&groups, group);
  }
  free(ops.data);
  return groups;
}

void tenon_free_groups(tenon_group_list_t* groups) {
  for (size_t i = 0; i < groups->count; ++i) free(groups->data[i].members.data);
  free(groups->data);
}
