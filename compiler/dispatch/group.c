// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/group.h"

#include <stdlib.h>

#include "compiler/dispatch/cluster.h"
#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

typedef struct grouper_t {
  tenon_clustering_t clustering;
  tenon_map_t readers;  // tensor -> the last generic so far that reads it
  struct {
    tenon_cluster_t** data;
    size_t count, capacity;
  } clusters;  // in order of their last members
  tenon_group_list_t groups;
} grouper_t;

//===--------------------------------------------------------------------===//
// Finding
//===--------------------------------------------------------------------===//

static void join_to(grouper_t* grouper, tenon_cluster_t* cluster, MlirOperation other) {
  tenon_clustering_t* clustering = &grouper->clustering;
  if (mlirOperationIsNull(other)) return;
  tenon_cluster_t* earlier = tenon_map_get(&clustering->clusters, other.ptr);
  if (!earlier || earlier == cluster) return;
  MlirOperation last = cluster->members.data[cluster->members.count - 1].op;
  if (!mlirBlockEqual(mlirOperationGetBlock(other), mlirOperationGetBlock(last))) return;
  tenon_join_clusters(clustering, earlier, cluster);
}

// First to what makes the operands, then to what reads them, too.
static void add_generic(grouper_t* grouper, MlirOperation generic) {
  tenon_cluster_t* cluster = tenon_new_cluster(&grouper->clustering, generic);
  TENON_APPEND(&grouper->clusters, cluster);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    join_to(grouper, cluster, tenon_defining_op(mlirOperationGetOperand(generic, i)));
  }
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    const void* tensor = mlirOperationGetOperand(generic, i).ptr;
    MlirOperation reader = {tenon_map_get(&grouper->readers, tensor)};
    join_to(grouper, cluster, reader);
    tenon_map_set(&grouper->readers, tensor, generic.ptr);
  }
}

//===--------------------------------------------------------------------===//
// Moving together
//===--------------------------------------------------------------------===//

// The outer loops first, then the other parallel ones.
static void order_loops(MlirOperation generic, const intptr_t* outer, intptr_t outer_count) {
  intptr_t count = tenon_loop_count(generic), next = outer_count;
  intptr_t order[TENON_CLUSTER_MAX_LOOPS];
  bool is_outer[TENON_CLUSTER_MAX_LOOPS] = {0};
  for (intptr_t k = 0; k < outer_count; ++k) is_outer[order[k] = outer[k]] = true;
  for (int parallel = 1; parallel >= 0; --parallel) {
    for (intptr_t i = 0; i < count; ++i) {
      if (!is_outer[i] && tenon_is_parallel(generic, i) == parallel) order[next++] = i;
    }
  }
  tenon_reorder_loops(generic, order);
}

// The operand of the tensor.empty in which output |position| begins that is the extent of |loop|; -1 where there is none.
static intptr_t find_extent(MlirOperation generic, intptr_t position, intptr_t loop,
                            MlirOperation* out_empty) {
  MlirValue output = mlirOperationGetOperand(generic, tenon_linalg_input_count(generic) + position);
  *out_empty = tenon_defining_op(output);
  if (mlirOperationIsNull(*out_empty) || !tenon_op_is(*out_empty, "tensor.empty")) return -1;
  MlirAffineMap map = tenon_output_map(generic, position);
  MlirType type = mlirValueGetType(output);
  intptr_t operand = 0;
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    bool is_dynamic = mlirShapedTypeIsDynamicDim(type, d);
    if (tenon_single_loop(mlirAffineMapGetResult(map, d)) == loop) return is_dynamic ? operand : -1;
    operand += is_dynamic;
  }
  return -1;
}

// Outer loops are as long in each member: makes their outputs say so by the same numbers.
static void unify_extents(const tenon_group_t* group) {
  MlirOperation last = group->members.data[group->members.count - 1];
  for (intptr_t loop = 0; loop < group->outer; ++loop) {
    MlirValue extent = {NULL};
    for (size_t m = group->members.count; m-- > 0;) {
      MlirOperation member = group->members.data[m];
      for (intptr_t i = 0; i < mlirOperationGetNumResults(member); ++i) {
        MlirOperation empty;
        intptr_t operand = find_extent(member, i, loop, &empty);
        if (operand < 0) continue;
        MlirValue own = mlirOperationGetOperand(empty, operand);
        if (mlirValueIsNull(extent)) extent = own;
        if (mlirValueEqual(extent, own)) continue;
        MlirOperation renewed = mlirOperationClone(empty);
        mlirOperationSetOperand(renewed, operand, extent);
        mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(last), member, renewed);
        mlirOperationSetOperand(member, tenon_linalg_input_count(member) + i,
                                mlirOperationGetResult(renewed, 0));
      }
    }
  }
}

static void add_group(grouper_t* grouper, const tenon_cluster_t* cluster) {
  size_t count = cluster->members.count;
  tenon_group_t group = {.outer = cluster->outer};
  if (count == 1) tenon_parallel_first(cluster->members.data[0].op);
  for (size_t i = 0; i < count; ++i) {
    const tenon_cluster_member_t* member = &cluster->members.data[i];
    if (i + 1 < count) mlirOperationMoveBefore(member->op, cluster->members.data[count - 1].op);
    if (count > 1) order_loops(member->op, member->outer, cluster->outer);
    TENON_APPEND(&group.members, member->op);
  }
  if (count > 1) unify_extents(&group);
  TENON_APPEND(&grouper->groups, group);
}

static void add_update(grouper_t* grouper, MlirOperation update) {
  tenon_group_t group = {0};
  TENON_APPEND(&group.members, update);
  TENON_APPEND(&grouper->groups, group);
}

//===--------------------------------------------------------------------===//
// A function
//===--------------------------------------------------------------------===//

static bool is_update(MlirOperation op) { return tenon_is_update(op); }

static int compare_groups(const void* a, const void* b, void* order) {
  const tenon_op_list_t* x = &((const tenon_group_t*)a)->members;
  const tenon_op_list_t* y = &((const tenon_group_t*)b)->members;
  intptr_t p = tenon_place_of(order, x->data[x->count - 1]);
  intptr_t q = tenon_place_of(order, y->data[y->count - 1]);
  return (p > q) - (p < q);
}

tenon_group_list_t tenon_find_groups(MlirOperation function) {
  grouper_t grouper = {.clustering.order = tenon_order_of(function)};
  tenon_op_list_t generics = tenon_collect_ops(function, tenon_is_generic);
  tenon_op_list_t updates = tenon_collect_ops(function, is_update);
  for (size_t i = 0; i < generics.count; ++i) add_generic(&grouper, generics.data[i]);
  for (size_t i = 0; i < grouper.clusters.count; ++i) {
    tenon_cluster_t* cluster = grouper.clusters.data[i];
    if (cluster->members.count) add_group(&grouper, cluster);
    tenon_free_cluster(cluster);
  }
  for (size_t i = 0; i < updates.count; ++i) add_update(&grouper, updates.data[i]);
  if (grouper.groups.count > 0) {
    qsort_r(grouper.groups.data, grouper.groups.count, sizeof(*grouper.groups.data), compare_groups,
            &grouper.clustering.order);
  }
  free(generics.data);
  free(updates.data);
  free(grouper.clusters.data);
  tenon_order_free(&grouper.clustering.order);
  tenon_map_free(&grouper.clustering.clusters);
  tenon_map_free(&grouper.readers);
  return grouper.groups;
}

void tenon_free_groups(tenon_group_list_t* groups) {
  for (size_t i = 0; i < groups->count; ++i) free(groups->data[i].members.data);
  free(groups->data);
}
