// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wait sources with a control function of the test's own; the HAL's tests have semaphores and fences.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iree/base/api.h"

// What the control function was asked, and what it answers.
typedef struct fake_t {
  int call_count;
  iree_wait_source_command_t command;
  uint64_t data;
  iree_timeout_t timeout;
  tenon_wait_listener_t listener;
  iree_status_code_t answer;
} fake_t;

static iree_status_t fake_ctl(iree_wait_source_t wait_source, iree_wait_source_command_t command,
                              const void* params, void** inout_ptr) {
  fake_t* fake = wait_source.self;
  ++fake->call_count;
  fake->command = command;
  fake->data = wait_source.data;
  switch ((uint32_t)command) {
    case IREE_WAIT_SOURCE_COMMAND_QUERY:
      assert_null(params);
      *(iree_status_code_t*)inout_ptr = fake->answer;
      return iree_ok_status();
    case IREE_WAIT_SOURCE_COMMAND_WAIT_ONE:
      assert_null(inout_ptr);
      fake->timeout = ((const iree_wait_source_wait_params_t*)params)->timeout;
      return iree_status_from_code(fake->answer);
    case TENON_WAIT_SOURCE_COMMAND_LISTEN:
      assert_null(inout_ptr);
      fake->listener = *(const tenon_wait_listener_t*)params;
      return iree_status_from_code(fake->answer);
    default:
      return iree_status_from_code(IREE_STATUS_UNIMPLEMENTED);
  }
}

static void hear(void* user_data, iree_status_t status) {
  ++*(int*)user_data;
  iree_status_free(status);
}

static void test_the_immediate_source_is_resolved(void** state) {
  const iree_wait_source_t source = iree_wait_source_immediate();
  assert_true(iree_wait_source_is_immediate(source));
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  assert_true(iree_status_is_ok(iree_wait_source_query(source, &code)));
  assert_int_equal(code, IREE_STATUS_OK);
  assert_true(iree_status_is_ok(iree_wait_source_wait_one(source, iree_immediate_timeout())));
  int heard = 0;
  assert_true(
      iree_status_is_ok(tenon_wait_source_listen(source, (tenon_wait_listener_t){hear, &heard})));
  assert_int_equal(heard, 0);
}

static void test_functions_ask_the_source(void** state) {
  fake_t fake = {.answer = IREE_STATUS_DEFERRED};
  const iree_wait_source_t source = {{{&fake, 42}}, fake_ctl};
  assert_false(iree_wait_source_is_immediate(source));
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  assert_true(iree_status_is_ok(iree_wait_source_query(source, &code)));
  assert_int_equal(code, IREE_STATUS_DEFERRED);
  assert_int_equal(fake.data, 42);
  assert_int_equal(fake.command, IREE_WAIT_SOURCE_COMMAND_QUERY);

  fake.answer = IREE_STATUS_DEADLINE_EXCEEDED;
  assert_true(iree_status_is_deadline_exceeded(
      iree_wait_source_wait_one(source, iree_make_timeout_ns(123))));
  assert_int_equal(fake.command, IREE_WAIT_SOURCE_COMMAND_WAIT_ONE);
  assert_int_equal(fake.timeout.type, IREE_TIMEOUT_RELATIVE);
  assert_int_equal(fake.timeout.nanos, 123);

  fake.answer = IREE_STATUS_DEFERRED;
  int heard = 0;
  assert_true(iree_status_is_deferred(
      tenon_wait_source_listen(source, (tenon_wait_listener_t){hear, &heard})));
  assert_int_equal(fake.call_count, 3);
  assert_int_equal(heard, 0);
  fake.listener.fn(fake.listener.user_data, iree_ok_status());
  assert_int_equal(heard, 1);
}

// A user's source that knows of no listeners.
static iree_status_t failing_ctl(iree_wait_source_t wait_source, iree_wait_source_command_t command,
                                 const void* params, void** inout_ptr) {
  return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "not this one");
}

static void test_failures_come_back(void** state) {
  const iree_wait_source_t source = {{{NULL, 0}}, failing_ctl};
  iree_status_code_t code = IREE_STATUS_UNKNOWN;
  assert_int_equal(iree_status_consume_code(iree_wait_source_query(source, &code)),
                   IREE_STATUS_UNIMPLEMENTED);
  assert_int_equal(
      iree_status_consume_code(iree_wait_source_wait_one(source, iree_infinite_timeout())),
      IREE_STATUS_UNIMPLEMENTED);
  int heard = 0;
  assert_int_equal(iree_status_consume_code(
                       tenon_wait_source_listen(source, (tenon_wait_listener_t){hear, &heard})),
                   IREE_STATUS_UNIMPLEMENTED);
  assert_int_equal(heard, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_immediate_source_is_resolved),
      cmocka_unit_test(test_functions_ask_the_source),
      cmocka_unit_test(test_failures_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
