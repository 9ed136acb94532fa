// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/dispatch/computed.h"

#include <stdlib.h>

#include "compiler/dispatch/cost.h"
#include "compiler/dispatch/loops.h"
#include "compiler/dispatch/pair.h"
#include "compiler/input/generic.h"
#include "compiler/support/mlir_util.h"

// A read in a body, and the elementwise generic that makes the tensor.
typedef struct read_t {
  MlirOperation consumer, op;  // op: tensor.extract or tenon.read, of the consumer's body
  MlirOperation producer;
  bool has_default;      // it is tenon.read
  MlirValue tensor;      // the producer's result
  intptr_t first_index;  // operand of op
  MlirAffineMap write;   // the map by which the producer writes the tensor
} read_t;

//===--------------------------------------------------------------------===//
// Whether it can and should be done
//===--------------------------------------------------------------------===//

static bool is_producer(MlirOperation op) {
  return !mlirOperationIsNull(op) && tenon_is_generic(op) && tenon_is_plain_elementwise(op);
}

// Whether some input has just the elements that the producer makes: then an index outside of the one is outside of the other.
static bool has_same_bounds(const read_t* read) {
  for (intptr_t i = 0; i < tenon_linalg_input_count(read->producer); ++i) {
    MlirAffineMap map = tenon_linalg_map(tenon_linalg_maps(read->producer), i);
    if (mlirAffineMapIsPermutation(map)) return true;
  }
  return false;
}

// Whether a body that runs at places outside, whose result is not used, may fail there.
static bool can_fail(MlirOperation producer) {
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(producer));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "tensor.extract")) return true;
  }
  return false;
}

static bool is_number(MlirType type) {
  return mlirTypeIsAInteger(type) || mlirTypeIsAIndex(type) || mlirTypeIsAFloat(type);
}

static bool reads_numbers(MlirOperation producer) {
  for (intptr_t i = 0; i < tenon_linalg_input_count(producer); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(producer, i));
    if (!is_number(mlirShapedTypeGetElementType(type))) return false;
  }
  return true;
}

// How often |consumer|'s body reads |producer|.
static int count_reads(MlirOperation producer, MlirOperation consumer) {
  int count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(consumer));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      count += tenon_is_result_of(mlirOperationGetOperand(op, i), producer);
    }
  }
  return count;
}

static bool pays(const read_t* read) {
  intptr_t weight = tenon_body_weight(read->producer) + tenon_linalg_input_count(read->producer);
  bool reduces = tenon_is_generic(read->consumer) && !tenon_is_plain_elementwise(read->consumer);
  if (reduces && weight > TENON_MAX_IN_PRODUCT) return false;
  if (!tenon_fit_together(read->consumer, read->producer)) return false;
  int runs = tenon_count_other_reads(read->producer, read->consumer) +
             count_reads(read->producer, read->consumer);
  return weight * runs <= TENON_MAX_REPEATED;
}

// The read that |op| is; false if it isn't one, or had better stay.
static bool find_read(MlirOperation consumer, MlirOperation op, read_t* out_read) {
  bool has_default = tenon_op_is(op, "tenon.read");
  if (!has_default && !tenon_op_is(op, "tensor.extract")) return false;
  *out_read = (read_t){.consumer = consumer,
                       .op = op,
                       .has_default = has_default,
                       .tensor = mlirOperationGetOperand(op, has_default),
                       .first_index = has_default + 1};
  out_read->producer = tenon_defining_op(out_read->tensor);
  if (!is_producer(out_read->producer)) return false;
  out_read->write =
      tenon_output_map(out_read->producer, mlirOpResultGetResultNumber(out_read->tensor));
  bool can = has_default ? !can_fail(out_read->producer) && reads_numbers(out_read->producer)
                         : has_same_bounds(out_read);
  return can && pays(out_read);
}

//===--------------------------------------------------------------------===//
// Doing it
//===--------------------------------------------------------------------===//

static MlirValue insert(const read_t* read, const char* name, MlirType type, intptr_t operand_count,
                        const MlirValue* operands, intptr_t attribute_count,
                        const MlirNamedAttribute* attributes) {
  return mlirOperationGetResult(tenon_insert_op(read->op, name, 1, &type, operand_count, operands,
                                                attribute_count, attributes),
                                0);
}

// The producer's loop |loop| where the element is read.
static MlirValue loop_at(const read_t* read, intptr_t loop) {
  intptr_t d = 0;
  while (tenon_single_loop(mlirAffineMapGetResult(read->write, d)) != loop) ++d;
  return mlirOperationGetOperand(read->op, read->first_index + d);
}

static MlirValue index_at(const read_t* read, MlirAffineExpr expr) {
  if (mlirAffineExprIsADim(expr)) return loop_at(read, mlirAffineDimExprGetPosition(expr));
  if (mlirAffineExprIsAConstant(expr)) {
    return tenon_insert_index(read->consumer, mlirAffineConstantExprGetValue(expr));
  }
  const MlirValue operands[] = {index_at(read, mlirAffineBinaryOpExprGetLHS(expr)),
                                index_at(read, mlirAffineBinaryOpExprGetRHS(expr))};
  const char* name = mlirAffineExprIsAAdd(expr) ? "arith.addi" : "arith.muli";
  return insert(read, name, mlirValueGetType(operands[0]), 2, operands, 0, NULL);
}

// A number of |type| for where it doesn't matter.
static MlirValue any_number(const read_t* read, MlirType type) {
  MlirValue known = mlirOperationGetOperand(read->op, 0);
  if (mlirTypeEqual(mlirValueGetType(known), type)) return known;
  MlirAttribute zero = mlirTypeIsAFloat(type)
                           ? mlirFloatAttrDoubleGet(mlirTypeGetContext(type), type, 0.0)
                           : mlirIntegerAttrGet(type, 0);
  return tenon_insert_constant(read->consumer, type, zero);
}

// The element of the producer's input |i|.
static MlirValue read_input(const read_t* read, intptr_t i) {
  MlirAffineMap map = tenon_linalg_map(tenon_linalg_maps(read->producer), i);
  MlirValue tensor = mlirOperationGetOperand(read->producer, i);
  MlirType type = mlirShapedTypeGetElementType(mlirValueGetType(tensor));
  tenon_value_list_t operands = {0};
  if (read->has_default) TENON_APPEND(&operands, any_number(read, type));
  TENON_APPEND(&operands, tensor);
  for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
    TENON_APPEND(&operands, index_at(read, mlirAffineMapGetResult(map, d)));
  }
  MlirValue element = insert(read, read->has_default ? "tenon.read" : "tensor.extract", type,
                             (intptr_t)operands.count, operands.data, 0, NULL);
  free(operands.data);
  return element;
}

// The element, or the default where an index is outside of the tensor.
static MlirValue choose(const read_t* read, MlirValue element) {
  MlirContext context = mlirOperationGetContext(read->op);
  MlirType bit = mlirIntegerTypeGet(context, 1);
  MlirNamedAttribute below = tenon_attr(
      context, "predicate", mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), /*ult*/ 6));
  MlirValue inside = {NULL};
  for (intptr_t d = 0; d < mlirAffineMapGetNumResults(read->write); ++d) {
    const MlirValue compared[] = {mlirOperationGetOperand(read->op, read->first_index + d),
                                  tenon_insert_dim(read->consumer, read->tensor, d)};
    MlirValue is_below = insert(read, "arith.cmpi", bit, 2, compared, 1, &below);
    const MlirValue both[] = {inside, is_below};
    inside = mlirValueIsNull(inside) ? is_below : insert(read, "arith.andi", bit, 2, both, 0, NULL);
  }
  if (mlirValueIsNull(inside)) return element;
  const MlirValue operands[] = {inside, element, mlirOperationGetOperand(read->op, 0)};
  return insert(read, "arith.select", mlirValueGetType(element), 3, operands, 0, NULL);
}

// Replaces the read by what the producer's body computes.
static void inline_read(const read_t* read) {
  MlirOperation producer = mlirOperationClone(read->producer);
  MlirBlock body = tenon_body_of(producer), block = mlirOperationGetBlock(read->op);
  for (intptr_t i = 0; i < tenon_linalg_input_count(producer); ++i) {
    MlirValue argument = mlirBlockGetArgument(body, i);
    if (mlirOpOperandIsNull(mlirValueGetFirstUse(argument))) continue;
    mlirValueReplaceAllUsesOfWith(argument, read_input(read, i));
  }
  MlirOperation yield = mlirBlockGetTerminator(body);
  mlirOperationRemoveFromParent(yield);
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (tenon_op_is(op, "linalg.index")) {
      MlirAttribute dim = mlirOperationGetAttributeByName(op, tenon_str("dim"));
      mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0),
                                    loop_at(read, mlirIntegerAttrGetValueInt(dim)));
      mlirOperationDestroy(op);
      continue;
    }
    mlirOperationRemoveFromParent(op);
    mlirBlockInsertOwnedOperationBefore(block, read->op, op);
  }
  MlirValue element = mlirOperationGetOperand(yield, mlirOpResultGetResultNumber(read->tensor));
  if (read->has_default) element = choose(read, element);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(read->op, 0), element);
  mlirOperationDestroy(yield);
  mlirOperationDestroy(producer);
  mlirOperationDestroy(read->op);
}

static bool is_unused(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (!mlirOpOperandIsNull(mlirValueGetFirstUse(mlirOperationGetResult(op, i)))) return false;
  }
  return true;
}

void tenon_inline_computed_reads(tenon_order_t* order, MlirOperation consumer) {
  MlirOperation op = mlirBlockGetFirstOperation(tenon_body_of(consumer));
  while (!mlirOperationIsNull(op)) {
    read_t read;
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (find_read(consumer, op, &read)) {
      inline_read(&read);
      if (is_unused(read.producer)) {
        tenon_order_forget(order, read.producer);
        mlirOperationDestroy(read.producer);
      }
    }
    op = next;
  }
}
