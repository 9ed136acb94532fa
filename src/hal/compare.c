// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "hal/compare.h"

#include <math.h>
#include <string.h>

#include "hal/small_float.h"

bool tenon_numbers_are_close(double actual, double expected, double absolute, double relative) {
  if (isnan(actual) || isnan(expected)) return isnan(actual) && isnan(expected);
  if (isinf(actual) || isinf(expected)) return actual == expected;
  return fabs(actual - expected) <= absolute + relative * fabs(expected);
}

bool tenon_numbers_are_equal(double actual, double expected) {
  if (isnan(actual) || isnan(expected)) return isnan(actual) && isnan(expected);
  return actual == expected && signbit(actual) == signbit(expected);
}

//===--------------------------------------------------------------------------------------------===//
// Elements
//===--------------------------------------------------------------------------------------------===//

iree_host_size_t tenon_hal_element_float_count(iree_hal_element_type_t element_type,
                                               iree_hal_element_type_t* out_part_type) {
  *out_part_type = element_type;
  switch (element_type) {
    case IREE_HAL_ELEMENT_TYPE_FLOAT_16:
    case IREE_HAL_ELEMENT_TYPE_BFLOAT_16:
    case IREE_HAL_ELEMENT_TYPE_FLOAT_32:
    case IREE_HAL_ELEMENT_TYPE_FLOAT_64:
      return 1;
    case IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64:
      *out_part_type = IREE_HAL_ELEMENT_TYPE_FLOAT_32;
      return 2;
    case IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128:
      *out_part_type = IREE_HAL_ELEMENT_TYPE_FLOAT_64;
      return 2;
    default:
      return 0;
  }
}

double tenon_hal_load_float(const uint8_t* data, iree_hal_element_type_t part_type) {
  uint16_t bits;
  float f32;
  double f64;
  switch (part_type) {
    case IREE_HAL_ELEMENT_TYPE_FLOAT_64:
      memcpy(&f64, data, sizeof(f64));
      return f64;
    case IREE_HAL_ELEMENT_TYPE_FLOAT_32:
      memcpy(&f32, data, sizeof(f32));
      return f32;
    default:
      memcpy(&bits, data, sizeof(bits));
      return tenon_small_float_to_double(bits, part_type == IREE_HAL_ELEMENT_TYPE_FLOAT_16
                                                   ? tenon_small_float_f16
                                                   : tenon_small_float_bf16);
  }
}

static double absolute_of(const tenon_tolerances_t* tolerances, iree_hal_element_type_t part_type) {
  switch (part_type) {
    case IREE_HAL_ELEMENT_TYPE_FLOAT_16:
      return tolerances->absolute_f16;
    case IREE_HAL_ELEMENT_TYPE_BFLOAT_16:
      return tolerances->absolute_bf16;
    case IREE_HAL_ELEMENT_TYPE_FLOAT_32:
      return tolerances->absolute_f32;
    default:
      return tolerances->absolute_f64;
  }
}

static bool is_four_bits(iree_hal_element_type_t element_type) {
  return iree_hal_element_bit_count(element_type) == 4;
}

// Of elements whose bits differ.
static bool agree(const uint8_t* actual, const uint8_t* expected,
                  iree_hal_element_type_t element_type, const tenon_tolerances_t* tolerances) {
  if (is_four_bits(element_type)) return ((*actual ^ *expected) & 0xF) == 0;
  iree_hal_element_type_t part_type;
  const iree_host_size_t parts = tenon_hal_element_float_count(element_type, &part_type);
  const iree_host_size_t size = iree_hal_element_dense_byte_count(part_type);
  for (iree_host_size_t i = 0; i < parts; ++i) {
    const double a = tenon_hal_load_float(actual + i * size, part_type);
    const double e = tenon_hal_load_float(expected + i * size, part_type);
    const bool same = tolerances ? tenon_numbers_are_close(a, e, absolute_of(tolerances, part_type),
                                                           tolerances->relative)
                                 : tenon_numbers_are_equal(a, e);
    if (!same) return false;
  }
  return parts > 0;
}

iree_host_size_t tenon_hal_find_difference(const uint8_t* actual, const uint8_t* expected,
                                           iree_host_size_t count,
                                           iree_hal_element_type_t element_type,
                                           const tenon_tolerances_t* tolerances) {
  const iree_host_size_t size = iree_hal_element_dense_byte_count(element_type);
  if (!count || memcmp(actual, expected, count * size) == 0) return count;
  for (iree_host_size_t i = 0; i < count; ++i, actual += size, expected += size) {
    if (memcmp(actual, expected, size) == 0) continue;
    if (!agree(actual, expected, element_type, tolerances)) return i;
  }
  return count;
}

bool tenon_hal_element_is_zero(const uint8_t* data, iree_hal_element_type_t element_type) {
  if (is_four_bits(element_type)) return (*data & 0xF) == 0;
  iree_hal_element_type_t part_type;
  const iree_host_size_t parts = tenon_hal_element_float_count(element_type, &part_type);
  const iree_host_size_t size = iree_hal_element_dense_byte_count(part_type);
  for (iree_host_size_t i = 0; i < parts; ++i) {
    if (tenon_hal_load_float(data + i * size, part_type) != 0) return false;
  }
  for (iree_host_size_t i = 0; parts == 0 && i < size; ++i) {
    if (data[i]) return false;
  }
  return true;
}
