// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tests/math/arguments.h"

#include <math.h>
#include <string.h>

// Among them the double that is nearest to a multiple of pi/2, and the ends of exp, sinh and their like.
const double tenon_corners[] = {0,
                                -0.0,
                                0x1p-1074,
                                -0x1p-1074,
                                0x1.fffffffffffffp-1023,
                                -0x1.fffffffffffffp-1023,
                                0x1p-1022,
                                -0x1p-1022,
                                0x1p-54,
                                -0x1p-54,
                                0x1p-53,
                                -0x1p-53,
                                0x1p-28,
                                -0x1p-28,
                                0x1p-27,
                                -0x1p-27,
                                0.5,
                                -0.5,
                                1,
                                -1,
                                0x1.fffffffffffffp-1,
                                -0x1.fffffffffffffp-1,
                                0x1.0000000000001p0,
                                -0x1.0000000000001p0,
                                2,
                                -2,
                                0x1p52,
                                -0x1p52,
                                0x1.fffffffffffffp52,
                                -0x1.fffffffffffffp52,
                                0x1p53,
                                -0x1p53,
                                709.782712893384,
                                -709.782712893384,
                                710.4758600739439,
                                -710.4758600739439,
                                745.1332191019411,
                                -745.1332191019411,
                                745.13321910194122,
                                -745.13321910194122,
                                1024,
                                -1024,
                                1074.5,
                                -1074.5,
                                1075,
                                -1075,
                                0x1.6ac5b262ca1ffp+849,
                                -0x1.6ac5b262ca1ffp+849,
                                0x1.921fb54442d18p0,
                                -0x1.921fb54442d18p0,
                                0x1.fffffffffffffp1023,
                                -0x1.fffffffffffffp1023,
                                INFINITY,
                                -INFINITY,
                                NAN,
                                3,
                                -3,
                                0x1.fffffep127,
                                -0x1.fffffep127,
                                0x1p-149,
                                0x1p-126,
                                0x1.fffffcp-127,
                                88.72284,
                                -103.97208,
                                0x1p31,
                                0x1p63,
                                -1.5,
                                2.5,
                                1.5,
                                0x1p-1021,
                                0x1p1000};
const size_t tenon_corner_count = sizeof(tenon_corners) / sizeof(tenon_corners[0]);

static uint64_t random_state;

void tenon_random_seed(uint64_t seed) { random_state = seed; }

uint64_t tenon_random_bits(void) {  // splitmix64
  uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

double tenon_random_f64(uint64_t i) {
  uint64_t bits = tenon_random_bits();
  switch (i % 6) {
    case 0:
      return tenon_double_of(bits);
    case 1:
    case 2:
      return tenon_double_of((bits & UINT64_C(0x800FFFFFFFFFFFFF)) |
                             ((1023 - 12 + tenon_random_bits() % 23) << 52));
    case 3:
      return (double)(int64_t)bits * 0x1p-63 * 50;
    case 4:
      return (double)(int64_t)bits * 0x1p-63;
    default:
      return tenon_double_of(bits & UINT64_C(0xFFFFF80000000000));
  }
}

float tenon_random_f32(uint64_t i) {
  if (i % 6 == 0 || i % 6 == 5) return tenon_float_of((uint32_t)(tenon_random_bits() >> 32));
  return (float)tenon_random_f64(i);
}

float tenon_float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

double tenon_double_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

uint32_t tenon_bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

uint64_t tenon_bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}
