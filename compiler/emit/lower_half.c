// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f16 and bf16 on the host: registers of f32 that hold numbers which the type has. The machine has no
// instructions for them; what rounds, and what converts to and from the 2 bytes that they are in
// memory, is arithmetic on the bits. Dispatches do the same (codegen/element.c).

#include "compiler/emit/lower.h"

#define I32(name, ...) TENON_MAKE(lowering, TENON_OP_##name##_I32, __VA_ARGS__)
#define I64(name, ...) TENON_MAKE(lowering, TENON_OP_##name##_I64, __VA_ARGS__)
#define F32(name, ...) TENON_MAKE(lowering, TENON_OP_##name##_F32, __VA_ARGS__)

enum {
  MAGNITUDE = 0x7FFFFFFF,
  INFINITE = 0x7F800000,
  QUIET = 0x00400000,
  HALF_NORMAL = 0x38800000,   // 2^-14
  HALF_LARGEST = 0x477FE000,  // 65504
  HALF_UNIT = 0x3F000000,     // 0.5, whose last place is the unit of f16's subnormal numbers
  HALF_BIAS = 112 << 23,      // between the exponents
};

static tenon_var_t i32(tenon_lowering_t* lowering, uint32_t value) {
  return tenon_lower_i32(lowering, (int32_t)value);
}

static tenon_var_t f32(tenon_lowering_t* lowering, float value) {
  return tenon_lower_known(lowering, TENON_OP_CONST_F32, tenon_f32_bits(value));
}

static tenon_var_t bits_of(tenon_lowering_t* lowering, tenon_var_t var) {
  return TENON_MAKE(lowering, TENON_OP_BITS_F32_I32, var);
}

static tenon_var_t float_of(tenon_lowering_t* lowering, tenon_var_t bits) {
  return TENON_MAKE(lowering, TENON_OP_BITS_I32_F32, bits);
}

static tenon_var_t masked(tenon_lowering_t* lowering, tenon_var_t var, uint32_t mask) {
  return I32(AND, var, i32(lowering, mask));
}

static tenon_var_t if_less(tenon_lowering_t* lowering, tenon_var_t var, uint32_t limit,
                           tenon_var_t yes, tenon_var_t no) {
  return I32(SELECT, I32(CMP_ULT, var, i32(lowering, limit)), yes, no);
}

// To the nearest, ties to even, of numbers with |dropped| bits too many.
static tenon_var_t round_bits(tenon_lowering_t* lowering, tenon_var_t bits, uint32_t dropped) {
  tenon_var_t odd = masked(lowering, I32(SHRU, bits, i32(lowering, dropped)), 1);
  tenon_var_t sum = I32(ADD, I32(ADD, bits, i32(lowering, (1u << (dropped - 1)) - 1)), odd);
  return masked(lowering, sum, ~((1u << dropped) - 1));
}

static tenon_var_t quiet_nan(tenon_lowering_t* lowering, tenon_var_t bits, uint32_t dropped) {
  return masked(lowering, I32(OR, bits, i32(lowering, QUIET)), ~((1u << dropped) - 1));
}

static tenon_var_t round_to_bf16(tenon_lowering_t* lowering, tenon_var_t var) {
  tenon_var_t bits = bits_of(lowering, var);
  tenon_var_t is_nan = TENON_MAKE(lowering, TENON_OP_CMP_F32, var, var, TENON_FCMP_UNO);
  return float_of(
      lowering, I32(SELECT, is_nan, quiet_nan(lowering, bits, 16), round_bits(lowering, bits, 16)));
}

static tenon_var_t round_to_f16(tenon_lowering_t* lowering, tenon_var_t var) {
  tenon_var_t bits = bits_of(lowering, var), magnitude = masked(lowering, bits, MAGNITUDE);
  tenon_var_t unit = f32(lowering, 0.5f);
  tenon_var_t small =
      bits_of(lowering, F32(SUB, F32(ADD, float_of(lowering, magnitude), unit), unit));
  tenon_var_t normal = round_bits(lowering, magnitude, 13);
  tenon_var_t rounded =
      if_less(lowering, normal, HALF_LARGEST + 1, normal, i32(lowering, INFINITE));
  rounded = if_less(lowering, magnitude, HALF_NORMAL, small, rounded);
  rounded = if_less(lowering, magnitude, INFINITE + 1, rounded, quiet_nan(lowering, magnitude, 13));
  return float_of(lowering, I32(OR, rounded, masked(lowering, bits, 0x80000000u)));
}

tenon_var_t tenon_lower_round(tenon_lowering_t* lowering, tenon_var_t var, tenon_kind_t kind) {
  if (kind.narrow == TENON_NARROW_F16) return round_to_f16(lowering, var);
  return kind.narrow == TENON_NARROW_BF16 ? round_to_bf16(lowering, var) : var;
}

//===----------------------------------------------------------------------===//
// As it lies in memory
//===----------------------------------------------------------------------===//

static tenon_var_t f16_bits(tenon_lowering_t* lowering, tenon_var_t var) {
  tenon_var_t bits = bits_of(lowering, var), magnitude = masked(lowering, bits, MAGNITUDE);
  tenon_var_t normal = I32(SHRU, I32(SUB, magnitude, i32(lowering, HALF_BIAS)), i32(lowering, 13));
  tenon_var_t units =
      bits_of(lowering, F32(ADD, float_of(lowering, magnitude), f32(lowering, 0.5f)));
  tenon_var_t small = I32(SUB, units, i32(lowering, HALF_UNIT));
  tenon_var_t half = if_less(lowering, magnitude, HALF_NORMAL, small, normal);
  half = if_less(lowering, magnitude, INFINITE, half, I32(OR, half, i32(lowering, 0x7C00)));
  tenon_var_t sign = masked(lowering, I32(SHRU, bits, i32(lowering, 16)), 0x8000);
  return I32(OR, masked(lowering, half, 0x7FFF), sign);
}

tenon_var_t tenon_lower_narrow_bits(tenon_lowering_t* lowering, tenon_var_t var,
                                    tenon_kind_t kind) {
  tenon_var_t bits = kind.narrow == TENON_NARROW_F16
                         ? f16_bits(lowering, var)
                         : I32(SHRU, bits_of(lowering, var), i32(lowering, 16));
  return tenon_lower_narrow(lowering, bits, 16);
}

static tenon_var_t f16_of(tenon_lowering_t* lowering, tenon_var_t half) {
  tenon_var_t shifted = I32(SHL, masked(lowering, half, 0x7FFF), i32(lowering, 13));
  tenon_var_t normal = I32(ADD, shifted, i32(lowering, HALF_BIAS));
  tenon_var_t lifted = float_of(lowering, I32(ADD, shifted, i32(lowering, HALF_NORMAL)));
  tenon_var_t small = bits_of(lowering, F32(SUB, lifted, f32(lowering, 0x1p-14f)));
  tenon_var_t infinite = I32(ADD, normal, i32(lowering, HALF_BIAS));
  tenon_var_t bits = if_less(lowering, shifted, 0x0F800000, normal, infinite);
  bits = if_less(lowering, shifted, 0x00800000, small, bits);
  tenon_var_t sign = I32(SHL, masked(lowering, half, 0x8000), i32(lowering, 16));
  return float_of(lowering, I32(OR, bits, sign));
}

tenon_var_t tenon_lower_of_narrow_bits(tenon_lowering_t* lowering, tenon_var_t bits,
                                       tenon_kind_t kind) {
  if (kind.narrow == TENON_NARROW_F16) return f16_of(lowering, bits);
  return float_of(lowering, I32(SHL, bits, i32(lowering, 16)));
}

//===----------------------------------------------------------------------===//
// From wider numbers, without rounding twice
//===----------------------------------------------------------------------===//

// The neighbour of an inexact result whose last bit is 1 tells the next rounding on which side the
// exact value lies.
tenon_var_t tenon_lower_f64_to_odd_f32(tenon_lowering_t* lowering, tenon_var_t var) {
  tenon_var_t near = TENON_MAKE(lowering, TENON_OP_TRUNC_F64_F32, var);
  tenon_var_t back = TENON_MAKE(lowering, TENON_OP_EXT_F32_F64, near);
  tenon_var_t bits = bits_of(lowering, near), one = i32(lowering, 1);
  tenon_var_t even = I32(XOR, masked(lowering, bits, 1), one);
  tenon_var_t inexact = TENON_MAKE(lowering, TENON_OP_CMP_F64, var, back, TENON_FCMP_ONE);
  // Away from zero if the exact value is above and positive, or below and negative.
  tenon_var_t above = TENON_MAKE(lowering, TENON_OP_CMP_F64, var, back, TENON_FCMP_OGT);
  tenon_var_t larger = I32(XOR, above, I32(SHRU, bits, i32(lowering, 31)));
  tenon_var_t step = I32(SUB, I32(ADD, larger, larger), one);
  return float_of(lowering, I32(ADD, bits, I32(MUL, step, I32(AND, even, inexact))));
}

// An integer of which f64 holds at least the first 53 bits and whether there are others.
tenon_var_t tenon_lower_i64_to_odd(tenon_lowering_t* lowering, tenon_var_t var) {
  tenon_var_t shifted = I64(ADD, var, tenon_lower_i64(lowering, INT64_C(1) << 53));
  tenon_var_t fits = I64(CMP_ULE, shifted, tenon_lower_i64(lowering, INT64_C(1) << 54));
  tenon_var_t zero = tenon_lower_i64(lowering, 0);
  tenon_var_t lost = I64(AND, var, tenon_lower_i64(lowering, 0x7FF));
  tenon_var_t odd = I64(SELECT, I64(CMP_EQ, lost, zero), zero, tenon_lower_i64(lowering, 0x800));
  odd = I64(OR, I64(AND, var, tenon_lower_i64(lowering, ~INT64_C(0x7FF))), odd);
  return I64(SELECT, fits, var, odd);
}
