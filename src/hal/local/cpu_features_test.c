// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/cpu_features.h"

#include "hal/testing/hal_testing.h"

static bool has(const char* name) { return tenon_cpu_has_feature(iree_make_cstring_view(name)); }

static void test_features(void** state) {
  assert_false(has("flux-capacitor"));
  assert_false(has(""));
#if defined(__x86_64__)
  // The baseline of every x86-64.
  assert_true(has("sse2"));
  assert_true(has("cmov"));
  assert_true(has("fxsr"));
  assert_int_equal(has("avx2"), __builtin_cpu_supports("avx2") != 0);
  assert_int_equal(has("fma"), __builtin_cpu_supports("fma") != 0);
  assert_int_equal(has("sse4.2"), __builtin_cpu_supports("sse4.2") != 0);
  assert_int_equal(has("sse4_2"), has("sse4.2"));
  assert_int_equal(has("bmi2"), __builtin_cpu_supports("bmi2") != 0);
  assert_int_equal(has("avx512f"), __builtin_cpu_supports("avx512f") != 0);
  assert_int_equal(has("avx512_vnni"), __builtin_cpu_supports("avx512vnni") != 0);
  // Not in our table, but in Linux's.
  assert_true(has("lm"));
#endif
}

static void test_lists(void** state) {
  iree_string_view_t missing;
  assert_true(tenon_cpu_has_features(iree_make_cstring_view(""), &missing));
  assert_true(tenon_cpu_has_features(iree_make_cstring_view(","), &missing));
  assert_false(tenon_cpu_has_features(iree_make_cstring_view("flux, warp"), &missing));
  assert_memory_equal(missing.data, "flux", missing.size);
#if defined(__x86_64__)
  assert_true(tenon_cpu_has_features(iree_make_cstring_view("+sse2, sse,+cx8"), &missing));
  assert_false(tenon_cpu_has_features(iree_make_cstring_view("+sse2,+warp,flux"), &missing));
  assert_int_equal(missing.size, 4);
  assert_memory_equal(missing.data, "warp", 4);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_features), cmocka_unit_test(test_lists)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
