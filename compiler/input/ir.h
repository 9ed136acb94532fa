// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the input and dispatch stages share: growing lists, tensor types, and operations inserted
// before another.

#ifndef TENON_COMPILER_INPUT_IR_H_
#define TENON_COMPILER_INPUT_IR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/support/values.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/IR.h"

//===--------------------------------------------------------------------===//
// Lists, grown with TENON_APPEND; |data| is freed with free()
//===--------------------------------------------------------------------===//

typedef struct tenon_op_list_t {
  MlirOperation* data;
  size_t count, capacity;
} tenon_op_list_t;
typedef struct tenon_attr_list_t {
  MlirAttribute* data;
  size_t count, capacity;
} tenon_attr_list_t;

// The position of |value|, or -1.
intptr_t tenon_value_list_find(const tenon_value_list_t* list, MlirValue value);

// All operations below |root|, in order of the text, for which |wanted| holds. Free its data with
// free().
tenon_op_list_t tenon_collect_ops(MlirOperation root, bool (*wanted)(MlirOperation op));

//===--------------------------------------------------------------------===//
// Reading
//===--------------------------------------------------------------------===//

// The operation |kind| of the module in which |op| is, or of |op| itself, with the symbol |name|; null when there is none.
MlirOperation tenon_find_in_module(MlirOperation op, const char* kind, MlirStringRef name);

bool tenon_has_prefix(MlirStringRef text, const char* prefix);

bool tenon_value_is_tensor(MlirValue value);

// The operation that defines |value|; a null operation for block arguments.
MlirOperation tenon_defining_op(MlirValue value);

// The attribute of the arith.constant or complex.constant that defines |value|; null when something else does.
MlirAttribute tenon_constant_value(MlirValue value);

// Whether |value| is a constant integer or index, and which.
bool tenon_constant_int(MlirValue value, int64_t* out_value);

// Whether |op| is elementwise arith or math on tensors.
bool tenon_is_elementwise(MlirOperation op);

// Whether |op| is a linalg operation on tensors (and not one within its body).
bool tenon_is_linalg(MlirOperation op);

// How many of the operands of a linalg operation are inputs; the others are outputs.
intptr_t tenon_linalg_input_count(MlirOperation op);

//===--------------------------------------------------------------------===//
// Building: each inserts before |before|, at its location
//===--------------------------------------------------------------------===//

MlirOperation tenon_insert_op(MlirOperation before, const char* name, intptr_t result_count,
                              const MlirType* results, intptr_t operand_count,
                              const MlirValue* operands, intptr_t attribute_count,
                              const MlirNamedAttribute* attributes);
MlirValue tenon_insert_constant(MlirOperation before, MlirType type, MlirAttribute value);
MlirValue tenon_insert_index(MlirOperation before, int64_t value);
// A binary arith operation on |a|'s type.
MlirValue tenon_insert_binary(MlirOperation before, const char* name, MlirValue a, MlirValue b);
// arith.cmpi, whose predicates these are some of.
enum { TENON_EQ = 0, TENON_SLT = 2, TENON_SGE = 5, TENON_ULT = 6, TENON_UGE = 9 };
MlirValue tenon_insert_compare(MlirOperation before, int predicate, MlirValue a, MlirValue b);
// linalg.index, in a body.
MlirValue tenon_insert_loop_index(MlirOperation before, intptr_t loop);
// Dimension |dim| of a tensor: a constant where its type says so, else what the operations that
// make the tensor take as its size, else tensor.dim.
MlirValue tenon_insert_dim(MlirOperation before, MlirValue tensor, intptr_t dim);
// tensor.empty of |type|, whose dynamic dimensions are those of |like|.
MlirValue tenon_insert_empty_like(MlirOperation before, MlirType type, MlirValue like);

// tensor.empty of |type|; |sizes| has one for each dimension, of which the static ones aren't looked at.
MlirValue tenon_insert_empty(MlirOperation before, MlirType type, const MlirValue* sizes);

// %is_it = arith.cmpi eq, |value|, |number|, with the constant before it, appended to |block| at |location|.
MlirValue tenon_append_is_equal(MlirBlock block, MlirLocation location, MlirValue value,
                                MlirAttribute number);

//===--------------------------------------------------------------------===//
// Changing
//===--------------------------------------------------------------------===//

// Replaces the uses of |op|'s results by those of |replacement|, starting with its result |first|,
// and destroys |op|.
void tenon_replace_op(MlirOperation op, MlirOperation replacement, intptr_t first);

// Takes each size from where its tensor's sizes begin. Upstream's passes go there by one operation at a time and for each size
// anew, which is too much for long programs.
void tenon_shorten_dims(MlirOperation module);

// Moves all operations of |from| to the end of |to|.
void tenon_move_ops(MlirBlock from, MlirBlock to);

#endif  // TENON_COMPILER_INPUT_IR_H_
