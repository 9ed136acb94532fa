// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/device_uri.h"

#include "hal/testing/hal_testing.h"

static tenon_hal_device_uri_t parse(const char* text) {
  tenon_hal_device_uri_t uri;
  expect_ok(tenon_hal_device_uri_parse(iree_make_cstring_view(text), &uri));
  return uri;
}

static void expect_view(iree_string_view_t view, const char* expected) {
  assert_int_equal(view.size, strlen(expected));
  assert_memory_equal(view.size ? view.data : "", expected, view.size);
}

static void expect_invalid(const char* text, const char* part) {
  tenon_hal_device_uri_t uri;
  expect_failure(tenon_hal_device_uri_parse(iree_make_cstring_view(text), &uri),
                 IREE_STATUS_INVALID_ARGUMENT, part);
}

static void test_parse(void** state) {
  expect_view(parse("local-sync").driver, "local-sync");
  expect_view(parse("local-sync").path, "");
  expect_view(parse("local-sync://").driver, "local-sync");
  tenon_hal_device_uri_t uri = parse("a://b/c?x=1&flag&y=u:v=w");
  expect_view(uri.driver, "a");
  expect_view(uri.path, "b/c");
  assert_int_equal(uri.param_count, 3);
  expect_view(uri.params[0].key, "x");
  expect_view(uri.params[0].value, "1");
  expect_view(uri.params[1].key, "flag");
  expect_view(uri.params[1].value, "");
  expect_view(uri.params[2].key, "y");
  expect_view(uri.params[2].value, "u:v=w");
  assert_int_equal(parse("a?x=1").param_count, 1);
}

static void test_refusals(void** state) {
  expect_invalid("", "the driver is missing");
  expect_invalid("://x", "the driver is missing");
  expect_invalid("a:b", "'//' must follow");
  expect_invalid("a:/b", "'//' must follow");
  expect_invalid("a://?=1", "a parameter has no key");
  expect_invalid("a://?x&&y", "a parameter has no key");
  expect_invalid("a?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17", "more than 16 parameters");
  assert_int_equal(parse("a?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16").param_count, 16);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
