// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The util dialect, and what an import's vm.fallback becomes.

#include "compiler/dialects/dialects.h"
#include "compiler/emit/lower.h"
#include "iree/base/status.h"

static uint32_t source_of(tenon_lowering_t* lowering, MlirOperation op) {
  return tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s", "");
}

//===----------------------------------------------------------------------===//
// One operation, one instruction
//===----------------------------------------------------------------------===//

// The instruction, or the first of several of which a type picks one.
typedef enum pick_e {
  PICK_ONE,         // there is just one
  PICK_BY_STORAGE,  // for i8 (and i1), i16, i32, i64 (and index), f32, f64
  PICK_BY_CLASS,    // for registers of i32, i64, f32, f64, refs
} pick_t;

enum { RESULT = -1 };

typedef struct rule_t {
  const char* name;
  tenon_op_t instruction;
  const char* operands;  // the numbers of the operation's, in the order of the instruction's
  pick_t pick;
  int typed;  // the operand, or RESULT, whose type picks
} rule_t;

// Sizes of buffers that the program states are not read: the instructions know the true ones.
static const rule_t rules[] = {
    {"util.cmp.eq", TENON_OP_CMP_EQ_REF, "01", PICK_ONE, 0},
    {"util.buffer.alloc", TENON_OP_BUFFER_ALLOC, "0", PICK_ONE, 0},
    {"util.buffer.slice", TENON_OP_BUFFER_CLONE, "023", PICK_ONE, 0},
    {"util.buffer.size", TENON_OP_BUFFER_LENGTH, "0", PICK_ONE, 0},
    {"util.buffer.compare", TENON_OP_BUFFER_COMPARE, "02356", PICK_ONE, 0},
    {"util.buffer.copy", TENON_OP_BUFFER_COPY, "02356", PICK_ONE, 0},
    {"util.buffer.load", TENON_OP_BUFFER_LOAD_I8, "02", PICK_BY_STORAGE, RESULT},
    {"util.buffer.store", TENON_OP_BUFFER_STORE_I8, "130", PICK_BY_STORAGE, 0},
    {"util.list.size", TENON_OP_LIST_SIZE, "0", PICK_ONE, 0},
    {"util.list.resize", TENON_OP_LIST_RESIZE, "01", PICK_ONE, 0},
    {"util.list.get", TENON_OP_LIST_GET_I32, "01", PICK_BY_CLASS, RESULT},
    {"util.list.set", TENON_OP_LIST_SET_I32, "012", PICK_BY_CLASS, 2},
};

static int storage_of(tenon_kind_t kind) {
  if (kind.register_class == TENON_CLASS_F32) return 4;
  if (kind.register_class == TENON_CLASS_F64) return 5;
  return kind.width == 64 ? 3 : kind.width == 32 ? 2 : kind.width == 16 ? 1 : 0;
}

static tenon_op_t pick(const rule_t* rule, MlirValue typed) {
  if (rule->pick == PICK_ONE) return rule->instruction;
  tenon_kind_t kind = tenon_lower_kind(typed);
  int offset = rule->pick == PICK_BY_CLASS ? (int)kind.register_class : storage_of(kind);
  return (tenon_op_t)((int)rule->instruction + offset);
}

// What was read, in the form of its type: of a byte that is an i1 all but 0 is true, and a list of any
// values may hold more bits than were asked for.
static tenon_var_t as_read(tenon_lowering_t* lowering, MlirOperation op, tenon_op_t instruction,
                           tenon_var_t var) {
  tenon_kind_t kind = tenon_lower_kind(mlirOperationGetResult(op, 0));
  if (instruction == TENON_OP_BUFFER_LOAD_I8 && kind.width == 1) {
    return TENON_MAKE(lowering, TENON_OP_CMP_NE_I32, var, tenon_lower_i32(lowering, 0));
  }
  return instruction == TENON_OP_LIST_GET_I32 ? tenon_lower_narrow(lowering, var, kind.width) : var;
}

static void lower_by_rule(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule) {
  bool has_result = mlirOperationGetNumResults(op) > 0;
  tenon_op_t instruction =
      pick(rule, rule->typed == RESULT ? mlirOperationGetResult(op, 0)
                                       : mlirOperationGetOperand(op, rule->typed));
  uint64_t values[TENON_MAX_OPERANDS];
  size_t count = 0;
  for (const char* number = rule->operands; *number; ++number) {
    values[count++] = tenon_lower_operand(lowering, op, *number - '0');
  }
  if (instruction == TENON_OP_LIST_GET_REF) {
    values[count++] =
        tenon_emitter_type(lowering->emitter, mlirValueGetType(mlirOperationGetResult(op, 0)));
  }
  uint32_t source = source_of(lowering, op);
  if (has_result) {
    tenon_var_t var = tenon_lower_make(lowering, source, instruction, values, count);
    tenon_lower_bind(lowering, op, 0, as_read(lowering, op, instruction, var));
  } else {
    tenon_lower_append(lowering, source, instruction, values, count);
  }
}

//===----------------------------------------------------------------------===//
// The others
//===----------------------------------------------------------------------===//

static MlirLogicalResult lower_buffer_constant(tenon_lowering_t* lowering, MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  MlirStringRef bytes;
  if (mlirAttributeIsAString(value)) {
    bytes = mlirStringAttrGetValue(value);
  } else {
    const uint8_t* data = NULL;
    size_t length = 0;
    if (!tenon_constant_bytes(&lowering->emitter->arena, value, &data, &length)) {
      return tenon_error(op, "'util.buffer.constant': the elements are not supported");
    }
    bytes = mlirStringRefCreate((const char*)data, length);
  }
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "making a buffer");
  tenon_lower_bind(lowering, op, 0,
                   TENON_MAKE_AT(lowering, source, TENON_OP_RODATA,
                                 tenon_emitter_text(lowering->emitter, bytes)));
  return mlirLogicalResultSuccess();
}

// The pattern is given as an integer of its size.
static MlirLogicalResult lower_buffer_fill(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t pattern = tenon_lower_operand(lowering, op, 0);
  int storage = storage_of(tenon_lower_kind(mlirOperationGetOperand(op, 0)));
  if (storage >= 4) {
    bool is_f32 = storage == 4;
    storage = is_f32 ? 2 : 3;
    pattern = TENON_MAKE(lowering, is_f32 ? TENON_OP_BITS_F32_I32 : TENON_OP_BITS_F64_I64, pattern);
  }
  TENON_LOWER(lowering, source_of(lowering, op), (tenon_op_t)(TENON_OP_BUFFER_FILL_I8 + storage),
              tenon_lower_operand(lowering, op, 1), tenon_lower_operand(lowering, op, 3),
              tenon_lower_operand(lowering, op, 4), pattern);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_list_create(tenon_lowering_t* lowering, MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  tenon_var_t capacity = mlirOperationGetNumOperands(op) > 0 ? tenon_lower_operand(lowering, op, 0)
                                                             : tenon_lower_i64(lowering, 0);
  tenon_lower_bind(
      lowering, op, 0,
      TENON_MAKE_AT(lowering, source_of(lowering, op), TENON_OP_LIST_ALLOC,
                    tenon_emitter_type(lowering->emitter, tenon_list_element_type(type)),
                    capacity));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_null(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_lower_bind(lowering, op, 0, tenon_lower_null(lowering));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_cmp_ne(tenon_lowering_t* lowering, MlirOperation op) {
  tenon_var_t equal =
      TENON_MAKE(lowering, TENON_OP_CMP_EQ_REF, tenon_lower_operand(lowering, op, 0),
                 tenon_lower_operand(lowering, op, 1));
  tenon_lower_bind(lowering, op, 0,
                   TENON_MAKE(lowering, TENON_OP_XOR_I32, equal, tenon_lower_i32(lowering, 1)));
  return mlirLogicalResultSuccess();
}

// An object may turn out to be of another type; all else is known. (Lists know their element types
// themselves.)
static MlirLogicalResult lower_cast(tenon_lowering_t* lowering, MlirOperation op) {
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  tenon_var_t var = tenon_lower_operand(lowering, op, 0);
  if (tenon_type_is_object(from) && !tenon_type_is_object(to)) {
    var = TENON_MAKE_AT(lowering, source_of(lowering, op), TENON_OP_CAST_REF, var,
                        tenon_emitter_type(lowering->emitter, to));
  }
  tenon_lower_bind(lowering, op, 0, var);
  return mlirLogicalResultSuccess();
}

// Nothing is optimised from here on.
static MlirLogicalResult lower_barrier(tenon_lowering_t* lowering, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    tenon_lower_bind(lowering, op, i, tenon_lower_operand(lowering, op, i));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_unreachable(tenon_lowering_t* lowering, MlirOperation op) {
  MlirAttribute message = mlirOperationGetAttributeByName(op, tenon_str("message"));
  MlirStringRef text = mlirAttributeIsNull(message) ? tenon_str("util.unreachable was reached")
                                                    : mlirStringAttrGetValue(message);
  TENON_LOWER(lowering, source_of(lowering, op), TENON_OP_FAIL, IREE_STATUS_UNKNOWN,
              tenon_writer_string(lowering->emitter->writer, text.data, text.length));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_import_exists(tenon_lowering_t* lowering, MlirOperation op) {
  const tenon_callee_t* callee = tenon_emitter_find(
      lowering->emitter, mlirOperationGetAttributeByName(op, tenon_str("callee")));
  if (!callee || !callee->is_import) return tenon_error(op, "the import does not exist");
  tenon_lower_bind(lowering, op, 0, TENON_MAKE(lowering, TENON_OP_IMPORT_EXISTS, callee->index));
  return mlirLogicalResultSuccess();
}

tenon_lower_result_t tenon_lower_util(tenon_lowering_t* lowering, MlirOperation op) {
  static const tenon_lower_entry_t operations[] = {
      {"util.buffer.constant", lower_buffer_constant},
      {"util.buffer.fill", lower_buffer_fill},
      {"util.list.create", lower_list_create},
      {"util.null", lower_null},
      {"util.cmp.ne", lower_cmp_ne},
      {"util.cast", lower_cast},
      {"util.optimization_barrier", lower_barrier},
      {"util.unreachable", lower_unreachable},
      {"tenon.import_exists", lower_import_exists},
  };
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); ++i) {
    if (!tenon_op_is(op, rules[i].name)) continue;
    lower_by_rule(lowering, op, &rules[i]);
    return TENON_LOWER_DONE;
  }
  return tenon_lower_listed(lowering, op, operations, sizeof(operations) / sizeof(operations[0]));
}
