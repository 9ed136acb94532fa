// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work that begins in one branch only (or in the body of a loop) can't be named where the branches meet again. If nobody there waits for
// it, the block in which they meet takes a point for it: the argument that this file adds.

#include <stdlib.h>

#include "compiler/schedule/convert.h"
#include "compiler/schedule/origins.h"
#include "compiler/support/branches.h"

typedef struct carrier_t {
  tenon_converter_t* converter;
  tenon_builder_t* builder;
  tenon_map_t added;  // block -> the point that was added to its arguments
} carrier_t;

// The points that are not finished on the way from the builder's block to |successor| of its branch |op|, of those that can't be
// named there any more.
static MlirLogicalResult unfinished_at(carrier_t* carrier, MlirOperation op, intptr_t successor,
                                       tenon_value_list_t* out_points) {
  MlirBlock target = mlirOperationGetSuccessor(op, successor);
  void* stop = tenon_map_get(&carrier->builder->above, target.ptr);
  if (stop == carrier->builder->block.ptr) return mlirLogicalResultSuccess();
  intptr_t first = 0, count = 0;
  MlirLogicalResult status = tenon_branch_operands(op, successor, &first, &count);
  if (mlirLogicalResultIsFailure(status)) return status;
  tenon_value_list_t points = {0};
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, first + i);
    bool is_point =
        mlirTypeEqual(mlirValueGetType(operand), carrier->converter->schedule->timepoint_type);
    if (is_point) TENON_APPEND(&points, operand);
  }
  size_t passed = points.count;
  tenon_add_unfinished(carrier->builder, stop, &points);
  for (size_t i = passed; i < points.count; ++i) TENON_APPEND(out_points, points.data[i]);
  free(points.data);
  return status;
}

static MlirOperation branch_of(MlirBlock block) {
  MlirOperation op = tenon_block_end(block);
  if (!mlirOperationIsNull(op) && mlirOperationGetNumSuccessors(op) > 0) return op;
  return (MlirOperation){NULL};
}

static void add_argument(carrier_t* carrier, MlirBlock block) {
  MlirValue point = mlirBlockAddArgument(block, carrier->converter->schedule->timepoint_type,
                                         carrier->builder->location);
  tenon_map_set(&carrier->added, block.ptr, (void*)point.ptr);
  tenon_add_work(carrier->builder, block, point);
}

// Adds arguments where the builder's block branches to; whether there was need for one.
static bool add_arguments(carrier_t* carrier, MlirLogicalResult* status) {
  bool changed = false;
  MlirOperation op = branch_of(carrier->builder->block);
  if (mlirOperationIsNull(op)) return false;
  for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(op); ++i) {
    MlirBlock target = mlirOperationGetSuccessor(op, i);
    if (tenon_map_get(&carrier->added, target.ptr)) continue;
    tenon_value_list_t points = {0};
    *status = unfinished_at(carrier, op, i, &points);
    if (points.count > 0) add_argument(carrier, target);
    changed |= points.count > 0;
    free(points.data);
    if (mlirLogicalResultIsFailure(*status)) return false;
  }
  return changed;
}

// Gives the branch of the builder's block what the added arguments need.
static MlirLogicalResult add_operands(carrier_t* carrier) {
  tenon_builder_t* builder = carrier->builder;
  MlirOperation op = branch_of(builder->block);
  if (mlirOperationIsNull(op)) return mlirLogicalResultSuccess();
  MlirLogicalResult status = mlirLogicalResultSuccess();
  intptr_t successor_count = mlirOperationGetNumSuccessors(op);
  MlirBlock* successors = tenon_xcalloc((size_t)successor_count, sizeof(*successors));
  int32_t* counts = tenon_xcalloc((size_t)successor_count, sizeof(*counts));
  tenon_value_list_t operands = {0};
  if (!tenon_op_is(op, "cf.br")) TENON_APPEND(&operands, mlirOperationGetOperand(op, 0));
  bool changed = false;
  mlirOperationRemoveFromParent(op);
  builder->location = mlirOperationGetLocation(op);
  for (intptr_t i = 0; i < successor_count && mlirLogicalResultIsSuccess(status); ++i) {
    intptr_t first = 0, count = 0;
    successors[i] = mlirOperationGetSuccessor(op, i);
    status = tenon_branch_operands(op, i, &first, &count);
    for (intptr_t j = 0; j < count; ++j) {
      TENON_APPEND(&operands, mlirOperationGetOperand(op, first + j));
    }
    counts[i] = (int32_t)count;
    if (!tenon_map_get(&carrier->added, successors[i].ptr)) continue;
    tenon_value_list_t points = {0};
    status = unfinished_at(carrier, op, i, &points);
    TENON_APPEND(&operands, tenon_build_join(builder, points.data, (intptr_t)points.count));
    free(points.data);
    ++counts[i];
    changed = true;
  }
  if (changed && mlirLogicalResultIsSuccess(status)) {
    tenon_append_branch(builder, op, &operands, successors, counts);
    mlirOperationDestroy(op);
  } else {
    mlirBlockAppendOwnedOperation(builder->block, op);
  }
  free(operands.data);
  free(counts);
  free(successors);
  return status;
}

// An added argument is a point of its block, which may be unfinished where that one's branches meet: until nothing changes.
MlirLogicalResult tenon_carry_unfinished(tenon_converter_t* converter) {
  const tenon_block_list_t* old_blocks = &converter->info->origins->blocks;
  if (old_blocks->count == 1) return mlirLogicalResultSuccess();
  carrier_t carrier = {.converter = converter, .builder = &converter->builder};
  MlirLogicalResult status = mlirLogicalResultSuccess();
  for (bool changed = true; changed && mlirLogicalResultIsSuccess(status);) {
    changed = false;
    for (size_t i = 0; i < old_blocks->count; ++i) {
      carrier.builder->block.ptr = tenon_map_get(&converter->blocks, old_blocks->data[i].ptr);
      changed |= add_arguments(&carrier, &status);
    }
  }
  for (size_t i = 0; i < old_blocks->count && carrier.added.count > 0; ++i) {
    carrier.builder->block.ptr = tenon_map_get(&converter->blocks, old_blocks->data[i].ptr);
    if (mlirLogicalResultIsSuccess(status)) status = add_operands(&carrier);
  }
  tenon_map_free(&carrier.added);
  return status;
}
