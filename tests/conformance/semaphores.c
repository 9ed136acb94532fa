// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Semaphores on one thread: numbers, failures, lists. waiting.c has what takes several.
#include "conformance.h"

static iree_status_t failure(void) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "the disk is %s", "gone");
}

static void test_numbers(void** state) {
  ct_env_t* ct = *state;
  const uint64_t initial_values[] = {0, 1, 41, IREE_HAL_SEMAPHORE_MAX_VALUE - 1};
  for (int i = 0; i < 4; ++i) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, initial_values[i]);
    ct_expect_value(semaphore, initial_values[i]);
    expect_ok(iree_hal_semaphore_signal(semaphore, initial_values[i] + 1));
    ct_expect_value(semaphore, initial_values[i] + 1);
    iree_hal_semaphore_retain(semaphore);
    iree_hal_semaphore_release(semaphore);
    iree_hal_semaphore_release(semaphore);
  }
  iree_hal_semaphore_retain(NULL);
  iree_hal_semaphore_release(NULL);
}

static void test_signal_backwards(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 5);
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, 5), IREE_STATUS_OUT_OF_RANGE);
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, 4), IREE_STATUS_OUT_OF_RANGE);
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, 0), IREE_STATUS_OUT_OF_RANGE);
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, UINT64_MAX), IREE_STATUS_OUT_OF_RANGE);
  ct_expect_value(semaphore, 5);
  expect_ok(iree_hal_semaphore_signal(semaphore, 7));
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, 6), IREE_STATUS_OUT_OF_RANGE);
  expect_ok(iree_hal_semaphore_signal(semaphore, IREE_HAL_SEMAPHORE_MAX_VALUE));
  ct_expect_value(semaphore, IREE_HAL_SEMAPHORE_MAX_VALUE);
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, IREE_HAL_SEMAPHORE_MAX_VALUE),
                    IREE_STATUS_OUT_OF_RANGE);
  iree_hal_semaphore_release(semaphore);
}

static void test_wait_without_blocking(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 5);
  expect_ok(iree_hal_semaphore_wait(semaphore, 5, iree_immediate_timeout()));
  expect_ok(iree_hal_semaphore_wait(semaphore, 0, iree_infinite_timeout()));
  ct_expect_pending(semaphore, 6);
  ct_expect_refused(iree_hal_semaphore_wait(semaphore, 6, iree_make_timeout_ms(2)),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  ct_expect_refused(
      iree_hal_semaphore_wait(semaphore, 6, iree_make_deadline(iree_time_now() - 1000)),
      IREE_STATUS_DEADLINE_EXCEEDED);
  // A wait that gave up leaves nothing behind.
  expect_ok(iree_hal_semaphore_signal(semaphore, 6));
  expect_ok(iree_hal_semaphore_wait(semaphore, 6, iree_immediate_timeout()));
  iree_hal_semaphore_release(semaphore);
}

static void test_failure_is_sticky(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 3);
  iree_hal_semaphore_fail(semaphore, failure());
  iree_hal_semaphore_fail(semaphore, iree_make_status(IREE_STATUS_UNKNOWN, "too late"));
  uint64_t value = 0;
  iree_status_t status = iree_hal_semaphore_query(semaphore, &value);
  assert_int_equal(value, 3);
  // The failure itself: its code, its place, its message.
  char text[1024];
  iree_status_format(status, sizeof(text), text, NULL);
  assert_non_null(strstr(text, "semaphores.c"));
  assert_null(strstr(text, "too late"));
  expect_failure(status, IREE_STATUS_DATA_LOSS, "the disk is gone");
  for (int i = 0; i < 3; ++i) {
    ct_expect_failed(semaphore, 4, IREE_STATUS_DATA_LOSS, "the disk is gone");
    ct_expect_failed(semaphore, 4, IREE_STATUS_DATA_LOSS, "semaphores.c");
    ct_expect_failed(semaphore, IREE_HAL_SEMAPHORE_MAX_VALUE, IREE_STATUS_DATA_LOSS, "gone");
  }
  ct_expect_refused(iree_hal_semaphore_signal(semaphore, 4), IREE_STATUS_ABORTED);
  // What was reached stays reached.
  expect_ok(iree_hal_semaphore_wait(semaphore, 3, iree_immediate_timeout()));
  expect_ok(iree_hal_semaphore_wait(semaphore, 0, iree_immediate_timeout()));
  iree_hal_semaphore_release(semaphore);
}

static void test_fail_without_message_or_reason(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 0);
  iree_hal_semaphore_fail(semaphore, iree_ok_status());
  ct_expect_failed(semaphore, 1, IREE_STATUS_INTERNAL, "");
  iree_hal_semaphore_release(semaphore);
  semaphore = ct_semaphore(ct, 0);
  iree_hal_semaphore_fail(semaphore, iree_status_from_code(IREE_STATUS_UNAVAILABLE));
  ct_expect_failed(semaphore, 1, IREE_STATUS_UNAVAILABLE, "");
  iree_hal_semaphore_release(semaphore);
}

static void test_list_signal(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 9);
  iree_hal_semaphore_t* c = ct_semaphore(ct, 0);
  expect_ok(iree_hal_semaphore_list_signal(NONE));
  expect_ok(iree_hal_semaphore_list_signal(AT2(a, 1, c, 2)));
  // All are tried, though the second can't be.
  iree_hal_semaphore_t* all[] = {a, b, c};
  uint64_t values[] = {3, 3, 3};
  ct_expect_refused(iree_hal_semaphore_list_signal(ct_list(3, all, values)),
                    IREE_STATUS_OUT_OF_RANGE);
  ct_expect_value(a, 3);
  ct_expect_value(b, 9);
  ct_expect_value(c, 3);
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
  iree_hal_semaphore_release(c);
}

static void test_list_fail(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  iree_hal_semaphore_list_fail(NONE, failure());
  iree_hal_semaphore_fail(a, iree_make_status(IREE_STATUS_CANCELLED, "earlier"));
  iree_hal_semaphore_list_fail(AT2(a, 1, b, 1), failure());
  ct_expect_failed(a, 1, IREE_STATUS_CANCELLED, "earlier");
  ct_expect_failed(b, 1, IREE_STATUS_DATA_LOSS, "the disk is gone");
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static void test_list_wait(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* a = ct_semaphore(ct, 2);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  expect_ok(iree_hal_semaphore_list_wait(NONE, iree_immediate_timeout()));
  expect_ok(iree_hal_semaphore_list_wait(AT2(a, 1, a, 2), iree_infinite_timeout()));
  ct_expect_refused(iree_hal_semaphore_list_wait(AT2(a, 1, b, 1), iree_immediate_timeout()),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  ct_expect_refused(iree_hal_semaphore_list_wait(AT2(b, 1, b, 2), iree_make_timeout_ms(2)),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  expect_ok(iree_hal_semaphore_signal(b, 1));
  expect_ok(iree_hal_semaphore_list_wait(AT2(a, 1, b, 1), iree_immediate_timeout()));
  // Failed as soon as one has, though the other is pending for ever.
  iree_hal_semaphore_fail(a, failure());
  expect_failure(iree_hal_semaphore_list_wait(AT2(b, 2, a, 3), iree_infinite_timeout()),
                 IREE_STATUS_ABORTED, "the disk is gone");
  expect_ok(iree_hal_semaphore_list_wait(AT2(a, 2, b, 1), iree_infinite_timeout()));
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

static iree_status_t wait_for(ct_env_t* ct, iree_hal_wait_mode_t mode,
                              iree_hal_semaphore_list_t list, iree_timeout_t timeout) {
  return iree_hal_device_wait_semaphores(ct->device, mode, list, timeout);
}

static void test_device_wait(void** state) {
  ct_env_t* ct = *state;
  const iree_hal_wait_mode_t all = IREE_HAL_WAIT_MODE_ALL, any = IREE_HAL_WAIT_MODE_ANY;
  const iree_timeout_t now = iree_immediate_timeout();
  iree_hal_semaphore_t* a = ct_semaphore(ct, 1);
  iree_hal_semaphore_t* b = ct_semaphore(ct, 0);
  expect_ok(wait_for(ct, all, NONE, now));
  expect_ok(wait_for(ct, any, NONE, now));
  expect_ok(wait_for(ct, any, AT2(b, 1, a, 1), now));
  ct_expect_refused(wait_for(ct, all, AT2(a, 1, b, 1), now), IREE_STATUS_DEADLINE_EXCEEDED);
  ct_expect_refused(wait_for(ct, any, AT2(a, 2, b, 1), iree_make_timeout_ms(2)),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  iree_hal_semaphore_fail(b, failure());
  // Any: one is reached; one is failed, the other pending; both are failed.
  expect_ok(wait_for(ct, any, AT2(b, 1, a, 1), iree_infinite_timeout()));
  ct_expect_refused(wait_for(ct, any, AT2(b, 1, a, 2), iree_make_timeout_ms(2)),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  expect_failure(wait_for(ct, any, AT2(b, 1, b, 2), iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "the disk is gone");
  expect_failure(wait_for(ct, all, AT2(a, 2, b, 1), iree_infinite_timeout()), IREE_STATUS_ABORTED,
                 "the disk is gone");
  iree_hal_semaphore_release(a);
  iree_hal_semaphore_release(b);
}

// Of another device, and after its device is gone.
static void test_devices_share_semaphores(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* foreign = NULL;
  expect_ok(iree_hal_semaphore_create(ct->other, 0, &foreign));
  iree_hal_device_release(ct->other);
  ct->other = NULL;
  ct_expect_refused(wait_for(ct, IREE_HAL_WAIT_MODE_ALL, AT(foreign, 1), iree_immediate_timeout()),
                    IREE_STATUS_DEADLINE_EXCEEDED);
  expect_ok(iree_hal_semaphore_signal(foreign, 1));
  expect_ok(wait_for(ct, IREE_HAL_WAIT_MODE_ALL, AT(foreign, 1), iree_immediate_timeout()));
  iree_hal_semaphore_release(foreign);
}

int ct_run_semaphores(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_numbers),
      CT_TEST(test_signal_backwards),
      CT_TEST(test_wait_without_blocking),
      CT_TEST(test_failure_is_sticky),
      CT_TEST(test_fail_without_message_or_reason),
      CT_TEST(test_list_signal),
      CT_TEST(test_list_fail),
      CT_TEST(test_list_wait),
      CT_TEST(test_device_wait),
      CT_TEST(test_devices_share_semaphores),
  };
  return cmocka_run_group_tests_name("semaphores", tests, NULL, NULL);
}
