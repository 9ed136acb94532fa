// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a kernel's loops are run: their order, which of them become one, and the grid of tiles.

#ifndef TENON_COMPILER_CODEGEN_PLAN_H_
#define TENON_COMPILER_CODEGEN_PLAN_H_

#include "compiler/codegen/kernel.h"

// Outer loops of the kernel, outer to inner, that run as one: neighbours in memory in every array. Its
// extent is the product of theirs.
typedef struct tenon_plan_loop_t {
  int members[TENON_KERNEL_MAX_RANK];
  int member_count;
  int64_t tile_size;
} tenon_plan_loop_t;

// |scale|, times the dispatch's constant number |constant| if that is not negative.
typedef struct tenon_plan_extent_t {
  int64_t scale;
  int32_t constant;
} tenon_plan_extent_t;

// One dimension of the grid, as the metadata declares it.
typedef struct tenon_plan_grid_t {
  tenon_plan_extent_t extent;
  int64_t tile_size;
} tenon_plan_grid_t;

// The target's vector registers.
typedef struct tenon_vectors_t {
  int bytes;  // of each
  int registers;
} tenon_vectors_t;

// Iterations of the outer loops that run together (block.c).
typedef struct tenon_plan_block_t {
  // Iterations of the innermost loop: the lanes. 0: no blocks, one iteration at a time.
  int64_t lanes;
  int row_level, rows;  // of another loop, which are repeated in the code; -1 and 1: no other
  bool in_registers;    // what a whole block computes
  int64_t vector;       // lanes that make a vector
} tenon_plan_block_t;
#define TENON_BLOCK_MAX_ROWS 6

typedef struct tenon_plan_t {
  // Outer to inner. None: the kernel computes one element. One: a flat loop. More: tiles of at most
  // two loops.
  int loop_count;
  tenon_plan_loop_t loops[TENON_KERNEL_MAX_RANK];
  // The loop that is blocked together with the innermost one: its neighbour, or where another array
  // is contiguous.
  int blocked_loop;
  tenon_plan_block_t block;
  int grid_rank;
  tenon_plan_grid_t grid[TENON_KERNEL_MAX_RANK];
} tenon_plan_t;

// The kernel's outer loop whose index loop |level| of the plan counts.
static inline int tenon_plan_loop_number(const tenon_plan_t* plan, int level) {
  return plan->loops[level].members[plan->loops[level].member_count - 1];
}

void tenon_plan_make(const tenon_kernel_t* kernel, const tenon_vectors_t* vectors,
                     tenon_plan_t* out_plan);

// Decides on the blocks of a plan whose loops are known.
void tenon_plan_block(const tenon_kernel_t* kernel, const tenon_vectors_t* vectors,
                      tenon_plan_t* plan);
// The same for a member's own parallel loops, whose results are arrays: how many lanes of which of them run inside of
// the reductions, in each outer iteration. 0 and -1: none, or those of plan->block.
int64_t tenon_plan_member_lanes(const tenon_kernel_t* kernel, const tenon_plan_t* plan,
                                const tenon_member_t* member, int* out_loop);

#endif  // TENON_COMPILER_CODEGEN_PLAN_H_
