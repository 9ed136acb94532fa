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
                            const tenon_walk_t* walk) {
  if (access->slot >= 0) return nest->outer_depth;
  int depth = -1;
  for (int i = 0; i < nest->plan->loop_count; ++i) {
    const tenon_plan_loop_t* loop = &nest->plan->loops[nest->order[i]];
    if (walk->steps[loop->members[loop->member_count - 1]]) depth = i;
  }
  for (int d = nest->kernel->outer_count; d < TENON_KERNEL_MAX_RANK; ++d) {
    if (walk->steps[d]) depth = nest->outer_depth + 1 + d;
  }
  bool written = access->array >= 0 && nest->kernel->arrays[access->array].written;
  return written && depth < nest->outer_depth ? nest->outer_depth : depth;
}

void tenon_make_walks(tenon_nest_t* nest) {
  int next = 0;
  for (int m = 0; m < nest->kernel->member_count; ++m) {
    const tenon_member_t* member = &nest->kernel->members[m];
    nest->first_walk[m] = next;
    for (int i = 0; i < member->access_count; ++i, ++next) {
      const tenon_access_t* access = &member->accesses[i];
      tenon_walk_t* walk = &nest->walks[next];
      nest->offsets[next] = tenon_ir_i64(nest->ir, 0);
      if (access->array >= 0) nest->offsets[next] = tenon_make_steps(nest, member, access, walk);
      walk->depth = tenon_walk_depth(nest, access, walk);
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

static LLVMValueRef tenon_load_operand(tenon_nest_t* nest, const tenon_member_t* member, int i,
                                       LLVMValueRef offset) {
  const tenon_access_t* access = &member->accesses[i];
  if (access->array >= 0) return tenon_load_element(nest, access->array, offset);
  if (access->slot < 0) return tenon_scalars_get(&nest->scalars, member->op, access->scalar);
  return LLVMBuildLoad2(nest->b, LLVMGetAllocatedType(nest->slots[access->slot]),
                        nest->slots[access->slot], "");
}

static MlirLogicalResult tenon_load_member_depth(tenon_nest_t* nest, int m, int depth) {
  const tenon_member_t* member = &nest->kernel->members[m];
  for (int i = 0; i < member->read_count; ++i) {
    tenon_walk_t* walk = &nest->walks[nest->first_walk[m] + i];
    if (walk->depth != depth) continue;
    walk->value = tenon_load_operand(nest, member, i, nest->offsets[nest->first_walk[m] + i]);
    if (!walk->value) return mlirLogicalResultFailure();
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
