// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conformance of devices: what the headers under include/ promise of every device, checked on the device
// that the command line names. README.md says how to run it, also on a driver of your own.
//
// Each test gets a fresh device, whose every allocation is counted; after the test none may be alive.

#ifndef TENON_TESTS_CONFORMANCE_CONFORMANCE_H_
#define TENON_TESTS_CONFORMANCE_CONFORMANCE_H_

#include "base/testing/failing_allocator.h"
#include "hal/testing/hal_testing.h"

// Which device: the first of an executor's parameters that is set asks for a device of
// tenon/task_device.h instead of one of a registered driver.
typedef struct ct_config_t {
  const char* uri;
  const char* other_uri;  // of the second device; NULL: as the first
  bool has_executor;
  bool is_shared;        // both devices on one executor
  int64_t worker_count;  // < 0: default
  int64_t inline_size;   // < 0: default
} ct_config_t;

extern ct_config_t ct_config;

// Takes the options that describe devices out of the command line. False for a malformed one.
bool ct_parse_option(const char* argument);

// What a test works with.
typedef struct ct_env_t {
  tenon_failing_allocator_t allocations;
  iree_allocator_t allocator;
  // Two devices that are not the same one. A test that releases one sets it to NULL.
  iree_hal_device_t* device;
  iree_hal_device_t* other;
} ct_env_t;

void ct_open(ct_env_t* ct);
// Releases the devices and fails unless everything is freed, now or soon: threads may still be on
// their way out.
void ct_close(ct_env_t* ct);

// For cmocka: *state is the ct_env_t.
int ct_setup(void** state);
int ct_teardown(void** state);
#define CT_TEST(name) cmocka_unit_test_setup_teardown(name, ct_setup, ct_teardown)

// The groups; each runs its tests and returns the number of failures.
int ct_run_semaphores(void);
int ct_run_waiting(void);
int ct_run_fences(void);
int ct_run_queue_transfer(void);
int ct_run_queue_errors(void);
int ct_run_queue_order(void);
int ct_run_command_buffers(void);
int ct_run_dispatches(void);
int ct_run_failures(void);
int ct_run_lifetime(void);
int ct_run_threads(void);

// ---- Writing tests ------------------------------------------------------------------------------

// The first arguments of queue operations: queue_barrier(ON(ct->device), NONE, AT(semaphore, 1)).
#define ON(device) (device), IREE_HAL_QUEUE_AFFINITY_ANY
#define NONE iree_hal_semaphore_list_empty()
#define AT(semaphore, value) \
  ct_list(1, (iree_hal_semaphore_t*[]){(semaphore)}, (uint64_t[]){(value)})
#define AT2(a, a_value, b, b_value) \
  ct_list(2, (iree_hal_semaphore_t*[]){(a), (b)}, (uint64_t[]){(a_value), (b_value)})

static inline iree_hal_semaphore_list_t ct_list(iree_host_size_t count,
                                                iree_hal_semaphore_t** semaphores,
                                                uint64_t* values) {
  iree_hal_semaphore_list_t list = {count, semaphores, values};
  return list;
}

// Longer than anything takes; a wait that gets there has found a hang.
static inline iree_timeout_t ct_long_time(void) { return iree_make_timeout_ms(60 * 1000); }

iree_hal_semaphore_t* ct_semaphore(ct_env_t* ct, uint64_t initial_value);
// A buffer of the first device, filled with |byte|.
iree_hal_buffer_t* ct_buffer(ct_env_t* ct, iree_device_size_t size, uint8_t byte);
// A one-shot (or reusable: |mode| 0) command buffer for anything, begun.
iree_hal_command_buffer_t* ct_begin(ct_env_t* ct, iree_hal_command_buffer_mode_t mode);

// Waits for the point, which must be reached.
void ct_wait(iree_hal_semaphore_t* semaphore, uint64_t value);
// The number must be |value|, now.
void ct_expect_value(iree_hal_semaphore_t* semaphore, uint64_t value);
// Nobody has reached the point or failed the semaphore.
void ct_expect_pending(iree_hal_semaphore_t* semaphore, uint64_t value);
// Waits until the semaphore has failed; a query must give the failure with |code| and |part| in its
// text, a wait for |value| ABORTED with both in its text.
void ct_expect_failed(iree_hal_semaphore_t* semaphore, uint64_t value, iree_status_code_t code,
                      const char* part);
// All |size| bytes of the buffer from |offset| on must be |byte|.
void ct_expect_bytes(iree_hal_buffer_t* buffer, iree_device_size_t offset, iree_device_size_t size,
                     uint8_t byte);
// The buffer's contents must be these.
void ct_expect_contents(iree_hal_buffer_t* buffer, const void* expected, iree_device_size_t size);
// The status must be a failure of this code with a message. Consumes it.
void ct_expect_refused(iree_status_t status, iree_status_code_t code);

// The executable of kernels.c, loaded, and its dispatches.
iree_hal_executable_t* ct_load_kernels(iree_allocator_t allocator);
enum {
  // (in: n i32, out: n i32; n, c): out[i] = in[i] * 3 + c
  CT_KERNEL_SCALE,
  // (data: n i32; n, c): data[i] += c. Shows tiles that run twice or never.
  CT_KERNEL_ADD,
  // (; code): fails with the code
  CT_KERNEL_FAIL,
  // (out: n i32; n, bad): out[i] = 1; fails with 9 in the tile that holds element |bad|
  CT_KERNEL_FAIL_AT,
  // (out: n i32; n): out[i] = the worker that computed it
  CT_KERNEL_WORKER,
};

// A thread of a test. Assertions are not for threads: they hand back what they saw.
typedef struct ct_thread_t {
  uintptr_t handle;
} ct_thread_t;
ct_thread_t ct_start(void* (*entry)(void*), void* argument);
void ct_join(ct_thread_t thread);
// A pause that lets others run, of no certain length.
void ct_pause_us(uint32_t microseconds);

#endif  // TENON_TESTS_CONFORMANCE_CONFORMANCE_H_
