// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void documents_are_indented(void** state) {
  char* text = NULL;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  tenon_json_t json = {.file = file};
  tenon_json_open(&json, NULL, '{');
  tenon_json_number(&json, "a", UINT64_MAX);
  tenon_json_bool(&json, "b", true);
  tenon_json_open(&json, "list", '[');
  tenon_json_string(&json, NULL, iree_make_cstring_view("x"));
  tenon_json_number(&json, NULL, 0);
  tenon_json_close(&json, ']');
  tenon_json_open(&json, "empty", '{');
  tenon_json_close(&json, '}');
  tenon_json_member(&json, iree_make_cstring_view("q\""), iree_make_cstring_view(""));
  tenon_json_close(&json, '}');
  fclose(file);
  assert_string_equal(
      text,
      "{\n  \"a\": 18446744073709551615,\n  \"b\": true,\n  \"list\": [\n    \"x\",\n    0\n  ],\n"
      "  \"empty\": {},\n  \"q\\\"\": \"\"\n}\n");
  free(text);
}

static void assert_string(const char* value, iree_host_size_t size, const char* expected) {
  char* text = NULL;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  tenon_json_t json = {.file = file};
  tenon_json_string(&json, NULL, iree_make_string_view(value, size));
  fclose(file);
  assert_string_equal(text, expected);
  free(text);
}

static void strings_are_escaped(void** state) {
  assert_string("a\\b\"c\n\x01\x1f", 8, "\"a\\\\b\\\"c\\n\\u0001\\u001f\"");
  assert_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9,
                "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
  // Lone and cut off bytes, an overlong form, a surrogate, a number that is too large.
  assert_string(
      "\x80"
      "a\xc3",
      3, "\"\\ufffda\\ufffd\"");
  assert_string("\xc0\xaf", 2, "\"\\ufffd\\ufffd\"");
  assert_string("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"");
  assert_string("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(documents_are_indented),
      cmocka_unit_test(strings_are_escaped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
