// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Asynchronous programs in which something goes wrong: every failure arrives at the signal fence with the place where it
// happened, nobody waits in vain, and nothing leaks. Usage: async_failure_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

static const int32_t one_to_four[] = {1, 2, 3, 4};

// |state| is the driver's name.
static void open_module(fixture_t* fixture, void** state) {
  fixture_open(fixture, *state, path_of_module("async"));
}

// A call of |function| with one tensor of four.
static void start_with_four(invocation_t* invocation, fixture_t* fixture, iree_hal_fence_t* wait,
                            const char* function) {
  invocation_initialize(invocation, fixture, wait);
  push_tensor_i32(invocation, 4, one_to_four);
  start(invocation, function);
}

static void expect_works(fixture_t* fixture) {
  custom_behave(ANSWER);
  invocation_t invocation;
  start_with_four(&invocation, fixture, NULL, "async.main");
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, (const int32_t[]){4, 25, 100, 289});
  invocation_deinitialize(&invocation);
}

//===-- The functions that are called -----------------------------------------------------------------------------------===//

static void test_call_fails_later(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  static const char* const functions[] = {"async.main", "async.effects"};
  for (int i = 0; i < 2; ++i) {
    custom_behave(FAIL_LATER);
    invocation_t invocation;
    start_with_four(&invocation, &fixture, NULL, functions[i]);
    expect_signal_fails(&invocation, IREE_STATUS_PERMISSION_DENIED,
                        "the vault is closed on Sundays");
    invocation_deinitialize(&invocation);
  }
  // The session goes on working.
  expect_works(&fixture);
  fixture_close(&fixture);
}

// The first failure is what arrives, through invocations that wait for one another.
static void test_failure_travels(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(FAIL_LATER);
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t first, second, third;
  start_with_four(&first, &fixture, wait, "async.main");
  start_with_four(&second, &fixture, first.signal, "async.main");
  start_with_four(&third, &fixture, second.signal, "async.effects");
  expect_pending(&third);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_signal_fails(&third, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  expect_signal_fails(&second, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  expect_signal_fails(&first, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  iree_hal_fence_release(wait);
  invocation_deinitialize(&first);
  invocation_deinitialize(&second);
  invocation_deinitialize(&third);
  fixture_close(&fixture);
}

// The call of the program fails too, where it makes its calls before it returns.
static void test_call_fails_at_once(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(FAIL_AT_ONCE);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  expect_failure(try_start(&invocation, "async.main"), IREE_STATUS_UNAVAILABLE,
                 "the vault does not even open");
  expect_signal_fails(&invocation, IREE_STATUS_UNAVAILABLE, "async.mlir:12:");
  invocation_deinitialize(&invocation);

  // Here the call has returned before: only the fence is left to tell.
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_i64(&invocation, 0);
  start(&invocation, "async.branch");
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_signal_fails(&invocation, IREE_STATUS_UNAVAILABLE, "the vault does not even open");
  iree_hal_fence_release(wait);
  invocation_deinitialize(&invocation);
  expect_works(&fixture);
  fixture_close(&fixture);
}

// Shapes are there before contents, so they are checked as soon as the call is made.
static void test_call_returns_another_shape(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(OTHER_SHAPE);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  expect_failure(try_start(&invocation, "async.effects"), IREE_STATUS_INVALID_ARGUMENT,
                 "async.mlir:25:");
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "result 0 of custom.effect");
  invocation_deinitialize(&invocation);

  // The second one is made when the program has long returned.
  custom_behave(KEEP);
  start_with_four(&invocation, &fixture, NULL, "async.effects");
  custom_expect_calls(2);
  custom_behave(OTHER_SHAPE);
  custom_answer_kept();
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "async.mlir:27:");
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

//===-- What never comes ------------------------------------------------------------------------------------------------===//

// Everything can be torn down while a call is pending; when it is given up at last, so are those that waited.
static void test_call_never_signals(void** state) {
  static const char* const functions[] = {"async.main", "async.effects"};
  for (int i = 0; i < 2; ++i) {
    fixture_t fixture;
    open_module(&fixture, state);
    custom_behave(KEEP);
    invocation_t invocation;
    start_with_four(&invocation, &fixture, NULL, functions[i]);
    custom_expect_calls(1);
    expect_failure(iree_hal_fence_wait(invocation.signal, iree_make_timeout_ms(5)),
                   IREE_STATUS_DEADLINE_EXCEEDED, "");
    expect_failure(iree_hal_fence_wait(invocation.signal, iree_immediate_timeout()),
                   IREE_STATUS_DEADLINE_EXCEEDED, "");
    expect_pending(&invocation);
    fixture_release(&fixture);
    expect_pending(&invocation);
    custom_drop_kept();
    expect_signal_fails(&invocation, IREE_STATUS_CANCELLED, "");
    invocation_deinitialize(&invocation);
    fixture_close(&fixture);
  }
}

// The user forgets an invocation: its fences and its results.
static void test_invocation_is_forgotten(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t invocation;
  start_with_four(&invocation, &fixture, NULL, "async.effects");
  custom_expect_calls(1);
  invocation_deinitialize(&invocation);
  fixture_release(&fixture);
  custom_answer_kept();
  custom_expect_calls(2);
  custom_answer_kept();
  fixture_close(&fixture);
}

// With its last reference gone nobody can signal the fence that was waited for. What waits for it in the program doesn't
// keep it, be it queued work or the suspended program itself.
static void test_wait_fence_is_dropped(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  static const char* const functions[] = {"async.main", "async.identity", "async.pick_i32"};
  for (int i = 0; i < 3; ++i) {
    iree_hal_fence_t* wait = new_fence(&fixture);
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, wait);
    iree_hal_fence_release(wait);
    push_tensor_i32(&invocation, 4, one_to_four);
    if (i == 2) push_i64(&invocation, 0);
    start(&invocation, functions[i]);
    expect_pending(&invocation);
    iree_hal_fence_release(invocation.wait);
    invocation.wait = NULL;
    expect_signal_fails(&invocation, IREE_STATUS_CANCELLED, "");
    invocation_deinitialize(&invocation);
  }
  fixture_close(&fixture);
}

static void test_wait_fence_fails(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t before, after;
  invocation_initialize(&before, &fixture, wait);
  push_tensor_i32(&before, 4, one_to_four);
  push_i32(&before, 1);
  push_f64(&before, 0.0);
  start(&before, "async.synchronous");
  iree_hal_fence_fail(wait, iree_make_status(IREE_STATUS_DATA_LOSS, "the dog ate the tensor"));
  expect_signal_fails(&before, IREE_STATUS_DATA_LOSS, "the dog ate the tensor");
  start_with_four(&after, &fixture, wait, "async.identity");
  expect_signal_fails(&after, IREE_STATUS_DATA_LOSS, "the dog ate the tensor");
  assert_int_equal(custom_sync_count(), 0);
  iree_hal_fence_release(wait);
  invocation_deinitialize(&before);
  invocation_deinitialize(&after);
  fixture_close(&fixture);
}

//===-- Tearing down ----------------------------------------------------------------------------------------------------===//

// The session, the device and the instance go while an invocation is in flight: it finishes.
static void test_released_in_flight(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t direct, waiting;
  start_with_four(&direct, &fixture, wait, "async.main");
  start_with_four(&waiting, &fixture, wait, "async.effects");
  fixture_release(&fixture);
  expect_pending(&direct);
  expect_pending(&waiting);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_reached(&direct);
  expect_reached(&waiting);
  expect_i32(&direct, 0, 4, (const int32_t[]){4, 25, 100, 289});
  expect_i32(&waiting, 0, 4, (const int32_t[]){7, 13, 21, 31});
  iree_hal_fence_release(wait);
  invocation_deinitialize(&direct);
  invocation_deinitialize(&waiting);
  fixture_close(&fixture);
}

//===-- Callers ---------------------------------------------------------------------------------------------------------===//

static void test_wrong_arguments(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  // Sizes that differ, told by the call and by the fence.
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_tensor_i32(&invocation, 3, one_to_four);
  expect_failure(try_start(&invocation, "async.add"), IREE_STATUS_INVALID_ARGUMENT,
                 "async.mlir:18:");
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "async.mlir:18:");
  invocation_deinitialize(&invocation);

  // Another element type.
  invocation_initialize(&invocation, &fixture, wait);
  const iree_hal_dim_t dims[] = {4};
  push_view(&invocation,
            new_tensor(&fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_FLOAT_32, one_to_four));
  expect_failure(try_start(&invocation, "async.main"), IREE_STATUS_INVALID_ARGUMENT, "argument 0");
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "f32");
  invocation_deinitialize(&invocation);

  // An element that isn't there.
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_i64(&invocation, 4);
  expect_failure(try_start(&invocation, "async.pick_i32"), IREE_STATUS_INVALID_ARGUMENT,
                 "tensor.extract");
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "tensor.extract");
  invocation_deinitialize(&invocation);

  // The fences forgotten; something else in their place.
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  expect_failure(
      iree_runtime_session_call_by_name(fixture.session, iree_make_cstring_view("async.main"),
                                        invocation.inputs, invocation.outputs),
      IREE_STATUS_INVALID_ARGUMENT, "async.main");
  push_tensor_i32(&invocation, 4, one_to_four);
  push_tensor_i32(&invocation, 4, one_to_four);
  expect_failure(
      iree_runtime_session_call_by_name(fixture.session, iree_make_cstring_view("async.main"),
                                        invocation.inputs, invocation.outputs),
      IREE_STATUS_INVALID_ARGUMENT, "hal.fence");
  invocation_deinitialize(&invocation);
  iree_hal_fence_release(wait);
  expect_works(&fixture);
  fixture_close(&fixture);
}

//===-- Memory ----------------------------------------------------------------------------------------------------------===//

static iree_status_t make_fence(fixture_t* fixture, iree_hal_fence_t** out_fence) {
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_create(fixture->device, 0, &semaphore));
  iree_status_t status = iree_hal_fence_create_at(semaphore, 1, fixture->allocator, out_fence);
  iree_hal_semaphore_release(semaphore);
  return status;
}

static iree_status_t make_invocation(fixture_t* fixture, invocation_t* invocation) {
  invocation->fixture = fixture;
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 3, fixture->allocator, &invocation->inputs));
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 1, fixture->allocator, &invocation->outputs));
  IREE_RETURN_IF_ERROR(make_fence(fixture, &invocation->wait));
  IREE_RETURN_IF_ERROR(make_fence(fixture, &invocation->signal));
  const iree_hal_dim_t dims[] = {4};
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      iree_hal_device_allocator(fixture->device), 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32,
      IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
      iree_make_const_byte_span(one_to_four, sizeof(one_to_four)), &view));
  push_view(invocation, view);
  return iree_ok_status();
}

// How the invocation ends: with the first failure itself.
static iree_status_t outcome_of(invocation_t* invocation) {
  iree_status_t status = iree_hal_fence_wait(invocation->signal, patience());
  if (!iree_status_is_aborted(status)) return status;
  iree_status_ignore(status);
  return iree_hal_fence_query(invocation->signal);
}

// |user_data| is the function.
static iree_status_t whole_life(iree_allocator_t allocator, void* user_data) {
  fixture_t fixture = {.allocator = allocator};
  invocation_t invocation = {0};
  iree_status_t status = fixture_try_open(&fixture, "local-sync", path_of_module("async"));
  if (iree_status_is_ok(status)) status = make_invocation(&fixture, &invocation);
  if (iree_status_is_ok(status)) status = try_start(&invocation, user_data);
  // Calls that were made before it failed wait for this, too.
  if (invocation.wait) IREE_CHECK_OK(iree_hal_fence_signal(invocation.wait));
  if (iree_status_is_ok(status)) status = outcome_of(&invocation);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
  return status;
}

// Three invocations that change a global, the first of which waits for its argument.
static iree_status_t three_in_flight(iree_allocator_t allocator, void* user_data) {
  static const char* const functions[] = {"globals.late", "globals.next", "globals.next"};
  fixture_t fixture = {.allocator = allocator};
  invocation_t invocations[3] = {{0}};
  bool started[3] = {false};
  iree_status_t status = fixture_try_open(&fixture, "local-sync", path_of_module("globals"));
  for (int i = 0; i < 3 && iree_status_is_ok(status); ++i) {
    status = make_invocation(&fixture, &invocations[i]);
    if (iree_status_is_ok(status)) status = try_start(&invocations[i], functions[i]);
    started[i] = iree_status_is_ok(status);
  }
  for (int i = 2; i >= 0; --i) {
    if (invocations[i].wait) IREE_CHECK_OK(iree_hal_fence_signal(invocations[i].wait));
  }
  for (int i = 0; i < 3; ++i) {
    if (started[i]) status = iree_status_join(status, outcome_of(&invocations[i]));
    invocation_deinitialize(&invocations[i]);
  }
  fixture_close(&fixture);
  return status;
}

// ... fails as any other failure does: nobody is left waiting, wherever it happens.
static void test_allocator_fails_at_every_call(void** state) {
  tenon_test_for_each_failure(whole_life, "async.main");
  tenon_test_for_each_failure(whole_life, "async.effects");
  tenon_test_for_each_failure(three_in_flight, NULL);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_call_fails_later),
      ON_ALL(test_failure_travels),
      ON_ALL(test_call_fails_at_once),
      ON_ALL(test_call_returns_another_shape),
      ON_ALL(test_call_never_signals),
      ON_ALL(test_invocation_is_forgotten),
      ON_ALL(test_wait_fence_is_dropped),
      ON_ALL(test_wait_fence_fails),
      ON_ALL(test_released_in_flight),
      ON_ALL(test_wrong_arguments),
      cmocka_unit_test(test_allocator_fails_at_every_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
