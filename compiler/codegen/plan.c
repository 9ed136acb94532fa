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

// Blocks of a tile, of which the lanes' values are in registers.
#define TENON_TILE_PANELS 4
// Iterations that a loop inside of the tiles is taken to run if only the run knows.
#define TENON_USUAL_ITERATIONS 64

static bool tenon_is_dynamic(const tenon_kernel_t* kernel, int dim) {
  return kernel->outer[dim].count.constant >= 0;
}

static tenon_plan_extent_t tenon_loop_extent(const tenon_kernel_t* kernel, int dim) {
  tenon_count_t count = kernel->outer[dim].count;
  return (tenon_plan_extent_t){.scale = count.constant < 0 ? count.fixed : 1,
                               .constant = count.constant};
}

// Whether |access| of |member| walks loops |outer| and |inner| as if they were one, or not at all.
static bool tenon_walks_as_one(const tenon_kernel_t* kernel, const tenon_access_t* access,
                               int outer, int inner) {
  if (access->array < 0) return true;
  const tenon_array_t* array = &kernel->arrays[access->array];
  int previous = -1;  // the last dimension that is longer than 1
  bool adjacent = false;
  int uses = 0;
  for (int p = 0; p < array->rank; ++p) {
    if (tenon_count_is(array->extents[p], 1)) continue;
    const tenon_linear_t* index = &access->indices[p];
    uses += tenon_linear_uses(index, outer) + tenon_linear_uses(index, inner);
    if (previous >= 0 && tenon_linear_is_dim(&access->indices[previous], outer) &&
        tenon_linear_is_dim(index, inner) &&
        tenon_count_equal(array->extents[p], kernel->outer[inner].count)) {
      adjacent = true;
    }
    previous = p;
  }
  return uses == 0 || (adjacent && uses == 2);
}

static bool tenon_collapses(const tenon_kernel_t* kernel, int outer, int inner) {
  if (kernel->outer[outer].index_used || kernel->outer[inner].index_used) return false;
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    for (int i = 0; i < member->access_count; ++i) {
      if (!tenon_walks_as_one(kernel, &member->accesses[i], outer, inner)) return false;
    }
  }
  return true;
}

// The result that tells the order of the loops: the last member's first in memory.
static const tenon_access_t* tenon_main_result(const tenon_kernel_t* kernel) {
  for (int m = kernel->member_count - 1; m >= 0; --m) {
    const tenon_member_t* member = &kernel->members[m];
    for (int r = 0; r < member->output_count; ++r) {
      const tenon_access_t* result = tenon_member_result(member, r);
      if (result->array >= 0 && !member->updates) return result;
    }
  }
  return NULL;
}

// The order in which the result lies in memory, without loops that run once.
static int tenon_order_loops(const tenon_kernel_t* kernel, int* order) {
  const tenon_access_t* result = tenon_main_result(kernel);
  int count = 0;
  if (!result) {
    for (int d = 0; d < kernel->outer_count; ++d) {
      if (!tenon_count_is(kernel->outer[d].count, 1)) order[count++] = d;
    }
    return count;
  }
  for (int p = 0; p < kernel->arrays[result->array].rank; ++p) {
    int d = tenon_linear_single_dim(&result->indices[p]);
    if (d < kernel->outer_count && !tenon_count_is(kernel->outer[d].count, 1)) order[count++] = d;
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
static tenon_plan_extent_t tenon_group_extent(const tenon_kernel_t* kernel,
                                              const tenon_plan_loop_t* group) {
  tenon_plan_extent_t extent = {.scale = 1, .constant = -1};
  for (int i = 0; i < group->member_count; ++i) {
    tenon_plan_extent_t loop = tenon_loop_extent(kernel, group->members[i]);
    extent.scale *= loop.scale;
    if (loop.constant >= 0) extent.constant = loop.constant;
  }
  return extent;
}

static int64_t tenon_min(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t tenon_max(int64_t a, int64_t b) { return a > b ? a : b; }

// Outer iterations of a tile, by what the members' own loops do in each.
static int64_t tenon_tile_elements(const tenon_kernel_t* kernel) {
  int64_t most = 1;
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    int64_t work = 1;
    for (int d = kernel->outer_count; d < member->loop_count; ++d) {
      tenon_count_t count = member->loops[d].count;
      work *= count.constant < 0 ? tenon_max(1, tenon_min(count.fixed, TENON_TILE_ELEMENTS))
                                 : TENON_USUAL_ITERATIONS;
      work = tenon_min(work, TENON_TILE_ELEMENTS);
    }
    most = tenon_max(most, work);
  }
  return tenon_max(1, TENON_TILE_ELEMENTS / most);
}

// A flat loop: one grid dimension for each extent known at run time only; fixed extents go with the
// last.
static void tenon_plan_flat(const tenon_kernel_t* kernel, tenon_plan_t* plan) {
  const tenon_plan_loop_t* group = &plan->loops[0];
  int64_t fixed = 1;
  for (int i = 0; i < group->member_count; ++i) {
    tenon_plan_extent_t extent = tenon_loop_extent(kernel, group->members[i]);
    if (extent.constant < 0) {
      fixed *= extent.scale;
      continue;
    }
    plan->grid[plan->grid_rank].extent = extent;
    plan->grid[plan->grid_rank++].tile_size = 4;
  }
  if (!plan->grid_rank)
    plan->grid[plan->grid_rank++].extent = (tenon_plan_extent_t){.scale = 1, .constant = -1};
  tenon_plan_grid_t* last = &plan->grid[plan->grid_rank - 1];
  last->extent.scale *= fixed;
  last->tile_size = plan->block.lanes ? plan->block.lanes : tenon_tile_elements(kernel);
  for (int i = 0; i + 1 < plan->grid_rank && last->tile_size > 16; ++i) last->tile_size /= 4;
}

// The loop other than the innermost along which some array is contiguous, or -1.
static int tenon_crossed_by(const tenon_kernel_t* kernel, const tenon_plan_t* plan,
                            const tenon_access_t* access, int inner) {
  if (access->array < 0) return -1;
  const tenon_array_t* array = &kernel->arrays[access->array];
  int last = array->rank - 1;
  while (last >= 0 && tenon_count_is(array->extents[last], 1)) --last;
  bool uses_inner = false;
  for (int p = 0; p < last; ++p)
    uses_inner = uses_inner || tenon_linear_uses(&access->indices[p], inner);
  if (last < 0 || !uses_inner) return -1;
  for (int g = 0; g + 1 < plan->loop_count; ++g) {
    if (tenon_linear_uses(&access->indices[last],
                          plan->loops[g].members[plan->loops[g].member_count - 1]))
      return g;
  }
  return -1;
}

static int tenon_crossing_loop(const tenon_kernel_t* kernel, const tenon_plan_t* plan) {
  const tenon_plan_loop_t* innermost = &plan->loops[plan->loop_count - 1];
  int inner = innermost->members[innermost->member_count - 1];
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    for (int i = 0; i < member->access_count; ++i) {
      int crossing = tenon_crossed_by(kernel, plan, &member->accesses[i], inner);
      if (crossing >= 0) return crossing;
    }
  }
  return -1;
}

static void tenon_plan_tiles(const tenon_kernel_t* kernel, tenon_plan_t* plan) {
  int last = plan->loop_count - 1;
  for (int g = 0; g < last; ++g) plan->loops[g].tile_size = 1;
  int crossing = tenon_crossing_loop(kernel, plan);
  plan->blocked_loop = crossing >= 0 ? crossing : last - 1;
  tenon_plan_extent_t inner = tenon_group_extent(kernel, &plan->loops[last]);
  tenon_plan_extent_t outer = tenon_group_extent(kernel, &plan->loops[plan->blocked_loop]);
  int64_t elements = tenon_tile_elements(kernel);
  int64_t columns = crossing >= 0 ? tenon_min(TENON_TILE_BLOCK, elements) : elements;
  if (inner.constant < 0) columns = tenon_max(1, tenon_min(columns, inner.scale));
  int64_t rows = tenon_min(TENON_TILE_BLOCK, tenon_max(1, elements / columns));
  if (crossing < 0 && inner.constant < 0) rows = tenon_max(1, elements / columns);
  if (crossing < 0 && inner.constant >= 0)
    rows = elements < TENON_TILE_ELEMENTS ? 1 : TENON_TILE_ROWS;
  if (plan->block.lanes) {
    plan->blocked_loop = plan->block.row_level >= 0 ? plan->block.row_level : last - 1;
    outer = tenon_group_extent(kernel, &plan->loops[plan->blocked_loop]);
    columns = plan->block.lanes * (plan->block.in_registers ? TENON_TILE_PANELS : 1);
    rows = plan->block.row_level >= 0 ? plan->block.rows * TENON_TILE_PANELS * 2 : 1;
    if (inner.constant < 0 && inner.scale < columns) columns = tenon_max(1, inner.scale);
  }
  if (outer.constant < 0) rows = tenon_max(1, tenon_min(rows, outer.scale));
  plan->loops[last].tile_size = columns;
  plan->loops[plan->blocked_loop].tile_size = rows;
  for (int g = 0; g <= last; ++g) {
    plan->grid[g].extent = tenon_group_extent(kernel, &plan->loops[g]);
    plan->grid[g].tile_size = plan->loops[g].tile_size;
  }
  plan->grid_rank = plan->loop_count;
}

void tenon_plan_make(const tenon_kernel_t* kernel, const tenon_vectors_t* vectors,
                     tenon_plan_t* out_plan) {
  memset(out_plan, 0, sizeof(*out_plan));
  int order[TENON_KERNEL_MAX_RANK];
  int count = tenon_order_loops(kernel, order);
  tenon_group_loops(kernel, order, count, out_plan);
  tenon_plan_block(kernel, vectors, out_plan);
  if (out_plan->loop_count == 1) {
    tenon_plan_flat(kernel, out_plan);
  } else if (out_plan->loop_count > 1) {
    tenon_plan_tiles(kernel, out_plan);
  }
}
