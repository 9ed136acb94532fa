// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command buffers: recording, submitting once and often, order, what is refused. dispatches.c has the
// dispatches.
#include "conformance.h"

static void record_barrier(iree_hal_command_buffer_t* commands) {
  expect_ok(iree_hal_command_buffer_execution_barrier(
      commands, IREE_HAL_EXECUTION_STAGE_TRANSFER | IREE_HAL_EXECUTION_STAGE_COMMAND_RETIRE,
      IREE_HAL_EXECUTION_STAGE_COMMAND_ISSUE | IREE_HAL_EXECUTION_STAGE_TRANSFER,
      IREE_HAL_EXECUTION_BARRIER_FLAG_NONE, 0, NULL, 0, NULL));
}

static iree_status_t submit(ct_env_t* ct, iree_hal_semaphore_list_t wait,
                            iree_hal_semaphore_list_t signal, iree_hal_command_buffer_t* commands) {
  return iree_hal_device_queue_execute(ON(ct->device), wait, signal, 1, &commands);
}

static void submit_and_wait(ct_env_t* ct, iree_hal_command_buffer_t* commands) {
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(submit(ct, NONE, AT(done, 1), commands));
  ct_wait(done, 1);
  iree_hal_semaphore_release(done);
}

static void test_states(void** state) {
  ct_env_t* ct = *state;
  iree_hal_command_buffer_t* commands = NULL;
  expect_ok(iree_hal_command_buffer_create(ct->device, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT,
                                           IREE_HAL_COMMAND_CATEGORY_TRANSFER,
                                           IREE_HAL_QUEUE_AFFINITY_ANY, 0, &commands));
  assert_int_equal(iree_hal_command_buffer_mode(commands), IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
  assert_int_equal(iree_hal_command_buffer_allowed_categories(commands),
                   IREE_HAL_COMMAND_CATEGORY_TRANSFER);
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  const iree_status_code_t wrong = IREE_STATUS_FAILED_PRECONDITION;
  // Not begun.
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "x", 1), wrong);
  ct_expect_refused(iree_hal_command_buffer_end(commands), wrong);
  ct_expect_refused(submit(ct, NONE, AT(done, 1), commands), wrong);
  expect_ok(iree_hal_command_buffer_begin(commands));
  // Open.
  ct_expect_refused(iree_hal_command_buffer_begin(commands), wrong);
  ct_expect_refused(submit(ct, NONE, AT(done, 1), commands), wrong);
  expect_ok(iree_hal_command_buffer_end(commands));
  // Ended.
  ct_expect_refused(iree_hal_command_buffer_begin(commands), wrong);
  ct_expect_refused(iree_hal_command_buffer_end(commands), wrong);
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "x", 1), wrong);
  ct_expect_refused(iree_hal_command_buffer_update_buffer(commands, "x", 0, buffer, 0, 1), wrong);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(commands, buffer, 0, buffer, 8, 8), wrong);
  ct_expect_refused(iree_hal_command_buffer_execution_barrier(
                        commands, IREE_HAL_EXECUTION_STAGE_TRANSFER,
                        IREE_HAL_EXECUTION_STAGE_TRANSFER, 0, 0, NULL, 0, NULL),
                    wrong);
  // Submitted: once.
  expect_ok(submit(ct, NONE, AT(done, 1), commands));
  ct_expect_refused(submit(ct, NONE, AT(done, 2), commands), wrong);
  ct_wait(done, 1);
  ct_expect_refused(submit(ct, NONE, AT(done, 2), commands), wrong);
  ct_expect_value(done, 1);
  ct_expect_bytes(buffer, 0, 64, 0x11);
  iree_hal_command_buffer_retain(commands);
  iree_hal_command_buffer_release(commands);
  iree_hal_command_buffer_release(commands);
  iree_hal_command_buffer_release(NULL);
  iree_hal_semaphore_release(done);
  iree_hal_buffer_release(buffer);
}

static void test_creation(void** state) {
  ct_env_t* ct = *state;
  iree_hal_command_buffer_t* commands = NULL;
  // There are no binding tables.
  iree_status_t status = iree_hal_command_buffer_create(
      ct->device, 0, IREE_HAL_COMMAND_CATEGORY_ANY, IREE_HAL_QUEUE_AFFINITY_ANY, 4, &commands);
  assert_false(iree_status_is_ok(status));
  iree_status_ignore(status);
  // Never begun, never ended, never submitted: it can be released all the same.
  for (int i = 0; i < 3; ++i) {
    expect_ok(iree_hal_command_buffer_create(ct->device, 0, IREE_HAL_COMMAND_CATEGORY_ANY,
                                             IREE_HAL_QUEUE_AFFINITY_ANY, 0, &commands));
    iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
    if (i > 0) expect_ok(iree_hal_command_buffer_begin(commands));
    if (i > 0) expect_ok(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "x", 1));
    if (i > 1) expect_ok(iree_hal_command_buffer_end(commands));
    iree_hal_buffer_release(buffer);
    iree_hal_command_buffer_release(commands);
  }
}

static void test_empty(void** state) {
  ct_env_t* ct = *state;
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  record_barrier(commands);
  record_barrier(commands);
  expect_ok(iree_hal_command_buffer_end(commands));
  submit_and_wait(ct, commands);
  iree_hal_command_buffer_release(commands);
  // No command buffers at all: a barrier.
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(iree_hal_device_queue_execute(ON(ct->device), AT(done, 1), AT(done, 2), 0, NULL));
  ct_expect_pending(done, 2);
  expect_ok(iree_hal_semaphore_signal(done, 1));
  ct_wait(done, 2);
  iree_hal_semaphore_release(done);
}

// Everything in one: what is read was written before the barrier.
static void test_barriers_order(void** state) {
  ct_env_t* ct = *state;
  for (int large = 0; large < 2; ++large) {
    const iree_device_size_t size = large ? 1 << 20 : 256;
    iree_hal_buffer_t* a = ct_buffer(ct, size, 1);
    iree_hal_buffer_t* b = ct_buffer(ct, size, 2);
    iree_hal_buffer_t* c = ct_buffer(ct, size, 3);
    iree_hal_command_buffer_t* commands = ct_begin(ct, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
    uint8_t source[16] = "sixteen letters";
    expect_ok(iree_hal_command_buffer_fill_buffer(commands, a, 0, IREE_WHOLE_BUFFER, "\x10", 1));
    record_barrier(commands);
    expect_ok(iree_hal_command_buffer_copy_buffer(commands, a, 0, b, 0, size));
    expect_ok(iree_hal_command_buffer_copy_buffer(commands, a, 0, c, 0, size));
    record_barrier(commands);
    expect_ok(iree_hal_command_buffer_fill_buffer(commands, a, 0, size, "\x20", 1));
    expect_ok(iree_hal_command_buffer_update_buffer(commands, source, 4, b, 8, 12));
    record_barrier(commands);
    expect_ok(iree_hal_command_buffer_copy_buffer(commands, b, 0, c, 16, 32));
    // Data was copied when it was recorded.
    memset(source, 0, sizeof(source));
    expect_ok(iree_hal_command_buffer_end(commands));
    submit_and_wait(ct, commands);
    uint8_t* model = malloc(size);
    memset(model, 0x10, size);
    memcpy(model + 8, "een letters", 12);
    ct_expect_contents(b, model, size);
    memset(model, 0x10, size);
    memcpy(model + 24, "een letters", 12);
    ct_expect_contents(c, model, size);
    ct_expect_bytes(a, 0, size, 0x20);
    free(model);
    iree_hal_command_buffer_release(commands);
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    iree_hal_buffer_release(c);
  }
}

static void test_barrier_lists(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 1);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  const iree_hal_memory_barrier_t memory_barrier = {1, 1};
  const iree_hal_buffer_barrier_t buffer_barrier = {1, 1, buffer, 0, 64};
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "\x10", 1));
  expect_ok(iree_hal_command_buffer_execution_barrier(
      commands, IREE_HAL_EXECUTION_STAGE_TRANSFER, IREE_HAL_EXECUTION_STAGE_HOST,
      IREE_HAL_EXECUTION_BARRIER_FLAG_NONE, 1, &memory_barrier, 1, &buffer_barrier));
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "\x20", 1));
  expect_ok(iree_hal_command_buffer_end(commands));
  submit_and_wait(ct, commands);
  ct_expect_bytes(buffer, 0, 64, 0x20);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
}

// Many commands that may run at the same time, many groups of them.
static void test_many_commands(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 500, GROUPS = 4, STEP = 1024 };
  iree_hal_buffer_t* buffers[2] = {ct_buffer(ct, COUNT * STEP, 0), ct_buffer(ct, COUNT * STEP, 0)};
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  uint8_t* model = malloc(COUNT * STEP);
  for (int group = 0; group < GROUPS; ++group) {
    for (int i = 0; i < COUNT; ++i) {
      const iree_device_size_t offset = (iree_device_size_t)i * STEP;
      const uint8_t byte = (uint8_t)(i * 7 + group);
      if (group % 2 == 0) {
        expect_ok(
            iree_hal_command_buffer_fill_buffer(commands, buffers[0], offset, STEP, &byte, 1));
      } else {
        expect_ok(iree_hal_command_buffer_copy_buffer(commands, buffers[0], offset, buffers[1],
                                                      offset, STEP));
      }
      if (group + 1 == GROUPS) memset(model + offset, (uint8_t)(i * 7 + group - 1), STEP);
    }
    record_barrier(commands);
  }
  expect_ok(iree_hal_command_buffer_end(commands));
  submit_and_wait(ct, commands);
  for (int i = 0; i < 2; ++i) {
    ct_expect_contents(buffers[i], model, COUNT * STEP);
    iree_hal_buffer_release(buffers[i]);
  }
  free(model);
  iree_hal_command_buffer_release(commands);
}

// A reusable one in flight several times, its runs ordered by a timeline.
static void test_in_flight_several_times(void** state) {
  ct_env_t* ct = *state;
  enum { RUNS = 32 };
  for (int large = 0; large < 2; ++large) {
    const iree_device_size_t size = large ? 512 * 1024 : 64;
    iree_hal_buffer_t* a = ct_buffer(ct, size, 0);
    iree_hal_buffer_t* b = ct_buffer(ct, size, 0);
    iree_hal_buffer_t* kept = ct_buffer(ct, RUNS, 0xFF);
    iree_hal_command_buffer_t* copies = ct_begin(ct, 0);
    expect_ok(iree_hal_command_buffer_copy_buffer(copies, a, 0, b, 0, size));
    expect_ok(iree_hal_command_buffer_end(copies));
    iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
    uint64_t now = 1;
    uint8_t expected[RUNS];
    for (int i = 0; i < RUNS; ++i) {
      const uint8_t byte = (uint8_t)(i * 3);
      expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, now), AT(time, now + 1), a, 0,
                                           size, &byte, 1));
      expect_ok(submit(ct, AT(time, now + 1), AT(time, now + 2), copies));
      expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(time, now + 2), AT(time, now + 3), b,
                                           size - 1, kept, (iree_device_size_t)i, 1));
      expected[i] = byte;
      now += 3;
    }
    iree_hal_command_buffer_release(copies);
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    expect_ok(iree_hal_semaphore_signal(time, 1));
    ct_wait(time, now);
    ct_expect_contents(kept, expected, RUNS);
    iree_hal_buffer_release(kept);
    iree_hal_semaphore_release(time);
  }
}

// At the same time: each run writes the same, nobody minds.
static void test_runs_at_the_same_time(void** state) {
  ct_env_t* ct = *state;
  enum { RUNS = 16 };
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  for (int i = 0; i < 4; ++i) {
    expect_ok(iree_hal_command_buffer_copy_buffer(commands, buffer, 0, buffer, 32, 0));
    record_barrier(commands);
  }
  expect_ok(iree_hal_command_buffer_end(commands));
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done[RUNS];
  for (int i = 0; i < RUNS; ++i) {
    done[i] = ct_semaphore(ct, 0);
    expect_ok(submit(ct, AT(gate, 1), AT(done[i], 1), commands));
  }
  expect_ok(iree_hal_semaphore_signal(gate, 1));
  for (int i = 0; i < RUNS; ++i) {
    ct_wait(done[i], 1);
    iree_hal_semaphore_release(done[i]);
  }
  iree_hal_semaphore_release(gate);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
}

// Several in one submission run one after another.
static void test_several_in_one_submission(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 10, SIZE = 300 * 1024 };
  iree_hal_buffer_t* buffers[COUNT + 1];
  iree_hal_command_buffer_t* commands[COUNT];
  for (int i = 0; i <= COUNT; ++i) buffers[i] = ct_buffer(ct, SIZE, (uint8_t)(i + 1));
  for (int i = 0; i < COUNT; ++i) {
    commands[i] = ct_begin(ct, i % 2 ? IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT : 0);
    expect_ok(
        iree_hal_command_buffer_copy_buffer(commands[i], buffers[i], 0, buffers[i + 1], 0, SIZE));
    expect_ok(iree_hal_command_buffer_end(commands[i]));
  }
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(iree_hal_device_queue_execute(ON(ct->device), NONE, AT(done, 1), COUNT, commands));
  for (int i = 0; i < COUNT; ++i) iree_hal_command_buffer_release(commands[i]);
  ct_wait(done, 1);
  for (int i = 0; i <= COUNT; ++i) {
    ct_expect_bytes(buffers[i], 0, SIZE, 1);
    iree_hal_buffer_release(buffers[i]);
  }
  iree_hal_semaphore_release(done);
}

// What is refused is not recorded; the rest is.
static void test_refused_commands(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_buffer_params_t params = {0};
  params.access = IREE_HAL_MEMORY_ACCESS_READ;
  iree_hal_buffer_t* read_only = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(ct->device), params, 64,
                                               iree_const_byte_span_empty(), &read_only));
  iree_hal_command_buffer_t* c = ct_begin(ct, 0);
  const iree_status_code_t range = IREE_STATUS_OUT_OF_RANGE, bad = IREE_STATUS_INVALID_ARGUMENT,
                           denied = IREE_STATUS_PERMISSION_DENIED;
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(c, buffer, 0, 65, "x", 1), range);
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(c, buffer, 0, 64, "xxx", 3), bad);
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(c, buffer, 1, 4, "xxxx", 4), bad);
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(c, NULL, 0, 64, "x", 1), bad);
  ct_expect_refused(iree_hal_command_buffer_fill_buffer(c, read_only, 0, 64, "x", 1), denied);
  ct_expect_refused(iree_hal_command_buffer_update_buffer(c, "xyz", 0, buffer, 62, 3), range);
  ct_expect_refused(iree_hal_command_buffer_update_buffer(c, NULL, 0, buffer, 0, 3), bad);
  ct_expect_refused(iree_hal_command_buffer_update_buffer(c, "xyz", 0, read_only, 0, 3), denied);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(c, buffer, 60, buffer, 0, 8), range);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(c, buffer, 0, buffer, 60, 8), range);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(c, buffer, 0, buffer, 4, 8), bad);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(c, buffer, 0, read_only, 4, 8), denied);
  ct_expect_refused(iree_hal_command_buffer_copy_buffer(c, NULL, 0, buffer, 4, 8), bad);
  expect_ok(iree_hal_command_buffer_fill_buffer(c, buffer, 8, 8, "\x22", 1));
  expect_ok(iree_hal_command_buffer_end(c));
  submit_and_wait(ct, c);
  ct_expect_bytes(buffer, 0, 8, 0x11);
  ct_expect_bytes(buffer, 8, 8, 0x22);
  ct_expect_bytes(buffer, 16, 48, 0x11);
  iree_hal_command_buffer_release(c);
  iree_hal_buffer_release(buffer);
  iree_hal_buffer_release(read_only);
}

static void test_categories(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_command_buffer_t* commands = NULL;
  expect_ok(iree_hal_command_buffer_create(ct->device, 0, IREE_HAL_COMMAND_CATEGORY_DISPATCH,
                                           IREE_HAL_QUEUE_AFFINITY_ANY, 0, &commands));
  expect_ok(iree_hal_command_buffer_begin(commands));
  iree_status_t refused[] = {
      iree_hal_command_buffer_fill_buffer(commands, buffer, 0, 64, "x", 1),
      iree_hal_command_buffer_update_buffer(commands, "x", 0, buffer, 0, 1),
      iree_hal_command_buffer_copy_buffer(commands, buffer, 0, buffer, 8, 8),
  };
  for (int i = 0; i < 3; ++i) {
    assert_false(iree_status_is_ok(refused[i]));
    iree_status_ignore(refused[i]);
  }
  record_barrier(commands);
  expect_ok(iree_hal_command_buffer_end(commands));
  submit_and_wait(ct, commands);
  ct_expect_bytes(buffer, 0, 64, 0x11);
  iree_hal_command_buffer_release(commands);
  iree_hal_buffer_release(buffer);
}

// If one of a submission's command buffers can't be submitted none is, and the others can be later.
static void test_submission_is_all_or_nothing(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  iree_hal_command_buffer_t* good = ct_begin(ct, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
  expect_ok(iree_hal_command_buffer_fill_buffer(good, buffer, 0, 64, "\x22", 1));
  expect_ok(iree_hal_command_buffer_end(good));
  iree_hal_command_buffer_t* open = ct_begin(ct, IREE_HAL_COMMAND_BUFFER_MODE_ONE_SHOT);
  iree_hal_command_buffer_t* both[] = {good, open};
  ct_expect_refused(iree_hal_device_queue_execute(ON(ct->device), NONE, AT(done, 1), 2, both),
                    IREE_STATUS_FAILED_PRECONDITION);
  ct_expect_value(done, 0);
  ct_expect_bytes(buffer, 0, 64, 0x11);
  // Nor the same one twice.
  both[1] = good;
  ct_expect_refused(iree_hal_device_queue_execute(ON(ct->device), NONE, AT(done, 1), 2, both),
                    IREE_STATUS_FAILED_PRECONDITION);
  ct_expect_bytes(buffer, 0, 64, 0x11);
  submit_and_wait(ct, good);
  ct_expect_bytes(buffer, 0, 64, 0x22);
  iree_hal_command_buffer_release(good);
  iree_hal_command_buffer_release(open);
  iree_hal_semaphore_release(done);
  iree_hal_buffer_release(buffer);
}

int ct_run_command_buffers(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_states),
      CT_TEST(test_creation),
      CT_TEST(test_empty),
      CT_TEST(test_barriers_order),
      CT_TEST(test_barrier_lists),
      CT_TEST(test_many_commands),
      CT_TEST(test_in_flight_several_times),
      CT_TEST(test_runs_at_the_same_time),
      CT_TEST(test_several_in_one_submission),
      CT_TEST(test_refused_commands),
      CT_TEST(test_categories),
      CT_TEST(test_submission_is_all_or_nothing),
  };
  return cmocka_run_group_tests_name("command_buffers", tests, NULL, NULL);
}
