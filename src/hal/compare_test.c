// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/compare.h"

#include <math.h>

#include "hal/testing/hal_testing.h"

static const tenon_tolerances_t tolerances = {TENON_TOLERANCES_ABSOLUTE, .relative = 0};

#define FIND(actual, expected, type, how)                                         \
  tenon_hal_find_difference((const uint8_t*)(actual), (const uint8_t*)(expected), \
                            sizeof(actual) / iree_hal_element_dense_byte_count(type), type, how)

static void floats(void** state) {
  const float a[] = {1, NAN, 0, INFINITY, 2};
  const float b[] = {1, -NAN, -0.0f, INFINITY, 2.00005f};
  assert_int_equal(FIND(a, a, IREE_HAL_ELEMENT_TYPE_FLOAT_32, NULL), 5);
  assert_int_equal(FIND(a, b, IREE_HAL_ELEMENT_TYPE_FLOAT_32, NULL), 2);
  assert_int_equal(FIND(a, b, IREE_HAL_ELEMENT_TYPE_FLOAT_32, &tolerances), 5);
  const double c[] = {1, 3}, d[] = {1, 3.001};
  assert_int_equal(FIND(c, d, IREE_HAL_ELEMENT_TYPE_FLOAT_64, &tolerances), 1);
  // f16: 1 and the next two numbers, 2^-10 apart; bf16: 2^-7.
  const uint16_t e[] = {0x3C00, 0x3C00}, f[] = {0x3C01, 0x3C02};
  assert_int_equal(FIND(e, f, IREE_HAL_ELEMENT_TYPE_FLOAT_16, &tolerances), 1);
  const uint16_t g[] = {0x3F80, 0x3F80}, h[] = {0x3F81, 0x3F82};
  assert_int_equal(FIND(g, h, IREE_HAL_ELEMENT_TYPE_BFLOAT_16, &tolerances), 1);
}

static void complex_numbers(void** state) {
  const float a[] = {1, 2, 3, NAN}, b[] = {1, 2.00001f, 3, NAN};
  assert_int_equal(FIND(a, b, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64, NULL), 0);
  assert_int_equal(FIND(a, b, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64, &tolerances), 2);
  const double c[] = {1, 2, 3, 4}, d[] = {1, 2, 3, 5};
  assert_int_equal(FIND(c, d, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128, &tolerances), 1);
}

static void integers(void** state) {
  const int16_t a[] = {1, 2, 3}, b[] = {1, 2, 4};
  assert_int_equal(FIND(a, a, IREE_HAL_ELEMENT_TYPE_INT_16, &tolerances), 3);
  assert_int_equal(FIND(a, b, IREE_HAL_ELEMENT_TYPE_INT_16, &tolerances), 2);
  // Of i4 the low bits.
  const uint8_t c[] = {0xF7, 0x08}, d[] = {0x07, 0x09};
  assert_int_equal(FIND(c, d, IREE_HAL_ELEMENT_TYPE_INT_4, NULL), 1);
}

static void zeros(void** state) {
  const float f32[] = {-0.0f, NAN};
  assert_true(tenon_hal_element_is_zero((const uint8_t*)&f32[0], IREE_HAL_ELEMENT_TYPE_FLOAT_32));
  assert_false(tenon_hal_element_is_zero((const uint8_t*)&f32[1], IREE_HAL_ELEMENT_TYPE_FLOAT_32));
  const float complex[] = {0, 1};
  assert_false(
      tenon_hal_element_is_zero((const uint8_t*)complex, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64));
  const int32_t i32[] = {0, 1 << 24};
  assert_true(tenon_hal_element_is_zero((const uint8_t*)&i32[0], IREE_HAL_ELEMENT_TYPE_INT_32));
  assert_false(tenon_hal_element_is_zero((const uint8_t*)&i32[1], IREE_HAL_ELEMENT_TYPE_INT_32));
  const uint8_t i4 = 0xF0;
  assert_true(tenon_hal_element_is_zero(&i4, IREE_HAL_ELEMENT_TYPE_INT_4));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(floats),
      cmocka_unit_test(complex_numbers),
      cmocka_unit_test(integers),
      cmocka_unit_test(zeros),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
