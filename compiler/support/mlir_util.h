// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small conveniences over the MLIR C API that every stage uses.

#ifndef TENON_COMPILER_SUPPORT_MLIR_UTIL_H_
#define TENON_COMPILER_SUPPORT_MLIR_UTIL_H_

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Diagnostics.h"
#include "mlir-c/IR.h"

#include "compiler/program.h"

static inline MlirStringRef tenon_str(const char* text) {
  return mlirStringRefCreateFromCString(text);
}

static inline bool tenon_str_equal(MlirStringRef a, const char* b) {
  return a.length == strlen(b) && memcmp(a.data, b, a.length) == 0;
}

// The full name of an operation, e.g. "arith.addi"; lives as long as the context.
MlirStringRef tenon_op_name(MlirOperation op);
bool tenon_op_is(MlirOperation op, const char* name);

// Reports an error at |location| with a printf-style message.
__attribute__((format(printf, 2, 3))) MlirLogicalResult tenon_error_at(MlirLocation location,
                                                                       const char* format, ...);
// ... at an operation.
#define tenon_error(op, ...) tenon_error_at(mlirOperationGetLocation(op), __VA_ARGS__)

MlirNamedAttribute tenon_attr(MlirContext context, const char* name, MlirAttribute value);
MlirAttribute tenon_string_attr(MlirContext context, const char* text);

// Creates an operation without regions; results are of the given types. The op is detached.
MlirOperation tenon_build_op(const char* name, MlirLocation location, intptr_t result_count,
                             const MlirType* results, intptr_t operand_count,
                             const MlirValue* operands, intptr_t attribute_count,
                             const MlirNamedAttribute* attributes);

// The symbol name of a function or module; an empty string when it has none.
MlirStringRef tenon_symbol_name(MlirOperation op);

// A source position. |file| points into the context. |context| is the name of the innermost named location around it, or empty.
typedef struct tenon_position_t {
  MlirStringRef file;
  int line, column;  // 0 when unknown
  MlirStringRef context;
} tenon_position_t;
// Looks through name, fused and call-site locations for the first file position. Returns false when there is none.
bool tenon_resolve_location(MlirLocation location, tenon_position_t* out_position);

// Prints |op| as text with |print|; what mlirOperationPrint does, to a C stream or a growing string.
typedef struct tenon_text_t {
  char* data;  // NUL-terminated once anything was appended; owned, free()
  size_t length, capacity;
} tenon_text_t;
void tenon_text_append(tenon_text_t* text, const char* data, size_t length);
__attribute__((format(printf, 2, 3))) void tenon_text_appendf(tenon_text_t* text,
                                                              const char* format, ...);
// An MlirStringCallback with a tenon_text_t as user data.
void tenon_text_callback(MlirStringRef part, void* text);

// Runs a textual pass pipeline, e.g. "builtin.module(canonicalize,cse)", on |op|, honouring --mlir-print-ir-after-all.
// Passes must have been registered (support/passes.h).
MlirLogicalResult tenon_run_passes(tenon_program_t* program, MlirOperation op,
                                   const char* pipeline);

#endif  // TENON_COMPILER_SUPPORT_MLIR_UTIL_H_
