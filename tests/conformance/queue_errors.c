// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Queue operations that are wrong: refused before anything happens, on buffers and semaphores alike.
#include "conformance.h"

enum { SIZE = 64 };

typedef struct fixture_t {
  ct_env_t* ct;
  iree_hal_buffer_t* buffer;
  iree_hal_buffer_t* target;
  iree_hal_semaphore_t* done;
} fixture_t;

static fixture_t open_fixture(void** state) {
  ct_env_t* ct = *state;
  fixture_t f = {ct, ct_buffer(ct, SIZE, 0x11), ct_buffer(ct, SIZE, 0x22), ct_semaphore(ct, 0)};
  return f;
}

// Nothing that was refused has left a trace.
static void close_fixture(fixture_t f) {
  ct_expect_value(f.done, 0);
  expect_ok(iree_hal_device_queue_barrier(ON(f.ct->device), NONE, AT(f.done, 1)));
  ct_wait(f.done, 1);
  ct_expect_bytes(f.buffer, 0, SIZE, 0x11);
  ct_expect_bytes(f.target, 0, SIZE, 0x22);
  iree_hal_buffer_release(f.buffer);
  iree_hal_buffer_release(f.target);
  iree_hal_semaphore_release(f.done);
}

static iree_status_t fill(fixture_t* f, iree_hal_buffer_t* buffer, iree_device_size_t offset,
                          iree_device_size_t length, iree_host_size_t pattern_length) {
  return iree_hal_device_queue_fill(ON(f->ct->device), NONE, AT(f->done, 1), buffer, offset, length,
                                    "12345678901234567", pattern_length);
}

static iree_status_t update(fixture_t* f, const void* source, iree_hal_buffer_t* buffer,
                            iree_device_size_t offset, iree_device_size_t length) {
  return iree_hal_device_queue_update(ON(f->ct->device), NONE, AT(f->done, 1), source, 0, buffer,
                                      offset, length);
}

static iree_status_t copy(fixture_t* f, iree_hal_buffer_t* source, iree_device_size_t source_offset,
                          iree_hal_buffer_t* target, iree_device_size_t target_offset,
                          iree_device_size_t length) {
  return iree_hal_device_queue_copy(ON(f->ct->device), NONE, AT(f->done, 1), source, source_offset,
                                    target, target_offset, length);
}

static void test_ranges(void** state) {
  fixture_t f = open_fixture(state);
  const iree_device_size_t bad[][2] = {{0, SIZE + 1}, {SIZE + 1, 0},         {SIZE, 1},
                                       {32, 33},      {UINT64_MAX - 1, 8},   {8, UINT64_MAX - 7},
                                       {1, SIZE},     {UINT64_MAX / 2, SIZE}};
  uint8_t source[2 * SIZE] = {0};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad); ++i) {
    const iree_device_size_t offset = bad[i][0], length = bad[i][1];
    ct_expect_refused(fill(&f, f.buffer, offset, length, 1), IREE_STATUS_OUT_OF_RANGE);
    ct_expect_refused(update(&f, source, f.buffer, offset, length), IREE_STATUS_OUT_OF_RANGE);
    ct_expect_refused(copy(&f, f.buffer, offset, f.target, 0, length), IREE_STATUS_OUT_OF_RANGE);
    ct_expect_refused(copy(&f, f.buffer, 0, f.target, offset, length), IREE_STATUS_OUT_OF_RANGE);
  }
  close_fixture(f);
}

static void test_patterns(void** state) {
  fixture_t f = open_fixture(state);
  const iree_host_size_t bad_lengths[] = {0, 3, 5, 6, 7, 9, 16, SIZE_MAX};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad_lengths); ++i)
    ct_expect_refused(fill(&f, f.buffer, 0, SIZE, bad_lengths[i]), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(fill(&f, f.buffer, 1, 8, 2), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(fill(&f, f.buffer, 4, 16, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(fill(&f, f.buffer, 0, 7, 4), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(
      iree_hal_device_queue_fill(ON(f.ct->device), NONE, AT(f.done, 1), f.buffer, 0, 8, NULL, 4),
      IREE_STATUS_INVALID_ARGUMENT);
  close_fixture(f);
}

static void test_null_handles(void** state) {
  fixture_t f = open_fixture(state);
  iree_hal_device_t* device = f.ct->device;
  ct_expect_refused(fill(&f, NULL, 0, 8, 1), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(update(&f, "12345678", NULL, 0, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(update(&f, NULL, f.buffer, 0, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(copy(&f, NULL, 0, f.target, 0, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(copy(&f, f.buffer, 0, NULL, 0, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(iree_hal_device_queue_dealloca(ON(device), NONE, AT(f.done, 1), NULL),
                    IREE_STATUS_INVALID_ARGUMENT);
  iree_hal_command_buffer_t* none = NULL;
  ct_expect_refused(iree_hal_device_queue_execute(ON(device), NONE, AT(f.done, 1), 1, &none),
                    IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(iree_hal_device_queue_barrier(ON(device), AT(NULL, 1), AT(f.done, 1)),
                    IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(iree_hal_device_queue_barrier(ON(device), NONE, AT2(f.done, 1, NULL, 1)),
                    IREE_STATUS_INVALID_ARGUMENT);
  close_fixture(f);
}

static void test_overlap(void** state) {
  fixture_t f = open_fixture(state);
  iree_hal_buffer_t* span = NULL;
  expect_ok(iree_hal_buffer_subspan(f.buffer, 16, 32, &span));
  ct_expect_refused(copy(&f, f.buffer, 0, f.buffer, 0, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(copy(&f, f.buffer, 0, f.buffer, 7, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(copy(&f, f.buffer, 8, f.buffer, 1, 8), IREE_STATUS_INVALID_ARGUMENT);
  ct_expect_refused(copy(&f, f.buffer, 16, span, 4, 8), IREE_STATUS_INVALID_ARGUMENT);
  iree_hal_buffer_release(span);
  close_fixture(f);
}

// What a buffer does not allow.
static void test_access(void** state) {
  fixture_t f = open_fixture(state);
  iree_hal_allocator_t* heap = iree_hal_device_allocator(f.ct->device);
  const uint8_t data[SIZE] = {0};
  iree_hal_buffer_params_t params = {0};
  params.access = IREE_HAL_MEMORY_ACCESS_READ;
  iree_hal_buffer_t* read_only = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(heap, params, SIZE,
                                               iree_make_const_byte_span(data, SIZE), &read_only));
  ct_expect_refused(fill(&f, read_only, 0, SIZE, 1), IREE_STATUS_PERMISSION_DENIED);
  ct_expect_refused(update(&f, data, read_only, 0, SIZE), IREE_STATUS_PERMISSION_DENIED);
  ct_expect_refused(copy(&f, f.buffer, 0, read_only, 0, SIZE), IREE_STATUS_PERMISSION_DENIED);
  iree_hal_semaphore_t* read = ct_semaphore(f.ct, 0);
  iree_hal_buffer_t* copied = ct_buffer(f.ct, SIZE, 0x55);
  expect_ok(iree_hal_device_queue_copy(ON(f.ct->device), NONE, AT(read, 1), read_only, 0, copied, 0,
                                       SIZE));
  ct_wait(read, 1);
  ct_expect_bytes(copied, 0, SIZE, 0);
  iree_hal_buffer_release(copied);
  iree_hal_semaphore_release(read);
  iree_hal_buffer_release(read_only);
  params.access = IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE;
  iree_hal_buffer_t* write_only = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(heap, params, SIZE,
                                               iree_make_const_byte_span(data, SIZE), &write_only));
  ct_expect_refused(copy(&f, write_only, 0, f.target, 0, SIZE), IREE_STATUS_PERMISSION_DENIED);
  iree_hal_buffer_release(write_only);
  close_fixture(f);
}

// A part of the queues: one queue is all there is.
static void test_affinity(void** state) {
  fixture_t f = open_fixture(state);
  iree_hal_semaphore_t* time = ct_semaphore(f.ct, 0);
  const iree_hal_queue_affinity_t masks[] = {1, 2, 3, (iree_hal_queue_affinity_t)1 << 63};
  for (uint64_t i = 0; i < 4; ++i) {
    expect_ok(iree_hal_device_queue_barrier(f.ct->device, masks[i], AT(time, i), AT(time, i + 1)));
    expect_ok(iree_hal_device_queue_flush(f.ct->device, masks[i]));
  }
  ct_wait(time, 4);
  iree_hal_semaphore_release(time);
  close_fixture(f);
}

static void test_alloca_arguments(void** state) {
  fixture_t f = open_fixture(state);
  iree_hal_buffer_params_t params = {0};
  params.min_alignment = 48;
  iree_hal_buffer_t* buffer = NULL;
  ct_expect_refused(
      iree_hal_device_queue_alloca(ON(f.ct->device), NONE, AT(f.done, 1),
                                   IREE_HAL_ALLOCATOR_POOL_DEFAULT, params, 64, &buffer),
      IREE_STATUS_INVALID_ARGUMENT);
  assert_null(buffer);
  close_fixture(f);
}

// A signal value that is not greater than the number fails that semaphore, and only that one.
static void test_signal_backwards(void** state) {
  ct_env_t* ct = *state;
  const uint64_t values[] = {1, 5, UINT64_MAX};
  for (int i = 0; i < 3; ++i) {
    iree_hal_semaphore_t* semaphore = ct_semaphore(ct, 5);
    iree_hal_semaphore_t* other = ct_semaphore(ct, 0);
    iree_hal_buffer_t* buffer = ct_buffer(ct, SIZE, 0x11);
    iree_status_t status = iree_hal_device_queue_fill(
        ON(ct->device), NONE, AT2(semaphore, values[i], other, 1), buffer, 0, SIZE, "\x22", 1);
    // Only what is beyond all numbers can be told beforehand.
    if (values[i] == UINT64_MAX && !iree_status_is_ok(status)) {
      ct_expect_refused(status, IREE_STATUS_OUT_OF_RANGE);
      ct_expect_value(semaphore, 5);
    } else {
      expect_ok(status);
      ct_wait(other, 1);
      ct_expect_bytes(buffer, 0, SIZE, 0x22);
      ct_expect_failed(semaphore, 6, IREE_STATUS_OUT_OF_RANGE, "");
    }
    iree_hal_buffer_release(buffer);
    iree_hal_semaphore_release(semaphore);
    iree_hal_semaphore_release(other);
  }
}

int ct_run_queue_errors(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_ranges),           CT_TEST(test_patterns),         CT_TEST(test_null_handles),
      CT_TEST(test_overlap),          CT_TEST(test_access),           CT_TEST(test_affinity),
      CT_TEST(test_alloca_arguments), CT_TEST(test_signal_backwards),
  };
  return cmocka_run_group_tests_name("queue_errors", tests, NULL, NULL);
}
