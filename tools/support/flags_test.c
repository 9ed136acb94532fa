// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/flags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
  bool verbose;
  iree_string_view_t name;
  tenon_string_list_t inputs;
  iree_host_size_t count;
  double threshold;
  tenon_option_t list;
} options;

static const tenon_flag_t table[] = {
    {"verbose", NULL, TENON_FLAG_BOOL, &options.verbose, NULL, "."},
    {"function", "entry_function", TENON_FLAG_STRING, &options.name, "NAME", "."},
    {"input", NULL, TENON_FLAG_LIST, &options.inputs, "VALUE", "."},
    {"count", NULL, TENON_FLAG_SIZE, &options.count, "N", "."},
    {"threshold", NULL, TENON_FLAG_DOUBLE, &options.threshold, "X", "."},
    {"list", NULL, TENON_FLAG_OPTION, &options.list, "DRIVER", "."},
};

static iree_status_t parse(tenon_flags_t* flags, const char* const* arguments) {
  memset(&options, 0, sizeof(options));
  char* argv[64] = {(char*)(uintptr_t)"tool"};
  int argc = 1;
  for (; arguments[argc - 1]; ++argc) argv[argc] = (char*)(uintptr_t)arguments[argc - 1];
  return tenon_flags_parse(table, IREE_ARRAYSIZE(table), argc, argv, flags);
}
#define ARGUMENTS(...) \
  (const char* const[]) { __VA_ARGS__, NULL }

static void assert_view(iree_string_view_t actual, const char* expected) {
  if (!iree_string_view_equal(actual, iree_make_cstring_view(expected))) {
    fail_msg("expected '%s', got '%.*s'", expected, (int)actual.size, actual.data);
  }
}

static void refuses(const char* argument, const char* message) {
  tenon_flags_t flags;
  iree_status_t status = parse(&flags, ARGUMENTS(argument));
  tenon_flags_deinitialize(&flags);
  char text[512] = "";
  iree_status_format(status, sizeof(text), text, NULL);
  if (!strstr(text, message)) fail_msg("expected '%s' in '%s'", message, text);
  assert_int_equal(iree_status_consume_code(status), IREE_STATUS_INVALID_ARGUMENT);
}

static void values_are_stored(void** state) {
  tenon_flags_t flags;
  IREE_CHECK_OK(
      parse(&flags, ARGUMENTS("--verbose", "--entry_function=f=g", "--input=a", "file",
                              "--input=", "-x", "--count=12", "--threshold=1e-3", "--list")));
  assert_true(options.verbose);
  assert_view(options.name, "f=g");
  assert_int_equal(options.inputs.count, 2);
  assert_view(options.inputs.values[0], "a");
  assert_view(options.inputs.values[1], "");
  assert_int_equal(options.count, 12);
  assert_true(options.threshold == 1e-3);
  assert_true(options.list.given);
  assert_view(options.list.value, "");
  assert_int_equal(flags.positional.count, 2);
  assert_view(flags.positional.values[0], "file");
  assert_view(flags.positional.values[1], "-x");
  assert_false(flags.help || flags.version);
  tenon_flags_deinitialize(&flags);

  IREE_CHECK_OK(parse(&flags, ARGUMENTS("--verbose", "--verbose=false", "--list=local-sync",
                                        "--help", "--version")));
  assert_false(options.verbose);
  assert_view(options.list.value, "local-sync");
  assert_true(flags.help && flags.version);
  tenon_flags_deinitialize(&flags);
}

static void mistakes_are_named(void** state) {
  refuses("--fucntion=f", "unknown flag '--fucntion'; did you mean '--function'?");
  refuses("--entry_funktion=f", "did you mean '--entry_function'?");
  refuses("--zzzzzzzzzzzz", "unknown flag '--zzzzzzzzzzzz'; --help lists the flags");
  refuses("--function", "--function needs a value: --function=NAME");
  refuses("--verbose=maybe", "'maybe' is no value for --verbose; expected true or false");
  refuses("--count=-1", "'-1' is no value for --count");
  refuses("--count=", "'' is no value for --count");
  refuses("--threshold=nan", "'nan' is no value for --threshold");
  refuses("--threshold=-1", "'-1' is no value for --threshold");
}

static void write_file(const char* path, const char* text) {
  FILE* file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static void files_hold_flags(void** state) {
  write_file("flags_test.flags",
             "# a comment\n\n--input=from file\n  --verbose  \n--flagfile=flags_test.inner");
  write_file("flags_test.inner", "--count=3\n");
  tenon_flags_t flags;
  IREE_CHECK_OK(parse(&flags, ARGUMENTS("--input=1", "--flagfile=flags_test.flags", "--input=3")));
  assert_int_equal(options.inputs.count, 3);
  assert_view(options.inputs.values[1], "from file");
  assert_view(options.inputs.values[2], "3");
  assert_true(options.verbose);
  assert_int_equal(options.count, 3);
  tenon_flags_deinitialize(&flags);

  write_file("flags_test.flags", "--nope");
  refuses("--flagfile=flags_test.flags", "in flag file 'flags_test.flags'");
  write_file("flags_test.flags", "--flagfile=flags_test.flags");
  refuses("--flagfile=flags_test.flags", "do they name each other in a circle?");
  unlink("flags_test.flags");
  unlink("flags_test.inner");
  iree_status_t status = parse(&flags, ARGUMENTS("--flagfile=flags_test.flags"));
  assert_int_equal(iree_status_consume_code(status), IREE_STATUS_NOT_FOUND);
  tenon_flags_deinitialize(&flags);
  refuses("--flagfile", "--flagfile needs a value");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_stored),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(files_hold_flags),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
