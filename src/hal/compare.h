// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparing elements of tensors, exactly or within tolerances.
//
// Floats are the numbers they stand for, complex elements two of these. Any NaN is the same as any other: which one an
// operation makes is not defined. All else is its bits; of i4 the low four.

#ifndef TENON_HAL_COMPARE_H_
#define TENON_HAL_COMPARE_H_

#include <stdbool.h>

#include "iree/hal/element_type.h"

// Finite floats are close when |actual - expected| <= absolute + relative * |expected|; the absolute part goes by their
// type, of complex elements by that of their parts. Infinities are close to themselves, NaNs to NaNs.
typedef struct tenon_tolerances_t {
  double absolute_f16;
  double absolute_bf16;
  double absolute_f32;
  double absolute_f64;
  double relative;
} tenon_tolerances_t;

// What users get unless they say something else.
#define TENON_TOLERANCES_ABSOLUTE \
  .absolute_f16 = 1e-3, .absolute_bf16 = 1e-2, .absolute_f32 = 1e-4, .absolute_f64 = 1e-4

bool tenon_numbers_are_close(double actual, double expected, double absolute, double relative);

// Whether both are NaN, or the same: 0 and -0 are not.
bool tenon_numbers_are_equal(double actual, double expected);

// The number of the first element that differs, or |count|. Without |tolerances| elements are equal when they have the
// same bits, or are NaN. The memory needs no alignment.
iree_host_size_t tenon_hal_find_difference(const uint8_t* actual, const uint8_t* expected,
                                           iree_host_size_t count,
                                           iree_hal_element_type_t element_type,
                                           const tenon_tolerances_t* tolerances);

// Whether the element at |data| is zero; -0 is.
bool tenon_hal_element_is_zero(const uint8_t* data, iree_hal_element_type_t element_type);

// The floats of an element: 1, of complex ones 2, of others 0. |out_part_type| is theirs.
iree_host_size_t tenon_hal_element_float_count(iree_hal_element_type_t element_type,
                                               iree_hal_element_type_t* out_part_type);

// A float of that type as a number.
double tenon_hal_load_float(const uint8_t* data, iree_hal_element_type_t part_type);

#endif  // TENON_HAL_COMPARE_H_
