// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the device library, built as native code, and what they are measured against.

#ifndef TENON_TESTS_MATH_FUNCTIONS_H_
#define TENON_TESTS_MATH_FUNCTIONS_H_

#include <stdint.h>

// Functions of one number: X(name, MPFR's function, the C library's, bound in ulp of f32, of f64). docs/math.md has what was
// measured.
#define UNARY(X)                               \
  X(acos, mpfr_acos, acos, 0.51, 1.0)          \
  X(acosh, mpfr_acosh, acosh, 0.51, 1.0)       \
  X(asin, mpfr_asin, asin, 0.51, 1.0)          \
  X(asinh, mpfr_asinh, asinh, 0.51, 1.0)       \
  X(atan, mpfr_atan, atan, 0.51, 1.0)          \
  X(atanh, mpfr_atanh, atanh, 0.51, 1.0)       \
  X(cbrt, mpfr_cbrt, cbrt, 0.51, 1.0)          \
  X(cos, mpfr_cos, cos, 0.51, 1.0)             \
  X(cosh, mpfr_cosh, cosh, 0.51, 1.0)          \
  X(erf, mpfr_erf, erf, 0.51, 1.0)             \
  X(erfc, mpfr_erfc, erfc, 0.51, 1.0)          \
  X(exp, mpfr_exp, exp, 0.51, 1.0)             \
  X(exp2, mpfr_exp2, exp2, 0.51, 1.0)          \
  X(expm1, mpfr_expm1, expm1, 0.51, 1.0)       \
  X(log, mpfr_log, log, 0.51, 1.0)             \
  X(log10, mpfr_log10, log10, 0.51, 1.0)       \
  X(log1p, mpfr_log1p, log1p, 0.51, 1.0)       \
  X(rsqrt, exact_rsqrt, libm_rsqrt, 0.51, 1.6) \
  X(log2, mpfr_log2, log2, 0.51, 1.0)          \
  X(sin, mpfr_sin, sin, 0.51, 1.0)             \
  X(sinh, mpfr_sinh, sinh, 0.51, 1.0)          \
  X(tan, mpfr_tan, tan, 0.51, 1.0)             \
  X(tanh, mpfr_tanh, tanh, 0.51, 1.0)

// ... of two.
#define BINARY(X)                        \
  X(atan2, mpfr_atan2, atan2, 0.51, 1.0) \
  X(powf, mpfr_pow, pow, 0.51, 1.0)

// Functions that are exact: X(name, the C library's of f32, of f64).
#define EXACT(X)                      \
  X(absf, fabsf, fabs)                \
  X(ceil, ceilf, ceil)                \
  X(floor, floorf, floor)             \
  X(round, roundf, round)             \
  X(roundeven, roundevenf, roundeven) \
  X(trunc, truncf, trunc)

// Questions: X(name, C's macro).
#define QUESTIONS(X)    \
  X(isfinite, isfinite) \
  X(isinf, isinf)       \
  X(isnan, isnan)       \
  X(isnormal, isnormal)

#define DECLARE_UNARY(name, ...)       \
  float __tenon_##name##_f32(float x); \
  double __tenon_##name##_f64(double x);
#define DECLARE_BINARY(name, ...)               \
  float __tenon_##name##_f32(float x, float y); \
  double __tenon_##name##_f64(double x, double y);
#define DECLARE_QUESTION(name, ...)                           \
  uint8_t __tenon_##name##_f32(float x); /* the lowest bit */ \
  uint8_t __tenon_##name##_f64(double x);
UNARY(DECLARE_UNARY)
BINARY(DECLARE_BINARY)
EXACT(DECLARE_UNARY)
QUESTIONS(DECLARE_QUESTION)
float __tenon_copysign_f32(float x, float y);
double __tenon_copysign_f64(double x, double y);
float __tenon_fma_f32(float x, float y, float z);
double __tenon_fma_f64(double x, double y, double z);
float __tenon_clampf_f32(float x, float low, float high);
double __tenon_clampf_f64(double x, double low, double high);
float __tenon_fpowi_f32_i64(float x, int64_t n);
double __tenon_fpowi_f64_i64(double x, int64_t n);

#endif  // TENON_TESTS_MATH_FUNCTIONS_H_
