// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How operands walk through their arrays: addresses, and the loads and stores there.

#include "compiler/codegen/nest.h"

// The step along each loop, and the offset of the first element.
static LLVMValueRef tenon_make_steps(tenon_nest_t* nest, const tenon_member_t* member,
                                     const tenon_access_t* access, tenon_walk_t* walk) {
  LLVMValueRef offset = tenon_ir_i64(nest->ir, 0), stride = tenon_ir_i64(nest->ir, 1);
  const tenon_array_t* array = &nest->kernel->arrays[access->array];
  for (int p = array->rank - 1; p >= 0; --p) {
    const tenon_linear_t* index = &access->indices[p];
    offset = tenon_nest_add(nest, offset,
                            tenon_nest_mul(nest, tenon_ir_i64(nest->ir, index->base), stride));
    for (int d = 0; d < member->loop_count; ++d) {
      if (!tenon_linear_uses(index, d)) continue;
      LLVMValueRef step =
          tenon_nest_mul(nest, tenon_ir_i64(nest->ir, index->coefficients[d]), stride);
      walk->steps[d] = walk->steps[d] ? tenon_nest_add(nest, walk->steps[d], step) : step;
    }
    if (p > 0) stride = tenon_nest_mul(nest, stride, tenon_nest_count(nest, array->extents[p]));
  }
  return offset;
}

// The depth after which |walk| is final. What this dispatch writes is read by the member itself, not before.
static int tenon_walk_depth(const tenon_nest_t* nest, const tenon_access_t* access,
                            const tenon_walk_t* walk, int own_lane_loop) {
  if (own_lane_loop >= 0 && walk->steps[own_lane_loop]) return TENON_LANE_DEPTH;
  int depth = access->slot >= 0 ? nest->outer_depth : -1;
  for (int i = 0; i < nest->plan->loop_count; ++i) {
    const tenon_plan_loop_t* loop = &nest->plan->loops[nest->order[i]];
    if (walk->steps[loop->members[loop->member_count - 1]]) depth = i;
  }
  const tenon_block_t* block = &nest->block;
  if (block->row_loop >= 0 && walk->steps[block->row_loop]) depth = nest->outer_depth;
  for (int d = nest->kernel->outer_count; d < TENON_KERNEL_MAX_RANK; ++d) {
    if (walk->steps[d]) depth = nest->outer_depth + 1 + d;
  }
  if (block->lane_loop >= 0 && (walk->steps[block->lane_loop] || access->slot >= 0))
    return TENON_LANE_DEPTH;
  bool written = access->array >= 0 && nest->kernel->arrays[access->array].written;
  return written && depth < nest->outer_depth ? nest->outer_depth : depth;
}

void tenon_make_walks(tenon_nest_t* nest) {
  int next = 0;
  for (int m = 0; m < nest->kernel->member_count; ++m) {
    const tenon_member_t* member = &nest->kernel->members[m];
    nest->first_walk[m] = next;
    int own_lane_loop;
    tenon_plan_member_lanes(nest->kernel, nest->plan, member, &own_lane_loop);
    for (int i = 0; i < member->access_count; ++i, ++next) {
      const tenon_access_t* access = &member->accesses[i];
      tenon_walk_t* walk = &nest->walks[next];
      nest->offsets[next] = tenon_ir_i64(nest->ir, 0);
      if (access->array >= 0) nest->offsets[next] = tenon_make_steps(nest, member, access, walk);
      walk->depth = tenon_walk_depth(nest, access, walk, own_lane_loop);
    }
  }
  nest->first_walk[nest->kernel->member_count] = next;
}

void tenon_walk_index(tenon_nest_t* nest, int from, int to, int loop, LLVMValueRef index) {
  for (int i = from; i < to; ++i) {
    LLVMValueRef step = nest->walks[i].steps[loop];
    if (!step) continue;
    nest->offsets[i] = tenon_nest_add(nest, nest->offsets[i], tenon_nest_mul(nest, index, step));
  }
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static void tenon_mark_access(tenon_nest_t* nest, const tenon_ir_access_t* marked, int array) {
  for (int i = 0; i < marked->count; ++i) {
    if (nest->own_scope[array])
      LLVMSetMetadata(marked->instructions[i], nest->scope_kind, nest->own_scope[array]);
    if (nest->other_scopes[array])
      LLVMSetMetadata(marked->instructions[i], nest->noalias_kind, nest->other_scopes[array]);
  }
}

static LLVMValueRef tenon_element_address(tenon_nest_t* nest, int array, LLVMValueRef offset) {
  LLVMTypeRef type = tenon_ir_memory_type(nest->ir, nest->kernel->arrays[array].type);
  return LLVMBuildInBoundsGEP2(nest->b, type, nest->pointers[array], &offset, 1, "");
}

LLVMValueRef tenon_load_element(tenon_nest_t* nest, int array, LLVMValueRef offset) {
  tenon_ir_access_t marked;
  LLVMValueRef value = tenon_ir_load(nest->ir, nest->kernel->arrays[array].type,
                                     tenon_element_address(nest, array, offset), &marked);
  tenon_mark_access(nest, &marked, array);
  return value;
}

void tenon_store_element(tenon_nest_t* nest, int array, LLVMValueRef offset, LLVMValueRef value) {
  tenon_ir_access_t marked;
  tenon_ir_store(nest->ir, nest->kernel->arrays[array].type, value,
                 tenon_element_address(nest, array, offset), &marked);
  tenon_mark_access(nest, &marked, array);
}

static bool tenon_walk_has_rows(const tenon_nest_t* nest, int walk) {
  return nest->block.row_loop >= 0 && nest->walks[walk].steps[nest->block.row_loop];
}

LLVMValueRef tenon_row_offset(tenon_nest_t* nest, int walk, int row) {
  if (!row || !tenon_walk_has_rows(nest, walk)) return nest->offsets[walk];
  LLVMValueRef step = nest->walks[walk].steps[nest->block.row_loop];
  return tenon_nest_add(nest, nest->offsets[walk],
                        tenon_nest_mul(nest, tenon_ir_i64(nest->ir, row), step));
}

LLVMValueRef tenon_load_operand(tenon_nest_t* nest, int m, int access, int row) {
  const tenon_member_t* member = &nest->kernel->members[m];
  const tenon_access_t* from = &member->accesses[access];
  if (from->array >= 0) {
    return tenon_load_element(nest, from->array,
                              tenon_row_offset(nest, nest->first_walk[m] + access, row));
  }
  if (from->slot < 0) return tenon_scalars_get(&nest->scalars, member->op, from->scalar);
  return tenon_load_slot(nest, from->slot, row);
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

// Whether there is one for each lane of a block.
static bool tenon_slot_has_lanes(const tenon_nest_t* nest, int slot) {
  return LLVMGetTypeKind(LLVMGetAllocatedType(nest->slots[slot])) == LLVMArrayTypeKind;
}

static LLVMTypeRef tenon_slot_type(const tenon_nest_t* nest, int slot) {
  LLVMTypeRef type = LLVMGetAllocatedType(nest->slots[slot]);
  return tenon_slot_has_lanes(nest, slot) ? LLVMGetElementType(type) : type;
}

static LLVMValueRef tenon_slot_address(tenon_nest_t* nest, int slot, int row) {
  if (!tenon_slot_has_lanes(nest, slot)) return nest->slots[slot];
  LLVMValueRef first = tenon_ir_i64(nest->ir, row * nest->block.most_lanes);
  LLVMValueRef number = tenon_nest_add(nest, first, nest->lane);
  return LLVMBuildInBoundsGEP2(nest->b, tenon_slot_type(nest, slot), nest->slots[slot], &number, 1,
                               "");
}

LLVMValueRef tenon_load_slot(tenon_nest_t* nest, int slot, int row) {
  return LLVMBuildLoad2(nest->b, tenon_slot_type(nest, slot), tenon_slot_address(nest, slot, row),
                        "");
}

void tenon_store_slot(tenon_nest_t* nest, int slot, int row, LLVMValueRef value) {
  LLVMBuildStore(nest->b, value, tenon_slot_address(nest, slot, row));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

// Whether operand |access| of member |m| is read once for each row of the block.
static bool tenon_has_row_values(const tenon_nest_t* nest, int m, int access) {
  return tenon_walk_has_rows(nest, nest->first_walk[m] + access) ||
         nest->kernel->members[m].accesses[access].slot >= 0;
}

LLVMValueRef tenon_row_value(const tenon_nest_t* nest, int m, int access, int row) {
  const tenon_walk_t* walk = &nest->walks[nest->first_walk[m] + access];
  return walk->values[tenon_has_row_values(nest, m, access) ? row : 0];
}

static MlirLogicalResult tenon_load_member_depth(tenon_nest_t* nest, int m, int depth) {
  for (int i = 0; i < nest->kernel->members[m].read_count; ++i) {
    int number = nest->first_walk[m] + i;
    tenon_walk_t* walk = &nest->walks[number];
    if (walk->depth != depth) continue;
    for (int row = 0; row < nest->block.rows; ++row) {
      if (row && !tenon_has_row_values(nest, m, i)) break;
      walk->values[row] = tenon_load_operand(nest, m, i, row);
      if (!walk->values[row]) return mlirLogicalResultFailure();
    }
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_load_depth(tenon_nest_t* nest, int m, int depth) {
  if (m >= 0) return tenon_load_member_depth(nest, m, depth);
  for (m = 0; m < nest->kernel->member_count; ++m) {
    if (mlirLogicalResultIsFailure(tenon_load_member_depth(nest, m, depth)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}
