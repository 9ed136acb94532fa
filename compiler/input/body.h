// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work on tensors in the making: the body of a linalg.generic whose loops are all parallel and run
// over its one result, or of a tenon.update.

#ifndef TENON_COMPILER_INPUT_BODY_H_
#define TENON_COMPILER_INPUT_BODY_H_

#include "compiler/input/ir.h"

typedef struct tenon_body_t {
  MlirOperation before;  // where the work goes, and whose location it gets
  intptr_t loop_count;
  MlirBlock block;
  bool is_update;
  tenon_value_list_t indices;  // of a generic's loops: made when asked for
  tenon_value_list_t inputs;
  tenon_attr_list_t maps;  // of the inputs
} tenon_body_t;

// Begins the body of a linalg.generic with |loop_count| loops, or of a tenon.update with as many extents. Ended
// by one of the functions below.
tenon_body_t tenon_generic_begin(MlirOperation before, intptr_t loop_count);
tenon_body_t tenon_update_begin(MlirOperation before, intptr_t loop_count);

// The loop's index.
MlirValue tenon_body_index(tenon_body_t* body, intptr_t loop);

// The element of |tensor| that |map| of the loops says. Generics only.
MlirValue tenon_body_input(tenon_body_t* body, MlirValue tensor, MlirAffineMap map);

// An operation with one result.
MlirValue tenon_body_op(tenon_body_t* body, const char* name, MlirType result,
                        intptr_t operand_count, const MlirValue* operands);

// |a| + |b| and |a| * |b| of type index; what is needless by constants isn't there.
MlirValue tenon_body_add(tenon_body_t* body, MlirValue a, MlirValue b);
MlirValue tenon_body_multiply(tenon_body_t* body, MlirValue a, MlirValue b);

// Whether |a| and |b|, of type index, compare as |predicate| of arith.cmpi says.
MlirValue tenon_body_compare(tenon_body_t* body, int predicate, MlirValue a, MlirValue b);

MlirValue tenon_body_select(tenon_body_t* body, MlirValue condition, MlirValue yes, MlirValue no);

// The element of |tensor| at |indices| (one for each dimension); outside of it there is |otherwise| (tenon.read), or
// the work fails where that is null (tensor.extract).
MlirValue tenon_body_read(tenon_body_t* body, MlirValue otherwise, MlirValue tensor,
                          const MlirValue* indices);

// Appends what |region|, of one block, does: its arguments are the loops' indices, and its last operation yields
// the value that is returned. It is meant to run only if |condition|, unless that is null, holds. The region is empty
// afterwards.
MlirValue tenon_body_take(tenon_body_t* body, MlirRegion region, MlirValue condition);

// The generic: each iteration makes the element |value| of a tensor of |type|. |sizes| has one for each dimension.
MlirValue tenon_generic_end(tenon_body_t* body, MlirType type, const MlirValue* sizes,
                            MlirValue value);

// The update of |destination|: each of the iterations over |extents| puts |value| at |indices|.
MlirValue tenon_update_end(tenon_body_t* body, MlirValue destination, const MlirValue* extents,
                           MlirValue value, const MlirValue* indices);

// Zero of |type|, before |before|.
MlirValue tenon_insert_zero(MlirOperation before, MlirType type);

#endif  // TENON_COMPILER_INPUT_BODY_H_
