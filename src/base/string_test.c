// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"

static void expect_view(iree_string_view_t actual, const char* expected) {
  assert_int_equal(actual.size, strlen(expected));
  if (actual.size) assert_memory_equal(actual.data, expected, actual.size);
}

static void test_making(void** state) {
  expect_view(iree_string_view_empty(), "");
  expect_view(iree_make_cstring_view(NULL), "");
  expect_view(iree_make_string_view("abcdef", 3), "abc");
  static const iree_string_view_t literal = IREE_SVL("lit");
  expect_view(literal, "lit");
  iree_string_pair_t pair = iree_make_cstring_pair("k", "v");
  expect_view(pair.key, "k");
  expect_view(pair.second, "v");
  pair = iree_string_pair_empty();
  assert_true(iree_string_view_is_empty(pair.first) && iree_string_view_is_empty(pair.value));
}

static void test_comparing(void** state) {
  assert_true(iree_string_view_equal(IREE_SV(""), iree_string_view_empty()));
  assert_true(iree_string_view_equal(IREE_SV("ab"), IREE_SV("ab")));
  assert_false(iree_string_view_equal(IREE_SV("ab"), IREE_SV("ac")));
  assert_false(iree_string_view_equal(IREE_SV("ab"), IREE_SV("abc")));
  assert_int_equal(iree_string_view_compare(IREE_SV("ab"), IREE_SV("abc")), -1);
  assert_int_equal(iree_string_view_compare(IREE_SV("b"), IREE_SV("abc")), 1);
  assert_int_equal(iree_string_view_compare(IREE_SV("b"), IREE_SV("b")), 0);
  assert_int_equal(iree_string_view_compare(IREE_SV("\xff"), IREE_SV("a")), 1);
  assert_int_equal(iree_string_view_compare(iree_string_view_empty(), IREE_SV("")), 0);
}

static void test_searching(void** state) {
  iree_string_view_t value = IREE_SV("a,b;c,d");
  assert_int_equal(iree_string_view_find_char(value, ',', 0), 1);
  assert_int_equal(iree_string_view_find_char(value, ',', 2), 5);
  assert_true(iree_string_view_find_char(value, ',', 6) == IREE_STRING_VIEW_NPOS);
  assert_true(iree_string_view_find_char(value, ',', 60) == IREE_STRING_VIEW_NPOS);
  assert_true(iree_string_view_find_char(iree_string_view_empty(), ',', 0) ==
              IREE_STRING_VIEW_NPOS);
  assert_int_equal(iree_string_view_find_first_of(value, IREE_SV(";,"), 2), 3);
  assert_true(iree_string_view_find_first_of(value, IREE_SV(""), 0) == IREE_STRING_VIEW_NPOS);
  assert_int_equal(iree_string_view_find_last_of(value, IREE_SV(";,"), IREE_STRING_VIEW_NPOS), 5);
  assert_int_equal(iree_string_view_find_last_of(value, IREE_SV(";,"), 4), 3);
  assert_int_equal(iree_string_view_find_last_of(value, IREE_SV("a"), 0), 0);
  assert_true(iree_string_view_find_last_of(value, IREE_SV(","), 0) == IREE_STRING_VIEW_NPOS);
  assert_true(iree_string_view_starts_with(value, IREE_SV("a,")));
  assert_true(iree_string_view_starts_with(value, iree_string_view_empty()));
  assert_false(iree_string_view_starts_with(IREE_SV("a"), IREE_SV("a,")));
  assert_true(iree_string_view_ends_with(value, IREE_SV(",d")));
  assert_false(iree_string_view_ends_with(value, IREE_SV("x,d")));
}

static void test_patterns(void** state) {
  assert_true(iree_string_view_match_pattern(IREE_SV(""), IREE_SV("")));
  assert_true(iree_string_view_match_pattern(IREE_SV(""), IREE_SV("**")));
  assert_false(iree_string_view_match_pattern(IREE_SV(""), IREE_SV("?")));
  assert_true(iree_string_view_match_pattern(IREE_SV("local-sync"), IREE_SV("local-*")));
  assert_true(iree_string_view_match_pattern(IREE_SV("local-sync"), IREE_SV("*sync")));
  assert_true(iree_string_view_match_pattern(IREE_SV("aXbXc"), IREE_SV("a*X?")));
  assert_true(iree_string_view_match_pattern(IREE_SV("abcabd"), IREE_SV("*abd")));
  assert_false(iree_string_view_match_pattern(IREE_SV("abc"), IREE_SV("ab")));
  assert_false(iree_string_view_match_pattern(IREE_SV("abc"), IREE_SV("a?d*")));
}

static void test_cutting(void** state) {
  iree_string_view_t value = IREE_SV("hello");
  expect_view(iree_string_view_remove_prefix(value, 2), "llo");
  expect_view(iree_string_view_remove_prefix(value, 9), "");
  expect_view(iree_string_view_remove_suffix(value, 2), "hel");
  expect_view(iree_string_view_remove_suffix(value, 9), "");
  expect_view(iree_string_view_strip_prefix(value, IREE_SV("he")), "llo");
  expect_view(iree_string_view_strip_prefix(value, IREE_SV("x")), "hello");
  expect_view(iree_string_view_strip_suffix(value, IREE_SV("lo")), "hel");
  assert_true(iree_string_view_consume_prefix(&value, IREE_SV("h")));
  assert_false(iree_string_view_consume_prefix(&value, IREE_SV("h")));
  assert_true(iree_string_view_consume_suffix(&value, IREE_SV("o")));
  assert_false(iree_string_view_consume_suffix(&value, IREE_SV("o")));
  expect_view(value, "ell");
  expect_view(iree_string_view_trim(IREE_SV(" \t\n a b \r\v\f ")), "a b");
  expect_view(iree_string_view_trim(IREE_SV("  ")), "");
  expect_view(iree_string_view_substr(value, 1, 1), "l");
  expect_view(iree_string_view_substr(value, 1, IREE_STRING_VIEW_NPOS), "ll");
  expect_view(iree_string_view_substr(value, 7, 3), "");
  expect_view(iree_string_view_substr(iree_string_view_empty(), 7, 3), "");
}

static void test_splitting(void** state) {
  iree_string_view_t lhs, rhs;
  assert_int_equal(iree_string_view_split(IREE_SV("k=v=w"), '=', &lhs, &rhs), 1);
  expect_view(lhs, "k");
  expect_view(rhs, "v=w");
  assert_int_equal(iree_string_view_split(rhs, '=', NULL, &rhs), 1);
  expect_view(rhs, "w");
  assert_int_equal(iree_string_view_split(rhs, '=', &lhs, &rhs), -1);
  expect_view(lhs, "w");
  expect_view(rhs, "");
  assert_int_equal(iree_string_view_split(IREE_SV("="), '=', &lhs, NULL), 0);
  expect_view(lhs, "");
}

static void test_changing_and_copying(void** state) {
  char buffer[] = "a-b-c";
  iree_string_view_replace_char(iree_make_cstring_view(buffer), '-', '_');
  assert_string_equal(buffer, "a_b_c");
  char copy[4] = "###";
  iree_string_view_t target;
  assert_int_equal(iree_string_view_append_to_buffer(IREE_SV("xy"), &target, copy), 2);
  assert_ptr_equal(target.data, copy);
  expect_view(target, "xy");
  assert_int_equal(copy[2], '#');
}

static void test_integers(void** state) {
  int32_t i32 = 77;
  uint32_t u32 = 77;
  int64_t i64 = 77;
  uint64_t u64 = 77;
  assert_true(iree_string_view_atoi_int32(IREE_SV("-2147483648"), &i32) && i32 == INT32_MIN);
  assert_true(iree_string_view_atoi_int32(IREE_SV("+2147483647"), &i32) && i32 == INT32_MAX);
  assert_true(iree_string_view_atoi_int32(IREE_SV("-0x1F"), &i32) && i32 == -31);
  assert_true(iree_string_view_atoi_int32(IREE_SV("010"), &i32) && i32 == 10);
  static const char* const bad_int32[] = {
      "",   "-",   "+",   "0x",  "x",          "1 ",          " 1",
      "1x", "--1", "+-1", "0xg", "2147483648", "-2147483649", "99999999999999999999",
      "1.0"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad_int32); ++i) {
    assert_false(iree_string_view_atoi_int32(iree_make_cstring_view(bad_int32[i]), &i32));
  }
  assert_false(iree_string_view_atoi_int32(iree_string_view_empty(), &i32));
  assert_int_equal(i32, 10);
  assert_true(iree_string_view_atoi_uint32(IREE_SV("4294967295"), &u32) && u32 == UINT32_MAX);
  assert_false(iree_string_view_atoi_uint32(IREE_SV("4294967296"), &u32));
  assert_false(iree_string_view_atoi_uint32(IREE_SV("-1"), &u32));
  assert_true(iree_string_view_atoi_int64(IREE_SV("-9223372036854775808"), &i64) &&
              i64 == INT64_MIN);
  assert_true(iree_string_view_atoi_int64(IREE_SV("9223372036854775807"), &i64) &&
              i64 == INT64_MAX);
  assert_false(iree_string_view_atoi_int64(IREE_SV("9223372036854775808"), &i64));
  assert_false(iree_string_view_atoi_int64(IREE_SV("-9223372036854775809"), &i64));
  assert_true(iree_string_view_atoi_uint64(IREE_SV("18446744073709551615"), &u64) &&
              u64 == UINT64_MAX);
  assert_true(iree_string_view_atoi_uint64(IREE_SV("0XFFFFFFFFFFFFFFFF"), &u64) &&
              u64 == UINT64_MAX);
  assert_false(iree_string_view_atoi_uint64(IREE_SV("18446744073709551616"), &u64));
  assert_false(iree_string_view_atoi_uint64(IREE_SV("0x10000000000000000"), &u64));
  // Only the view counts, not what follows it in memory.
  assert_true(iree_string_view_atoi_int32(iree_make_string_view("1234", 2), &i32) && i32 == 12);
}

static void test_floats(void** state) {
  float f32 = 7;
  double f64 = 7;
  assert_true(iree_string_view_atof(IREE_SV("1.5"), &f32) && f32 == 1.5f);
  assert_true(iree_string_view_atof(IREE_SV("-inf"), &f32) && f32 == -INFINITY);
  assert_true(iree_string_view_atof(IREE_SV("nan"), &f32) && isnan(f32));
  assert_true(iree_string_view_atof(IREE_SV("1e39"), &f32) && f32 == INFINITY);
  assert_true(iree_string_view_atof(IREE_SV("0x1p-149"), &f32) && f32 == 0x1p-149f);
  assert_true(iree_string_view_atod(iree_make_string_view("0.12345", 3), &f64) && f64 == 0.1);
  assert_true(iree_string_view_atod(IREE_SV("1e308"), &f64) && f64 == 1e308);
  static const char* const bad[] = {"", "x", "1.5x", " 1", "1 ", "1,5", "--1", "1e"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad); ++i) {
    assert_false(iree_string_view_atof(iree_make_cstring_view(bad[i]), &f32));
    assert_false(iree_string_view_atod(iree_make_cstring_view(bad[i]), &f64));
  }
  assert_false(iree_string_view_atod(iree_make_string_view("1\0"
                                                           "2",
                                                           3),
                                     &f64));
  assert_true(f64 == 1e308);
  char digits[600];
  memset(digits, '1', sizeof(digits));
  assert_false(iree_string_view_atod(iree_make_string_view(digits, 512), &f64));
  assert_true(iree_string_view_atod(iree_make_string_view(digits, 300), &f64) && isfinite(f64));
}

static void test_hex_bytes(void** state) {
  uint8_t bytes[4] = {0};
  assert_true(iree_string_view_parse_hex_bytes(IREE_SV("0aFf10"), 3, bytes));
  assert_memory_equal(bytes, "\x0a\xff\x10", 3);
  assert_true(iree_string_view_parse_hex_bytes(IREE_SV("0a-ff-1234"), 4, bytes));
  assert_memory_equal(bytes, "\x0a\xff\x12\x34", 4);
  assert_true(iree_string_view_parse_hex_bytes(IREE_SV(""), 0, bytes));
  assert_false(iree_string_view_parse_hex_bytes(IREE_SV("0a"), 2, bytes));
  assert_false(iree_string_view_parse_hex_bytes(IREE_SV("0aff1"), 2, bytes));
  assert_false(iree_string_view_parse_hex_bytes(IREE_SV("0g"), 1, bytes));
  assert_false(iree_string_view_parse_hex_bytes(IREE_SV("-0a"), 1, bytes));
}

static iree_status_t build(iree_allocator_t allocator, void* user_data) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(allocator, &builder);
  iree_status_t status = iree_ok_status();
  for (int i = 0; i < 100 && iree_status_is_ok(status); ++i) {
    iree_host_size_t size = iree_string_builder_size(&builder);
    status = iree_string_builder_append_format(&builder, "%d,", i);
    // A failure changes nothing.
    if (!iree_status_is_ok(status)) assert_int_equal(iree_string_builder_size(&builder), size);
  }
  if (iree_status_is_ok(status)) {
    assert_int_equal(iree_string_builder_size(&builder), 290);
    assert_int_equal(strlen(iree_string_builder_buffer(&builder)), 290);
    assert_true(iree_string_view_ends_with(iree_string_builder_view(&builder), IREE_SV("98,99,")));
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

static void test_builder_grows_and_fails_cleanly(void** state) {
  assert_true(tenon_test_for_each_failure(build, NULL) >= 2);
}

static void test_builder_pieces(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  iree_string_builder_t builder;
  iree_string_builder_initialize(allocator, &builder);
  assert_null(iree_string_builder_buffer(&builder));
  expect_view(iree_string_builder_view(&builder), "");
  assert_null(iree_string_builder_take_storage(&builder));
  IREE_CHECK_OK(iree_string_builder_append_string(&builder, IREE_SV("ab")));
  IREE_CHECK_OK(iree_string_builder_append_string(&builder, iree_string_view_empty()));
  IREE_CHECK_OK(iree_string_builder_append_cstring(&builder, "cd"));
  char* head = NULL;
  IREE_CHECK_OK(iree_string_builder_append_inline(&builder, 2, &head));
  memcpy(head, "ef", 2);
  assert_string_equal(iree_string_builder_buffer(&builder), "abcdef");
  IREE_CHECK_OK(iree_string_builder_reserve(&builder, 5000));
  assert_true(iree_string_builder_capacity(&builder) >= 5000);
  assert_string_equal(iree_string_builder_buffer(&builder), "abcdef");
  char* text = iree_string_builder_take_storage(&builder);
  assert_string_equal(text, "abcdef");
  iree_allocator_free(allocator, text);
  assert_int_equal(iree_string_builder_size(&builder), 0);
  IREE_CHECK_OK(iree_string_builder_append_cstring(&builder, "again"));
  assert_string_equal(iree_string_builder_buffer(&builder), "again");
  assert_int_equal(
      iree_status_consume_code(iree_string_builder_append_inline(&builder, SIZE_MAX - 2, &head)),
      IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_string_equal(iree_string_builder_buffer(&builder), "again");
  iree_string_builder_deinitialize(&builder);
}

static void test_builder_in_storage(void** state) {
  char storage[7];
  iree_string_builder_t builder;
  iree_string_builder_initialize_with_storage(storage, sizeof(storage), &builder);
  assert_string_equal(iree_string_builder_buffer(&builder), "");
  IREE_CHECK_OK(iree_string_builder_append_cstring(&builder, "abc"));
  assert_int_equal(
      iree_status_consume_code(iree_string_builder_append_format(&builder, "%d", 1234)),
      IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_string_equal(storage, "abc");
  IREE_CHECK_OK(iree_string_builder_append_format(&builder, "%d", 123));
  assert_string_equal(storage, "abc123");
  assert_null(iree_string_builder_take_storage(&builder));
  iree_string_builder_deinitialize(&builder);
}

static void test_builder_measures(void** state) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_null(), &builder);
  IREE_CHECK_OK(iree_string_builder_append_cstring(&builder, "abc"));
  IREE_CHECK_OK(iree_string_builder_append_format(&builder, "%04d", 1));
  char sentinel = 0, *head = &sentinel;
  IREE_CHECK_OK(iree_string_builder_append_inline(&builder, 3, &head));
  assert_null(head);
  assert_int_equal(iree_string_builder_size(&builder), 10);
  assert_null(iree_string_builder_buffer(&builder));
  expect_view(iree_string_builder_view(&builder), "");
  iree_string_builder_deinitialize(&builder);
}

static void test_bitfield(void** state) {
  static const iree_bitfield_string_mapping_t mappings[] = {{3, IREE_SVL("READ_WRITE")},
                                                            {1, IREE_SVL("READ")},
                                                            {2, IREE_SVL("WRITE")},
                                                            {8, IREE_SVL("MAP")}};
  iree_bitfield_string_temp_t temp;
  expect_view(iree_bitfield_format_inline(0, 4, mappings, &temp), "NONE");
  expect_view(iree_bitfield_format_inline(1, 4, mappings, &temp), "READ");
  expect_view(iree_bitfield_format_inline(10, 4, mappings, &temp), "WRITE|MAP");
  expect_view(iree_bitfield_format_inline(11, 4, mappings, &temp), "READ_WRITE|MAP");
  expect_view(iree_bitfield_format_inline(0x105, 4, mappings, &temp), "READ|0x104");
  expect_view(iree_bitfield_format_inline(0x80000000u, 4, mappings, &temp), "0x80000000");
  char name[300];
  memset(name, 'x', sizeof(name));
  const iree_bitfield_string_mapping_t too_long = {1, iree_make_string_view(name, sizeof(name))};
  expect_view(iree_bitfield_format_inline(1, 1, &too_long, &temp), "(error)");
  assert_true(iree_all_bits_set(7, 5) && !iree_all_bits_set(4, 5) && iree_any_bit_set(4, 5) &&
              !iree_any_bit_set(2, 5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_making),
      cmocka_unit_test(test_comparing),
      cmocka_unit_test(test_searching),
      cmocka_unit_test(test_patterns),
      cmocka_unit_test(test_cutting),
      cmocka_unit_test(test_splitting),
      cmocka_unit_test(test_changing_and_copying),
      cmocka_unit_test(test_integers),
      cmocka_unit_test(test_floats),
      cmocka_unit_test(test_hex_bytes),
      cmocka_unit_test(test_builder_grows_and_fails_cleanly),
      cmocka_unit_test(test_builder_pieces),
      cmocka_unit_test(test_builder_in_storage),
      cmocka_unit_test(test_builder_measures),
      cmocka_unit_test(test_bitfield),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
