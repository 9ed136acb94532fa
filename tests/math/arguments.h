// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arguments for the tests of the device library: corners, and random ones that repeat.

#ifndef TENON_TESTS_MATH_ARGUMENTS_H_
#define TENON_TESTS_MATH_ARGUMENTS_H_

#include <stddef.h>
#include <stdint.h>

extern const double tenon_corners[];
extern const size_t tenon_corner_count;

void tenon_random_seed(uint64_t seed);
uint64_t tenon_random_bits(void);
// Argument |i| of a series: every exponent; those around 1; uniform in [-50, 50] and in [-1, 1]; numbers of few digits.
double tenon_random_f64(uint64_t i);
float tenon_random_f32(uint64_t i);

float tenon_float_of(uint32_t bits);
double tenon_double_of(uint64_t bits);
uint32_t tenon_bits_of_float(float value);
uint64_t tenon_bits_of_double(double value);

#endif  // TENON_TESTS_MATH_ARGUMENTS_H_
