// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/merge.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/input/types.h"
#include "compiler/support/mlir_util.h"
#include "hal/local/executable_abi.h"

// Both are linalg.generics of one block, the producer first.
typedef struct pair_t {
  MlirOperation producer, consumer;
  // Whether the consumer reads, in each iteration, just the elements that the producer writes in
  // the same iteration: both run over the same range, and the producer's results may stay. Else the
  // consumer is the only user, by one operand, and the producer's body runs whenever the consumer
  // reads an element.
  bool in_step;
} pair_t;

//===--------------------------------------------------------------------===//
// What may be merged
//===--------------------------------------------------------------------===//

static bool is_result_of(MlirValue value, MlirOperation op) {
  MlirOperation defining = tenon_defining_op(value);
  return !mlirOperationIsNull(defining) && mlirOperationEqual(defining, op);
}

// The map by which the producer writes its result |value|: a permutation of its loops.
static MlirAffineMap write_map(pair_t pair, MlirValue value) {
  intptr_t output = tenon_linalg_input_count(pair.producer) + mlirOpResultGetResultNumber(value);
  return tenon_linalg_map(tenon_linalg_maps(pair.producer), output);
}

// Whether all that the consumer reads of the producer's is read by the map that wrote it.
static bool is_in_step(pair_t pair) {
  MlirAttribute maps = tenon_linalg_maps(pair.consumer);
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair.consumer); ++i) {
    MlirValue operand = mlirOperationGetOperand(pair.consumer, i);
    if (is_result_of(operand, pair.producer) &&
        !mlirAffineMapEqual(write_map(pair, operand), tenon_linalg_map(maps, i))) {
      return false;
    }
  }
  return true;
}

// Operations of a merged body. More gain nothing, and cost LLVM time that grows with the square.
#define MAX_BODY_LENGTH 512

static intptr_t body_length(MlirOperation generic) {
  intptr_t length = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    ++length;
  }
  return length;
}

// Whether the merged generic has no more tensors than a dispatch can have, and a body of bounded
// length.
static bool is_small_enough(pair_t pair) {
  return mlirOperationGetNumOperands(pair.producer) + mlirOperationGetNumOperands(pair.consumer) <=
             TENON_DISPATCH_MAX_BINDINGS &&
         body_length(pair.producer) + body_length(pair.consumer) <= MAX_BODY_LENGTH;
}

// How often the results of |op| are used.
static intptr_t count_uses(MlirOperation op) {
  intptr_t count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(op, i));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) ++count;
  }
  return count;
}

// Whether the body knows in which iteration it is.
static bool uses_index(MlirOperation generic) {
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "linalg.index")) return true;
  }
  return false;
}

// The producer's loops as expressions of the consumer's, which reads operand |i| by its own map.
static MlirAffineMap loops_of_producer(pair_t pair, intptr_t i) {
  MlirValue operand = mlirOperationGetOperand(pair.consumer, i);
  MlirAffineMap write = write_map(pair, operand);
  MlirAffineMap read = tenon_linalg_map(tenon_linalg_maps(pair.consumer), i);
  MlirAffineExpr loops[TENON_MAX_RANK];
  intptr_t count = mlirAffineMapGetNumResults(write);
  for (intptr_t d = 0; d < count; ++d) {
    loops[mlirAffineDimExprGetPosition(mlirAffineMapGetResult(write, d))] =
        mlirAffineMapGetResult(read, d);
  }
  return mlirAffineMapGet(mlirAffineMapGetContext(read), mlirAffineMapGetNumDims(read), 0, count,
                          loops);
}

// The operand of the consumer that is a result of the producer.
static intptr_t find_use(pair_t pair) {
  intptr_t i = 0;
  while (!is_result_of(mlirOperationGetOperand(pair.consumer, i), pair.producer)) ++i;
  return i;
}

// The map of the producer's input |i| in the merged generic.
static MlirAttribute producer_map(pair_t pair, intptr_t i) {
  MlirAttribute map = mlirArrayAttrGetElement(tenon_linalg_maps(pair.producer), i);
  return pair.in_step ? map : tenon_compose_map(map, loops_of_producer(pair, find_use(pair)));
}

// Whether the producer's body can run where the consumer reads an element.
static bool can_run_at_reads(pair_t pair) {
  if (count_uses(pair.producer) > 1 || uses_index(pair.producer)) return false;
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair.producer); ++i) {
    if (!tenon_is_linear_map(mlirAffineMapAttrGetValue(producer_map(pair, i)))) return false;
  }
  return true;
}

// The operation of |block| that contains |op|, at whatever depth; null when there is none.
static MlirOperation ancestor_in(MlirBlock block, MlirOperation op) {
  while (!mlirOperationIsNull(op) && !mlirBlockEqual(mlirOperationGetBlock(op), block)) {
    op = mlirOperationGetParentOperation(op);
    if (!mlirOperationIsNull(op) && mlirBlockIsNull(mlirOperationGetBlock(op))) {
      return (MlirOperation){NULL};
    }
  }
  return op;
}

// Whether nobody needs the producer's results before the consumer.
static bool can_sink_producer(pair_t pair) {
  MlirBlock block = mlirOperationGetBlock(pair.consumer);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(pair.producer); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(pair.producer, i));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      MlirOperation user = ancestor_in(block, mlirOpOperandGetOwner(use));
      if (!mlirOperationIsNull(user) && mlirOperationIsBeforeInBlock(user, pair.consumer)) {
        return false;
      }
    }
  }
  return true;
}

// Whether |value| is there before the producer runs.
static bool is_before_producer(pair_t pair, MlirValue value) {
  MlirOperation op = tenon_defining_op(value);
  return mlirOperationIsNull(op) ||
         !mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(pair.producer)) ||
         mlirOperationEqual(op, pair.producer) || mlirOperationIsBeforeInBlock(op, pair.producer);
}

// Whether the consumer may run where the producer does: all it reads is there, and no check stands
// between them (the consumer may only be safe because of it).
static bool can_hoist_consumer(pair_t pair) {
  for (MlirOperation op = mlirOperationGetNextInBlock(pair.producer);
       !mlirOperationEqual(op, pair.consumer); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_has_prefix(tenon_op_name(op), "tenon.check")) return false;
  }
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair.consumer); ++i) {
    if (!is_before_producer(pair, mlirOperationGetOperand(pair.consumer, i))) return false;
  }
  MlirBlock body = tenon_body_of(pair.consumer);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      if (!is_before_producer(pair, mlirOperationGetOperand(op, i))) return false;
    }
  }
  return true;
}

//===--------------------------------------------------------------------===//
// Merging
//===--------------------------------------------------------------------===//

// The merged generic in the making.
typedef struct merger_t {
  pair_t pair;
  MlirOperation before;  // where it goes
  tenon_value_list_t inputs, outputs, yielded;
  tenon_attr_list_t maps, output_maps;
  MlirBlock block;
} merger_t;

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

// What the producer yields as its result |value|.
static MlirValue yielded_by(MlirOperation yield, MlirValue value) {
  return mlirOperationGetOperand(yield, mlirOpResultGetResultNumber(value));
}

// Moves the body of |generic| to the end of the merged one, except its yield, which is returned
// detached. |producer_yield| is that of the producer while the consumer is moved.
static MlirOperation absorb(merger_t* merger, MlirOperation generic,
                            const MlirOperation* producer_yield) {
  MlirBlock body = tenon_body_of(generic);
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    MlirValue operand = mlirOperationGetOperand(generic, i);
    MlirValue argument = mlirBlockGetArgument(body, i);
    MlirValue element;
    if (!producer_yield) {
      element = add_input(merger, operand, producer_map(merger->pair, i), argument);
    } else if (is_result_of(operand, merger->pair.producer)) {
      element = yielded_by(*producer_yield, operand);
    } else {
      MlirAttribute map = mlirArrayAttrGetElement(tenon_linalg_maps(generic), i);
      element = add_input(merger, operand, map, argument);
    }
    mlirValueReplaceAllUsesOfWith(argument, element);
  }
  MlirOperation yield = mlirBlockGetTerminator(body);
  mlirOperationRemoveFromParent(yield);
  tenon_move_ops(body, merger->block);
  return yield;
}

// The extent of |loop| as the producer's outputs have it (so that outputs of one size have the same
// one), or the consumer's if the producer had other loops.
static MlirValue extent_of(merger_t* merger, intptr_t loop) {
  MlirOperation generic = merger->pair.in_step ? merger->pair.producer : merger->pair.consumer;
  intptr_t output = tenon_linalg_input_count(generic);
  MlirAffineMap map = tenon_linalg_map(tenon_linalg_maps(generic), output);
  MlirOperation empty = tenon_defining_op(mlirOperationGetOperand(generic, output));
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

// Adds output |position| of |generic|, with a tensor.empty of its own.
static void add_output(merger_t* merger, MlirOperation generic, intptr_t position,
                       MlirValue yielded) {
  MlirAttribute maps = tenon_linalg_maps(generic);
  intptr_t operand = tenon_linalg_input_count(generic) + position;
  MlirAffineMap map = tenon_linalg_map(maps, operand);
  MlirType type = mlirValueGetType(mlirOperationGetResult(generic, position));
  tenon_value_list_t dims = {0};
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (!mlirShapedTypeIsDynamicDim(type, d)) continue;
    intptr_t loop = mlirAffineDimExprGetPosition(mlirAffineMapGetResult(map, d));
    TENON_APPEND(&dims, extent_of(merger, loop));
  }
  MlirOperation empty = tenon_insert_op(merger->before, "tensor.empty", 1, &type,
                                        (intptr_t)dims.count, dims.data, 0, NULL);
  TENON_APPEND(&merger->outputs, mlirOperationGetResult(empty, 0));
  TENON_APPEND(&merger->output_maps, mlirArrayAttrGetElement(maps, operand));
  TENON_APPEND(&merger->yielded, yielded);
  free(dims.data);
}

// Whether anyone but the consumer uses |value|.
static bool is_used_elsewhere(pair_t pair, MlirValue value) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    if (!mlirOperationEqual(mlirOpOperandGetOwner(use), pair.consumer)) return true;
  }
  return false;
}

static MlirOperation insert_merged(merger_t* merger) {
  pair_t pair = merger->pair;
  MlirContext context = mlirOperationGetContext(pair.consumer);
  MlirLocation locations[] = {mlirOperationGetLocation(pair.consumer),
                              mlirOperationGetLocation(pair.producer)};
  MlirLocation location = mlirLocationFusedGet(context, 2, locations, mlirAttributeGetNull());
  for (size_t i = 0; i < merger->outputs.count; ++i) {
    MlirType type = mlirValueGetType(merger->outputs.data[i]);
    mlirBlockAddArgument(merger->block, mlirShapedTypeGetElementType(type), location);
    TENON_APPEND(&merger->maps, merger->output_maps.data[i]);
  }
  mlirBlockAppendOwnedOperation(merger->block, tenon_build_op("linalg.yield", location, 0, NULL,
                                                              (intptr_t)merger->yielded.count,
                                                              merger->yielded.data, 0, NULL));
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, merger->block);
  intptr_t loop_count =
      mlirAffineMapGetNumDims(tenon_linalg_map(tenon_linalg_maps(pair.consumer), 0));
  return tenon_insert_generic(merger->before, location, &merger->inputs, &merger->outputs,
                              &merger->maps, loop_count, body);
}

// Makes one generic of both, at |before|, and returns it: the producer's results that others use,
// then the consumer's.
static MlirOperation merge(pair_t pair, MlirOperation before) {
  merger_t merger = {.pair = pair, .before = before, .block = mlirBlockCreate(0, NULL, NULL)};
  MlirOperation producer_yield = absorb(&merger, pair.producer, NULL);
  MlirOperation consumer_yield = absorb(&merger, pair.consumer, &producer_yield);
  tenon_value_list_t replaced = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumResults(pair.producer); ++i) {
    MlirValue result = mlirOperationGetResult(pair.producer, i);
    if (!is_used_elsewhere(pair, result)) continue;
    add_output(&merger, pair.producer, i, mlirOperationGetOperand(producer_yield, i));
    TENON_APPEND(&replaced, result);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(pair.consumer); ++i) {
    add_output(&merger, pair.consumer, i, mlirOperationGetOperand(consumer_yield, i));
    TENON_APPEND(&replaced, mlirOperationGetResult(pair.consumer, i));
  }
  MlirOperation merged = insert_merged(&merger);
  for (size_t i = 0; i < replaced.count; ++i) {
    mlirValueReplaceAllUsesOfWith(replaced.data[i], mlirOperationGetResult(merged, (intptr_t)i));
  }
  mlirOperationDestroy(producer_yield);
  mlirOperationDestroy(consumer_yield);
  mlirOperationDestroy(pair.consumer);
  mlirOperationDestroy(pair.producer);
  free(merger.inputs.data);
  free(merger.outputs.data);
  free(merger.yielded.data);
  free(merger.maps.data);
  free(merger.output_maps.data);
  free(replaced.data);
  return merged;
}

// Merges |consumer| with a generic that it reads. Returns the merged one, or null when there is
// none to merge with.
static MlirOperation merge_with_producer(MlirOperation consumer) {
  if (tenon_parallel_count(consumer) < tenon_loop_count(consumer)) return (MlirOperation){NULL};
  for (intptr_t i = 0; i < tenon_linalg_input_count(consumer); ++i) {
    MlirOperation producer = tenon_defining_op(mlirOperationGetOperand(consumer, i));
    if (mlirOperationIsNull(producer) || !tenon_is_generic(producer) ||
        !mlirBlockEqual(mlirOperationGetBlock(producer), mlirOperationGetBlock(consumer))) {
      continue;
    }
    if (tenon_parallel_count(producer) < tenon_loop_count(producer)) continue;
    pair_t pair = {producer, consumer, false};
    pair.in_step = is_in_step(pair);
    if (!is_small_enough(pair)) continue;
    if (!pair.in_step && !can_run_at_reads(pair)) continue;
    if (can_sink_producer(pair)) return merge(pair, consumer);
    if (can_hoist_consumer(pair)) return merge(pair, producer);
  }
  return (MlirOperation){NULL};
}

void tenon_merge_generics(MlirOperation module) {
  tenon_op_list_t generics = tenon_collect_ops(module, tenon_is_generic);
  // A merged generic takes the consumer's turn, with the inputs of both. The producer's turn is
  // over.
  for (size_t i = 0; i < generics.count; ++i) {
    MlirOperation op = generics.data[i];
    while (!mlirOperationIsNull(op)) op = merge_with_producer(op);
  }
  free(generics.data);
}
