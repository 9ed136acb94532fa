// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Range functions: the loops around the members' bodies.
//
// Outer loops below run at least once, so each is emitted with its test at the end, and what does
// not change inside is computed outside by construction: an array's offset is summed up loop by
// loop, and an element is loaded at the deepest loop on which its address depends. What is left
// to LLVM is to vectorise the innermost loop.

#include "compiler/codegen/nest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/support/mlir_util.h"

//===----------------------------------------------------------------------===//
// Entry: what the state holds
//===----------------------------------------------------------------------===//

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

static LLVMValueRef tenon_state_slot(tenon_nest_t* nest, LLVMValueRef base, int64_t index) {
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
  for (int i = 0; i < kernel->constant_count; ++i) {
    nest->constants[i] =
        tenon_state_load(nest, nest->ir->i64, tenon_state_slot(nest, constants, i), 8);
    LLVMTypeRef type = tenon_ir_type(nest->ir, mlirValueGetType(kernel->constants[i]));
    if (!type || LLVMGetTypeKind(type) == LLVMStructTypeKind) {
      return tenon_error(kernel->function,
                         "scalar #%d of a dispatch has a type that dispatches don't support", i);
    }
    tenon_scalars_set(&nest->scalars, kernel->constants[i],
                      tenon_from_slot(nest, type, nest->constants[i]));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_load_pointers(tenon_nest_t* nest, LLVMValueRef bindings) {
  const tenon_kernel_t* kernel = nest->kernel;
  for (int i = 0; i < kernel->array_count; ++i) {
    if (!tenon_ir_type(nest->ir, kernel->arrays[i].type)) {
      return tenon_error(
          kernel->members[0].op,
          "an element type is not supported in a dispatch (supported: " TENON_ELEMENT_TYPES ")");
    }
    nest->pointers[i] =
        tenon_state_load(nest, nest->ir->ptr, tenon_state_slot(nest, bindings, i), 8);
  }
  return mlirLogicalResultSuccess();
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

// A linear function of how often the member's loops run, exact for any numbers.
static LLVMValueRef tenon_wide_linear(tenon_nest_t* nest, const tenon_member_t* member,
                                      const tenon_linear_t* linear, LLVMTypeRef wide) {
  LLVMValueRef sum = LLVMConstInt(wide, (uint64_t)linear->base, true);
  for (int d = 0; d < member->loop_count; ++d) {
    if (!tenon_linear_uses(linear, d)) continue;
    LLVMValueRef count =
        LLVMBuildIntCast2(nest->b, tenon_nest_count(nest, member->loops[d].count), wide, true, "");
    LLVMValueRef factor = LLVMConstInt(wide, (uint64_t)linear->coefficients[d], true);
    sum = LLVMBuildAdd(nest->b, LLVMBuildMul(nest->b, count, factor, ""), sum, "");
  }
  return sum;
}

// Fails the call where an access would reach further than its array is declared, which the host
// program excludes, or a computed index would.
static MlirLogicalResult tenon_emit_checks(tenon_nest_t* nest) {
  const tenon_kernel_t* kernel = nest->kernel;
  LLVMTypeRef wide = LLVMInt128TypeInContext(nest->ir->context);
  LLVMValueRef fits = NULL;
  for (size_t i = 0; i < kernel->checks.count; ++i) {
    const struct tenon_extent_check_t* check = &kernel->checks.data[i];
    LLVMValueRef needed = tenon_wide_linear(nest, check->member, &check->needed, wide);
    LLVMValueRef declared =
        LLVMBuildIntCast2(nest->b, tenon_nest_count(nest, check->declared), wide, true, "");
    LLVMValueRef one = LLVMBuildICmp(nest->b, LLVMIntSLE, needed, declared, "");
    fits = fits ? LLVMBuildAnd(nest->b, fits, one, "") : one;
  }
  if (mlirLogicalResultIsFailure(tenon_check_places(nest, &fits)))
    return mlirLogicalResultFailure();
  if (!fits) return mlirLogicalResultSuccess();
  LLVMBasicBlockRef good = tenon_nest_block(nest), bad = tenon_nest_block(nest);
  LLVMBuildCondBr(nest->b, fits, good, bad);
  LLVMPositionBuilderAtEnd(nest->b, bad);
  LLVMBuildRet(nest->b, LLVMConstInt(nest->ir->i32, TENON_DISPATCH_OUTSIDE, false));
  LLVMPositionBuilderAtEnd(nest->b, good);
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

// The order of the plan's loops inside a tile: those of one iteration first, then the blocked one,
// then the innermost.
static void tenon_order_tile(tenon_nest_t* nest) {
  const tenon_plan_t* plan = nest->plan;
  int count = 0;
  for (int g = 0; g + 1 < plan->loop_count; ++g) {
    if (g != plan->blocked_loop) nest->order[count++] = g;
  }
  if (plan->loop_count > 1) nest->order[count++] = plan->blocked_loop;
  if (plan->loop_count > 0) nest->order[count++] = plan->loop_count - 1;
  nest->outer_depth = count;
  nest->inside_loop = -1;
  nest->block = (tenon_block_t){.row_loop = -1, .rows = 1, .lane_loop = -1};
  if (!plan->block.lanes) return;
  nest->block.lane_loop = tenon_plan_loop_number(plan, plan->loop_count - 1);
  if (plan->block.row_level >= 0)
    nest->block.row_loop = tenon_plan_loop_number(plan, plan->block.row_level);
}

static MlirLogicalResult tenon_emit_function_body(tenon_nest_t* nest) {
  LLVMValueRef state = LLVMGetParam(nest->function, 0);
  nest->begin = LLVMGetParam(nest->function, 1);
  nest->end = LLVMGetParam(nest->function, 2);
  nest->entry = tenon_nest_block(nest);
  LLVMBasicBlockRef first = tenon_nest_block(nest);
  LLVMBasicBlockRef some = tenon_nest_block(nest), none = tenon_nest_block(nest);
  LLVMPositionBuilderAtEnd(nest->b, none);
  LLVMBuildRet(nest->b, LLVMConstNull(nest->ir->i32));
  LLVMPositionBuilderAtEnd(nest->b, first);
  LLVMBuildCondBr(nest->b, LLVMBuildICmp(nest->b, LLVMIntSLT, nest->begin, nest->end, ""), some,
                  none);
  LLVMPositionBuilderAtEnd(nest->b, some);
  LLVMValueRef bindings = tenon_state_load(nest, nest->ir->ptr, state, 8);
  LLVMValueRef constants =
      tenon_state_load(nest, nest->ir->ptr, tenon_state_slot(nest, state, 1), 8);
  if (mlirLogicalResultIsFailure(tenon_load_constants(nest, constants)) ||
      mlirLogicalResultIsFailure(tenon_load_pointers(nest, bindings)))
    return mlirLogicalResultFailure();
  tenon_make_scopes(nest);
  tenon_order_tile(nest);
  if (mlirLogicalResultIsFailure(tenon_emit_checks(nest))) return mlirLogicalResultFailure();
  tenon_make_walks(nest);
  if (mlirLogicalResultIsFailure(tenon_emit_range(nest))) return mlirLogicalResultFailure();
  LLVMBuildRet(nest->b, nest->failed ? LLVMBuildLoad2(nest->b, nest->ir->i32, nest->failed, "")
                                     : LLVMConstNull(nest->ir->i32));
  LLVMPositionBuilderAtEnd(nest->b, nest->entry);
  LLVMBuildBr(nest->b, first);
  return mlirLogicalResultSuccess();
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
  size_t arrays = (size_t)kernel->array_count, members = (size_t)kernel->member_count;
  size_t walks = 0;
  for (size_t m = 0; m < members; ++m) walks += (size_t)kernel->members[m].access_count;
  tenon_nest_t nest = {
      .ir = ir,
      .b = ir->builder,
      .kernel = kernel,
      .plan = plan,
      .function = tenon_declare_function(ir, kernel->name),
      .scalars = {.ir = ir},
      .constants = tenon_xcalloc((size_t)kernel->constant_count, sizeof(*nest.constants)),
      .pointers = tenon_xcalloc(arrays, sizeof(*nest.pointers)),
      .walk_count = (int)walks,
      .first_walk = tenon_xcalloc(members + 1, sizeof(*nest.first_walk)),
      .walks = tenon_xcalloc(walks, sizeof(*nest.walks)),
      .offsets = tenon_xcalloc(walks, sizeof(*nest.offsets)),
      .slots = tenon_xcalloc((size_t)kernel->slot_count, sizeof(*nest.slots)),
      .own_scope = tenon_xcalloc(arrays, sizeof(*nest.own_scope)),
      .other_scopes = tenon_xcalloc(arrays, sizeof(*nest.other_scopes)),
  };
  MlirLogicalResult result = tenon_emit_function_body(&nest);
  tenon_map_free(&nest.scalars.values);
  free(nest.constants);
  free(nest.pointers);
  free(nest.first_walk);
  free(nest.walks);
  free(nest.offsets);
  free(nest.slots);
  free(nest.own_scope);
  free(nest.other_scopes);
  return mlirLogicalResultIsSuccess(result) ? nest.function : NULL;
}
