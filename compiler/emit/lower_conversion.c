// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// arith's constants, selections, and conversions between types.

#include "compiler/emit/lower.h"

static bool is_f64(tenon_kind_t kind) { return kind.register_class == TENON_CLASS_F64; }
static bool is_i64(tenon_kind_t kind) { return kind.register_class == TENON_CLASS_I64; }

typedef struct conversion_t {
  tenon_kind_t from, to;  // of the first operand and the result
  tenon_var_t var;        // the first operand
} conversion_t;

//===----------------------------------------------------------------------===//
// Integers to integers
//===----------------------------------------------------------------------===//

static tenon_var_t lower_extsi(tenon_lowering_t* lowering, const conversion_t* c) {
  return tenon_lower_sign_extend(lowering, c->var, c->from.width, c->to.width);
}

static tenon_var_t lower_extui(tenon_lowering_t* lowering, const conversion_t* c) {
  return tenon_lower_zero_extend(lowering, c->var, c->from.width, c->to.width);
}

static tenon_var_t lower_trunci(tenon_lowering_t* lowering, const conversion_t* c) {
  return tenon_lower_truncate(lowering, c->var, c->from.width, c->to.width);
}

static tenon_var_t lower_index_cast(tenon_lowering_t* lowering, const conversion_t* c) {
  return is_i64(c->from) ? lower_trunci(lowering, c) : lower_extsi(lowering, c);
}

static tenon_var_t lower_index_castui(tenon_lowering_t* lowering, const conversion_t* c) {
  return is_i64(c->from) ? lower_trunci(lowering, c) : lower_extui(lowering, c);
}

//===----------------------------------------------------------------------===//
// Integers and floats
//===----------------------------------------------------------------------===//

// What f32 doesn't hold is infinite in f16, but bf16 would be rounded twice.
static tenon_var_t bf16_of_integer(tenon_lowering_t* lowering, tenon_var_t var, tenon_op_t op,
                                   bool is_wide) {
  if (is_wide) var = tenon_lower_i64_to_odd(lowering, var);
  return tenon_lower_f64_to_odd_f32(lowering, TENON_MAKE(lowering, op, var));
}

static tenon_var_t lower_sitofp(tenon_lowering_t* lowering, const conversion_t* c) {
  bool to_bf16 = c->to.narrow == TENON_NARROW_BF16;
  if (to_bf16 && is_i64(c->from))
    return bf16_of_integer(lowering, c->var, TENON_OP_CVT_S64_F64, true);
  if (is_i64(c->from)) {
    return TENON_MAKE(lowering, is_f64(c->to) ? TENON_OP_CVT_S64_F64 : TENON_OP_CVT_S64_F32,
                      c->var);
  }
  tenon_var_t var = tenon_lower_sign_extend(lowering, c->var, c->from.width, 32);
  if (to_bf16 && c->from.width == 32)
    return bf16_of_integer(lowering, var, TENON_OP_CVT_S32_F64, false);
  return TENON_MAKE(lowering, is_f64(c->to) ? TENON_OP_CVT_S32_F64 : TENON_OP_CVT_S32_F32, var);
}

static tenon_var_t lower_uitofp(tenon_lowering_t* lowering, const conversion_t* c) {
  bool to_bf16 = c->to.narrow == TENON_NARROW_BF16;
  if (to_bf16 && is_i64(c->from))
    return bf16_of_integer(lowering, c->var, TENON_OP_CVT_U64_F64, true);
  if (is_i64(c->from)) {
    return TENON_MAKE(lowering, is_f64(c->to) ? TENON_OP_CVT_U64_F64 : TENON_OP_CVT_U64_F32,
                      c->var);
  }
  tenon_var_t var = tenon_lower_zero_extend(lowering, c->var, c->from.width, 32);
  if (to_bf16 && c->from.width == 32)
    return bf16_of_integer(lowering, var, TENON_OP_CVT_U32_F64, false);
  return TENON_MAKE(lowering, is_f64(c->to) ? TENON_OP_CVT_U32_F64 : TENON_OP_CVT_U32_F32, var);
}

static tenon_var_t choose(tenon_lowering_t* lowering, tenon_op_t comparison, tenon_var_t a,
                          tenon_var_t b, tenon_var_t if_true, tenon_var_t if_false) {
  tenon_var_t condition = TENON_MAKE(lowering, comparison, a, b);
  return TENON_MAKE(lowering, TENON_OP_SELECT_I32, condition, if_true, if_false);
}

// Saturates, as dispatches do; the instruction saturates at 32 bits.
static tenon_var_t lower_fptosi(tenon_lowering_t* lowering, const conversion_t* c) {
  bool from_f64 = is_f64(c->from);
  if (is_i64(c->to)) {
    return TENON_MAKE(lowering, from_f64 ? TENON_OP_CVT_F64_S64 : TENON_OP_CVT_F32_S64, c->var);
  }
  tenon_var_t var =
      TENON_MAKE(lowering, from_f64 ? TENON_OP_CVT_F64_S32 : TENON_OP_CVT_F32_S32, c->var);
  if (c->to.width == 32) return var;
  int32_t limit = 1 << (c->to.width - 1);
  tenon_var_t low = tenon_lower_i32(lowering, -limit);
  tenon_var_t high = tenon_lower_i32(lowering, limit - 1);
  var = choose(lowering, TENON_OP_CMP_SLT_I32, var, low, low, var);
  var = choose(lowering, TENON_OP_CMP_SLT_I32, high, var, high, var);
  return tenon_lower_narrow(lowering, var, c->to.width);
}

static tenon_var_t lower_fptoui(tenon_lowering_t* lowering, const conversion_t* c) {
  bool from_f64 = is_f64(c->from);
  if (is_i64(c->to)) {
    return TENON_MAKE(lowering, from_f64 ? TENON_OP_CVT_F64_U64 : TENON_OP_CVT_F32_U64, c->var);
  }
  tenon_var_t var =
      TENON_MAKE(lowering, from_f64 ? TENON_OP_CVT_F64_U32 : TENON_OP_CVT_F32_U32, c->var);
  if (c->to.width == 32) return var;
  tenon_var_t high = tenon_lower_i32(lowering, (1 << c->to.width) - 1);
  var = choose(lowering, TENON_OP_CMP_ULT_I32, high, var, high, var);
  return tenon_lower_narrow(lowering, var, c->to.width);
}

static tenon_var_t lower_extf(tenon_lowering_t* lowering, const conversion_t* c) {
  return is_f64(c->to) ? TENON_MAKE(lowering, TENON_OP_EXT_F32_F64, c->var) : c->var;
}

static tenon_var_t lower_truncf(tenon_lowering_t* lowering, const conversion_t* c) {
  if (!is_f64(c->from)) return c->var;
  if (c->to.narrow) return tenon_lower_f64_to_odd_f32(lowering, c->var);
  return TENON_MAKE(lowering, TENON_OP_TRUNC_F64_F32, c->var);
}

static tenon_var_t lower_bitcast(tenon_lowering_t* lowering, const conversion_t* c) {
  if (c->from.narrow || c->to.narrow) {
    tenon_var_t bits = c->from.narrow ? tenon_lower_narrow_bits(lowering, c->var, c->from) : c->var;
    return c->to.narrow ? tenon_lower_of_narrow_bits(lowering, bits, c->to) : bits;
  }
  if (c->from.register_class == c->to.register_class) return c->var;
  static const tenon_op_t ops[] = {
      [TENON_CLASS_I32] = TENON_OP_BITS_I32_F32,
      [TENON_CLASS_I64] = TENON_OP_BITS_I64_F64,
      [TENON_CLASS_F32] = TENON_OP_BITS_F32_I32,
      [TENON_CLASS_F64] = TENON_OP_BITS_F64_I64,
  };
  return TENON_MAKE(lowering, ops[c->from.register_class], c->var);
}

static const struct {
  const char* name;
  tenon_var_t (*lower)(tenon_lowering_t* lowering, const conversion_t* c);
} conversions[] = {
    {"arith.extsi", lower_extsi},
    {"arith.extui", lower_extui},
    {"arith.trunci", lower_trunci},
    {"arith.index_cast", lower_index_cast},
    {"arith.index_castui", lower_index_castui},
    {"arith.sitofp", lower_sitofp},
    {"arith.uitofp", lower_uitofp},
    {"arith.fptosi", lower_fptosi},
    {"arith.fptoui", lower_fptoui},
    {"arith.extf", lower_extf},
    {"arith.truncf", lower_truncf},
    {"arith.bitcast", lower_bitcast},
};

//===----------------------------------------------------------------------===//
// Constants and selections
//===----------------------------------------------------------------------===//

static tenon_lower_result_t lower_constant(tenon_lowering_t* lowering, MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  tenon_kind_t kind = tenon_lower_kind(mlirOperationGetResult(op, 0));
  tenon_var_t var;
  if (kind.register_class == TENON_CLASS_F64) {
    var = tenon_lower_known(lowering, TENON_OP_CONST_F64,
                            tenon_f64_bits(mlirFloatAttrGetValueDouble(value)));
  } else if (kind.register_class == TENON_CLASS_F32) {
    var = tenon_lower_known(lowering, TENON_OP_CONST_F32,
                            tenon_f32_bits((float)mlirFloatAttrGetValueDouble(value)));
  } else {
    int64_t integer = mlirIntegerAttrGetValueInt(value);
    if (kind.width == 1) integer &= 1;
    var = is_i64(kind) ? tenon_lower_i64(lowering, integer)
                       : tenon_lower_i32(lowering, (int32_t)integer);
  }
  tenon_lower_bind(lowering, op, 0, var);
  return TENON_LOWER_DONE;
}

static tenon_lower_result_t lower_select(tenon_lowering_t* lowering, MlirOperation op) {
  static const tenon_op_t ops[] = {
      [TENON_CLASS_I32] = TENON_OP_SELECT_I32, [TENON_CLASS_I64] = TENON_OP_SELECT_I64,
      [TENON_CLASS_F32] = TENON_OP_SELECT_F32, [TENON_CLASS_F64] = TENON_OP_SELECT_F64,
      [TENON_CLASS_REF] = TENON_OP_SELECT_REF,
  };
  MlirValue result = mlirOperationGetResult(op, 0);
  if (tenon_is_erased(lowering->emitter, mlirValueGetType(result))) return TENON_LOWER_DONE;
  tenon_register_class_t register_class = tenon_lower_kind(result).register_class;
  tenon_lower_bind(
      lowering, op, 0,
      TENON_MAKE(lowering, ops[register_class], tenon_lower_operand(lowering, op, 0),
                 tenon_lower_operand(lowering, op, 1), tenon_lower_operand(lowering, op, 2)));
  return TENON_LOWER_DONE;
}

// Rounding other than to the nearest has no instruction.
static bool has_rounding_mode(MlirOperation op) {
  enum { TO_NEAREST_EVEN = 0 };
  MlirAttribute mode = mlirOperationGetAttributeByName(op, tenon_str("roundingmode"));
  return !mlirAttributeIsNull(mode) && mlirAttributeIsAInteger(mode) &&
         mlirIntegerAttrGetValueInt(mode) != TO_NEAREST_EVEN;
}

tenon_lower_result_t tenon_lower_conversion(tenon_lowering_t* lowering, MlirOperation op) {
  if (tenon_op_is(op, "arith.constant")) return lower_constant(lowering, op);
  if (tenon_op_is(op, "arith.select")) return lower_select(lowering, op);
  for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); ++i) {
    if (!tenon_op_is(op, conversions[i].name)) continue;
    if (has_rounding_mode(op)) {
      tenon_error(op, "'%s' with a rounding mode other than to_nearest_even is not supported",
                  conversions[i].name);
      return TENON_LOWER_FAILED;
    }
    const conversion_t conversion = {
        .from = tenon_lower_kind(mlirOperationGetOperand(op, 0)),
        .to = tenon_lower_kind(mlirOperationGetResult(op, 0)),
        .var = tenon_lower_operand(lowering, op, 0),
    };
    tenon_var_t var = conversions[i].lower(lowering, &conversion);
    bool is_exact = conversions[i].lower == lower_bitcast;
    if (!is_exact) var = tenon_lower_round(lowering, var, conversion.to);
    tenon_lower_bind(lowering, op, 0, var);
    return TENON_LOWER_DONE;
  }
  return TENON_LOWER_UNKNOWN;
}
