// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The remainder of a floating-point division, exact, without a C library: for the interpreter and
// for the device library, which inlines it into compiled code. The result has x's sign and a
// magnitude below |y|; fmod(x, inf) is x, fmod(±0, y) is ±0; x infinite, y zero or either NaN gives
// a quiet NaN. No floating-point operation is used, so neither rounding mode nor denormal flushing
// matters, and no exception flag is raised.
//
// Method: with |x| = a * 2^m and |y| = b * 2^n (a, b integers), the remainder is ((a * 2^(m-n)) mod
// b) * 2^n. The power of two is multiplied in by as many bits at a time as an integer has left
// above b, with an integer remainder each.
#ifndef TENON_BASE_FMOD_H_
#define TENON_BASE_FMOD_H_

#include <stdint.h>

// The magnitude of the remainder of two magnitudes, as bits of a format with `fraction_bits` below
// the exponent. Both are finite and y is not zero.
static inline uint64_t tenon_fmod_magnitude(uint64_t x, uint64_t y, int fraction_bits) {
  if (x < y) return x;
  const uint64_t implicit_one = (uint64_t)1 << fraction_bits;
  int x_exponent = (int)(x >> fraction_bits), y_exponent = (int)(y >> fraction_bits);
  uint64_t a = x & (implicit_one - 1), b = y & (implicit_one - 1);
  // A denormal has no implicit one and the scale of exponent 1.
  if (x_exponent) {
    a |= implicit_one;
  } else {
    x_exponent = 1;
  }
  if (y_exponent) {
    b |= implicit_one;
  } else {
    y_exponent = 1;
  }

  uint64_t remainder = a % b;
  for (int left = x_exponent - y_exponent; left > 0 && remainder;) {
    // remainder < b < 2^(fraction_bits + 1), so shifting by the bits above does not overflow.
    int step = 63 - fraction_bits < left ? 63 - fraction_bits : left;
    remainder = (remainder << step) % b;
    left -= step;
  }
  if (remainder == 0) return 0;

  // Back to the format: move the leading one to its place as far as the exponent allows, else it is
  // a denormal.
  int shift = fraction_bits - (63 - __builtin_clzll(remainder));
  if (shift >= y_exponent) return remainder << (y_exponent - 1);
  return ((remainder << shift) - implicit_one) | (uint64_t)(y_exponent - shift) << fraction_bits;
}

static inline double tenon_fmod(double x, double y) {
  union {
    double f;
    uint64_t u;
  } ux = {x}, uy = {y}, result;
  const uint64_t sign = UINT64_C(1) << 63, infinity = UINT64_C(0x7FF) << 52,
                 quiet = UINT64_C(1) << 51;
  uint64_t x_magnitude = ux.u & ~sign, y_magnitude = uy.u & ~sign;
  if (x_magnitude > infinity) {
    result.u = ux.u | quiet;
  } else if (y_magnitude > infinity) {
    result.u = uy.u | quiet;
  } else if (x_magnitude == infinity || y_magnitude == 0) {
    result.u = infinity | quiet;
  } else {
    result.u = (ux.u & sign) | tenon_fmod_magnitude(x_magnitude, y_magnitude, 52);
  }
  return result.f;
}

static inline float tenon_fmodf(float x, float y) {
  union {
    float f;
    uint32_t u;
  } ux = {x}, uy = {y}, result;
  const uint32_t sign = UINT32_C(1) << 31, infinity = UINT32_C(0xFF) << 23,
                 quiet = UINT32_C(1) << 22;
  uint32_t x_magnitude = ux.u & ~sign, y_magnitude = uy.u & ~sign;
  if (x_magnitude > infinity) {
    result.u = ux.u | quiet;
  } else if (y_magnitude > infinity) {
    result.u = uy.u | quiet;
  } else if (x_magnitude == infinity || y_magnitude == 0) {
    result.u = infinity | quiet;
  } else {
    result.u = (ux.u & sign) | (uint32_t)tenon_fmod_magnitude(x_magnitude, y_magnitude, 23);
  }
  return result.f;
}

#endif  // TENON_BASE_FMOD_H_
