// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The LLVM module under construction: some dispatches of a program (chunk.h), or its table of dispatches.

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
  LLVMTypeRef i1, i4, i8, i16, i32, i64, f16, f32, f64, ptr;
  bool converts_half;    // conversions between f16 and f32 are instructions of the target
  tenon_map_t* globals;  // of the table: from constants to what holds them
} tenon_ir_t;

static inline LLVMValueRef tenon_ir_i64(const tenon_ir_t* ir, int64_t value) {
  return LLVMConstInt(ir->i64, (uint64_t)value, true);
}

// What a refusal of another type names.
#define TENON_ELEMENT_TYPES "i1 i4 i8 i16 i32 i64 index f16 bf16 f32 f64 complex<f32> complex<f64>"

// The type of a scalar in registers, or NULL for a type that dispatches do not support: i1 and i4 have
// their bits, f16 and bf16 are floats of a value that they have, complex numbers are structs (element.c).
LLVMTypeRef tenon_ir_type(const tenon_ir_t* ir, MlirType type);
// ... and in memory.
LLVMTypeRef tenon_ir_memory_type(const tenon_ir_t* ir, MlirType type);
uint32_t tenon_element_size(MlirType type);  // in bytes
bool tenon_is_narrow_float(MlirType type);   // f16 or bf16

// A value of |type| in registers as it lies in memory, and back.
LLVMValueRef tenon_ir_to_memory(const tenon_ir_t* ir, MlirType type, LLVMValueRef value);
LLVMValueRef tenon_ir_from_memory(const tenon_ir_t* ir, MlirType type, LLVMValueRef value);

// The loads or stores of one element, for the caller to mark.
typedef struct tenon_ir_access_t {
  LLVMValueRef instructions[2];
  int count;
} tenon_ir_access_t;
LLVMValueRef tenon_ir_load(const tenon_ir_t* ir, MlirType type, LLVMValueRef address,
                           tenon_ir_access_t* out_access);
void tenon_ir_store(const tenon_ir_t* ir, MlirType type, LLVMValueRef value, LLVMValueRef address,
                    tenon_ir_access_t* out_access);

// Rounds a float to |type|, to the nearest, ties to even, if that is f16 or bf16; it is |value| of any
// other type. A NaN stays one.
LLVMValueRef tenon_ir_round(const tenon_ir_t* ir, MlirType type, LLVMValueRef value);
// A double as a float that can be rounded once more: rounded to odd.
LLVMValueRef tenon_ir_f64_to_odd_f32(const tenon_ir_t* ir, LLVMValueRef value);

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
  // Emits a tensor.extract or tenon.read and sets its result (gather.c).
  MlirLogicalResult (*emit_gather)(void* user, MlirOperation op);
  void* user;
} tenon_scalars_t;

void tenon_scalars_set(tenon_scalars_t* scalars, MlirValue value, LLVMValueRef computed);
// What was set or computed for |value|, or its constant. Reports an error at |user| when there is
// nothing, and returns NULL.
LLVMValueRef tenon_scalars_get(tenon_scalars_t* scalars, MlirOperation user, MlirValue value);
// Emits every operation of |body| up to its linalg.yield or tenon.yield, which comes back in |out_yield|.
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
