// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/api.h"

static void expect_code(iree_status_t status, iree_status_code_t code) {
  assert_int_equal(iree_status_consume_code(status), code);
}

static void test_spans(void** state) {
  char data[3];
  assert_true(iree_byte_span_is_empty(iree_byte_span_empty()));
  assert_true(iree_const_byte_span_is_empty(iree_const_byte_span_empty()));
  assert_false(iree_byte_span_is_empty(iree_make_byte_span(data, 3)));
  assert_ptr_equal(iree_make_const_byte_span(data, 3).data, data);
}

static void test_malloc_zeroes(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  uint8_t* data = NULL;
  IREE_CHECK_OK(iree_allocator_malloc(allocator, 1000, (void**)&data));
  for (int i = 0; i < 1000; ++i) assert_int_equal(data[i], 0);
  memset(data, 7, 1000);
  IREE_CHECK_OK(iree_allocator_realloc(allocator, 100000, (void**)&data));
  for (int i = 0; i < 1000; ++i) assert_int_equal(data[i], 7);
  void* clone = NULL;
  IREE_CHECK_OK(iree_allocator_clone(allocator, iree_make_const_byte_span(data, 1000), &clone));
  assert_memory_equal(clone, data, 1000);
  iree_allocator_free(allocator, clone);
  iree_allocator_free(allocator, data);
  iree_allocator_free(allocator, NULL);
  IREE_CHECK_OK(iree_allocator_malloc_array(allocator, 10, 8, (void**)&data));
  for (int i = 0; i < 80; ++i) assert_int_equal(data[i], 0);
  iree_allocator_free(allocator, data);
}

static void test_refusals(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  void* ptr = &allocator;
  expect_code(iree_allocator_malloc(allocator, 0, &ptr), IREE_STATUS_INVALID_ARGUMENT);
  assert_null(ptr);
  expect_code(iree_allocator_malloc_uninitialized(allocator, 0, &ptr),
              IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_realloc(allocator, 0, &ptr), IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_clone(allocator, iree_const_byte_span_empty(), &ptr),
              IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_malloc(allocator, SIZE_MAX / 2, &ptr), IREE_STATUS_RESOURCE_EXHAUSTED);
  expect_code(iree_allocator_malloc_array(allocator, SIZE_MAX / 2, 3, &ptr),
              IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_true(iree_allocator_is_null(iree_allocator_null()));
  assert_false(iree_allocator_is_null(allocator));
  expect_code(iree_allocator_malloc(iree_allocator_null(), 1, &ptr), IREE_STATUS_INVALID_ARGUMENT);
  iree_allocator_free(iree_allocator_null(), &ptr);

  // A failing realloc leaves the block alone.
  IREE_CHECK_OK(iree_allocator_malloc(allocator, 8, &ptr));
  void* before = ptr;
  expect_code(iree_allocator_realloc(allocator, SIZE_MAX / 2, &ptr),
              IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_ptr_equal(ptr, before);
  iree_allocator_free(allocator, ptr);

  expect_code(iree_allocator_malloc_aligned(allocator, 8, 24, 0, &ptr),
              IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_malloc_aligned(allocator, 8, 0, 0, &ptr),
              IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_malloc_aligned(allocator, 0, 8, 0, &ptr),
              IREE_STATUS_INVALID_ARGUMENT);
  expect_code(iree_allocator_malloc_aligned(allocator, SIZE_MAX - 4, 8, 0, &ptr),
              IREE_STATUS_RESOURCE_EXHAUSTED);
  assert_null(ptr);
  iree_allocator_free_aligned(allocator, NULL);
}

static void fill(uint8_t* data, iree_host_size_t length) {
  for (iree_host_size_t i = 0; i < length; ++i) data[i] = (uint8_t)(i * 7 + 1);
}
static void expect_filled(const uint8_t* data, iree_host_size_t length) {
  for (iree_host_size_t i = 0; i < length; ++i) assert_int_equal(data[i], (uint8_t)(i * 7 + 1));
}

static void test_alignment_and_offset(void** state) {
  tenon_failing_allocator_t counts;
  tenon_failing_allocator_initialize(0, &counts);
  iree_allocator_t allocator = tenon_failing_allocator(&counts);
  for (iree_host_size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (iree_host_size_t offset = 0; offset < 80; offset += 13) {
      uint8_t* data = NULL;
      for (iree_host_size_t length = 1; length < 40000; length = length * 5 + 1) {
        IREE_CHECK_OK(
            iree_allocator_realloc_aligned(allocator, length, alignment, offset, (void**)&data));
        assert_int_equal(((uintptr_t)data + offset) % alignment, 0);
        if (length > 1) expect_filled(data, (length - 1) / 5);
        fill(data, length);
      }
      IREE_CHECK_OK(
          iree_allocator_realloc_aligned(allocator, 10, alignment, offset, (void**)&data));
      expect_filled(data, 10);
      iree_allocator_free_aligned(allocator, data);
    }
  }
  assert_int_equal(counts.live_count, 0);
}

// Hands out each block at a new distance from an aligned address, so that a moved block must be put
// right.
typedef struct shifting_header_t {
  uint8_t* block;
  iree_host_size_t length;
} shifting_header_t;

static iree_status_t shifting_ctl(void* self, iree_allocator_command_t command, const void* params,
                                  void** inout_ptr) {
  int* shift = self;
  shifting_header_t* old = *inout_ptr ? (shifting_header_t*)*inout_ptr - 1 : NULL;
  if (command != IREE_ALLOCATOR_COMMAND_FREE) {
    iree_host_size_t length = ((const iree_allocator_alloc_params_t*)params)->byte_length;
    *shift = *shift % 7 + 1;
    uint8_t* block = malloc(length + 8 * sizeof(shifting_header_t));
    assert_non_null(block);
    shifting_header_t* header = (shifting_header_t*)block + *shift - 1;
    *header = (shifting_header_t){block, length};
    if (command != IREE_ALLOCATOR_COMMAND_REALLOC) old = NULL;
    if (old) memcpy(header + 1, old + 1, old->length < length ? old->length : length);
    *inout_ptr = header + 1;
  }
  if (old) free(old->block);
  return iree_ok_status();
}

static void test_aligned_realloc_of_a_moving_block(void** state) {
  int shift = 0;
  iree_allocator_t allocator = {&shift, shifting_ctl};
  uint8_t* data = NULL;
  IREE_CHECK_OK(iree_allocator_malloc_aligned(allocator, 100, 64, 0, (void**)&data));
  fill(data, 100);
  for (int i = 0; i < 20; ++i) {
    IREE_CHECK_OK(iree_allocator_realloc_aligned(allocator, 100, 64, 0, (void**)&data));
    assert_int_equal((uintptr_t)data % 64, 0);
    expect_filled(data, 100);
  }
  iree_allocator_free_aligned(allocator, data);
}

static iree_status_t allocate_some(iree_allocator_t allocator, void* user_data) {
  void *a = NULL, *b = NULL;
  iree_status_t status = iree_allocator_malloc(allocator, 10, &a);
  if (iree_status_is_ok(status)) status = iree_allocator_malloc_aligned(allocator, 10, 64, 0, &b);
  if (iree_status_is_ok(status)) status = iree_allocator_realloc(allocator, 1000, &a);
  if (iree_status_is_ok(status))
    status = iree_allocator_realloc_aligned(allocator, 1000, 64, 0, &b);
  iree_allocator_free(allocator, a);
  iree_allocator_free_aligned(allocator, b);
  return status;
}

static void test_every_failure(void** state) {
  assert_int_equal(tenon_test_for_each_failure(allocate_some, NULL), 4);
}

static void test_checked_sizes(void** state) {
  iree_host_size_t size = 0;
  assert_true(iree_host_size_checked_add(SIZE_MAX - 1, 1, &size) && size == SIZE_MAX);
  assert_false(iree_host_size_checked_add(SIZE_MAX, 1, &size));
  assert_true(iree_host_size_checked_mul(SIZE_MAX / 2, 2, &size) && size == SIZE_MAX - 1);
  assert_false(iree_host_size_checked_mul(SIZE_MAX / 2 + 1, 2, &size));
  assert_true(iree_host_size_checked_align(17, 16, &size) && size == 32);
  assert_false(iree_host_size_checked_align(SIZE_MAX - 2, 16, &size));
  iree_device_size_t device_size = 0;
  assert_true(iree_device_size_checked_add(1, 2, &device_size) && device_size == 3);
  assert_false(iree_device_size_checked_add(IREE_DEVICE_SIZE_MAX, 1, &device_size));
  assert_false(iree_device_size_checked_mul(IREE_DEVICE_SIZE_MAX, 2, &device_size));
  assert_false(iree_device_size_checked_align(IREE_DEVICE_SIZE_MAX, 64, &device_size));
  assert_int_equal(iree_host_align(0, 64), 0);
  assert_int_equal(iree_device_align(65, 64), 128);
  assert_true(iree_host_size_has_alignment(128, 64) && !iree_host_size_has_alignment(129, 64));
  assert_true(iree_device_size_has_alignment(0, 64) && !iree_device_size_has_alignment(32, 64));
  assert_true(iree_host_size_is_power_of_two(1) && !iree_host_size_is_power_of_two(0) &&
              !iree_host_size_is_power_of_two(12));
}

static void test_unaligned_access(void** state) {
  uint8_t bytes[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  assert_int_equal(iree_unaligned_load_le_u8(bytes + 1), 1);
  assert_int_equal(iree_unaligned_load_le_u16(bytes + 1), 0x0201);
  assert_int_equal(iree_unaligned_load_le_u32(bytes + 1), 0x04030201);
  assert_true(iree_unaligned_load_le_u64(bytes + 1) == 0x0807060504030201u);
  iree_unaligned_store_le_f64(bytes + 1, 1.5);
  assert_true(iree_unaligned_load_le_f64(bytes + 1) == 1.5);
  iree_unaligned_store_le_f32(bytes + 3, 2.5f);
  assert_true(iree_unaligned_load_le_f32(bytes + 3) == 2.5f);
  assert_int_equal(bytes[0], 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spans),
      cmocka_unit_test(test_malloc_zeroes),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_alignment_and_offset),
      cmocka_unit_test(test_aligned_realloc_of_a_moving_block),
      cmocka_unit_test(test_every_failure),
      cmocka_unit_test(test_checked_sizes),
      cmocka_unit_test(test_unaligned_access),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
