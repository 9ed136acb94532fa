// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/pair.h"

#include <stdlib.h>

#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/order.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"
#include "hal/local/executable_abi.h"

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

// Operations of a merged body. More gain nothing, and cost LLVM time that grows with the square.
#define MAX_BODY_LENGTH 512

// What running a body once more may cost, in operations, before memory is better. Writing a number and reading it back costs some
// tens; exp, for example, is less.
#define MAX_REPEATED 48
// ... where a consumer without reductions reads the element for several of its own.
#define MAX_BROADCAST 8
// ... where one with reductions does: the body runs in the innermost loop of something like a matrix product.
#define MAX_IN_PRODUCT 2
// Nobody looks at more users.
#define MANY_USES 64

static intptr_t body_length(MlirOperation generic) {
  intptr_t length = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    ++length;
  }
  return length;
}

// What |op| of a body costs, in simple operations.
static intptr_t weight_of(MlirOperation op) {
  if (tenon_op_is(op, "arith.constant") || tenon_op_is(op, "linalg.index") ||
      tenon_op_is(op, "linalg.yield"))
    return 0;
  if (tenon_op_is(op, "tensor.extract") || tenon_op_is(op, "tenon.read")) return 4;
  if (tenon_has_prefix(tenon_op_name(op), "arith.div") ||
      tenon_has_prefix(tenon_op_name(op), "arith.rem")) {
    return 4;
  }
  return 1;
}

static intptr_t body_weight(MlirOperation generic) {
  intptr_t weight = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    weight += weight_of(op);
  }
  return weight;
}

// Whether the merged generic has no more tensors than a dispatch can have, and a body of bounded
// length.
static bool is_small_enough(const tenon_pair_t* pair) {
  return mlirOperationGetNumOperands(pair->producer) +
                 mlirOperationGetNumOperands(pair->consumer) <=
             TENON_DISPATCH_MAX_BINDINGS &&
         body_length(pair->producer) + body_length(pair->consumer) <= MAX_BODY_LENGTH;
}

// Whether the owner of |use| may do without the producer's memory: it reads it as an input.
static bool can_do_without(const tenon_pair_t* pair, MlirOpOperand use) {
  MlirOperation user = mlirOpOperandGetOwner(use);
  return tenon_is_generic(user) &&
         mlirBlockEqual(mlirOperationGetBlock(user), mlirOperationGetBlock(pair->producer)) &&
         mlirOpOperandGetOperandNumber(use) < tenon_linalg_input_count(user);
}

// How often the producer's results are used by others than the consumer, as its input; MANY_USES where somebody needs them in
// memory, so that they may as well be read from there.
static int count_other_uses(const tenon_pair_t* pair) {
  int count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(pair->producer); ++i) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(pair->producer, i));
    for (; !mlirOpOperandIsNull(use) && count < MANY_USES; use = mlirOpOperandGetNextUse(use)) {
      if (!can_do_without(pair, use)) return MANY_USES;
      count += !mlirOperationEqual(mlirOpOperandGetOwner(use), pair->consumer);
    }
  }
  return count;
}

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
  intptr_t weight = body_weight(pair->producer);
  int runs = count_other_uses(pair) + count_reads(pair);
  if (weight * (runs - 1) > MAX_REPEATED) return false;
  if (!reads_repeatedly(pair)) return true;
  return !follows_reduction(pair->producer) &&
         weight <= (tenon_is_plain_elementwise(pair->consumer) ? MAX_BROADCAST : MAX_IN_PRODUCT);
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

bool tenon_find_pair(MlirOperation consumer, intptr_t i, tenon_pair_t* out_pair,
                     MlirOperation* out_before) {
  MlirOperation producer = tenon_defining_op(mlirOperationGetOperand(consumer, i));
  if (mlirOperationIsNull(producer) || !tenon_is_generic(producer) ||
      !mlirBlockEqual(mlirOperationGetBlock(producer), mlirOperationGetBlock(consumer)) ||
      !tenon_is_plain_elementwise(producer)) {
    return false;
  }
  tenon_pair_t* pair = out_pair;
  *pair = (tenon_pair_t){.producer = producer, .consumer = consumer};
  if (!is_small_enough(pair)) return false;
  *out_before = consumer;
  if (is_in_step(pair) && !is_captured(pair)) {
    pair->in_step = true;
    if (tenon_can_sink(producer, consumer)) return true;
    *out_before = producer;
    if (tenon_can_hoist(consumer, producer)) return true;
    *out_before = consumer;
    pair->in_step = false;
  }
  pair->producer_stays = count_other_uses(pair) > 0;
  return can_run_at_reads(pair) && pays(pair);
}
