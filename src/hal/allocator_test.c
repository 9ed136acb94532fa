// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <pthread.h>

#include "hal/testing/hal_testing.h"

static iree_hal_buffer_t* allocate(iree_hal_allocator_t* heap, iree_hal_buffer_params_t params,
                                   iree_device_size_t size) {
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(heap, params, size, iree_const_byte_span_empty(),
                                               &buffer));
  return buffer;
}

static uint8_t* contents_of(iree_hal_buffer_t* buffer) {
  iree_hal_buffer_mapping_t mapping;
  expect_ok(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_PERSISTENT,
                                      IREE_HAL_MEMORY_ACCESS_READ, 0, IREE_WHOLE_BUFFER, &mapping));
  return mapping.contents.data;
}

static void test_params(void** state) {
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_params_canonicalize(&params);
  assert_int_equal(params.usage, 0xC03);
  assert_int_equal(params.access, 7);
  assert_int_equal(params.type, 1);
  assert_true(params.queue_affinity == IREE_HAL_QUEUE_AFFINITY_ANY);
  assert_int_equal(params.min_alignment, 0);
  params = iree_hal_buffer_params_with_usage((iree_hal_buffer_params_t){0},
                                             IREE_HAL_BUFFER_USAGE_MAPPING);
  assert_int_equal(params.usage, 0x09000C03);
  // The values that programs may have compiled in.
  assert_int_equal(IREE_HAL_MEMORY_TYPE_HOST_LOCAL, 0x26);
  assert_int_equal(IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL, 0x30);
  assert_int_equal(IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_HOST, 0x27);
  assert_int_equal(IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE, 0x31);
}

static void test_alignment(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  for (iree_device_size_t size = 0; size < 200; size += 13) {
    iree_hal_buffer_t* buffer = allocate(heap, (iree_hal_buffer_params_t){0}, size);
    assert_int_equal((uintptr_t)contents_of(buffer) % 64, 0);
    iree_hal_buffer_release(buffer);
  }
  for (iree_device_size_t alignment = 1; alignment <= 1 << 16; alignment *= 2) {
    iree_hal_buffer_t* buffer =
        allocate(heap, (iree_hal_buffer_params_t){.min_alignment = alignment}, 100);
    uint8_t* data = contents_of(buffer);
    assert_int_equal((uintptr_t)data % alignment, 0);
    data[0] = data[99] = 1;
    iree_hal_buffer_release(buffer);
  }
  iree_hal_buffer_t* buffer = NULL;
  expect_failure(
      iree_hal_allocator_allocate_buffer(heap, (iree_hal_buffer_params_t){.min_alignment = 48}, 1,
                                         iree_const_byte_span_empty(), &buffer),
      IREE_STATUS_INVALID_ARGUMENT, "power of two; it is 48");
  assert_null(buffer);
  iree_hal_allocator_release(heap);
}

static void test_initial_data(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  iree_hal_buffer_t* buffer = NULL;
  // Initial contents are no access of the user's.
  const iree_hal_buffer_params_t params = {.access = IREE_HAL_MEMORY_ACCESS_READ};
  expect_ok(iree_hal_allocator_allocate_buffer(heap, params, 8,
                                               iree_make_const_byte_span("abcd", 4), &buffer));
  assert_memory_equal(contents_of(buffer), "abcd", 4);
  iree_hal_buffer_release(buffer);
  expect_failure(iree_hal_allocator_allocate_buffer(heap, params, 3,
                                                    iree_make_const_byte_span("abcd", 4), &buffer),
                 IREE_STATUS_OUT_OF_RANGE,
                 "4 bytes of initial data do not fit in a buffer of 3 bytes");
  assert_null(buffer);
  iree_hal_allocator_release(heap);
}

static void test_impossible_sizes(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  iree_hal_buffer_t* buffer = NULL;
  const iree_device_size_t sizes[] = {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX / 2, SIZE_MAX / 2 - 1000};
  for (size_t i = 0; i < IREE_ARRAYSIZE(sizes); ++i) {
    expect_failure(iree_hal_allocator_allocate_buffer(heap, (iree_hal_buffer_params_t){0}, sizes[i],
                                                      iree_const_byte_span_empty(), &buffer),
                   IREE_STATUS_RESOURCE_EXHAUSTED, "");
    assert_null(buffer);
  }
  expect_failure(iree_hal_allocator_allocate_buffer(
                     heap, (iree_hal_buffer_params_t){.min_alignment = (size_t)1 << 63}, 1,
                     iree_const_byte_span_empty(), &buffer),
                 IREE_STATUS_RESOURCE_EXHAUSTED, "larger than the address space");
  iree_hal_allocator_release(heap);
}

static void test_three_gigabytes(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  const iree_device_size_t size = (iree_device_size_t)3 << 30;
  iree_hal_buffer_t* buffer = allocate(heap, (iree_hal_buffer_params_t){0}, size);
  assert_true(iree_hal_buffer_byte_length(buffer) == size);
  expect_ok(iree_hal_buffer_map_write(buffer, size - 4, "last", 4));
  char text[4];
  expect_ok(iree_hal_buffer_map_read(buffer, size - 4, text, 4));
  assert_memory_equal(text, "last", 4);
  iree_hal_buffer_release(buffer);
  iree_hal_allocator_release(heap);
}

static void test_statistics(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  iree_hal_buffer_t* a = allocate(heap, (iree_hal_buffer_params_t){0}, 100);
  iree_hal_buffer_t* b =
      allocate(heap, (iree_hal_buffer_params_t){.type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL}, 1000);
  iree_hal_buffer_release(a);
  a = allocate(heap, (iree_hal_buffer_params_t){0}, 50);
  iree_hal_allocator_statistics_t statistics;
  iree_hal_allocator_query_statistics(heap, &statistics);
  assert_int_equal(statistics.host_bytes_peak, 100);
  assert_int_equal(statistics.host_bytes_allocated, 150);
  assert_int_equal(statistics.host_bytes_freed, 100);
  assert_int_equal(statistics.device_bytes_peak, 1000);
  assert_int_equal(statistics.device_bytes_allocated, 1000);
  assert_int_equal(statistics.device_bytes_freed, 0);
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  expect_ok(iree_hal_allocator_statistics_format(&statistics, &builder));
  assert_non_null(strstr(
      iree_string_builder_buffer(&builder),
      "  HOST_LOCAL:            100 B peak /            150 B allocated /            100 B freed / "
      "            50 B live\n"));
  char* text = NULL;
  size_t text_size = 0;
  FILE* file = open_memstream(&text, &text_size);
  expect_ok(iree_hal_allocator_statistics_fprint(file, heap));
  fclose(file);
  assert_string_equal(text, iree_string_builder_buffer(&builder));
  free(text);
  iree_string_builder_deinitialize(&builder);
  iree_hal_buffer_release(a);
  iree_hal_buffer_release(b);
  expect_ok(iree_hal_allocator_trim(heap));
  iree_hal_allocator_release(heap);
}

static void test_buffers_outlive_the_callers_reference(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  iree_hal_buffer_t* buffer = allocate(heap, (iree_hal_buffer_params_t){0}, 8);
  iree_hal_allocator_release(heap);
  expect_ok(iree_hal_buffer_map_zero(buffer, 0, 8));
  iree_hal_buffer_release(buffer);
}

static void test_compatibility(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  const iree_hal_buffer_compatibility_t all =
      iree_hal_allocator_query_compatibility(heap, (iree_hal_buffer_params_t){0}, 1);
  assert_int_equal(all, IREE_HAL_BUFFER_COMPATIBILITY_ALLOCATABLE |
                            IREE_HAL_BUFFER_COMPATIBILITY_IMPORTABLE |
                            IREE_HAL_BUFFER_COMPATIBILITY_EXPORTABLE |
                            IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_TRANSFER |
                            IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_DISPATCH);
  const iree_hal_buffer_params_t params = {.usage = IREE_HAL_BUFFER_USAGE_TRANSFER};
  assert_false(iree_hal_allocator_query_compatibility(heap, params, 1) &
               IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_DISPATCH);
  iree_hal_allocator_release(heap);
}

static void count_release(void* user_data, iree_hal_buffer_t* buffer) {
  assert_int_equal(iree_hal_buffer_byte_length(buffer), 32);
  ++*(int*)user_data;
}

static void test_import_and_export(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  iree_alignas(64) uint8_t memory[64] = {0};
  iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                         .size = 32,
                                         .handle.host_allocation.ptr = memory + 8};
  int release_count = 0;
  const iree_hal_buffer_release_callback_t callback = {count_release, &release_count};
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){0}, &external,
                                             callback, &buffer));
  assert_ptr_equal(contents_of(buffer), memory + 8);
  memory[8] = 42;
  uint8_t byte = 0;
  expect_ok(iree_hal_buffer_map_read(buffer, 0, &byte, 1));
  assert_int_equal(byte, 42);

  // The same memory back, also of a part of it.
  iree_hal_buffer_t* span = NULL;
  expect_ok(iree_hal_buffer_subspan(buffer, 4, 8, &span));
  iree_hal_external_buffer_t out = {0};
  expect_ok(iree_hal_allocator_export_buffer(heap, span,
                                             IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                             IREE_HAL_EXTERNAL_BUFFER_FLAG_NONE, &out));
  assert_ptr_equal(out.handle.host_allocation.ptr, memory + 12);
  assert_int_equal(out.size, 8);
  expect_failure(
      iree_hal_allocator_export_buffer(heap, span, IREE_HAL_EXTERNAL_BUFFER_TYPE_NONE, 0, &out),
      IREE_STATUS_UNAVAILABLE, "of type 0");

  iree_hal_buffer_release(buffer);
  assert_int_equal(release_count, 0);
  iree_hal_buffer_release(span);
  assert_int_equal(release_count, 1);

  // Refusals don't call back.
  expect_failure(
      iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){.min_alignment = 64},
                                       &external, callback, &buffer),
      IREE_STATUS_INVALID_ARGUMENT, "not aligned to the 64 bytes");
  external.handle.host_allocation.ptr = NULL;
  expect_failure(iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){0}, &external,
                                                  callback, &buffer),
                 IREE_STATUS_INVALID_ARGUMENT, "32 bytes, is at NULL");
  external.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_NONE;
  expect_failure(iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){0}, &external,
                                                  callback, &buffer),
                 IREE_STATUS_UNAVAILABLE, "not external memory of type 0");
  assert_null(buffer);
  assert_int_equal(release_count, 1);

  // Nothing at NULL is fine.
  external.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION;
  external.size = 0;
  expect_ok(iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){0}, &external,
                                             iree_hal_buffer_release_callback_null(), &buffer));
  expect_ok(iree_hal_buffer_map_zero(buffer, 0, IREE_WHOLE_BUFFER));
  iree_hal_buffer_release(buffer);
  iree_hal_allocator_release(heap);
}

static void* allocate_much(void* arg) {
  iree_hal_allocator_t* heap = (iree_hal_allocator_t*)arg;
  for (int i = 0; i < 10000; ++i) {
    iree_hal_buffer_t* buffer = NULL;
    iree_status_t status = iree_hal_allocator_allocate_buffer(
        heap, (iree_hal_buffer_params_t){0}, 16, iree_const_byte_span_empty(), &buffer);
    if (!iree_status_is_ok(status)) {
      iree_status_ignore(status);
      return NULL;
    }
    iree_hal_buffer_release(buffer);
  }
  return heap;
}

static void test_threads(void** state) {
  iree_hal_allocator_t* heap = create_heap();
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, allocate_much, heap), 0);
  for (int i = 0; i < 4; ++i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    assert_ptr_equal(result, heap);
  }
  iree_hal_allocator_statistics_t statistics;
  iree_hal_allocator_query_statistics(heap, &statistics);
  assert_int_equal(statistics.host_bytes_allocated, 4 * 10000 * 16);
  assert_int_equal(statistics.host_bytes_freed, 4 * 10000 * 16);
  assert_in_range(statistics.host_bytes_peak, 16, 4 * 16);
  iree_hal_allocator_release(heap);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_params),
      cmocka_unit_test(test_alignment),
      cmocka_unit_test(test_initial_data),
      cmocka_unit_test(test_impossible_sizes),
      cmocka_unit_test(test_three_gigabytes),
      cmocka_unit_test(test_statistics),
      cmocka_unit_test(test_buffers_outlive_the_callers_reference),
      cmocka_unit_test(test_compatibility),
      cmocka_unit_test(test_import_and_export),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
