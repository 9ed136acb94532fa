// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/emit/lower.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/support/cfg.h"
#include "format/op_info.h"

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

tenon_var_t tenon_lower_var(const tenon_lowering_t* lowering, MlirValue value) {
  return (tenon_var_t)((uintptr_t)tenon_map_get(&lowering->values, value.ptr) - 1);
}

tenon_var_t tenon_lower_operand(const tenon_lowering_t* lowering, MlirOperation op,
                                intptr_t index) {
  return tenon_lower_var(lowering, mlirOperationGetOperand(op, index));
}

static void bind(tenon_lowering_t* lowering, MlirValue value, tenon_var_t var) {
  tenon_map_set(&lowering->values, value.ptr, (void*)((uintptr_t)var + 1));
}

void tenon_lower_bind(tenon_lowering_t* lowering, MlirOperation op, intptr_t result,
                      tenon_var_t var) {
  bind(lowering, mlirOperationGetResult(op, result), var);
}

tenon_kind_t tenon_lower_kind(MlirValue value) {
  tenon_kind_t kind;
  tenon_kind_of(mlirValueGetType(value), &kind);
  return kind;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

uint32_t tenon_lower_source(tenon_lowering_t* lowering, MlirLocation location, const char* format,
                            ...) {
  char context[512];
  va_list args;
  va_start(args, format);
  vsnprintf(context, sizeof(context), format, args);
  va_end(args);
  tenon_writer_t* writer = lowering->emitter->writer;
  tenon_source_t source = {.context = tenon_writer_cstring(writer, context)};
  tenon_position_t position;
  if (tenon_resolve_location(location, &position)) {
    source.file = tenon_writer_string(writer, position.file.data, position.file.length);
    source.line = (uint32_t)position.line;
    source.column = (uint32_t)position.column;
  } else if (!context[0]) {
    return 0;
  }
  TENON_APPEND(&lowering->code.sources, source);
  return (uint32_t)(lowering->code.sources.count - 1);
}

static void append(tenon_lowering_t* lowering, uint32_t source, tenon_instruction_t instruction) {
  instruction.source = source;
  TENON_APPEND(&lowering->code.blocks.data[lowering->block], instruction);
}

void tenon_lower_append(tenon_lowering_t* lowering, uint32_t source, tenon_op_t op,
                        const uint64_t* values, size_t count) {
  append(lowering, source, tenon_code_make(&lowering->code, op, values, count));
}

static tenon_register_class_t class_of_letter(char letter) {
  switch (letter) {
    case 'I':
      return TENON_CLASS_I32;
    case 'L':
      return TENON_CLASS_I64;
    case 'F':
      return TENON_CLASS_F32;
    case 'D':
      return TENON_CLASS_F64;
    default:
      return TENON_CLASS_REF;
  }
}

tenon_var_t tenon_lower_make(tenon_lowering_t* lowering, uint32_t source, tenon_op_t op,
                             const uint64_t* values, size_t count) {
  tenon_var_t var = tenon_code_new_var(&lowering->code, class_of_letter(tenon_op_operands[op][0]));
  uint64_t all[TENON_MAX_OPERANDS] = {var};
  for (size_t i = 0; i < count; ++i) all[i + 1] = values[i];
  tenon_lower_append(lowering, source, op, all, count + 1);
  return var;
}

// How far back to look for a constant that is there already.
#define KNOWN_WINDOW 64

tenon_var_t tenon_lower_known(tenon_lowering_t* lowering, tenon_op_t op, uint64_t bits) {
  size_t count = lowering->known.count;
  size_t first = count > KNOWN_WINDOW ? count - KNOWN_WINDOW : 0;
  for (size_t i = count; i-- > first;) {
    const tenon_known_t* known = &lowering->known.data[i];
    if (known->op == op && known->bits == bits) return known->var;
  }
  tenon_var_t var = tenon_lower_make(lowering, 0, op, &bits, tenon_op_operands[op][1] ? 1 : 0);
  TENON_APPEND(&lowering->known, ((tenon_known_t){op, bits, var}));
  return var;
}

tenon_var_t tenon_lower_null(tenon_lowering_t* lowering) {
  return tenon_lower_known(lowering, TENON_OP_NULL_REF, 0);
}

bool tenon_lower_is_null(const tenon_lowering_t* lowering, tenon_var_t var) {
  for (size_t i = 0; i < lowering->known.count; ++i) {
    const tenon_known_t* known = &lowering->known.data[i];
    if (known->op == TENON_OP_NULL_REF && known->var == var) return true;
  }
  return false;
}

tenon_var_t tenon_lower_i32(tenon_lowering_t* lowering, int32_t value) {
  return tenon_lower_known(lowering, TENON_OP_CONST_I32, (uint32_t)value);
}

tenon_var_t tenon_lower_i64(tenon_lowering_t* lowering, int64_t value) {
  return tenon_lower_known(lowering, TENON_OP_CONST_I64, (uint64_t)value);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static void call_append(tenon_call_t* call, tenon_operand_kind_t kind, uint64_t value) {
  TENON_APPEND(call, ((tenon_operand_t){kind, false, value}));
}

void tenon_call_begin(tenon_call_t* call, uint32_t callee) {
  *call = (tenon_call_t){0};
  call_append(call, TENON_OPERAND_VALUE, callee);
}

void tenon_call_argument(tenon_call_t* call, tenon_var_t var) {
  call_append(call, TENON_OPERAND_USE, var);
}

void tenon_call_span(tenon_call_t* call, size_t tuple_count) {
  call_append(call, TENON_OPERAND_SPAN, tuple_count);
}

tenon_var_t tenon_call_result(tenon_lowering_t* lowering, tenon_call_t* call,
                              tenon_register_class_t register_class) {
  tenon_var_t var = tenon_code_new_var(&lowering->code, register_class);
  call_append(call, TENON_OPERAND_DEF, var);
  return var;
}

void tenon_call_end(tenon_lowering_t* lowering, tenon_call_t* call, uint32_t source,
                    tenon_op_t op) {
  append(lowering, source, tenon_code_make_list(&lowering->code, op, call->data, call->count));
  free(call->data);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

static MlirLogicalResult check_value(MlirOperation op, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  tenon_kind_t kind;
  if (tenon_kind_of(type, &kind)) return mlirLogicalResultSuccess();
  tenon_text_t text = {0};
  mlirTypePrint(type, tenon_text_callback, &text);
  MlirStringRef name = tenon_op_name(op);
  tenon_error(op, "'%.*s' on a value of type %s is not supported outside of a dispatch",
              (int)name.length, name.data, text.data);
  free(text.data);
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_values(MlirOperation op) {
  intptr_t operand_count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; i < operand_count + mlirOperationGetNumResults(op); ++i) {
    MlirValue value = i < operand_count ? mlirOperationGetOperand(op, i)
                                        : mlirOperationGetResult(op, i - operand_count);
    MlirLogicalResult status = check_value(op, value);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

tenon_lower_result_t tenon_lower_listed(tenon_lowering_t* lowering, MlirOperation op,
                                        const tenon_lower_entry_t* entries, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!tenon_op_is(op, entries[i].name)) continue;
    MlirLogicalResult status = entries[i].lower(lowering, op);
    return mlirLogicalResultIsSuccess(status) ? TENON_LOWER_DONE : TENON_LOWER_FAILED;
  }
  return TENON_LOWER_UNKNOWN;
}

static MlirLogicalResult lower_op(tenon_lowering_t* lowering, MlirOperation op) {
  static tenon_lower_result_t (*const parts[])(tenon_lowering_t*, MlirOperation) = {
      tenon_lower_hal,   tenon_lower_timeline,   tenon_lower_control, tenon_lower_integer,
      tenon_lower_float, tenon_lower_conversion, tenon_lower_util,    tenon_lower_global,
  };
  MlirLogicalResult status = check_values(op);
  if (mlirLogicalResultIsFailure(status)) return status;
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); ++i) {
    tenon_lower_result_t result = parts[i](lowering, op);
    if (result == TENON_LOWER_DONE) return mlirLogicalResultSuccess();
    if (result == TENON_LOWER_FAILED) return mlirLogicalResultFailure();
  }
  MlirStringRef name = tenon_op_name(op);
  return tenon_error(op, "'%.*s' is not supported outside of a dispatch", (int)name.length,
                     name.data);
}

// Others call an export with what they like.
static void receive_arguments(tenon_lowering_t* lowering, MlirBlock block) {
  if (!lowering->function->is_export) return;
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(argument))) continue;
    if (mlirOpOperandIsNull(mlirValueGetFirstUse(argument))) continue;
    tenon_var_t var = tenon_lower_var(lowering, argument);
    bind(lowering, argument, tenon_lower_foreign(lowering, var, tenon_lower_kind(argument)));
  }
}

static MlirLogicalResult lower_block(tenon_lowering_t* lowering, MlirBlock block) {
  lowering->block =
      (tenon_code_block_t)((uintptr_t)tenon_map_get(&lowering->blocks, block.ptr) - 1);
  TENON_APPEND(&lowering->code.order, lowering->block);
  lowering->known.count = lowering->entry_known_count;
  if (lowering->code.order.count == 1) receive_arguments(lowering, block);
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    MlirLogicalResult status = lower_op(lowering, op);
    if (mlirLogicalResultIsFailure(status)) return status;
  }
  return mlirLogicalResultSuccess();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static MlirLogicalResult add_arguments(tenon_lowering_t* lowering, MlirBlock block) {
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    if (tenon_is_erased(lowering->emitter, mlirValueGetType(argument))) continue;
    MlirLogicalResult status = check_value(lowering->function->op, argument);
    if (mlirLogicalResultIsFailure(status)) return status;
    bind(lowering, argument,
         tenon_code_new_var(&lowering->code, tenon_lower_kind(argument).register_class));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_blocks(tenon_lowering_t* lowering,
                                      const tenon_block_list_t* blocks) {
  TENON_APPEND(&lowering->code.sources, ((tenon_source_t){0}));  // nowhere
  for (size_t i = 0; i < blocks->count; ++i) {
    tenon_code_block_t block = tenon_code_new_block(&lowering->code);
    tenon_map_set(&lowering->blocks, blocks->data[i].ptr, (void*)((uintptr_t)block + 1));
    MlirLogicalResult status = add_arguments(lowering, blocks->data[i]);
    if (mlirLogicalResultIsFailure(status)) return status;
    if (i == 0) lowering->code.argument_count = lowering->code.variables.count;
  }
  for (size_t i = 0; i < blocks->count; ++i) {
    MlirLogicalResult status = lower_block(lowering, blocks->data[i]);
    if (mlirLogicalResultIsFailure(status)) return status;
    if (i == 0) lowering->entry_known_count = lowering->known.count;
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult finish(tenon_lowering_t* lowering) {
  const tenon_callee_t* function = lowering->function;
  tenon_code_coalesce(&lowering->code);
  tenon_code_release_refs(&lowering->code);
  tenon_registers_t registers;
  bool fits = tenon_registers_assign(&lowering->code, &registers);
  if (fits) {
    tenon_code_thread_jumps(&lowering->code, &registers);
    tenon_code_fuse(&lowering->code, &registers);
    tenon_code_encode(&lowering->code, &registers, lowering->emitter->writer, function->index);
  }
  free(registers.of);
  if (fits) return mlirLogicalResultSuccess();
  return tenon_error(function->op,
                     "function '%.*s' needs more than 32767 values at a time; split it into "
                     "several functions",
                     (int)function->name.length, function->name.data);
}

MlirLogicalResult tenon_emit_function(tenon_emitter_t* emitter, const tenon_callee_t* function) {
  tenon_lowering_t lowering = {.emitter = emitter, .function = function};
  tenon_block_list_t blocks = tenon_reverse_postorder(mlirOperationGetFirstRegion(function->op));
  MlirLogicalResult status = lower_blocks(&lowering, &blocks);
  if (mlirLogicalResultIsSuccess(status)) status = finish(&lowering);
  free(blocks.data);
  free(lowering.known.data);
  tenon_map_free(&lowering.values);
  tenon_map_free(&lowering.blocks);
  tenon_code_free(&lowering.code);
  return status;
}
