// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/modules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static tenon_module_spec_t spec;

static void expect_equal(iree_string_view_t actual, const char* expected) {
  assert_int_equal(actual.size, strlen(expected));
  assert_memory_equal(actual.data ? actual.data : "", expected, actual.size);
}

static void expect_spec(const char* text, const char* path, const char* export_name,
                        iree_host_size_t param_count) {
  assert_true(iree_status_is_ok(tenon_module_spec_parse(iree_make_cstring_view(text), &spec)));
  expect_equal(spec.path, path);
  expect_equal(spec.export_name, export_name);
  assert_int_equal(spec.param_count, param_count);
}

static void expect_param(iree_host_size_t i, const char* key, const char* value) {
  expect_equal(spec.params[i].key, key);
  expect_equal(spec.params[i].value, value);
}

static void test_parse(void** state) {
  expect_spec("program.vmfb", "program.vmfb", "", 0);
  assert_false(spec.is_plugin);
  expect_spec("-", "-", "", 0);
  assert_false(spec.is_plugin);
  expect_spec("a/libb.so@create", "a/libb.so", "create", 0);
  assert_true(spec.is_plugin);
  // The last @ before the parameters, of which there may be one, some, equal ones, and values with anything but &.
  expect_spec("me@home/libb.so@create?k=v", "me@home/libb.so", "create", 1);
  expect_param(0, "k", "v");
  expect_spec("lib.so?a=b@c=?d&flag&a=", "lib.so", "", 3);
  assert_true(spec.is_plugin);
  expect_param(0, "a", "b@c=?d");
  expect_param(1, "flag", "");
  expect_param(2, "a", "");
}

static void expect_error(const char* text, const char* part) {
  iree_status_t status = tenon_module_spec_parse(iree_make_cstring_view(text), &spec);
  char message[512] = "";
  iree_host_size_t length = 0;
  iree_status_format(status, sizeof(message), message, &length);
  assert_int_equal(iree_status_consume_code(status), IREE_STATUS_INVALID_ARGUMENT);
  if (!strstr(message, part)) fail_msg("expected '%s' in '%s'", part, message);
}

static void test_errors(void** state) {
  expect_error("", "the file is missing");
  expect_error("@create", "the file is missing");
  expect_error("?a=b", "the file is missing");
  expect_error("lib.so@", "no export is named after '@'");
  expect_error("lib.so@?a=b", "no export is named after '@'");
  expect_error("lib.so?", "a parameter has no key");
  expect_error("lib.so?=1", "a parameter has no key");
  expect_error("lib.so?a=1&", "a parameter has no key");
  expect_error("lib.so?a=1&&b=1", "a parameter has no key; expected FILE");
}

static void test_too_many(void** state) {
  char text[16 + 2 * TENON_MODULE_MAX_PARAMS + 2] = "lib.so?a";
  for (int i = 1; i < TENON_MODULE_MAX_PARAMS; ++i) strcat(text, "&a");
  expect_spec(text, "lib.so", "", TENON_MODULE_MAX_PARAMS);
  strcat(text, "&a");
  expect_error(text, "too many parameters");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_too_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
