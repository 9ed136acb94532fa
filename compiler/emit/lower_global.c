// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Globals, and the turns of those who touch them.

#include <string.h>

#include "compiler/dialects/dialects.h"
#include "compiler/emit/lower.h"

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

static const tenon_op_t load_ops[] = {[TENON_CLASS_I32] = TENON_OP_GLOBAL_LOAD_I32,
                                      [TENON_CLASS_I64] = TENON_OP_GLOBAL_LOAD_I64,
                                      [TENON_CLASS_F32] = TENON_OP_GLOBAL_LOAD_F32,
                                      [TENON_CLASS_F64] = TENON_OP_GLOBAL_LOAD_F64,
                                      [TENON_CLASS_REF] = TENON_OP_GLOBAL_LOAD_REF};
static const tenon_op_t store_ops[] = {[TENON_CLASS_I32] = TENON_OP_GLOBAL_STORE_I32,
                                       [TENON_CLASS_I64] = TENON_OP_GLOBAL_STORE_I64,
                                       [TENON_CLASS_F32] = TENON_OP_GLOBAL_STORE_F32,
                                       [TENON_CLASS_F64] = TENON_OP_GLOBAL_STORE_F64,
                                       [TENON_CLASS_REF] = TENON_OP_GLOBAL_STORE_REF};

// The global that |op| names, which gets its place at its first use: what nobody uses has none.
static const tenon_global_t* find_global(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_emitter_t* emitter = lowering->emitter;
  MlirAttribute symbol = mlirOperationGetAttributeByName(op, tenon_str("global"));
  MlirOperation global =
      mlirSymbolTableLookup(emitter->symbols, mlirFlatSymbolRefAttrGetValue(symbol));
  size_t position = (size_t)tenon_map_get(&emitter->global_positions, global.ptr);
  if (position) return &emitter->globals.data[position - 1];
  tenon_global_t added = {.op = global};
  tenon_kind_of(mlirTypeAttrGetValue(mlirOperationGetAttributeByName(global, tenon_str("type"))),
                &added.kind);
  added.index = added.kind.register_class == TENON_CLASS_REF
                    ? tenon_writer_add_ref_global(emitter->writer)
                    : tenon_writer_add_value_global(emitter->writer);
  TENON_APPEND(&emitter->globals, added);
  tenon_map_set(&emitter->global_positions, global.ptr, (void*)emitter->globals.count);
  return &emitter->globals.data[emitter->globals.count - 1];
}

static MlirLogicalResult lower_load(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_global_t* global = find_global(lowering, op);
  tenon_lower_bind(lowering, op, 0,
                   TENON_MAKE(lowering, load_ops[global->kind.register_class], global->index));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_store(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_global_t* global = find_global(lowering, op);
  TENON_LOWER(lowering, 0, store_ops[global->kind.register_class],
              tenon_lower_operand(lowering, op, 0), global->index);
  return mlirLogicalResultSuccess();
}

// The bits of a number, whose attribute has |kind|.
static uint64_t bits_of(MlirAttribute value, tenon_kind_t kind) {
  uint64_t bits = 0;
  if (kind.register_class == TENON_CLASS_F64) {
    double number = mlirFloatAttrGetValueDouble(value);
    memcpy(&bits, &number, sizeof(number));
  } else if (kind.register_class == TENON_CLASS_F32) {
    float number = (float)mlirFloatAttrGetValueDouble(value);
    memcpy(&bits, &number, sizeof(number));
  } else if (kind.register_class == TENON_CLASS_I64) {
    bits = (uint64_t)mlirIntegerAttrGetValueInt(value);
  } else {
    // i1 is 0 or 1, others are extended by their signs.
    int64_t number = mlirIntegerAttrGetValueInt(value);
    bits = (uint32_t)(kind.width == 1 ? number & 1 : number);
  }
  return bits;
}

void tenon_emitter_init_globals(tenon_emitter_t* emitter, tenon_assembler_t* as) {
  static const tenon_op_t constant_ops[] = {[TENON_CLASS_I32] = TENON_OP_CONST_I32,
                                            [TENON_CLASS_I64] = TENON_OP_CONST_I64,
                                            [TENON_CLASS_F32] = TENON_OP_CONST_F32,
                                            [TENON_CLASS_F64] = TENON_OP_CONST_F64};
  for (size_t i = 0; i < emitter->globals.count; ++i) {
    const tenon_global_t* global = &emitter->globals.data[i];
    MlirAttribute value = mlirOperationGetAttributeByName(global->op, tenon_str("initial_value"));
    tenon_register_class_t register_class = global->kind.register_class;
    uint64_t bits = mlirAttributeIsNull(value) ? 0 : bits_of(value, global->kind);
    if (bits == 0) continue;  // as they begin
    tenon_register_t number = tenon_register(register_class, 0);
    TENON_EMIT(as, constant_ops[register_class], number, bits);
    TENON_EMIT(as, store_ops[register_class], number, global->index);
  }
}

//===----------------------------------------------------------------------===//
// Turns
//===----------------------------------------------------------------------===//

static uint32_t turn_source(tenon_lowering_t* lowering, MlirOperation op) {
  return tenon_lower_source(lowering, mlirOperationGetLocation(op), "waiting for its turn");
}

static MlirLogicalResult lower_turn_begin(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_lower_append(lowering, turn_source(lowering, op), TENON_OP_TURN_BEGIN, NULL, 0);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_turn_take(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t turn = tenon_code_new_var(&lowering->code, TENON_CLASS_REF);
  tenon_var_t point = tenon_code_new_var(&lowering->code, TENON_CLASS_REF);
  TENON_LOWER(lowering, turn_source(lowering, op), TENON_OP_TURN_TAKE, turn, point);
  tenon_lower_bind(lowering, op, 0, turn);
  tenon_lower_bind(lowering, op, 1, point);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_turn_enter(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_call_t call;
  tenon_lower_hal_begin(lowering, TENON_HAL_FENCE_AWAIT, &call);
  tenon_call_argument(&call, tenon_lower_operand(lowering, op, 1));
  uint32_t source = turn_source(lowering, op);
  tenon_call_end(lowering, &call, source, TENON_OP_CALL_IMPORT);
  TENON_LOWER(lowering, source, TENON_OP_TURN_ENTER, tenon_lower_operand(lowering, op, 0));
  return mlirLogicalResultSuccess();
}

tenon_lower_result_t tenon_lower_global(tenon_lowering_t* lowering, MlirOperation op) {
  static const tenon_lower_entry_t operations[] = {
      {"util.global.load", lower_load},       {"util.global.store", lower_store},
      {"tenon.turn_begin", lower_turn_begin}, {"tenon.turn_take", lower_turn_take},
      {"tenon.turn_enter", lower_turn_enter},
  };
  return tenon_lower_listed(lowering, op, operations, sizeof(operations) / sizeof(operations[0]));
}
