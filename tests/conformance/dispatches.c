// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dispatches in command buffers.
#include "conformance.h"

static int32_t* make_numbers(int64_t n) {
  int32_t* data = malloc((size_t)n * 4 + 4);
  for (int64_t i = 0; i < n; ++i) data[i] = (int32_t)(i * 2654435761u);
  return data;
}

static iree_hal_buffer_t* number_buffer(ct_env_t* ct, int64_t n, const int32_t* data) {
  return create_buffer(iree_hal_device_allocator(ct->device), (iree_device_size_t)n * 4, data);
}

static void record_barrier(iree_hal_command_buffer_t* commands) {
  expect_ok(iree_hal_command_buffer_execution_barrier(
      commands, IREE_HAL_EXECUTION_STAGE_DISPATCH, IREE_HAL_EXECUTION_STAGE_DISPATCH,
      IREE_HAL_EXECUTION_BARRIER_FLAG_NONE, 0, NULL, 0, NULL));
}

static iree_status_t scale(iree_hal_command_buffer_t* commands, iree_hal_executable_t* executable,
                           iree_hal_buffer_t* in, iree_hal_buffer_t* out, int64_t n, int64_t c) {
  iree_hal_buffer_t* const bindings[] = {in, out};
  const int64_t constants[] = {n, c};
  return tenon_hal_command_buffer_dispatch(commands, executable, CT_KERNEL_SCALE, 2, bindings, 2,
                                           constants);
}

// A dispatch of one binding and two constants.
static iree_status_t on_one(iree_hal_command_buffer_t* commands, iree_hal_executable_t* executable,
                            uint32_t ordinal, iree_hal_buffer_t* data, int64_t n, int64_t c) {
  const int64_t constants[] = {n, c};
  return tenon_hal_command_buffer_dispatch(commands, executable, ordinal, 1, &data,
                                           ordinal == CT_KERNEL_WORKER ? 1 : 2, constants);
}

// Ends the command buffer, submits it, lets it go.
static void finish(ct_env_t* ct, iree_hal_command_buffer_t* commands, iree_hal_semaphore_t* done,
                   uint64_t value) {
  expect_ok(iree_hal_command_buffer_end(commands));
  expect_ok(iree_hal_device_queue_execute(ON(ct->device), NONE, AT(done, value), 1, &commands));
  iree_hal_command_buffer_release(commands);
}

static const int64_t counts[] = {0, 1, 15, 16, 17, 1000, 300001};
enum { COUNT_COUNT = 7 };

// Every element once, whatever the ranges.
static void test_every_tile_once(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  for (int k = 0; k < COUNT_COUNT; ++k) {
    const int64_t n = counts[k];
    int32_t* model = make_numbers(n);
    iree_hal_buffer_t* in = number_buffer(ct, n, model);
    iree_hal_buffer_t* out = number_buffer(ct, n, NULL);
    iree_hal_command_buffer_t* commands = ct_begin(ct, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    expect_ok(scale(commands, executable, in, out, n, 11));
    record_barrier(commands);
    for (int i = 0; i < 3; ++i) {
      expect_ok(on_one(commands, executable, CT_KERNEL_ADD, out, n, 1000 + i));
      record_barrier(commands);
    }
    finish(ct, commands, done, 1);
    ct_wait(done, 1);
    for (int64_t i = 0; i < n; ++i) model[i] = (int32_t)((uint32_t)model[i] * 3u + 11u + 3003u);
    ct_expect_contents(out, model, (iree_device_size_t)n * 4);
    iree_hal_buffer_release(in);
    iree_hal_buffer_release(out);
    iree_hal_semaphore_release(done);
    free(model);
  }
  iree_hal_executable_release(executable);
}

// Dispatches that need not wait for one another, and one that needs all of them.
static void test_independent_dispatches(void** state) {
  ct_env_t* ct = *state;
  enum { WIDTH = 24, N = 20000 };
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  int32_t* model = make_numbers(N);
  iree_hal_buffer_t* in = number_buffer(ct, N, model);
  iree_hal_buffer_t* out[WIDTH];
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  for (int i = 0; i < WIDTH; ++i) {
    out[i] = number_buffer(ct, N, NULL);
    expect_ok(scale(commands, executable, in, out[i], N, i));
  }
  record_barrier(commands);
  for (int i = 0; i < WIDTH; ++i)
    expect_ok(on_one(commands, executable, CT_KERNEL_ADD, out[i], N, 7));
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  finish(ct, commands, done, 1);
  iree_hal_buffer_release(in);
  iree_hal_executable_release(executable);
  ct_wait(done, 1);
  int32_t* expected = malloc(N * 4);
  for (int k = 0; k < WIDTH; ++k) {
    for (int i = 0; i < N; ++i) expected[i] = (int32_t)((uint32_t)model[i] * 3u + (uint32_t)k + 7u);
    ct_expect_contents(out[k], expected, N * 4);
    iree_hal_buffer_release(out[k]);
  }
  free(expected);
  free(model);
  iree_hal_semaphore_release(done);
}

static void test_worker_ids(void** state) {
  ct_env_t* ct = *state;
  enum { N = 400000 };
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  iree_hal_buffer_t* out = ct_buffer(ct, N * 4, 0xFF);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  expect_ok(on_one(commands, executable, CT_KERNEL_WORKER, out, N, 0));
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  finish(ct, commands, done, 1);
  ct_wait(done, 1);
  int32_t* data = malloc(N * 4);
  expect_ok(iree_hal_buffer_map_read(out, 0, data, N * 4));
  for (int i = 0; i < N; ++i) assert_true(data[i] >= 0 && data[i] <= 256);
  free(data);
  iree_hal_buffer_release(out);
  iree_hal_semaphore_release(done);
  iree_hal_executable_release(executable);
}

static void test_failing_dispatch(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  const int64_t sizes[] = {40, 300000};
  for (int k = 0; k < 2; ++k) {
    const int64_t n = sizes[k];
    iree_hal_buffer_t* out = ct_buffer(ct, (iree_device_size_t)n * 4, 0);
    iree_hal_buffer_t* after = ct_buffer(ct, 64, 0x11);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* later = ct_semaphore(ct, 0);
    iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
    expect_ok(on_one(commands, executable, CT_KERNEL_FAIL_AT, out, n, n / 2));
    record_barrier(commands);
    expect_ok(iree_hal_command_buffer_fill_buffer(commands, after, 0, 64, "\x22", 1));
    finish(ct, commands, done, 1);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(done, 1), AT(later, 1), after, 0, 64,
                                         "\x33", 1));
    ct_expect_failed(done, 1, IREE_STATUS_INTERNAL, "the code reports failure 9");
    ct_expect_failed(done, 1, IREE_STATUS_INTERNAL, "'fail_at' of kernels.mlir:4:1");
    ct_expect_failed(later, 1, IREE_STATUS_INTERNAL, "the code reports failure 9");
    // Nothing behind the barrier has run.
    ct_expect_bytes(after, 0, 64, 0x11);
    iree_hal_buffer_release(out);
    iree_hal_buffer_release(after);
    iree_hal_semaphore_release(done);
    iree_hal_semaphore_release(later);
  }
  iree_hal_executable_release(executable);
}

static void test_several_fail(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  for (int64_t code = 11; code <= 18; ++code) {
    expect_ok(
        tenon_hal_command_buffer_dispatch(commands, executable, CT_KERNEL_FAIL, 0, NULL, 1, &code));
  }
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  finish(ct, commands, done, 1);
  ct_expect_failed(done, 1, IREE_STATUS_INTERNAL, "the code reports failure ");
  iree_hal_semaphore_release(done);
  iree_hal_executable_release(executable);
}

// What is wrong with a dispatch is told when it is recorded.
static void test_refused_dispatches(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  iree_hal_buffer_t* data = ct_buffer(ct, 400, 0);
  iree_hal_buffer_t* same[] = {data, data};
  iree_hal_buffer_t* null[] = {NULL};
  const int64_t constants[] = {100, 1};
  const int64_t too_many[] = {101, 1};
  const int64_t negative[] = {-1, 1};
  iree_hal_command_buffer_t* c = ct_begin(ct, 0);
  iree_status_code_t bad = IREE_STATUS_INVALID_ARGUMENT, range = IREE_STATUS_OUT_OF_RANGE;
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, NULL, CT_KERNEL_ADD, 1, &data, 2, constants), bad);
  ct_expect_refused(tenon_hal_command_buffer_dispatch(c, executable, 99, 1, &data, 2, constants),
                    range);
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 2, same, 2, constants), bad);
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, &data, 1, constants), bad);
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, null, 2, constants), bad);
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, &data, 2, too_many),
      range);
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, &data, 2, negative),
      range);
  iree_hal_buffer_t* odd = NULL;
  expect_ok(iree_hal_buffer_subspan(data, 2, 100, &odd));
  const int64_t few[] = {10, 1};
  ct_expect_refused(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, &odd, 2, few), bad);
  iree_hal_buffer_release(odd);
  expect_ok(
      tenon_hal_command_buffer_dispatch(c, executable, CT_KERNEL_ADD, 1, &data, 2, constants));
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  finish(ct, c, done, 1);
  ct_wait(done, 1);
  int32_t model[100];
  for (int i = 0; i < 100; ++i) model[i] = 1;
  ct_expect_contents(data, model, sizeof(model));
  iree_hal_semaphore_release(done);
  iree_hal_buffer_release(data);
  iree_hal_executable_release(executable);
}

static void test_categories(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  iree_hal_command_buffer_t* commands = NULL;
  expect_ok(iree_hal_command_buffer_create(ct->device, 0, IREE_HAL_COMMAND_CATEGORY_TRANSFER,
                                           IREE_HAL_QUEUE_AFFINITY_ANY, 0, &commands));
  expect_ok(iree_hal_command_buffer_begin(commands));
  const int64_t code = 0;
  iree_status_t status =
      tenon_hal_command_buffer_dispatch(commands, executable, CT_KERNEL_FAIL, 0, NULL, 1, &code);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  iree_hal_command_buffer_release(commands);
  iree_hal_executable_release(executable);
}

// Constants and lists belong to the caller again after recording.
static void test_arguments_are_copied(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* executable = ct_load_kernels(ct->allocator);
  iree_hal_buffer_t* data = ct_buffer(ct, 40, 0);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  int64_t constants[] = {10, 1};
  iree_hal_buffer_t* bindings[] = {data};
  expect_ok(tenon_hal_command_buffer_dispatch(commands, executable, CT_KERNEL_ADD, 1, bindings, 2,
                                              constants));
  constants[0] = constants[1] = INT64_MAX;
  bindings[0] = NULL;
  iree_hal_executable_release(executable);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  finish(ct, commands, done, 1);
  ct_wait(done, 1);
  const int32_t model[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  ct_expect_contents(data, model, sizeof(model));
  iree_hal_buffer_release(data);
  iree_hal_semaphore_release(done);
}

int ct_run_dispatches(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_every_tile_once), CT_TEST(test_independent_dispatches),
      CT_TEST(test_worker_ids),      CT_TEST(test_failing_dispatch),
      CT_TEST(test_several_fail),    CT_TEST(test_refused_dispatches),
      CT_TEST(test_categories),      CT_TEST(test_arguments_are_copied),
  };
  return cmocka_run_group_tests_name("dispatches", tests, NULL, NULL);
}
