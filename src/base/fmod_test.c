// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/fmod.h"

// xorshift64*: reproducible everywhere.
static uint64_t random_state = 0x9E3779B97F4A7C15u;
static uint64_t random_bits(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545F4914F6CDD1Du;
}

static double double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}
static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}
static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}
static uint32_t bits_off(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// Bit for bit, but for the payload of a NaN, which must be quiet.
static void check_double(uint64_t x, uint64_t y) {
  double expected = fmod(double_of(x), double_of(y));
  uint64_t actual = bits_of(tenon_fmod(double_of(x), double_of(y)));
  int matches = isnan(expected) ? (actual & 0x7FF8000000000000u) == 0x7FF8000000000000u
                                : actual == bits_of(expected);
  if (!matches) {
    fail_msg("fmod(%a, %a) is %a, not %a", double_of(x), double_of(y), expected, double_of(actual));
  }
}
static void check_float(uint32_t x, uint32_t y) {
  float expected = fmodf(float_of(x), float_of(y));
  uint32_t actual = bits_off(tenon_fmodf(float_of(x), float_of(y)));
  int matches =
      isnan(expected) ? (actual & 0x7FC00000u) == 0x7FC00000u : actual == bits_off(expected);
  if (!matches) {
    fail_msg("fmodf(%a, %a) is %a, not %a", float_of(x), float_of(y), expected, float_of(actual));
  }
}

static const uint64_t double_corners[] = {
    0,
    1,  // smallest denormal
    2,
    3,
    0x000FFFFFFFFFFFFFu,  // largest denormal
    0x0010000000000000u,  // smallest normal
    0x0010000000000001u,
    0x001FFFFFFFFFFFFFu,
    0x0020000000000000u,
    0x3CB0000000000000u,  // epsilon
    0x3FE0000000000000u,
    0x3FEFFFFFFFFFFFFFu,
    0x3FF0000000000000u,  // 1
    0x3FF0000000000001u,
    0x4000000000000000u,
    0x4008000000000000u,  // 3
    0x4340000000000000u,  // 2^53
    0x7FE0000000000000u,
    0x7FEFFFFFFFFFFFFFu,  // largest
    0x7FF0000000000000u,  // infinity
    0x7FF0000000000001u,  // signalling NaN
    0x7FF8000000000000u,
};

static void test_double_corners(void** state) {
  const size_t count = sizeof(double_corners) / sizeof(double_corners[0]);
  const uint64_t sign = UINT64_C(1) << 63;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      check_double(double_corners[i], double_corners[j]);
      check_double(double_corners[i] | sign, double_corners[j]);
      check_double(double_corners[i], double_corners[j] | sign);
      check_double(double_corners[i] | sign, double_corners[j] | sign);
    }
    for (int n = 0; n < 2000; ++n) {
      check_double(double_corners[i], random_bits());
      check_double(random_bits(), double_corners[i]);
    }
  }
}

static void test_double_random(void** state) {
  for (int n = 0; n < 400000; ++n) {
    uint64_t x = random_bits(), y = random_bits();
    check_double(x, y);
    // Exponents near one another, where the quotient is small.
    check_double(x, (y & 0x800FFFFFFFFFFFFFu) | (x & 0x7FF0000000000000u));
    // Denormals and few significant bits.
    check_double(x & 0x803FFFFFFFFFFFFFu, y & 0x801FFFFFFFFFFFFFu);
    check_double(x, y & 0xFFFFF00000000000u);
  }
}

static void test_float_random_and_corners(void** state) {
  static const uint32_t corners[] = {
      0,           1,           2,           0x007FFFFFu, 0x00800000u, 0x00800001u, 0x3F800000u,
      0x3F7FFFFFu, 0x4B800000u, 0x7F7FFFFFu, 0x7F800000u, 0x7F800001u, 0x7FC00000u};
  const size_t count = sizeof(corners) / sizeof(corners[0]);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      for (uint32_t signs = 0; signs < 4; ++signs) {
        check_float(corners[i] | (signs & 1) << 31, corners[j] | (signs & 2) << 30);
      }
    }
    for (int n = 0; n < 2000; ++n) {
      check_float(corners[i], (uint32_t)random_bits());
      check_float((uint32_t)random_bits(), corners[i]);
    }
  }
  for (int n = 0; n < 1000000; ++n) {
    uint64_t bits = random_bits();
    uint32_t x = (uint32_t)bits, y = (uint32_t)(bits >> 32);
    check_float(x, y);
    check_float(x, (y & 0x807FFFFFu) | (x & 0x7F800000u));
    check_float(x & 0x81FFFFFFu, y & 0x80FFFFFFu);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_double_corners),
      cmocka_unit_test(test_double_random),
      cmocka_unit_test(test_float_random_and_corners),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
