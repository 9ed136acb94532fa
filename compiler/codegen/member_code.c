// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A member in one iteration of the outer loops: its own parallel loops, inside of these its reduction loops, inside of
// these the body. Running values are in slots of the function's frame, which LLVM brings into registers.

#include "compiler/codegen/nest.h"
#include "compiler/support/mlir_util.h"

typedef struct tenon_member_code_t {
  tenon_nest_t* nest;
  const tenon_member_t* member;
  int number;
  LLVMValueRef indices[TENON_KERNEL_MAX_RANK];  // of the member's loops
} tenon_member_code_t;

static tenon_walk_t* tenon_member_walk(const tenon_member_code_t* code, int access) {
  return &code->nest->walks[code->nest->first_walk[code->number] + access];
}

static LLVMValueRef tenon_member_offset(const tenon_member_code_t* code, int access) {
  return code->nest->offsets[code->nest->first_walk[code->number] + access];
}

static LLVMValueRef* tenon_output_slot(const tenon_member_code_t* code, int output) {
  return &code->nest->slots[code->member->first_slot + output];
}

// A result goes through a slot when it is a running value, or when a later member may want it.
static MlirLogicalResult tenon_make_slots(const tenon_member_code_t* code) {
  const tenon_member_t* member = code->member;
  if (!member->reduces && code->nest->kernel->member_count == 1) return mlirLogicalResultSuccess();
  for (int r = 0; r < member->output_count; ++r) {
    MlirType element = mlirShapedTypeGetElementType(tenon_member_result(member, r)->type);
    LLVMTypeRef type = tenon_ir_type(code->nest->ir, element);
    if (!type) {
      return tenon_error(
          member->op,
          "an element type is not supported in a dispatch (supported: " TENON_ELEMENT_TYPES ")");
    }
    *tenon_output_slot(code, r) = tenon_nest_alloca(code->nest, type);
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

// What output |r| held before; without anything some value, which no correct program uses.
static LLVMValueRef tenon_initial_value(tenon_member_code_t* code, int r) {
  tenon_nest_t* nest = code->nest;
  const tenon_access_t* init = tenon_member_init(code->member, r);
  if (init->array >= 0) {
    int access = code->member->read_count + code->member->output_count + r;
    return tenon_load_element(nest, init->array, tenon_member_offset(code, access));
  }
  if (init->slot >= 0) {
    LLVMValueRef slot = nest->slots[init->slot];
    return LLVMBuildLoad2(nest->b, LLVMGetAllocatedType(slot), slot, "");
  }
  if (!mlirValueIsNull(init->scalar))
    return tenon_scalars_get(&nest->scalars, code->member->op, init->scalar);
  LLVMTypeRef type = tenon_ir_type(nest->ir, mlirShapedTypeGetElementType(init->type));
  return type ? LLVMConstNull(type) : NULL;
}

// Gives the body's arguments their values.
static MlirLogicalResult tenon_set_arguments(tenon_member_code_t* code) {
  tenon_nest_t* nest = code->nest;
  const tenon_member_t* member = code->member;
  for (int d = 0; d < member->loop_count; ++d) {
    LLVMValueRef index = code->indices[member->loop_of[d]];
    nest->scalars.indices[d] = index;
    if (member->updates)
      tenon_scalars_set(&nest->scalars, mlirBlockGetArgument(member->body, d), index);
  }
  if (member->updates) return mlirLogicalResultSuccess();
  for (int i = 0; i < member->read_count; ++i)
    tenon_scalars_set(&nest->scalars, mlirBlockGetArgument(member->body, i),
                      tenon_member_walk(code, i)->value);
  for (int r = 0; r < member->output_count; ++r) {
    MlirValue argument = mlirBlockGetArgument(member->body, member->read_count + r);
    LLVMTypeRef type = tenon_ir_type(nest->ir, mlirValueGetType(argument));
    LLVMValueRef value = member->reduces
                             ? LLVMBuildLoad2(nest->b, type, *tenon_output_slot(code, r), "")
                             : tenon_initial_value(code, r);
    if (!value) return mlirLogicalResultFailure();
    tenon_scalars_set(&nest->scalars, argument, value);
  }
  return mlirLogicalResultSuccess();
}

// A sum of floats may be added up in any order: that lets LLVM vectorise it.
static void tenon_relax_sum(tenon_member_code_t* code, MlirValue yielded, LLVMValueRef value,
                            MlirValue running) {
  if (!code->member->reduces || !mlirValueIsAOpResult(yielded)) return;
  MlirOperation op = mlirOpResultGetOwner(yielded);
  if (!tenon_op_is(op, "arith.addf")) return;
  bool adds = mlirValueEqual(mlirOperationGetOperand(op, 0), running) !=
              mlirValueEqual(mlirOperationGetOperand(op, 1), running);
  if (adds && LLVMIsABinaryOperator(value) && LLVMGetInstructionOpcode(value) == LLVMFAdd)
    LLVMSetFastMathFlags(value, LLVMFastMathAllowReassoc);
}

static void tenon_put_result(tenon_member_code_t* code, int r, LLVMValueRef value) {
  const tenon_access_t* result = tenon_member_result(code->member, r);
  if (result->array >= 0) {
    tenon_store_element(code->nest, result->array,
                        tenon_member_offset(code, code->member->read_count + r), value);
  }
}

static MlirLogicalResult tenon_emit_body(tenon_member_code_t* code) {
  tenon_nest_t* nest = code->nest;
  const tenon_member_t* member = code->member;
  MlirOperation yield = {0};
  tenon_gatherer_t gatherer = {.nest = nest, .member = member};
  nest->scalars.emit_gather = tenon_emit_gather;
  nest->scalars.user = &gatherer;
  if (mlirLogicalResultIsFailure(tenon_set_arguments(code)) ||
      mlirLogicalResultIsFailure(tenon_scalars_emit(&nest->scalars, member->body, &yield)))
    return mlirLogicalResultFailure();
  if (member->updates) return tenon_emit_scatter(nest, member, yield);
  for (int r = 0; r < member->output_count; ++r) {
    MlirValue yielded = mlirOperationGetOperand(yield, r);
    LLVMValueRef value = tenon_scalars_get(&nest->scalars, yield, yielded);
    if (!value) return mlirLogicalResultFailure();
    tenon_relax_sum(code, yielded, value,
                    mlirBlockGetArgument(member->body, member->read_count + r));
    LLVMValueRef slot = *tenon_output_slot(code, r);
    if (slot) LLVMBuildStore(nest->b, value, slot);
    if (!member->reduces) tenon_put_result(code, r, value);
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static MlirLogicalResult tenon_emit_loops(tenon_member_code_t* code, int loop);

// Loop |loop|, with everything inside.
static MlirLogicalResult tenon_emit_loop(tenon_member_code_t* code, int loop) {
  tenon_nest_t* nest = code->nest;
  tenon_count_t count = code->member->loops[loop].count;
  bool may_be_empty = !tenon_count_is_fixed(count) || count.fixed == 0;
  tenon_open_loop_t open =
      tenon_open_loop(nest, tenon_ir_i64(nest->ir, 0), tenon_nest_count(nest, count), may_be_empty);
  code->indices[loop] = open.index;
  tenon_walk_index(nest, nest->first_walk[code->number], nest->first_walk[code->number + 1], loop,
                   open.index);
  if (mlirLogicalResultIsFailure(
          tenon_load_depth(nest, code->number, nest->outer_depth + 1 + loop)) ||
      mlirLogicalResultIsFailure(tenon_emit_loops(code, loop + 1))) {
    tenon_drop_loop(&open);
    return mlirLogicalResultFailure();
  }
  tenon_close_loop(nest, &open);
  return mlirLogicalResultSuccess();
}

// The reduction loops, which begin with loop |loop|, between what the outputs hold before and after.
static MlirLogicalResult tenon_emit_reduction(tenon_member_code_t* code, int loop) {
  const tenon_member_t* member = code->member;
  for (int r = 0; r < member->output_count; ++r) {
    LLVMValueRef value = tenon_initial_value(code, r);
    if (!value) return mlirLogicalResultFailure();
    LLVMBuildStore(code->nest->b, value, *tenon_output_slot(code, r));
  }
  if (mlirLogicalResultIsFailure(tenon_emit_loop(code, loop))) return mlirLogicalResultFailure();
  for (int r = 0; r < member->output_count; ++r) {
    LLVMValueRef slot = *tenon_output_slot(code, r);
    tenon_put_result(code, r, LLVMBuildLoad2(code->nest->b, LLVMGetAllocatedType(slot), slot, ""));
  }
  return mlirLogicalResultSuccess();
}

// Loop |loop| and those after it, then the body.
static MlirLogicalResult tenon_emit_loops(tenon_member_code_t* code, int loop) {
  const tenon_member_t* member = code->member;
  if (loop == member->loop_count) return tenon_emit_body(code);
  bool first = loop == code->nest->kernel->outer_count || !member->loops[loop - 1].reduction;
  return member->loops[loop].reduction && first ? tenon_emit_reduction(code, loop)
                                                : tenon_emit_loop(code, loop);
}

MlirLogicalResult tenon_emit_members(tenon_nest_t* nest) {
  for (int m = 0; m < nest->kernel->member_count; ++m) {
    tenon_member_code_t code = {.nest = nest, .member = &nest->kernel->members[m], .number = m};
    for (int d = 0; d < nest->kernel->outer_count; ++d) code.indices[d] = nest->outer_indices[d];
    if (mlirLogicalResultIsFailure(tenon_make_slots(&code)) ||
        mlirLogicalResultIsFailure(tenon_load_depth(nest, m, nest->outer_depth)) ||
        mlirLogicalResultIsFailure(tenon_emit_loops(&code, nest->kernel->outer_count)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}
