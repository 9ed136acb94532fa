// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/foralls.h"

#include <stdlib.h>

#include "compiler/input/ir.h"
#include "compiler/input/slices.h"
#include "compiler/support/mlir_util.h"

#define STR(ref) (int)(ref).length, (ref).data

// What scf.forall.in_parallel does.
static bool check_ending_op(MlirOperation op, MlirBlock block) {
  if (!tenon_op_is(op, "tensor.parallel_insert_slice")) {
    tenon_error(op,
                "'%.*s' is not supported in 'scf.forall.in_parallel': expected "
                "tensor.parallel_insert_slice",
                STR(tenon_op_name(op)));
    return false;
  }
  MlirValue destination = mlirOperationGetOperand(op, 1);
  if (mlirValueIsABlockArgument(destination) &&
      mlirBlockEqual(mlirBlockArgumentGetOwner(destination), block)) {
    return true;
  }
  tenon_error(op,
              "'tensor.parallel_insert_slice': expected one of the loop's shared_outs as the "
              "destination");
  return false;
}

bool tenon_check_parallel_op(MlirOperation op) {
  if (tenon_op_is(op, "scf.forall")) {
    MlirAttribute steps = mlirOperationGetAttributeByName(op, tenon_str("staticStep"));
    intptr_t count = mlirDenseArrayGetNumElements(steps);
    if (count > 0) {
      return tenon_check_mixed(op, "staticLowerBound", count, tenon_segment_size(op, 0)) &&
             tenon_check_mixed(op, "staticUpperBound", count, tenon_segment_size(op, 1)) &&
             tenon_check_mixed(op, "staticStep", count, tenon_segment_size(op, 2));
    }
    tenon_error(op, "'scf.forall': expected at least one loop");
    return false;
  }
  if (tenon_op_is(op, "scf.parallel")) {
    intptr_t count = tenon_segment_size(op, 0);
    if (tenon_segment_size(op, 1) == count && tenon_segment_size(op, 2) == count) return true;
    tenon_error(op, "'scf.parallel': expected as many bounds as steps");
    return false;
  }
  if (!tenon_op_is(op, "scf.forall.in_parallel")) return true;
  MlirOperation next =
      mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)));
  for (; !mlirOperationIsNull(next); next = mlirOperationGetNextInBlock(next)) {
    if (!check_ending_op(next, mlirOperationGetBlock(op))) return false;
  }
  return true;
}

// The bounds of |op|'s loops and what they carry.
typedef struct nest_t {
  MlirOperation op;
  intptr_t loop_count;
  tenon_value_list_t lower, upper, steps, initial;
} nest_t;

static nest_t nest_of_forall(MlirOperation op) {
  nest_t nest = {.op = op};
  intptr_t operand = 0;
  nest.lower = tenon_mixed_values(op, "staticLowerBound", &operand);
  nest.upper = tenon_mixed_values(op, "staticUpperBound", &operand);
  nest.steps = tenon_mixed_values(op, "staticStep", &operand);
  nest.loop_count = (intptr_t)nest.lower.count;
  for (; operand < mlirOperationGetNumOperands(op); ++operand) {
    TENON_APPEND(&nest.initial, mlirOperationGetOperand(op, operand));
  }
  return nest;
}

static nest_t nest_of_parallel(MlirOperation op) {
  nest_t nest = {.op = op};
  tenon_value_list_t* lists[] = {&nest.lower, &nest.upper, &nest.steps, &nest.initial};
  intptr_t operand = 0;
  for (int i = 0; i < 4; ++i) {
    for (intptr_t n = tenon_segment_size(op, i); n-- > 0;) {
      TENON_APPEND(lists[i], mlirOperationGetOperand(op, operand++));
    }
  }
  nest.loop_count = (intptr_t)nest.lower.count;
  return nest;
}

static void nest_free(nest_t* nest) {
  free(nest->lower.data);
  free(nest->upper.data);
  free(nest->steps.data);
  free(nest->initial.data);
}

static void append_yield(MlirBlock block, MlirLocation location, intptr_t count,
                         const MlirValue* values) {
  mlirBlockAppendOwnedOperation(
      block, tenon_build_op("scf.yield", location, 0, NULL, count, values, 0, NULL));
}

// Loop |number| around |body|, whose block takes the index and what is carried, from |initial| on.
static MlirOperation build_for(const nest_t* nest, intptr_t number, const MlirValue* initial,
                               MlirBlock body) {
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);
  MlirValue bounds[] = {nest->lower.data[number], nest->upper.data[number],
                        nest->steps.data[number]};
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("scf.for"), mlirOperationGetLocation(nest->op));
  mlirOperationStateAddOperands(&state, 3, bounds);
  mlirOperationStateAddOperands(&state, (intptr_t)nest->initial.count, initial);
  for (size_t i = 0; i < nest->initial.count; ++i) {
    MlirType type = mlirValueGetType(nest->initial.data[i]);
    mlirOperationStateAddResults(&state, 1, &type);
  }
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return mlirOperationCreate(&state);
}

// A block for a loop: its index and what is carried.
static MlirBlock build_block(const nest_t* nest) {
  MlirLocation location = mlirOperationGetLocation(nest->op);
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirBlockAddArgument(block, mlirIndexTypeGet(mlirOperationGetContext(nest->op)), location);
  for (size_t i = 0; i < nest->initial.count; ++i) {
    mlirBlockAddArgument(block, mlirValueGetType(nest->initial.data[i]), location);
  }
  return block;
}

static tenon_value_list_t carried_of(MlirBlock block) {
  tenon_value_list_t values = {0};
  for (intptr_t i = 1; i < mlirBlockGetNumArguments(block); ++i) {
    TENON_APPEND(&values, mlirBlockGetArgument(block, i));
  }
  return values;
}

static tenon_value_list_t results_of(MlirOperation op) {
  tenon_value_list_t values = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    TENON_APPEND(&values, mlirOperationGetResult(op, i));
  }
  return values;
}

// Puts loops around the operation's block, innermost first, and replaces it. The block has an index for each loop, then
// what is carried, and ends with a yield of it.
static void replace_by_loops(nest_t* nest, MlirBlock innermost) {
  MlirLocation location = mlirOperationGetLocation(nest->op);
  MlirBlock block = innermost;
  mlirBlockDetach(block);
  for (intptr_t i = nest->loop_count; i-- > 1;) {
    // The next outer block takes over the indices of the loops outside of this one.
    MlirBlock outer = build_block(nest);
    mlirValueReplaceAllUsesOfWith(mlirBlockGetArgument(innermost, i - 1),
                                  mlirBlockGetArgument(outer, 0));
    tenon_value_list_t carried = carried_of(outer);
    MlirOperation loop = build_for(nest, i, carried.data, block);
    tenon_value_list_t results = results_of(loop);
    mlirBlockAppendOwnedOperation(outer, loop);
    append_yield(outer, location, (intptr_t)results.count, results.data);
    mlirBlockEraseArgument(innermost, (unsigned)(i - 1));
    free(carried.data);
    free(results.data);
    block = outer;
  }
  MlirOperation loop = build_for(nest, 0, nest->initial.data, block);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(nest->op), nest->op, loop);
  tenon_replace_op(nest->op, loop, 0);
}

//===--------------------------------------------------------------------===//
// scf.forall
//===--------------------------------------------------------------------===//

// Inserts before |end| the tensor.insert_slice of |parallel| into |destination|.
static MlirValue insert_slice(MlirOperation end, MlirOperation parallel, MlirValue destination) {
  static const char* const names[] = {"operandSegmentSizes", "static_offsets", "static_sizes",
                                      "static_strides"};
  MlirContext context = mlirOperationGetContext(end);
  MlirOperationState state =
      mlirOperationStateGet(tenon_str("tensor.insert_slice"), mlirOperationGetLocation(parallel));
  for (int i = 0; i < 4; ++i) {
    MlirNamedAttribute attribute = tenon_attr(
        context, names[i], mlirOperationGetAttributeByName(parallel, tenon_str(names[i])));
    mlirOperationStateAddAttributes(&state, 1, &attribute);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(parallel); ++i) {
    MlirValue operand = i == 1 ? destination : mlirOperationGetOperand(parallel, i);
    mlirOperationStateAddOperands(&state, 1, &operand);
  }
  MlirType type = mlirValueGetType(destination);
  mlirOperationStateAddResults(&state, 1, &type);
  MlirOperation op = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(end), end, op);
  return mlirOperationGetResult(op, 0);
}

// The block's end becomes a yield of the shared tensors with what the end inserts.
static void end_with_yield(nest_t* nest, MlirBlock block) {
  MlirOperation end = mlirBlockGetTerminator(block);
  tenon_value_list_t shared = {0}, values = {0};
  for (size_t i = 0; i < nest->initial.count; ++i) {
    TENON_APPEND(&shared, mlirBlockGetArgument(block, nest->loop_count + (intptr_t)i));
    TENON_APPEND(&values, shared.data[i]);
  }
  MlirOperation op =
      mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(end, 0)));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    intptr_t i = tenon_value_list_find(&shared, mlirOperationGetOperand(op, 1));
    values.data[i] = insert_slice(end, op, values.data[i]);
  }
  append_yield(block, mlirOperationGetLocation(end), (intptr_t)values.count, values.data);
  mlirOperationDestroy(end);
  free(shared.data);
  free(values.data);
}

static void lower_forall(MlirOperation op) {
  nest_t nest = nest_of_forall(op);
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  end_with_yield(&nest, block);
  replace_by_loops(&nest, block);
  nest_free(&nest);
}

//===--------------------------------------------------------------------===//
// scf.parallel
//===--------------------------------------------------------------------===//

// Moves what |region| of the scf.reduce |reduce| does before it, on |value| and what is new, and gives the sum.
static MlirValue take_reduction(MlirOperation reduce, intptr_t region, MlirValue value) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(reduce, region));
  mlirValueReplaceAllUsesOfWith(mlirBlockGetArgument(block, 0), value);
  mlirValueReplaceAllUsesOfWith(mlirBlockGetArgument(block, 1),
                                mlirOperationGetOperand(reduce, region));
  MlirOperation end = mlirBlockGetTerminator(block);
  MlirValue sum = mlirOperationGetOperand(end, 0);
  mlirOperationDestroy(end);
  MlirOperation op = mlirBlockGetFirstOperation(block);
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    mlirOperationRemoveFromParent(op);
    mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(reduce), reduce, op);
    op = next;
  }
  return sum;
}

static void lower_parallel(MlirOperation op) {
  nest_t nest = nest_of_parallel(op);
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  MlirOperation reduce = mlirBlockGetTerminator(block);
  tenon_value_list_t values = {0};
  for (size_t i = 0; i < nest.initial.count; ++i) {
    MlirValue value = mlirBlockAddArgument(block, mlirValueGetType(nest.initial.data[i]),
                                           mlirOperationGetLocation(op));
    TENON_APPEND(&values, take_reduction(reduce, (intptr_t)i, value));
  }
  append_yield(block, mlirOperationGetLocation(reduce), (intptr_t)values.count, values.data);
  mlirOperationDestroy(reduce);
  replace_by_loops(&nest, block);
  free(values.data);
  nest_free(&nest);
}

static bool is_parallel(MlirOperation op) {
  return tenon_op_is(op, "scf.forall") || tenon_op_is(op, "scf.parallel");
}

void tenon_lower_foralls(MlirOperation module) {
  tenon_op_list_t ops = tenon_collect_ops(module, is_parallel);
  for (size_t i = 0; i < ops.count; ++i) {
    if (tenon_op_is(ops.data[i], "scf.forall")) {
      lower_forall(ops.data[i]);
    } else {
      lower_parallel(ops.data[i]);
    }
  }
  free(ops.data);
}
