// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks: whether reductions run around a parallel loop instead of inside of it, and how many iterations of the outer
// loops a block takes.
//
// Where what is summed up lies along a parallel loop in memory (the columns of a matrix product's right side), running
// the reduction inside would walk across it. So a block of that loop, the lanes, runs inside of the reduction, each lane
// with its own running value. Where another loop reads the same elements again (the rows of the product), some of its
// iterations join the block, and the block's running values are in registers.

#include "compiler/codegen/affine.h"
#include "compiler/codegen/ir.h"
#include "compiler/support/mlir_util.h"

// Running values of a block that are not in registers, in bytes and lanes.
#define TENON_BLOCK_BYTES (16 * 1024)
#define TENON_BLOCK_LANES 256
// Operations in the bodies of a block with several rows at most, since they are repeated for each.
#define TENON_BLOCK_OPERATIONS 24

// Vectors of lanes in a block whose values are in registers. For each of them one register holds what moves with the
// lanes, and each row needs one for what stays.
#define TENON_BLOCK_VECTORS 4

// With 16 registers 3 rows, of which the running values take 12; one less where a product needs one of its own, since
// nothing adds it at once.
static int tenon_block_rows(const tenon_vectors_t* vectors) {
  if (vectors->registers >= 32) return TENON_BLOCK_MAX_ROWS;
  return vectors->bytes > 16 ? 3 : 2;
}

// How an operand of a member moves when the lanes' loop does.
typedef enum tenon_motion_t {
  TENON_STAYS,
  TENON_NEXT,   // to the next element
  TENON_JUMPS,  // anywhere else
} tenon_motion_t;

static tenon_motion_t tenon_access_motion(const tenon_kernel_t* kernel,
                                          const tenon_access_t* access, int loop) {
  if (access->array < 0) return TENON_STAYS;
  const tenon_array_t* array = &kernel->arrays[access->array];
  int last = array->rank - 1;
  while (last >= 0 && tenon_count_is(array->extents[last], 1)) --last;
  for (int p = 0; p < last; ++p) {
    if (tenon_linear_uses(&access->indices[p], loop)) return TENON_JUMPS;
  }
  if (last < 0 || !tenon_linear_uses(&access->indices[last], loop)) return TENON_STAYS;
  return access->indices[last].coefficients[loop] == 1 ? TENON_NEXT : TENON_JUMPS;
}

// Of a tensor.extract or tenon.read; what its indices but the last do is not known, and taken for no matter.
static tenon_motion_t tenon_gather_motion(const tenon_kernel_t* kernel,
                                          const tenon_member_t* member, MlirOperation op,
                                          int loop) {
  intptr_t operands = mlirOperationGetNumOperands(op);
  if (operands == (tenon_op_is(op, "tenon.read") ? 2 : 1)) return TENON_STAYS;
  tenon_affine_t affine;
  if (!tenon_affine_read(kernel, member, mlirOperationGetOperand(op, operands - 1), &affine))
    return TENON_JUMPS;
  if (affine.loops[loop] == 0) return TENON_STAYS;
  return affine.loops[loop] == 1 ? TENON_NEXT : TENON_JUMPS;
}

// How often the reads of reducing members move on to the next element, or jump.
typedef struct tenon_motions_t {
  int next, jumps;
  int operations;  // of all members' bodies
} tenon_motions_t;

static void tenon_count_motion(tenon_motion_t motion, tenon_motions_t* motions) {
  motions->next += motion == TENON_NEXT;
  motions->jumps += motion == TENON_JUMPS;
}

static void tenon_count_motions(const tenon_kernel_t* kernel, const tenon_member_t* member,
                                int loop, tenon_motions_t* motions) {
  for (int i = 0; i < member->read_count && member->reduces; ++i)
    tenon_count_motion(tenon_access_motion(kernel, &member->accesses[i], loop), motions);
  for (MlirOperation op = mlirBlockGetFirstOperation(member->body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    ++motions->operations;
    if (member->reduces && (tenon_op_is(op, "tensor.extract") || tenon_op_is(op, "tenon.read")))
      tenon_count_motion(tenon_gather_motion(kernel, member, op, loop), motions);
  }
}

// Blocks are of dispatches that reduce and have no loops of their own but reductions.
static bool tenon_may_block(const tenon_kernel_t* kernel) {
  bool reduces = false;
  for (int m = 0; m < kernel->member_count; ++m) {
    const tenon_member_t* member = &kernel->members[m];
    if (member->updates) return false;
    reduces = reduces || member->reduces;
    int own = kernel->outer_count;
    if (own < member->loop_count && !member->loops[own].reduction) return false;
  }
  return reduces;
}

static int tenon_last_loop(const tenon_plan_loop_t* loop) {
  return loop->members[loop->member_count - 1];
}

// The plan's loop, nearest to the lanes, in whose iterations some read that moves with the lanes stays; or -1.
static int tenon_find_rows(const tenon_kernel_t* kernel, const tenon_plan_t* plan, int lane) {
  for (int g = plan->loop_count - 2; g >= 0; --g) {
    int loop = tenon_last_loop(&plan->loops[g]);
    for (int m = 0; m < kernel->member_count; ++m) {
      const tenon_member_t* member = &kernel->members[m];
      for (int i = 0; i < member->read_count && member->reduces; ++i) {
        const tenon_access_t* access = &member->accesses[i];
        if (tenon_access_motion(kernel, access, lane) == TENON_NEXT &&
            tenon_access_motion(kernel, access, loop) == TENON_STAYS)
          return g;
      }
    }
  }
  return -1;
}

// Adds up the bytes of one lane's slots, and finds those of the largest.
static void tenon_slot_bytes(const tenon_member_t* member, int64_t* all, int64_t* largest) {
  for (int r = 0; r < member->output_count; ++r) {
    MlirType type = mlirShapedTypeGetElementType(tenon_member_result(member, r)->type);
    int64_t bytes = tenon_is_narrow_float(type) ? 4 : tenon_element_size(type);
    *all += bytes;
    if (bytes > *largest) *largest = bytes;
  }
}

// Lanes whose slots are not in registers.
static int64_t tenon_lanes_in_memory(int64_t bytes) {
  if (bytes * TENON_BLOCK_LANES <= TENON_BLOCK_BYTES) return TENON_BLOCK_LANES;
  return TENON_BLOCK_BYTES / bytes;
}

void tenon_plan_block(const tenon_kernel_t* kernel, const tenon_vectors_t* vectors,
                      tenon_plan_t* plan) {
  plan->block = (tenon_plan_block_t){.row_level = -1, .rows = 1};
  if (!plan->loop_count || !tenon_may_block(kernel)) return;
  const tenon_plan_loop_t* lanes = &plan->loops[plan->loop_count - 1];
  int lane = tenon_last_loop(lanes);
  tenon_motions_t motions = {0};
  for (int m = 0; m < kernel->member_count; ++m)
    tenon_count_motions(kernel, &kernel->members[m], lane, &motions);
  if (!motions.next || motions.jumps) return;
  int64_t all = 0, largest = 1;
  for (int m = 0; m < kernel->member_count; ++m)
    tenon_slot_bytes(&kernel->members[m], &all, &largest);
  plan->block.vector = vectors->bytes / largest;
  int64_t count = TENON_BLOCK_VECTORS * plan->block.vector, fixed = -1;
  if (lanes->member_count == 1 && tenon_count_is_fixed(kernel->outer[lane].count))
    fixed = kernel->outer[lane].count.fixed;
  // Several sizes of blocks are in the frame at once.
  int rows = tenon_block_rows(vectors);
  bool small = motions.operations <= TENON_BLOCK_OPERATIONS &&
               3 * count * (rows + 1) * all <= TENON_BLOCK_BYTES;
  if (small) plan->block.row_level = tenon_find_rows(kernel, plan, lane);
  plan->block.in_registers =
      plan->block.row_level >= 0 || (small && fixed >= 0 && fixed <= 2 * count);
  if (plan->block.row_level >= 0) plan->block.rows = rows;
  if (plan->block.in_registers) {
    bool few = fixed > 0 && (fixed < count || plan->block.row_level < 0);
    plan->block.lanes = few ? fixed : count;
    return;
  }
  plan->block.lanes = tenon_lanes_in_memory(all);
}

int64_t tenon_plan_member_lanes(const tenon_kernel_t* kernel, const tenon_plan_t* plan,
                                const tenon_member_t* member, int* out_loop) {
  *out_loop = -1;
  if (plan->block.lanes || !member->reduces) return 0;
  int lane = member->loop_count - 1;
  while (lane >= kernel->outer_count && member->loops[lane].reduction) --lane;
  if (lane < kernel->outer_count) return 0;
  tenon_motions_t motions = {0};
  tenon_count_motions(kernel, member, lane, &motions);
  if (!motions.next || motions.jumps) return 0;
  // All members' slots are in the frame at the same time.
  int64_t all = 0, largest = 1;
  for (int m = 0; m < kernel->member_count; ++m)
    tenon_slot_bytes(&kernel->members[m], &all, &largest);
  *out_loop = lane;
  return tenon_lanes_in_memory(all);
}
