// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/host_ops.h"

#include <stdlib.h>

#include "compiler/input/checks.h"
#include "compiler/input/ir.h"
#include "compiler/support/mlir_util.h"

void tenon_lower_assert(MlirOperation op) {
  MlirValue condition = mlirOperationGetOperand(op, 0);
  MlirNamedAttribute message = tenon_attr(mlirOperationGetContext(op), "message",
                                          mlirOperationGetAttributeByName(op, tenon_str("msg")));
  tenon_insert_op(op, "tenon.assert", 0, NULL, 1, &condition, 1, &message);
  mlirOperationDestroy(op);
}

// What tensor.dim with a number that isn't constant gives: a choice among the dimensions.
static MlirValue choose_dim(MlirOperation op, MlirValue tensor, MlirValue number) {
  intptr_t rank = mlirShapedTypeGetRank(mlirValueGetType(tensor));
  tenon_insert_check(op, "tenon.check_ge", number, tenon_insert_index(op, 0),
                     "tensor.dim: dimension {0}, expected {1} or more");
  tenon_insert_check(op, "tenon.check_ge", tenon_insert_index(op, rank - 1), number,
                     "tensor.dim: dimension {1}, expected {0} or less");
  MlirContext context = mlirOperationGetContext(op);
  MlirType index = mlirIndexTypeGet(context), bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute equal =
      tenon_attr(context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), 0));
  MlirValue chosen = tenon_insert_dim(op, tensor, 0);
  for (intptr_t d = 1; d < rank; ++d) {
    MlirValue compared[] = {number, tenon_insert_index(op, d)};
    MlirValue is_it = mlirOperationGetResult(
        tenon_insert_op(op, "arith.cmpi", 1, &bit, 2, compared, 1, &equal), 0);
    MlirValue choice[] = {is_it, tenon_insert_dim(op, tensor, d), chosen};
    chosen = mlirOperationGetResult(
        tenon_insert_op(op, "arith.select", 1, &index, 3, choice, 0, NULL), 0);
  }
  return chosen;
}

void tenon_lower_dim(MlirOperation op) {
  MlirValue tensor = mlirOperationGetOperand(op, 0), number = mlirOperationGetOperand(op, 1);
  int64_t dim = 0;
  MlirValue size = tenon_constant_int(number, &dim) ? tenon_insert_dim(op, tensor, dim)
                                                    : choose_dim(op, tensor, number);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), size);
  mlirOperationDestroy(op);
}

//===--------------------------------------------------------------------===//
// cf.switch
//===--------------------------------------------------------------------===//

// A case of the switch: where it goes, with the operands [first, first + count).
typedef struct switch_case_t {
  MlirBlock target;
  intptr_t first, count;
} switch_case_t;

static switch_case_t default_case(MlirOperation op) {
  MlirAttribute segments = mlirOperationGetAttributeByName(op, tenon_str("operandSegmentSizes"));
  return (switch_case_t){mlirOperationGetSuccessor(op, 0), 1,
                         mlirDenseI32ArrayGetElement(segments, 1)};
}

// The case number |number|, from 1, behind |before|.
static switch_case_t next_case(MlirOperation op, intptr_t number, switch_case_t before) {
  MlirAttribute counts = mlirOperationGetAttributeByName(op, tenon_str("case_operand_segments"));
  return (switch_case_t){mlirOperationGetSuccessor(op, number), before.first + before.count,
                         mlirDenseI32ArrayGetElement(counts, number - 1)};
}

static void add_case(MlirOperationState* state, MlirOperation op, switch_case_t branch) {
  for (intptr_t i = 0; i < branch.count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, branch.first + i);
    mlirOperationStateAddOperands(state, 1, &operand);
  }
  mlirOperationStateAddSuccessors(state, 1, &branch.target);
}

// Appends to |block|: go to |yes| if the flag is |value|, else to |no|.
static void append_comparison(MlirBlock block, MlirOperation op, MlirAttribute value,
                              switch_case_t yes, switch_case_t no) {
  MlirContext context = mlirOperationGetContext(op);
  MlirLocation location = mlirOperationGetLocation(op);
  MlirValue is_it = tenon_append_is_equal(block, location, mlirOperationGetOperand(op, 0), value);
  const int32_t segments[] = {1, (int32_t)yes.count, (int32_t)no.count};
  MlirNamedAttribute attribute =
      tenon_attr(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 3, segments));
  MlirOperationState state = mlirOperationStateGet(tenon_str("cf.cond_br"), location);
  mlirOperationStateAddOperands(&state, 1, &is_it);
  add_case(&state, op, yes);
  add_case(&state, op, no);
  mlirOperationStateAddAttributes(&state, 1, &attribute);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

static void append_branch(MlirBlock block, MlirOperation op, switch_case_t target) {
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("cf.br"), mlirOperationGetLocation(op));
  add_case(&state, op, target);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

void tenon_lower_switch(MlirOperation op) {
  MlirAttribute values = mlirOperationGetAttributeByName(op, tenon_str("case_values"));
  MlirBlock block = mlirOperationGetBlock(op);
  intptr_t case_count = mlirOperationGetNumSuccessors(op) - 1;
  switch_case_t otherwise = default_case(op), yes = otherwise;
  for (intptr_t i = 1; i <= case_count; ++i) {
    switch_case_t no = otherwise;
    if (i < case_count) {
      no = (switch_case_t){mlirBlockCreate(0, NULL, NULL), 0, 0};
      mlirRegionInsertOwnedBlockAfter(mlirBlockGetParentRegion(block), block, no.target);
    }
    uint64_t position = (uint64_t)i - 1;
    yes = next_case(op, i, yes);
    append_comparison(block, op, mlirElementsAttrGetValue(values, 1, &position), yes, no);
    block = no.target;
  }
  if (case_count == 0) append_branch(block, op, otherwise);
  mlirOperationDestroy(op);
}
