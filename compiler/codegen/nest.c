// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all parts of a range function are made with: arithmetic on indices, memory of the frame, loops.

#include "compiler/codegen/nest.h"

#include <stdlib.h>
#include <string.h>

//===----------------------------------------------------------------------===//
// Small arithmetic: the runtime has checked the arrays' lengths, so nothing overflows
//===----------------------------------------------------------------------===//

static LLVMValueRef tenon_no_wrap(LLVMValueRef value) {
  if (LLVMIsABinaryOperator(value)) {
    LLVMSetNSW(value, true);
    LLVMSetNUW(value, true);
  }
  return value;
}

LLVMValueRef tenon_nest_mul(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef one = tenon_ir_i64(nest->ir, 1);
  if (a == one) return b;
  if (b == one) return a;
  return tenon_no_wrap(LLVMBuildMul(nest->b, a, b, ""));
}

LLVMValueRef tenon_nest_add(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef zero = tenon_ir_i64(nest->ir, 0);
  if (a == zero) return b;
  if (b == zero) return a;
  return tenon_no_wrap(LLVMBuildAdd(nest->b, a, b, ""));
}

LLVMValueRef tenon_nest_umin(tenon_nest_t* nest, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef less = LLVMBuildICmp(nest->b, LLVMIntULT, a, b, "");
  return LLVMBuildSelect(nest->b, less, a, b, "");
}

// An extent that nothing told is of an array that is not touched.
LLVMValueRef tenon_nest_count(tenon_nest_t* nest, tenon_count_t count) {
  if (count.constant >= 0) return nest->constants[count.constant];
  return tenon_ir_i64(nest->ir, count.fixed < 0 ? 0 : count.fixed);
}

LLVMBasicBlockRef tenon_nest_block(tenon_nest_t* nest) {
  return LLVMAppendBasicBlockInContext(nest->ir->context, nest->function, "");
}

LLVMValueRef tenon_nest_alloca(tenon_nest_t* nest, LLVMTypeRef type) {
  LLVMBasicBlockRef here = LLVMGetInsertBlock(nest->b);
  LLVMPositionBuilderAtEnd(nest->b, nest->entry);
  LLVMValueRef memory = LLVMBuildAlloca(nest->b, type, "");
  LLVMPositionBuilderAtEnd(nest->b, here);
  return memory;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

tenon_open_loop_t tenon_open_loop(tenon_nest_t* nest, LLVMValueRef begin, LLVMValueRef end,
                                  int64_t step, bool may_be_empty) {
  LLVMBasicBlockRef before = LLVMGetInsertBlock(nest->b);
  tenon_open_loop_t loop = {
      .end = end, .step = step, .block = tenon_nest_block(nest), .after = tenon_nest_block(nest)};
  if (may_be_empty) {
    LLVMBuildCondBr(nest->b, LLVMBuildICmp(nest->b, LLVMIntSLT, begin, end, ""), loop.block,
                    loop.after);
  } else {
    LLVMBuildBr(nest->b, loop.block);
  }
  LLVMPositionBuilderAtEnd(nest->b, loop.block);
  loop.index = LLVMBuildPhi(nest->b, nest->ir->i64, "");
  LLVMAddIncoming(loop.index, &begin, &before, 1);
  size_t size = (size_t)nest->walk_count * sizeof(*nest->offsets);
  loop.outer_offsets = tenon_xcalloc(1, size);
  memcpy(loop.outer_offsets, nest->offsets, size);
  return loop;
}

LLVMValueRef tenon_close_loop(tenon_nest_t* nest, tenon_open_loop_t* loop) {
  LLVMValueRef next = tenon_nest_add(nest, loop->index, tenon_ir_i64(nest->ir, loop->step));
  LLVMBasicBlockRef from = LLVMGetInsertBlock(nest->b);
  LLVMValueRef ends = LLVMBuildICmp(nest->b, LLVMIntEQ, next, loop->end, "");
  LLVMValueRef branch = LLVMBuildCondBr(nest->b, ends, loop->after, loop->block);
  LLVMAddIncoming(loop->index, &next, &from, 1);
  LLVMMoveBasicBlockAfter(loop->after, from);
  LLVMPositionBuilderAtEnd(nest->b, loop->after);
  memcpy(nest->offsets, loop->outer_offsets, (size_t)nest->walk_count * sizeof(*nest->offsets));
  tenon_drop_loop(loop);
  return branch;
}

void tenon_drop_loop(tenon_open_loop_t* loop) {
  free(loop->outer_offsets);
  loop->outer_offsets = NULL;
}
