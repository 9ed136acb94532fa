// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// arith on floats, and math.sqrt (the library does the rest of math). Fast-math flags allow, and don't
// oblige: they are ignored. What f16 and bf16 make is what f32 makes of them, rounded: f32 has more
// than twice as many bits, so its own rounding doesn't show.

#include "compiler/emit/lower.h"

static bool is_f64(tenon_kind_t kind) { return kind.register_class == TENON_CLASS_F64; }

typedef struct rule_t {
  const char* name;
  void (*lower)(tenon_lowering_t* lowering, MlirOperation op, const struct rule_t* rule,
                bool is_double, tenon_var_t a, tenon_var_t b);
  int op32, op64;
  tenon_fcmp_t predicate;
} rule_t;

static tenon_var_t compare(tenon_lowering_t* lowering, bool is_double, tenon_fcmp_t predicate,
                           tenon_var_t a, tenon_var_t b) {
  return TENON_MAKE(lowering, is_double ? TENON_OP_CMP_F64 : TENON_OP_CMP_F32, a, b, predicate);
}

static tenon_var_t choose(tenon_lowering_t* lowering, bool is_double, tenon_var_t condition,
                          tenon_var_t a, tenon_var_t b) {
  return TENON_MAKE(lowering, is_double ? TENON_OP_SELECT_F64 : TENON_OP_SELECT_F32, condition, a,
                    b);
}

static void bind_rounded(tenon_lowering_t* lowering, MlirOperation op, tenon_var_t var) {
  tenon_kind_t kind = tenon_lower_kind(mlirOperationGetResult(op, 0));
  tenon_lower_bind(lowering, op, 0, tenon_lower_round(lowering, var, kind));
}

static void lower_binary(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                         bool is_double, tenon_var_t a, tenon_var_t b) {
  tenon_op_t instruction = (tenon_op_t)(is_double ? rule->op64 : rule->op32);
  bind_rounded(lowering, op, TENON_MAKE(lowering, instruction, a, b));
}

static void lower_unary(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                        bool is_double, tenon_var_t a, tenon_var_t b) {
  tenon_op_t instruction = (tenon_op_t)(is_double ? rule->op64 : rule->op32);
  bind_rounded(lowering, op, TENON_MAKE(lowering, instruction, a));
}

static void lower_cmpf(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                       bool is_double, tenon_var_t a, tenon_var_t b) {
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str("predicate"));
  tenon_fcmp_t predicate = (tenon_fcmp_t)mlirIntegerAttrGetValueInt(attribute);
  tenon_lower_bind(lowering, op, 0, compare(lowering, is_double, predicate, a, b));
}

// The number when just one is NaN.
static void lower_min_max_number(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                                 bool is_double, tenon_var_t a, tenon_var_t b) {
  tenon_var_t first = compare(lowering, is_double, rule->predicate, a, b);
  tenon_var_t result = choose(lowering, is_double, first, a, b);
  tenon_var_t no_b = compare(lowering, is_double, TENON_FCMP_UNO, b, b);
  tenon_lower_bind(lowering, op, 0, choose(lowering, is_double, no_b, a, result));
}

// Equal numbers differ at most in the sign of zero: their bits and-ed are +0 when one is, or-ed -0.
static tenon_var_t combine_bits(tenon_lowering_t* lowering, const rule_t* rule, bool is_double,
                                tenon_var_t a, tenon_var_t b) {
  tenon_op_t to_bits = is_double ? TENON_OP_BITS_F64_I64 : TENON_OP_BITS_F32_I32;
  tenon_op_t from_bits = is_double ? TENON_OP_BITS_I64_F64 : TENON_OP_BITS_I32_F32;
  tenon_var_t bits = TENON_MAKE(lowering, (tenon_op_t)(is_double ? rule->op64 : rule->op32),
                                TENON_MAKE(lowering, to_bits, a), TENON_MAKE(lowering, to_bits, b));
  return TENON_MAKE(lowering, from_bits, bits);
}

// NaN when one is NaN, and +0 above -0.
static void lower_min_max(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                          bool is_double, tenon_var_t a, tenon_var_t b) {
  tenon_var_t first = compare(lowering, is_double, rule->predicate, a, b);
  tenon_var_t result = choose(lowering, is_double, first, a, b);
  tenon_var_t equal = compare(lowering, is_double, TENON_FCMP_OEQ, a, b);
  result =
      choose(lowering, is_double, equal, combine_bits(lowering, rule, is_double, a, b), result);
  tenon_var_t sum = TENON_MAKE(lowering, is_double ? TENON_OP_ADD_F64 : TENON_OP_ADD_F32, a, b);
  tenon_var_t unordered = compare(lowering, is_double, TENON_FCMP_UNO, a, b);
  tenon_lower_bind(lowering, op, 0, choose(lowering, is_double, unordered, sum, result));
}

#define BOTH(name) .op32 = TENON_OP_##name##_F32, .op64 = TENON_OP_##name##_F64

static const rule_t rules[] = {
    {"arith.addf", lower_binary, BOTH(ADD)},
    {"arith.subf", lower_binary, BOTH(SUB)},
    {"arith.mulf", lower_binary, BOTH(MUL)},
    {"arith.divf", lower_binary, BOTH(DIV)},
    {"arith.remf", lower_binary, BOTH(REM)},
    {"arith.negf", lower_unary, BOTH(NEG)},
    {"math.sqrt", lower_unary, BOTH(SQRT)},
    {"arith.cmpf", lower_cmpf, .op32 = TENON_OP_CMP_F32, .op64 = TENON_OP_CMP_F64},
    {"arith.maxnumf", lower_min_max_number, .predicate = TENON_FCMP_OGT},
    {"arith.minnumf", lower_min_max_number, .predicate = TENON_FCMP_OLT},
    {"arith.maximumf", lower_min_max, .op32 = TENON_OP_AND_I32, .op64 = TENON_OP_AND_I64,
     .predicate = TENON_FCMP_OGT},
    {"arith.minimumf", lower_min_max, .op32 = TENON_OP_OR_I32, .op64 = TENON_OP_OR_I64,
     .predicate = TENON_FCMP_OLT},
};

tenon_lower_result_t tenon_lower_float(tenon_lowering_t* lowering, MlirOperation op) {
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); ++i) {
    if (!tenon_op_is(op, rules[i].name)) continue;
    intptr_t last = mlirOperationGetNumOperands(op) - 1;
    rules[i].lower(lowering, op, &rules[i],
                   is_f64(tenon_lower_kind(mlirOperationGetOperand(op, 0))),
                   tenon_lower_operand(lowering, op, 0), tenon_lower_operand(lowering, op, last));
    return TENON_LOWER_DONE;
  }
  return TENON_LOWER_UNKNOWN;
}
