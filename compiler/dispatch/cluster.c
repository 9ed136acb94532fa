// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/pair.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

// Bounds of what becomes one function: compile time grows with the square of its length, and so that clusters are found in time
// that doesn't.
#define MAX_LENGTH 768
#define MAX_MEMBERS 24
#define MAX_USES 256

// Elements that one thread may as well compute alone.
#define FEW_ELEMENTS 65536

//===--------------------------------------------------------------------===//
// Clusters
//===--------------------------------------------------------------------===//

// What the dispatch may be given for |generic|, at most.
static void count_operands(MlirOperation generic, tenon_cluster_t* cluster) {
  MlirBlock body = tenon_body_of(generic);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    ++cluster->length;
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      MlirValue value = mlirOperationGetOperand(op, i);
      if (tenon_value_is_tensor(value)) {
        ++cluster->tensors;
        cluster->scalars += mlirShapedTypeGetRank(mlirValueGetType(value));
      } else if (mlirValueIsABlockArgument(value) ||
                 !mlirBlockEqual(mlirOperationGetBlock(tenon_defining_op(value)), body)) {
        cluster->scalars += mlirAttributeIsNull(tenon_constant_value(value));
      }
    }
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(generic, i));
    for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
      cluster->scalars += mlirShapedTypeIsDynamicDim(type, d);
    }
  }
  cluster->tensors += mlirOperationGetNumOperands(generic) + mlirOperationGetNumResults(generic);
}

tenon_cluster_t* tenon_new_cluster(tenon_clustering_t* clustering, MlirOperation generic) {
  tenon_cluster_t* cluster = tenon_xcalloc(1, sizeof(*cluster));
  tenon_cluster_member_t member = {.op = generic};
  MlirAffineMap map = tenon_output_map(generic, 0);
  cluster->outer = mlirAffineMapGetNumResults(map);
  for (intptr_t d = 0; d < cluster->outer; ++d) {
    member.outer[d] = tenon_single_loop(mlirAffineMapGetResult(map, d));
  }
  TENON_APPEND(&cluster->members, member);
  cluster->has_reduction = !tenon_is_plain_elementwise(generic);
  count_operands(generic, cluster);
  tenon_map_set(&clustering->clusters, generic.ptr, cluster);
  return cluster;
}

void tenon_free_cluster(tenon_cluster_t* cluster) {
  free(cluster->members.data);
  free(cluster);
}

//===--------------------------------------------------------------------===//
// Which outer loops correspond
//===--------------------------------------------------------------------===//

// Two clusters that may become one: for each outer loop of |a|, the number of that of |b| which is the same; -1 where there is none.
typedef struct link_t {
  tenon_clustering_t* clustering;
  tenon_cluster_t *a, *b;
  intptr_t b_of[TENON_CLUSTER_MAX_LOOPS];
  bool known;  // something has linked them
} link_t;

// The number of |loop| among the outer ones, or -1.
static intptr_t outer_number(const tenon_cluster_t* cluster, const tenon_cluster_member_t* member,
                             intptr_t loop) {
  for (intptr_t k = 0; k < cluster->outer; ++k) {
    if (member->outer[k] == loop) return k;
  }
  return -1;
}

static const tenon_cluster_member_t* find_member(const tenon_cluster_t* cluster, MlirOperation op) {
  for (size_t i = 0; i < cluster->members.count; ++i) {
    if (mlirOperationEqual(cluster->members.data[i].op, op)) return &cluster->members.data[i];
  }
  return NULL;
}

// Where a loop of the one and a loop of the other, at the same place of two maps, are both alone and outer, they are the same.
static void match_maps(const tenon_cluster_t* x, const tenon_cluster_member_t* x_member,
                       MlirAffineMap x_map, const tenon_cluster_t* y,
                       const tenon_cluster_member_t* y_member, MlirAffineMap y_map,
                       intptr_t* y_of_x) {
  for (intptr_t k = 0; k < x->outer; ++k) y_of_x[k] = -1;
  for (intptr_t p = 0; p < mlirAffineMapGetNumResults(x_map); ++p) {
    intptr_t x_number =
        outer_number(x, x_member, tenon_single_loop(mlirAffineMapGetResult(x_map, p)));
    intptr_t y_number =
        outer_number(y, y_member, tenon_single_loop(mlirAffineMapGetResult(y_map, p)));
    bool taken = y_number < 0 || x_number < 0 || y_of_x[x_number] >= 0;
    for (intptr_t k = 0; k < x->outer && !taken; ++k) taken = y_of_x[k] == y_number;
    if (!taken) y_of_x[x_number] = y_number;
  }
}

// Keeps of the link what |b_of| says, too.
static void restrict_link(link_t* link, const intptr_t* b_of) {
  for (intptr_t k = 0; k < link->a->outer; ++k) {
    if (!link->known) {
      link->b_of[k] = b_of[k];
    } else if (link->b_of[k] != b_of[k]) {
      link->b_of[k] = -1;
    }
  }
  link->known = true;
}

// |reader|, of |y|, reads what a member of |x| writes by operand |i|.
static void link_edge(link_t* link, tenon_cluster_t* x, tenon_cluster_t* y,
                      const tenon_cluster_member_t* reader, intptr_t i) {
  MlirValue value = mlirOperationGetOperand(reader->op, i);
  const tenon_cluster_member_t* writer = find_member(x, tenon_defining_op(value));
  MlirAffineMap write = tenon_output_map(writer->op, mlirOpResultGetResultNumber(value));
  MlirAffineMap read = tenon_linalg_map(tenon_linalg_maps(reader->op), i);
  intptr_t b_of[TENON_CLUSTER_MAX_LOOPS];
  if (x == link->a) {
    match_maps(x, writer, write, y, reader, read, b_of);
  } else {
    // From where b writes, but in terms of a.
    match_maps(y, reader, read, x, writer, write, b_of);
  }
  restrict_link(link, b_of);
}

// Links the clusters by all that |y|'s members read of |x|'s.
static void link_edges(link_t* link, tenon_cluster_t* x, tenon_cluster_t* y) {
  for (size_t m = 0; m < y->members.count; ++m) {
    const tenon_cluster_member_t* reader = &y->members.data[m];
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(reader->op); ++i) {
      MlirOperation op = tenon_defining_op(mlirOperationGetOperand(reader->op, i));
      if (!mlirOperationIsNull(op) && tenon_map_get(&link->clustering->clusters, op.ptr) == x) {
        link_edge(link, x, y, reader, i);
      }
    }
  }
}

static intptr_t count_links(const link_t* link) {
  intptr_t count = 0;
  for (intptr_t k = 0; k < link->a->outer; ++k) count += link->b_of[k] >= 0;
  return count;
}

// Links two clusters that read the same tensor at the same places, in all outer loops of both.
static void link_siblings(link_t* link) {
  const tenon_cluster_t *a = link->a, *b = link->b;
  const tenon_cluster_member_t* b_member = &b->members.data[b->members.count - 1];
  if (a->outer != b->outer || !a->has_reduction || !b->has_reduction) return;
  for (size_t m = 0; m < a->members.count; ++m) {
    const tenon_cluster_member_t* a_member = &a->members.data[m];
    for (intptr_t i = 0; i < tenon_linalg_input_count(a_member->op); ++i) {
      for (intptr_t j = 0; j < tenon_linalg_input_count(b_member->op); ++j) {
        if (!mlirValueEqual(mlirOperationGetOperand(a_member->op, i),
                            mlirOperationGetOperand(b_member->op, j))) {
          continue;
        }
        match_maps(a, a_member, tenon_linalg_map(tenon_linalg_maps(a_member->op), i), b, b_member,
                   tenon_linalg_map(tenon_linalg_maps(b_member->op), j), link->b_of);
        link->known = count_links(link) == a->outer;
        if (link->known) return;
      }
    }
  }
}

//===--------------------------------------------------------------------===//
// Whether they can be one, and should
//===--------------------------------------------------------------------===//

// Whether some input of a reduction doesn't depend on all parallel loops, as in a matrix product: its elements are read in many of
// their iterations, which pays only if tiles have several of each.
static bool is_product(MlirOperation generic) {
  if (tenon_is_plain_elementwise(generic)) return false;
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    MlirAffineMap map = tenon_linalg_map(tenon_linalg_maps(generic), i);
    for (intptr_t loop = 0; loop < tenon_loop_count(generic); ++loop) {
      bool used = false;
      for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map) && !used; ++d) {
        used = mlirAffineExprIsFunctionOfDim(mlirAffineMapGetResult(map, d), loop);
      }
      if (!used && tenon_is_parallel(generic, loop)) return true;
    }
  }
  return false;
}

// Whether the dimensions of |map| that the outer loops index come first, so that what one of their iterations writes lies together.
static bool is_prefix(const tenon_cluster_t* cluster, const tenon_cluster_member_t* member,
                      MlirAffineMap map, const bool* stays, intptr_t count) {
  for (intptr_t p = 0; p < count; ++p) {
    intptr_t k = outer_number(cluster, member, tenon_single_loop(mlirAffineMapGetResult(map, p)));
    if (k < 0 || !stays[k]) return false;
  }
  return true;
}

// Whether all that |generic| computes is little enough, as far as one can tell, for one thread.
static bool is_small(MlirOperation generic) {
  int64_t elements = 1;
  MlirType type = mlirValueGetType(mlirOperationGetResult(generic, 0));
  intptr_t rank = mlirShapedTypeGetRank(type);
  if (rank == 1) return true;
  for (intptr_t d = 0; d < rank; ++d) {
    if (mlirShapedTypeIsDynamicDim(type, d)) return false;
    int64_t size = mlirShapedTypeGetDimSize(type, d);
    if (size > FEW_ELEMENTS) return false;
    elements *= size;
    if (elements > FEW_ELEMENTS) return false;
  }
  return true;
}

// Whether the members of |cluster| can do with the |count| outer loops that stay. |out_natural|: set where some member has no others.
static bool can_shrink(const tenon_cluster_t* cluster, const bool* stays, intptr_t count,
                       bool* out_natural) {
  // What members exchange would no longer be numbers.
  if (count < cluster->outer && cluster->members.count > 1) return false;
  for (size_t m = 0; m < cluster->members.count; ++m) {
    const tenon_cluster_member_t* member = &cluster->members.data[m];
    if (tenon_parallel_count(member->op) == count) {
      *out_natural = true;
      continue;
    }
    if (is_product(member->op) || (count == 0 && !is_small(member->op))) return false;
    for (intptr_t i = 0; i < mlirOperationGetNumResults(member->op); ++i) {
      if (!is_prefix(cluster, member, tenon_output_map(member->op, i), stays, count)) return false;
    }
  }
  return true;
}

static bool can_share_loops(const link_t* link) {
  bool a_stays[TENON_CLUSTER_MAX_LOOPS] = {0}, b_stays[TENON_CLUSTER_MAX_LOOPS] = {0};
  for (intptr_t k = 0; k < link->a->outer; ++k) {
    if (link->b_of[k] < 0) continue;
    a_stays[k] = true;
    b_stays[link->b_of[k]] = true;
  }
  bool natural = false;
  intptr_t count = count_links(link);
  return can_shrink(link->a, a_stays, count, &natural) &&
         can_shrink(link->b, b_stays, count, &natural) && natural;
}

// The operation of |block| that contains |op|; null when there is none.
static MlirOperation user_in(MlirBlock block, MlirOperation op) {
  if (mlirBlockEqual(mlirOperationGetBlock(op), block)) return op;
  MlirOperation parent = mlirOperationGetParentOperation(op);
  if (mlirBlockEqual(mlirOperationGetBlock(parent), block)) return parent;
  return (MlirOperation){NULL};
}

// Whether the members of |cluster|, one of the two, can run where the last of |b| is: all users before it are members. Nor may a
// member's body read them at computed indices.
static bool can_move(const link_t* link, const tenon_cluster_t* cluster) {
  MlirOperation last = link->b->members.data[link->b->members.count - 1].op;
  intptr_t place = tenon_place_of(&link->clustering->order, last);
  int looked = 0;
  for (size_t m = 0; m < cluster->members.count; ++m) {
    MlirOperation member = cluster->members.data[m].op;
    for (intptr_t i = 0; i < mlirOperationGetNumResults(member); ++i) {
      MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(member, i));
      for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
        MlirOperation owner = mlirOpOperandGetOwner(use);
        MlirOperation user = user_in(mlirOperationGetBlock(last), owner);
        if (++looked > MAX_USES) return false;
        if (mlirOperationIsNull(user)) continue;
        const void* home = tenon_map_get(&link->clustering->clusters, user.ptr);
        bool is_member = home == link->a || home == link->b;
        if (is_member ? !mlirOperationEqual(user, owner)
                      : tenon_place_of(&link->clustering->order, user) < place) {
          return false;
        }
      }
    }
  }
  return true;
}

static bool is_small_enough(const tenon_cluster_t* a, const tenon_cluster_t* b) {
  return a->members.count + b->members.count <= MAX_MEMBERS &&
         a->length + b->length <= MAX_LENGTH &&
         a->tensors + b->tensors <= TENON_DISPATCH_MAX_BINDINGS &&
         a->scalars + b->scalars <= TENON_DISPATCH_MAX_CONSTANTS;
}

//===--------------------------------------------------------------------===//
// Joining
//===--------------------------------------------------------------------===//

static int compare_members(const void* a, const void* b, void* order) {
  intptr_t x = tenon_place_of(order, ((const tenon_cluster_member_t*)a)->op);
  intptr_t y = tenon_place_of(order, ((const tenon_cluster_member_t*)b)->op);
  return (x > y) - (x < y);
}

// Keeps the outer loops |numbers| of |cluster|, in that order.
static void select_outer(tenon_cluster_t* cluster, const intptr_t* numbers, intptr_t count) {
  for (size_t m = 0; m < cluster->members.count; ++m) {
    tenon_cluster_member_t* member = &cluster->members.data[m];
    intptr_t outer[TENON_CLUSTER_MAX_LOOPS] = {0};
    for (intptr_t k = 0; k < count; ++k) outer[k] = member->outer[numbers[k]];
    memcpy(member->outer, outer, (size_t)count * sizeof(*outer));
  }
  cluster->outer = count;
}

static void join(tenon_clustering_t* clustering, const link_t* link) {
  tenon_cluster_t *a = link->a, *b = link->b;
  intptr_t a_numbers[TENON_CLUSTER_MAX_LOOPS], b_numbers[TENON_CLUSTER_MAX_LOOPS], count = 0;
  for (intptr_t kb = 0; kb < b->outer; ++kb) {
    for (intptr_t ka = 0; ka < a->outer; ++ka) {
      if (link->b_of[ka] != kb) continue;
      a_numbers[count] = ka;
      b_numbers[count++] = kb;
    }
  }
  select_outer(a, a_numbers, count);
  select_outer(b, b_numbers, count);
  for (size_t m = 0; m < a->members.count; ++m) {
    TENON_APPEND(&b->members, a->members.data[m]);
    tenon_map_set(&clustering->clusters, a->members.data[m].op.ptr, b);
  }
  qsort_r(b->members.data, b->members.count, sizeof(*b->members.data), compare_members,
          &clustering->order);
  b->has_reduction = b->has_reduction || a->has_reduction;
  b->length += a->length;
  b->tensors += a->tensors;
  b->scalars += a->scalars;
  a->members.count = 0;
}

bool tenon_join_clusters(tenon_clustering_t* clustering, tenon_cluster_t* earlier,
                         tenon_cluster_t* cluster) {
  link_t link = {.clustering = clustering, .a = earlier, .b = cluster};
  if (!earlier->has_reduction && !cluster->has_reduction) return false;
  if (!is_small_enough(earlier, cluster)) return false;
  link_edges(&link, earlier, cluster);
  link_edges(&link, cluster, earlier);
  if (!link.known) link_siblings(&link);
  if (!link.known || !can_share_loops(&link)) return false;
  if (!can_move(&link, earlier) || !can_move(&link, cluster)) return false;
  join(clustering, &link);
  return true;
}
