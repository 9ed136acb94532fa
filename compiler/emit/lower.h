// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowering one function: MLIR operations to code on variables. Shared by lower*.c.

#ifndef TENON_COMPILER_EMIT_LOWER_H_
#define TENON_COMPILER_EMIT_LOWER_H_

#include "compiler/emit/code.h"
#include "compiler/emit/emit.h"

// A constant, a global's ref or null, that a variable holds in the current block.
typedef struct tenon_known_t {
  tenon_op_t op;
  uint64_t bits;
  tenon_var_t var;
} tenon_known_t;

typedef struct tenon_lowering_t {
  tenon_emitter_t* emitter;
  tenon_code_t code;
  const tenon_callee_t* function;
  tenon_map_t values;        // MLIR value -> variable + 1
  tenon_map_t blocks;        // MLIR block -> code block + 1
  tenon_code_block_t block;  // where instructions are appended
  struct {
    tenon_known_t* data;
    size_t count, capacity;
  } known;  // first those of the entry, which hold everywhere
  size_t entry_known_count;
} tenon_lowering_t;

// The variable of a value. |tenon_lower_bind| gives results theirs; a result may share its
// operand's.
tenon_var_t tenon_lower_var(const tenon_lowering_t* lowering, MlirValue value);
tenon_var_t tenon_lower_operand(const tenon_lowering_t* lowering, MlirOperation op, intptr_t index);
void tenon_lower_bind(tenon_lowering_t* lowering, MlirOperation op, intptr_t result,
                      tenon_var_t var);
// How an operand or result lies in registers; it was checked before.
tenon_kind_t tenon_lower_kind(MlirValue value);

// A place for the next instruction's |source|: |location| with what it does for the program;
// |format| may be "".
__attribute__((format(printf, 3, 4))) uint32_t tenon_lower_source(tenon_lowering_t* lowering,
                                                                  MlirLocation location,
                                                                  const char* format, ...);

// Appends an instruction whose operand string asks for |values|.
void tenon_lower_append(tenon_lowering_t* lowering, uint32_t source, tenon_op_t op,
                        const uint64_t* values, size_t count);
#define TENON_LOWER(lowering, source, op, ...)                                    \
  tenon_lower_append((lowering), (source), (op), (const uint64_t[]){__VA_ARGS__}, \
                     sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
// ... one that sets a new variable, its first operand, which is returned; |values| are the others.
tenon_var_t tenon_lower_make(tenon_lowering_t* lowering, uint32_t source, tenon_op_t op,
                             const uint64_t* values, size_t count);
#define TENON_MAKE_AT(lowering, source, op, ...)                                \
  tenon_lower_make((lowering), (source), (op), (const uint64_t[]){__VA_ARGS__}, \
                   sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
#define TENON_MAKE(lowering, op, ...) TENON_MAKE_AT(lowering, 0, op, __VA_ARGS__)
// Constants, globals' refs and null, which are made once in a block.
tenon_var_t tenon_lower_known(tenon_lowering_t* lowering, tenon_op_t op, uint64_t bits);
tenon_var_t tenon_lower_null(tenon_lowering_t* lowering);
// Is |var| known to be null in the current block?
bool tenon_lower_is_null(const tenon_lowering_t* lowering, tenon_var_t var);
tenon_var_t tenon_lower_i32(tenon_lowering_t* lowering, int32_t value);
tenon_var_t tenon_lower_i64(tenon_lowering_t* lowering, int64_t value);

// A call being put together: callee, arguments, results.
typedef struct tenon_call_t {
  tenon_operand_t* data;
  size_t count, capacity;
} tenon_call_t;
void tenon_call_begin(tenon_call_t* call, uint32_t callee);
void tenon_call_argument(tenon_call_t* call, tenon_var_t var);
void tenon_call_span(tenon_call_t* call, size_t tuple_count);
tenon_var_t tenon_call_result(tenon_lowering_t* lowering, tenon_call_t* call,
                              tenon_register_class_t register_class);
// Appends the call and frees it. |op| is CALL or CALL_IMPORT.
void tenon_call_end(tenon_lowering_t* lowering, tenon_call_t* call, uint32_t source, tenon_op_t op);

// Comparisons of integers of |width| bits, by arith.cmpi's predicate: as a value, or to branch
// with.
tenon_var_t tenon_lower_compare(tenon_lowering_t* lowering, int64_t predicate, int width,
                                tenon_var_t a, tenon_var_t b);
void tenon_lower_compare_branch(tenon_lowering_t* lowering, int64_t predicate, int width,
                                tenon_var_t a, tenon_var_t b, tenon_code_block_t target);

// Integers of one width as another; |from| and |to| are widths.
tenon_var_t tenon_lower_sign_extend(tenon_lowering_t* lowering, tenon_var_t var, int from, int to);
tenon_var_t tenon_lower_zero_extend(tenon_lowering_t* lowering, tenon_var_t var, int from, int to);
tenon_var_t tenon_lower_truncate(tenon_lowering_t* lowering, tenon_var_t var, int from, int to);
// The form in which integers of |width| bits lie in an i32 register, from any bits above.
tenon_var_t tenon_lower_narrow(tenon_lowering_t* lowering, tenon_var_t var, int width);
// ... of a number from outside of the program, which may have any bits above: an i1 is whether it is
// not 0. What is to be an f16 or bf16 is rounded.
tenon_var_t tenon_lower_foreign(tenon_lowering_t* lowering, tenon_var_t var, tenon_kind_t kind);

// An f32 rounded to the f16 or bf16 that |kind| says (lower_half.c); of another kind it is |var|.
tenon_var_t tenon_lower_round(tenon_lowering_t* lowering, tenon_var_t var, tenon_kind_t kind);
// An f16 or bf16 as the i16 of its bits, and back.
tenon_var_t tenon_lower_narrow_bits(tenon_lowering_t* lowering, tenon_var_t var, tenon_kind_t kind);
tenon_var_t tenon_lower_of_narrow_bits(tenon_lowering_t* lowering, tenon_var_t bits,
                                       tenon_kind_t kind);
// Rounded to odd, so that rounding once more rounds the number itself: an f64 to f32, an i64 to one
// that f64 holds.
tenon_var_t tenon_lower_f64_to_odd_f32(tenon_lowering_t* lowering, tenon_var_t var);
tenon_var_t tenon_lower_i64_to_odd(tenon_lowering_t* lowering, tenon_var_t var);

// What the calls of the hal module share (lower_hal.c).
void tenon_lower_hal_begin(tenon_lowering_t* lowering, tenon_hal_export_t function,
                           tenon_call_t* call);
// The variable with the element type of |op|'s tensor. Fails with a diagnostic.
MlirLogicalResult tenon_lower_element_type(tenon_lowering_t* lowering, MlirOperation op,
                                           tenon_var_t* out_var);
// Appends a span of all dims of |op|'s tensor, the dynamic ones from its operands from |first| on, or
// -1 when that is negative.
void tenon_lower_dims(tenon_lowering_t* lowering, MlirOperation op, intptr_t first,
                      tenon_call_t* call);
// "allocating tensor<?xi32>"
uint32_t tenon_lower_source_with_type(tenon_lowering_t* lowering, MlirOperation op,
                                      const char* verb);

// Each lowers an operation if it is one of its own: tensors, the timeline, control flow, arithmetic on
// integers, on floats, conversions between them, the util dialect, globals and turns.
typedef enum tenon_lower_result_e {
  TENON_LOWER_DONE,
  TENON_LOWER_FAILED,  // with a diagnostic
  TENON_LOWER_UNKNOWN,
} tenon_lower_result_t;
tenon_lower_result_t tenon_lower_integer(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_float(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_conversion(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_hal(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_timeline(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_control(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_util(tenon_lowering_t* lowering, MlirOperation op);
tenon_lower_result_t tenon_lower_global(tenon_lowering_t* lowering, MlirOperation op);

// Lowers |op| by the entry with its name, if there is one.
typedef struct tenon_lower_entry_t {
  const char* name;
  MlirLogicalResult (*lower)(tenon_lowering_t* lowering, MlirOperation op);
} tenon_lower_entry_t;
tenon_lower_result_t tenon_lower_listed(tenon_lowering_t* lowering, MlirOperation op,
                                        const tenon_lower_entry_t* entries, size_t count);

#endif  // TENON_COMPILER_EMIT_LOWER_H_
