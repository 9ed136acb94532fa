// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "conformance.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "hal/local/executable_loader.h"
#include "iree/base/internal/atomics.h"
#include "iree/base/internal/file_io.h"
#include "iree/hal/drivers/init.h"
#include "tenon/task_device.h"

ct_config_t ct_config = {.worker_count = -1, .inline_size = -1};

//===--- Devices ------------------------------------------------------------------------------===//

static const char* ct_option_value(const char* argument, const char* name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                         : NULL;
}

bool ct_parse_option(const char* argument) {
  const char* value = NULL;
  if ((value = ct_option_value(argument, "--device"))) {
    ct_config.uri = value;
  } else if ((value = ct_option_value(argument, "--other"))) {
    ct_config.other_uri = value;
  } else if ((value = ct_option_value(argument, "--workers"))) {
    ct_config.has_executor = true;
    ct_config.worker_count = atoll(value);
  } else if ((value = ct_option_value(argument, "--inline_size"))) {
    ct_config.has_executor = true;
    ct_config.inline_size = atoll(value);
  } else if (strcmp(argument, "--shared_executor") == 0) {
    ct_config.has_executor = ct_config.is_shared = true;
  } else {
    return false;
  }
  return true;
}

static iree_hal_device_t* ct_create_by_uri(ct_env_t* ct, const char* uri) {
  iree_hal_driver_registry_t* registry = NULL;
  expect_ok(iree_hal_driver_registry_allocate(ct->allocator, &registry));
  expect_ok(iree_hal_register_all_available_drivers(registry));
  iree_hal_device_t* device = NULL;
  expect_ok(iree_hal_create_device(registry, iree_make_cstring_view(uri), ct->allocator, &device));
  iree_hal_driver_registry_free(registry);
  return device;
}

static tenon_executor_t* ct_create_executor(ct_env_t* ct) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  if (ct_config.worker_count >= 0) options.worker_count = (iree_host_size_t)ct_config.worker_count;
  if (ct_config.inline_size >= 0) options.inline_size = (iree_device_size_t)ct_config.inline_size;
  tenon_executor_t* executor = NULL;
  expect_ok(tenon_executor_create(&options, ct->allocator, &executor));
  return executor;
}

static iree_hal_device_t* ct_create_on(ct_env_t* ct, tenon_executor_t* executor) {
  iree_hal_device_t* device = NULL;
  expect_ok(
      tenon_hal_task_device_create(IREE_SV("local-task"), executor, NULL, ct->allocator, &device));
  return device;
}

static void ct_create_devices(ct_env_t* ct) {
  if (!ct_config.has_executor) {
    ct->device = ct_create_by_uri(ct, ct_config.uri);
    ct->other = ct_create_by_uri(ct, ct_config.other_uri ? ct_config.other_uri : ct_config.uri);
    return;
  }
  tenon_executor_t* executor = ct_create_executor(ct);
  ct->device = ct_create_on(ct, executor);
  if (!ct_config.is_shared) {
    tenon_executor_release(executor);
    executor = ct_create_executor(ct);
  }
  ct->other = ct_create_on(ct, executor);
  tenon_executor_release(executor);
}

void ct_open(ct_env_t* ct) {
  memset(ct, 0, sizeof(*ct));
  tenon_failing_allocator_initialize(0, &ct->allocations);
  ct->allocator = tenon_failing_allocator(&ct->allocations);
  ct_create_devices(ct);
}

void ct_close(ct_env_t* ct) {
  iree_hal_device_release(ct->device);
  iree_hal_device_release(ct->other);
  iree_host_size_t live = 1;
  for (int i = 0; i < 20 * 1000 && live; ++i) {
    live = iree_atomic_load(&ct->allocations.live_count, iree_memory_order_acquire);
    if (live) ct_pause_us(1000);
  }
  if (live) fail_msg("%zu blocks leak", (size_t)live);
}

// The environment outlives its test: a test that failed leaves threads and work behind.
int ct_setup(void** state) {
  alarm(240);
  ct_env_t* ct = calloc(1, sizeof(*ct));
  *state = ct;
  ct_open(ct);
  return 0;
}

int ct_teardown(void** state) {
  ct_close(*state);
  free(*state);
  alarm(0);
  return 0;
}

//===--- Objects ------------------------------------------------------------------------------===//

iree_hal_semaphore_t* ct_semaphore(ct_env_t* ct, uint64_t initial_value) {
  iree_hal_semaphore_t* semaphore = NULL;
  expect_ok(iree_hal_semaphore_create(ct->device, initial_value, &semaphore));
  return semaphore;
}

iree_hal_buffer_t* ct_buffer(ct_env_t* ct, iree_device_size_t size, uint8_t byte) {
  iree_hal_buffer_t* buffer = create_buffer(iree_hal_device_allocator(ct->device), size, NULL);
  expect_ok(iree_hal_buffer_map_fill(buffer, 0, size, &byte, 1));
  return buffer;
}

iree_hal_command_buffer_t* ct_begin(ct_env_t* ct, iree_hal_command_buffer_mode_t mode) {
  iree_hal_command_buffer_t* commands = NULL;
  expect_ok(iree_hal_command_buffer_create(ct->device, mode, IREE_HAL_COMMAND_CATEGORY_ANY,
                                           IREE_HAL_QUEUE_AFFINITY_ANY, 0, &commands));
  expect_ok(iree_hal_command_buffer_begin(commands));
  return commands;
}

iree_hal_executable_t* ct_load_kernels(iree_allocator_t allocator) {
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(CT_KERNELS_PATH, iree_allocator_system(), &contents));
  iree_hal_executable_t* executable = NULL;
  expect_ok(tenon_hal_local_executable_create(contents->const_buffer, allocator, &executable));
  iree_file_contents_free(contents);
  return executable;
}

//===--- Expectations -------------------------------------------------------------------------===//

void ct_wait(iree_hal_semaphore_t* semaphore, uint64_t value) {
  expect_ok(iree_hal_semaphore_wait(semaphore, value, ct_long_time()));
}

void ct_expect_value(iree_hal_semaphore_t* semaphore, uint64_t value) {
  uint64_t actual = ~value;
  expect_ok(iree_hal_semaphore_query(semaphore, &actual));
  assert_int_equal(actual, value);
}

void ct_expect_pending(iree_hal_semaphore_t* semaphore, uint64_t value) {
  ct_expect_refused(iree_hal_semaphore_wait(semaphore, value, iree_immediate_timeout()),
                    IREE_STATUS_DEADLINE_EXCEEDED);
}

void ct_expect_failed(iree_hal_semaphore_t* semaphore, uint64_t value, iree_status_code_t code,
                      const char* part) {
  iree_status_t status = iree_hal_semaphore_wait(semaphore, value, ct_long_time());
  char text[2048] = {0};
  iree_status_format(status, sizeof(text), text, NULL);
  const iree_status_code_t actual = iree_status_consume_code(status);
  if (actual != IREE_STATUS_ABORTED || !strstr(text, part) ||
      !strstr(text, iree_status_code_string(code))) {
    fail_msg("expected a wait ABORTED with '%s' and '%s', but got: %s",
             iree_status_code_string(code), part, text);
  }
  uint64_t number = 0;
  expect_failure(iree_hal_semaphore_query(semaphore, &number), code, part);
  assert_true(number < value);
}

void ct_expect_bytes(iree_hal_buffer_t* buffer, iree_device_size_t offset, iree_device_size_t size,
                     uint8_t byte) {
  if (size == 0) return;
  uint8_t* data = malloc(size);
  expect_ok(iree_hal_buffer_map_read(buffer, offset, data, size));
  for (iree_device_size_t i = 0; i < size; ++i) {
    if (data[i] != byte)
      fail_msg("byte %zu is %02x, not %02x", (size_t)(offset + i), data[i], byte);
  }
  free(data);
}

void ct_expect_contents(iree_hal_buffer_t* buffer, const void* expected, iree_device_size_t size) {
  uint8_t* data = malloc(size + 1);
  expect_ok(iree_hal_buffer_map_read(buffer, 0, data, size));
  for (iree_device_size_t i = 0; i < size; ++i) {
    const uint8_t byte = ((const uint8_t*)expected)[i];
    if (data[i] != byte) fail_msg("byte %zu is %02x, not %02x", (size_t)i, data[i], byte);
  }
  free(data);
}

void ct_expect_refused(iree_status_t status, iree_status_code_t code) {
  expect_failure(status, code, "");
}

//===--- Threads ------------------------------------------------------------------------------===//

ct_thread_t ct_start(void* (*entry)(void*), void* argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, entry, argument) != 0) fail_msg("no thread");
  ct_thread_t result = {(uintptr_t)thread};
  return result;
}

void ct_join(ct_thread_t thread) { pthread_join((pthread_t)thread.handle, NULL); }

void ct_pause_us(uint32_t microseconds) {
  const struct timespec time = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
  nanosleep(&time, NULL);
}
