// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled programs that call each other with tensors, both with fences and without, on every local device.
// Usage: linked_tensors_test FOLDER-OF-MODULES.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

// A session on the device that |state| names with `custom`, `lib` and the program |name|.
static void open_session(fixture_t* fixture, void** state, const char* name) {
  fixture_open(fixture, (const char*)*state, path_of_module("linked_tensors_lib"));
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(fixture->session,
                                                                      path_of_module(name)));
}

static const int32_t input[4] = {1, -2, 3, 100000};
// What user.chain and user.mixed make of it.
static int32_t chained(int32_t x) {
  return (int32_t)(4u * (uint32_t)x * (uint32_t)x + 108u - (uint32_t)x);
}
static int32_t mixed(int32_t x) { return 5 * x + 9; }

static void expect_results(invocation_t* invocation, int32_t (*function)(int32_t)) {
  int32_t expected[4];
  for (int i = 0; i < 4; ++i) expected[i] = function(input[i]);
  expect_i32(invocation, 0, 4, expected);
}

// Returns at once, and goes on when the caller's fence is reached.
static void test_chain_later(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "linked_tensors_user_later");
  for (int is_early = 0; is_early < 2; ++is_early) {
    iree_hal_fence_t* wait = new_fence(&fixture);
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, wait);
    push_tensor_i32(&invocation, 4, input);
    if (is_early) IREE_CHECK_OK(iree_hal_fence_signal(wait));
    start(&invocation, "user.chain");
    if (!is_early) {
      expect_pending(&invocation);
      IREE_CHECK_OK(iree_hal_fence_signal(wait));
    }
    expect_reached(&invocation);
    expect_results(&invocation, chained);
    invocation_deinitialize(&invocation);
    iree_hal_fence_release(wait);
  }
  fixture_close(&fixture);
}

// A function without fences, called by a program with them, when its argument is there.
static void test_mixed_later(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "linked_tensors_user_later");
  invocation_t invocations[8];
  iree_hal_fence_t* wait = new_fence(&fixture);
  for (int i = 0; i < 8; ++i) {
    invocation_initialize(&invocations[i], &fixture, wait);
    push_tensor_i32(&invocations[i], 4, input);
    start(&invocations[i], "user.mixed");
  }
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  for (int i = 0; i < 8; ++i) {
    expect_reached(&invocations[i]);
    expect_results(&invocations[i], mixed);
    invocation_deinitialize(&invocations[i]);
  }
  iree_hal_fence_release(wait);
  fixture_close(&fixture);
}

// A program that waits inside calls one with fences.
static void test_sync(void** state) {
  static const struct {
    const char* name;
    int32_t (*function)(int32_t);
  } cases[] = {{"user.chain", chained}, {"user.mixed", mixed}};
  fixture_t fixture;
  open_session(&fixture, state, "linked_tensors_user_inside");
  for (int i = 0; i < 2; ++i) {
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, input);
    IREE_CHECK_OK(iree_runtime_session_call_by_name(fixture.session,
                                                    iree_make_cstring_view(cases[i].name),
                                                    invocation.inputs, invocation.outputs));
    expect_results(&invocation, cases[i].function);
    invocation_deinitialize(&invocation);
  }
  fixture_close(&fixture);
}

// What fails in the innermost native function arrives at the outermost fence, or in the call's status, which names the
// functions of both programs.
static void test_failures(void** state) {
  static const struct {
    behaviour_t behaviour;
    iree_status_code_t code;
    const char *signal_text, *call_text;
  } cases[] = {
      {FAIL_LATER, IREE_STATUS_PERMISSION_DENIED, "the vault is closed", "user.chain"},
      {FAIL_AT_ONCE, IREE_STATUS_UNAVAILABLE, "the vault does not even open", "lib.later"}};
  for (int i = 0; i < 2; ++i) {
    fixture_t fixture;
    open_session(&fixture, state, "linked_tensors_user_later");
    custom_behave(cases[i].behaviour);
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, input);
    iree_status_t status = try_start(&invocation, "user.chain");
    // Functions that fail at once fail those that call them.
    assert_int_equal(iree_status_is_ok(status), i == 0);
    if (i) expect_failure(status, cases[i].code, "user.chain");
    expect_signal_fails(&invocation, cases[i].code, cases[i].signal_text);
    invocation_deinitialize(&invocation);
    fixture_close(&fixture);

    open_session(&fixture, state, "linked_tensors_user_inside");
    custom_behave(cases[i].behaviour);
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, input);
    status = iree_runtime_session_call_by_name(fixture.session, IREE_SV("user.chain"),
                                               invocation.inputs, invocation.outputs);
    expect_failure(status, cases[i].code, cases[i].call_text);
    invocation_deinitialize(&invocation);
    fixture_close(&fixture);
  }
}

// The caller's own fence fails: nothing runs, and the failure goes through both programs.
static void test_failed_wait(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "linked_tensors_user_later");
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, input);
  start(&invocation, "user.mixed");
  iree_hal_fence_fail(wait, iree_make_status(IREE_STATUS_UNAVAILABLE, "no input today"));
  expect_signal_fails(&invocation, IREE_STATUS_UNAVAILABLE, "no input today");
  invocation_deinitialize(&invocation);
  iree_hal_fence_release(wait);
  fixture_close(&fixture);
}

// What call |n| of user.turns makes of |input|, and of the sum so far.
static void expect_turn(invocation_t* invocation, int32_t n, uint32_t* sum) {
  int32_t expected[4];
  uint32_t inner[4];
  for (int i = 0; i < 4; ++i) {
    inner[i] = (uint32_t)input[i] + 3 + 4 * (uint32_t)n;
  }
  *sum += inner[0];
  for (int i = 0; i < 4; ++i) expected[i] = (int32_t)(inner[i] + *sum);
  expect_i32(invocation, 0, 4, expected);
}

// A function that is in a turn waits for another that takes one.
static void test_turns(void** state) {
  static const char* const names[] = {"linked_tensors_user_later", "linked_tensors_user_inside"};
  fixture_t fixture;
  open_session(&fixture, state, names[0]);
  invocation_t invocations[4];
  uint32_t sum = 0;
  iree_hal_fence_t* wait = new_fence(&fixture);
  for (int i = 0; i < 4; ++i) {
    invocation_initialize(&invocations[i], &fixture, wait);
    push_tensor_i32(&invocations[i], 4, input);
    start(&invocations[i], "user.turns");
  }
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  for (int i = 0; i < 4; ++i) {
    expect_reached(&invocations[i]);
    expect_turn(&invocations[i], i, &sum);
    invocation_deinitialize(&invocations[i]);
  }
  iree_hal_fence_release(wait);
  fixture_close(&fixture);

  open_session(&fixture, state, names[1]);
  sum = 0;
  for (int i = 0; i < 2; ++i) {
    invocation_initialize(&invocations[i], &fixture, NULL);
    push_tensor_i32(&invocations[i], 4, input);
    IREE_CHECK_OK(iree_runtime_session_call_by_name(fixture.session, IREE_SV("user.turns"),
                                                    invocations[i].inputs, invocations[i].outputs));
    expect_turn(&invocations[i], i, &sum);
    invocation_deinitialize(&invocations[i]);
  }
  fixture_close(&fixture);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_chain_later), ON_ALL(test_mixed_later), ON_ALL(test_sync),
      ON_ALL(test_failures),    ON_ALL(test_failed_wait), ON_ALL(test_turns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
