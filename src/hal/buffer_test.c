// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/testing/hal_testing.h"

static iree_hal_allocator_t* heap;

static int setup(void** state) {
  heap = create_heap();
  return 0;
}

static int teardown(void** state) {
  iree_hal_allocator_release(heap);
  return 0;
}

// A buffer of 0, 1, 2, ...
static iree_hal_buffer_t* create_counting(iree_device_size_t size) {
  uint8_t data[256];
  for (int i = 0; i < 256; ++i) data[i] = (uint8_t)i;
  return create_buffer(heap, size, data);
}

static iree_hal_buffer_t* create_with_access(iree_hal_memory_access_t access) {
  const iree_hal_buffer_params_t params = {.access = access};
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(
      iree_hal_allocator_allocate_buffer(heap, params, 16, iree_const_byte_span_empty(), &buffer));
  return buffer;
}

static void test_map_scoped_keeps_the_buffer(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_mapping_t mapping;
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                      IREE_HAL_MEMORY_ACCESS_READ, 4, IREE_WHOLE_BUFFER, &mapping));
  iree_hal_buffer_release(buffer);
  assert_int_equal(mapping.contents.data_length, 12);
  for (int i = 0; i < 12; ++i) assert_int_equal(mapping.contents.data[i], i + 4);
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
  assert_null(mapping.buffer);
  assert_null(mapping.contents.data);
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
}

static void test_map_persistent(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_mapping_t mapping;
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_PERSISTENT,
                                      IREE_HAL_MEMORY_ACCESS_ALL, 0, 16, &mapping));
  mapping.contents.data[3] = 77;
  uint8_t value = 0;
  expect_ok(iree_hal_buffer_map_read(buffer, 3, &value, 1));
  assert_int_equal(value, 77);
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
  iree_hal_buffer_release(buffer);
}

static void test_map_refusals_leave_zero(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_mapping_t mapping;
  memset(&mapping, 0xEE, sizeof(mapping));
  expect_failure(iree_hal_buffer_map_range(buffer, 0, IREE_HAL_MEMORY_ACCESS_READ, 0, 1, &mapping),
                 IREE_STATUS_INVALID_ARGUMENT, "SCOPED or PERSISTENT; it is 0x0");
  assert_null(mapping.contents.data);
  assert_null(mapping.buffer);
  expect_failure(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                           IREE_HAL_MEMORY_ACCESS_DISCARD, 0, 1, &mapping),
                 IREE_STATUS_INVALID_ARGUMENT, "READ or WRITE; it is 0x4");
  expect_failure(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                           IREE_HAL_MEMORY_ACCESS_READ, 9, 8, &mapping),
                 IREE_STATUS_OUT_OF_RANGE,
                 "the range of 8 bytes at offset 9 does not lie in the 16 bytes");
  expect_failure(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                           IREE_HAL_MEMORY_ACCESS_READ, SIZE_MAX - 2, 8, &mapping),
                 IREE_STATUS_OUT_OF_RANGE, "the 16 bytes");
  expect_failure(
      iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED, IREE_HAL_MEMORY_ACCESS_READ,
                                17, IREE_WHOLE_BUFFER, &mapping),
      IREE_STATUS_OUT_OF_RANGE, "offset 17 lies behind the end of the 16 bytes");
  iree_hal_buffer_release(buffer);
}

static void test_access_is_enforced(void** state) {
  iree_hal_buffer_t* buffer = create_with_access(IREE_HAL_MEMORY_ACCESS_READ);
  expect_failure(iree_hal_buffer_map_zero(buffer, 0, 4), IREE_STATUS_PERMISSION_DENIED,
                 "allows the access READ, but the operation needs DISCARD_WRITE");
  uint8_t byte = 0;
  expect_ok(iree_hal_buffer_map_read(buffer, 0, &byte, 1));
  iree_hal_buffer_release(buffer);

  buffer = create_with_access(IREE_HAL_MEMORY_ACCESS_WRITE);
  // Discarding is a hint, not a right of its own.
  expect_ok(iree_hal_buffer_map_write(buffer, 0, &byte, 1));
  expect_failure(iree_hal_buffer_map_read(buffer, 0, &byte, 1), IREE_STATUS_PERMISSION_DENIED,
                 "allows the access WRITE, but the operation needs READ");
  iree_hal_buffer_release(buffer);

  buffer = create_with_access(IREE_HAL_MEMORY_ACCESS_ANY);
  expect_ok(iree_hal_buffer_map_write(buffer, 0, &byte, 1));
  expect_ok(iree_hal_buffer_map_read(buffer, 0, &byte, 1));
  iree_hal_buffer_release(buffer);
}

static void test_validation(void** state) {
  expect_ok(iree_hal_buffer_validate_memory_type(IREE_HAL_MEMORY_TYPE_HOST_LOCAL,
                                                 IREE_HAL_MEMORY_TYPE_HOST_VISIBLE));
  expect_failure(iree_hal_buffer_validate_memory_type(IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL,
                                                      IREE_HAL_MEMORY_TYPE_HOST_VISIBLE),
                 IREE_STATUS_PERMISSION_DENIED,
                 "of type DEVICE_LOCAL, but the operation needs HOST_VISIBLE");
  expect_ok(iree_hal_buffer_validate_usage(IREE_HAL_BUFFER_USAGE_DEFAULT,
                                           IREE_HAL_BUFFER_USAGE_TRANSFER_SOURCE));
  expect_failure(
      iree_hal_buffer_validate_usage(IREE_HAL_BUFFER_USAGE_DEFAULT, IREE_HAL_BUFFER_USAGE_MAPPING),
      IREE_STATUS_PERMISSION_DENIED,
      "the usage TRANSFER|DISPATCH_STORAGE, but the operation needs MAPPING");
  iree_bitfield_string_temp_t temp;
  iree_string_view_t text = iree_hal_buffer_usage_format(0xFFFFFFFFu, &temp);
  assert_true(text.size > 0);
  text = iree_hal_memory_type_format(IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_HOST, &temp);
  assert_string_equal(text.data, "OPTIMAL_FOR_HOST");
}

static void test_queries(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_t* span = NULL;
  expect_ok(iree_hal_buffer_subspan(buffer, 4, 8, &span));
  iree_hal_buffer_t* inner = NULL;
  expect_ok(iree_hal_buffer_subspan(span, 2, IREE_WHOLE_BUFFER, &inner));
  iree_hal_buffer_release(span);
  assert_ptr_equal(iree_hal_buffer_allocated_buffer(inner), buffer);
  assert_ptr_equal(iree_hal_buffer_allocated_buffer(buffer), buffer);
  iree_hal_buffer_release(buffer);
  assert_int_equal(iree_hal_buffer_allocation_size(inner), 16);
  assert_int_equal(iree_hal_buffer_byte_offset(inner), 6);
  assert_int_equal(iree_hal_buffer_byte_length(inner), 6);
  assert_int_equal(iree_hal_buffer_memory_type(inner), IREE_HAL_MEMORY_TYPE_OPTIMAL |
                                                           IREE_HAL_MEMORY_TYPE_HOST_VISIBLE |
                                                           IREE_HAL_MEMORY_TYPE_HOST_COHERENT);
  assert_int_equal(iree_hal_buffer_allowed_access(inner), IREE_HAL_MEMORY_ACCESS_ALL);
  assert_int_equal(iree_hal_buffer_allowed_usage(inner),
                   IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING);
  uint8_t data[6];
  expect_ok(iree_hal_buffer_map_read(inner, 0, data, 6));
  for (int i = 0; i < 6; ++i) assert_int_equal(data[i], 6 + i);
  expect_failure(iree_hal_buffer_map_read(inner, 1, data, 6), IREE_STATUS_OUT_OF_RANGE,
                 "lie in the 6 bytes");
  iree_hal_buffer_release(inner);
}

static void test_subspan_of_all_is_the_buffer(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_t* span = NULL;
  expect_ok(iree_hal_buffer_subspan(buffer, 0, 16, &span));
  assert_ptr_equal(span, buffer);
  iree_hal_buffer_release(span);
  expect_ok(iree_hal_buffer_subspan(buffer, 16, IREE_WHOLE_BUFFER, &span));
  assert_int_equal(iree_hal_buffer_byte_length(span), 0);
  iree_hal_buffer_release(span);
  expect_failure(iree_hal_buffer_subspan(buffer, 8, 9, &span), IREE_STATUS_OUT_OF_RANGE,
                 "9 bytes at offset 8");
  assert_null(span);
  iree_hal_buffer_release(buffer);
}

static void test_overlap(void** state) {
  iree_hal_buffer_t* buffer = create_counting(32);
  iree_hal_buffer_t* other = create_counting(32);
  iree_hal_buffer_t* span = NULL;
  expect_ok(iree_hal_buffer_subspan(buffer, 8, 8, &span));
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 8, 8, span, 0, IREE_WHOLE_BUFFER),
                   IREE_HAL_BUFFER_OVERLAP_COMPLETE);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 0, 9, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_PARTIAL);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 15, 9, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_PARTIAL);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 0, 8, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_DISJOINT);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 16, IREE_WHOLE_BUFFER, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_DISJOINT);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 10, 0, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_DISJOINT);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 0, 8, other, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_DISJOINT);
  assert_int_equal(iree_hal_buffer_test_overlap(buffer, 0, 99, span, 0, 8),
                   IREE_HAL_BUFFER_OVERLAP_DISJOINT);
  iree_hal_buffer_release(span);
  iree_hal_buffer_release(other);
  iree_hal_buffer_release(buffer);
}

static void test_fill(void** state) {
  iree_hal_buffer_t* buffer = create_counting(64);
  uint8_t data[64];
  for (iree_host_size_t size = 1; size <= 8; size *= 2) {
    const uint8_t pattern[8] = {0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x17, 0x28};
    expect_ok(iree_hal_buffer_map_fill(buffer, 8, 48, pattern, size));
    expect_ok(iree_hal_buffer_map_read(buffer, 0, data, 64));
    for (iree_host_size_t i = 0; i < 64; ++i) {
      assert_int_equal(data[i], i < 8 || i >= 56 ? i : pattern[(i - 8) % size]);
    }
  }
  expect_ok(iree_hal_buffer_map_zero(buffer, 8, 3));
  expect_ok(iree_hal_buffer_map_read(buffer, 8, data, 4));
  assert_memory_equal(data, "\0\0\0\xD4", 4);
  expect_ok(iree_hal_buffer_map_fill(buffer, 64, 0, data, 4));
  expect_failure(iree_hal_buffer_map_fill(buffer, 0, 4, data, 3), IREE_STATUS_INVALID_ARGUMENT,
                 "1, 2, 4 or 8 bytes; this one has 3");
  expect_failure(iree_hal_buffer_map_fill(buffer, 2, 4, data, 4), IREE_STATUS_INVALID_ARGUMENT,
                 "4 bytes at offset 2, is not a multiple of the pattern's 4 bytes");
  expect_failure(iree_hal_buffer_map_fill(buffer, 0, 6, data, 4), IREE_STATUS_INVALID_ARGUMENT,
                 "6 bytes at offset 0");
  expect_failure(iree_hal_buffer_map_fill(buffer, 0, 68, data, 4), IREE_STATUS_OUT_OF_RANGE,
                 "68 bytes");
  iree_hal_buffer_release(buffer);
}

static void test_copy(void** state) {
  iree_hal_buffer_t* source = create_counting(32);
  iree_hal_buffer_t* target = create_buffer(heap, 8, "--------");
  uint8_t data[8];
  expect_ok(iree_hal_buffer_map_copy(source, 16, target, 2, 4));
  expect_ok(iree_hal_buffer_map_read(target, 0, data, 8));
  assert_memory_equal(data, "--\x10\x11\x12\x13--", 8);
  // As much as both have.
  expect_ok(iree_hal_buffer_map_copy(source, 0, target, 4, IREE_WHOLE_BUFFER));
  expect_ok(iree_hal_buffer_map_read(target, 0, data, 8));
  assert_memory_equal(data, "--\x10\x11\0\1\2\3", 8);
  // Within one allocation.
  expect_ok(iree_hal_buffer_map_copy(source, 0, source, 4, 4));
  expect_failure(iree_hal_buffer_map_copy(source, 0, source, 3, 4), IREE_STATUS_INVALID_ARGUMENT,
                 "4 bytes from offset 0 to offset 3 of one allocation");
  expect_ok(iree_hal_buffer_map_copy(source, 5, source, 5, 0));
  expect_failure(iree_hal_buffer_map_copy(source, 0, target, 5, 4), IREE_STATUS_OUT_OF_RANGE,
                 "4 bytes at offset 5");
  expect_failure(iree_hal_buffer_map_copy(source, 30, target, 0, 4), IREE_STATUS_OUT_OF_RANGE,
                 "4 bytes at offset 30");
  iree_hal_buffer_release(target);
  target = create_with_access(IREE_HAL_MEMORY_ACCESS_READ);
  expect_failure(iree_hal_buffer_map_copy(source, 0, target, 0, 4), IREE_STATUS_PERMISSION_DENIED,
                 "allows the access READ");
  iree_hal_buffer_release(target);
  iree_hal_buffer_release(source);
}

static void test_mapping_ranges(void** state) {
  iree_hal_buffer_t* buffer = create_counting(16);
  iree_hal_buffer_mapping_t mapping;
  memset(&mapping, 0, sizeof(mapping));
  iree_byte_span_t span;
  expect_failure(iree_hal_buffer_mapping_flush_range(&mapping, 0, 1),
                 IREE_STATUS_FAILED_PRECONDITION, "not mapped");
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                      IREE_HAL_MEMORY_ACCESS_READ, 4, 8, &mapping));
  expect_ok(iree_hal_buffer_mapping_invalidate_range(&mapping, 0, IREE_WHOLE_BUFFER));
  expect_failure(iree_hal_buffer_mapping_invalidate_range(&mapping, 4, 5), IREE_STATUS_OUT_OF_RANGE,
                 "in the 8 bytes");
  expect_failure(iree_hal_buffer_mapping_invalidate_range(&mapping, 9, IREE_WHOLE_BUFFER),
                 IREE_STATUS_OUT_OF_RANGE, "offset 9");
  expect_failure(iree_hal_buffer_mapping_flush_range(&mapping, 0, 8), IREE_STATUS_PERMISSION_DENIED,
                 "WRITE");
  expect_ok(iree_hal_buffer_mapping_subspan(&mapping, IREE_HAL_MEMORY_ACCESS_READ, 2,
                                            IREE_WHOLE_BUFFER, &span));
  assert_int_equal(span.data_length, 6);
  assert_int_equal(span.data[0], 6);
  expect_failure(
      iree_hal_buffer_mapping_subspan(&mapping, IREE_HAL_MEMORY_ACCESS_WRITE, 0, 1, &span),
      IREE_STATUS_PERMISSION_DENIED, "WRITE");
  assert_null(span.data);
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                      IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE, 0, 8, &mapping));
  expect_ok(iree_hal_buffer_mapping_flush_range(&mapping, 0, 8));
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
  iree_hal_buffer_release(buffer);
}

static void test_nothing(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 0, NULL);
  iree_hal_buffer_mapping_t mapping;
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                      IREE_HAL_MEMORY_ACCESS_ALL, 0, IREE_WHOLE_BUFFER, &mapping));
  assert_int_equal(mapping.contents.data_length, 0);
  expect_ok(iree_hal_buffer_unmap_range(&mapping));
  expect_ok(iree_hal_buffer_map_read(buffer, 0, NULL, 0));
  expect_ok(iree_hal_buffer_map_write(buffer, 0, NULL, 0));
  expect_ok(iree_hal_buffer_map_zero(buffer, 0, IREE_WHOLE_BUFFER));
  expect_ok(iree_hal_buffer_map_copy(buffer, 0, buffer, 0, IREE_WHOLE_BUFFER));
  iree_hal_buffer_release(buffer);
  iree_hal_buffer_retain(NULL);
  iree_hal_buffer_release(NULL);
}

//===--- A buffer of someone else's making ----------------------------------------------------===//
// Memory that isn't coherent: reads must invalidate, writes flush.

typedef struct staged_buffer_t {
  iree_hal_buffer_t base;
  uint8_t host[16];
  uint8_t device[16];
  bool fail_map;
} staged_buffer_t;

static void staged_destroy(iree_hal_buffer_t* buffer) {}
static iree_status_t staged_map(iree_hal_buffer_t* buffer, iree_hal_mapping_mode_t mode,
                                iree_hal_memory_access_t access, iree_device_size_t offset,
                                iree_device_size_t length, iree_hal_buffer_mapping_t* mapping) {
  staged_buffer_t* staged = (staged_buffer_t*)buffer;
  if (staged->fail_map) return iree_make_status(IREE_STATUS_UNAVAILABLE, "no mapping today");
  mapping->contents = iree_make_byte_span(staged->host + offset, length);
  return iree_ok_status();
}
static iree_status_t staged_unmap(iree_hal_buffer_t* buffer, iree_device_size_t offset,
                                  iree_device_size_t length, iree_hal_buffer_mapping_t* mapping) {
  return iree_ok_status();
}
static iree_status_t staged_invalidate(iree_hal_buffer_t* buffer, iree_device_size_t offset,
                                       iree_device_size_t length) {
  staged_buffer_t* staged = (staged_buffer_t*)buffer;
  memcpy(staged->host + offset, staged->device + offset, length);
  return iree_ok_status();
}
static iree_status_t staged_flush(iree_hal_buffer_t* buffer, iree_device_size_t offset,
                                  iree_device_size_t length) {
  staged_buffer_t* staged = (staged_buffer_t*)buffer;
  memcpy(staged->device + offset, staged->host + offset, length);
  return iree_ok_status();
}

static void test_incoherent_memory(void** state) {
  static const iree_hal_buffer_vtable_t vtable = {staged_destroy, staged_map, staged_unmap,
                                                  staged_invalidate, staged_flush};
  staged_buffer_t staged = {.device = "device's bytes!"};
  iree_hal_buffer_initialize(iree_allocator_system(), NULL, &staged.base, 16, 0, 16,
                             IREE_HAL_MEMORY_TYPE_HOST_VISIBLE | IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL,
                             IREE_HAL_MEMORY_ACCESS_ALL, IREE_HAL_BUFFER_USAGE_DEFAULT, &vtable,
                             &staged.base);
  char text[16];
  expect_ok(iree_hal_buffer_map_read(&staged.base, 0, text, 16));
  assert_string_equal(text, "device's bytes!");
  expect_ok(iree_hal_buffer_map_write(&staged.base, 0, "DEVICE", 6));
  assert_string_equal((char*)staged.device, "DEVICE's bytes!");
  iree_hal_buffer_mapping_t mapping;
  expect_failure(iree_hal_buffer_map_range(&staged.base, IREE_HAL_MAPPING_MODE_PERSISTENT,
                                           IREE_HAL_MEMORY_ACCESS_READ, 0, 1, &mapping),
                 IREE_STATUS_PERMISSION_DENIED, "MAPPING");
  staged.fail_map = true;
  expect_failure(iree_hal_buffer_map_write(&staged.base, 0, "x", 1), IREE_STATUS_UNAVAILABLE,
                 "no mapping today");
  iree_hal_buffer_release(&staged.base);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_map_scoped_keeps_the_buffer),
      cmocka_unit_test(test_map_persistent),
      cmocka_unit_test(test_map_refusals_leave_zero),
      cmocka_unit_test(test_access_is_enforced),
      cmocka_unit_test(test_validation),
      cmocka_unit_test(test_queries),
      cmocka_unit_test(test_subspan_of_all_is_the_buffer),
      cmocka_unit_test(test_overlap),
      cmocka_unit_test(test_fill),
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_mapping_ranges),
      cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_incoherent_memory),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
