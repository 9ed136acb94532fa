// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/plan.h"

#include <string.h>

// Elements of a tile where all arrays are walked in the order in which they lie in memory. A tile
// takes about a microsecond: small enough to share out, large enough that the work between tiles
// does not show.
#define TENON_TILE_ELEMENTS 4096
// Rows of a tile when their length is known at run time only.
#define TENON_TILE_ROWS 32
// Side of a tile when arrays are walked across one another (a transposition): both then touch whole
// cache lines.
#define TENON_TILE_BLOCK 32

static bool tenon_is_dynamic(const tenon_kernel_t* kernel, int dim) {
  return kernel->loops[dim].constant >= 0;
}

// Whether an extent of an array is exactly the extent of loop |dim|.
static bool tenon_extent_is_loop(const tenon_kernel_t* kernel, const tenon_linear_t* extent,
                                 int dim) {
  tenon_linear_t loop = {.base = 0};
  loop.coefficients[dim] = 1;
  tenon_linear_t a = tenon_linear_fold(kernel, extent), b = tenon_linear_fold(kernel, &loop);
  return tenon_linear_equal(&a, &b);
}

static bool tenon_extent_is_one(const tenon_kernel_t* kernel, const tenon_linear_t* extent) {
  static const tenon_linear_t one = {.base = 1};
  tenon_linear_t folded = tenon_linear_fold(kernel, extent);
  return tenon_linear_equal(&folded, &one);
}

// Whether |access| walks loops |outer| and |inner| as if they were one, or not at all.
static bool tenon_walks_as_one(const tenon_kernel_t* kernel, const tenon_access_t* access,
                               int outer, int inner) {
  if (access->array < 0) return true;
  const tenon_array_t* array = &kernel->arrays[access->array];
  int previous = -1;  // the last dimension that is longer than 1
  bool adjacent = false;
  int uses = 0;
  for (int p = 0; p < array->rank; ++p) {
    if (tenon_extent_is_one(kernel, &array->extents[p])) continue;
    const tenon_linear_t* index = &access->indices[p];
    uses += tenon_linear_uses(index, outer) + tenon_linear_uses(index, inner);
    if (previous >= 0 && tenon_linear_is_dim(&access->indices[previous], outer) &&
        tenon_linear_is_dim(index, inner) &&
        tenon_extent_is_loop(kernel, &array->extents[p], inner)) {
      adjacent = true;
    }
    previous = p;
  }
  return uses == 0 || (adjacent && uses == 2);
}

static bool tenon_collapses(const tenon_kernel_t* kernel, int outer, int inner) {
  if (kernel->loops[outer].index_used || kernel->loops[inner].index_used) return false;
  for (int i = 0; i < kernel->access_count; ++i) {
    if (!tenon_walks_as_one(kernel, &kernel->accesses[i], outer, inner)) return false;
  }
  return true;
}

// The order in which the first result lies in memory, without loops that run once.
static int tenon_order_loops(const tenon_kernel_t* kernel, int* order) {
  const tenon_access_t* result = &kernel->accesses[kernel->read_count];
  int count = 0;
  for (int p = 0; p < kernel->loop_count; ++p) {
    for (int d = 0; d < kernel->loop_count; ++d) {
      bool once = kernel->loops[d].constant < 0 && kernel->loops[d].scale == 1;
      if (tenon_linear_is_dim(&result->indices[p], d) && !once) order[count++] = d;
    }
  }
  return count;
}

// Groups loops from the inside out. A grid's extent can't be a product of two numbers known at run
// time only, so unless everything becomes one loop a group holds at most one of those.
static void tenon_group_loops(const tenon_kernel_t* kernel, const int* order, int count,
                              tenon_plan_t* plan) {
  bool all = true;
  for (int i = 0; i + 1 < count; ++i) all = all && tenon_collapses(kernel, order[i], order[i + 1]);
  int first[TENON_KERNEL_MAX_RANK];  // where each group starts in |order|, from the last to the
                                     // first group
  int groups = 0;
  int dynamic = 0;
  for (int i = count - 1; i >= 0; --i) {
    bool joins = i + 1 < count && (all || (tenon_collapses(kernel, order[i], order[i + 1]) &&
                                           dynamic + tenon_is_dynamic(kernel, order[i]) <= 1));
    if (!joins) {
      ++groups;
      dynamic = 0;
    }
    dynamic += tenon_is_dynamic(kernel, order[i]);
    first[groups - 1] = i;
  }
  plan->loop_count = groups;
  for (int g = 0, end = 0; g < groups; ++g) {
    int begin = first[groups - 1 - g];
    end = g + 1 < groups ? first[groups - 2 - g] : count;
    plan->loops[g].member_count = end - begin;
    memcpy(plan->loops[g].members, order + begin, (size_t)(end - begin) * sizeof(*order));
  }
}

// The extent of a group with at most one dynamic member.
static tenon_loop_t tenon_group_extent(const tenon_kernel_t* kernel,
                                       const tenon_plan_loop_t* group) {
  tenon_loop_t extent = {.scale = 1, .constant = -1};
  for (int i = 0; i < group->member_count; ++i) {
    const tenon_loop_t* loop = &kernel->loops[group->members[i]];
    extent.scale *= loop->scale;
    if (loop->constant >= 0) extent.constant = loop->constant;
  }
  return extent;
}

// A flat loop: one grid dimension for each extent known at run time only; fixed extents go with the
// last.
static void tenon_plan_flat(const tenon_kernel_t* kernel, tenon_plan_t* plan) {
  const tenon_plan_loop_t* group = &plan->loops[0];
  int64_t fixed = 1;
  for (int i = 0; i < group->member_count; ++i) {
    const tenon_loop_t* loop = &kernel->loops[group->members[i]];
    if (loop->constant < 0) {
      fixed *= loop->scale;
      continue;
    }
    plan->grid[plan->grid_rank].extent = *loop;
    plan->grid[plan->grid_rank++].tile_size = 4;
  }
  if (!plan->grid_rank)
    plan->grid[plan->grid_rank++].extent = (tenon_loop_t){.scale = 1, .constant = -1};
  tenon_plan_grid_t* last = &plan->grid[plan->grid_rank - 1];
  last->extent.scale *= fixed;
  last->tile_size = TENON_TILE_ELEMENTS;
  for (int i = 0; i + 1 < plan->grid_rank && last->tile_size > 16; ++i) last->tile_size /= 4;
}

// The loop other than the innermost along which some array is contiguous, or -1.
static int tenon_crossing_loop(const tenon_kernel_t* kernel, const tenon_plan_t* plan) {
  const tenon_plan_loop_t* innermost = &plan->loops[plan->loop_count - 1];
  int inner = innermost->members[innermost->member_count - 1];
  for (int i = 0; i < kernel->access_count; ++i) {
    const tenon_access_t* access = &kernel->accesses[i];
    if (access->array < 0) continue;
    int last = kernel->arrays[access->array].rank - 1;
    while (last >= 0 && tenon_extent_is_one(kernel, &kernel->arrays[access->array].extents[last]))
      --last;
    bool uses_inner = false;
    for (int p = 0; p < last; ++p)
      uses_inner = uses_inner || tenon_linear_uses(&access->indices[p], inner);
    if (last < 0 || !uses_inner) continue;
    for (int g = 0; g + 1 < plan->loop_count; ++g) {
      if (tenon_linear_uses(&access->indices[last],
                            plan->loops[g].members[plan->loops[g].member_count - 1]))
        return g;
    }
  }
  return -1;
}

static int64_t tenon_min(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t tenon_max(int64_t a, int64_t b) { return a > b ? a : b; }

static void tenon_plan_tiles(const tenon_kernel_t* kernel, tenon_plan_t* plan) {
  int last = plan->loop_count - 1;
  for (int g = 0; g < last; ++g) plan->loops[g].tile_size = 1;
  int crossing = tenon_crossing_loop(kernel, plan);
  plan->blocked_loop = crossing >= 0 ? crossing : last - 1;
  tenon_loop_t inner = tenon_group_extent(kernel, &plan->loops[last]);
  tenon_loop_t outer = tenon_group_extent(kernel, &plan->loops[plan->blocked_loop]);
  int64_t columns = crossing >= 0 ? TENON_TILE_BLOCK : TENON_TILE_ELEMENTS;
  if (inner.constant < 0) columns = tenon_max(1, tenon_min(columns, inner.scale));
  int64_t rows = TENON_TILE_BLOCK;
  if (crossing < 0)
    rows = inner.constant < 0 ? tenon_max(1, TENON_TILE_ELEMENTS / columns) : TENON_TILE_ROWS;
  if (outer.constant < 0) rows = tenon_max(1, tenon_min(rows, outer.scale));
  plan->loops[last].tile_size = columns;
  plan->loops[plan->blocked_loop].tile_size = rows;
  for (int g = 0; g <= last; ++g) {
    plan->grid[g].extent = tenon_group_extent(kernel, &plan->loops[g]);
    plan->grid[g].tile_size = plan->loops[g].tile_size;
  }
  plan->grid_rank = plan->loop_count;
}

void tenon_plan_make(const tenon_kernel_t* kernel, tenon_plan_t* out_plan) {
  memset(out_plan, 0, sizeof(*out_plan));
  int order[TENON_KERNEL_MAX_RANK];
  int count = tenon_order_loops(kernel, order);
  tenon_group_loops(kernel, order, count, out_plan);
  if (out_plan->loop_count == 1) {
    tenon_plan_flat(kernel, out_plan);
  } else if (out_plan->loop_count > 1) {
    tenon_plan_tiles(kernel, out_plan);
  }
}
