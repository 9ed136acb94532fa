// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches, calls of functions, returns and checks.

#include <stdlib.h>

#include "compiler/emit/lower.h"
#include "compiler/support/cfg.h"
#include "iree/base/status.h"

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

static tenon_op_t copy_op(tenon_register_class_t register_class) {
  static const tenon_op_t ops[] = {
      [TENON_CLASS_I32] = TENON_OP_MOV_I32, [TENON_CLASS_I64] = TENON_OP_MOV_I64,
      [TENON_CLASS_F32] = TENON_OP_MOV_F32, [TENON_CLASS_F64] = TENON_OP_MOV_F64,
      [TENON_CLASS_REF] = TENON_OP_MOV_REF,
  };
  return ops[register_class];
}

static void copy(tenon_lowering_t* lowering, tenon_var_t to, tenon_var_t from) {
  TENON_LOWER(lowering, 0, copy_op(tenon_code_class(&lowering->code, to)), to, from);
}

typedef struct copy_t {
  tenon_var_t to, from;
} copy_t;

typedef struct copy_list_t {
  copy_t* data;
  size_t count, capacity;
} copy_list_t;

static bool is_read(const copy_list_t* copies, tenon_var_t var) {
  for (size_t i = 0; i < copies->count; ++i) {
    if (copies->data[i].from == var) return true;
  }
  return false;
}

// Takes out a copy whose target no copy reads any more; false when there is none.
static bool take_ready(copy_list_t* copies, copy_t* out_copy) {
  for (size_t i = 0; i < copies->count; ++i) {
    if (is_read(copies, copies->data[i].to)) continue;
    *out_copy = copies->data[i];
    copies->data[i] = copies->data[--copies->count];
    return true;
  }
  return false;
}

// Copies as if all at once. When no target can be set, the copies form rings; saving one target
// breaks one.
static void copy_all(tenon_lowering_t* lowering, copy_list_t* copies) {
  while (copies->count > 0) {
    copy_t next;
    if (take_ready(copies, &next)) {
      copy(lowering, next.to, next.from);
      continue;
    }
    tenon_var_t target = copies->data[0].to;
    tenon_var_t saved =
        tenon_code_new_var(&lowering->code, tenon_code_class(&lowering->code, target));
    copy(lowering, saved, target);
    for (size_t i = 0; i < copies->count; ++i) {
      if (copies->data[i].from == target) copies->data[i].from = saved;
    }
  }
}

static tenon_code_block_t code_block(const tenon_lowering_t* lowering, MlirBlock block) {
  return (tenon_code_block_t)((uintptr_t)tenon_map_get(&lowering->blocks, block.ptr) - 1);
}

// Sets the arguments of successor |index| and goes there.
static MlirLogicalResult follow_edge(tenon_lowering_t* lowering, MlirOperation op, intptr_t index) {
  intptr_t first = 0, count = 0;
  MlirLogicalResult status = tenon_branch_operands(op, index, &first, &count);
  if (mlirLogicalResultIsFailure(status)) return status;
  MlirBlock target = mlirOperationGetSuccessor(op, index);
  copy_list_t copies = {0};
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue argument = mlirBlockGetArgument(target, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(argument))) continue;
    copy_t next = {tenon_lower_var(lowering, argument),
                   tenon_lower_operand(lowering, op, first + i)};
    if (next.to != next.from) TENON_APPEND(&copies, next);
  }
  copy_all(lowering, &copies);
  free(copies.data);
  TENON_LOWER(lowering, 0, TENON_OP_BR, code_block(lowering, target));
  return mlirLogicalResultSuccess();
}

// The edges of a branch with several successors each get a block of their own, in |edges|, right
// after the branch.
static MlirLogicalResult place_edges(tenon_lowering_t* lowering, MlirOperation op,
                                     const tenon_code_block_t* edges) {
  for (intptr_t i = mlirOperationGetNumSuccessors(op) - 1; i >= 0; --i) {
    lowering->block = edges[i];
    TENON_APPEND(&lowering->code.order, edges[i]);
    MlirLogicalResult status = follow_edge(lowering, op, i);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

static MlirLogicalResult lower_br(tenon_lowering_t* lowering, MlirOperation op) {
  return follow_edge(lowering, op, 0);
}

// The comparison that makes the condition, if nothing else reads it and it is in this block.
static MlirOperation comparison_of(MlirOperation branch) {
  MlirOperation none = {NULL};
  MlirValue condition = mlirOperationGetOperand(branch, 0);
  if (!mlirValueIsAOpResult(condition)) return none;
  MlirOperation op = mlirOpResultGetOwner(condition);
  if (!tenon_op_is(op, "arith.cmpi")) return none;
  if (!mlirBlockEqual(mlirOperationGetBlock(op), mlirOperationGetBlock(branch))) return none;
  MlirOpOperand use = mlirValueGetFirstUse(condition);
  return mlirOpOperandIsNull(mlirOpOperandGetNextUse(use)) ? op : none;
}

// Goes to |target| if the condition of |op|, its first operand, holds.
static void branch_if(tenon_lowering_t* lowering, MlirOperation op, tenon_code_block_t target) {
  MlirOperation comparison = comparison_of(op);
  if (mlirOperationIsNull(comparison)) {
    TENON_LOWER(lowering, 0, TENON_OP_BR_IF, tenon_lower_operand(lowering, op, 0), target);
    return;
  }
  MlirAttribute predicate = mlirOperationGetAttributeByName(comparison, tenon_str("predicate"));
  tenon_lower_compare_branch(lowering, mlirIntegerAttrGetValueInt(predicate),
                             tenon_lower_kind(mlirOperationGetOperand(comparison, 0)).width,
                             tenon_lower_operand(lowering, comparison, 0),
                             tenon_lower_operand(lowering, comparison, 1), target);
}

static MlirLogicalResult lower_cond_br(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_code_block_t edges[2] = {tenon_code_new_block(&lowering->code),
                                       tenon_code_new_block(&lowering->code)};
  branch_if(lowering, op, edges[0]);
  TENON_LOWER(lowering, 0, TENON_OP_BR, edges[1]);
  return place_edges(lowering, op, edges);
}

// Compared with one case after the other.
static MlirLogicalResult lower_switch(tenon_lowering_t* lowering, MlirOperation op) {
  enum { PREDICATE_EQ = 0 };
  intptr_t count = mlirOperationGetNumSuccessors(op);
  tenon_code_block_t* edges = tenon_xcalloc((size_t)count, sizeof(*edges));
  for (intptr_t i = 0; i < count; ++i) edges[i] = tenon_code_new_block(&lowering->code);
  MlirAttribute values = mlirOperationGetAttributeByName(op, tenon_str("case_values"));
  tenon_kind_t kind = tenon_lower_kind(mlirOperationGetOperand(op, 0));
  for (intptr_t i = 1; i < count; ++i) {
    uint64_t position = (uint64_t)i - 1;
    int64_t value = mlirIntegerAttrGetValueInt(mlirElementsAttrGetValue(values, 1, &position));
    if (kind.width == 1) value &= 1;
    tenon_var_t var = kind.register_class == TENON_CLASS_I64
                          ? tenon_lower_i64(lowering, value)
                          : tenon_lower_i32(lowering, (int32_t)value);
    tenon_lower_compare_branch(lowering, PREDICATE_EQ, kind.width,
                               tenon_lower_operand(lowering, op, 0), var, edges[i]);
  }
  TENON_LOWER(lowering, 0, TENON_OP_BR, edges[0]);
  MlirLogicalResult status = place_edges(lowering, op, edges);
  free(edges);
  return status;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static uint32_t message_of(tenon_lowering_t* lowering, MlirOperation op) {
  MlirStringRef message =
      mlirStringAttrGetValue(mlirOperationGetAttributeByName(op, tenon_str("message")));
  return tenon_writer_string(lowering->emitter->writer, message.data, message.length);
}

// The block goes on where the condition holds.
static MlirLogicalResult lower_assert(tenon_lowering_t* lowering, MlirOperation op) {
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s", "");
  tenon_code_block_t holds = tenon_code_new_block(&lowering->code);
  branch_if(lowering, op, holds);
  TENON_LOWER(lowering, source, TENON_OP_FAIL, IREE_STATUS_FAILED_PRECONDITION,
              message_of(lowering, op));
  lowering->block = holds;
  TENON_APPEND(&lowering->code.order, holds);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_check(tenon_lowering_t* lowering, MlirOperation op) {
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s", "");
  TENON_LOWER(lowering, source,
              tenon_op_is(op, "tenon.check_eq") ? TENON_OP_CHECK_EQ_I64 : TENON_OP_CHECK_GE_I64,
              tenon_lower_operand(lowering, op, 0), tenon_lower_operand(lowering, op, 1),
              message_of(lowering, op));
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Calls and returns
//===----------------------------------------------------------------------===//

// |var| of type |from| as one of |to|: the same, but for integers of which an import's vm.signature
// asks for another width.
static tenon_var_t as_type(tenon_lowering_t* lowering, tenon_var_t var, MlirType from,
                           MlirType to) {
  tenon_kind_t given, wanted;
  tenon_kind_of(from, &given);
  tenon_kind_of(to, &wanted);
  if (given.register_class == wanted.register_class) return var;
  return given.width > wanted.width
             ? tenon_lower_truncate(lowering, var, given.width, wanted.width)
             : tenon_lower_sign_extend(lowering, var, given.width, wanted.width);
}

// Opens the spans that begin before argument |argument|, and are the next of |spans|: positions and
// numbers of tuples by turns; null is none.
static void open_spans(tenon_call_t* call, MlirAttribute spans, intptr_t argument,
                       intptr_t* inout_next) {
  if (mlirAttributeIsNull(spans)) return;
  intptr_t count = mlirDenseArrayGetNumElements(spans);
  for (; *inout_next < count; *inout_next += 2) {
    if (mlirDenseI32ArrayGetElement(spans, *inout_next) != argument) return;
    tenon_call_span(call, (size_t)mlirDenseI32ArrayGetElement(spans, *inout_next + 1));
  }
}

static MlirLogicalResult lower_call(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_callee_t* callee = tenon_emitter_find(
      lowering->emitter, mlirOperationGetAttributeByName(op, tenon_str("callee")));
  if (!callee) return tenon_error(op, "the called function does not exist");
  tenon_call_t call;
  tenon_call_begin(&call, callee->index);
  MlirAttribute spans = mlirOperationGetAttributeByName(callee->op, tenon_str("tenon.spans"));
  intptr_t next_span = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    open_spans(&call, spans, i, &next_span);
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(operand))) continue;
    tenon_call_argument(
        &call, as_type(lowering, tenon_lower_var(lowering, operand), mlirValueGetType(operand),
                       mlirFunctionTypeGetInput(callee->signature, i)));
  }
  open_spans(&call, spans, mlirOperationGetNumOperands(op), &next_span);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirType type = mlirFunctionTypeGetResult(callee->signature, i);
    tenon_kind_t kind;
    if (tenon_is_erased(lowering->emitter, type) || !tenon_kind_of(type, &kind)) continue;
    tenon_lower_bind(lowering, op, i, tenon_call_result(lowering, &call, kind.register_class));
  }
  uint32_t source =
      tenon_lower_source(lowering, mlirOperationGetLocation(op), "calling %s%.*s",
                         callee->is_import ? "" : "@", (int)callee->name.length, callee->name.data);
  tenon_call_end(lowering, &call, source, callee->is_import ? TENON_OP_CALL_IMPORT : TENON_OP_CALL);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue result = mlirOperationGetResult(op, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(result))) continue;
    tenon_var_t var =
        as_type(lowering, tenon_lower_var(lowering, result),
                mlirFunctionTypeGetResult(callee->signature, i), mlirValueGetType(result));
    if (callee->is_import) var = tenon_lower_foreign(lowering, var, tenon_lower_kind(result));
    tenon_lower_bind(lowering, op, i, var);
  }
  return mlirLogicalResultSuccess();
}

// A return gives its refs away, so one that is returned twice is copied.
static MlirLogicalResult lower_return(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t list = {0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(operand))) continue;
    tenon_var_t var = tenon_lower_var(lowering, operand);
    bool is_ref = tenon_lower_kind(operand).register_class == TENON_CLASS_REF;
    for (size_t j = 0; j < list.count && is_ref; ++j) {
      if (list.data[j].value != var) continue;
      var = TENON_MAKE(lowering, TENON_OP_MOV_REF, var);
      break;
    }
    tenon_call_argument(&list, var);
  }
  tenon_call_end(lowering, &list, 0, TENON_OP_RETURN);
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

tenon_lower_result_t tenon_lower_control(tenon_lowering_t* lowering, MlirOperation op) {
  static const tenon_lower_entry_t operations[] = {
      {"func.call", lower_call},
      {"func.return", lower_return},
      {"cf.br", lower_br},
      {"cf.cond_br", lower_cond_br},
      {"cf.switch", lower_switch},
      {"tenon.assert", lower_assert},
      {"tenon.check_eq", lower_check},
      {"tenon.check_ge", lower_check},
  };
  return tenon_lower_listed(lowering, op, operations, sizeof(operations) / sizeof(operations[0]));
}
