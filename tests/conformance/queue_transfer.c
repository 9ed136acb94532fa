// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What queue operations do to buffers: allocation, fill, update, copy. Checked against memcpy.
#include "conformance.h"

// Sizes on both sides of what devices do at once.
static const iree_device_size_t sizes[] = {64, 4096, 3 << 20};
enum { SIZE_COUNT = 3 };

static void fill_model(uint8_t* data, size_t offset, size_t length, const void* pattern,
                       size_t pattern_length) {
  for (size_t i = 0; i < length; i += pattern_length)
    memcpy(data + offset + i, pattern, pattern_length);
}

static void make_noise(uint8_t* data, size_t size, uint32_t seed) {
  for (size_t i = 0; i < size; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (uint8_t)(seed >> 24);
  }
}

// A buffer and what it must hold.
typedef struct pair_t {
  iree_hal_buffer_t* buffer;
  uint8_t* model;
  size_t size;
} pair_t;

static pair_t make_pair(ct_env_t* ct, size_t size, uint32_t seed) {
  pair_t pair = {NULL, malloc(size), size};
  make_noise(pair.model, size, seed);
  pair.buffer = create_buffer(iree_hal_device_allocator(ct->device), size, pair.model);
  return pair;
}

static void check_and_release(pair_t pair) {
  ct_expect_contents(pair.buffer, pair.model, pair.size);
  iree_hal_buffer_release(pair.buffer);
  free(pair.model);
}

static void test_fill(void** state) {
  ct_env_t* ct = *state;
  const uint8_t pattern[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};
  for (int s = 0; s < SIZE_COUNT; ++s) {
    pair_t pair = make_pair(ct, sizes[s], 1);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    uint64_t step = 0;
    for (size_t length = 1; length <= 8; length *= 2) {
      const size_t offset = length * 3, size = (sizes[s] - length * 5) / length * length;
      expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(done, step), AT(done, step + 1),
                                           pair.buffer, offset, size, pattern, length));
      fill_model(pair.model, offset, size, pattern, length);
      ++step;
    }
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(done, step), AT(done, step + 1),
                                         pair.buffer, 16, IREE_WHOLE_BUFFER, pattern + 4, 4));
    fill_model(pair.model, 16, sizes[s] - 16, pattern + 4, 4);
    ct_wait(done, step + 1);
    check_and_release(pair);
    iree_hal_semaphore_release(done);
  }
}

// Patterns and sources belong to the caller again as soon as the call returns.
static void test_sources_are_copied(void** state) {
  ct_env_t* ct = *state;
  for (int s = 0; s < SIZE_COUNT; ++s) {
    pair_t filled = make_pair(ct, sizes[s], 1), updated = make_pair(ct, sizes[s], 2);
    iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    iree_hal_semaphore_t* also_done = ct_semaphore(ct, 0);
    uint8_t pattern[4] = {1, 2, 3, 4};
    uint8_t* source = malloc(sizes[s]);
    make_noise(source, sizes[s], 3);
    fill_model(filled.model, 0, sizes[s], pattern, 4);
    memcpy(updated.model, source, sizes[s]);
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(gate, 1), AT(done, 1), filled.buffer, 0,
                                         sizes[s], pattern, 4));
    expect_ok(iree_hal_device_queue_update(ON(ct->device), AT(gate, 1), AT(also_done, 1), source, 0,
                                           updated.buffer, 0, sizes[s]));
    memset(pattern, 0xEE, sizeof(pattern));
    memset(source, 0xEE, sizes[s]);
    free(source);
    ct_expect_pending(done, 1);
    expect_ok(iree_hal_semaphore_signal(gate, 1));
    ct_wait(done, 1);
    ct_wait(also_done, 1);
    check_and_release(filled);
    check_and_release(updated);
    iree_hal_semaphore_release(gate);
    iree_hal_semaphore_release(done);
    iree_hal_semaphore_release(also_done);
  }
}

static void test_update_ranges(void** state) {
  ct_env_t* ct = *state;
  for (int s = 0; s < SIZE_COUNT; ++s) {
    pair_t pair = make_pair(ct, sizes[s], 4);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    uint8_t* source = malloc(sizes[s]);
    make_noise(source, sizes[s], 5);
    const size_t ranges[][3] = {
        {0, 1, 1}, {7, 13, 33}, {sizes[s] - 1, sizes[s] - 1, 1}, {3, 0, sizes[s] - 3}};
    for (int i = 0; i < 4; ++i) {
      expect_ok(iree_hal_device_queue_update(ON(ct->device), AT(done, (uint64_t)i),
                                             AT(done, (uint64_t)i + 1), source, ranges[i][0],
                                             pair.buffer, ranges[i][1], ranges[i][2]));
      memcpy(pair.model + ranges[i][1], source + ranges[i][0], ranges[i][2]);
    }
    ct_wait(done, 4);
    free(source);
    check_and_release(pair);
    iree_hal_semaphore_release(done);
  }
}

static void test_copy_ranges(void** state) {
  ct_env_t* ct = *state;
  for (int s = 0; s < SIZE_COUNT; ++s) {
    pair_t from = make_pair(ct, sizes[s], 6), to = make_pair(ct, sizes[s], 7);
    iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
    const size_t ranges[][3] = {
        {0, 1, 1}, {7, 13, 33}, {sizes[s] - 1, sizes[s] - 1, 1}, {3, 0, sizes[s] - 3}};
    for (int i = 0; i < 4; ++i) {
      expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(done, (uint64_t)i),
                                           AT(done, (uint64_t)i + 1), from.buffer, ranges[i][0],
                                           to.buffer, ranges[i][1], ranges[i][2]));
      memcpy(to.model + ranges[i][1], from.model + ranges[i][0], ranges[i][2]);
    }
    // Within one buffer; both ends touch.
    expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(done, 4), AT(done, 5), to.buffer, 0,
                                         to.buffer, 16, 16));
    memcpy(to.model + 16, to.model, 16);
    ct_wait(done, 5);
    check_and_release(from);
    check_and_release(to);
    iree_hal_semaphore_release(done);
  }
}

// Offsets are the subspan's own.
static void test_subspans(void** state) {
  ct_env_t* ct = *state;
  pair_t pair = make_pair(ct, 256, 8);
  iree_hal_buffer_t* front = NULL;
  iree_hal_buffer_t* back = NULL;
  expect_ok(iree_hal_buffer_subspan(pair.buffer, 32, 64, &front));
  expect_ok(iree_hal_buffer_subspan(pair.buffer, 128, 128, &back));
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), NONE, AT(done, 1), front, 8,
                                       IREE_WHOLE_BUFFER, "ab", 2));
  fill_model(pair.model, 40, 56, "ab", 2);
  expect_ok(
      iree_hal_device_queue_copy(ON(ct->device), AT(done, 1), AT(done, 2), front, 4, back, 64, 60));
  memcpy(pair.model + 192, pair.model + 36, 60);
  expect_ok(iree_hal_device_queue_update(ON(ct->device), AT(done, 2), AT(done, 3), "hello", 1, back,
                                         2, 4));
  memcpy(pair.model + 130, "ello", 4);
  iree_hal_buffer_release(front);
  iree_hal_buffer_release(back);
  ct_wait(done, 3);
  check_and_release(pair);
  iree_hal_semaphore_release(done);
}

// Empty ranges are legal everywhere, also at the end; they wait and signal all the same.
static void test_empty_ranges(void** state) {
  ct_env_t* ct = *state;
  pair_t pair = make_pair(ct, 64, 9);
  iree_hal_buffer_t* empty = create_buffer(iree_hal_device_allocator(ct->device), 0, NULL);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(done, 1), AT(done, 2), pair.buffer, 64, 0,
                                       "x", 1));
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(done, 2), AT(done, 3), empty, 0,
                                       IREE_WHOLE_BUFFER, "12345678", 8));
  expect_ok(iree_hal_device_queue_update(ON(ct->device), AT(done, 3), AT(done, 4), "x", 0,
                                         pair.buffer, 64, 0));
  expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(done, 4), AT(done, 5), pair.buffer, 64,
                                       empty, 0, 0));
  expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(done, 5), AT(done, 6), pair.buffer, 8,
                                       pair.buffer, 8, 0));
  ct_expect_value(done, 0);
  expect_ok(iree_hal_semaphore_signal(done, 1));
  ct_wait(done, 6);
  iree_hal_buffer_release(empty);
  check_and_release(pair);
  iree_hal_semaphore_release(done);
}

//===--- Queue-ordered allocation -------------------------------------------------------------===//

static iree_status_t alloca_at(ct_env_t* ct, iree_hal_semaphore_list_t wait,
                               iree_hal_semaphore_list_t signal, iree_device_size_t size,
                               iree_hal_buffer_t** out_buffer) {
  iree_hal_buffer_params_t params = {0};
  return iree_hal_device_queue_alloca(ON(ct->device), wait, signal, IREE_HAL_ALLOCATOR_POOL_DEFAULT,
                                      params, size, out_buffer);
}

// The handle is there before its memory may be used: its length is known, views of it can be made, and
// work that uses it can be submitted.
static void test_alloca_before_its_wait(void** state) {
  ct_env_t* ct = *state;
  for (int s = 0; s < SIZE_COUNT; ++s) {
    iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
    iree_hal_buffer_t* buffer = NULL;
    expect_ok(alloca_at(ct, AT(time, 1), AT(time, 2), sizes[s], &buffer));
    assert_non_null(buffer);
    assert_int_equal(iree_hal_buffer_byte_length(buffer), sizes[s]);
    iree_hal_buffer_t* half = NULL;
    expect_ok(iree_hal_buffer_subspan(buffer, sizes[s] / 2, IREE_WHOLE_BUFFER, &half));
    const iree_hal_dim_t shape[] = {4, sizes[s] / 16};
    iree_hal_buffer_view_t* view = NULL;
    expect_ok(iree_hal_buffer_view_create(buffer, 2, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_32,
                                          IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, ct->allocator,
                                          &view));
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, 2), AT(time, 3), buffer, 0,
                                         IREE_WHOLE_BUFFER, "\x11", 1));
    expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, 3), AT(time, 4), half, 0,
                                         IREE_WHOLE_BUFFER, "\x22", 1));
    ct_expect_value(time, 0);
    expect_ok(iree_hal_semaphore_signal(time, 1));
    ct_wait(time, 4);
    ct_expect_bytes(buffer, 0, sizes[s] / 2, 0x11);
    ct_expect_bytes(half, 0, sizes[s] / 2, 0x22);
    expect_ok(iree_hal_device_queue_dealloca(ON(ct->device), AT(time, 4), AT(time, 5), buffer));
    iree_hal_buffer_view_release(view);
    iree_hal_buffer_release(half);
    iree_hal_buffer_release(buffer);
    ct_wait(time, 5);
    iree_hal_semaphore_release(time);
  }
}

static void test_alloca_without_waiting(void** state) {
  ct_env_t* ct = *state;
  iree_hal_buffer_t* buffers[2];
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  expect_ok(alloca_at(ct, NONE, AT(time, 1), 100, &buffers[0]));
  ct_wait(time, 1);
  expect_ok(alloca_at(ct, NONE, NONE, 0, &buffers[1]));
  assert_int_equal(iree_hal_buffer_byte_length(buffers[1]), 0);
  expect_ok(iree_hal_buffer_map_fill(buffers[0], 0, 100, "\x33", 1));
  ct_expect_bytes(buffers[0], 0, 100, 0x33);
  for (int i = 0; i < 2; ++i) iree_hal_buffer_release(buffers[i]);
  iree_hal_semaphore_release(time);
}

static void test_alloca_that_fails(void** state) {
  ct_env_t* ct = *state;
  // What it waits for fails: nobody may use the buffer, and it can be released.
  iree_hal_semaphore_t* gate = ct_semaphore(ct, 0);
  iree_hal_semaphore_t* done = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(alloca_at(ct, AT(gate, 1), AT(done, 1), 1 << 20, &buffer));
  iree_hal_semaphore_fail(gate, iree_make_status(IREE_STATUS_DATA_LOSS, "no such file"));
  ct_expect_failed(done, 1, IREE_STATUS_DATA_LOSS, "no such file");
  iree_hal_buffer_release(buffer);
  iree_hal_semaphore_release(gate);
  iree_hal_semaphore_release(done);
  // Too much memory: told at once, or where it shows.
  done = ct_semaphore(ct, 0);
  buffer = NULL;
  iree_status_t status = alloca_at(ct, NONE, AT(done, 1), (iree_device_size_t)1 << 60, &buffer);
  if (iree_status_is_ok(status)) {
    ct_expect_failed(done, 1, IREE_STATUS_RESOURCE_EXHAUSTED, "");
    iree_hal_buffer_release(buffer);
  } else {
    ct_expect_refused(status, IREE_STATUS_RESOURCE_EXHAUSTED);
    ct_expect_pending(done, 1);
  }
  iree_hal_semaphore_release(done);
}

// Whoever still holds a reference may, but the work that used it is over first.
static void test_dealloca_in_order(void** state) {
  ct_env_t* ct = *state;
  iree_hal_semaphore_t* time = ct_semaphore(ct, 0);
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(alloca_at(ct, NONE, AT(time, 1), 4096, &buffer));
  pair_t copy = make_pair(ct, 4096, 10);
  expect_ok(iree_hal_device_queue_fill(ON(ct->device), AT(time, 2), AT(time, 3), buffer, 0, 4096,
                                       "\x44", 1));
  expect_ok(iree_hal_device_queue_copy(ON(ct->device), AT(time, 3), AT(time, 4), buffer, 0,
                                       copy.buffer, 0, 4096));
  expect_ok(iree_hal_device_queue_dealloca(ON(ct->device), AT(time, 4), AT(time, 5), buffer));
  iree_hal_buffer_release(buffer);
  memset(copy.model, 0x44, 4096);
  expect_ok(iree_hal_semaphore_signal(time, 2));
  ct_wait(time, 5);
  check_and_release(copy);
  iree_hal_semaphore_release(time);
}

int ct_run_queue_transfer(void) {
  const struct CMUnitTest tests[] = {
      CT_TEST(test_fill),
      CT_TEST(test_sources_are_copied),
      CT_TEST(test_update_ranges),
      CT_TEST(test_copy_ranges),
      CT_TEST(test_subspans),
      CT_TEST(test_empty_ranges),
      CT_TEST(test_alloca_before_its_wait),
      CT_TEST(test_alloca_without_waiting),
      CT_TEST(test_alloca_that_fails),
      CT_TEST(test_dealloca_in_order),
  };
  return cmocka_run_group_tests_name("queue_transfer", tests, NULL, NULL);
}
