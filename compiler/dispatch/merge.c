// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/merge.h"

#include <stdlib.h>

#include "compiler/dispatch/computed.h"
#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/pair.h"
#include "compiler/dispatch/reshape.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

// The merged generic in the making.
typedef struct merger_t {
  tenon_pair_t pair;
  MlirOperation before;  // where it goes
  tenon_value_list_t inputs, outputs;
  tenon_attr_list_t maps, output_maps;
  MlirBlock block;
  // The producer's bodies that are there: the loops in which each runs, and its yield, detached.
  struct {
    struct run_t {
      MlirAffineMap loops;
      MlirOperation yield;
    }* data;
    size_t count, capacity;
  } runs;
  // What the outputs are given: operands of detached yields, read when all that they may name is in the merged body.
  struct {
    struct yielded_t {
      MlirOperation yield;
      intptr_t position;
    }* data;
    size_t count, capacity;
  } yielded;
} merger_t;

//===--------------------------------------------------------------------===//
// Bodies
//===--------------------------------------------------------------------===//

// The input that reads |tensor| by |map|, made if there is none.
static MlirValue add_input(merger_t* merger, MlirValue tensor, MlirAttribute map,
                           MlirValue old_argument) {
  for (size_t i = 0; i < merger->inputs.count; ++i) {
    if (mlirValueEqual(merger->inputs.data[i], tensor) &&
        mlirAttributeEqual(merger->maps.data[i], map)) {
      return mlirBlockGetArgument(merger->block, (intptr_t)i);
    }
  }
  TENON_APPEND(&merger->inputs, tensor);
  TENON_APPEND(&merger->maps, map);
  return mlirBlockAddArgument(merger->block, mlirValueGetType(old_argument),
                              mlirValueGetLocation(old_argument));
}

// Moves the body of |generic| to the end of the merged one, except its yield, which is returned
// detached.
static MlirOperation take_body(merger_t* merger, MlirOperation generic) {
  MlirBlock body = tenon_body_of(generic);
  MlirOperation yield = mlirBlockGetTerminator(body);
  mlirOperationRemoveFromParent(yield);
  tenon_move_ops(body, merger->block);
  return yield;
}

// Appends what |expr|, a sum of products of loops, is in an iteration of the merged generic.
static MlirValue append_index(merger_t* merger, MlirAffineExpr expr) {
  MlirLocation location = mlirOperationGetLocation(merger->pair.producer);
  MlirContext context = mlirAffineExprGetContext(expr);
  MlirType index = mlirIndexTypeGet(context);
  MlirOperation op;
  if (mlirAffineExprIsAConstant(expr)) {
    return tenon_insert_index(merger->before, mlirAffineConstantExprGetValue(expr));
  }
  if (mlirAffineExprIsADim(expr)) {
    MlirAttribute loop =
        mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), mlirAffineDimExprGetPosition(expr));
    MlirNamedAttribute dim = tenon_attr(context, "dim", loop);
    op = tenon_build_op("linalg.index", location, 1, &index, 0, NULL, 1, &dim);
  } else {
    const MlirValue operands[] = {append_index(merger, mlirAffineBinaryOpExprGetLHS(expr)),
                                  append_index(merger, mlirAffineBinaryOpExprGetRHS(expr))};
    const char* name = mlirAffineExprIsAAdd(expr) ? "arith.addi" : "arith.muli";
    op = tenon_build_op(name, location, 1, &index, 2, operands, 0, NULL);
  }
  mlirBlockAppendOwnedOperation(merger->block, op);
  return mlirOperationGetResult(op, 0);
}

// Makes linalg.index of |body| what the producer's loops are in |loops|.
static void replace_indices(merger_t* merger, MlirBlock body, MlirAffineMap loops) {
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (!tenon_op_is(op, "linalg.index")) continue;
    int64_t loop =
        mlirIntegerAttrGetValueInt(mlirOperationGetAttributeByName(op, tenon_str("dim")));
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0),
                                  append_index(merger, mlirAffineMapGetResult(loops, loop)));
    mlirOperationDestroy(op);
  }
}

// Runs the body of |producer|, the pair's or a copy of it, in |loops|.
static MlirOperation absorb_producer(merger_t* merger, MlirOperation producer,
                                     MlirAffineMap loops) {
  MlirBlock body = tenon_body_of(producer);
  for (intptr_t i = 0; i < tenon_linalg_input_count(producer); ++i) {
    MlirAttribute map = mlirArrayAttrGetElement(tenon_linalg_maps(producer), i);
    if (!merger->pair.in_step) map = tenon_compose_map(map, loops);
    MlirValue argument = mlirBlockGetArgument(body, i);
    mlirValueReplaceAllUsesOfWith(
        argument, add_input(merger, mlirOperationGetOperand(producer, i), map, argument));
  }
  if (!merger->pair.in_step) replace_indices(merger, body, loops);
  return take_body(merger, producer);
}

static struct run_t* find_run(merger_t* merger, MlirAffineMap loops) {
  for (size_t i = 0; i < merger->runs.count; ++i) {
    if (mlirAffineMapEqual(merger->runs.data[i].loops, loops)) return &merger->runs.data[i];
  }
  return NULL;
}

static bool reads_producer(const merger_t* merger, intptr_t i) {
  return tenon_is_result_of(mlirOperationGetOperand(merger->pair.consumer, i),
                            merger->pair.producer);
}

// The producer's body, once for each map by which the consumer reads it.
static void absorb_runs(merger_t* merger) {
  const tenon_pair_t* pair = &merger->pair;
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair->consumer); ++i) {
    if (!reads_producer(merger, i)) continue;
    struct run_t run = {.loops = tenon_loops_of_producer(pair, i)};
    if (!find_run(merger, run.loops)) TENON_APPEND(&merger->runs, run);
  }
  for (size_t i = 0; i < merger->runs.count; ++i) {
    struct run_t* run = &merger->runs.data[i];
    // The last takes the body itself if nobody needs it any more.
    bool copies = pair->producer_stays || i + 1 < merger->runs.count;
    MlirOperation producer = copies ? mlirOperationClone(pair->producer) : pair->producer;
    run->yield = absorb_producer(merger, producer, run->loops);
    if (copies) mlirOperationDestroy(producer);
  }
}

// Returns the consumer's yield, detached.
static MlirOperation absorb_consumer(merger_t* merger) {
  MlirOperation consumer = merger->pair.consumer;
  MlirBlock body = tenon_body_of(consumer);
  for (intptr_t i = 0; i < tenon_linalg_input_count(consumer); ++i) {
    MlirValue operand = mlirOperationGetOperand(consumer, i);
    MlirValue argument = mlirBlockGetArgument(body, i);
    MlirValue element;
    if (reads_producer(merger, i)) {
      const struct run_t* run = find_run(merger, tenon_loops_of_producer(&merger->pair, i));
      element = mlirOperationGetOperand(run->yield, mlirOpResultGetResultNumber(operand));
    } else {
      MlirAttribute map = mlirArrayAttrGetElement(tenon_linalg_maps(consumer), i);
      element = add_input(merger, operand, map, argument);
    }
    mlirValueReplaceAllUsesOfWith(argument, element);
  }
  return take_body(merger, consumer);
}

//===--------------------------------------------------------------------===//
// Outputs
//===--------------------------------------------------------------------===//

// The extent of |loop| as the producer's outputs have it: in step, outputs of one size have the same
// one.
static MlirValue extent_of(merger_t* merger, intptr_t loop) {
  MlirOperation producer = merger->pair.producer;
  MlirAffineMap map = tenon_output_map(producer, 0);
  MlirOperation empty =
      tenon_defining_op(mlirOperationGetOperand(producer, tenon_linalg_input_count(producer)));
  MlirType type = mlirValueGetType(mlirOperationGetResult(empty, 0));
  intptr_t dynamic = 0;
  for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
    bool found = mlirAffineDimExprGetPosition(mlirAffineMapGetResult(map, d)) == loop;
    if (!mlirShapedTypeIsDynamicDim(type, d)) {
      if (found) return tenon_insert_index(merger->before, mlirShapedTypeGetDimSize(type, d));
      continue;
    }
    if (found) return mlirOperationGetOperand(empty, dynamic);
    ++dynamic;
  }
  return (MlirValue){NULL};  // not reached: the map is a permutation
}

// A tensor.empty for output |position| of |generic|, which is elementwise.
static MlirValue new_output(merger_t* merger, MlirOperation generic, intptr_t position) {
  MlirAffineMap map = tenon_output_map(generic, position);
  MlirType type = mlirValueGetType(mlirOperationGetResult(generic, position));
  tenon_value_list_t dims = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
    intptr_t loop = mlirAffineDimExprGetPosition(mlirAffineMapGetResult(map, d));
    TENON_APPEND(&dims, extent_of(merger, loop));
  }
  MlirOperation empty = tenon_insert_op(merger->before, "tensor.empty", 1, &type,
                                        (intptr_t)dims.count, dims.data, 0, NULL);
  free(dims.data);
  return mlirOperationGetResult(empty, 0);
}

// Adds output |position| of |generic|, whose yield is |yield|, and the body's argument for what it holds.
static void add_output(merger_t* merger, MlirOperation generic, intptr_t position,
                       MlirOperation yield) {
  intptr_t operand = tenon_linalg_input_count(generic) + position;
  TENON_APPEND(&merger->outputs, merger->pair.in_step ? new_output(merger, generic, position)
                                                      : mlirOperationGetOperand(generic, operand));
  TENON_APPEND(&merger->output_maps, mlirArrayAttrGetElement(tenon_linalg_maps(generic), operand));
  struct yielded_t yielded = {yield, position};
  TENON_APPEND(&merger->yielded, yielded);
  MlirValue old = mlirBlockGetArgument(tenon_body_of(generic), operand);
  mlirValueReplaceAllUsesOfWith(
      old, mlirBlockAddArgument(merger->block, mlirValueGetType(old), mlirValueGetLocation(old)));
}

// Whether anyone but the consumer uses |value|.
static bool is_used_elsewhere(const tenon_pair_t* pair, MlirValue value) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    if (!mlirOperationEqual(mlirOpOperandGetOwner(use), pair->consumer)) return true;
  }
  return false;
}

//===--------------------------------------------------------------------===//
// Merging
//===--------------------------------------------------------------------===//

static MlirOperation insert_merged(merger_t* merger) {
  const tenon_pair_t* pair = &merger->pair;
  MlirContext context = mlirOperationGetContext(pair->consumer);
  MlirLocation locations[] = {mlirOperationGetLocation(pair->consumer),
                              mlirOperationGetLocation(pair->producer)};
  MlirLocation location = mlirLocationFusedGet(context, 2, locations, mlirAttributeGetNull());
  for (size_t i = 0; i < merger->output_maps.count; ++i) {
    TENON_APPEND(&merger->maps, merger->output_maps.data[i]);
  }
  tenon_value_list_t values = {0};
  for (size_t i = 0; i < merger->yielded.count; ++i) {
    const struct yielded_t* yielded = &merger->yielded.data[i];
    TENON_APPEND(&values, mlirOperationGetOperand(yielded->yield, yielded->position));
  }
  mlirBlockAppendOwnedOperation(
      merger->block, tenon_build_op("linalg.yield", location, 0, NULL, (intptr_t)values.count,
                                    values.data, 0, NULL));
  free(values.data);
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, merger->block);
  MlirOperation merged =
      tenon_insert_generic(merger->before, location, &merger->inputs, &merger->outputs,
                           &merger->maps, tenon_loop_count(pair->consumer), body);
  MlirStringRef iterators = tenon_str("iterator_types");
  mlirOperationSetAttributeByName(merged, iterators,
                                  mlirOperationGetAttributeByName(pair->consumer, iterators));
  return merged;
}

static void merger_free(merger_t* merger) {
  for (size_t i = 0; i < merger->runs.count; ++i) {
    mlirOperationDestroy(merger->runs.data[i].yield);
  }
  free(merger->runs.data);
  free(merger->inputs.data);
  free(merger->outputs.data);
  free(merger->yielded.data);
  free(merger->maps.data);
  free(merger->output_maps.data);
}

// Makes one generic of both, at |before|, and returns it: in step, the producer's results that
// others use, then the consumer's.
static MlirOperation merge(tenon_order_t* order, const tenon_pair_t* pair, MlirOperation before) {
  merger_t merger = {.pair = *pair, .before = before, .block = mlirBlockCreate(0, NULL, NULL)};
  absorb_runs(&merger);
  MlirOperation yield = absorb_consumer(&merger);
  tenon_value_list_t replaced = {0};
  for (intptr_t i = 0; pair->in_step && i < mlirOperationGetNumResults(pair->producer); ++i) {
    MlirValue result = mlirOperationGetResult(pair->producer, i);
    if (!is_used_elsewhere(pair, result)) continue;
    add_output(&merger, pair->producer, i, merger.runs.data[0].yield);
    TENON_APPEND(&replaced, result);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(pair->consumer); ++i) {
    add_output(&merger, pair->consumer, i, yield);
    TENON_APPEND(&replaced, mlirOperationGetResult(pair->consumer, i));
  }
  MlirOperation merged = insert_merged(&merger);
  for (size_t i = 0; i < replaced.count; ++i) {
    mlirValueReplaceAllUsesOfWith(replaced.data[i], mlirOperationGetResult(merged, (intptr_t)i));
  }
  mlirOperationDestroy(yield);
  merger_free(&merger);
  tenon_order_replace(order, before, merged);
  tenon_order_forget(order, pair->consumer);
  mlirOperationDestroy(pair->consumer);
  if (!pair->producer_stays) {
    tenon_order_forget(order, pair->producer);
    mlirOperationDestroy(pair->producer);
  }
  free(replaced.data);
  return merged;
}

// Whether operand |i| is what a generic makes of numbers alone. Such ones are merged first, so that what is left for memory when
// the consumer is large enough isn't them.
static bool is_made_of_numbers(MlirOperation consumer, intptr_t i) {
  MlirOperation op = tenon_defining_op(mlirOperationGetOperand(consumer, i));
  return !mlirOperationIsNull(op) && tenon_is_generic(op) && tenon_linalg_input_count(op) == 0;
}

// Merges |consumer| with a generic that it reads. Returns the merged one, or null when there is
// none to merge with.
static MlirOperation merge_with_producer(tenon_order_t* order, MlirOperation consumer) {
  for (int numbers = 1; numbers >= 0; --numbers) {
    for (intptr_t i = 0; i < tenon_linalg_input_count(consumer); ++i) {
      tenon_pair_t pair;
      MlirOperation before;
      if (is_made_of_numbers(consumer, i) == numbers &&
          tenon_find_pair(order, consumer, i, &pair, &before)) {
        return merge(order, &pair, before);
      }
    }
  }
  return (MlirOperation){NULL};
}

static bool has_turn(MlirOperation op) {
  return tenon_is_generic(op) || tenon_is_update(op) || tenon_op_is(op, "tenon.reshape");
}

void tenon_merge_generics(MlirOperation module) {
  tenon_order_t order = tenon_order_of(module);
  tenon_map_t reshapes = {0};
  tenon_op_list_t ops = tenon_collect_ops(module, has_turn);
  // A merged generic takes the consumer's turn, with the inputs of both. The producer's turn is
  // over.
  for (size_t i = 0; i < ops.count; ++i) {
    MlirOperation op = ops.data[i];
    if (tenon_op_is(op, "tenon.reshape")) {
      tenon_visit_reshape(&order, &reshapes, op);
      continue;
    }
    MlirOperation merged = tenon_is_generic(op) ? op : (MlirOperation){NULL};
    while (!mlirOperationIsNull(merged)) {
      op = merged;
      merged = merge_with_producer(&order, op);
    }
    tenon_inline_computed_reads(&order, op);
  }
  free(ops.data);
  tenon_order_free(&order);
  tenon_map_free(&reshapes);
}
