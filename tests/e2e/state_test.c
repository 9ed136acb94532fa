// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that keep tensors in globals: each call sees what those before it have stored, contents that are not there yet as well;
// sessions have their own; nobody outside shares memory with them. Usage: state_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

static const int32_t ones[] = {1, 1, 1, 1};

// |state| is the driver's name.
static void open_module(fixture_t* fixture, void** state) {
  fixture_open(fixture, *state, path_of_module("state"));
}

static void start_with(invocation_t* invocation, fixture_t* fixture, const char* function,
                       const int32_t* data) {
  invocation_initialize(invocation, fixture, NULL);
  if (data) push_tensor_i32(invocation, 4, data);
  start(invocation, function);
}

static void expect_end(invocation_t* invocation, int32_t first) {
  expect_reached(invocation);
  expect_i32(invocation, 0, 4, (const int32_t[]){first, first + 1, first + 2, first + 3});
  invocation_deinitialize(invocation);
}

// The sum is |first| and the three numbers that follow.
static void expect_sum(fixture_t* fixture, int32_t first) {
  invocation_t invocation;
  start_with(&invocation, fixture, "state.get", NULL);
  expect_end(&invocation, first);
}

static void expect_add(fixture_t* fixture, int32_t first) {
  invocation_t invocation;
  start_with(&invocation, fixture, "state.add", ones);
  expect_end(&invocation, first);
}

static void overwrite(iree_hal_buffer_view_t* view) {
  const int32_t junk[] = {-1, -2, -3, -4};
  IREE_CHECK_OK(
      iree_hal_buffer_map_write(iree_hal_buffer_view_buffer(view), 0, junk, sizeof(junk)));
}

static void test_calls_see_one_another(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  expect_sum(&fixture, 1);
  for (int32_t i = 2; i < 6; ++i) expect_add(&fixture, i);
  expect_sum(&fixture, 5);
  invocation_t rounds;
  invocation_initialize(&rounds, &fixture, NULL);
  push_tensor_i32(&rounds, 4, ones);
  push_i64(&rounds, 1000);
  start(&rounds, "state.rounds");
  expect_sum(&fixture, 1005);
  expect_end(&rounds, 1005);
  fixture_close(&fixture);
}

// What one is given and what one gets is one's own.
static void test_nobody_shares_memory(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  const char* const functions[] = {"state.put", "state.exchange", "state.add", "state.keep"};
  for (int i = 0; i < 4; ++i) {
    invocation_t invocation;
    iree_hal_buffer_view_t* given =
        new_tensor(&fixture, 1, (const iree_hal_dim_t[]){4}, IREE_HAL_ELEMENT_TYPE_SINT_32,
                   (const int32_t[]){10, 11, 12, 13});
    iree_hal_buffer_view_retain(given);
    invocation_initialize(&invocation, &fixture, NULL);
    push_view(&invocation, given);
    start(&invocation, functions[i]);
    expect_reached(&invocation);
    overwrite(given);
    iree_hal_buffer_view_release(given);
    for (iree_host_size_t j = 0; j < iree_vm_list_size(invocation.outputs); ++j) {
      overwrite(iree_vm_list_get_buffer_view_assign(invocation.outputs, j));
    }
    invocation_deinitialize(&invocation);
    if (i == 2) {
      const int32_t expected[] = {20, 22, 24, 26};
      start_with(&invocation, &fixture, "state.get", NULL);
      expect_reached(&invocation);
      expect_i32(&invocation, 0, 4, expected);
      invocation_deinitialize(&invocation);
    } else {
      expect_sum(&fixture, i == 3 ? 11 : 10);
    }
  }
  fixture_close(&fixture);
}

static void test_exchange(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  invocation_t invocation;
  start_with(&invocation, &fixture, "state.exchange", ones);
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, (const int32_t[]){1, 2, 3, 4});
  expect_i32(&invocation, 1, 4, ones);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

// Contents that are not there yet are waited for, by whoever reads them.
static void test_contents_come_later(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t later, add, get;
  start_with(&later, &fixture, "state.later", ones);
  start_with(&add, &fixture, "state.add", ones);
  start_with(&get, &fixture, "state.get", NULL);
  expect_pending(&add);
  expect_pending(&get);
  custom_expect_calls(1);
  custom_answer_kept();
  expect_end(&get, 4);
  expect_end(&add, 4);
  expect_end(&later, 3);
  custom_behave(ANSWER);
  fixture_close(&fixture);
}

// Contents that never come are a failure for all that depends on them, until others are stored.
static void test_contents_fail(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(FAIL_LATER);
  invocation_t later, get, put;
  start_with(&later, &fixture, "state.later", ones);
  expect_signal_fails(&later, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  invocation_deinitialize(&later);
  start_with(&get, &fixture, "state.get", NULL);
  expect_signal_fails(&get, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  invocation_deinitialize(&get);
  custom_behave(ANSWER);
  start_with(&put, &fixture, "state.put", (const int32_t[]){5, 6, 7, 8});
  expect_reached(&put);
  invocation_deinitialize(&put);
  expect_sum(&fixture, 5);
  fixture_close(&fixture);
}

static void test_wrong_arguments_change_nothing(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  invocation_t wrong;
  invocation_initialize(&wrong, &fixture, NULL);
  push_tensor_i32(&wrong, 3, ones);
  expect_failure(try_start(&wrong, "state.put"), IREE_STATUS_INVALID_ARGUMENT,
                 "argument 0 of @put");
  invocation_deinitialize(&wrong);
  expect_sum(&fixture, 1);
  fixture_close(&fixture);
}

static void test_released_in_flight(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t later, get;
  start_with(&later, &fixture, "state.later", ones);
  start_with(&get, &fixture, "state.get", NULL);
  custom_expect_calls(1);
  fixture_release(&fixture);
  expect_pending(&get);
  custom_answer_kept();
  expect_end(&get, 3);
  expect_end(&later, 3);
  custom_behave(ANSWER);
  fixture_close(&fixture);
}

static void test_sessions_are_apart(void** state) {
  fixture_t first, second;
  open_module(&first, state);
  expect_add(&first, 2);
  expect_add(&first, 3);
  open_module(&second, state);
  expect_add(&second, 2);
  expect_add(&first, 4);
  expect_sum(&second, 2);
  fixture_close(&second);
  fixture_close(&first);
}

static void expect_size(fixture_t* fixture, const char* function, iree_host_size_t size) {
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, NULL);
  IREE_CHECK_OK(iree_runtime_session_call_by_name(
      fixture->session, iree_make_cstring_view(function), invocation.inputs, invocation.outputs));
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation.outputs, 0);
  assert_int_equal(iree_hal_buffer_view_element_count(view), size);
  invocation_deinitialize(&invocation);
}

static void test_dynamic_sizes(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  expect_size(&fixture, "state.get_list", 0);
  const int32_t data[] = {5, 6, 7, 8, 9};
  for (iree_host_size_t size = 0; size <= 5; ++size) {
    invocation_t set;
    invocation_initialize(&set, &fixture, NULL);
    push_tensor_i32(&set, size, data);
    start(&set, "state.set_list");
    expect_reached(&set);
    invocation_deinitialize(&set);
    expect_size(&fixture, "state.get_list", size);
  }
  fixture_close(&fixture);
}

static void test_beginnings(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  invocation_t made, large;
  start_with(&made, &fixture, "state.get_made", NULL);
  expect_reached(&made);
  expect_i32(&made, 0, 4, (const int32_t[]){20, 40, 60, 80});
  invocation_deinitialize(&made);
  int32_t expected[64];
  for (int32_t value = 7; value <= 28; value *= 2) {
    for (int i = 0; i < 64; ++i) expected[i] = value;
    start_with(&large, &fixture, "state.doubled", NULL);
    expect_reached(&large);
    expect_i32(&large, 0, 64, expected);
    invocation_deinitialize(&large);
  }
  fixture_close(&fixture);
}

//===-- Calls that return when all is done ------------------------------------------------------------------------------------===//

static void call_inside(fixture_t* fixture, const char* function, const int32_t* data,
                        int32_t first) {
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, NULL);
  if (data) push_tensor_i32(&invocation, 4, data);
  IREE_CHECK_OK(iree_runtime_session_call_by_name(
      fixture->session, iree_make_cstring_view(function), invocation.inputs, invocation.outputs));
  expect_i32(&invocation, 0, 4, (const int32_t[]){first, first + 1, first + 2, first + 3});
  invocation_deinitialize(&invocation);
}

static void test_inside(void** state) {
  fixture_t fixture;
  fixture_open(&fixture, *state, path_of_module("state_inside"));
  call_inside(&fixture, "state.add", ones, 2);
  call_inside(&fixture, "state.add", ones, 3);
  call_inside(&fixture, "state.get", NULL, 3);
  call_inside(&fixture, "state.later", ones, 5);
  custom_behave(FAIL_LATER);
  invocation_t fails;
  invocation_initialize(&fails, &fixture, NULL);
  push_tensor_i32(&fails, 4, ones);
  iree_status_t status = iree_runtime_session_call_by_name(fixture.session, IREE_SV("state.later"),
                                                           fails.inputs, fails.outputs);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  invocation_deinitialize(&fails);
  custom_behave(ANSWER);
  call_inside(&fixture, "state.keep", (const int32_t[]){7, 8, 9, 10}, 8);
  call_inside(&fixture, "state.get", NULL, 8);
  expect_size(&fixture, "state.get_made", 4);
  expect_size(&fixture, "state.get_list", 0);
  fixture_close(&fixture);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_calls_see_one_another),
      ON_ALL(test_nobody_shares_memory),
      ON_ALL(test_exchange),
      ON_ALL(test_contents_come_later),
      ON_ALL(test_contents_fail),
      ON_ALL(test_wrong_arguments_change_nothing),
      ON_ALL(test_released_in_flight),
      ON_ALL(test_sessions_are_apart),
      ON_ALL(test_dynamic_sizes),
      ON_ALL(test_beginnings),
      ON_ALL(test_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
