// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/small_float.h"

#include <math.h>

static int tenon_max_exponent_field(tenon_small_float_format_t format) {
  return (1 << format.exponent_bits) - 1;
}

static int tenon_exponent_bias(tenon_small_float_format_t format) {
  return (1 << (format.exponent_bits - 1)) - 1;
}

double tenon_small_float_to_double(uint16_t bits, tenon_small_float_format_t format) {
  const int sign_shift = format.exponent_bits + format.mantissa_bits;
  const double sign = (bits >> sign_shift) & 1 ? -1.0 : 1.0;
  const int exponent = (bits >> format.mantissa_bits) & tenon_max_exponent_field(format);
  const int mantissa = bits & ((1 << format.mantissa_bits) - 1);
  if (exponent == tenon_max_exponent_field(format))
    return mantissa ? (double)NAN : sign * (double)INFINITY;
  // Subnormals have the exponent of the smallest normal numbers, without the leading one.
  const int significand = exponent ? mantissa | (1 << format.mantissa_bits) : mantissa;
  const int scale = (exponent ? exponent : 1) - tenon_exponent_bias(format) - format.mantissa_bits;
  return sign * ldexp((double)significand, scale);
}

uint16_t tenon_small_float_from_double(double value, tenon_small_float_format_t format) {
  const int sign_shift = format.exponent_bits + format.mantissa_bits;
  const uint32_t sign = signbit(value) ? 1u << sign_shift : 0;
  const uint32_t infinity = (uint32_t)tenon_max_exponent_field(format) << format.mantissa_bits;
  if (isnan(value)) return (uint16_t)(sign | infinity | (1u << (format.mantissa_bits - 1)));
  if (isinf(value)) return (uint16_t)(sign | infinity);
  if (value == 0) return (uint16_t)sign;
  int exponent = 0;
  frexp(value, &exponent);  // |value| is in [0.5, 1) * 2^exponent
  const int min_exponent = 1 - tenon_exponent_bias(format);
  if (exponent - 1 > tenon_exponent_bias(format) + 1) return (uint16_t)(sign | infinity);
  const int unit_exponent =
      (exponent - 1 > min_exponent ? exponent - 1 : min_exponent) - format.mantissa_bits;
  // The number of units in the last place, exact before it is rounded: doubles from 2^52 on are
  // integers. (libm's nearbyint would be the only need for libm.) A carry moves on into the
  // exponent by itself.
  const double exact_units = ldexp(fabs(value), -unit_exponent);
  const uint32_t units = (uint32_t)((exact_units + 0x1p52) - 0x1p52);
  const uint32_t exponent_field = (uint32_t)(unit_exponent + format.mantissa_bits - min_exponent);
  const uint32_t magnitude = (exponent_field << format.mantissa_bits) + units;
  return (uint16_t)(sign | (magnitude < infinity ? magnitude : infinity));
}
