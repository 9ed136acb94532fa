// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the device library that have one right result, against the C library's, bit for bit.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "tests/math/arguments.h"
#include "tests/math/functions.h"

#define COUNT 200000

static void expect_f32(const char* name, float x, float got, float expected) {
  if (isnan(got) && isnan(expected)) return;
  if (tenon_bits_of_float(got) == tenon_bits_of_float(expected)) return;
  fail_msg("%s_f32(%a) is %a, expected %a", name, (double)x, (double)got, (double)expected);
}

static void expect_f64(const char* name, double x, double got, double expected) {
  if (isnan(got) && isnan(expected)) return;
  if (tenon_bits_of_double(got) == tenon_bits_of_double(expected)) return;
  fail_msg("%s_f64(%a) is %a, expected %a", name, x, got, expected);
}

static double argument(size_t i) {
  return i < tenon_corner_count ? tenon_corners[i] : tenon_random_f64(i);
}

static void test_roundings(void** state) {
  (void)state;
  tenon_random_seed(3);
  for (size_t i = 0; i < COUNT; ++i) {
    double x = argument(i);
    // Halves, around which roundings differ.
    double half = rint(x * 16) / 2;
#define CHECK(name, libm32, libm64)                                                       \
  expect_f32(#name, (float)x, __tenon_##name##_f32((float)x), libm32((float)x));          \
  expect_f64(#name, x, __tenon_##name##_f64(x), libm64(x));                               \
  expect_f32(#name, (float)half, __tenon_##name##_f32((float)half), libm32((float)half)); \
  expect_f64(#name, half, __tenon_##name##_f64(half), libm64(half));
    EXACT(CHECK)
#undef CHECK
  }
}

static void test_questions(void** state) {
  (void)state;
  tenon_random_seed(4);
  for (size_t i = 0; i < COUNT; ++i) {
    double x = argument(i);
#define CHECK(name, macro)                                                                      \
  if ((__tenon_##name##_f32((float)x) & 1) != !!macro((float)x)) fail_msg(#name "_f32(%a)", x); \
  if ((__tenon_##name##_f64(x) & 1) != !!macro(x)) fail_msg(#name "_f64(%a)", x);
    QUESTIONS(CHECK)
#undef CHECK
  }
}

// Of zeros of both signs the tests are below.
static bool same(double got, double expected) {
  return got == expected || (isnan(got) && isnan(expected));
}

static double clamp(double x, double low, double high) {
  if (isnan(x) || isnan(low) || isnan(high)) return NAN;
  double most = x < low ? low : x;
  return most > high ? high : most;
}

static void test_pairs(void** state) {
  (void)state;
  tenon_random_seed(5);
  for (size_t i = 0; i < COUNT; ++i) {
    double x = argument(i), y = argument(i / 2), z = argument(i / 3);
    expect_f64("copysign", x, __tenon_copysign_f64(x, y), copysign(x, y));
    expect_f32("copysign", (float)x, __tenon_copysign_f32((float)x, (float)y),
               copysignf((float)x, (float)y));
    if (!same(__tenon_clampf_f64(x, y, z), clamp(x, y, z)))
      fail_msg("clampf_f64(%a, %a, %a)", x, y, z);
    float xf = (float)x, yf = (float)y, zf = (float)z;
    if (!same(__tenon_clampf_f32(xf, yf, zf), clamp(xf, yf, zf)))
      fail_msg("clampf_f32(%a, %a, %a)", x, y, z);
  }
  expect_f64("clampf", -0.0, __tenon_clampf_f64(-0.0, 0.0, 1.0), 0.0);
  expect_f64("clampf", 0.0, __tenon_clampf_f64(0.0, -1.0, -0.0), -0.0);
}

// The exponent of a number that has one, else 0.
static int exponent_of(double x) { return isfinite(x) && x != 0 ? ilogb(x) : 0; }

// Products and sums that nearly cancel, or that end among the subnormals.
static void test_fma(void** state) {
  (void)state;
  tenon_random_seed(6);
  for (size_t i = 0; i < 5 * COUNT; ++i) {
    double x = argument(i), y = argument(i / 3), z = argument(i / 7);
    if (i % 4 == 1) z = -(x * y);
    if (i % 4 == 2) z = -(x * y) * (1 + (double)(i % 5) * 0x1p-52);
    if (i % 8 == 3) y = ldexp(y, -1030 - exponent_of(x)), z = ldexp(z, -1060);
    if (i % 16 == 7) z = ldexp(x * y, 40 + (int)(i / 16 % 30));
    double got = __tenon_fma_f64(x, y, z), expected = fma(x, y, z);
    if (tenon_bits_of_double(got) != tenon_bits_of_double(expected) &&
        !(isnan(got) && isnan(expected))) {
      fail_msg("fma_f64(%a, %a, %a) is %a, expected %a", x, y, z, got, expected);
    }
    float xf = (float)x, yf = (float)y, zf = (float)z;
    if (i % 4 == 1) zf = -(xf * yf);
    if (i % 8 == 3)
      yf = ldexpf(yf, -130 - exponent_of((double)xf)), zf = tenon_float_of((uint32_t)i);
    if (i % 16 == 7) zf = ldexpf(xf * yf, 20 + (int)(i / 16 % 30));
    float got32 = __tenon_fma_f32(xf, yf, zf), expected32 = fmaf(xf, yf, zf);
    if (tenon_bits_of_float(got32) != tenon_bits_of_float(expected32) &&
        !(isnan(got32) && isnan(expected32))) {
      fail_msg("fma_f32(%a, %a, %a) is %a, expected %a", (double)xf, (double)yf, (double)zf,
               (double)got32, (double)expected32);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_roundings),
      cmocka_unit_test(test_questions),
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_fma),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
