// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A range function under construction, shared by the files that emit its parts. Each uses only those before it:
//   nest.c            arithmetic on indices, memory of the frame, loops
//   walk.c            addresses, and what is read and written there
//   gather.c          elements at computed places
//   member_code.c     a member's own loops and its body, in each outer iteration
//   tile.c            the grid and the outer loops
//   range_function.c  the function: what the state holds, checks, metadata

#ifndef TENON_COMPILER_CODEGEN_NEST_H_
#define TENON_COMPILER_CODEGEN_NEST_H_

#include "compiler/codegen/ir.h"

// One operand of a member on its way to memory.
typedef struct tenon_walk_t {
  // The step of its element index along each of the member's loops (NULL: none).
  LLVMValueRef steps[TENON_KERNEL_MAX_RANK];
  // The loop, as a depth in the nest, after which the index is final: it is read there.
  int depth;
  LLVMValueRef values
      [TENON_BLOCK_MAX_ROWS];  // what was read, for each row of the block that reads something else
} tenon_walk_t;

// The depth of the lanes' loop, which is inside of all others.
#define TENON_LANE_DEPTH 1000

// The block of outer iterations that the members run for: |rows| of loop |row_loop| (-1: one), which are repeated in
// the code, and |lanes| of loop |lane_loop| (NULL: one). The walks and the outer indices are at its first.
typedef struct tenon_block_t {
  int row_loop, rows;
  int lane_loop;
  LLVMValueRef lanes;
  int64_t most_lanes;
  bool
      whole;  // that many lanes: their loop shall be unrolled, so that what it computes stays in registers
} tenon_block_t;

typedef struct tenon_nest_t {
  const tenon_ir_t* ir;
  LLVMBuilderRef b;
  const tenon_kernel_t* kernel;
  const tenon_plan_t* plan;
  LLVMValueRef function, begin, end;
  LLVMBasicBlockRef entry;  // of the function, left open for tenon_nest_alloca
  tenon_scalars_t scalars;
  LLVMValueRef* constants;  // the dispatch's, as 64-bit slots
  LLVMValueRef* pointers;   // per array
  // The outer loops' indices. The tile's loops run in |order|; depth d is the d-th of them. Members begin at depth
  // |outer_depth|, their own loops follow.
  LLVMValueRef outer_indices[TENON_KERNEL_MAX_RANK];
  int order[TENON_KERNEL_MAX_RANK], outer_depth;
  // All operands of all members: those of member m begin at first_walk[m]. |offsets| are the element indices so far,
  // apart, since loops set them back.
  int walk_count;
  int* first_walk;
  tenon_walk_t* walks;
  LLVMValueRef* offsets;
  tenon_block_t block;
  LLVMValueRef lane;  // its number in the block, inside of the lanes' loop
  int inside_loop;  // every tenon.read whose last index follows this outer loop is inside there; -1: none
  LLVMValueRef failed;  // not 0 there once an index was outside; NULL while none can be
  // Where results are while they are numbers: most_lanes for each row of the block. NULL: not needed.
  LLVMValueRef* slots;
  // Alias metadata: per array the list of its own scope, and the list of the scopes that others
  // write.
  unsigned scope_kind, noalias_kind;
  LLVMValueRef* own_scope;
  LLVMValueRef* other_scopes;
} tenon_nest_t;

//===--- nest.c -------------------------------------------------------------------------------===//

// Arithmetic on extents and indices, none of which overflows.

LLVMValueRef tenon_nest_mul(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef tenon_nest_add(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef tenon_nest_umin(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef tenon_nest_count(tenon_nest_t* nest, tenon_count_t count);
LLVMBasicBlockRef tenon_nest_block(tenon_nest_t* nest);
// Memory of the function's frame, which LLVM brings into registers.
LLVMValueRef tenon_nest_alloca(tenon_nest_t* nest, LLVMTypeRef type);

typedef struct tenon_open_loop_t {
  LLVMValueRef index, end;
  int64_t step;
  LLVMBasicBlockRef block, after;
  LLVMValueRef* outer_offsets;  // to come back to
} tenon_open_loop_t;

// Opens `do { ... } while ((index += step) != end)`; if |may_be_empty| that in `if (begin < end)`, else begin < end holds.
tenon_open_loop_t tenon_open_loop(tenon_nest_t* nest, LLVMValueRef begin, LLVMValueRef end,
                                  int64_t step, bool may_be_empty);
// Returns the branch back.
LLVMValueRef tenon_close_loop(tenon_nest_t* nest, tenon_open_loop_t* loop);
// After a failure inside.
void tenon_drop_loop(tenon_open_loop_t* loop);

//===--- walk.c -------------------------------------------------------------------------------===//

// Per operand the steps along the loops, the offset of its first element and its depth.
void tenon_make_walks(tenon_nest_t* nest);
// The element of |array| with number |offset|, in registers; and the way back.
LLVMValueRef tenon_load_element(tenon_nest_t* nest, int array, LLVMValueRef offset);
void tenon_store_element(tenon_nest_t* nest, int array, LLVMValueRef offset, LLVMValueRef value);
// The offset of operand |walk| in row |row| of the block.
LLVMValueRef tenon_row_offset(tenon_nest_t* nest, int walk, int row);
// Tells operands |from| up to |to| that loop |loop| of their member has this index.
void tenon_walk_index(tenon_nest_t* nest, int from, int to, int loop, LLVMValueRef index);
// Operand |access| of member |m|, in row |row| of the block and the lane that is running.
LLVMValueRef tenon_load_operand(tenon_nest_t* nest, int m, int access, int row);
// A result that is a number, likewise.
LLVMValueRef tenon_load_slot(tenon_nest_t* nest, int slot, int row);
void tenon_store_slot(tenon_nest_t* nest, int slot, int row, LLVMValueRef value);
// Reads what is final at |depth|: of member |m|, or of all members if it is negative.
MlirLogicalResult tenon_load_depth(tenon_nest_t* nest, int m, int depth);
// What was read of operand |access| of member |m| for row |row|.
LLVMValueRef tenon_row_value(const tenon_nest_t* nest, int m, int access, int row);

//===--- gather.c -----------------------------------------------------------------------------===//

// And-s to |*fits| (NULL: true) what must hold before anything runs, so that computed indices are inside.
MlirLogicalResult tenon_check_places(tenon_nest_t* nest, LLVMValueRef* fits);
// A tensor.extract or tenon.read in a body: a function for tenon_scalars_t, whose user is a tenon_gatherer_t.
typedef struct tenon_gatherer_t {
  tenon_nest_t* nest;
  const tenon_member_t* member;
} tenon_gatherer_t;
MlirLogicalResult tenon_emit_gather(void* user, MlirOperation op);
// Where, of the iterations from |begin| to |end| of the outer loop |loop|, the last indices of all tenon.reads that
// follow it are inside: begin <= from <= to <= end. Returns false if none follows it.
bool tenon_split_reads(tenon_nest_t* nest, int loop, LLVMValueRef begin, LLVMValueRef end,
                       LLVMValueRef* out_from, LLVMValueRef* out_to);
// Stores what the tenon.yield of an update gives.
MlirLogicalResult tenon_emit_scatter(tenon_nest_t* nest, const tenon_member_t* member,
                                     MlirOperation yield);

//===--- member_code.c ------------------------------------------------------------------------===//

// All members, one after the other, for one block of the outer loops.
MlirLogicalResult tenon_emit_members(tenon_nest_t* nest);

//===--- tile.c -------------------------------------------------------------------------------===//

// All tiles of the range, with the members in each block.
MlirLogicalResult tenon_emit_range(tenon_nest_t* nest);

#endif  // TENON_COMPILER_CODEGEN_NEST_H_
