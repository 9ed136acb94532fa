// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Asynchronous programs as an application uses them, on every local device: when calls return, what runs before what, and
// that results are right however late their arguments come. Usage: async_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"

// |state| is the driver's name.
static void open_module(fixture_t* fixture, void** state, const char* name) {
  fixture_open(fixture, *state, path_of_module(name));
}

static void* signal_after_a_while(void* argument) {
  const struct timespec pause = {0, 2 * 1000 * 1000};
  nanosleep(&pause, NULL);
  IREE_CHECK_OK(iree_hal_fence_signal(argument));
  return NULL;
}

static const int32_t one_to_four[] = {1, 2, 3, 4};
// ((x * x) + 1) ^ 2
static const int32_t main_results[] = {4, 25, 100, 289};

//===-- One invocation --------------------------------------------------------------------------------------------------===//

static void test_signaled_before_the_call(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_hal_fence_t* wait = new_fence(&fixture);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, wait);
  iree_hal_fence_release(wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  start(&invocation, "async.main");
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, main_results);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

static void test_signaled_after_the_call(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  start(&invocation, "async.main");
  // The shape is known before the contents.
  iree_hal_buffer_view_t* result = iree_vm_list_get_buffer_view_assign(invocation.outputs, 0);
  assert_int_equal(iree_hal_buffer_view_shape_dim(result, 0), 4);
  expect_pending(&invocation);
  pthread_t thread;
  pthread_create(&thread, NULL, signal_after_a_while, wait);
  expect_reached(&invocation);
  pthread_join(thread, NULL);
  expect_i32(&invocation, 0, 4, main_results);
  iree_hal_fence_release(wait);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

// Null fences are reached, and small work that is ready is done when the call returns: no signal is needed.
static void test_null_fences(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  iree_hal_fence_release(invocation.signal);
  invocation.signal = NULL;
  push_tensor_i32(&invocation, 4, one_to_four);
  push_tensor_i32(&invocation, 4, main_results);
  start(&invocation, "async.add");
  expect_i32(&invocation, 0, 4, (const int32_t[]){5, 27, 103, 293});
  invocation_deinitialize(&invocation);

  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  start(&invocation, "async.main");
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, main_results);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

static void test_reflection(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_vm_function_t function;
  IREE_CHECK_OK(iree_runtime_session_lookup_function(
      fixture.session, iree_make_cstring_view("async.main"), &function));
  iree_string_view_t model =
      iree_vm_function_lookup_attr_by_name(&function, iree_make_cstring_view("iree.abi.model"));
  assert_true(iree_string_view_equal(model, iree_make_cstring_view("coarse-fences")));
  iree_vm_function_signature_t signature = iree_vm_function_signature(&function);
  assert_true(
      iree_string_view_equal(signature.calling_convention, iree_make_cstring_view("0rrr_r")));
  fixture_close(&fixture);
}

//===-- Waiting inside --------------------------------------------------------------------------------------------------===//

static void test_calls_with_effects_in_order(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  custom_behave(KEEP);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, one_to_four);
  start(&invocation, "async.effects");
  custom_expect_calls(1);
  expect_pending(&invocation);
  custom_answer_kept();
  custom_expect_calls(2);
  expect_pending(&invocation);
  custom_answer_kept();
  expect_reached(&invocation);
  // y = x + 1; y + (y * y + 1)
  expect_i32(&invocation, 0, 4, (const int32_t[]){7, 13, 21, 31});
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

static void test_synchronous_function(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, wait);
  push_tensor_i32(&invocation, 4, one_to_four);
  push_i32(&invocation, 7);
  push_f64(&invocation, 4.5);
  start(&invocation, "async.synchronous");
  assert_int_equal(custom_sync_count(), 0);
  expect_pending(&invocation);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_reached(&invocation);
  assert_int_equal(custom_sync_count(), 1);
  // (x * x + 1) * (7 - 4)
  expect_i32(&invocation, 0, 4, (const int32_t[]){6, 15, 30, 51});
  iree_hal_fence_release(wait);
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

static void check_branch(fixture_t* fixture, int64_t index, int calls, const int32_t* expected) {
  custom_behave(ANSWER);
  int before = custom_call_count();
  iree_hal_fence_t* wait = new_fence(fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, wait);
  push_tensor_i32(&invocation, 3, (const int32_t[]){5, 0, -5});
  push_tensor_i32(&invocation, 4, one_to_four);
  push_i64(&invocation, index);
  start(&invocation, "async.branch");
  expect_pending(&invocation);
  assert_int_equal(custom_call_count(), before);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_reached(&invocation);
  assert_int_equal(custom_call_count(), before + calls);
  expect_i32(&invocation, 0, 4, expected);
  iree_hal_fence_release(wait);
  invocation_deinitialize(&invocation);
}

static void test_branch_on_contents(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  check_branch(&fixture, 0, 1, (const int32_t[]){3, 5, 7, 9});   // y + (y + 1)
  check_branch(&fixture, 1, 0, (const int32_t[]){3, 6, 9, 12});  // y + (y + y)
  check_branch(&fixture, 2, 0, (const int32_t[]){3, 6, 9, 12});
  fixture_close(&fixture);
}

static void test_loops(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  for (int32_t rounds = 0; rounds < 4; ++rounds) {
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, one_to_four);
    push_i32(&invocation, rounds);
    start(&invocation, "async.repeat");
    expect_reached(&invocation);
    int32_t expected[4];
    for (int i = 0; i < 4; ++i) {
      expected[i] = one_to_four[i];
      for (int32_t j = 0; j < rounds; ++j) expected[i] = (expected[i] + 1) * one_to_four[i];
    }
    expect_i32(&invocation, 0, 4, expected);
    invocation_deinitialize(&invocation);
  }
  // Counts until the first element is the limit: each round waits.
  for (int32_t limit = 0; limit < 60; limit += 25) {
    invocation_t invocation;
    iree_hal_fence_t* wait = new_fence(&fixture);
    invocation_initialize(&invocation, &fixture, wait);
    push_tensor_i32(&invocation, 4, one_to_four);
    push_view(&invocation, new_tensor(&fixture, 0, NULL, IREE_HAL_ELEMENT_TYPE_INT_32, &limit));
    start(&invocation, "async.until");
    IREE_CHECK_OK(iree_hal_fence_signal(wait));
    expect_reached(&invocation);
    int32_t first = limit > 1 ? limit : 1;
    expect_i32(&invocation, 0, 4, (const int32_t[]){first, first + 1, first + 2, first + 3});
    iree_hal_fence_release(wait);
    invocation_deinitialize(&invocation);
  }
  fixture_close(&fixture);
}

static void test_two_calls_at_a_time(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  for (int32_t choice = 0; choice < 2; ++choice) {
    custom_behave(KEEP);
    int before = custom_call_count();
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, NULL);
    push_tensor_i32(&invocation, 4, one_to_four);
    push_tensor_i32(&invocation, 4, main_results);
    push_i32(&invocation, choice);
    start(&invocation, "async.both");
    custom_expect_calls(before + 2);
    custom_answer_kept();
    expect_pending(&invocation);
    custom_answer_kept();
    expect_reached(&invocation);
    int32_t expected[4];
    for (int i = 0; i < 4; ++i) {
      expected[i] = (choice ? main_results[i] : one_to_four[i]) + 1 + one_to_four[i];
    }
    expect_i32(&invocation, 0, 4, expected);
    expect_i32(&invocation, 1, 4, (const int32_t[]){2, 3, 4, 5});
    invocation_deinitialize(&invocation);
  }
  fixture_close(&fixture);
}

// A synchronous function that calls an asynchronous one.
static void test_asynchronous_inside(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async_inside");
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, fixture.allocator, &inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, fixture.allocator, &outputs));
  const iree_hal_dim_t dims[] = {4};
  iree_hal_buffer_view_t* view =
      new_tensor(&fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32, one_to_four);
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
  IREE_CHECK_OK(iree_runtime_session_call_by_name(
      fixture.session, iree_make_cstring_view("inside.main"), inputs, outputs));
  int32_t data[4];
  IREE_CHECK_OK(iree_hal_buffer_map_read(
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0)), 0, data,
      sizeof(data)));
  assert_memory_equal(data, main_results, sizeof(data));
  IREE_CHECK_OK(iree_runtime_session_call_by_name(
      fixture.session, iree_make_cstring_view("inside.first"), inputs, outputs));
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 0, &value));
  assert_int_equal(value.i32, 2);
  custom_behave(FAIL_LATER);
  expect_failure(iree_runtime_session_call_by_name(
                     fixture.session, iree_make_cstring_view("inside.main"), inputs, outputs),
                 IREE_STATUS_PERMISSION_DENIED, "the vault is closed on Sundays");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

//===-- Several invocations ---------------------------------------------------------------------------------------------===//

// Each invocation takes the result of the one before, all before anything is there.
static void test_chain(void** state) {
  enum { COUNT = 8 };
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_hal_fence_t* wait = new_fence(&fixture);
  invocation_t invocations[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    invocation_initialize(&invocations[i], &fixture, i ? invocations[i - 1].signal : wait);
    if (i == 0) {
      push_tensor_i32(&invocations[i], 4, one_to_four);
    } else {
      push_view(&invocations[i],
                iree_vm_list_get_buffer_view_retain(invocations[i - 1].outputs, 0));
    }
    if (i % 2) {
      push_tensor_i32(&invocations[i], 4, one_to_four);
      start(&invocations[i], "async.add");
    } else {
      start(&invocations[i], "async.identity");
    }
  }
  for (int i = 0; i < COUNT; ++i) expect_pending(&invocations[i]);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  expect_reached(&invocations[COUNT - 1]);
  expect_i32(&invocations[COUNT - 1], 0, 4, (const int32_t[]){5, 10, 15, 20});
  for (int i = 0; i < COUNT; ++i) {
    expect_reached(&invocations[i]);
    invocation_deinitialize(&invocations[i]);
  }
  iree_hal_fence_release(wait);
  fixture_close(&fixture);
}

enum { THREADS = 4, INVOCATIONS = 8 };

typedef struct user_t {
  fixture_t* fixture;
  iree_hal_fence_t* wait;
  int32_t seed;
  invocation_t invocations[INVOCATIONS];
} user_t;

static void* user_run(void* argument) {
  user_t* user = argument;
  for (int32_t i = 0; i < INVOCATIONS; ++i) {
    invocation_initialize(&user->invocations[i], user->fixture, user->wait);
    push_tensor_i32(&user->invocations[i], 2, (const int32_t[]){user->seed, i});
    start(&user->invocations[i], "async.main");
  }
  return NULL;
}

// Many in flight, begun on several threads, all let go at once.
static void test_many_in_flight(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  iree_hal_fence_t* wait = new_fence(&fixture);
  user_t users[THREADS];
  pthread_t threads[THREADS];
  for (int32_t i = 0; i < THREADS; ++i) {
    users[i] = (user_t){.fixture = &fixture, .wait = wait, .seed = 10 * i};
    pthread_create(&threads[i], NULL, user_run, &users[i]);
  }
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  for (int32_t i = 0; i < THREADS; ++i) {
    for (int32_t j = 0; j < INVOCATIONS; ++j) {
      expect_reached(&users[i].invocations[j]);
      int32_t a = 100 * i * i + 1, b = j * j + 1;
      expect_i32(&users[i].invocations[j], 0, 2, (const int32_t[]){a * a, b * b});
      invocation_deinitialize(&users[i].invocations[j]);
    }
  }
  iree_hal_fence_release(wait);
  fixture_close(&fixture);
}

//===-- Shapes and types ------------------------------------------------------------------------------------------------===//

static void test_few_elements(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  for (iree_host_size_t count = 0; count < 3; ++count) {
    iree_hal_fence_t* wait = new_fence(&fixture);
    invocation_t invocation;
    invocation_initialize(&invocation, &fixture, wait);
    push_tensor_i32(&invocation, count, one_to_four);
    start(&invocation, "async.main");
    IREE_CHECK_OK(iree_hal_fence_signal(wait));
    expect_reached(&invocation);
    expect_i32(&invocation, 0, count, main_results);
    iree_hal_fence_release(wait);
    invocation_deinitialize(&invocation);
  }
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  const int32_t twelve = 12;
  push_view(&invocation, new_tensor(&fixture, 0, NULL, IREE_HAL_ELEMENT_TYPE_INT_32, &twelve));
  start(&invocation, "async.rank0");
  expect_reached(&invocation);
  assert_int_equal(
      iree_hal_buffer_view_shape_rank(iree_vm_list_get_buffer_view_assign(invocation.outputs, 0)),
      0);
  expect_i32(&invocation, 0, 1, (const int32_t[]){144});
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
}

typedef struct element_case_t {
  const char* name;
  iree_hal_element_type_t type;
  size_t size;
  const void* data;   // three elements
  const void* twice;  // each added to itself
} element_case_t;

#define ELEMENT_CASE(name, type, T, a, b, c, a2, b2, c2)                               \
  {                                                                                    \
    name, IREE_HAL_ELEMENT_TYPE_##type, sizeof(T), (const T[]){a, b, c}, (const T[]) { \
      a2, b2, c2                                                                       \
    }                                                                                  \
  }
static const element_case_t element_cases[] = {
    ELEMENT_CASE("i1", BOOL_8, uint8_t, 1, 0, 1, 0, 0, 0),
    ELEMENT_CASE("i8", INT_8, int8_t, -128, 127, -3, 0, -2, -6),
    ELEMENT_CASE("i16", INT_16, int16_t, -32768, 32767, -3, 0, -2, -6),
    ELEMENT_CASE("i32", INT_32, int32_t, INT32_MIN, INT32_MAX, -3, 0, -2, -6),
    ELEMENT_CASE("i64", INT_64, int64_t, INT64_MIN, INT64_MAX, 1ll << 40, 0, -2, 1ll << 41),
    ELEMENT_CASE("index", INT_64, int64_t, INT64_MIN, INT64_MAX, 1ll << 40, 0, -2, 1ll << 41),
    ELEMENT_CASE("f32", FLOAT_32, float, -0.0f, 1.5f, 0x1p-140f, -0.0f, 3.0f, 0x1p-139f),
    ELEMENT_CASE("f64", FLOAT_64, double, -0.0, 1.5, 0x1p-1070, -0.0, 3.0, 0x1p-1069),
};

static void expect_bytes(invocation_t* invocation, size_t length, const void* expected) {
  uint8_t data[64];
  expect_reached(invocation);
  IREE_CHECK_OK(iree_hal_buffer_map_read(
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(invocation->outputs, 0)), 0,
      data, length));
  assert_memory_equal(data, expected, length);
}

static void check_element_case(fixture_t* fixture, const element_case_t* element) {
  const iree_hal_dim_t dims[] = {3};
  char function[32];
  snprintf(function, sizeof(function), "async.twice_%s", element->name);
  invocation_t invocation;
  invocation_initialize(&invocation, fixture, NULL);
  push_view(&invocation, new_tensor(fixture, 1, dims, element->type, element->data));
  start(&invocation, function);
  expect_bytes(&invocation, 3 * element->size, element->twice);
  invocation_deinitialize(&invocation);

  snprintf(function, sizeof(function), "async.pick_%s", element->name);
  for (size_t i = 0; i < 3; ++i) {
    iree_hal_fence_t* wait = new_fence(fixture);
    invocation_initialize(&invocation, fixture, wait);
    push_view(&invocation, new_tensor(fixture, 1, dims, element->type, element->data));
    push_i64(&invocation, (int64_t)i);
    start(&invocation, function);
    expect_pending(&invocation);
    IREE_CHECK_OK(iree_hal_fence_signal(wait));
    uint8_t expected[16];
    for (size_t j = 0; j < 2; ++j) {
      memcpy(expected + j * element->size, (const uint8_t*)element->data + i * element->size,
             element->size);
    }
    expect_bytes(&invocation, 2 * element->size, expected);
    iree_hal_fence_release(wait);
    invocation_deinitialize(&invocation);
  }
}

static void test_element_types(void** state) {
  fixture_t fixture;
  open_module(&fixture, state, "async");
  for (size_t i = 0; i < IREE_ARRAYSIZE(element_cases); ++i) {
    check_element_case(&fixture, &element_cases[i]);
  }
  fixture_close(&fixture);
}

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_signaled_before_the_call),
      ON_ALL(test_signaled_after_the_call),
      ON_ALL(test_null_fences),
      ON_ALL(test_reflection),
      ON_ALL(test_calls_with_effects_in_order),
      ON_ALL(test_synchronous_function),
      ON_ALL(test_branch_on_contents),
      ON_ALL(test_loops),
      ON_ALL(test_two_calls_at_a_time),
      ON_ALL(test_asynchronous_inside),
      ON_ALL(test_chain),
      ON_ALL(test_many_in_flight),
      ON_ALL(test_few_elements),
      ON_ALL(test_element_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
