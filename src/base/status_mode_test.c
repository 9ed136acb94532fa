// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled once for each lower IREE_STATUS_MODE: what a status carries, and that arguments of what
// is dropped still count as used and are not evaluated.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iree/base/api.h"

static int evaluated;
static int evaluate(void) { return ++evaluated; }

static iree_status_t make(void) {
  int only_for_the_message = 5;
  return iree_make_status(IREE_STATUS_NOT_FOUND, "message %d %d", only_for_the_message, evaluate());
}
static iree_status_t make_annotated(void) {
  IREE_RETURN_IF_ERROR(make(), "annotation %d", evaluate());
  return iree_ok_status();
}

static void test_what_a_status_carries(void** state) {
  iree_status_t status = make_annotated();
  status = iree_status_annotate(status, IREE_SV("more"));
  assert_true(iree_status_is_not_found(status));
  assert_int_equal(evaluated, 0);
  char text[256];
  assert_true(iree_status_format(status, sizeof(text), text, NULL));
#if IREE_STATUS_MODE == 0
  assert_true((uintptr_t)status == IREE_STATUS_NOT_FOUND);
  assert_string_equal(text, "NOT_FOUND");
#else
  assert_non_null(strstr(text, "status_mode_test.c:"));
  const char* tail = strchr(text, ' ');
  assert_non_null(tail);
  assert_string_equal(tail, " NOT_FOUND");
#endif
  iree_status_ignore(status);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_a_status_carries)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
