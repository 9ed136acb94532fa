// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of local devices share: every test runs on each kind of device.

#ifndef TENON_HAL_LOCAL_TESTING_LOCAL_TESTING_H_
#define TENON_HAL_LOCAL_TESTING_LOCAL_TESTING_H_

#include "hal/local/executable_loader.h"
#include "hal/local/local_device.h"
#include "hal/testing/hal_testing.h"
#include "hal/timepoint.h"
#include "iree/base/internal/file_io.h"
#include "tenon/executor.h"
#include "tenon/task_device.h"

typedef struct device_kind_t {
  iree_host_size_t worker_count;  // 0: local-sync
  iree_device_size_t inline_size;
} device_kind_t;

static device_kind_t sync_kind = {0, 0};
static device_kind_t jobs_kind = {2, 0};  // all work goes to workers
static device_kind_t task_kind = {3, 64 * 1024};

#define TEST_ON_EACH_DEVICE(f)                                                        \
  cmocka_unit_test_prestate(f, &sync_kind), cmocka_unit_test_prestate(f, &jobs_kind), \
      cmocka_unit_test_prestate(f, &task_kind)

static inline tenon_executor_t* create_executor(const device_kind_t* kind) {
  if (!kind->worker_count) return NULL;
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = kind->worker_count;
  options.inline_size = kind->inline_size;
  tenon_executor_t* executor = NULL;
  expect_ok(tenon_executor_create(&options, iree_allocator_system(), &executor));
  return executor;
}

static inline iree_hal_device_t* create_device(void** state) {
  tenon_executor_t* executor = create_executor(*state);
  iree_hal_device_t* device = NULL;
  expect_ok(tenon_hal_local_device_create(iree_make_cstring_view("test"), executor, NULL,
                                          iree_allocator_system(), &device));
  if (executor) tenon_executor_release(executor);
  return device;
}

static inline iree_hal_semaphore_t* create_semaphore(iree_hal_device_t* device) {
  iree_hal_semaphore_t* semaphore = NULL;
  expect_ok(iree_hal_semaphore_create(device, 0, &semaphore));
  return semaphore;
}

// A list of one point.
#define POINT(semaphore, value) \
  ((iree_hal_semaphore_list_t){1, (iree_hal_semaphore_t*[]){semaphore}, (uint64_t[]){value}})
#define NO_POINTS iree_hal_semaphore_list_empty()
#define ANY_QUEUE IREE_HAL_QUEUE_AFFINITY_ANY

// Waits for what will happen soon, if not for an error.
static inline void wait_for(iree_hal_semaphore_t* semaphore, uint64_t value) {
  expect_ok(iree_hal_semaphore_wait(semaphore, value, iree_make_timeout_ms(60000)));
}

static inline iree_hal_executable_t* load_kernels(void) {
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(TEST_KERNEL_DIR "/libhal_test_kernels_100.so",
                                    iree_allocator_system(), &contents));
  iree_hal_executable_t* executable = NULL;
  expect_ok(tenon_hal_local_executable_create(contents->const_buffer, iree_allocator_system(),
                                              &executable));
  iree_file_contents_free(contents);
  return executable;
}

// The dispatches of testing/test_kernels.c.
enum { ADD_OFFSET, WINDOW, FAIL, DESCRIBE, FIXED };

// A buffer of |count| numbers, all |value|.
static inline iree_hal_buffer_t* create_numbers(iree_hal_device_t* device, iree_host_size_t count,
                                                int32_t value) {
  iree_hal_buffer_t* buffer = create_buffer(iree_hal_device_allocator(device), count * 4, NULL);
  expect_ok(iree_hal_buffer_map_fill(buffer, 0, IREE_WHOLE_BUFFER, &value, 4));
  return buffer;
}

// All numbers of the buffer must be |value|.
static inline void expect_numbers(iree_hal_buffer_t* buffer, int32_t value) {
  iree_hal_buffer_mapping_t mapping;
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                      IREE_HAL_MEMORY_ACCESS_READ, 0, IREE_WHOLE_BUFFER, &mapping));
  const int32_t* numbers = (const int32_t*)mapping.contents.data;
  for (iree_host_size_t i = 0; i < mapping.contents.data_length / 4; ++i) {
    if (numbers[i] != value) fail_msg("number %zu is %d, not %d", i, numbers[i], value);
  }
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
}

static inline int32_t ref_count(const void* resource) {
  return iree_atomic_ref_count_load(&((const iree_hal_resource_t*)resource)->ref_count);
}

#endif  // TENON_HAL_LOCAL_TESTING_LOCAL_TESTING_H_
