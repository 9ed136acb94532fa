// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floats of 16 bits, f16 (5 bits of exponent, 10 of mantissa) and bf16 (8 and 7), from and to
// double.

#ifndef TENON_HAL_SMALL_FLOAT_H_
#define TENON_HAL_SMALL_FLOAT_H_

#include <stdint.h>

typedef struct tenon_small_float_format_t {
  int exponent_bits;
  int mantissa_bits;
} tenon_small_float_format_t;

static const tenon_small_float_format_t tenon_small_float_f16 = {5, 10};
static const tenon_small_float_format_t tenon_small_float_bf16 = {8, 7};

// Exact.
double tenon_small_float_to_double(uint16_t bits, tenon_small_float_format_t format);

// To the nearest, ties to even; too large gives infinity, every NaN a quiet one.
uint16_t tenon_small_float_from_double(double value, tenon_small_float_format_t format);

#endif  // TENON_HAL_SMALL_FLOAT_H_
