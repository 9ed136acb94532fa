// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/schedule/known.h"

#include <stdlib.h>

#include "compiler/schedule/globals.h"
#include "compiler/schedule/origins.h"
#include "compiler/schedule/turns.h"

static intptr_t fact_count(MlirType type) {
  return tenon_is_tensor(type) ? tenon_dynamic_dim_count(type) : 1;
}

static tenon_fact_t* new_facts(tenon_known_t* known, MlirType type) {
  return tenon_arena_alloc(&known->converter->schedule->arena, (size_t)fact_count(type),
                           sizeof(tenon_fact_t));
}

// What was converted already is known; all else is unvisited at first.
static tenon_fact_t* facts_of(tenon_known_t* known, MlirValue old) {
  tenon_fact_t* facts = tenon_map_get(&known->facts, old.ptr);
  if (facts) return facts;
  MlirType type = mlirValueGetType(old);
  facts = new_facts(known, type);
  tenon_map_set(&known->facts, old.ptr, facts);
  if (!tenon_map_get(&known->converter->values, old.ptr)) return facts;
  if (!tenon_is_tensor(type)) {
    facts[0].state = TENON_FACT_KNOWN;
    facts[0].value = tenon_converted_scalar(known->converter, old);
    return facts;
  }
  const tenon_tensor_t* tensor = tenon_converted_tensor(known->converter, old);
  for (intptr_t i = 0; i < tensor->dim_count; ++i) {
    facts[i].state = TENON_FACT_KNOWN;
    facts[i].value = tensor->dims[i];
  }
  return facts;
}

static void note_made(tenon_known_t* known, MlirOperation op) {
  TENON_APPEND(&known->root->made, op);
}

static tenon_fact_t known_index(tenon_known_t* known, int64_t number) {
  MlirValue value = tenon_build_index(&known->converter->builder, number);
  note_made(known, mlirOpResultGetOwner(value));
  return (tenon_fact_t){.state = TENON_FACT_KNOWN, .value = value};
}

// Dimension |dim| of a tensor, dynamic or not.
static tenon_fact_t dim_fact(tenon_known_t* known, MlirValue tensor, intptr_t dim) {
  MlirType type = mlirValueGetType(tensor);
  if (!mlirShapedTypeIsDynamicDim(type, dim)) {
    return known_index(known, mlirShapedTypeGetDimSize(type, dim));
  }
  intptr_t position = 0;
  for (intptr_t i = 0; i < dim; ++i) position += mlirShapedTypeIsDynamicDim(type, i);
  return facts_of(known, tensor)[position];
}

// A number; where it isn't known, the one that it must be equal to. What a block makes is returned only after the block's checks, and
// after those of the entry block.
static tenon_fact_t number_fact(tenon_known_t* known, MlirValue number) {
  tenon_fact_t fact = facts_of(known, number)[0];
  MlirValue equal = {tenon_map_get(&known->block_equals, number.ptr)};
  if (mlirValueIsNull(equal)) equal.ptr = tenon_map_get(&known->equals, number.ptr);
  if (fact.state != TENON_FACT_UNKNOWN || mlirValueIsNull(equal)) return fact;
  const tenon_fact_t* other = facts_of(known, equal);
  return other->state == TENON_FACT_KNOWN ? *other : fact;
}

static void find_equals(MlirBlock block, tenon_map_t* equals) {
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!tenon_op_is(op, "tenon.check_eq")) continue;
    for (intptr_t i = 0; i < 2; ++i) {
      tenon_map_set(equals, mlirOperationGetOperand(op, i).ptr,
                    (void*)mlirOperationGetOperand(op, 1 - i).ptr);
    }
  }
}

static void begin(tenon_known_t* known, const tenon_function_info_t* info, MlirOperation first) {
  intptr_t count = mlirFunctionTypeGetNumResults(info->type);
  known->info = info;
  known->first = first;
  known->results =
      tenon_arena_alloc(&known->converter->schedule->arena, (size_t)count, sizeof(*known->results));
  for (intptr_t i = 0; i < count; ++i) {
    known->results[i] = new_facts(known, mlirFunctionTypeGetResult(info->type, i));
  }
  find_equals(info->origins->blocks.data[0], &known->equals);
}

//===----------------------------------------------------------------------===//
// Facts that change: from unvisited to known, and from either to unknown
//===----------------------------------------------------------------------===//

static bool set_unknown(tenon_fact_t* fact, MlirOperation blame) {
  if (fact->state == TENON_FACT_UNKNOWN) return false;
  *fact = (tenon_fact_t){.state = TENON_FACT_UNKNOWN, .blame = blame};
  return true;
}

static MlirAttribute constant_of(MlirValue value) {
  MlirAttribute none = {NULL};
  if (!mlirValueIsAOpResult(value)) return none;
  MlirOperation op = mlirOpResultGetOwner(value);
  return tenon_op_is(op, "arith.constant") ? mlirOperationGetAttributeByName(op, tenon_str("value"))
                                           : none;
}

static bool is_same(MlirValue a, MlirValue b) {
  if (mlirValueEqual(a, b)) return true;
  MlirAttribute x = constant_of(a), y = constant_of(b);
  return !mlirAttributeIsNull(x) && !mlirAttributeIsNull(y) && mlirAttributeEqual(x, y);
}

// Control flow brings |from| to |fact|, at |place|.
static bool meet(tenon_fact_t* fact, tenon_fact_t from, MlirOperation place) {
  if (from.state == TENON_FACT_UNVISITED || fact->state == TENON_FACT_UNKNOWN) return false;
  if (from.state == TENON_FACT_UNKNOWN) return set_unknown(fact, from.blame);
  if (fact->state == TENON_FACT_KNOWN) {
    return is_same(fact->value, from.value) ? false : set_unknown(fact, place);
  }
  *fact = from;
  return true;
}

static bool meet_facts(tenon_fact_t* facts, const tenon_fact_t* others, MlirType type,
                       MlirOperation place) {
  bool changed = false;
  for (intptr_t i = 0; i < fact_count(type); ++i) changed |= meet(&facts[i], others[i], place);
  return changed;
}

static bool meet_all(tenon_known_t* known, tenon_fact_t* facts, MlirValue from,
                     MlirOperation place) {
  return meet_facts(facts, facts_of(known, from), mlirValueGetType(from), place);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

static bool set_results_unknown(tenon_known_t* known, MlirOperation op, MlirOperation blame) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue result = mlirOperationGetResult(op, i);
    tenon_fact_t* facts = facts_of(known, result);
    for (intptr_t j = 0; j < fact_count(mlirValueGetType(result)); ++j) {
      changed |= set_unknown(&facts[j], blame);
    }
  }
  return changed;
}

// Arithmetic on numbers, done ahead once all operands are known.
static bool visit_scalar(tenon_known_t* known, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_fact_t operand = number_fact(known, mlirOperationGetOperand(op, i));
    if (operand.state == TENON_FACT_UNKNOWN) return set_results_unknown(known, op, operand.blame);
    if (operand.state == TENON_FACT_UNVISITED) return false;
  }
  if (facts_of(known, mlirOperationGetResult(op, 0))[0].state != TENON_FACT_UNVISITED) return false;
  MlirOperation clone = mlirOperationClone(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    mlirOperationSetOperand(clone, i, number_fact(known, mlirOperationGetOperand(op, i)).value);
  }
  mlirBlockAppendOwnedOperation(known->converter->builder.block, clone);
  note_made(known, clone);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    tenon_fact_t* fact = facts_of(known, mlirOperationGetResult(op, i));
    fact->state = TENON_FACT_KNOWN;
    fact->value = mlirOperationGetResult(clone, i);
  }
  return true;
}

// A choice between tensors: known where both have the same size.
static bool visit_select(tenon_known_t* known, MlirOperation op) {
  tenon_fact_t* facts = facts_of(known, mlirOperationGetResult(op, 0));
  bool changed = meet_all(known, facts, mlirOperationGetOperand(op, 1), op);
  return meet_all(known, facts, mlirOperationGetOperand(op, 2), op) || changed;
}

static bool visit_cast(tenon_known_t* known, MlirOperation op) {
  bool changed = false;
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  tenon_fact_t* facts = facts_of(known, result);
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i) {
    if (!mlirShapedTypeIsDynamicDim(type, i)) continue;
    if (facts->state != TENON_FACT_UNKNOWN) {
      tenon_fact_t source = dim_fact(known, mlirOperationGetOperand(op, 0), i);
      changed |= meet(facts, source, op);
    }
    ++facts;
  }
  return changed;
}

static bool visit_dim(tenon_known_t* known, MlirOperation op) {
  tenon_fact_t* fact = facts_of(known, mlirOperationGetResult(op, 0));
  MlirAttribute number = constant_of(mlirOperationGetOperand(op, 1));
  if (fact->state == TENON_FACT_UNKNOWN || mlirAttributeIsNull(number)) return false;
  intptr_t dim = (intptr_t)mlirIntegerAttrGetValueInt(number);
  return meet(fact, dim_fact(known, mlirOperationGetOperand(op, 0), dim), op);
}

// The dynamic dims are the operands from |first| on.
static bool visit_shape(tenon_known_t* known, MlirOperation op, intptr_t first) {
  bool changed = false;
  tenon_fact_t* facts = facts_of(known, mlirOperationGetResult(op, 0));
  for (intptr_t i = first; i < mlirOperationGetNumOperands(op); ++i) {
    changed |= meet(&facts[i - first], number_fact(known, mlirOperationGetOperand(op, i)), op);
  }
  return changed;
}

static bool visit_dispatch(tenon_known_t* known, MlirOperation op, MlirLogicalResult* status) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    tenon_value_list_t dims = {0};
    *status = tenon_dispatch_dims(known->converter->schedule, op, i, &dims);
    tenon_fact_t* facts = facts_of(known, mlirOperationGetResult(op, i));
    for (size_t j = 0; j < dims.count && mlirLogicalResultIsSuccess(*status); ++j) {
      changed |= meet(&facts[j], number_fact(known, dims.data[j]), op);
    }
    free(dims.data);
    if (mlirLogicalResultIsFailure(*status)) return false;
  }
  return changed;
}

// A global that doesn't change has its size when the context is there.
static bool visit_global_load(tenon_known_t* known, MlirOperation op) {
  MlirValue result = mlirOperationGetResult(op, 0);
  tenon_fact_t* facts = facts_of(known, result);
  bool changed = false;
  for (intptr_t i = 0; i < fact_count(mlirValueGetType(result)); ++i) {
    if (facts[i].state != TENON_FACT_UNVISITED) continue;
    MlirValue dim = tenon_build_global_dim(&known->converter->builder, op, i);
    note_made(known, mlirOpResultGetOwner(dim));
    facts[i] = (tenon_fact_t){.state = TENON_FACT_KNOWN, .value = dim};
    changed = true;
  }
  return changed;
}

static bool visit_branch(tenon_known_t* known, MlirOperation op, MlirLogicalResult* status) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumSuccessors(op); ++i) {
    intptr_t first = 0, count = 0;
    *status = tenon_branch_operands(op, i, &first, &count);
    if (mlirLogicalResultIsFailure(*status)) return false;
    for (intptr_t j = 0; j < count; ++j) {
      MlirValue argument = mlirBlockGetArgument(mlirOperationGetSuccessor(op, i), j);
      changed |=
          meet_all(known, facts_of(known, argument), mlirOperationGetOperand(op, first + j), op);
    }
  }
  return changed;
}

static bool visit_return(tenon_known_t* known, MlirOperation op) {
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    changed |= meet_all(known, known->results[i], mlirOperationGetOperand(op, i), op);
  }
  return changed;
}

static bool visit_all(tenon_known_t* known, MlirLogicalResult* status);

static tenon_known_t* new_known(tenon_known_t* caller, const tenon_function_info_t* info) {
  tenon_known_t* known = tenon_arena_alloc(&caller->converter->schedule->arena, 1, sizeof(*known));
  known->converter = caller->converter;
  known->depth = caller->depth + 1;
  known->root = caller->root;
  begin(known, info, mlirBlockGetFirstOperation(info->origins->blocks.data[0]));
  TENON_APPEND(&caller->root->callees, known);
  return known;
}

static bool visit_callee(tenon_known_t* known, MlirOperation op, tenon_known_t* callee,
                         MlirLogicalResult* status) {
  MlirBlock entry = callee->info->origins->blocks.data[0];
  bool changed = false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_fact_t* facts = facts_of(callee, mlirBlockGetArgument(entry, i));
    changed |= meet_all(known, facts, mlirOperationGetOperand(op, i), op);
  }
  changed |= visit_all(callee, status);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue result = mlirOperationGetResult(op, i);
    changed |=
        meet_facts(facts_of(known, result), callee->results[i], mlirValueGetType(result), op);
  }
  return changed;
}

// Calls are looked into one by one, so that there would be no end of them where functions with many calls call one another.
static bool may_look_into(const tenon_known_t* known, const tenon_function_info_t* info) {
  const int max_depth = 6;
  const size_t max_callees = 10000;
  return info && info->kind != TENON_FUNCTION_IMPORT && known->depth < max_depth &&
         known->root->callees.count < max_callees;
}

static bool visit_call(tenon_known_t* known, MlirOperation op, MlirLogicalResult* status) {
  tenon_known_t* callee = tenon_map_get(&known->calls, op.ptr);
  if (!callee) {
    const tenon_function_info_t* info = tenon_schedule_find(
        known->converter->schedule, mlirOperationGetAttributeByName(op, tenon_str("callee")));
    if (!may_look_into(known, info)) return set_results_unknown(known, op, op);
    callee = new_known(known, info);
    tenon_map_set(&known->calls, op.ptr, callee);
  }
  return visit_callee(known, op, callee, status);
}

// What an operation on an object gives depends on what was done with it until then.
static bool reads_object(MlirOperation op) {
  MlirStringRef name = tenon_op_name(op);
  if (name.length < 5 || memcmp(name.data, "util.", 5) != 0) return false;
  return !tenon_op_is(op, "util.global.load") && !tenon_op_is(op, "util.buffer.constant") &&
         !tenon_op_is(op, "util.null") && !tenon_op_is(op, "util.cmp.eq") &&
         !tenon_op_is(op, "util.cmp.ne") && !tenon_op_is(op, "util.optimization_barrier");
}

static bool visit(tenon_known_t* known, MlirOperation op, MlirLogicalResult* status) {
  known->converter->builder.location = mlirOperationGetLocation(op);
  if (mlirOperationGetNumSuccessors(op) > 0) return visit_branch(known, op, status);
  if (tenon_op_is(op, "func.return")) return visit_return(known, op);
  if (mlirOperationGetNumResults(op) == 0) return false;
  if (tenon_op_is(op, "tensor.extract") || reads_object(op) ||
      tenon_touches_state(known->converter->schedule, op)) {
    return set_results_unknown(known, op, op);
  }
  if (tenon_op_is(op, "func.call")) return visit_call(known, op, status);
  if (tenon_op_is(op, "tensor.dim")) return visit_dim(known, op);
  if (tenon_op_is(op, "tensor.cast")) return visit_cast(known, op);
  if (tenon_op_is(op, "tensor.empty")) return visit_shape(known, op, 0);
  if (tenon_op_is(op, "tenon.reshape")) return visit_shape(known, op, 1);
  if (tenon_op_is(op, "tenon.dispatch")) return visit_dispatch(known, op, status);
  if (!tenon_touches_tensors(op)) return visit_scalar(known, op);
  if (tenon_op_is(op, "util.global.load")) return visit_global_load(known, op);
  if (tenon_op_is(op, "util.optimization_barrier")) {
    return meet_all(known, facts_of(known, mlirOperationGetResult(op, 0)),
                    mlirOperationGetOperand(op, 0), op);
  }
  // Constants have no dynamic dims.
  return tenon_op_is(op, "arith.select") && visit_select(known, op);
}

//===----------------------------------------------------------------------===//
// The analysis
//===----------------------------------------------------------------------===//

// Visits |op| and what follows in |block|.
static bool visit_from(tenon_known_t* known, MlirBlock block, MlirOperation op,
                       MlirLogicalResult* status) {
  bool changed = false;
  tenon_map_free(&known->block_equals);
  find_equals(block, &known->block_equals);
  for (; !mlirOperationIsNull(op) && mlirLogicalResultIsSuccess(*status);
       op = mlirOperationGetNextInBlock(op)) {
    changed |= visit(known, op, status);
  }
  return changed;
}

static bool visit_all(tenon_known_t* known, MlirLogicalResult* status) {
  const tenon_block_list_t* blocks = &known->info->origins->blocks;
  bool changed = visit_from(known, blocks->data[0], known->first, status);
  for (size_t i = 1; i < blocks->count; ++i) {
    MlirBlock block = blocks->data[i];
    changed |= visit_from(known, block, mlirBlockGetFirstOperation(block), status);
  }
  return changed;
}

MlirLogicalResult tenon_known_find(tenon_known_t* known, tenon_converter_t* converter,
                                   MlirOperation first) {
  *known = (tenon_known_t){.converter = converter, .root = known};
  begin(known, converter->info, first);
  MlirLogicalResult status = mlirLogicalResultSuccess();
  while (mlirLogicalResultIsSuccess(status) && visit_all(known, &status)) continue;
  return status;
}

static bool is_used(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (!mlirOpOperandIsNull(mlirValueGetFirstUse(mlirOperationGetResult(op, i)))) return true;
  }
  return false;
}

static void free_maps(tenon_known_t* known) {
  tenon_map_free(&known->facts);
  tenon_map_free(&known->equals);
  tenon_map_free(&known->block_equals);
  tenon_map_free(&known->calls);
}

void tenon_known_finish(tenon_known_t* known) {
  for (size_t i = known->made.count; i-- > 0;) {
    if (!is_used(known->made.data[i])) mlirOperationDestroy(known->made.data[i]);
  }
  for (size_t i = 0; i < known->callees.count; ++i) free_maps(known->callees.data[i]);
  free_maps(known);
  free(known->made.data);
  free(known->callees.data);
}
