// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/math.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/input/generic.h"
#include "compiler/input/linalg_rules.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"
#include "compiler/support/parse.h"

// The library's text, made by the build: functions that begin and end at the start of a line.
extern const unsigned char tenon_math_library[];
extern const size_t tenon_math_library_length;

#define HEAD "func.func private @"
#define NAME_CAPACITY 64
#define FMA_ODD TENON_LIBRARY_PREFIX "fma_odd_f32"

// The part of |text| from the first |wanted| on, or NULL.
static const char* find(MlirStringRef text, const char* wanted) {
  size_t length = strlen(wanted);
  for (size_t i = 0; i + length <= text.length; ++i) {
    const char* line_end = memchr(text.data + i, '\n', text.length - i);
    if (memcmp(text.data + i, wanted, length) == 0) return text.data + i;
    if (!line_end) break;
    i = (size_t)(line_end - text.data);
  }
  return NULL;
}

// The text of the function |name|; empty if the library has none.
static MlirStringRef find_function(const char* name) {
  MlirStringRef library =
      mlirStringRefCreate((const char*)tenon_math_library, tenon_math_library_length);
  char head[sizeof(HEAD) + NAME_CAPACITY + 1];
  snprintf(head, sizeof(head), HEAD "%s(", name);
  const char* begin = find(library, head);
  if (!begin) return mlirStringRefCreate(NULL, 0);
  MlirStringRef rest = mlirStringRefCreate(begin, library.length - (size_t)(begin - library.data));
  const char* end = find(rest, "}\n");
  return mlirStringRefCreate(begin, (size_t)(end - begin) + 2);
}

//===--------------------------------------------------------------------===//
// Operations to calls
//===--------------------------------------------------------------------===//

static bool is_instruction(MlirOperation op) {
  if (tenon_op_is(op, "math.sqrt")) return true;
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, 0));
  return tenon_op_is(op, "math.ctlz") && mlirTypeIsAInteger(type) &&
         mlirIntegerTypeGetWidth(type) >= 32;
}

static bool is_math(MlirOperation op) { return tenon_has_prefix(tenon_op_name(op), "math."); }

static bool is_in_body(MlirOperation op) { return !mlirOperationIsNull(tenon_enclosing_body(op)); }

// What the host computes.
static bool is_host_math(MlirOperation op) {
  return is_math(op) && !is_in_body(op) && !tenon_value_is_tensor(mlirOperationGetOperand(op, 0));
}

static bool is_body_math(MlirOperation op) { return is_math(op) && is_in_body(op); }

static bool has_index(MlirOperation op) {
  return mlirTypeIsAIndex(mlirValueGetType(mlirOperationGetOperand(op, 0)));
}

static MlirValue convert(MlirOperation before, const char* name, MlirValue value, MlirType type) {
  return mlirOperationGetResult(tenon_insert_op(before, name, 1, &type, 1, &value, 0, NULL), 0);
}

// math on index is math on i64. Gives the operation that stands for |op|, which is destroyed.
static MlirOperation replace_index(MlirOperation op) {
  MlirType i64 = mlirIntegerTypeGet(mlirOperationGetContext(op), 64);
  MlirValue operands[2];
  intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; i < count; ++i) {
    operands[i] = convert(op, "arith.index_cast", mlirOperationGetOperand(op, i), i64);
  }
  char name[NAME_CAPACITY];
  MlirStringRef op_name = tenon_op_name(op);
  snprintf(name, sizeof(name), "%.*s", (int)op_name.length, op_name.data);
  MlirOperation replacement = tenon_insert_op(op, name, 1, &i64, count, operands, 0, NULL);
  MlirValue result = mlirOperationGetResult(replacement, 0), old = mlirOperationGetResult(op, 0);
  mlirValueReplaceAllUsesOfWith(old,
                                convert(op, "arith.index_cast", result, mlirValueGetType(old)));
  mlirOperationDestroy(op);
  return replacement;
}

static bool is_narrow_float(MlirType type) { return mlirTypeIsAF16(type) || mlirTypeIsABF16(type); }

static MlirValue widen(MlirOperation before, MlirValue value) {
  if (!is_narrow_float(mlirValueGetType(value))) return value;
  return convert(before, "arith.extf", value, mlirF32TypeGet(mlirOperationGetContext(before)));
}

static MlirOperation insert_call(MlirOperation before, const char* name, intptr_t result_count,
                                 const MlirType* results, intptr_t operand_count,
                                 const MlirValue* operands) {
  MlirContext context = mlirOperationGetContext(before);
  MlirNamedAttribute callee =
      tenon_attr(context, "callee", mlirFlatSymbolRefAttrGet(context, tenon_str(name)));
  return tenon_insert_op(before, "func.call", result_count, results, operand_count, operands, 1,
                         &callee);
}

// The number of f16 that is normal just if the number of f32 is.
static MlirValue scale_normal(MlirOperation before, MlirValue value) {
  MlirType f32 = mlirValueGetType(value);
  MlirNamedAttribute factor =
      tenon_attr(mlirOperationGetContext(before), "value",
                 mlirFloatAttrDoubleGet(mlirOperationGetContext(before), f32, 0x1p-112));
  MlirOperation constant = tenon_insert_op(before, "arith.constant", 1, &f32, 0, NULL, 1, &factor);
  MlirValue operands[] = {value, mlirOperationGetResult(constant, 0)};
  return mlirOperationGetResult(
      tenon_insert_op(before, "arith.mulf", 1, &f32, 2, operands, 0, NULL), 0);
}

// math on f16 and bf16 is math on f32, rounded. Gives the operation on f32 that stands for |op|, which is
// destroyed. fma gives an f64 that can be rounded once more.
static MlirOperation replace_narrow(MlirOperation op) {
  MlirContext context = mlirOperationGetContext(op);
  MlirValue operands[3];
  MlirType results[2];
  intptr_t operand_count = mlirOperationGetNumOperands(op);
  intptr_t result_count = mlirOperationGetNumResults(op);
  bool is_fma = tenon_op_is(op, "math.fma");
  for (intptr_t i = 0; i < operand_count; ++i) {
    operands[i] = widen(op, mlirOperationGetOperand(op, i));
  }
  if (tenon_op_is(op, "math.isnormal") &&
      mlirTypeIsAF16(mlirValueGetType(mlirOperationGetOperand(op, 0)))) {
    operands[0] = scale_normal(op, operands[0]);
  }
  for (intptr_t i = 0; i < result_count; ++i) {
    results[i] = mlirValueGetType(mlirOperationGetResult(op, i));
    if (is_narrow_float(results[i])) {
      results[i] = is_fma ? mlirF64TypeGet(context) : mlirF32TypeGet(context);
    }
  }
  char name[NAME_CAPACITY];
  MlirStringRef op_name = tenon_op_name(op);
  snprintf(name, sizeof(name), "%.*s", (int)op_name.length, op_name.data);
  MlirOperation wide =
      is_fma ? insert_call(op, FMA_ODD, 1, results, operand_count, operands)
             : tenon_insert_op(op, name, result_count, results, operand_count, operands, 0, NULL);
  for (intptr_t i = 0; i < result_count; ++i) {
    MlirValue old = mlirOperationGetResult(op, i), result = mlirOperationGetResult(wide, i);
    MlirType type = mlirValueGetType(old);
    if (is_narrow_float(type)) result = convert(op, "arith.truncf", result, type);
    mlirValueReplaceAllUsesOfWith(old, result);
  }
  mlirOperationDestroy(op);
  return wide;
}

// The exponent of math.fpowi as i64.
static MlirValue widen_exponent(MlirOperation op, MlirValue exponent) {
  MlirType type = mlirValueGetType(exponent);
  MlirType i64 = mlirIntegerTypeGet(mlirOperationGetContext(op), 64);
  if (mlirTypeIsAIndex(type)) return convert(op, "arith.index_cast", exponent, i64);
  if (mlirIntegerTypeGetWidth(type) == 64) return exponent;
  return convert(op, "arith.extsi", exponent, i64);
}

// "__tenon_exp_f32"; of fpowi "__tenon_fpowi_f32_i64".
static void name_of_function(MlirOperation op, char name[NAME_CAPACITY]) {
  MlirStringRef op_name = tenon_op_name(op);
  tenon_text_t type = {0};
  mlirTypePrint(mlirValueGetType(mlirOperationGetOperand(op, 0)), tenon_text_callback, &type);
  size_t prefix = strlen("math.");
  snprintf(name, NAME_CAPACITY, TENON_LIBRARY_PREFIX "%.*s_%s%s", (int)(op_name.length - prefix),
           op_name.data + prefix, type.data, tenon_op_is(op, "math.fpowi") ? "_i64" : "");
  free(type.data);
}

static void replace_by_call(MlirOperation op, const char* name) {
  MlirValue operands[3];
  MlirType results[2];
  intptr_t operand_count = mlirOperationGetNumOperands(op);
  intptr_t result_count = mlirOperationGetNumResults(op);
  for (intptr_t i = 0; i < operand_count; ++i) operands[i] = mlirOperationGetOperand(op, i);
  for (intptr_t i = 0; i < result_count; ++i) {
    results[i] = mlirValueGetType(mlirOperationGetResult(op, i));
  }
  if (tenon_op_is(op, "math.fpowi")) operands[1] = widen_exponent(op, operands[1]);
  MlirOperation call = insert_call(op, name, result_count, results, operand_count, operands);
  tenon_replace_op(op, call, 0);
}

//===--------------------------------------------------------------------===//
// Linking
//===--------------------------------------------------------------------===//

// Appends the functions in |text| to the program's module.
static MlirLogicalResult append_functions(tenon_program_t* program, const tenon_text_t* text) {
  MlirModule library = tenon_parse_module(
      program->context, mlirStringRefCreate(text->data, text->length), tenon_str("math library"));
  if (mlirModuleIsNull(library)) return mlirLogicalResultFailure();
  tenon_move_ops(mlirModuleGetBody(library), mlirModuleGetBody(program->module));
  mlirModuleDestroy(library);
  return mlirLogicalResultSuccess();
}

// Adds the function |name| to |text| unless it is there, or in the program, already.
static MlirLogicalResult need_function(MlirOperation op, const char* name, MlirSymbolTable symbols,
                                       tenon_text_t* text) {
  char head[sizeof(HEAD) + NAME_CAPACITY + 1];
  snprintf(head, sizeof(head), HEAD "%s(", name);
  if (!mlirOperationIsNull(mlirSymbolTableLookup(symbols, tenon_str(name))) ||
      find(mlirStringRefCreate(text->data, text->length), head)) {
    return mlirLogicalResultSuccess();
  }
  MlirStringRef function = find_function(name), op_name = tenon_op_name(op);
  if (!function.data) {
    return tenon_error(op, "'%.*s' is not supported: the math library has no %s",
                       (int)op_name.length, op_name.data, name);
  }
  tenon_text_append(text, function.data, function.length);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult call_library(MlirOperation op, MlirSymbolTable symbols,
                                      tenon_text_t* text) {
  if (is_instruction(op)) return mlirLogicalResultSuccess();
  if (has_index(op)) op = replace_index(op);
  if (is_narrow_float(mlirValueGetType(mlirOperationGetOperand(op, 0)))) op = replace_narrow(op);
  if (is_instruction(op)) return mlirLogicalResultSuccess();
  if (!is_math(op)) return need_function(op, FMA_ODD, symbols, text);
  char name[NAME_CAPACITY];
  name_of_function(op, name);
  MlirLogicalResult result = need_function(op, name, symbols, text);
  if (mlirLogicalResultIsSuccess(result)) replace_by_call(op, name);
  return result;
}

static MlirLogicalResult link(tenon_program_t* program, bool (*wanted)(MlirOperation op)) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  tenon_op_list_t ops = tenon_collect_ops(module, wanted);
  MlirSymbolTable symbols = mlirSymbolTableCreate(module);
  tenon_text_t text = {0};
  MlirLogicalResult result = mlirLogicalResultSuccess();
  for (size_t i = 0; i < ops.count; ++i) {
    if (mlirLogicalResultIsFailure(call_library(ops.data[i], symbols, &text))) {
      result = mlirLogicalResultFailure();
    }
  }
  mlirSymbolTableDestroy(symbols);
  free(ops.data);
  if (text.data && mlirLogicalResultIsSuccess(result)) result = append_functions(program, &text);
  free(text.data);
  return result;
}

MlirLogicalResult tenon_link_math(tenon_program_t* program) { return link(program, is_host_math); }

//===--------------------------------------------------------------------===//
// Inlining
//===--------------------------------------------------------------------===//

static bool is_body_call(MlirOperation op) {
  return tenon_op_is(op, "func.call") && is_in_body(op);
}

static void map_value(tenon_map_t* copies, MlirValue value, MlirValue copy) {
  tenon_map_set(copies, value.ptr, (void*)(uintptr_t)copy.ptr);
}

static MlirValue copy_of(const tenon_map_t* copies, MlirValue value) {
  return (MlirValue){tenon_map_get(copies, value.ptr)};
}

static void copy_op(MlirOperation op, MlirOperation before, tenon_map_t* copies) {
  MlirOperation copy = mlirOperationClone(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    mlirOperationSetOperand(copy, i, copy_of(copies, mlirOperationGetOperand(op, i)));
  }
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(before), before, copy);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    map_value(copies, mlirOperationGetResult(op, i), mlirOperationGetResult(copy, i));
  }
}

// Puts the body of |function|, one block that ends with its return, in the place of |call|.
static void inline_call(MlirOperation call, MlirOperation function) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  tenon_map_t copies = {0};
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i) {
    map_value(&copies, mlirBlockGetArgument(block, i), mlirOperationGetOperand(call, i));
  }
  MlirOperation end = mlirBlockGetTerminator(block);
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationEqual(op, end);
       op = mlirOperationGetNextInBlock(op)) {
    copy_op(op, call, &copies);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(call); ++i) {
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(call, i),
                                  copy_of(&copies, mlirOperationGetOperand(end, i)));
  }
  mlirOperationDestroy(call);
  tenon_map_free(&copies);
}

// Puts the functions that bodies call by name into the program's module, those of `complex`.
static MlirLogicalResult append_called(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  tenon_op_list_t calls = tenon_collect_ops(module, is_body_call);
  tenon_text_t text = {0};
  for (size_t i = 0; i < calls.count; ++i) {
    MlirAttribute callee = mlirOperationGetAttributeByName(calls.data[i], tenon_str("callee"));
    MlirStringRef symbol = mlirFlatSymbolRefAttrGetValue(callee);
    char name[NAME_CAPACITY], head[sizeof(HEAD) + NAME_CAPACITY + 1];
    snprintf(name, sizeof(name), "%.*s", (int)symbol.length, symbol.data);
    snprintf(head, sizeof(head), HEAD "%s(", name);
    if (find(mlirStringRefCreate(text.data, text.length), head)) continue;
    MlirStringRef function = find_function(name);
    tenon_text_append(&text, function.data, function.length);
  }
  free(calls.data);
  MlirLogicalResult result =
      text.data ? append_functions(program, &text) : mlirLogicalResultSuccess();
  free(text.data);
  return result;
}

static void inline_calls(MlirOperation module) {
  tenon_op_list_t calls = tenon_collect_ops(module, is_body_call);
  if (calls.count == 0) return;
  MlirSymbolTable symbols = mlirSymbolTableCreate(module);
  for (size_t i = 0; i < calls.count; ++i) {
    MlirAttribute callee = mlirOperationGetAttributeByName(calls.data[i], tenon_str("callee"));
    inline_call(calls.data[i],
                mlirSymbolTableLookup(symbols, mlirFlatSymbolRefAttrGetValue(callee)));
  }
  mlirSymbolTableDestroy(symbols);
  free(calls.data);
}

MlirLogicalResult tenon_inline_math(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  // The functions of `complex` use `math`.
  if (mlirLogicalResultIsFailure(append_called(program))) return mlirLogicalResultFailure();
  inline_calls(module);
  if (mlirLogicalResultIsFailure(link(program, is_body_math))) return mlirLogicalResultFailure();
  inline_calls(module);
  return mlirLogicalResultSuccess();
}
