// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/pair.h"

#include <stdlib.h>

#include "compiler/dispatch/cost.h"
#include "compiler/dispatch/loops.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

//===--------------------------------------------------------------------===//
// How the consumer reads
//===--------------------------------------------------------------------===//

bool tenon_is_plain_elementwise(MlirOperation generic) {
  return tenon_parallel_count(generic) == tenon_loop_count(generic);
}

bool tenon_is_result_of(MlirValue value, MlirOperation op) {
  MlirOperation defining = tenon_defining_op(value);
  return !mlirOperationIsNull(defining) && mlirOperationEqual(defining, op);
}

// The map by which the consumer reads operand |i|, and the one by which the producer writes it: a permutation of its loops.
static MlirAffineMap read_map(const tenon_pair_t* pair, intptr_t i) {
  return tenon_linalg_map(tenon_linalg_maps(pair->consumer), i);
}

static MlirAffineMap write_map(const tenon_pair_t* pair, intptr_t i) {
  MlirValue value = mlirOperationGetOperand(pair->consumer, i);
  return tenon_output_map(pair->producer, mlirOpResultGetResultNumber(value));
}

static bool reads_producer(const tenon_pair_t* pair, intptr_t i) {
  return tenon_is_result_of(mlirOperationGetOperand(pair->consumer, i), pair->producer);
}

// Whether all that the consumer reads of the producer's is read by the map that wrote it.
static bool is_in_step(const tenon_pair_t* pair) {
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair->consumer); ++i) {
    if (reads_producer(pair, i) && !mlirAffineMapEqual(write_map(pair, i), read_map(pair, i))) {
      return false;
    }
  }
  return tenon_is_plain_elementwise(pair->consumer);
}

MlirAffineMap tenon_loops_of_producer(const tenon_pair_t* pair, intptr_t i) {
  MlirAffineMap write = write_map(pair, i), read = read_map(pair, i);
  intptr_t count = mlirAffineMapGetNumResults(write);
  MlirAffineExpr* loops = tenon_xcalloc((size_t)count, sizeof(*loops));
  for (intptr_t d = 0; d < count; ++d) {
    loops[mlirAffineDimExprGetPosition(mlirAffineMapGetResult(write, d))] =
        mlirAffineMapGetResult(read, d);
  }
  MlirAffineMap map = mlirAffineMapGet(mlirAffineMapGetContext(read), mlirAffineMapGetNumDims(read),
                                       0, count, loops);
  free(loops);
  return map;
}

//===--------------------------------------------------------------------===//
// What it costs
//===--------------------------------------------------------------------===//

// By how many different maps the consumer reads the producer.
static int count_reads(const tenon_pair_t* pair) {
  int count = 0;
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair->consumer); ++i) {
    if (!reads_producer(pair, i)) continue;
    MlirAffineMap loops = tenon_loops_of_producer(pair, i);
    bool known = false;
    for (intptr_t j = 0; j < i && !known; ++j) {
      known =
          reads_producer(pair, j) && mlirAffineMapEqual(tenon_loops_of_producer(pair, j), loops);
    }
    if (!known) ++count;
  }
  return count;
}

// Whether the consumer reads some element of the producer in more than one iteration, as far as the map tells: each loop must be an
// index, or a multiple of it.
static bool reads_repeatedly(const tenon_pair_t* pair) {
  intptr_t loop_count = tenon_loop_count(pair->consumer);
  for (intptr_t i = 0; i < tenon_linalg_input_count(pair->consumer); ++i) {
    if (!reads_producer(pair, i)) continue;
    MlirAffineMap map = read_map(pair, i);
    for (intptr_t loop = 0; loop < loop_count; ++loop) {
      bool alone = false;
      for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map) && !alone; ++d) {
        MlirAffineExpr expr = mlirAffineMapGetResult(map, d);
        alone = mlirAffineExprIsFunctionOfDim(expr, loop);
        for (intptr_t other = 0; other < loop_count && alone; ++other) {
          alone = other == loop || !mlirAffineExprIsFunctionOfDim(expr, other);
        }
      }
      if (!alone) return true;
    }
  }
  return false;
}

// Whether an input of |generic| is what a reduction of its block makes: then it is better run right after that, for each of its
// elements once.
static bool follows_reduction(MlirOperation generic) {
  for (intptr_t i = 0; i < tenon_linalg_input_count(generic); ++i) {
    MlirOperation op = tenon_defining_op(mlirOperationGetOperand(generic, i));
    if (!mlirOperationIsNull(op) && tenon_is_generic(op) && !tenon_is_plain_elementwise(op) &&
        mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(generic))) {
      return true;
    }
  }
  return false;
}

static bool pays(const tenon_pair_t* pair) {
  intptr_t weight = tenon_body_weight(pair->producer);
  int runs = tenon_count_other_reads(pair->producer, pair->consumer) + count_reads(pair);
  if (weight * (runs - 1) > TENON_MAX_REPEATED) return false;
  if (!reads_repeatedly(pair)) return true;
  return !follows_reduction(pair->producer) &&
         weight <= (tenon_is_plain_elementwise(pair->consumer) ? TENON_MAX_BROADCAST
                                                               : TENON_MAX_IN_PRODUCT);
}

//===--------------------------------------------------------------------===//
// Whether it can be done
//===--------------------------------------------------------------------===//

// Whether |map| tells how far |loop| runs.
static bool has_loop(MlirAffineMap map, intptr_t loop) {
  for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
    if (tenon_single_loop(mlirAffineMapGetResult(map, d)) == loop) return true;
  }
  return false;
}

// Whether the maps of the merged generic are in the plain form, and still tell the extents of the consumer's reductions.
static bool can_run_at_reads(const tenon_pair_t* pair) {
  intptr_t loop_count = tenon_loop_count(pair->consumer);
  uint64_t known = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(pair->consumer); ++i) {
    bool inlined = i < tenon_linalg_input_count(pair->consumer) && reads_producer(pair, i);
    intptr_t count = inlined ? tenon_linalg_input_count(pair->producer) : 1;
    for (intptr_t j = 0; j < count; ++j) {
      MlirAffineMap map = read_map(pair, i);
      if (inlined) {
        map = mlirAffineMapAttrGetValue(
            tenon_compose_map(mlirArrayAttrGetElement(tenon_linalg_maps(pair->producer), j),
                              tenon_loops_of_producer(pair, i)));
        if (!tenon_is_linear_map(map)) return false;
      }
      for (intptr_t loop = 0; loop < loop_count; ++loop) {
        if (has_loop(map, loop)) known |= (uint64_t)1 << loop;
      }
    }
  }
  return known == ((uint64_t)1 << loop_count) - 1;
}

// Whether the consumer's body reads the producer at computed indices as well.
static bool is_captured(const tenon_pair_t* pair) {
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(pair->consumer));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      if (tenon_is_result_of(mlirOperationGetOperand(op, i), pair->producer)) return true;
    }
  }
  return false;
}

bool tenon_find_pair(tenon_order_t* order, MlirOperation consumer, intptr_t i,
                     tenon_pair_t* out_pair, MlirOperation* out_before) {
  MlirOperation producer = tenon_defining_op(mlirOperationGetOperand(consumer, i));
  if (mlirOperationIsNull(producer) || !tenon_is_generic(producer) ||
      !mlirBlockEqual(mlirOperationGetBlock(producer), mlirOperationGetBlock(consumer)) ||
      !tenon_is_plain_elementwise(producer)) {
    return false;
  }
  tenon_pair_t* pair = out_pair;
  *pair = (tenon_pair_t){.producer = producer, .consumer = consumer};
  if (!tenon_fit_together(producer, consumer)) return false;
  *out_before = consumer;
  if (is_in_step(pair) && !is_captured(pair)) {
    pair->in_step = true;
    if (tenon_can_sink(order, producer, consumer)) return true;
    *out_before = producer;
    if (tenon_can_hoist(order, consumer, producer)) return true;
    *out_before = consumer;
    pair->in_step = false;
  }
  pair->producer_stays = is_captured(pair) || tenon_count_other_reads(producer, consumer) > 0;
  return can_run_at_reads(pair) && pays(pair);
}
