// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The LLVM module under construction: one for all dispatches of a program.

#ifndef TENON_COMPILER_CODEGEN_IR_H_
#define TENON_COMPILER_CODEGEN_IR_H_

#include <stddef.h>
#include <stdint.h>

#include "compiler/codegen/kernel.h"
#include "compiler/codegen/plan.h"
#include "compiler/support/memory.h"
#include "llvm-c/Core.h"

typedef struct tenon_ir_t {
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ptr;
} tenon_ir_t;

static inline LLVMValueRef tenon_ir_i64(const tenon_ir_t* ir, int64_t value) {
  return LLVMConstInt(ir->i64, (uint64_t)value, true);
}

// The type of a scalar in registers (i1 is one bit), or NULL for a type that dispatches do not
// support.
LLVMTypeRef tenon_ir_type(const tenon_ir_t* ir, MlirType type);
// Bytes of an element in memory: i1 takes one.
uint32_t tenon_element_size(MlirType type);

// Calls intrinsic |name|, overloaded on |overloads|.
LLVMValueRef tenon_ir_intrinsic(const tenon_ir_t* ir, const char* name, LLVMTypeRef* overloads,
                                size_t overload_count, LLVMValueRef* operands,
                                unsigned operand_count);

// What the operations of a body compute with.
typedef struct tenon_scalars_t {
  const tenon_ir_t* ir;
  tenon_map_t values;  // from MLIR values to LLVM values
  LLVMValueRef
      indices[TENON_KERNEL_MAX_RANK];  // of the loops, as far as linalg.index asks for them
} tenon_scalars_t;

void tenon_scalars_set(tenon_scalars_t* scalars, MlirValue value, LLVMValueRef computed);
// What was set or computed for |value|, or its constant. Reports an error at |user| when there is
// nothing, and returns NULL.
LLVMValueRef tenon_scalars_get(tenon_scalars_t* scalars, MlirOperation user, MlirValue value);
// Emits every operation of |body| up to its linalg.yield, which comes back in |out_yield|.
MlirLogicalResult tenon_scalars_emit(tenon_scalars_t* scalars, MlirBlock body,
                                     MlirOperation* out_yield);

// Emits the range function of a kernel. Returns NULL after reporting an error.
LLVMValueRef tenon_emit_range_function(const tenon_ir_t* ir, const tenon_kernel_t* kernel,
                                       const tenon_plan_t* plan);

// One dispatch, finished: what its row in the table says.
typedef struct tenon_dispatch_row_t {
  const tenon_kernel_t* kernel;
  const tenon_plan_t* plan;
  LLVMValueRef function;
} tenon_dispatch_row_t;

// Emits the table of executable_abi.h and its query function.
void tenon_emit_table(const tenon_ir_t* ir, const tenon_dispatch_row_t* rows, size_t row_count,
                      const char* triple, const char* required_features);

#endif  // TENON_COMPILER_CODEGEN_IR_H_
