// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Range functions: the loops around a kernel's body.
//
// Every loop below runs at least once, so each is emitted with its test at the end, and what does
// not change inside is computed outside by construction: an array's offset is summed up level by
// level, and an element is loaded at the deepest level on which its address depends. What is left
// to LLVM is to vectorise the innermost loop.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/codegen/ir.h"
#include "compiler/support/mlir_util.h"

typedef struct tenon_nest_t {
  const tenon_ir_t* ir;
  LLVMBuilderRef b;
  const tenon_kernel_t* kernel;
  const tenon_plan_t* plan;
  LLVMValueRef function, begin, end;
  tenon_scalars_t scalars;
  LLVMValueRef extents[TENON_KERNEL_MAX_RANK];  // of the kernel's loops
  LLVMValueRef* pointers;                       // per array
  // Per access: the step of its element index along each of the kernel's loops (NULL: none), the
  // element index so far, the plan's loop after which the index is final (-1: before all loops).
  LLVMValueRef (*steps)[TENON_KERNEL_MAX_RANK];
  LLVMValueRef* offsets;
  int* levels;
  // Alias metadata: per array the list of its own scope, and the list of the scopes that others
  // write.
  unsigned scope_kind, noalias_kind;
  LLVMValueRef* own_scope;
  LLVMValueRef* other_scopes;
} tenon_nest_t;

//===----------------------------------------------------------------------===//
// Small arithmetic on extents and indices, none of which overflows: the runtime has checked the
// arrays' lengths
//===----------------------------------------------------------------------===//

static LLVMValueRef tenon_no_wrap(LLVMValueRef value) {
  if (LLVMIsABinaryOperator(value)) {
    LLVMSetNSW(value, true);
    LLVMSetNUW(value, true);
  }
  return value;
}

static LLVMValueRef tenon_mul(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef one = tenon_ir_i64(nest->ir, 1);
  if (a == one) return b;
  if (b == one) return a;
  return tenon_no_wrap(LLVMBuildMul(nest->b, a, b, ""));
}

static LLVMValueRef tenon_add(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef zero = tenon_ir_i64(nest->ir, 0);
  if (a == zero) return b;
  if (b == zero) return a;
  return tenon_no_wrap(LLVMBuildAdd(nest->b, a, b, ""));
}

static LLVMValueRef tenon_umin(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef less = LLVMBuildICmp(nest->b, LLVMIntULT, a, b, "");
  return LLVMBuildSelect(nest->b, less, a, b, "");
}

// ceil(extent / tile).
static LLVMValueRef tenon_tile_count(tenon_nest_t* nest, LLVMValueRef extent, int64_t tile) {
  if (tile == 1) return extent;
  return LLVMBuildUDiv(nest->b, tenon_add(nest, extent, tenon_ir_i64(nest->ir, tile - 1)),
                       tenon_ir_i64(nest->ir, tile), "");
}

// A linear function of the loops' extents and the constants. |type| is i64, or a wider type where
// the result must be exact for any numbers.
static LLVMValueRef tenon_linear_value(tenon_nest_t* nest, const tenon_linear_t* linear,
                                       LLVMTypeRef type) {
  LLVMValueRef sum = LLVMConstInt(type, (uint64_t)linear->base, true);
  for (int d = 0; d < nest->kernel->loop_count; ++d) {
    if (!tenon_linear_uses(linear, d)) continue;
    LLVMValueRef extent = LLVMBuildIntCast2(nest->b, nest->extents[d], type, true, "");
    LLVMValueRef factor = LLVMConstInt(type, (uint64_t)linear->coefficients[d], true);
    sum = LLVMBuildAdd(nest->b, LLVMBuildMul(nest->b, extent, factor, ""), sum, "");
  }
  if (!linear->constant_plus_1) return sum;
  LLVMValueRef constant = tenon_scalars_get(&nest->scalars, nest->kernel->generic,
                                            nest->kernel->constants[linear->constant_plus_1 - 1]);
  return LLVMBuildAdd(nest->b, LLVMBuildIntCast2(nest->b, constant, type, true, ""), sum, "");
}

//===----------------------------------------------------------------------===//
// Entry: what the state holds
//===----------------------------------------------------------------------===//

static LLVMBasicBlockRef tenon_new_block(tenon_nest_t* nest) {
  return LLVMAppendBasicBlockInContext(nest->ir->context, nest->function, "");
}

// Marks a load whose result never changes during the call.
static LLVMValueRef tenon_state_load(tenon_nest_t* nest, LLVMTypeRef type, LLVMValueRef from,
                                     unsigned alignment) {
  LLVMValueRef load = LLVMBuildLoad2(nest->b, type, from, "");
  LLVMSetAlignment(load, alignment);
  LLVMMetadataRef empty = LLVMMDNodeInContext2(nest->ir->context, NULL, 0);
  LLVMSetMetadata(load, LLVMGetMDKindIDInContext(nest->ir->context, "invariant.load", 14),
                  LLVMMetadataAsValue(nest->ir->context, empty));
  return load;
}

static LLVMValueRef tenon_slot(tenon_nest_t* nest, LLVMValueRef base, int64_t index) {
  LLVMValueRef position = tenon_ir_i64(nest->ir, index);
  return LLVMBuildInBoundsGEP2(nest->b, nest->ir->i64, base, &position, 1, "");
}

// The scalar that a 64-bit slot holds.
static LLVMValueRef tenon_from_slot(tenon_nest_t* nest, LLVMTypeRef type, LLVMValueRef slot) {
  const tenon_ir_t* ir = nest->ir;
  if (type == ir->i64) return slot;
  if (type == ir->f64) return LLVMBuildBitCast(nest->b, slot, type, "");
  if (type == ir->f32)
    return LLVMBuildBitCast(nest->b, LLVMBuildTrunc(nest->b, slot, ir->i32, ""), type, "");
  return LLVMBuildTrunc(nest->b, slot, type, "");
}

static MlirLogicalResult tenon_load_constants(tenon_nest_t* nest, LLVMValueRef constants) {
  const tenon_kernel_t* kernel = nest->kernel;
  LLVMValueRef* slots = tenon_xcalloc((size_t)kernel->constant_count + 1, sizeof(*slots));
  MlirLogicalResult result = mlirLogicalResultSuccess();
  for (int i = 0; i < kernel->constant_count; ++i) {
    slots[i] = tenon_state_load(nest, nest->ir->i64, tenon_slot(nest, constants, i), 8);
    LLVMTypeRef type = tenon_ir_type(nest->ir, mlirValueGetType(kernel->constants[i]));
    if (!type || LLVMGetTypeKind(type) == LLVMStructTypeKind) {
      result = tenon_error(kernel->function,
                           "scalar #%d of a dispatch has a type that dispatches don't support", i);
      break;
    }
    tenon_scalars_set(&nest->scalars, kernel->constants[i], tenon_from_slot(nest, type, slots[i]));
  }
  for (int d = 0; d < kernel->loop_count && mlirLogicalResultIsSuccess(result); ++d) {
    const tenon_loop_t* loop = &kernel->loops[d];
    nest->extents[d] = tenon_ir_i64(nest->ir, loop->scale);
    if (loop->constant >= 0)
      nest->extents[d] = tenon_mul(nest, nest->extents[d], slots[loop->constant]);
  }
  free(slots);
  return result;
}

static LLVMValueRef tenon_scope_list(const tenon_ir_t* ir, LLVMMetadataRef* scopes, size_t count) {
  return count ? LLVMMetadataAsValue(ir->context, LLVMMDNodeInContext2(ir->context, scopes, count))
               : NULL;
}

// One scope per written array: nothing else touches what it touches.
static void tenon_make_scopes(tenon_nest_t* nest) {
  const tenon_ir_t* ir = nest->ir;
  const tenon_kernel_t* kernel = nest->kernel;
  nest->scope_kind = LLVMGetMDKindIDInContext(ir->context, "alias.scope", 11);
  nest->noalias_kind = LLVMGetMDKindIDInContext(ir->context, "noalias", 7);
  LLVMMetadataRef domain_name =
      LLVMMDStringInContext2(ir->context, kernel->name.data, kernel->name.length);
  LLVMMetadataRef domain = LLVMMDNodeInContext2(ir->context, &domain_name, 1);
  LLVMMetadataRef scopes[TENON_DISPATCH_MAX_BINDINGS];
  for (int i = kernel->input_count; i < kernel->array_count; ++i) {
    char name[32];
    int length = snprintf(name, sizeof(name), "result %d", i - kernel->input_count);
    LLVMMetadataRef parts[] = {LLVMMDStringInContext2(ir->context, name, (size_t)length), domain};
    scopes[i - kernel->input_count] = LLVMMDNodeInContext2(ir->context, parts, 2);
  }
  size_t count = (size_t)(kernel->array_count - kernel->input_count);
  for (int i = 0; i < kernel->array_count; ++i) {
    LLVMMetadataRef others[TENON_DISPATCH_MAX_BINDINGS];
    size_t other_count = 0;
    for (size_t s = 0; s < count; ++s) {
      if ((int)s != i - kernel->input_count) others[other_count++] = scopes[s];
    }
    nest->other_scopes[i] = tenon_scope_list(ir, others, other_count);
    if (kernel->arrays[i].written)
      nest->own_scope[i] = tenon_scope_list(ir, &scopes[i - kernel->input_count], 1);
  }
}

static void tenon_mark_access(tenon_nest_t* nest, const tenon_ir_access_t* marked, int array) {
  for (int i = 0; i < marked->count; ++i) {
    if (nest->own_scope[array])
      LLVMSetMetadata(marked->instructions[i], nest->scope_kind, nest->own_scope[array]);
    if (nest->other_scopes[array])
      LLVMSetMetadata(marked->instructions[i], nest->noalias_kind, nest->other_scopes[array]);
  }
}

// Fails the call where an access would reach further than its array is declared, which the host
// program excludes.
static void tenon_emit_checks(tenon_nest_t* nest) {
  const tenon_kernel_t* kernel = nest->kernel;
  LLVMTypeRef wide = LLVMInt128TypeInContext(nest->ir->context);
  LLVMValueRef fits = NULL;
  for (int i = 0; i < kernel->check_count; ++i) {
    LLVMValueRef needed = tenon_linear_value(nest, &kernel->checks[i].needed, wide);
    LLVMValueRef declared = tenon_linear_value(nest, &kernel->checks[i].declared, wide);
    LLVMValueRef one = LLVMBuildICmp(nest->b, LLVMIntSLE, needed, declared, "");
    fits = fits ? LLVMBuildAnd(nest->b, fits, one, "") : one;
  }
  if (!fits) return;
  LLVMBasicBlockRef good = tenon_new_block(nest), bad = tenon_new_block(nest);
  LLVMBuildCondBr(nest->b, fits, good, bad);
  LLVMPositionBuilderAtEnd(nest->b, bad);
  LLVMBuildRet(nest->b, LLVMConstInt(nest->ir->i32, 1, false));
  LLVMPositionBuilderAtEnd(nest->b, good);
}

// Per access: the steps along the loops, and the offset of its first element.
static void tenon_make_steps(tenon_nest_t* nest) {
  const tenon_kernel_t* kernel = nest->kernel;
  LLVMValueRef zero = tenon_ir_i64(nest->ir, 0);
  for (int i = 0; i < kernel->access_count; ++i) {
    const tenon_access_t* access = &kernel->accesses[i];
    nest->offsets[i] = zero;
    if (access->array < 0) continue;
    const tenon_array_t* array = &kernel->arrays[access->array];
    LLVMValueRef stride = tenon_ir_i64(nest->ir, 1);
    for (int p = array->rank - 1; p >= 0; --p) {
      const tenon_linear_t* index = &access->indices[p];
      nest->offsets[i] = tenon_add(nest, nest->offsets[i],
                                   tenon_mul(nest, tenon_ir_i64(nest->ir, index->base), stride));
      for (int d = 0; d < kernel->loop_count; ++d) {
        if (!tenon_linear_uses(index, d)) continue;
        LLVMValueRef step = tenon_mul(nest, tenon_ir_i64(nest->ir, index->coefficients[d]), stride);
        nest->steps[i][d] = nest->steps[i][d] ? tenon_add(nest, nest->steps[i][d], step) : step;
      }
      if (p > 0)
        stride =
            tenon_mul(nest, stride, tenon_linear_value(nest, &array->extents[p], nest->ir->i64));
    }
  }
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static int tenon_innermost_member(const tenon_plan_loop_t* loop) {
  return loop->members[loop->member_count - 1];
}

static LLVMValueRef tenon_element_address(tenon_nest_t* nest, int access) {
  const tenon_array_t* array = &nest->kernel->arrays[nest->kernel->accesses[access].array];
  LLVMValueRef pointer = nest->pointers[nest->kernel->accesses[access].array];
  return LLVMBuildInBoundsGEP2(nest->b, tenon_ir_memory_type(nest->ir, array->type), pointer,
                               &nest->offsets[access], 1, "");
}

static MlirLogicalResult tenon_load_element(tenon_nest_t* nest, int i) {
  const tenon_access_t* access = &nest->kernel->accesses[i];
  MlirValue argument = mlirBlockGetArgument(nest->kernel->body, i);
  if (access->array < 0) {
    LLVMValueRef value = tenon_scalars_get(&nest->scalars, nest->kernel->generic, access->scalar);
    if (!value) return mlirLogicalResultFailure();
    tenon_scalars_set(&nest->scalars, argument, value);
    return mlirLogicalResultSuccess();
  }
  tenon_ir_access_t marked;
  LLVMValueRef value = tenon_ir_load(nest->ir, nest->kernel->arrays[access->array].type,
                                     tenon_element_address(nest, i), &marked);
  tenon_mark_access(nest, &marked, access->array);
  tenon_scalars_set(&nest->scalars, argument, value);
  return mlirLogicalResultSuccess();
}

static void tenon_store_element(tenon_nest_t* nest, int i, LLVMValueRef value) {
  int array = nest->kernel->accesses[i].array;
  tenon_ir_access_t marked;
  tenon_ir_store(nest->ir, nest->kernel->arrays[array].type, value, tenon_element_address(nest, i),
                 &marked);
  tenon_mark_access(nest, &marked, array);
}

// Loads what is final once loop |level| of the plan has its index.
static MlirLogicalResult tenon_load_level(tenon_nest_t* nest, int level) {
  for (int i = 0; i < nest->kernel->read_count; ++i) {
    if (nest->levels[i] != level) continue;
    if (mlirLogicalResultIsFailure(tenon_load_element(nest, i))) return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

// The body, once every loop has its index.
static MlirLogicalResult tenon_emit_element(tenon_nest_t* nest) {
  MlirOperation yield = {0};
  if (mlirLogicalResultIsFailure(tenon_scalars_emit(&nest->scalars, nest->kernel->body, &yield)))
    return mlirLogicalResultFailure();
  for (int i = nest->kernel->read_count; i < nest->kernel->access_count; ++i) {
    if (nest->kernel->accesses[i].array < 0) continue;
    LLVMValueRef value = tenon_scalars_get(
        &nest->scalars, yield, mlirOperationGetOperand(yield, i - nest->kernel->read_count));
    if (!value) return mlirLogicalResultFailure();
    tenon_store_element(nest, i, value);
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

typedef struct tenon_open_loop_t {
  LLVMValueRef index, end;
  LLVMBasicBlockRef block;
  LLVMValueRef* outer_offsets;  // to come back to
} tenon_open_loop_t;

// Opens `do { ... } while (++index != end)`, for begin < end.
static tenon_open_loop_t tenon_open_loop(tenon_nest_t* nest, LLVMValueRef begin, LLVMValueRef end) {
  LLVMBasicBlockRef before = LLVMGetInsertBlock(nest->b);
  tenon_open_loop_t loop = {.end = end, .block = tenon_new_block(nest)};
  LLVMBuildBr(nest->b, loop.block);
  LLVMPositionBuilderAtEnd(nest->b, loop.block);
  loop.index = LLVMBuildPhi(nest->b, nest->ir->i64, "");
  LLVMAddIncoming(loop.index, &begin, &before, 1);
  size_t size = (size_t)nest->kernel->access_count * sizeof(*nest->offsets);
  loop.outer_offsets = tenon_xcalloc(1, size);
  memcpy(loop.outer_offsets, nest->offsets, size);
  return loop;
}

static void tenon_close_loop(tenon_nest_t* nest, tenon_open_loop_t* loop) {
  LLVMValueRef next = tenon_add(nest, loop->index, tenon_ir_i64(nest->ir, 1));
  LLVMBasicBlockRef from = LLVMGetInsertBlock(nest->b), after = tenon_new_block(nest);
  LLVMBuildCondBr(nest->b, LLVMBuildICmp(nest->b, LLVMIntEQ, next, loop->end, ""), after,
                  loop->block);
  LLVMAddIncoming(loop->index, &next, &from, 1);
  LLVMPositionBuilderAtEnd(nest->b, after);
  memcpy(nest->offsets, loop->outer_offsets,
         (size_t)nest->kernel->access_count * sizeof(*nest->offsets));
  free(loop->outer_offsets);
}

// Tells every access that loop |level| of the plan has this index.
static void tenon_enter_index(tenon_nest_t* nest, int level, LLVMValueRef index) {
  int member = tenon_innermost_member(&nest->plan->loops[level]);
  nest->scalars.indices[member] = index;
  for (int i = 0; i < nest->kernel->access_count; ++i) {
    LLVMValueRef step = nest->steps[i][member];
    if (step) nest->offsets[i] = tenon_add(nest, nest->offsets[i], tenon_mul(nest, index, step));
  }
}

static LLVMValueRef tenon_plan_extent(tenon_nest_t* nest, int level) {
  const tenon_plan_loop_t* loop = &nest->plan->loops[level];
  LLVMValueRef extent = tenon_ir_i64(nest->ir, 1);
  for (int i = 0; i < loop->member_count; ++i)
    extent = tenon_mul(nest, extent, nest->extents[loop->members[i]]);
  return extent;
}

// Returns 0 from the function unless |a| < |b|.
static void tenon_leave_unless_less(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMBasicBlockRef some = tenon_new_block(nest), none = tenon_new_block(nest);
  LLVMBuildCondBr(nest->b, LLVMBuildICmp(nest->b, LLVMIntSLT, a, b, ""), some, none);
  LLVMPositionBuilderAtEnd(nest->b, none);
  LLVMBuildRet(nest->b, LLVMConstNull(nest->ir->i32));
  LLVMPositionBuilderAtEnd(nest->b, some);
}

// One loop over all elements of the tiles. Where the grid has several dimensions each tile stands
// for an equal share.
static MlirLogicalResult tenon_emit_flat(tenon_nest_t* nest) {
  const tenon_plan_t* plan = nest->plan;
  LLVMValueRef total = tenon_plan_extent(nest, 0);
  LLVMValueRef share = tenon_ir_i64(nest->ir, plan->grid[0].tile_size);
  if (plan->grid_rank > 1) {
    LLVMValueRef tiles = tenon_ir_i64(nest->ir, 1);
    for (int g = 0; g < plan->grid_rank; ++g) {
      LLVMValueRef extent = tenon_ir_i64(nest->ir, plan->grid[g].extent.scale);
      int constant = plan->grid[g].extent.constant;
      for (int d = 0; d < nest->kernel->loop_count; ++d) {
        if (nest->kernel->loops[d].constant != constant) continue;
        LLVMValueRef scale =
            tenon_ir_i64(nest->ir, plan->grid[g].extent.scale / nest->kernel->loops[d].scale);
        extent = tenon_mul(nest, nest->extents[d], scale);
        break;
      }
      tiles = tenon_mul(nest, tiles, tenon_tile_count(nest, extent, plan->grid[g].tile_size));
    }
    LLVMValueRef rounded =
        tenon_add(nest, total, LLVMBuildSub(nest->b, tiles, tenon_ir_i64(nest->ir, 1), ""));
    share = LLVMBuildUDiv(nest->b, rounded, tiles, "");
  }
  LLVMValueRef first = tenon_umin(nest, tenon_mul(nest, nest->begin, share), total);
  LLVMValueRef last = tenon_umin(nest, tenon_mul(nest, nest->end, share), total);
  tenon_leave_unless_less(nest, first, last);
  tenon_open_loop_t loop = tenon_open_loop(nest, first, last);
  tenon_enter_index(nest, 0, loop.index);
  if (mlirLogicalResultIsFailure(tenon_load_level(nest, 0)) ||
      mlirLogicalResultIsFailure(tenon_emit_element(nest))) {
    free(loop.outer_offsets);
    return mlirLogicalResultFailure();
  }
  tenon_close_loop(nest, &loop);
  return mlirLogicalResultSuccess();
}

// The loops inside a tile, from |order[depth]| inwards.
static MlirLogicalResult tenon_emit_tile(tenon_nest_t* nest, const int* order, int depth,
                                         LLVMValueRef* tile_begin, LLVMValueRef* tile_end) {
  if (depth == nest->plan->loop_count) return tenon_emit_element(nest);
  int level = order[depth];
  bool single = nest->plan->loops[level].tile_size == 1;
  tenon_open_loop_t loop = {.index = tile_begin[level]};
  if (!single) loop = tenon_open_loop(nest, tile_begin[level], tile_end[level]);
  tenon_enter_index(nest, level, loop.index);
  MlirLogicalResult result = tenon_load_level(nest, depth);
  if (mlirLogicalResultIsSuccess(result))
    result = tenon_emit_tile(nest, order, depth + 1, tile_begin, tile_end);
  if (single) return result;
  if (mlirLogicalResultIsSuccess(result)) {
    tenon_close_loop(nest, &loop);
  } else {
    free(loop.outer_offsets);
  }
  return result;
}

// Where each tile's coordinates start: one division per dimension and call; from tile to tile they
// count up.
static MlirLogicalResult tenon_emit_tiled(tenon_nest_t* nest, const int* order) {
  const tenon_plan_t* plan = nest->plan;
  int count = plan->loop_count;
  LLVMValueRef tiles[TENON_KERNEL_MAX_RANK], extents[TENON_KERNEL_MAX_RANK],
      starts[TENON_KERNEL_MAX_RANK];
  LLVMValueRef rest = nest->begin;
  for (int g = count - 1; g >= 0; --g) {
    extents[g] = tenon_plan_extent(nest, g);
    tiles[g] = tenon_tile_count(nest, extents[g], plan->loops[g].tile_size);
    starts[g] = g ? LLVMBuildURem(nest->b, rest, tiles[g], "") : rest;
    if (g) rest = LLVMBuildUDiv(nest->b, rest, tiles[g], "");
  }
  LLVMBasicBlockRef before = LLVMGetInsertBlock(nest->b);
  size_t size = (size_t)nest->kernel->access_count * sizeof(*nest->offsets);
  tenon_open_loop_t loop = tenon_open_loop(nest, nest->begin, nest->end);
  LLVMValueRef ids[TENON_KERNEL_MAX_RANK], begins[TENON_KERNEL_MAX_RANK],
      ends[TENON_KERNEL_MAX_RANK];
  for (int g = 0; g < count; ++g) {
    ids[g] = LLVMBuildPhi(nest->b, nest->ir->i64, "");
    LLVMAddIncoming(ids[g], &starts[g], &before, 1);
  }
  for (int g = 0; g < count; ++g) {
    LLVMValueRef tile = tenon_ir_i64(nest->ir, plan->loops[g].tile_size);
    begins[g] = tenon_mul(nest, ids[g], tile);
    ends[g] = tenon_umin(nest, tenon_add(nest, begins[g], tile), extents[g]);
  }
  if (mlirLogicalResultIsFailure(tenon_emit_tile(nest, order, 0, begins, ends))) {
    free(loop.outer_offsets);
    return mlirLogicalResultFailure();
  }
  memcpy(nest->offsets, loop.outer_offsets, size);
  LLVMBasicBlockRef from = LLVMGetInsertBlock(nest->b);
  LLVMValueRef carry = tenon_ir_i64(nest->ir, 1);
  for (int g = count - 1; g >= 0; --g) {
    LLVMValueRef next = tenon_add(nest, ids[g], carry);
    if (g) {
      LLVMValueRef full = LLVMBuildICmp(nest->b, LLVMIntEQ, next, tiles[g], "");
      next = LLVMBuildSelect(nest->b, full, tenon_ir_i64(nest->ir, 0), next, "");
      carry = LLVMBuildZExt(nest->b, full, nest->ir->i64, "");
    }
    LLVMAddIncoming(ids[g], &next, &from, 1);
  }
  tenon_close_loop(nest, &loop);
  return mlirLogicalResultSuccess();
}

// The order of the plan's loops inside a tile: those of one iteration first, then the blocked one,
// then the innermost. With it, after which of them each access is final.
static void tenon_order_tile(tenon_nest_t* nest, int* order) {
  const tenon_plan_t* plan = nest->plan;
  int count = 0;
  for (int g = 0; g + 1 < plan->loop_count; ++g) {
    if (g != plan->blocked_loop) order[count++] = g;
  }
  if (plan->loop_count > 1) order[count++] = plan->blocked_loop;
  if (plan->loop_count > 0) order[count++] = plan->loop_count - 1;
  for (int i = 0; i < nest->kernel->access_count; ++i) {
    nest->levels[i] = -1;
    for (int depth = 0; depth < count; ++depth) {
      if (nest->steps[i][tenon_innermost_member(&plan->loops[order[depth]])])
        nest->levels[i] = depth;
    }
  }
}

static MlirLogicalResult tenon_emit_function_body(tenon_nest_t* nest) {
  const tenon_kernel_t* kernel = nest->kernel;
  LLVMValueRef state = LLVMGetParam(nest->function, 0);
  nest->begin = LLVMGetParam(nest->function, 1);
  nest->end = LLVMGetParam(nest->function, 2);
  LLVMPositionBuilderAtEnd(nest->b, tenon_new_block(nest));
  tenon_leave_unless_less(nest, nest->begin, nest->end);
  LLVMValueRef bindings = tenon_state_load(nest, nest->ir->ptr, state, 8);
  LLVMValueRef constants = tenon_state_load(nest, nest->ir->ptr, tenon_slot(nest, state, 1), 8);
  if (mlirLogicalResultIsFailure(tenon_load_constants(nest, constants)))
    return mlirLogicalResultFailure();
  for (int i = 0; i < kernel->array_count; ++i) {
    if (!tenon_ir_type(nest->ir, kernel->arrays[i].type)) {
      return tenon_error(kernel->generic,
                         "an element type is not supported in a dispatch (supported: " TENON_ELEMENT_TYPES
                         ")");
    }
    nest->pointers[i] = tenon_state_load(nest, nest->ir->ptr, tenon_slot(nest, bindings, i), 8);
  }
  tenon_make_scopes(nest);
  tenon_emit_checks(nest);
  tenon_make_steps(nest);
  // Loops that run once have index 0; so has every result's old content, which a tensor.empty
  // leaves open.
  for (int d = 0; d < kernel->loop_count; ++d) nest->scalars.indices[d] = tenon_ir_i64(nest->ir, 0);
  for (int i = kernel->read_count; i < kernel->access_count; ++i) {
    MlirValue argument = mlirBlockGetArgument(kernel->body, i);
    LLVMTypeRef type = tenon_ir_type(nest->ir, mlirValueGetType(argument));
    if (type) tenon_scalars_set(&nest->scalars, argument, LLVMConstNull(type));
  }
  int order[TENON_KERNEL_MAX_RANK];
  tenon_order_tile(nest, order);
  MlirLogicalResult result = tenon_load_level(nest, -1);
  if (mlirLogicalResultIsFailure(result)) return result;
  if (nest->plan->loop_count == 0) {
    result = tenon_emit_element(nest);
  } else if (nest->plan->loop_count == 1) {
    result = tenon_emit_flat(nest);
  } else {
    result = tenon_emit_tiled(nest, order);
  }
  if (mlirLogicalResultIsSuccess(result)) LLVMBuildRet(nest->b, LLVMConstNull(nest->ir->i32));
  return result;
}

// `int f(ptr state, i64 begin, i64 end)`, not visible outside: the table points to it.
static LLVMValueRef tenon_declare_function(const tenon_ir_t* ir, MlirStringRef name) {
  LLVMTypeRef parameters[] = {ir->ptr, ir->i64, ir->i64};
  char symbol[256];
  snprintf(symbol, sizeof(symbol), "%.*s", (int)name.length, name.data);
  LLVMValueRef function =
      LLVMAddFunction(ir->module, symbol, LLVMFunctionType(ir->i32, parameters, 3, false));
  LLVMSetLinkage(function, LLVMInternalLinkage);
  static const char* const attributes[] = {"nounwind", "mustprogress", "nofree", "norecurse"};
  for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); ++i) {
    unsigned kind = LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(ir->context, kind, 0));
  }
  return function;
}

LLVMValueRef tenon_emit_range_function(const tenon_ir_t* ir, const tenon_kernel_t* kernel,
                                       const tenon_plan_t* plan) {
  size_t accesses = (size_t)kernel->access_count, arrays = (size_t)kernel->array_count + 1;
  tenon_nest_t nest = {
      .ir = ir,
      .b = ir->builder,
      .kernel = kernel,
      .plan = plan,
      .function = tenon_declare_function(ir, kernel->name),
      .scalars = {.ir = ir},
      .pointers = tenon_xcalloc(arrays, sizeof(*nest.pointers)),
      .steps = tenon_xcalloc(accesses, sizeof(*nest.steps)),
      .offsets = tenon_xcalloc(accesses, sizeof(*nest.offsets)),
      .levels = tenon_xcalloc(accesses, sizeof(*nest.levels)),
      .own_scope = tenon_xcalloc(arrays, sizeof(*nest.own_scope)),
      .other_scopes = tenon_xcalloc(arrays, sizeof(*nest.other_scopes)),
  };
  MlirLogicalResult result = tenon_emit_function_body(&nest);
  tenon_map_free(&nest.scalars.values);
  free(nest.pointers);
  free(nest.steps);
  free(nest.offsets);
  free(nest.levels);
  free(nest.own_scope);
  free(nest.other_scopes);
  return mlirLogicalResultIsSuccess(result) ? nest.function : NULL;
}
