// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A member in one iteration of the outer loops: its own parallel loops, inside of these its reduction loops, inside of
// these the body. Running values are in slots of the function's frame, which LLVM brings into registers.

#include <stdlib.h>

#include "compiler/codegen/nest.h"
#include "compiler/support/mlir_util.h"
#include "llvm-c/DebugInfo.h"

typedef struct tenon_member_code_t {
  tenon_nest_t* nest;
  const tenon_member_t* member;
  int number;
  LLVMValueRef indices[TENON_KERNEL_MAX_RANK];  // of the member's loops
  int64_t own_lanes;                            // of its own loop |own_lane_loop|; 0: none
  int own_lane_loop;
} tenon_member_code_t;

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
    const tenon_block_t* block = &code->nest->block;
    int64_t lanes = block->lane_loop >= 0 ? block->rows * block->most_lanes : code->own_lanes;
    if (lanes) type = LLVMArrayType2(type, (uint64_t)lanes);
    code->nest->slots[member->first_slot + r] = tenon_nest_alloca(code->nest, type);
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

// What output |r| held before; without anything some value, which no correct program uses.
static LLVMValueRef tenon_initial_value(tenon_member_code_t* code, int r, int row) {
  const tenon_member_t* member = code->member;
  const tenon_access_t* init = tenon_member_init(member, r);
  if (!tenon_access_is_nothing(init)) {
    return tenon_load_operand(code->nest, code->number,
                              member->read_count + member->output_count + r, row);
  }
  LLVMTypeRef type = tenon_ir_type(code->nest->ir, mlirShapedTypeGetElementType(init->type));
  return type ? LLVMConstNull(type) : NULL;
}

// The index of loop |loop| in row |row| of the block.
static LLVMValueRef tenon_row_index(tenon_member_code_t* code, int loop, int row) {
  if (!row || loop != code->nest->block.row_loop) return code->indices[loop];
  return tenon_nest_add(code->nest, code->indices[loop], tenon_ir_i64(code->nest->ir, row));
}

// Gives the body's arguments their values in row |row|.
static MlirLogicalResult tenon_set_arguments(tenon_member_code_t* code, int row) {
  tenon_nest_t* nest = code->nest;
  const tenon_member_t* member = code->member;
  for (int d = 0; d < member->loop_count; ++d) {
    LLVMValueRef index = tenon_row_index(code, member->loop_of[d], row);
    nest->scalars.indices[d] = index;
    if (member->updates)
      tenon_scalars_set(&nest->scalars, mlirBlockGetArgument(member->body, d), index);
  }
  if (member->updates) return mlirLogicalResultSuccess();
  for (int i = 0; i < member->read_count; ++i)
    tenon_scalars_set(&nest->scalars, mlirBlockGetArgument(member->body, i),
                      tenon_row_value(nest, code->number, i, row));
  for (int r = 0; r < member->output_count; ++r) {
    MlirValue argument = mlirBlockGetArgument(member->body, member->read_count + r);
    LLVMValueRef value = member->reduces ? tenon_load_slot(nest, member->first_slot + r, row)
                                         : tenon_initial_value(code, r, row);
    if (!value) return mlirLogicalResultFailure();
    tenon_scalars_set(&nest->scalars, argument, value);
  }
  return mlirLogicalResultSuccess();
}

// A sum of floats may be added up in any order, and a product that is added without being rounded before: that lets LLVM
// vectorise it, and use fused instructions.
static void tenon_relax_sum(tenon_member_code_t* code, MlirValue yielded, LLVMValueRef value,
                            MlirValue running) {
  if (!code->member->reduces || !mlirValueIsAOpResult(yielded)) return;
  MlirOperation op = mlirOpResultGetOwner(yielded);
  if (!tenon_op_is(op, "arith.addf")) return;
  bool adds = mlirValueEqual(mlirOperationGetOperand(op, 0), running) !=
              mlirValueEqual(mlirOperationGetOperand(op, 1), running);
  if (!adds || !LLVMIsABinaryOperator(value) || LLVMGetInstructionOpcode(value) != LLVMFAdd) return;
  LLVMSetFastMathFlags(value, LLVMFastMathAllowReassoc | LLVMFastMathAllowContract);
  for (unsigned i = 0; i < 2; ++i) {
    LLVMValueRef product = LLVMGetOperand(value, i);
    if (LLVMIsABinaryOperator(product) && LLVMGetInstructionOpcode(product) == LLVMFMul)
      LLVMSetFastMathFlags(product, LLVMFastMathAllowContract);
  }
}

static void tenon_put_result(tenon_member_code_t* code, int r, int row, LLVMValueRef value) {
  const tenon_access_t* result = tenon_member_result(code->member, r);
  int walk = code->nest->first_walk[code->number] + code->member->read_count + r;
  if (result->array >= 0)
    tenon_store_element(code->nest, result->array, tenon_row_offset(code->nest, walk, row), value);
}

// The body in row |row|; |values| are what it yields.
static MlirLogicalResult tenon_emit_row(tenon_member_code_t* code, int row, LLVMValueRef* values) {
  tenon_nest_t* nest = code->nest;
  const tenon_member_t* member = code->member;
  MlirOperation yield = {0};
  tenon_gatherer_t gatherer = {.nest = nest, .member = member};
  nest->scalars.emit_gather = tenon_emit_gather;
  nest->scalars.user = &gatherer;
  if (mlirLogicalResultIsFailure(tenon_set_arguments(code, row)) ||
      mlirLogicalResultIsFailure(tenon_scalars_emit(&nest->scalars, member->body, &yield)))
    return mlirLogicalResultFailure();
  if (member->updates) return tenon_emit_scatter(nest, member, yield);
  for (int r = 0; r < member->output_count; ++r) {
    MlirValue yielded = mlirOperationGetOperand(yield, r);
    values[r] = tenon_scalars_get(&nest->scalars, yield, yielded);
    if (!values[r]) return mlirLogicalResultFailure();
    tenon_relax_sum(code, yielded, values[r],
                    mlirBlockGetArgument(member->body, member->read_count + r));
  }
  return mlirLogicalResultSuccess();
}

// The body in all rows. Nothing is stored before everything is read: so what rows have in common is read once.
static MlirLogicalResult tenon_emit_body(tenon_member_code_t* code) {
  tenon_nest_t* nest = code->nest;
  const tenon_member_t* member = code->member;
  int rows = nest->block.rows, outputs = member->output_count;
  LLVMValueRef* values = tenon_xcalloc((size_t)(rows * outputs), sizeof(*values));
  MlirLogicalResult result = mlirLogicalResultSuccess();
  for (int row = 0; row < rows && mlirLogicalResultIsSuccess(result); ++row)
    result = tenon_emit_row(code, row, &values[row * outputs]);
  for (int i = 0; i < rows * outputs && !member->updates; ++i) {
    if (mlirLogicalResultIsFailure(result)) break;
    int row = i / outputs, r = i % outputs;
    if (nest->slots[member->first_slot + r])
      tenon_store_slot(nest, member->first_slot + r, row, values[i]);
    if (!member->reduces) tenon_put_result(code, r, row, values[i]);
  }
  free(values);
  return result;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

// Keeps LLVM from leaving a loop of few iterations as it is.
static void tenon_unroll(tenon_nest_t* nest, LLVMValueRef branch) {
  LLVMContextRef context = nest->ir->context;
  static const char name[] = "llvm.loop.unroll.full";
  LLVMMetadataRef text = LLVMMDStringInContext2(context, name, sizeof(name) - 1);
  LLVMMetadataRef self = LLVMTemporaryMDNode(context, NULL, 0);
  LLVMMetadataRef parts[] = {self, LLVMMDNodeInContext2(context, &text, 1)};
  LLVMMetadataRef node = LLVMMDNodeInContext2(context, parts, 2);
  LLVMMetadataReplaceAllUsesWith(self, node);
  LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(context, "llvm.loop", 9),
                  LLVMMetadataAsValue(context, node));
}

typedef MlirLogicalResult (*tenon_emit_function_t)(tenon_member_code_t* code);

// |emit| for each lane of the block.
static MlirLogicalResult tenon_emit_lanes(tenon_member_code_t* code, tenon_emit_function_t emit) {
  tenon_nest_t* nest = code->nest;
  int loop = nest->block.lane_loop;
  if (loop < 0) return emit(code);
  LLVMValueRef first = code->indices[loop];
  tenon_open_loop_t open =
      tenon_open_loop(nest, tenon_ir_i64(nest->ir, 0), nest->block.lanes, 1, false);
  nest->lane = open.index;
  code->indices[loop] = tenon_nest_add(nest, first, open.index);
  tenon_walk_index(nest, nest->first_walk[code->number], nest->first_walk[code->number + 1], loop,
                   open.index);
  if (mlirLogicalResultIsFailure(emit(code))) {
    tenon_drop_loop(&open);
    return mlirLogicalResultFailure();
  }
  LLVMValueRef branch = tenon_close_loop(nest, &open);
  if (nest->block.whole) tenon_unroll(nest, branch);
  code->indices[loop] = first;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tenon_emit_lane_body(tenon_member_code_t* code) {
  if (code->nest->block.lane_loop >= 0 &&
      mlirLogicalResultIsFailure(tenon_load_depth(code->nest, code->number, TENON_LANE_DEPTH)))
    return mlirLogicalResultFailure();
  return tenon_emit_body(code);
}

static MlirLogicalResult tenon_emit_loops(tenon_member_code_t* code, int loop);

// Loop |loop|, with everything inside.
static MlirLogicalResult tenon_emit_loop(tenon_member_code_t* code, int loop) {
  tenon_nest_t* nest = code->nest;
  tenon_count_t count = code->member->loops[loop].count;
  bool may_be_empty = !tenon_count_is_fixed(count) || count.fixed == 0;
  tenon_open_loop_t open = tenon_open_loop(nest, tenon_ir_i64(nest->ir, 0),
                                           tenon_nest_count(nest, count), 1, may_be_empty);
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

// What the outputs hold before the reduction.
static MlirLogicalResult tenon_emit_start(tenon_member_code_t* code) {
  const tenon_member_t* member = code->member;
  for (int row = 0; row < code->nest->block.rows; ++row) {
    for (int r = 0; r < member->output_count; ++r) {
      LLVMValueRef value = tenon_initial_value(code, r, row);
      if (!value) return mlirLogicalResultFailure();
      tenon_store_slot(code->nest, member->first_slot + r, row, value);
    }
  }
  return mlirLogicalResultSuccess();
}

// ... and after it.
static MlirLogicalResult tenon_emit_end(tenon_member_code_t* code) {
  const tenon_member_t* member = code->member;
  for (int row = 0; row < code->nest->block.rows; ++row) {
    for (int r = 0; r < member->output_count; ++r)
      tenon_put_result(code, r, row, tenon_load_slot(code->nest, member->first_slot + r, row));
  }
  return mlirLogicalResultSuccess();
}

static bool tenon_is_returned(const tenon_member_t* member) {
  for (int r = 0; r < member->output_count; ++r) {
    if (tenon_member_result(member, r)->array >= 0) return true;
  }
  return false;
}

// The reduction loops, which begin with loop |loop|, between what the outputs hold before and after.
static MlirLogicalResult tenon_emit_reduction(tenon_member_code_t* code, int loop) {
  if (mlirLogicalResultIsFailure(tenon_emit_lanes(code, tenon_emit_start)) ||
      mlirLogicalResultIsFailure(tenon_emit_loop(code, loop)))
    return mlirLogicalResultFailure();
  return tenon_is_returned(code->member) ? tenon_emit_lanes(code, tenon_emit_end)
                                         : mlirLogicalResultSuccess();
}

// The member's own lanes, block by block, with the reductions inside.
static MlirLogicalResult tenon_emit_own_lanes(tenon_member_code_t* code) {
  tenon_nest_t* nest = code->nest;
  tenon_block_t outer = nest->block;
  int loop = code->own_lane_loop;
  LLVMValueRef count = tenon_nest_count(nest, code->member->loops[loop].count);
  LLVMValueRef step = tenon_ir_i64(nest->ir, code->own_lanes);
  LLVMValueRef blocks = LLVMBuildUDiv(
      nest->b, tenon_nest_add(nest, count, tenon_ir_i64(nest->ir, code->own_lanes - 1)), step, "");
  tenon_open_loop_t open = tenon_open_loop(
      nest, tenon_ir_i64(nest->ir, 0), tenon_nest_mul(nest, blocks, step), code->own_lanes, true);
  code->indices[loop] = open.index;
  tenon_walk_index(nest, nest->first_walk[code->number], nest->first_walk[code->number + 1], loop,
                   open.index);
  LLVMValueRef rest = LLVMBuildSub(nest->b, count, open.index, "");
  nest->block = (tenon_block_t){.row_loop = -1,
                                .rows = 1,
                                .lane_loop = loop,
                                .lanes = tenon_nest_umin(nest, rest, step),
                                .most_lanes = code->own_lanes};
  MlirLogicalResult result = tenon_emit_loops(code, loop + 1);
  nest->block = outer;
  if (mlirLogicalResultIsFailure(result)) {
    tenon_drop_loop(&open);
  } else {
    tenon_close_loop(nest, &open);
  }
  return result;
}

// Loop |loop| and those after it, then the body.
static MlirLogicalResult tenon_emit_loops(tenon_member_code_t* code, int loop) {
  const tenon_member_t* member = code->member;
  if (loop == member->loop_count) return tenon_emit_lanes(code, tenon_emit_lane_body);
  if (loop == code->own_lane_loop) return tenon_emit_own_lanes(code);
  bool first = loop == code->nest->kernel->outer_count || !member->loops[loop - 1].reduction;
  return member->loops[loop].reduction && first ? tenon_emit_reduction(code, loop)
                                                : tenon_emit_loop(code, loop);
}

MlirLogicalResult tenon_emit_members(tenon_nest_t* nest) {
  for (int m = 0; m < nest->kernel->member_count; ++m) {
    tenon_member_code_t code = {.nest = nest, .member = &nest->kernel->members[m], .number = m};
    code.own_lanes =
        tenon_plan_member_lanes(nest->kernel, nest->plan, code.member, &code.own_lane_loop);
    for (int d = 0; d < nest->kernel->outer_count; ++d) code.indices[d] = nest->outer_indices[d];
    if (mlirLogicalResultIsFailure(tenon_make_slots(&code)) ||
        mlirLogicalResultIsFailure(tenon_load_depth(nest, m, nest->outer_depth)) ||
        mlirLogicalResultIsFailure(tenon_emit_loops(&code, nest->kernel->outer_count)))
      return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}
