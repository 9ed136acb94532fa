// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "iree/base/api.h"

#define MS 1000000

static void test_now_counts_from_the_epoch(void** state) {
  int64_t seconds = iree_time_now() / 1000000000;
  int64_t expected = (int64_t)time(NULL);
  assert_true(seconds >= expected - 2 && seconds <= expected + 2);
}

static void test_kinds_of_timeouts(void** state) {
  assert_true(iree_timeout_is_immediate(iree_immediate_timeout()));
  assert_false(iree_timeout_is_infinite(iree_immediate_timeout()));
  assert_true(iree_timeout_is_infinite(iree_infinite_timeout()));
  assert_false(iree_timeout_is_immediate(iree_infinite_timeout()));
  assert_true(iree_timeout_is_immediate(iree_make_timeout_ns(0)));
  assert_true(iree_timeout_is_immediate(iree_make_timeout_ms(-5)));
  assert_true(iree_timeout_is_infinite(iree_make_timeout_ns(IREE_DURATION_INFINITE)));
  assert_true(iree_timeout_is_infinite(iree_make_timeout_ms(INT64_MAX / 2)));
  assert_true(iree_make_timeout_ms(INT64_MIN).nanos == INT64_MIN);
  assert_true(iree_make_timeout_ms(3).nanos == 3 * MS);
}

static void test_conversions_saturate(void** state) {
  assert_true(iree_relative_timeout_to_deadline_ns(0) == IREE_TIME_INFINITE_PAST);
  assert_true(iree_relative_timeout_to_deadline_ns(-1) == IREE_TIME_INFINITE_PAST);
  assert_true(iree_relative_timeout_to_deadline_ns(IREE_DURATION_INFINITE) ==
              IREE_TIME_INFINITE_FUTURE);
  assert_true(iree_relative_timeout_to_deadline_ns(INT64_MAX - 1) == IREE_TIME_INFINITE_FUTURE);
  iree_time_t before = iree_time_now();
  iree_time_t deadline = iree_relative_timeout_to_deadline_ns(1000 * MS);
  assert_true(deadline >= before + 1000 * MS && deadline < before + 3000ll * MS);

  assert_true(iree_absolute_deadline_to_timeout_ns(IREE_TIME_INFINITE_PAST) == 0);
  assert_true(iree_absolute_deadline_to_timeout_ns(before - 1) == 0);
  assert_true(iree_absolute_deadline_to_timeout_ns(IREE_TIME_INFINITE_FUTURE) ==
              IREE_DURATION_INFINITE);
  iree_duration_t left = iree_absolute_deadline_to_timeout_ns(iree_time_now() + 1000 * MS);
  assert_true(left > 0 && left <= 1000 * MS);

  assert_int_equal(iree_absolute_deadline_to_timeout_ms(IREE_TIME_INFINITE_PAST), 0);
  assert_true(iree_absolute_deadline_to_timeout_ms(IREE_TIME_INFINITE_FUTURE) == UINT32_MAX);
  assert_true(iree_absolute_deadline_to_timeout_ms(IREE_TIME_INFINITE_FUTURE - 1) ==
              UINT32_MAX - 1);
  // Rounded up: a wait that has not passed is never zero.
  assert_true(iree_absolute_deadline_to_timeout_ms(iree_time_now() + 500 * MS) <= 500);
  uint32_t ms = iree_absolute_deadline_to_timeout_ms(iree_time_now() + 500 * MS);
  assert_true(ms > 0);
}

static void test_absolute_and_minimum(void** state) {
  iree_timeout_t timeout = iree_make_timeout_ms(1000);
  iree_convert_timeout_to_absolute(&timeout);
  assert_int_equal(timeout.type, IREE_TIMEOUT_ABSOLUTE);
  assert_true(timeout.nanos > iree_time_now());
  assert_true(iree_timeout_as_deadline_ns(iree_make_deadline(5)) == 5);
  timeout = iree_timeout_min(iree_make_timeout_ms(3), iree_make_timeout_ms(2));
  assert_true(timeout.type == IREE_TIMEOUT_RELATIVE && timeout.nanos == 2 * MS);
  timeout = iree_timeout_min(iree_infinite_timeout(), iree_make_timeout_ms(2));
  assert_true(timeout.type == IREE_TIMEOUT_ABSOLUTE && !iree_timeout_is_infinite(timeout));
  assert_true(iree_timeout_is_immediate(
      iree_timeout_min(iree_make_timeout_ms(2), iree_immediate_timeout())));
}

static void test_wait_until(void** state) {
  assert_true(iree_wait_until(IREE_TIME_INFINITE_PAST));
  iree_time_t deadline = iree_time_now() + 20 * MS;
  assert_true(iree_wait_until(deadline));
  // The two clocks may differ by a little.
  assert_true(iree_time_now() >= deadline - MS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_now_counts_from_the_epoch),
      cmocka_unit_test(test_kinds_of_timeouts),
      cmocka_unit_test(test_conversions_saturate),
      cmocka_unit_test(test_absolute_and_minimum),
      cmocka_unit_test(test_wait_until),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
