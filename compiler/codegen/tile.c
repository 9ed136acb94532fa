// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The outer loops: the grid's tiles, and the loops inside of a tile.

#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/nest.h"
#include "compiler/support/mlir_util.h"

//===----------------------------------------------------------------------===//
// Levels of the plan
//===----------------------------------------------------------------------===//

// Tells every operand that loop |level| of the plan has this index.
static void tenon_enter_index(tenon_nest_t* nest, int level, LLVMValueRef index) {
  int loop = tenon_plan_loop_number(nest->plan, level);
  nest->outer_indices[loop] = index;
  tenon_walk_index(nest, 0, nest->walk_count, loop, index);
}

static LLVMValueRef tenon_plan_count(tenon_nest_t* nest, int level) {
  const tenon_plan_loop_t* loop = &nest->plan->loops[level];
  LLVMValueRef count = tenon_ir_i64(nest->ir, 1);
  for (int i = 0; i < loop->member_count; ++i) {
    count = tenon_nest_mul(nest, count,
                           tenon_nest_count(nest, nest->kernel->outer[loop->members[i]].count));
  }
  return count;
}

// ceil(extent / tile).
static LLVMValueRef tenon_tile_count(tenon_nest_t* nest, LLVMValueRef extent, int64_t tile) {
  if (tile == 1) return extent;
  return LLVMBuildUDiv(nest->b, tenon_nest_add(nest, extent, tenon_ir_i64(nest->ir, tile - 1)),
                       tenon_ir_i64(nest->ir, tile), "");
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

// |begin| + the largest multiple of |step| that is no more than |end| - |begin|.
static LLVMValueRef tenon_whole_end(tenon_nest_t* nest, LLVMValueRef begin, LLVMValueRef end,
                                    int64_t step) {
  LLVMValueRef span = LLVMBuildSub(nest->b, end, begin, "");
  LLVMValueRef rest = LLVMBuildURem(nest->b, span, tenon_ir_i64(nest->ir, step), "");
  return LLVMBuildSub(nest->b, end, rest, "");
}

// How many iterations of loop |level| steps of |step| leave in the last tile, none in others; -1 if that is not known.
static int64_t tenon_known_rest(const tenon_nest_t* nest, int level, int64_t step) {
  const tenon_plan_loop_t* loop = &nest->plan->loops[level];
  int64_t count = 1;
  for (int i = 0; i < loop->member_count; ++i) {
    tenon_count_t one = nest->kernel->outer[loop->members[i]].count;
    if (!tenon_count_is_fixed(one)) return -1;
    count *= one.fixed;
  }
  int64_t tile = nest->plan->loop_count > 1 ? loop->tile_size : nest->plan->grid[0].tile_size;
  return tile % step == 0 || tile >= count ? count % step : -1;
}

// Loop |level| from |begin| to |end| by |step|, with |emit| inside.
static MlirLogicalResult tenon_emit_steps(tenon_nest_t* nest, int level, LLVMValueRef begin,
                                          LLVMValueRef end, int64_t step,
                                          MlirLogicalResult (*emit)(tenon_nest_t* nest,
                                                                    const LLVMValueRef* range),
                                          const LLVMValueRef* range) {
  tenon_open_loop_t loop = tenon_open_loop(nest, begin, end, step, true);
  tenon_enter_index(nest, level, loop.index);
  if (mlirLogicalResultIsFailure(emit(nest, range))) {
    tenon_drop_loop(&loop);
    return mlirLogicalResultFailure();
  }
  tenon_close_loop(nest, &loop);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_emit_block(tenon_nest_t* nest, const LLVMValueRef* range) {
  return tenon_emit_members(nest);
}

// All rows of a tile, |range|, for the lanes of |nest->block|.
static MlirLogicalResult tenon_emit_rows(tenon_nest_t* nest, const LLVMValueRef* range) {
  int level = nest->plan->block.row_level, rows = nest->plan->block.rows;
  if (level < 0) return tenon_emit_members(nest);
  LLVMValueRef whole_end = tenon_whole_end(nest, range[0], range[1], rows);
  nest->block.rows = rows;
  MlirLogicalResult result =
      tenon_emit_steps(nest, level, range[0], whole_end, rows, tenon_emit_block, NULL);
  nest->block.rows = 1;
  if (mlirLogicalResultIsFailure(result) || tenon_known_rest(nest, level, rows) == 0) return result;
  return tenon_emit_steps(nest, level, whole_end, range[1], 1, tenon_emit_block, NULL);
}

static MlirLogicalResult tenon_emit_whole_lanes(tenon_nest_t* nest, const LLVMValueRef* range) {
  nest->block.lanes = tenon_ir_i64(nest->ir, nest->block.most_lanes);
  nest->block.whole = true;
  return tenon_emit_rows(nest, range);
}

// What is left of the lanes from the innermost loop's index on, up to |range[2]|.
static MlirLogicalResult tenon_emit_some_lanes(tenon_nest_t* nest, const LLVMValueRef* range) {
  LLVMValueRef index = nest->outer_indices[nest->block.lane_loop];
  LLVMValueRef rest = LLVMBuildSub(nest->b, range[2], index, "");
  nest->block.lanes = tenon_nest_umin(nest, rest, tenon_ir_i64(nest->ir, nest->block.most_lanes));
  nest->block.whole = false;
  return tenon_emit_rows(nest, range);
}

// The blocks of a tile, of the lanes from |begin| to |range[2]|, of the rows from |range[0]| to |range[1]|: whole ones,
// single vectors, and what is left.
static MlirLogicalResult tenon_emit_blocks(tenon_nest_t* nest, LLVMValueRef begin,
                                           const LLVMValueRef* range) {
  int level = nest->plan->loop_count - 1;
  const tenon_plan_block_t* plan = &nest->plan->block;
  const int64_t sizes[] = {plan->lanes, plan->vector};
  int64_t rest = -1;
  for (int i = 0; i < 2 && plan->in_registers; ++i) {
    if (i && (sizes[1] >= sizes[0] || sizes[1] < 2 || (rest >= 0 && rest < sizes[1]))) continue;
    nest->block.most_lanes = sizes[i];
    LLVMValueRef whole_end = tenon_whole_end(nest, begin, range[2], sizes[i]);
    if (mlirLogicalResultIsFailure(tenon_emit_steps(nest, level, begin, whole_end, sizes[i],
                                                    tenon_emit_whole_lanes, range)))
      return mlirLogicalResultFailure();
    rest = tenon_known_rest(nest, level, sizes[i]);
    if (rest == 0) return mlirLogicalResultSuccess();
    begin = whole_end;
  }
  nest->block.most_lanes = plan->lanes;
  LLVMValueRef last = tenon_ir_i64(nest->ir, plan->lanes - 1);
  LLVMValueRef to = tenon_whole_end(nest, begin, tenon_nest_add(nest, range[2], last), plan->lanes);
  return tenon_emit_steps(nest, level, begin, to, plan->lanes, tenon_emit_some_lanes, range);
}

//===----------------------------------------------------------------------===//
// One loop
//===----------------------------------------------------------------------===//

// The elements that each of the grid's tiles stands for: where it has several dimensions, an equal share.
static LLVMValueRef tenon_flat_share(tenon_nest_t* nest, LLVMValueRef total) {
  const tenon_plan_t* plan = nest->plan;
  if (plan->grid_rank == 1) return tenon_ir_i64(nest->ir, plan->grid[0].tile_size);
  LLVMValueRef tiles = tenon_ir_i64(nest->ir, 1);
  for (int g = 0; g < plan->grid_rank; ++g) {
    const tenon_plan_extent_t* extent = &plan->grid[g].extent;
    LLVMValueRef count = tenon_ir_i64(nest->ir, extent->scale);
    if (extent->constant >= 0)
      count = tenon_nest_mul(nest, count, nest->constants[extent->constant]);
    tiles = tenon_nest_mul(nest, tiles, tenon_tile_count(nest, count, plan->grid[g].tile_size));
  }
  LLVMValueRef rounded =
      tenon_nest_add(nest, total, LLVMBuildSub(nest->b, tiles, tenon_ir_i64(nest->ir, 1), ""));
  return LLVMBuildUDiv(nest->b, rounded, tiles, "");
}

static MlirLogicalResult tenon_emit_segment(tenon_nest_t* nest, int depth, LLVMValueRef begin,
                                            LLVMValueRef end, bool may_be_empty) {
  tenon_open_loop_t loop = tenon_open_loop(nest, begin, end, 1, may_be_empty);
  tenon_enter_index(nest, nest->order[depth], loop.index);
  if (mlirLogicalResultIsFailure(tenon_load_depth(nest, -1, depth)) ||
      mlirLogicalResultIsFailure(tenon_emit_members(nest))) {
    tenon_drop_loop(&loop);
    return mlirLogicalResultFailure();
  }
  tenon_close_loop(nest, &loop);
  return mlirLogicalResultSuccess();
}

// The innermost loop, which is the |depth|-th. Where reads go beyond their tensors at its ends only, what lies between
// is a loop without branches.
static MlirLogicalResult tenon_emit_innermost(tenon_nest_t* nest, int depth, LLVMValueRef begin,
                                              LLVMValueRef end, bool may_be_empty) {
  int loop = tenon_plan_loop_number(nest->plan, nest->order[depth]);
  LLVMValueRef from, to;
  if (!tenon_split_reads(nest, loop, begin, end, &from, &to))
    return tenon_emit_segment(nest, depth, begin, end, may_be_empty);
  if (mlirLogicalResultIsFailure(tenon_emit_segment(nest, depth, begin, from, true)))
    return mlirLogicalResultFailure();
  nest->inside_loop = loop;
  MlirLogicalResult result = tenon_emit_segment(nest, depth, from, to, true);
  nest->inside_loop = -1;
  if (mlirLogicalResultIsFailure(result)) return result;
  return tenon_emit_segment(nest, depth, to, end, true);
}

static MlirLogicalResult tenon_emit_flat(tenon_nest_t* nest) {
  LLVMValueRef total = tenon_plan_count(nest, 0);
  LLVMValueRef share = tenon_flat_share(nest, total);
  LLVMValueRef first = tenon_nest_umin(nest, tenon_nest_mul(nest, nest->begin, share), total);
  LLVMValueRef last = tenon_nest_umin(nest, tenon_nest_mul(nest, nest->end, share), total);
  if (nest->plan->block.lanes)
    return tenon_emit_blocks(nest, first, (LLVMValueRef[]){NULL, NULL, last});
  return tenon_emit_innermost(nest, 0, first, last, true);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

// The loops inside a tile, from |order[depth]| inwards.
static MlirLogicalResult tenon_emit_tile(tenon_nest_t* nest, int depth, LLVMValueRef* tile_begin,
                                         LLVMValueRef* tile_end) {
  if (depth == nest->plan->loop_count) return tenon_emit_members(nest);
  int lane_level = nest->plan->loop_count - 1, row_level = nest->plan->block.row_level;
  if (nest->plan->block.lanes && depth == nest->plan->loop_count - (row_level >= 0 ? 2 : 1)) {
    LLVMValueRef range[] = {row_level >= 0 ? tile_begin[row_level] : NULL,
                            row_level >= 0 ? tile_end[row_level] : NULL, tile_end[lane_level]};
    return tenon_emit_blocks(nest, tile_begin[lane_level], range);
  }
  int level = nest->order[depth];
  bool single = nest->plan->loops[level].tile_size == 1;
  if (!single && depth == nest->plan->loop_count - 1)
    return tenon_emit_innermost(nest, depth, tile_begin[level], tile_end[level], false);
  tenon_open_loop_t loop = {.index = tile_begin[level]};
  if (!single) loop = tenon_open_loop(nest, tile_begin[level], tile_end[level], 1, false);
  tenon_enter_index(nest, level, loop.index);
  MlirLogicalResult result = tenon_load_depth(nest, -1, depth);
  if (mlirLogicalResultIsSuccess(result))
    result = tenon_emit_tile(nest, depth + 1, tile_begin, tile_end);
  if (single) return result;
  if (mlirLogicalResultIsSuccess(result)) {
    tenon_close_loop(nest, &loop);
  } else {
    tenon_drop_loop(&loop);
  }
  return result;
}

// A loop over tiles, with their coordinates, which count up from tile to tile: one division per dimension and call.
typedef struct tenon_tiles_t {
  tenon_open_loop_t loop;
  LLVMValueRef counts[TENON_KERNEL_MAX_RANK], ids[TENON_KERNEL_MAX_RANK];
} tenon_tiles_t;

static void tenon_open_tiles(tenon_nest_t* nest, const LLVMValueRef* extents,
                             tenon_tiles_t* tiles) {
  const tenon_plan_t* plan = nest->plan;
  LLVMValueRef rest = nest->begin, starts[TENON_KERNEL_MAX_RANK];
  for (int g = plan->loop_count - 1; g >= 0; --g) {
    tiles->counts[g] = tenon_tile_count(nest, extents[g], plan->loops[g].tile_size);
    starts[g] = g ? LLVMBuildURem(nest->b, rest, tiles->counts[g], "") : rest;
    if (g) rest = LLVMBuildUDiv(nest->b, rest, tiles->counts[g], "");
  }
  LLVMBasicBlockRef before = LLVMGetInsertBlock(nest->b);
  tiles->loop = tenon_open_loop(nest, nest->begin, nest->end, 1, false);
  for (int g = 0; g < plan->loop_count; ++g) {
    tiles->ids[g] = LLVMBuildPhi(nest->b, nest->ir->i64, "");
    LLVMAddIncoming(tiles->ids[g], &starts[g], &before, 1);
  }
}

static void tenon_close_tiles(tenon_nest_t* nest, tenon_tiles_t* tiles) {
  LLVMBasicBlockRef from = LLVMGetInsertBlock(nest->b);
  LLVMValueRef carry = tenon_ir_i64(nest->ir, 1);
  memcpy(nest->offsets, tiles->loop.outer_offsets,
         (size_t)nest->walk_count * sizeof(*nest->offsets));
  for (int g = nest->plan->loop_count - 1; g >= 0; --g) {
    LLVMValueRef next = tenon_nest_add(nest, tiles->ids[g], carry);
    if (g) {
      LLVMValueRef full = LLVMBuildICmp(nest->b, LLVMIntEQ, next, tiles->counts[g], "");
      next = LLVMBuildSelect(nest->b, full, tenon_ir_i64(nest->ir, 0), next, "");
      carry = LLVMBuildZExt(nest->b, full, nest->ir->i64, "");
    }
    LLVMAddIncoming(tiles->ids[g], &next, &from, 1);
  }
  tenon_close_loop(nest, &tiles->loop);
}

static MlirLogicalResult tenon_emit_tiled(tenon_nest_t* nest) {
  const tenon_plan_t* plan = nest->plan;
  LLVMValueRef extents[TENON_KERNEL_MAX_RANK], begins[TENON_KERNEL_MAX_RANK],
      ends[TENON_KERNEL_MAX_RANK];
  tenon_tiles_t tiles;
  for (int g = 0; g < plan->loop_count; ++g) extents[g] = tenon_plan_count(nest, g);
  tenon_open_tiles(nest, extents, &tiles);
  for (int g = 0; g < plan->loop_count; ++g) {
    LLVMValueRef tile = tenon_ir_i64(nest->ir, plan->loops[g].tile_size);
    begins[g] = tenon_nest_mul(nest, tiles.ids[g], tile);
    ends[g] = tenon_nest_umin(nest, tenon_nest_add(nest, begins[g], tile), extents[g]);
  }
  if (mlirLogicalResultIsFailure(tenon_emit_tile(nest, 0, begins, ends))) {
    tenon_drop_loop(&tiles.loop);
    return mlirLogicalResultFailure();
  }
  tenon_close_tiles(nest, &tiles);
  return mlirLogicalResultSuccess();
}

// Loops that run once have index 0.
MlirLogicalResult tenon_emit_range(tenon_nest_t* nest) {
  for (int d = 0; d < nest->kernel->outer_count; ++d)
    nest->outer_indices[d] = tenon_ir_i64(nest->ir, 0);
  if (mlirLogicalResultIsFailure(tenon_load_depth(nest, -1, -1))) return mlirLogicalResultFailure();
  if (nest->plan->loop_count == 0) return tenon_emit_members(nest);
  return nest->plan->loop_count == 1 ? tenon_emit_flat(nest) : tenon_emit_tiled(nest);
}
