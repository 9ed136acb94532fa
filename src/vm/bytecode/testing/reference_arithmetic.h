// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What instructions compute, in another way than the interpreter does: in wider types, bit by bit,
// rounded by hand.

#ifndef TENON_VM_BYTECODE_TESTING_REFERENCE_ARITHMETIC_H_
#define TENON_VM_BYTECODE_TESTING_REFERENCE_ARITHMETIC_H_

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "format/writer.h"

typedef unsigned __int128 u128_t;
typedef __int128 s128_t;
#if __LDBL_MANT_DIG__ == 113
typedef long double wide_float_t;
#else
typedef __float128 wide_float_t;
#endif

// Any operation on bits, one at a time.
static inline uint64_t bitwise(uint64_t a, uint64_t b, int truth_table) {
  uint64_t result = 0;
  for (int n = 0; n < 64; ++n) {
    int pair = (int)(a >> n & 1) * 2 + (int)(b >> n & 1);
    if (truth_table >> pair & 1) result |= UINT64_C(1) << n;
  }
  return result;
}

// a * 2^n modulo 2^64, or floor(a / 2^n); |n| is any number.
static inline uint64_t shift_left(uint64_t a, uint64_t n) {
  for (uint64_t i = 0; i < n && i < 64; ++i) a += a;
  return a;
}
static inline s128_t shift_right(s128_t a, uint64_t n) {
  for (uint64_t i = 0; i < n && i < 64; ++i) a = (a - (a % 2 != 0)) / 2;
  return a;
}

static inline uint64_t multiply_high(uint64_t a, uint64_t b) {
  uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
  uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
  uint64_t other = a0 * b1 + (uint32_t)middle;
  return a1 * b1 + (middle >> 32) + (other >> 32);
}
static inline uint64_t multiply_high_signed(uint64_t a, uint64_t b) {
  return multiply_high(a, b) - (a >> 63 ? b : 0) - (b >> 63 ? a : 0);
}

static inline uint64_t leading_zeros(uint64_t a, uint64_t width) {
  uint64_t count = 0;
  while (count < width && !(a >> (width - 1 - count) & 1)) ++count;
  return count;
}

static inline uint64_t sign_extend(uint64_t a, int width) {
  uint64_t sign = UINT64_C(1) << (width - 1);
  return ((a & (2 * sign - 1)) ^ sign) - sign;
}

// |magnitude| * 2^|exponent| and something between 0 and 1 of its last place more if |sticky|,
// rounded to nearest, ties to even, in a format with |precision| bits and |least| as the exponent of
// its last denormal place; infinite from 2^|limit| on.
static inline double round_to(u128_t magnitude, int exponent, bool sticky, int precision, int least,
                              int limit) {
  if (magnitude == 0) return 0;
  int width = 0;
  while (width < 128 && magnitude >> width) ++width;
  int place = exponent + width - precision;
  if (place < least) place = least;
  int dropped = place - exponent;
  if (dropped > 0) {
    u128_t half = dropped <= 128 ? (u128_t)1 << (dropped - 1) : 0;
    u128_t rest = dropped < 128 ? magnitude & (((u128_t)1 << dropped) - 1) : magnitude;
    magnitude = dropped < 128 ? magnitude >> dropped : 0;
    bool up = half && (rest > half || (rest == half && (sticky || magnitude % 2)));
    magnitude += up;
    exponent = place;
  }
  double value = ldexp((double)(uint64_t)magnitude, exponent);
  return value >= ldexp(1, limit) ? INFINITY : value;
}
static inline double round_to_f32(u128_t magnitude, int exponent, bool sticky) {
  return round_to(magnitude, exponent, sticky, 24, -149, 128);
}
static inline double round_to_f64(u128_t magnitude, int exponent, bool sticky) {
  return round_to(magnitude, exponent, sticky, 53, -1074, 1024);
}

// A finite double as an integer and an exponent.
static inline uint64_t take_apart(double value, int* out_exponent) {
  double fraction = frexp(fabs(value), out_exponent);
  *out_exponent -= 53;
  return (uint64_t)ldexp(fraction, 53);
}

// A double rounded to float. All of + - * / and sqrt on floats may be done in double first: it has
// more than twice the bits.
static inline uint64_t f32_bits(double value) {
  if (!isnan(value) && !isinf(value)) {
    int exponent = 0;
    uint64_t magnitude = take_apart(value, &exponent);
    value = copysign(round_to_f32(magnitude, exponent, false), value);
  }
  return tenon_f32_bits((float)value);
}
static inline uint64_t f64_bits(double value) { return tenon_f64_bits(value); }
// Likewise for doubles in quadruple precision.
static inline uint64_t quad_bits(wide_float_t value) { return tenon_f64_bits((double)value); }

static inline double f32_of(uint64_t bits) {
  int exponent = (int)(bits >> 23 & 0xFF);
  double fraction = (double)(bits & 0x7FFFFF), sign = bits >> 31 & 1 ? -1 : 1;
  if (exponent == 0xFF) return fraction != 0 ? NAN : sign * INFINITY;
  return sign * (exponent ? ldexp(fraction + 0x800000, exponent - 150) : ldexp(fraction, -149));
}
static inline double f64_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

// The square root's bits, one after the other.
static inline double square_root(double value) {
  if (isnan(value) || value == 0) return value;
  if (value < 0) return NAN;
  if (isinf(value)) return value;
  int exponent = 0;
  u128_t magnitude = (u128_t)take_apart(value, &exponent) << 64;
  exponent -= 64;
  if (exponent % 2) magnitude *= 2, exponent -= 1;
  u128_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    u128_t candidate = root | (u128_t)1 << bit;
    if (candidate * candidate <= magnitude) root = candidate;
  }
  return round_to_f64(root, exponent / 2, root * root != magnitude);
}

static inline double from_signed(s128_t value, double (*rounded)(u128_t, int, bool)) {
  double magnitude = rounded((u128_t)(value < 0 ? -value : value), 0, false);
  return value < 0 ? -magnitude : magnitude;
}

// Toward zero, within the limits.
static inline uint64_t to_integer(double value, s128_t minimum, s128_t maximum) {
  if (isnan(value)) return 0;
  if (value >= 0x1p65) return (uint64_t)maximum;
  if (value <= -0x1p65) return (uint64_t)minimum;
  s128_t whole = (s128_t)value;
  return (uint64_t)(whole < minimum ? minimum : whole > maximum ? maximum : whole);
}

// By the names of the predicates: o with order, u or without, and which relations.
static inline bool compare(double a, double b, uint64_t predicate) {
  static const char* const names[16] = {"",   "o=", "o>",  "o>=", "o<",  "o<=", "o<>", "o<=>",
                                        "u=", "u>", "u>=", "u<",  "u<=", "u<>", "u",   "u<=>"};
  const char* name = names[predicate];
  if (isnan(a) || isnan(b)) return name[0] == 'u';
  return strchr(name, a < b ? '<' : a > b ? '>' : '=') != NULL;
}

#endif  // TENON_VM_BYTECODE_TESTING_REFERENCE_ARITHMETIC_H_
