// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Releasing everything in every order with work in flight: nothing blocks, nothing is freed early,
// nothing is left. That the count of allocations ends at zero is checked after every test.
#include "conformance.h"
#include "iree/base/internal/atomics.h"

// ---- Every order --------------------------------------------------------------------------------

enum { DEVICE, BUFFER, COMMANDS, EXECUTABLE, TIME, OBJECT_COUNT };
enum { ORDER_COUNT = 120, SIZE = 1024 };

typedef struct objects_t {
  iree_hal_device_t* device;
  iree_hal_buffer_t* buffer;
  iree_hal_command_buffer_t* commands;
  iree_hal_executable_t* executable;
  iree_hal_semaphore_t* time;
} objects_t;

static void release_one(objects_t* objects, int which) {
  switch (which) {
    case DEVICE:
      iree_hal_device_release(objects->device);
      break;
    case BUFFER:
      iree_hal_buffer_release(objects->buffer);
      break;
    case COMMANDS:
      iree_hal_command_buffer_release(objects->commands);
      break;
    case EXECUTABLE:
      iree_hal_executable_release(objects->executable);
      break;
    default:
      iree_hal_semaphore_release(objects->time);
      break;
  }
}

// The |number|-th permutation of the objects.
static void permute(int number, int* order) {
  bool is_taken[OBJECT_COUNT] = {false};
  for (int i = 0; i < OBJECT_COUNT; ++i) {
    int skip_count = number % (OBJECT_COUNT - i);
    number /= OBJECT_COUNT - i;
    int next = 0;
    while (is_taken[next] || skip_count-- > 0) ++next;
    is_taken[next] = true;
    order[i] = next;
  }
}

// What becomes of the work in flight.
enum { SIGNALED, FAILED, DROPPED, OUTCOME_COUNT };

// Submits work behind a gate, releases some objects, lets the work go, releases the rest.
static void run_order(ct_env_t* ct, iree_hal_executable_t* kernels, int number, int before,
                      int outcome) {
  objects_t objects = {0};
  int order[OBJECT_COUNT];
  permute(number, order);
  objects.device = ct->device;
  iree_hal_device_retain(objects.device);
  objects.executable = kernels;
  iree_hal_executable_retain(kernels);
  objects.buffer = ct_buffer(ct, SIZE, 0);
  objects.time = ct_semaphore(ct, 0);
  iree_hal_buffer_t* result = ct_buffer(ct, SIZE, 0x11);
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);

  objects.commands = ct_begin(ct, 0);
  const int64_t constants[] = {SIZE / 4, 5};
  expect_ok(tenon_hal_command_buffer_dispatch(objects.commands, kernels, CT_KERNEL_ADD, 1,
                                              &objects.buffer, 2, constants));
  expect_ok(iree_hal_command_buffer_end(objects.commands));
  expect_ok(iree_hal_device_queue_execute(ON(ct->device), AT(gate, 1), AT(objects.time, 1), 1,
                                          &objects.commands));
  expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(objects.time, 1), AT(done, 1),
                                       objects.buffer, 0, result, 0, SIZE));

  for (int i = 0; i < before; ++i) release_one(&objects, order[i]);
  if (outcome == SIGNALED) {
    expect_ok(iree_hal_semaphore_signal(gate, 1));
  } else if (outcome == FAILED) {
    iree_hal_semaphore_fail(gate, iree_make_status(IREE_STATUS_UNKNOWN, "broken"));
  }
  iree_hal_semaphore_release(gate);
  for (int i = before; i < OBJECT_COUNT; ++i) release_one(&objects, order[i]);

  if (outcome == SIGNALED) {
    // The copy waits for `time`, which only the submission before it holds.
    ct_wait(done, 1);
    int32_t* expected = malloc(SIZE);
    for (int i = 0; i < SIZE / 4; ++i) expected[i] = 5;
    ct_expect_contents(result, expected, SIZE);
    free(expected);
  } else {
    ct_expect_failed(done, 1, outcome == FAILED ? IREE_STATUS_UNKNOWN : IREE_STATUS_CANCELLED, "");
    ct_expect_bytes(result, 0, SIZE, 0x11);
  }
  iree_hal_buffer_release(result);
  iree_hal_semaphore_release(done);
}

static void test_release_orders(void** state) {
  ct_env_t* ct = *state;
  iree_hal_executable_t* kernels = ct_load_kernels(ct->allocator);
  for (int number = 0; number < ORDER_COUNT; ++number)
    run_order(ct, kernels, number, number % (OBJECT_COUNT + 1), number % OUTCOME_COUNT);
  iree_hal_executable_release(kernels);
}

// The same with the last references to device and executable.
static void test_release_last_references(void** state) {
  ct_env_t* ct = *state;
  for (int i = 0; i < 4 * OUTCOME_COUNT; ++i) {
    ct_env_t inner;
    ct_open(&inner);
    iree_hal_executable_t* kernels = ct_load_kernels(inner.allocator);
    objects_t objects = {.device = inner.device, .executable = kernels};
    iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* time = ct_semaphore(&inner, 0);
    iree_hal_buffer_t* buffer = ct_buffer(&inner, 1 << 20, 0);
    iree_hal_command_buffer_t* commands = ct_begin(&inner, 0);
    const int64_t constants[] = {(1 << 20) / 4, 5};
    expect_ok(tenon_hal_command_buffer_dispatch(commands, kernels, CT_KERNEL_ADD, 1, &buffer, 2,
                                                constants));
    expect_ok(iree_hal_command_buffer_end(commands));
    expect_ok(
        iree_hal_device_queue_execute(ON(inner.device), AT(gate, 1), AT(time, 1), 1, &commands));
    iree_hal_command_buffer_release(commands);
    iree_hal_buffer_release(buffer);
    if (i / OUTCOME_COUNT % 2) iree_hal_semaphore_release(time);
    release_one(&objects, DEVICE);
    release_one(&objects, EXECUTABLE);
    inner.device = NULL;
    if (i % OUTCOME_COUNT == SIGNALED) expect_ok(iree_hal_semaphore_signal(gate, 1));
    if (i % OUTCOME_COUNT == FAILED) iree_hal_semaphore_fail(gate, iree_ok_status());
    iree_hal_semaphore_release(gate);
    if (!(i / OUTCOME_COUNT % 2)) {
      if (i % OUTCOME_COUNT == SIGNALED) ct_wait(time, 1);
      iree_hal_semaphore_release(time);
    }
    ct_close(&inner);
  }
}

// ---- Nothing is freed early, everything is freed at last ----------------------------------------

static iree_atomic_int32_t released_count;

static void on_release(void* user_data, iree_hal_buffer_t* buffer) {
  // The memory is the caller's again: whoever still writes to it now is found by the sanitizer.
  free(user_data);
  iree_atomic_fetch_add(&released_count, 1, iree_memory_order_release);
}

static iree_hal_buffer_t* import(ct_env_t* ct, size_t size) {
  void* memory = NULL;
  if (posix_memalign(&memory, 64, size) != 0) return NULL;
  memset(memory, 0, size);
  iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                         .size = size,
                                         .handle.host_allocation.ptr = memory};
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_import_buffer(
      iree_hal_device_allocator(ct->device), params, &external,
      (iree_hal_buffer_release_callback_t){on_release, memory}, &buffer));
  return buffer;
}

static void expect_released(int count) {
  for (int i = 0; i < 60 * 1000; ++i) {
    if (iree_atomic_load(&released_count, iree_memory_order_acquire) >= count) break;
    ct_pause_us(1000);
  }
  assert_int_equal(iree_atomic_load(&released_count, iree_memory_order_acquire), count);
}

// Buffers live as long as the submission that uses them, and not longer.
static void test_buffers_of_submissions(void** state) {
  ct_env_t* ct = *state;
  const size_t sizes[] = {64, 2 << 20};
  for (int k = 0; k < 2; ++k) {
    iree_atomic_store(&released_count, 0, iree_memory_order_relaxed);
    iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
    iree_hal_buffer_t* a = import(ct, sizes[k]);
    iree_hal_buffer_t* b = import(ct, sizes[k]);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, 1), AT(time, 2), a, 0, sizes[k],
                                         "x", 1));
    expect_ok(
        iree_hal_device_queue_copy(ON(ct->device), AT(time, 2), AT(time, 3), a, 0, b, 0, sizes[k]));
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, 4), AT(time, 5), b, 0, sizes[k],
                                         "x", 1));
    iree_hal_buffer_release(a);
    iree_hal_buffer_release(b);
    assert_int_equal(iree_atomic_load(&released_count, iree_memory_order_acquire), 0);
    expect_ok(iree_hal_semaphore_signal(time, 1));
    ct_wait(time, 3);
    expect_released(1);
    expect_ok(iree_hal_semaphore_signal(time, 4));
    ct_wait(time, 5);
    expect_released(2);
    iree_hal_semaphore_release(time);
  }
}

// A recording holds its buffers until it goes; so does a one-shot one.
static void test_buffers_of_command_buffers(void** state) {
  ct_env_t* ct = *state;
  iree_atomic_store(&released_count, 0, iree_memory_order_relaxed);
  iree_hal_buffer_t* a = import(ct, 64);
  iree_hal_buffer_t* b = import(ct, 64);
  iree_hal_command_buffer_t* commands = ct_begin(ct, 0);
  expect_ok(iree_hal_command_buffer_copy_buffer(commands, a, 0, b, 0, 64));
  expect_ok(iree_hal_command_buffer_fill_buffer(commands, a, 0, 0, "x", 1));
  expect_ok(iree_hal_command_buffer_end(commands));
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  for (uint64_t i = 1; i < 10; ++i) {
    expect_ok(
        iree_hal_device_queue_execute(ON(ct->device), AT(time, i), AT(time, i + 1), 1, &commands));
  }
  iree_hal_command_buffer_release(commands);
  expect_ok(iree_hal_semaphore_signal(time, 1));
  ct_wait(time, 10);
  expect_released(2);
  iree_hal_semaphore_release(time);
}

// Work that was submitted is done though its device is gone; releasing it does not block.
static void test_device_goes_first(void** state) {
  ct_env_t* ct = *state;
  enum { COUNT = 20, LARGE = 1 << 20 };
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = ct_buffer(ct, LARGE, 0);
  for (uint64_t i = 1; i <= COUNT; ++i) {
    const uint8_t byte = (uint8_t)i;
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, i), AT(time, i + 1), buffer, 0,
                                         LARGE, &byte, 1));
  }
  iree_hal_device_release(ct->device);
  iree_hal_device_release(ct->other);
  ct->device = ct->other = NULL;
  ct_expect_value(time, 0);
  expect_ok(iree_hal_semaphore_signal(time, 1));
  ct_wait(time, COUNT + 1);
  ct_expect_bytes(buffer, 0, LARGE, COUNT);
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(time);
}

// Nobody waits, nobody holds anything: the work is done, and everything goes.
static void test_nobody_waits(void** state) {
  ct_env_t* ct = *state;
  iree_atomic_store(&released_count, 0, iree_memory_order_relaxed);
  enum { COUNT = 8 };
  for (int i = 0; i < COUNT; ++i) {
    iree_hal_buffer_t* buffer = import(ct, 1 << 19);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), NONE, NONE, buffer, 0, IREE_WHOLE_BUFFER,
                                         "x", 1));
    iree_hal_buffer_release(buffer);
  }
  iree_hal_device_release(ct->device);
  ct->device = NULL;
  expect_released(COUNT);
}

// Freeing from within: the signal of the gate ends the operation, which drops the last reference to
// everything, the gate's own device included, on the signaling thread.
static void* signal_and_release(void* argument) {
  iree_status_ignore(iree_hal_semaphore_signal(argument, 1));
  iree_hal_semaphore_release(argument);
  return NULL;
}

static void test_last_references_on_another_thread(void** state) {
  ct_env_t* ct = *state;
  iree_atomic_store(&released_count, 0, iree_memory_order_relaxed);
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* middle = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = import(ct, 1 << 20);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(gate, 1), AT(middle, 1), buffer, 0,
                                       1 << 20, "x", 1));
  expect_ok(
      iree_hal_device_queue_fill(ON(ct->device), AT(middle, 1), NONE, buffer, 0, 1 << 20, "y", 1));
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(middle);
  iree_hal_device_release(ct->device);
  ct->device = NULL;
  ct_join(ct_start(signal_and_release, gate));
  expect_released(1);
}

// A release callback may signal: it runs while the operation that held the buffer ends.
typedef struct owner_t {
  iree_hal_semaphore_t* returned;
  uint8_t memory[64];
} owner_t;

static void signal_on_release(void* user_data, iree_hal_buffer_t* buffer) {
  owner_t* owner = user_data;
  iree_hal_semaphore_t* returned = owner->returned;
  iree_status_ignore(iree_hal_semaphore_signal(returned, 1));
  iree_hal_semaphore_release(returned);
}

static void test_release_callback_that_signals(void** state) {
  ct_env_t* ct = *state;
  for (int fails = 0; fails < 2; ++fails) {
    owner_t* owner = NULL;
    if (posix_memalign((void**)&owner, 64, sizeof(*owner)) != 0) fail();
    owner->returned = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* returned = owner->returned;
    iree_hal_semaphore_retain(returned);
    iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                           .size = sizeof(owner->memory),
                                           .handle.host_allocation.ptr = owner->memory};
    iree_hal_buffer_params_t params = {0};
    iree_hal_buffer_t* borrowed = NULL;
    expect_ok(iree_hal_allocator_import_buffer(
        iree_hal_device_allocator(ct->device), params, &external,
        (iree_hal_buffer_release_callback_t){signal_on_release, owner}, &borrowed));
    iree_hal_buffer_t* buffer = ct_buffer(ct, 64, 0x11);
    iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    expect_ok(
        iree_hal_device_queue_fill(ON(ct->device), AT(gate, 1), NONE, borrowed, 0, 64, "x", 1));
    iree_hal_buffer_release(borrowed);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(returned, 1), AT(done, 1), buffer, 0,
                                         64, "\x22", 1));
    ct_expect_pending(done, 1);
    if (fails) {
      iree_hal_semaphore_fail(gate, iree_ok_status());
    } else {
      expect_ok(iree_hal_semaphore_signal(gate, 1));
    }
    ct_wait(done, 1);
    ct_expect_bytes(buffer, 0, 64, 0x22);
    iree_hal_buffer_release(buffer);
    iree_hal_semaphore_release(gate);
    iree_hal_semaphore_release(done);
    iree_hal_semaphore_release(returned);
    free(owner);
  }
}

int ct_run_lifetime(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_release_orders),
      CT_TEST(test_release_last_references),
      CT_TEST(test_buffers_of_submissions),
      CT_TEST(test_buffers_of_command_buffers),
      CT_TEST(test_device_goes_first),
      CT_TEST(test_nobody_waits),
      CT_TEST(test_last_references_on_another_thread),
      CT_TEST(test_release_callback_that_signals),
  };
  return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
