// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A generic and another that reads it: in which way, and whether the producer's body had better run where the consumer reads.

#ifndef TENON_COMPILER_DISPATCH_PAIR_H_
#define TENON_COMPILER_DISPATCH_PAIR_H_

#include "compiler/dispatch/order.h"

// Both are linalg.generics of one block, the producer first and elementwise. At least one of the consumer's inputs is the
// producer's.
typedef struct tenon_pair_t {
  MlirOperation producer, consumer;
  // Whether the consumer is elementwise too and reads, in each iteration, just the elements that the producer writes in the same
  // iteration: both run over the same range, and the producer's results may stay. Else the producer's body runs whenever the
  // consumer reads an element.
  bool in_step;
  bool producer_stays;  // others read it, and it isn't in step
} tenon_pair_t;

// Whether |generic| has no reductions.
bool tenon_is_plain_elementwise(MlirOperation generic);

// The pair of |consumer| and the generic of which its operand |i| is; false when there is none, or they can't be merged, or that
// doesn't pay. |out_before|: where the merged one goes.
bool tenon_find_pair(tenon_order_t* order, MlirOperation consumer, intptr_t i,
                     tenon_pair_t* out_pair, MlirOperation* out_before);

// Whether |value| is a result of |op|.
bool tenon_is_result_of(MlirValue value, MlirOperation op);

// The producer's loops as expressions of the consumer's, which reads operand |i| by its own map.
MlirAffineMap tenon_loops_of_producer(const tenon_pair_t* pair, intptr_t i);

#endif  // TENON_COMPILER_DISPATCH_PAIR_H_
