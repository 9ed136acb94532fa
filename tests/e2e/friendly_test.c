// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled programs that call plain C functions asynchronously (tenon/async_module.h), on every local device, with time that begins
// before the call and after it. Usage: friendly_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include "tenon/async_module.h"

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

//===-- The functions ----------------------------------------------------------------------------------------------------===//

// What they know of each other.
typedef struct shared_t {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool gate_is_open;
  int gate_count;
  int32_t log[8];
  int log_length;
} shared_t;

static shared_t shared = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static iree_status_t mix(void* user_data, const tenon_async_call_t* call) {
  const float* x = (const float*)call->arguments[0].data;
  double sum = *(const int32_t*)call->arguments[1].data + *(const int32_t*)call->arguments[2].data +
               *(const int32_t*)call->arguments[3].data +
               (double)*(const int64_t*)call->arguments[4].data +
               (double)*(const int64_t*)call->arguments[5].data +
               *(const float*)call->arguments[6].data + *(const double*)call->arguments[7].data;
  float* y = (float*)call->results[0].data;
  for (size_t i = 0; i < call->results[0].element_count; ++i) y[i] = x[i] + 1;
  *(double*)call->results[1].data = sum;
  return iree_ok_status();
}

static iree_status_t invert(void* user_data, const tenon_async_call_t* call) {
  const uint8_t* x = (const uint8_t*)call->arguments[0].data;
  uint8_t* y = (uint8_t*)call->results[0].data;
  for (size_t i = 0; i < call->results[0].byte_length; ++i) y[i] = !x[i];
  return iree_ok_status();
}

static iree_status_t copy(const tenon_async_call_t* call) {
  memcpy(call->results[0].data, call->arguments[0].data, call->results[0].byte_length);
  return iree_ok_status();
}

// Notes its argument's first element.
static iree_status_t append_to_log(void* user_data, const tenon_async_call_t* call) {
  pthread_mutex_lock(&shared.mutex);
  if (shared.log_length < 8)
    shared.log[shared.log_length++] = *(const int32_t*)call->arguments[0].data;
  pthread_mutex_unlock(&shared.mutex);
  return copy(call);
}

static iree_status_t disappoint(void* user_data, const tenon_async_call_t* call) {
  return iree_make_status(IREE_STATUS_DATA_LOSS, "element %d is lost",
                          *(const int32_t*)call->arguments[0].data);
}

// Blocks until the test opens the gate.
static iree_status_t pass_gate(void* user_data, const tenon_async_call_t* call) {
  pthread_mutex_lock(&shared.mutex);
  ++shared.gate_count;
  pthread_cond_broadcast(&shared.changed);
  while (!shared.gate_is_open) pthread_cond_wait(&shared.changed, &shared.mutex);
  pthread_mutex_unlock(&shared.mutex);
  return copy(call);
}

static void open_gate(void) {
  pthread_mutex_lock(&shared.mutex);
  shared.gate_is_open = true;
  pthread_cond_broadcast(&shared.changed);
  pthread_mutex_unlock(&shared.mutex);
}

static void expect_at_gate(int count) {
  pthread_mutex_lock(&shared.mutex);
  while (shared.gate_count < count) pthread_cond_wait(&shared.changed, &shared.mutex);
  pthread_mutex_unlock(&shared.mutex);
}

static const tenon_async_function_t functions[] = {
    {.name = "mix",
     .type = "(tensor<?xf32>, i1, i8, i32, i64, index, f32, f64) -> (tensor<?xf32>, tensor<f64>)",
     .fn = mix},
    {.name = "invert", .type = "(tensor<?xi1>) -> tensor<?xi1>", .fn = invert},
    {.name = "log", .type = "(tensor<4xi32>) -> tensor<4xi32>", .fn = append_to_log},
    {.name = "fail", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = disappoint},
    {.name = "gate", .type = "(tensor<?xi32>) -> tensor<?xi32>", .fn = pass_gate},
    {.name = "wrong", .type = "(tensor<?xf32>) -> tensor<?xf32>", .fn = disappoint},
};

//===-- Sessions ---------------------------------------------------------------------------------------------------------===//

// A session on the driver that |state| names, with the module `user` and the program |name|.
static void open_session(fixture_t* fixture, void** state, const char* name) {
  shared.gate_is_open = false;
  shared.gate_count = 0;
  shared.log_length = 0;
  memset(fixture, 0, sizeof(*fixture));
  tenon_failing_allocator_initialize(0, &fixture->memory);
  fixture->allocator = tenon_failing_allocator(&fixture->memory);
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  IREE_CHECK_OK(iree_runtime_instance_create(&options, fixture->allocator, &fixture->instance));
  IREE_CHECK_OK(iree_runtime_instance_try_create_default_device(
      fixture->instance, iree_make_cstring_view((const char*)*state), &fixture->device));
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  IREE_CHECK_OK(iree_runtime_session_create_with_device(
      fixture->instance, &session_options, fixture->device, fixture->allocator, &fixture->session));

  const tenon_async_module_params_t params = {.name = "user",
                                              .function_count = IREE_ARRAYSIZE(functions),
                                              .functions = functions,
                                              .device = fixture->device};
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(tenon_async_module_create(iree_runtime_instance_vm_instance(fixture->instance),
                                          &params, fixture->allocator, &module));
  IREE_CHECK_OK(iree_runtime_session_append_module(fixture->session, module));
  iree_vm_module_release(module);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(fixture->session,
                                                                      path_of_module(name)));
}

static const int32_t one_to_four[] = {1, 2, 3, 4};
// (x + x) ^ 2
static const int32_t gate_results[] = {4, 16, 36, 64};

static void start_gate(invocation_t* invocation, fixture_t* fixture, iree_hal_fence_t* wait) {
  invocation_initialize(invocation, fixture, wait);
  push_tensor_i32(invocation, 4, one_to_four);
  start(invocation, "friendly.gate");
}

static void expect_gate_results(invocation_t* invocation) {
  expect_reached(invocation);
  expect_i32(invocation, 0, 4, gate_results);
  invocation_deinitialize(invocation);
}

static void expect_bytes(invocation_t* invocation, iree_host_size_t result, const void* expected,
                         iree_host_size_t length) {
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(invocation->outputs, result);
  assert_non_null(view);
  assert_int_equal(iree_hal_buffer_view_byte_length(view), length);
  uint8_t actual[64];
  assert_true(length <= sizeof(actual));
  IREE_CHECK_OK(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, actual, length));
  assert_memory_equal(actual, expected, length);
}

//===-- Tests ------------------------------------------------------------------------------------------------------------===//

// Waiting fences of all kinds: none, one that is reached, one that comes later.
static void test_numbers_and_results(void** state) {
  static const float x[] = {0.5f, -2.0f}, y[] = {2.0f, -3.0f};
  static const iree_hal_dim_t dims[] = {2};
  const double sum = 2 * (1.0 - 3 + 70000 + 2.0 * (1ll << 33) + 2.0 * 0.25);
  for (int when = 0; when < 3; ++when) {
    fixture_t fixture;
    open_session(&fixture, state, "friendly");
    iree_hal_fence_t* wait = when ? new_fence(&fixture) : NULL;
    if (when == 1) IREE_CHECK_OK(iree_hal_fence_signal(wait));
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, wait);
    push_view(&invocation, new_tensor(&fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_FLOAT_32, x));
    push_i32(&invocation, 70000);
    push_i64(&invocation, 1ll << 33);
    push_f64(&invocation, 0.25);
    start(&invocation, "friendly.mix");
    if (when == 2) {
      expect_pending(&invocation);
      IREE_CHECK_OK(iree_hal_fence_signal(wait));
    }
    expect_reached(&invocation);
    expect_bytes(&invocation, 0, y, sizeof(y));
    expect_bytes(&invocation, 1, &sum, sizeof(sum));
    iree_hal_fence_release(wait);
    invocation_deinitialize(&invocation);
    fixture_close(&fixture);
  }
}

static void test_booleans(void** state) {
  static const int32_t other[] = {2, 2, 2, 9};
  static const uint8_t expected[] = {0, 1, 1, 0};
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_tensor_i32(&invocation, 4, other);
  start(&invocation, "friendly.invert");
  expect_reached(&invocation);
  expect_bytes(&invocation, 0, expected, sizeof(expected));
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

// Without `nosideeffects` one call ends before the next begins.
static void test_effects_in_order(void** state) {
  static const int32_t five_to_eight[] = {5, 6, 7, 8};
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  for (int i = 0; i < 4; ++i) {
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, one_to_four);
    push_tensor_i32(&invocation, 4, five_to_eight);
    start(&invocation, "friendly.log");
    expect_reached(&invocation);
    invocation_deinitialize(&invocation);
  }
  assert_int_equal(shared.log_length, 8);
  for (int i = 0; i < 8; ++i) assert_int_equal(shared.log[i], i % 2 ? 5 : 1);
  fixture_close(&fixture);
}

// A failure arrives at the end, with the function's name and message. What comes after it does not run; others are not
// concerned.
static void test_failure(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  invocation_t other, invocation;
  start_gate(&other, &fixture, NULL);
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  start(&invocation, "friendly.fails");
  expect_signal_fails(&invocation, IREE_STATUS_DATA_LOSS, "element 2 is lost");
  expect_signal_fails(&invocation, IREE_STATUS_DATA_LOSS, "user.fail");
  invocation_deinitialize(&invocation);
  open_gate();
  expect_gate_results(&other);
  assert_int_equal(shared.gate_count, 1);
  fixture_close(&fixture);
}

// The module and the program disagree: the call says so, with both types and the place in the program.
static void test_wrong_type(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  iree_status_t status = try_start(&invocation, "friendly.wrong");
  expect_failure(iree_status_clone(status), IREE_STATUS_INVALID_ARGUMENT,
                 "it is 4xi32, but the function's type is (tensor<?xf32>) -> tensor<?xf32>");
  expect_failure(status, IREE_STATUS_INVALID_ARGUMENT, "friendly.mlir:61");
  expect_signal_fails(&invocation, IREE_STATUS_INVALID_ARGUMENT, "user.wrong");
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

// A function that is stuck holds up nobody else, and everything can be released meanwhile.
static void test_stuck(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  invocation_t invocation;
  start_gate(&invocation, &fixture, NULL);
  expect_at_gate(1);
  expect_failure(iree_hal_fence_wait(invocation.signal, iree_make_timeout_ms(2)),
                 IREE_STATUS_DEADLINE_EXCEEDED, "");
  fixture_release(&fixture);
  expect_pending(&invocation);
  open_gate();
  expect_gate_results(&invocation);
  fixture_close(&fixture);
}

// As many in flight as there are threads, and more.
static void test_many(void** state) {
  enum { COUNT = 40 };
  fixture_t fixture;
  open_session(&fixture, state, "friendly");
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocations[COUNT];
  for (int i = 0; i < COUNT; ++i) start_gate(&invocations[i], &fixture, wait);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  expect_at_gate(TENON_BLOCKING_POOL_DEFAULT_THREAD_COUNT);
  open_gate();
  for (int i = 0; i < COUNT; ++i) expect_gate_results(&invocations[i]);
  fixture_close(&fixture);
}

// A program that is synchronous for its caller calls the same functions.
static void test_synchronous_program(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "friendly_inside");
  open_gate();
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, fixture.allocator, &inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, fixture.allocator, &outputs));
  static const iree_hal_dim_t dims[] = {4};
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(
      new_tensor(&fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32, one_to_four));
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
  IREE_CHECK_OK(iree_runtime_session_call_by_name(fixture.session, IREE_SV("friendly.gate"), inputs,
                                                  outputs));
  invocation_t results = {.outputs = outputs};
  expect_bytes(&results, 0, gate_results, sizeof(gate_results));
  expect_failure(iree_runtime_session_call_by_name(fixture.session, IREE_SV("friendly.fails"),
                                                   inputs, outputs),
                 IREE_STATUS_DATA_LOSS, "user.fail");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

//===-- On every device --------------------------------------------------------------------------------------------------===//

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_numbers_and_results),
      ON_ALL(test_booleans),
      ON_ALL(test_effects_in_order),
      ON_ALL(test_failure),
      ON_ALL(test_wrong_type),
      ON_ALL(test_stuck),
      ON_ALL(test_many),
      ON_ALL(test_synchronous_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
