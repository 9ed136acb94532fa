// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs with mutable globals, several invocations in flight: each sees what those called before it have stored, however long these
// wait and however they end. Usage: globals_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

static const int32_t zeros[] = {0, 0, 0, 0};

// |state| is the driver's name.
static void open_file(fixture_t* fixture, void** state, const char* name) {
  fixture_open(fixture, *state, path_of_module(name));
}

static void open_module(fixture_t* fixture, void** state) { open_file(fixture, state, "globals"); }

static void start_with_zeros(invocation_t* invocation, fixture_t* fixture, iree_hal_fence_t* wait,
                             const char* function) {
  invocation_initialize(invocation, fixture, wait);
  push_tensor_i32(invocation, 4, zeros);
  start(invocation, function);
}

// Waits for the end, and expects |value| four times.
static void expect_end(invocation_t* invocation, int32_t value) {
  expect_reached(invocation);
  expect_i32(invocation, 0, 4, (const int32_t[]){value, value, value, value});
  invocation_deinitialize(invocation);
}

static void expect_next(fixture_t* fixture, int32_t value) {
  invocation_t invocation;
  start_with_zeros(&invocation, fixture, NULL, "globals.next");
  expect_end(&invocation, value);
}

// Calls globals.now.
static int32_t count_now(fixture_t* fixture) {
  iree_vm_list_t* outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, iree_allocator_system(), &outputs));
  IREE_CHECK_OK(
      iree_runtime_session_call_by_name(fixture->session, IREE_SV("globals.now"), NULL, outputs));
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 0, &value));
  iree_vm_list_release(outputs);
  return value.i32;
}

static void test_one_after_the_other(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  for (int32_t i = 100; i < 104; ++i) expect_next(&fixture, i);
  assert_int_equal(count_now(&fixture), 104);
  fixture_close(&fixture);
}

// The order is that of the calls, not that in which arguments arrive.
static void test_arguments_come_late(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t first, second, third;
  start_with_zeros(&first, &fixture, wait, "globals.next");
  // It has had its turn: only its tensor is missing.
  expect_next(&fixture, 101);
  start_with_zeros(&second, &fixture, wait, "globals.late");
  start_with_zeros(&third, &fixture, NULL, "globals.next");
  expect_pending(&third);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  expect_end(&third, 103);
  expect_end(&second, 103);  // x + 1, and the 102 that it counted
  expect_end(&first, 100);
  fixture_close(&fixture);
}

static void test_the_first_waits(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t slow, others[3];
  start_with_zeros(&slow, &fixture, NULL, "globals.slow");
  custom_expect_calls(1);
  for (int i = 0; i < 3; ++i) start_with_zeros(&others[i], &fixture, NULL, "globals.next");
  for (int i = 0; i < 3; ++i) expect_pending(&others[i]);
  custom_answer_kept();
  for (int i = 2; i >= 0; --i) expect_end(&others[i], 1000 + i);
  expect_end(&slow, 101);
  assert_int_equal(count_now(&fixture), 1003);
  custom_behave(ANSWER);
  fixture_close(&fixture);
}

static void test_the_first_fails(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(FAIL_LATER);
  invocation_t slow;
  start_with_zeros(&slow, &fixture, NULL, "globals.slow");
  expect_next(&fixture, 101);
  expect_signal_fails(&slow, IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  invocation_deinitialize(&slow);
  // The fence that it was given is dropped.
  custom_behave(KEEP);
  invocation_t dropped, next;
  start_with_zeros(&dropped, &fixture, NULL, "globals.slow");
  custom_expect_calls(2);
  start_with_zeros(&next, &fixture, NULL, "globals.next");
  custom_drop_kept();
  expect_end(&next, 103);
  expect_signal_fails(&dropped, IREE_STATUS_CANCELLED, "");
  invocation_deinitialize(&dropped);
  custom_behave(FAIL_AT_ONCE);
  start_with_zeros(&slow, &fixture, NULL, "globals.slow");
  expect_signal_fails(&slow, IREE_STATUS_UNAVAILABLE, "the vault does not even open");
  invocation_deinitialize(&slow);
  custom_behave(ANSWER);
  expect_next(&fixture, 105);
  fixture_close(&fixture);
}

static void test_wrong_arguments_take_no_turn(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  invocation_t wrong;
  invocation_initialize(&wrong, &fixture, NULL);
  push_tensor_i32(&wrong, 3, zeros);
  expect_failure(try_start(&wrong, "globals.next"), IREE_STATUS_INVALID_ARGUMENT,
                 "argument 0 of @next");
  invocation_deinitialize(&wrong);
  expect_next(&fixture, 100);
  fixture_close(&fixture);
}

// A session with the modules of the fixture's, which takes its place.
static iree_runtime_session_t* exchange_session(fixture_t* fixture) {
  static const char* const functions[] = {"custom.call", "globals.next"};
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_runtime_session_t* old = fixture->session;
  IREE_CHECK_OK(iree_runtime_session_create_with_device(
      fixture->instance, &options, fixture->device, fixture->allocator, &fixture->session));
  for (int i = 0; i < 2; ++i) {
    iree_vm_function_t function;
    IREE_CHECK_OK(
        iree_runtime_session_lookup_function(old, iree_make_cstring_view(functions[i]), &function));
    IREE_CHECK_OK(iree_runtime_session_append_module(fixture->session, function.module));
  }
  return old;
}

static void test_sessions_are_apart(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t late;
  start_with_zeros(&late, &fixture, wait, "globals.late");
  iree_runtime_session_t* first = exchange_session(&fixture);
  expect_next(&fixture, 100);
  expect_next(&fixture, 101);
  iree_runtime_session_release(fixture.session);
  fixture.session = first;
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  expect_end(&late, 101);
  expect_next(&fixture, 101);
  fixture_close(&fixture);
}

static void test_released_in_flight(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t slow, next;
  start_with_zeros(&slow, &fixture, NULL, "globals.slow");
  custom_expect_calls(1);
  start_with_zeros(&next, &fixture, NULL, "globals.next");
  fixture_release(&fixture);
  expect_pending(&next);
  custom_answer_kept();
  expect_end(&next, 1000);
  expect_end(&slow, 101);
  custom_behave(ANSWER);
  fixture_close(&fixture);
}

//===-- Threads -----------------------------------------------------------------------------------------------------------===//

enum { THREADS = 4, CALLS = 100 };

typedef struct counting_t {
  pthread_t thread;
  fixture_t* fixture;
  int32_t numbers[CALLS];
} counting_t;

// The first number of the result.
static int32_t end_of(invocation_t* invocation) {
  expect_reached(invocation);
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation->outputs, 0);
  int32_t number = 0;
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, &number, 4));
  invocation_deinitialize(invocation);
  return number;
}

// Half of the calls return at once, half when they are done.
static void* count_often(void* argument) {
  counting_t* counting = argument;
  for (int i = 0; i < CALLS; i += 4) {
    invocation_t begun[2];
    for (int j = 0; j < 2; ++j)
      start_with_zeros(&begun[j], counting->fixture, NULL, j ? "globals.late" : "globals.next");
    for (int j = 0; j < 2; ++j) counting->numbers[i + j] = count_now(counting->fixture);
    for (int j = 0; j < 2; ++j) counting->numbers[i + 2 + j] = end_of(&begun[j]) - j;
  }
  return NULL;
}

static void test_threads_count_every_number_once(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  static counting_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    threads[i].fixture = &fixture;
    pthread_create(&threads[i].thread, NULL, count_often, &threads[i]);
  }
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i].thread, NULL);
  bool seen[THREADS * CALLS] = {false};
  for (int i = 0; i < THREADS * CALLS; ++i) {
    const int32_t number = threads[i / CALLS].numbers[i % CALLS] - 100;
    assert_in_range(number, 0, THREADS * CALLS - 1);
    assert_false(seen[number]);
    seen[number] = true;
  }
  expect_next(&fixture, 100 + THREADS * CALLS);
  fixture_close(&fixture);
}

static void* count_on_another_thread(void* argument) {
  return (void*)(intptr_t)count_now(argument);
}

// A call that doesn't return before its turn waits for what suspended itself.
static void test_synchronous_calls_wait(void** state) {
  fixture_t fixture;
  open_module(&fixture, state);
  custom_behave(KEEP);
  invocation_t slow;
  start_with_zeros(&slow, &fixture, NULL, "globals.slow");
  custom_expect_calls(1);
  pthread_t thread;
  void* number = NULL;
  pthread_create(&thread, NULL, count_on_another_thread, &fixture);
  custom_answer_kept();
  pthread_join(thread, &number);
  assert_int_equal((intptr_t)number, 1000);
  expect_end(&slow, 101);
  custom_behave(ANSWER);
  fixture_close(&fixture);
}

//===-- Calls that return when all is done ------------------------------------------------------------------------------------===//

// The first number of the result of |function| for zeros.
static int32_t call_inside(fixture_t* fixture, const char* function) {
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, NULL);
  push_tensor_i32(&invocation, 4, zeros);
  IREE_CHECK_OK(iree_runtime_session_call_by_name(
      fixture->session, iree_make_cstring_view(function), invocation.inputs, invocation.outputs));
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation.outputs, 0);
  int32_t number = 0;
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, &number, 4));
  invocation_deinitialize(&invocation);
  return number;
}

// The assertion in globals.slow sees to it that nobody comes between.
static void* call_often(void* argument) {
  for (int i = 0; i < 10; ++i) {
    call_inside(argument, "globals.slow");
    call_inside(argument, "globals.next");
    count_now(argument);
  }
  return NULL;
}

static void test_inside(void** state) {
  fixture_t fixture;
  open_file(&fixture, state, "globals_inside");
  assert_int_equal(call_inside(&fixture, "globals.next"), 100);
  assert_int_equal(call_inside(&fixture, "globals.slow"),
                   102);  // x + 1, and the 101 that it counted
  assert_int_equal(call_inside(&fixture, "globals.late"), 1001);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) pthread_create(&threads[i], NULL, call_often, &fixture);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  fixture_close(&fixture);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_one_after_the_other),
      ON_ALL(test_arguments_come_late),
      ON_ALL(test_the_first_waits),
      ON_ALL(test_the_first_fails),
      ON_ALL(test_wrong_arguments_take_no_turn),
      ON_ALL(test_sessions_are_apart),
      ON_ALL(test_released_in_flight),
      ON_ALL(test_threads_count_every_number_once),
      ON_ALL(test_synchronous_calls_wait),
      ON_ALL(test_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
