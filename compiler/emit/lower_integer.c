// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// arith on integers and index. Narrow integers lie in i32 registers: i8 and i16 sign-extended, i1
// as 0 or 1.

#include <stdlib.h>

#include "compiler/emit/lower.h"

//===----------------------------------------------------------------------===//
// Widths
//===----------------------------------------------------------------------===//

tenon_var_t tenon_lower_narrow(tenon_lowering_t* lowering, tenon_var_t var, int width) {
  switch (width) {
    case 1:
      return TENON_MAKE(lowering, TENON_OP_AND_I32, var, tenon_lower_i32(lowering, 1));
    case 4:
      var = TENON_MAKE(lowering, TENON_OP_SHL_I32, var, tenon_lower_i32(lowering, 28));
      return TENON_MAKE(lowering, TENON_OP_SHRS_I32, var, tenon_lower_i32(lowering, 28));
    case 8:
      return TENON_MAKE(lowering, TENON_OP_EXTS_I8_I32, var);
    case 16:
      return TENON_MAKE(lowering, TENON_OP_EXTS_I16_I32, var);
    default:
      return var;
  }
}

tenon_var_t tenon_lower_sign_extend(tenon_lowering_t* lowering, tenon_var_t var, int from, int to) {
  if (from == to) return var;
  if (from == 1) var = TENON_MAKE(lowering, TENON_OP_SUB_I32, tenon_lower_i32(lowering, 0), var);
  return to == 64 ? TENON_MAKE(lowering, TENON_OP_EXTS_I32_I64, var) : var;
}

tenon_var_t tenon_lower_zero_extend(tenon_lowering_t* lowering, tenon_var_t var, int from, int to) {
  if (from == to) return var;
  if (from > 1 && from < 32) {
    tenon_var_t mask = tenon_lower_i32(lowering, (int32_t)((1u << from) - 1));
    var = TENON_MAKE(lowering, TENON_OP_AND_I32, var, mask);
  }
  return to == 64 ? TENON_MAKE(lowering, TENON_OP_EXTU_I32_I64, var) : var;
}

tenon_var_t tenon_lower_truncate(tenon_lowering_t* lowering, tenon_var_t var, int from, int to) {
  if (from == to) return var;
  if (from == 64) var = TENON_MAKE(lowering, TENON_OP_TRUNC_I64_I32, var);
  return tenon_lower_narrow(lowering, var, to);
}

tenon_var_t tenon_lower_foreign(tenon_lowering_t* lowering, tenon_var_t var, tenon_kind_t kind) {
  if (kind.narrow) return tenon_lower_round(lowering, var, kind);
  if (kind.width == 0 || kind.width >= 32) return var;
  if (kind.width > 1) return tenon_lower_narrow(lowering, var, kind.width);
  return TENON_MAKE(lowering, TENON_OP_CMP_NE_I32, var, tenon_lower_i32(lowering, 0));
}

// Unsigned operations on narrow integers want zeros above.
static tenon_var_t as_unsigned(tenon_lowering_t* lowering, tenon_var_t var, int width) {
  return width < 32 ? tenon_lower_zero_extend(lowering, var, width, 32) : var;
}

static tenon_op_t by_width(int width, tenon_op_t op32, tenon_op_t op64) {
  return width == 64 ? op64 : op32;
}

static tenon_var_t constant(tenon_lowering_t* lowering, int width, int64_t value) {
  return width == 64 ? tenon_lower_i64(lowering, value) : tenon_lower_i32(lowering, (int32_t)value);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

enum {
  PREDICATE_EQ,
  PREDICATE_NE,
  PREDICATE_SLT,
  PREDICATE_SLE,
  PREDICATE_SGT,
  PREDICATE_SGE,
  PREDICATE_ULT,
  PREDICATE_ULE,
  PREDICATE_UGT,
  PREDICATE_UGE,
};

// Which of the instructions eq, ne, slt, sle, ult, ule to use, and with the operands exchanged.
// Sign extension keeps the order of narrow integers, the unsigned order too; but i1 lies as 0 and
// 1, where signed it is 0 and -1.
static int comparison(int64_t predicate, int width, bool* out_swap) {
  static const struct {
    int8_t instruction;
    bool swap;
  } table[] = {
      [PREDICATE_EQ] = {0, false},  [PREDICATE_NE] = {1, false},  [PREDICATE_SLT] = {2, false},
      [PREDICATE_SLE] = {3, false}, [PREDICATE_SGT] = {2, true},  [PREDICATE_SGE] = {3, true},
      [PREDICATE_ULT] = {4, false}, [PREDICATE_ULE] = {5, false}, [PREDICATE_UGT] = {4, true},
      [PREDICATE_UGE] = {5, true},
  };
  int instruction = table[predicate].instruction;
  *out_swap = table[predicate].swap;
  if (width == 1 && (instruction == 2 || instruction == 3)) {
    instruction += 2;
    *out_swap = !*out_swap;
  }
  return instruction;
}

tenon_var_t tenon_lower_compare(tenon_lowering_t* lowering, int64_t predicate, int width,
                                tenon_var_t a, tenon_var_t b) {
  bool swap = false;
  int base = (int)by_width(width, TENON_OP_CMP_EQ_I32, TENON_OP_CMP_EQ_I64);
  tenon_op_t op = (tenon_op_t)(base + comparison(predicate, width, &swap));
  return TENON_MAKE(lowering, op, swap ? b : a, swap ? a : b);
}

void tenon_lower_compare_branch(tenon_lowering_t* lowering, int64_t predicate, int width,
                                tenon_var_t a, tenon_var_t b, tenon_code_block_t target) {
  bool swap = false;
  int base = (int)by_width(width, TENON_OP_BR_EQ_I32, TENON_OP_BR_EQ_I64);
  tenon_op_t op = (tenon_op_t)(base + comparison(predicate, width, &swap));
  TENON_LOWER(lowering, 0, op, swap ? b : a, swap ? a : b, target);
}

static tenon_var_t choose(tenon_lowering_t* lowering, int width, tenon_var_t condition,
                          tenon_var_t a, tenon_var_t b) {
  return TENON_MAKE(lowering, by_width(width, TENON_OP_SELECT_I32, TENON_OP_SELECT_I64), condition,
                    a, b);
}

//===----------------------------------------------------------------------===//
// Rules: how an operation of arith becomes instructions
//===----------------------------------------------------------------------===//

typedef struct rule_t {
  const char* name;
  void (*lower)(tenon_lowering_t* lowering, MlirOperation op, const struct rule_t* rule, int width,
                tenon_var_t a, tenon_var_t b);
  int op32, op64;     // instructions, where the rule needs one
  bool is_unsigned;   // narrow operands are zero-extended
  bool may_overflow;  // narrow results are brought back to their form
  bool may_fail;      // the instruction needs a source
  int64_t predicate;
} rule_t;

static void lower_binary(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                         int width, tenon_var_t a, tenon_var_t b) {
  if (rule->is_unsigned) {
    a = as_unsigned(lowering, a, width);
    b = as_unsigned(lowering, b, width);
  }
  uint32_t source = 0;
  if (rule->may_fail) {
    source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s", "");
  }
  tenon_op_t instruction = by_width(width, (tenon_op_t)rule->op32, (tenon_op_t)rule->op64);
  tenon_var_t result = TENON_MAKE_AT(lowering, source, instruction, a, b);
  if (rule->may_overflow) result = tenon_lower_narrow(lowering, result, width);
  tenon_lower_bind(lowering, op, 0, result);
}

// Of i1, whatever the amount, the sign is the value.
static void lower_shrsi(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule, int width,
                        tenon_var_t a, tenon_var_t b) {
  if (width == 1) {
    tenon_lower_bind(lowering, op, 0, a);
  } else {
    lower_binary(lowering, op, rule, width, a, b);
  }
}

static void lower_min_max(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                          int width, tenon_var_t a, tenon_var_t b) {
  tenon_var_t first = tenon_lower_compare(lowering, rule->predicate, width, a, b);
  tenon_lower_bind(lowering, op, 0, choose(lowering, width, first, a, b));
}

static tenon_var_t quotient(tenon_lowering_t* lowering, MlirOperation op, int width,
                            tenon_op_t op32, tenon_op_t op64, tenon_var_t a, tenon_var_t b) {
  uint32_t source = tenon_lower_source(lowering, mlirOperationGetLocation(op), "%s", "");
  return TENON_MAKE_AT(lowering, source, by_width(width, op32, op64), a, b);
}

// Rounded up: one more when something remains.
static void lower_ceildivui(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                            int width, tenon_var_t a, tenon_var_t b) {
  a = as_unsigned(lowering, a, width);
  b = as_unsigned(lowering, b, width);
  tenon_var_t down = quotient(lowering, op, width, TENON_OP_DIVU_I32, TENON_OP_DIVU_I64, a, b);
  tenon_var_t rest = quotient(lowering, op, width, TENON_OP_REMU_I32, TENON_OP_REMU_I64, a, b);
  tenon_var_t zero = constant(lowering, width, 0);
  tenon_var_t up = TENON_MAKE(lowering, by_width(width, TENON_OP_ADD_I32, TENON_OP_ADD_I64), down,
                              constant(lowering, width, 1));
  tenon_var_t inexact = tenon_lower_compare(lowering, PREDICATE_NE, width, rest, zero);
  tenon_var_t result = choose(lowering, width, inexact, up, down);
  tenon_lower_bind(lowering, op, 0, tenon_lower_narrow(lowering, result, width));
}

// Signed division rounds towards zero: a quotient that is not exact is one too high when the true
// one is negative, and one too low when it is positive. |rule->predicate| says of (a ^ b) compared
// with 0 when to correct by |rule->op32| or op64.
static void lower_rounded_div(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                              int width, tenon_var_t a, tenon_var_t b) {
  if (width == 1) {  // 0 or -1, by -1: always exact, and -1 / -1 wraps
    tenon_lower_bind(lowering, op, 0,
                     quotient(lowering, op, width, TENON_OP_DIVU_I32, TENON_OP_DIVU_I64, a, b));
    return;
  }
  tenon_var_t zero = constant(lowering, width, 0), one = constant(lowering, width, 1);
  tenon_var_t near = quotient(lowering, op, width, TENON_OP_DIVS_I32, TENON_OP_DIVS_I64, a, b);
  tenon_var_t rest = quotient(lowering, op, width, TENON_OP_REMS_I32, TENON_OP_REMS_I64, a, b);
  tenon_var_t signs =
      TENON_MAKE(lowering, by_width(width, TENON_OP_XOR_I32, TENON_OP_XOR_I64), a, b);
  tenon_var_t inexact = tenon_lower_compare(lowering, PREDICATE_NE, width, rest, zero);
  tenon_var_t wrong = tenon_lower_compare(lowering, rule->predicate, width, signs, zero);
  tenon_var_t both = TENON_MAKE(lowering, TENON_OP_AND_I32, inexact, wrong);
  tenon_var_t far = TENON_MAKE(
      lowering, by_width(width, (tenon_op_t)rule->op32, (tenon_op_t)rule->op64), near, one);
  tenon_var_t result = choose(lowering, width, both, far, near);
  tenon_lower_bind(lowering, op, 0, tenon_lower_narrow(lowering, result, width));
}

static void lower_addui_extended(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                                 int width, tenon_var_t a, tenon_var_t b) {
  tenon_var_t sum = TENON_MAKE(lowering, by_width(width, TENON_OP_ADD_I32, TENON_OP_ADD_I64), a, b);
  sum = tenon_lower_narrow(lowering, sum, width);
  tenon_lower_bind(lowering, op, 0, sum);
  tenon_lower_bind(lowering, op, 1, tenon_lower_compare(lowering, rule->predicate, width, sum, a));
}

// Both halves of a product of less than 64 bits, from the product in a register twice as wide. Of
// i1 the high half is always 0.
static void lower_narrow_product(tenon_lowering_t* lowering, MlirOperation op, bool is_unsigned,
                                 int width, tenon_var_t a, tenon_var_t b) {
  if (width == 1) {
    tenon_lower_bind(lowering, op, 0, TENON_MAKE(lowering, TENON_OP_AND_I32, a, b));
    tenon_lower_bind(lowering, op, 1, tenon_lower_i32(lowering, 0));
    return;
  }
  int wide = width == 32 ? 64 : 32;
  tenon_var_t (*extend)(tenon_lowering_t*, tenon_var_t, int, int) =
      is_unsigned ? tenon_lower_zero_extend : tenon_lower_sign_extend;
  a = extend(lowering, a, width, wide);
  b = extend(lowering, b, width, wide);
  tenon_var_t product =
      TENON_MAKE(lowering, by_width(wide, TENON_OP_MUL_I32, TENON_OP_MUL_I64), a, b);
  tenon_var_t high = TENON_MAKE(lowering, by_width(wide, TENON_OP_SHRU_I32, TENON_OP_SHRU_I64),
                                product, constant(lowering, wide, width));
  tenon_lower_bind(lowering, op, 0, tenon_lower_truncate(lowering, product, wide, width));
  tenon_lower_bind(lowering, op, 1, tenon_lower_truncate(lowering, high, wide, width));
}

static void lower_mul_extended(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule,
                               int width, tenon_var_t a, tenon_var_t b) {
  if (width < 64) {
    lower_narrow_product(lowering, op, rule->is_unsigned, width, a, b);
    return;
  }
  tenon_lower_bind(lowering, op, 0, TENON_MAKE(lowering, TENON_OP_MUL_I64, a, b));
  tenon_lower_bind(lowering, op, 1, TENON_MAKE(lowering, (tenon_op_t)rule->op64, a, b));
}

static void lower_cmpi(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule, int width,
                       tenon_var_t a, tenon_var_t b) {
  MlirAttribute predicate = mlirOperationGetAttributeByName(op, tenon_str("predicate"));
  tenon_lower_bind(
      lowering, op, 0,
      tenon_lower_compare(lowering, mlirIntegerAttrGetValueInt(predicate), width, a, b));
}

// Of i32 and i64; the library does the narrower ones.
static void lower_ctlz(tenon_lowering_t* lowering, MlirOperation op, const rule_t* rule, int width,
                       tenon_var_t a, tenon_var_t b) {
  tenon_op_t instruction = (tenon_op_t)by_width(width, rule->op32, rule->op64);
  tenon_lower_bind(lowering, op, 0, TENON_MAKE(lowering, instruction, a));
}

#define BOTH(name) .op32 = TENON_OP_##name##_I32, .op64 = TENON_OP_##name##_I64

static const rule_t rules[] = {
    {"arith.addi", lower_binary, BOTH(ADD), .may_overflow = true},
    {"arith.subi", lower_binary, BOTH(SUB), .may_overflow = true},
    {"arith.muli", lower_binary, BOTH(MUL), .may_overflow = true},
    {"arith.divsi", lower_binary, BOTH(DIVS), .may_overflow = true, .may_fail = true},
    {"arith.divui", lower_binary, BOTH(DIVU), .is_unsigned = true, .may_overflow = true,
     .may_fail = true},
    {"arith.remsi", lower_binary, BOTH(REMS), .may_fail = true},
    {"arith.remui", lower_binary, BOTH(REMU), .is_unsigned = true, .may_overflow = true,
     .may_fail = true},
    {"arith.andi", lower_binary, BOTH(AND)},
    {"arith.ori", lower_binary, BOTH(OR)},
    {"arith.xori", lower_binary, BOTH(XOR)},
    {"arith.shli", lower_binary, BOTH(SHL), .may_overflow = true},
    {"arith.shrsi", lower_shrsi, BOTH(SHRS)},
    {"arith.shrui", lower_binary, BOTH(SHRU), .is_unsigned = true, .may_overflow = true},
    {"arith.minsi", lower_min_max, .predicate = PREDICATE_SLT},
    {"arith.maxsi", lower_min_max, .predicate = PREDICATE_SGT},
    {"arith.minui", lower_min_max, .predicate = PREDICATE_ULT},
    {"arith.maxui", lower_min_max, .predicate = PREDICATE_UGT},
    {"arith.ceildivui", lower_ceildivui, .is_unsigned = true},
    {"arith.ceildivsi", lower_rounded_div, BOTH(ADD), .predicate = PREDICATE_SGE},
    {"arith.floordivsi", lower_rounded_div, BOTH(SUB), .predicate = PREDICATE_SLT},
    {"arith.addui_extended", lower_addui_extended, .predicate = PREDICATE_ULT},
    {"arith.mulsi_extended", lower_mul_extended, .op64 = TENON_OP_MULHS_I64},
    {"arith.mului_extended", lower_mul_extended, .op64 = TENON_OP_MULHU_I64, .is_unsigned = true},
    {"math.ctlz", lower_ctlz, BOTH(CTLZ)},
    {"arith.cmpi", lower_cmpi, .predicate = 0},
};

tenon_lower_result_t tenon_lower_integer(tenon_lowering_t* lowering, MlirOperation op) {
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); ++i) {
    if (!tenon_op_is(op, rules[i].name)) continue;
    int width = tenon_lower_kind(mlirOperationGetOperand(op, 0)).width;
    intptr_t last = mlirOperationGetNumOperands(op) - 1;
    rules[i].lower(lowering, op, &rules[i], width, tenon_lower_operand(lowering, op, 0),
                   tenon_lower_operand(lowering, op, last));
    return TENON_LOWER_DONE;
  }
  return TENON_LOWER_UNKNOWN;
}
