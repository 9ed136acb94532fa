// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/small_float.h"

#include "hal/testing/hal_testing.h"

static bool is_nan(uint32_t bits, tenon_small_float_format_t format) {
  const uint32_t infinity = ((1u << format.exponent_bits) - 1) << format.mantissa_bits;
  return (bits & 0x7FFF) > infinity;
}

// Every value survives the way to double and back, and what lies between two neighbours goes to the
// nearer, at half-way to the even.
static void check_all(tenon_small_float_format_t format) {
  const uint32_t infinity = ((1u << format.exponent_bits) - 1) << format.mantissa_bits;
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const double value = tenon_small_float_to_double((uint16_t)bits, format);
    const uint16_t back = tenon_small_float_from_double(value, format);
    if (is_nan(bits, format)) {
      assert_true(value != value);
      assert_true(is_nan(back, format));
      continue;
    }
    assert_int_equal(back, bits);
    const uint32_t magnitude = bits & 0x7FFF;
    if (magnitude + 1 >= infinity) continue;
    const double next = tenon_small_float_to_double((uint16_t)(bits + 1), format);
    const double middle = (value + next) / 2;
    assert_int_equal(tenon_small_float_from_double(middle, format),
                     magnitude & 1 ? bits + 1 : bits);
    assert_int_equal(tenon_small_float_from_double(value + (next - value) * 0.49, format), bits);
    assert_int_equal(tenon_small_float_from_double(value + (next - value) * 0.51, format),
                     bits + 1);
  }
}

static void test_f16(void** state) {
  check_all(tenon_small_float_f16);
  assert_int_equal(tenon_small_float_from_double(1.0, tenon_small_float_f16), 0x3C00);
  assert_int_equal(tenon_small_float_from_double(65519.9, tenon_small_float_f16), 0x7BFF);
  assert_int_equal(tenon_small_float_from_double(65520, tenon_small_float_f16), 0x7C00);
  assert_int_equal(tenon_small_float_from_double(-1e300, tenon_small_float_f16), 0xFC00);
  assert_int_equal(tenon_small_float_from_double(-1e-300, tenon_small_float_f16), 0x8000);
}

static void test_bf16(void** state) {
  check_all(tenon_small_float_bf16);
  assert_int_equal(tenon_small_float_from_double(1.0, tenon_small_float_bf16), 0x3F80);
  assert_int_equal(tenon_small_float_from_double(1e39, tenon_small_float_bf16), 0x7F80);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_f16), cmocka_unit_test(test_bf16)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
