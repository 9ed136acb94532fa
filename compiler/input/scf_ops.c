// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/scf_ops.h"

#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/support/branches.h"
#include "compiler/support/mlir_util.h"

//===--------------------------------------------------------------------===//
// scf.index_switch
//===--------------------------------------------------------------------===//

// An operation with the results of |like| that takes |regions|.
static MlirOperation build_like(const char* name, MlirOperation like, intptr_t operand_count,
                                const MlirValue* operands, intptr_t region_count,
                                const MlirRegion* regions) {
  MlirOperationState state = mlirOperationStateGet(tenon_str(name), mlirOperationGetLocation(like));
  mlirOperationStateAddOperands(&state, operand_count, operands);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(like); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetResult(like, i));
    mlirOperationStateAddResults(&state, 1, &type);
  }
  mlirOperationStateAddOwnedRegions(&state, region_count, regions);
  return mlirOperationCreate(&state);
}

static MlirRegion take_region(MlirOperation op, intptr_t index) {
  MlirRegion region = mlirRegionCreate();
  mlirRegionTakeBody(region, mlirOperationGetRegion(op, index));
  return region;
}

// Moves the block of region |index| of |op| to the end of |region|.
static MlirBlock move_block(MlirOperation op, intptr_t index, MlirRegion region) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, index));
  mlirBlockDetach(block);
  mlirRegionAppendOwnedBlock(region, block);
  return block;
}

// Appends to |block|: go to |yes| if |condition|, else to |no|.
static void append_branch(MlirBlock block, MlirLocation location, MlirValue condition,
                          MlirBlock yes, MlirBlock no) {
  MlirContext context = mlirLocationGetContext(location);
  const int32_t segments[] = {1, 0, 0};
  MlirNamedAttribute attribute =
      tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 3, segments));
  const MlirBlock targets[] = {yes, no};
  MlirOperationState state = mlirOperationStateGet(tenon_str("cf.cond_br"), location);
  mlirOperationStateAddOperands(&state, 1, &condition);
  mlirOperationStateAddSuccessors(&state, 2, targets);
  mlirOperationStateAddAttributes(&state, 1, &attribute);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

// ... if the operand of the switch |op| is |number|.
static void append_choice(MlirBlock block, MlirOperation op, int64_t number, MlirBlock yes,
                          MlirBlock no) {
  MlirLocation location = mlirOperationGetLocation(op);
  MlirAttribute value = mlirIntegerAttrGet(mlirIndexTypeGet(mlirOperationGetContext(op)), number);
  append_branch(block, location,
                tenon_append_is_equal(block, location, mlirOperationGetOperand(op, 0), value), yes,
                no);
}

// One after the other, not one in the other: upstream's passes take the square of the depth.
void tenon_lower_index_switch(MlirOperation op) {
  MlirAttribute cases = mlirOperationGetAttributeByName(op, tenon_str("cases"));
  intptr_t count = mlirDenseArrayGetNumElements(cases);
  MlirRegion region = mlirRegionCreate();
  MlirBlock block = {NULL};
  if (count) {
    block = mlirBlockCreate(0, NULL, NULL);
    mlirRegionAppendOwnedBlock(region, block);
  }
  MlirBlock otherwise = move_block(op, 0, region);
  for (intptr_t i = 0; i < count; ++i) {
    MlirBlock yes = move_block(op, i + 1, region), no = otherwise;
    if (i + 1 < count) {
      no = mlirBlockCreate(0, NULL, NULL);
      mlirRegionAppendOwnedBlock(region, no);
    }
    append_choice(block, op, mlirDenseI64ArrayGetElement(cases, i), yes, no);
    block = no;
  }
  MlirOperation whole = build_like("scf.execute_region", op, 0, NULL, 1, &region);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(op), op, whole);
  tenon_replace_op(op, whole, 0);
}

//===--------------------------------------------------------------------===//
// scf.if
//===--------------------------------------------------------------------===//

// Moves what comes after |op| in its block to a new block, which has the results of |op| as its arguments.
static MlirBlock split_behind(MlirOperation op) {
  MlirBlock block = mlirOperationGetBlock(op), end = mlirBlockCreate(0, NULL, NULL);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue result = mlirOperationGetResult(op, i);
    MlirValue argument =
        mlirBlockAddArgument(end, mlirValueGetType(result), mlirOperationGetLocation(op));
    mlirValueReplaceAllUsesOfWith(result, argument);
  }
  for (MlirOperation next = mlirOperationGetNextInBlock(op); !mlirOperationIsNull(next);
       next = mlirOperationGetNextInBlock(op)) {
    mlirOperationRemoveFromParent(next);
    mlirBlockAppendOwnedOperation(end, next);
  }
  mlirRegionInsertOwnedBlockAfter(mlirBlockGetParentRegion(block), block, end);
  return end;
}

// Makes the scf.yield at the end of |block| a branch to |end|, at the place of the whole |op|.
static void branch_instead_of_yield(MlirBlock block, MlirOperation op, MlirBlock end) {
  MlirOperation yield = tenon_block_end(block);
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("cf.br"), mlirOperationGetLocation(op));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(yield); ++i) {
    MlirValue operand = mlirOperationGetOperand(yield, i);
    mlirOperationStateAddOperands(&state, 1, &operand);
  }
  mlirOperationStateAddSuccessors(&state, 1, &end);
  mlirOperationDestroy(yield);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

// Moves the blocks of region |index| of |op|, the last of which yields, behind |*at|, the last of them then. Returns the first one, or
// |end| if there is none.
static MlirBlock move_branch(MlirOperation op, intptr_t index, MlirBlock* at, MlirBlock end) {
  MlirRegion region = mlirOperationGetRegion(op, index);
  MlirBlock first = mlirRegionGetFirstBlock(region);
  if (mlirBlockIsNull(first)) return end;
  for (MlirBlock block = first; !mlirBlockIsNull(block); block = mlirRegionGetFirstBlock(region)) {
    mlirBlockDetach(block);
    mlirRegionInsertOwnedBlockAfter(mlirBlockGetParentRegion(*at), *at, block);
    *at = block;
  }
  branch_instead_of_yield(*at, op, end);
  return first;
}

static void lower_if(MlirOperation op) {
  MlirBlock block = mlirOperationGetBlock(op), at = block, end = split_behind(op);
  MlirBlock yes = move_branch(op, 0, &at, end);
  MlirBlock no = move_branch(op, 1, &at, end);
  append_branch(block, mlirOperationGetLocation(op), mlirOperationGetOperand(op, 0), yes, no);
  mlirOperationDestroy(op);
}

// Whether |op| is an scf.if that is in nothing but others and a function: upstream's lowerings of loops want their bodies whole.
static bool is_if_of_host(MlirOperation op) {
  if (!tenon_op_is(op, "scf.if")) return false;
  do {
    op = mlirOperationGetParentOperation(op);
  } while (tenon_op_is(op, "scf.if"));
  return tenon_op_is(op, "func.func");
}

// From the last to the first, so that what comes after one, which moves, is only what comes before the next.
void tenon_lower_ifs(MlirOperation module) {
  tenon_op_list_t ops = tenon_collect_ops(module, is_if_of_host);
  for (size_t i = ops.count; i-- > 0;) lower_if(ops.data[i]);
  free(ops.data);
}

//===--------------------------------------------------------------------===//
// scf.for
//===--------------------------------------------------------------------===//

static bool is_unsigned_loop(MlirOperation op) {
  return !mlirAttributeIsNull(mlirOperationGetAttributeByName(op, tenon_str("unsignedCmp")));
}

bool tenon_check_step(MlirOperation op) {
  int64_t step = 0;
  if (!tenon_constant_int(mlirOperationGetOperand(op, 2), &step) || step > 0) return true;
  if (step < 0 && is_unsigned_loop(op)) return true;
  tenon_error(op, "'scf.for': the step is %lld, expected 1 or more", (long long)step);
  return false;
}

// The largest number of |width| bits.
static __int128 largest(int width, bool is_unsigned) {
  return ((__int128)1 << (is_unsigned ? width : width - 1)) - 1;
}

static int width_of(MlirType type) {
  return mlirTypeIsAIndex(type) ? 64 : (int)mlirIntegerTypeGetWidth(type);
}

// Whether no sum of an index and the step can be more than the type holds, so that comparing it with
// the upper bound says whether the loop has ended.
static bool is_safe(MlirOperation op) {
  int64_t step = 0, bound = 0;
  if (!tenon_constant_int(mlirOperationGetOperand(op, 2), &step)) return false;
  if (step == 1) return true;
  if (!tenon_constant_int(mlirOperationGetOperand(op, 1), &bound)) return false;
  bool is_unsigned = is_unsigned_loop(op);
  int width = width_of(mlirValueGetType(mlirOperationGetOperand(op, 1)));
  __int128 mask = largest(width, true), end = bound, stride = step;
  if (is_unsigned) {
    end &= mask;
    stride &= mask;
  }
  return end - 1 + stride <= largest(width, is_unsigned);
}

static void insert_step_check(MlirOperation op) {
  int64_t constant = 0;
  MlirValue step = mlirOperationGetOperand(op, 2);
  if (tenon_constant_int(step, &constant)) return;
  if (is_unsigned_loop(op)) {  // 0 or 1
    MlirType type = mlirValueGetType(step);
    step = tenon_insert_binary(op, "arith.minui", step,
                               tenon_insert_constant(op, type, mlirIntegerAttrGet(type, 1)));
  }
  MlirType index = mlirIndexTypeGet(mlirOperationGetContext(op));
  if (!mlirTypeIsAIndex(mlirValueGetType(step))) {
    step = mlirOperationGetResult(
        tenon_insert_op(op, "arith.index_cast", 1, &index, 1, &step, 0, NULL), 0);
  }
  tenon_insert_check(op, "tenon.check_ge", step, tenon_insert_index(op, 1),
                     "scf.for: the step is {0}, expected 1 or more");
}

// How many rounds there are: 0, or (upper - 1 - lower) / step + 1, unsigned.
static MlirValue insert_trip_count(MlirOperation op, MlirValue zero, MlirValue one) {
  enum { PREDICATE_SLT = 2, PREDICATE_ULT = 6 };
  MlirContext context = mlirOperationGetContext(op);
  MlirValue lower = mlirOperationGetOperand(op, 0), upper = mlirOperationGetOperand(op, 1);
  MlirType type = mlirValueGetType(lower), bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute less =
      tenon_attr(context, "predicate",
                 mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64),
                                    is_unsigned_loop(op) ? PREDICATE_ULT : PREDICATE_SLT));
  MlirValue bounds[] = {lower, upper};
  MlirValue any =
      mlirOperationGetResult(tenon_insert_op(op, "arith.cmpi", 1, &bit, 2, bounds, 1, &less), 0);
  MlirValue last = tenon_insert_binary(op, "arith.subi", upper, one);
  MlirValue span = tenon_insert_binary(op, "arith.subi", last, lower);
  MlirValue steps = tenon_insert_binary(op, "arith.divui", span, mlirOperationGetOperand(op, 2));
  MlirValue choice[] = {any, tenon_insert_binary(op, "arith.addi", steps, one), zero};
  return mlirOperationGetResult(tenon_insert_op(op, "arith.select", 1, &type, 3, choice, 0, NULL),
                                0);
}

// Makes the yield of |body| give the next index first.
static void yield_next(MlirBlock body, MlirValue step) {
  MlirOperation yield = mlirBlockGetTerminator(body);
  MlirValue index = mlirBlockGetArgument(body, 1);
  tenon_value_list_t values = {0};
  TENON_APPEND(&values, tenon_insert_binary(yield, "arith.addi", index, step));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(yield); ++i) {
    TENON_APPEND(&values, mlirOperationGetOperand(yield, i));
  }
  mlirOperationSetOperands(yield, (intptr_t)values.count, values.data);
  free(values.data);
}

// Counts the rounds, and carries the index: it may be anything after the last round.
static void count_rounds(MlirOperation op) {
  MlirContext context = mlirOperationGetContext(op);
  MlirLocation location = mlirOperationGetLocation(op);
  MlirValue lower = mlirOperationGetOperand(op, 0), step = mlirOperationGetOperand(op, 2);
  MlirType type = mlirValueGetType(lower);
  MlirValue zero = tenon_insert_constant(op, type, mlirIntegerAttrGet(type, 0));
  MlirValue one = tenon_insert_constant(op, type, mlirIntegerAttrGet(type, 1));
  MlirValue bounds[] = {zero, insert_trip_count(op, zero, one), one, lower};
  MlirRegion region = take_region(op, 0);
  MlirBlock body = mlirRegionGetFirstBlock(region);
  mlirBlockInsertArgument(body, 0, type, location);
  yield_next(body, step);
  MlirOperationState state = mlirOperationStateGet(tenon_str("scf.for"), location);
  mlirOperationStateAddOperands(&state, 4, bounds);
  mlirOperationStateAddResults(&state, 1, &type);
  intptr_t count = mlirOperationGetNumResults(op);
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue initial = mlirOperationGetOperand(op, 3 + i);
    MlirType result = mlirValueGetType(mlirOperationGetResult(op, i));
    mlirOperationStateAddOperands(&state, 1, &initial);
    mlirOperationStateAddResults(&state, 1, &result);
  }
  MlirNamedAttribute is_unsigned = tenon_attr(context, "unsignedCmp", mlirUnitAttrGet(context));
  mlirOperationStateAddAttributes(&state, 1, &is_unsigned);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  MlirOperation loop = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(op), op, loop);
  tenon_replace_op(op, loop, 1);
}

void tenon_lower_for(MlirOperation op) {
  insert_step_check(op);
  if (!is_safe(op)) count_rounds(op);
}
