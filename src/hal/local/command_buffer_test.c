// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command buffers: recording, order between barriers, reuse, failures, refusals.

#include "base/testing/failing_allocator.h"
#include "hal/local/testing/local_testing.h"

enum { COUNT = 50000 };

static iree_hal_command_buffer_t* begin(iree_hal_device_t* device,
                                        iree_hal_command_buffer_mode_t mode) {
  iree_hal_command_buffer_t* commands = NULL;
  expect_ok(iree_hal_command_buffer_create(device, mode, IREE_HAL_COMMAND_CATEGORY_ANY, ANY_QUEUE,
                                           0, &commands));
  expect_ok(iree_hal_command_buffer_begin(commands));
  return commands;
}

static iree_status_t barrier(iree_hal_command_buffer_t* commands) {
  return iree_hal_command_buffer_execution_barrier(
      commands, IREE_HAL_EXECUTION_STAGE_COMMAND_RETIRE, IREE_HAL_EXECUTION_STAGE_COMMAND_ISSUE,
      IREE_HAL_EXECUTION_BARRIER_FLAG_NONE, 0, NULL, 0, NULL);
}

// target = source + 100.
static iree_status_t add_offset(iree_hal_command_buffer_t* commands,
                                iree_hal_executable_t* executable, iree_hal_buffer_t* source,
                                iree_hal_buffer_t* target) {
  iree_hal_buffer_t* const bindings[] = {source, target};
  const int64_t count = (int64_t)(iree_hal_buffer_byte_length(source) / 4);
  return tenon_hal_command_buffer_dispatch(commands, executable, ADD_OFFSET, 2, bindings, 1,
                                           &count);
}

static iree_status_t execute(iree_hal_device_t* device, iree_hal_semaphore_t* time, uint64_t value,
                             iree_hal_command_buffer_t* commands) {
  return iree_hal_device_queue_execute(device, ANY_QUEUE, POINT(time, value),
                                       POINT(time, value + 1), 1, &commands);
}

//===--- Running ------------------------------------------------------------------------------===//

// b = 7, a = 3; barrier; c = b + 100, a = b; barrier; a[0..1] = {c[0], 9}.
static void record_example(iree_hal_command_buffer_t* commands, iree_hal_executable_t* executable,
                           iree_hal_buffer_t* a, iree_hal_buffer_t* b, iree_hal_buffer_t* c) {
  int32_t number = 7;
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, b, 0, IREE_WHOLE_BUFFER, &number, 4));
  number = 3;
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, a, 0, IREE_WHOLE_BUFFER, &number, 4));
  expect_ok(barrier(commands));
  expect_ok(barrier(commands));
  expect_ok(add_offset(commands, executable, b, c));
  expect_ok(iree_hal_command_buffer_copy_buffer(commands, b, 0, a, 0, IREE_WHOLE_BUFFER));
  expect_ok(barrier(commands));
  number = 9;
  expect_ok(iree_hal_command_buffer_copy_buffer(commands, c, 0, a, 0, 4));
  expect_ok(iree_hal_command_buffer_update_buffer(commands, &number, 0, a, 4, 4));
  number = 0;
  expect_ok(barrier(commands));
  expect_ok(iree_hal_command_buffer_end(commands));
}

static void expect_example(iree_hal_buffer_t* a, iree_hal_buffer_t* b, iree_hal_buffer_t* c) {
  int32_t first[2] = {0};
  expect_ok(iree_hal_buffer_map_read(a, 0, first, 8));
  assert_int_equal(first[0], 107);
  assert_int_equal(first[1], 9);
  expect_numbers(b, 7);
  expect_numbers(c, 107);
  iree_hal_buffer_t* rest = NULL;
  expect_ok(iree_hal_buffer_subspan(a, 8, IREE_WHOLE_BUFFER, &rest));
  expect_numbers(rest, 7);
  iree_hal_buffer_release(rest);
}

static void test_barriers(void** state) {
  static const iree_host_size_t counts[] = {16, COUNT};
  for (int i = 0; i < 2; ++i) {
    iree_hal_device_t* device = create_device(state);
    iree_hal_executable_t* executable = load_kernels();
    iree_hal_semaphore_t* time = create_semaphore(device);
    iree_hal_buffer_t* a = create_numbers(device, counts[i], 0);
    iree_hal_buffer_t* b = create_numbers(device, counts[i], 0);
    iree_hal_buffer_t* c = create_numbers(device, counts[i], 0);
    iree_hal_command_buffer_t* commands = begin(device, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
    record_example(commands, executable, a, b, c);
    expect_ok(execute(device, time, 1, commands));
    // The submission keeps all it needs.
    iree_hal_command_buffer_release(commands);
    iree_hal_executable_release(executable);
    iree_hal_device_release(device);
    expect_numbers(a, 0);
    expect_ok(iree_hal_semaphore_signal(time, 1));
    wait_for(time, 2);
    expect_example(a, b, c);
    assert_int_equal(ref_count(a), 1);
    assert_int_equal(ref_count(b), 1);
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    iree_hal_buffer_release(c);
    iree_hal_semaphore_release(time);
  }
}

// Each round adds 100 to all of a, by way of b, in many parts of many sizes.
static void test_reusable_with_many_parts(void** state) {
  enum { PARTS = 61, ROUNDS = 20 };
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  iree_hal_semaphore_t* time = create_semaphore(device);
  iree_hal_buffer_t* a = create_numbers(device, COUNT, 0);
  iree_hal_buffer_t* b = create_numbers(device, COUNT, -1);
  iree_hal_command_buffer_t* commands = begin(device, 0);
  iree_device_size_t offset = 0;
  for (int i = 0; i < PARTS; ++i) {
    iree_device_size_t length = i % 4 == 0 ? 4 * 2500 : 4 * 30;
    if (i + 1 == PARTS) length = COUNT * 4 - offset;
    iree_hal_buffer_t *from = NULL, *to = NULL;
    expect_ok(iree_hal_buffer_subspan(a, offset, length, &from));
    expect_ok(iree_hal_buffer_subspan(b, offset, length, &to));
    expect_ok(add_offset(commands, executable, from, to));
    iree_hal_buffer_release(from);
    iree_hal_buffer_release(to);
    offset += length;
  }
  expect_ok(barrier(commands));
  for (offset = 0; offset < COUNT * 4; offset += 8000)
    expect_ok(iree_hal_command_buffer_copy_buffer(commands, b, offset, a, offset, 8000));
  expect_ok(iree_hal_command_buffer_end(commands));
  // All in flight at once, twice in each submission.
  iree_hal_command_buffer_t* const twice[] = {commands, commands};
  for (uint64_t i = 1; i <= ROUNDS; ++i) {
    expect_ok(iree_hal_device_queue_execute(device, ANY_QUEUE, POINT(time, i), POINT(time, i + 1),
                                            2, twice));
  }
  expect_ok(iree_hal_semaphore_signal(time, 1));
  wait_for(time, ROUNDS + 1);
  expect_numbers(a, 2 * ROUNDS * 100);
  assert_int_equal(ref_count(commands), 1);
  iree_hal_command_buffer_release(commands);
  assert_int_equal(ref_count(a), 1);
  assert_int_equal(ref_count(executable), 1);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  iree_hal_executable_release(executable);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

// Runs that don't wait for one another share the recording.
static void test_concurrent_runs(void** state) {
  enum { RUNS = 16 };
  iree_hal_device_t* device = create_device(state);
  iree_hal_semaphore_t* start = create_semaphore(device);
  iree_hal_buffer_t* buffer = create_numbers(device, 4, 0);
  iree_hal_command_buffer_t* commands = begin(device, 0);
  for (int i = 0; i < 10; ++i) expect_ok(barrier(commands));
  expect_ok(iree_hal_command_buffer_end(commands));
  iree_hal_semaphore_t* ends[RUNS];
  uint64_t values[RUNS];
  for (int i = 0; i < RUNS; ++i) {
    ends[i] = create_semaphore(device);
    values[i] = 1;
    expect_ok(iree_hal_device_queue_execute(device, ANY_QUEUE, POINT(start, 1), POINT(ends[i], 1),
                                            1, &commands));
  }
  iree_hal_command_buffer_release(commands);
  expect_ok(iree_hal_semaphore_signal(start, 1));
  const iree_hal_semaphore_list_t all = {RUNS, ends, values};
  expect_ok(iree_hal_semaphore_list_wait(all, iree_make_timeout_ms(60000)));
  for (int i = 0; i < RUNS; ++i) iree_hal_semaphore_release(ends[i]);
  iree_hal_semaphore_release(start);
  iree_hal_buffer_release(buffer);
  iree_hal_device_release(device);
}

static void test_failure_ends_it(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  iree_hal_semaphore_t* time = create_semaphore(device);
  iree_hal_buffer_t* buffer = create_numbers(device, COUNT, 1);
  iree_hal_command_buffer_t* commands = begin(device, 0);
  const int64_t seven = 7;
  expect_ok(tenon_hal_command_buffer_dispatch(commands, executable, FAIL, 0, NULL, 1, &seven));
  expect_ok(barrier(commands));
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, IREE_WHOLE_BUFFER, &seven, 4));
  expect_ok(iree_hal_command_buffer_end(commands));
  expect_ok(execute(device, time, 0, commands));
  expect_failure(iree_hal_semaphore_wait(time, 1, iree_make_timeout_ms(60000)), IREE_STATUS_ABORTED,
                 "reports failure 7");
  uint64_t value = 0;
  expect_failure(iree_hal_semaphore_query(time, &value), IREE_STATUS_INTERNAL,
                 "dispatch 'fail' of fail.mlir:1:2");
  expect_numbers(buffer, 1);
  iree_hal_command_buffer_release(commands);
  assert_int_equal(ref_count(buffer), 1);
  iree_hal_buffer_release(buffer);
  iree_hal_executable_release(executable);
  iree_hal_semaphore_release(time);
  iree_hal_device_release(device);
}

//===--- What is refused ----------------------------------------------------------------------===//

static void test_states(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_buffer_t* buffer = create_numbers(device, 4, 1);
  iree_hal_command_buffer_t* commands = NULL;
  expect_failure(iree_hal_command_buffer_create(device, 0, IREE_HAL_COMMAND_CATEGORY_ANY, ANY_QUEUE,
                                                2, &commands),
                 IREE_STATUS_INVALID_ARGUMENT, "binding_capacity must be 0");
  assert_null(commands);
  expect_ok(iree_hal_command_buffer_create(device, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT,
                                           IREE_HAL_COMMAND_CATEGORY_ANY, ANY_QUEUE, 0, &commands));
  assert_int_equal(iree_hal_command_buffer_mode(commands), IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
  assert_int_equal(iree_hal_command_buffer_allowed_categories(commands),
                   IREE_HAL_COMMAND_CATEGORY_ANY);
  expect_failure(barrier(commands), IREE_STATUS_FAILED_PRECONDITION, "it is not begun");
  expect_failure(iree_hal_command_buffer_end(commands), IREE_STATUS_FAILED_PRECONDITION,
                 "must be open for this; it is not begun");
  expect_ok(iree_hal_command_buffer_begin(commands));
  expect_failure(iree_hal_command_buffer_begin(commands), IREE_STATUS_FAILED_PRECONDITION,
                 "it is open");
  iree_hal_command_buffer_t* both[] = {commands, NULL};
  expect_failure(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 1, both),
                 IREE_STATUS_FAILED_PRECONDITION, "must be ended before");
  expect_ok(iree_hal_command_buffer_end(commands));
  expect_failure(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 4, "1234", 4),
                 IREE_STATUS_FAILED_PRECONDITION, "it is ended");
  expect_failure(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 2, both),
                 IREE_STATUS_INVALID_ARGUMENT, "command buffer 1 is null");
  both[1] = commands;
  expect_failure(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 2, both),
                 IREE_STATUS_FAILED_PRECONDITION, "one-shot");
  // What was refused hasn't been submitted.
  expect_ok(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 1, both));
  expect_failure(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 1, both),
                 IREE_STATUS_FAILED_PRECONDITION, "one-shot");
  iree_hal_resource_t foreign = {.ref_count = 1};
  both[0] = (iree_hal_command_buffer_t*)&foreign;
  expect_failure(iree_hal_device_queue_execute(device, ANY_QUEUE, NO_POINTS, NO_POINTS, 1, both),
                 IREE_STATUS_INVALID_ARGUMENT, "another implementation's");
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
  iree_hal_device_release(device);
}

static void test_refused_commands(void** state) {
  iree_hal_device_t* device = create_device(state);
  iree_hal_executable_t* executable = load_kernels();
  iree_hal_buffer_t* a = create_numbers(device, 4, 1);
  iree_hal_buffer_t* b = create_numbers(device, 8, 1);
  iree_hal_command_buffer_t* transfers = NULL;
  expect_ok(iree_hal_command_buffer_create(device, 0, IREE_HAL_COMMAND_CATEGORY_TRANSFER, ANY_QUEUE,
                                           0, &transfers));
  expect_ok(iree_hal_command_buffer_begin(transfers));
  expect_failure(add_offset(transfers, executable, a, b), IREE_STATUS_INVALID_ARGUMENT,
                 "the category 0x2, but the command buffer was created for 0x1");
  expect_failure(iree_hal_command_buffer_fill_buffer(transfers, a, 0, 32, "12", 2),
                 IREE_STATUS_OUT_OF_RANGE, "16");
  expect_failure(iree_hal_command_buffer_update_buffer(transfers, NULL, 0, a, 0, 4),
                 IREE_STATUS_INVALID_ARGUMENT, "the source is null");
  expect_failure(iree_hal_command_buffer_copy_buffer(transfers, a, 0, a, 4, 8),
                 IREE_STATUS_INVALID_ARGUMENT, "overlap");
  iree_hal_command_buffer_release(transfers);
  iree_hal_command_buffer_t* commands = begin(device, 0);
  expect_failure(add_offset(commands, NULL, a, b), IREE_STATUS_INVALID_ARGUMENT,
                 "the executable is null");
  expect_failure(add_offset(commands, (iree_hal_executable_t*)a, a, b),
                 IREE_STATUS_INVALID_ARGUMENT, "the executable is another implementation's");
  expect_failure(add_offset(commands, executable, b, a), IREE_STATUS_OUT_OF_RANGE,
                 "it needs 32 bytes, but is given 16; binding 1 of dispatch 'add_offset'");
  expect_failure(
      tenon_hal_command_buffer_dispatch(commands, executable, ADD_OFFSET, 2, NULL, 0, NULL),
      IREE_STATUS_INVALID_ARGUMENT, "bindings or constants is null");
  expect_failure(tenon_hal_command_buffer_dispatch(commands, executable, 99, 0, NULL, 0, NULL),
                 IREE_STATUS_OUT_OF_RANGE, "no dispatch 99");
  // What was refused isn't recorded.
  assert_int_equal(ref_count(a), 1);
  assert_int_equal(ref_count(executable), 1);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  iree_hal_executable_release(executable);
  iree_hal_device_release(device);
}

//===--- Out of memory ------------------------------------------------------------------------===//

typedef struct faults_t {
  tenon_executor_t* executor;
  iree_hal_executable_t* executable;
  iree_hal_semaphore_t* time;
} faults_t;

static iree_status_t record_much(iree_hal_command_buffer_t* commands,
                                 iree_hal_executable_t* executable, iree_hal_buffer_t* a,
                                 iree_hal_buffer_t* b) {
  IREE_RETURN_IF_ERROR(iree_hal_command_buffer_begin(commands));
  static const uint8_t large[5000] = {1};
  for (int i = 0; i < 20; ++i) {
    IREE_RETURN_IF_ERROR(add_offset(commands, executable, a, b));
    IREE_RETURN_IF_ERROR(barrier(commands));
    IREE_RETURN_IF_ERROR(iree_hal_command_buffer_update_buffer(commands, large, 0, a, 0, 5000));
    IREE_RETURN_IF_ERROR(barrier(commands));
  }
  return iree_hal_command_buffer_end(commands);
}

static iree_status_t run_much(iree_hal_device_t* device, const faults_t* faults,
                              iree_hal_command_buffer_t* commands) {
  uint64_t now = 0;
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_query(faults->time, &now));
  IREE_RETURN_IF_ERROR(execute(device, faults->time, now, commands));
  return iree_hal_semaphore_wait(faults->time, now + 1, iree_make_timeout_ms(60000));
}

static iree_status_t faults_body(iree_allocator_t allocator, void* user_data) {
  const faults_t* faults = user_data;
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_local_device_create(iree_make_cstring_view("test"),
                                                     faults->executor, NULL, allocator, &device));
  iree_hal_buffer_t *a = NULL, *b = NULL;
  iree_hal_allocator_t* heap = iree_hal_device_allocator(device);
  iree_status_t status = iree_hal_allocator_allocate_buffer(heap, (iree_hal_buffer_params_t){0},
                                                            8000, iree_const_byte_span_empty(), &a);
  if (iree_status_is_ok(status)) {
    status = iree_hal_allocator_allocate_buffer(heap, (iree_hal_buffer_params_t){0}, 8000,
                                                iree_const_byte_span_empty(), &b);
  }
  iree_hal_command_buffer_t* commands = NULL;
  if (iree_status_is_ok(status)) {
    status = iree_hal_command_buffer_create(device, 0, IREE_HAL_COMMAND_CATEGORY_ANY, ANY_QUEUE, 0,
                                            &commands);
  }
  if (iree_status_is_ok(status)) status = record_much(commands, faults->executable, a, b);
  if (iree_status_is_ok(status)) status = run_much(device, faults, commands);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  iree_hal_device_release(device);
  return status;
}

static void test_every_allocation_fails(void** state) {
  faults_t faults = {.executor = create_executor(*state), .executable = load_kernels()};
  expect_ok(tenon_hal_semaphore_create(0, iree_allocator_system(), &faults.time));
  assert_true(tenon_test_for_each_failure(faults_body, &faults) >= 25);
  assert_int_equal(ref_count(faults.executable), 1);
  iree_hal_semaphore_release(faults.time);
  iree_hal_executable_release(faults.executable);
  if (faults.executor) tenon_executor_release(faults.executor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST_ON_EACH_DEVICE(test_barriers),
      TEST_ON_EACH_DEVICE(test_reusable_with_many_parts),
      TEST_ON_EACH_DEVICE(test_concurrent_runs),
      TEST_ON_EACH_DEVICE(test_failure_ends_it),
      TEST_ON_EACH_DEVICE(test_states),
      TEST_ON_EACH_DEVICE(test_refused_commands),
      TEST_ON_EACH_DEVICE(test_every_allocation_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
