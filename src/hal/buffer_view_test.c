// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/testing/hal_testing.h"

#define DENSE IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR

static iree_hal_allocator_t* heap;

static int setup(void** state) {
  heap = create_heap();
  return 0;
}

static int teardown(void** state) {
  iree_hal_allocator_release(heap);
  return 0;
}

static iree_status_t try_view(iree_hal_buffer_t* buffer, iree_host_size_t rank,
                              const iree_hal_dim_t* shape, iree_hal_element_type_t type,
                              iree_hal_buffer_view_t** out_view) {
  return iree_hal_buffer_view_create(buffer, rank, shape, type, DENSE, iree_allocator_system(),
                                     out_view);
}

static void test_create(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 100, NULL);
  const iree_hal_dim_t shape[] = {2, 3, 4};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(try_view(buffer, 3, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_32, &view));
  iree_hal_buffer_release(buffer);
  assert_ptr_equal(iree_hal_buffer_view_buffer(view), buffer);
  assert_int_equal(iree_hal_buffer_view_shape_rank(view), 3);
  assert_memory_equal(iree_hal_buffer_view_shape_dims(view), shape, sizeof(shape));
  assert_int_equal(iree_hal_buffer_view_shape_dim(view, 2), 4);
  assert_int_equal(iree_hal_buffer_view_shape_dim(view, 3), 0);
  assert_int_equal(iree_hal_buffer_view_element_count(view), 24);
  assert_int_equal(iree_hal_buffer_view_element_type(view), IREE_HAL_ELEMENT_TYPE_FLOAT_32);
  assert_int_equal(iree_hal_buffer_view_element_size(view), 4);
  assert_int_equal(iree_hal_buffer_view_encoding_type(view), DENSE);
  assert_int_equal(iree_hal_buffer_view_byte_length(view), 96);
  iree_hal_dim_t copy[3];
  iree_host_size_t rank = 0;
  expect_ok(iree_hal_buffer_view_shape(view, 3, copy, &rank));
  assert_int_equal(rank, 3);
  assert_memory_equal(copy, shape, sizeof(shape));
  rank = 0;
  assert_int_equal(iree_status_consume_code(iree_hal_buffer_view_shape(view, 2, copy, &rank)),
                   IREE_STATUS_OUT_OF_RANGE);
  assert_int_equal(rank, 3);
  iree_hal_buffer_view_retain(view);
  iree_hal_buffer_view_release(view);
  iree_hal_buffer_view_release(view);
  iree_hal_buffer_view_release(NULL);
}

static void test_create_like(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 24, NULL);
  iree_hal_buffer_t* other = create_buffer(heap, 24, NULL);
  iree_hal_buffer_t* small = create_buffer(heap, 23, NULL);
  const iree_hal_dim_t shape[] = {2, 3};
  iree_hal_buffer_view_t *view = NULL, *like = NULL;
  expect_ok(try_view(buffer, 2, shape, IREE_HAL_ELEMENT_TYPE_INT_32, &view));
  expect_ok(iree_hal_buffer_view_create_like(other, view, iree_allocator_system(), &like));
  iree_hal_buffer_view_release(view);
  assert_ptr_equal(iree_hal_buffer_view_buffer(like), other);
  assert_int_equal(iree_hal_buffer_view_shape_rank(like), 2);
  assert_memory_equal(iree_hal_buffer_view_shape_dims(like), shape, sizeof(shape));
  assert_int_equal(iree_hal_buffer_view_element_type(like), IREE_HAL_ELEMENT_TYPE_INT_32);
  expect_failure(iree_hal_buffer_view_create_like(small, like, iree_allocator_system(), &view),
                 IREE_STATUS_OUT_OF_RANGE, "needs 24 bytes, but the buffer has only 23");
  assert_null(view);
  iree_hal_buffer_view_release(like);
  iree_hal_buffer_release(buffer);
  iree_hal_buffer_release(other);
  iree_hal_buffer_release(small);
}

static void test_scalars_and_empty_tensors(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 4, NULL);
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(try_view(buffer, 0, NULL, IREE_HAL_ELEMENT_TYPE_INT_32, &view));
  assert_int_equal(iree_hal_buffer_view_element_count(view), 1);
  assert_int_equal(iree_hal_buffer_view_byte_length(view), 4);
  iree_device_size_t offset = 1;
  expect_ok(iree_hal_buffer_view_compute_offset(view, 0, NULL, &offset));
  assert_int_equal(offset, 0);
  iree_hal_buffer_view_release(view);
  expect_failure(try_view(buffer, 0, NULL, IREE_HAL_ELEMENT_TYPE_INT_64, &view),
                 IREE_STATUS_OUT_OF_RANGE, "needs 8 bytes, but the buffer has only 4");
  iree_hal_buffer_release(buffer);
  // However large the other dimensions are.
  buffer = create_buffer(heap, 0, NULL);
  const iree_hal_dim_t shape[] = {SIZE_MAX, 2, 0, SIZE_MAX};
  expect_ok(try_view(buffer, 4, shape, IREE_HAL_ELEMENT_TYPE_INT_64, &view));
  assert_int_equal(iree_hal_buffer_view_element_count(view), 0);
  assert_int_equal(iree_hal_buffer_view_byte_length(view), 0);
  iree_hal_buffer_view_release(view);
  iree_hal_buffer_release(buffer);
}

static void test_sizes_that_overflow(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 64, NULL);
  iree_hal_buffer_view_t* view = NULL;
  const iree_hal_dim_t shape[] = {(iree_hal_dim_t)1 << 32, (iree_hal_dim_t)1 << 31, 4};
  expect_failure(try_view(buffer, 3, shape, IREE_HAL_ELEMENT_TYPE_INT_8, &view),
                 IREE_STATUS_OUT_OF_RANGE, "shape 4294967296x2147483648x4 has more bytes than fit");
  const iree_hal_dim_t negative[] = {(iree_hal_dim_t)-1};
  expect_failure(try_view(buffer, 1, negative, IREE_HAL_ELEMENT_TYPE_INT_32, &view),
                 IREE_STATUS_OUT_OF_RANGE, "may not be negative");
  // The size fits only as elements of one byte.
  const iree_hal_dim_t large[] = {(iree_hal_dim_t)1 << 62};
  expect_failure(try_view(buffer, 1, large, IREE_HAL_ELEMENT_TYPE_INT_32, &view),
                 IREE_STATUS_OUT_OF_RANGE, "");
  expect_failure(try_view(buffer, 1, large, IREE_HAL_ELEMENT_TYPE_INT_8, &view),
                 IREE_STATUS_OUT_OF_RANGE,
                 "needs 4611686018427387904 bytes, but the buffer has only 64");
  iree_hal_dim_t many[40];
  for (int i = 0; i < 40; ++i) many[i] = 1000000;
  expect_failure(try_view(buffer, 40, many, IREE_HAL_ELEMENT_TYPE_INT_8, &view),
                 IREE_STATUS_OUT_OF_RANGE, "shape (long) has more");
  expect_failure(
      iree_hal_buffer_view_create(buffer, 0, NULL, IREE_HAL_ELEMENT_TYPE_INT_8,
                                  IREE_HAL_ENCODING_TYPE_OPAQUE, iree_allocator_system(), &view),
      IREE_STATUS_INVALID_ARGUMENT, "the encoding is 0");
  // A type without bytes has countable elements, too.
  const iree_hal_dim_t countless[] = {(iree_hal_dim_t)1 << 32, (iree_hal_dim_t)1 << 32};
  expect_failure(try_view(buffer, 2, countless, IREE_HAL_ELEMENT_TYPE_NONE, &view),
                 IREE_STATUS_OUT_OF_RANGE, "shape 4294967296x4294967296 has more");
  assert_null(view);
  iree_hal_buffer_release(buffer);
}

static void test_element_types(void** state) {
  // The values that programs may have compiled in.
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_INT_32, 0x10000020);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_SINT_32, 0x11000020);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_UINT_64, 0x12000040);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_BOOL_8, 0x13000008);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_FLOAT_32, 0x21000020);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_BFLOAT_16, 0x22000010);
  assert_int_equal(IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128, 0x23000080);
  assert_int_equal(iree_hal_make_element_type(IREE_HAL_NUMERICAL_TYPE_INTEGER, 32),
                   IREE_HAL_ELEMENT_TYPE_INT_32);
  assert_int_equal(iree_hal_element_numerical_type(IREE_HAL_ELEMENT_TYPE_FLOAT_32),
                   IREE_HAL_NUMERICAL_TYPE_FLOAT_IEEE);
  assert_int_equal(iree_hal_element_dense_byte_count(IREE_HAL_ELEMENT_TYPE_INT_4), 1);
  assert_int_equal(iree_hal_element_dense_byte_count(IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128), 16);
  assert_false(iree_hal_element_is_byte_aligned(IREE_HAL_ELEMENT_TYPE_INT_4));
  assert_true(iree_hal_element_is_byte_aligned(IREE_HAL_ELEMENT_TYPE_INT_8));
}

static void test_reshape(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 24, NULL);
  const iree_hal_dim_t shape[] = {2, 3}, other[] = {6, 1}, wrong[] = {5, 1};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(try_view(buffer, 2, shape, IREE_HAL_ELEMENT_TYPE_INT_32, &view));
  iree_hal_buffer_release(buffer);
  expect_ok(iree_hal_buffer_view_reshape(view, 2, other));
  assert_int_equal(iree_hal_buffer_view_shape_dim(view, 0), 6);
  expect_failure(iree_hal_buffer_view_reshape(view, 1, other), IREE_STATUS_INVALID_ARGUMENT,
                 "the view has rank 2, the new shape 1");
  expect_failure(iree_hal_buffer_view_reshape(view, 2, wrong), IREE_STATUS_INVALID_ARGUMENT,
                 "the view has 24 bytes, the new shape 20");
  assert_int_equal(iree_hal_buffer_view_shape_dim(view, 0), 6);
  iree_hal_buffer_view_release(view);
}

static void test_offsets(void** state) {
  iree_hal_buffer_t* buffer = create_buffer(heap, 2 * 3 * 4 * 4, NULL);
  const iree_hal_dim_t shape[] = {2, 3, 4};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(try_view(buffer, 3, shape, IREE_HAL_ELEMENT_TYPE_INT_32, &view));
  iree_hal_buffer_release(buffer);
  iree_device_size_t offset = 0, length = 0;
  const iree_hal_dim_t last[] = {1, 2, 3}, outside[] = {1, 3, 0};
  expect_ok(iree_hal_buffer_view_compute_offset(view, 3, last, &offset));
  assert_int_equal(offset, 23 * 4);
  expect_failure(iree_hal_buffer_view_compute_offset(view, 3, outside, &offset),
                 IREE_STATUS_OUT_OF_RANGE, "index 3 of dimension 1 is not below its size 3");
  expect_failure(iree_hal_buffer_view_compute_offset(view, 2, last, &offset),
                 IREE_STATUS_INVALID_ARGUMENT, "rank 3, but there are 2 indices");

  const iree_hal_dim_t start[] = {1, 1, 0}, rows[] = {1, 2, 4}, part[] = {1, 1, 3},
                       columns[] = {1, 2, 3};
  expect_ok(iree_hal_buffer_view_compute_range(view, 3, start, 3, rows, &offset, &length));
  assert_int_equal(offset, 16 * 4);
  assert_int_equal(length, 8 * 4);
  expect_ok(iree_hal_buffer_view_compute_range(view, 3, start, 3, part, &offset, &length));
  assert_int_equal(offset, 16 * 4);
  assert_int_equal(length, 3 * 4);
  expect_failure(iree_hal_buffer_view_compute_range(view, 3, start, 3, columns, &offset, &length),
                 IREE_STATUS_INVALID_ARGUMENT,
                 "3 of the 4 elements of dimension 2 from more than one place of dimension 1");
  const iree_hal_dim_t nothing[] = {1, 0, 1}, too_long[] = {1, 3, 4};
  expect_ok(iree_hal_buffer_view_compute_range(view, 3, start, 3, nothing, &offset, &length));
  assert_int_equal(length, 0);
  expect_failure(iree_hal_buffer_view_compute_range(view, 3, start, 3, too_long, &offset, &length),
                 IREE_STATUS_OUT_OF_RANGE,
                 "3 elements from index 1 of dimension 1 do not lie in its size 3");
  const iree_hal_dim_t wrapping[] = {1, SIZE_MAX, 4};
  expect_failure(iree_hal_buffer_view_compute_range(view, 3, start, 3, wrapping, &offset, &length),
                 IREE_STATUS_OUT_OF_RANGE, "dimension 1");
  expect_failure(iree_hal_buffer_view_compute_range(view, 2, start, 3, rows, &offset, &length),
                 IREE_STATUS_INVALID_ARGUMENT, "2 start indices");
  expect_failure(iree_hal_buffer_view_compute_range(view, 3, start, 1, rows, &offset, &length),
                 IREE_STATUS_INVALID_ARGUMENT, "1 lengths");
  iree_hal_buffer_view_release(view);
}

static void test_allocate(void** state) {
  const iree_hal_dim_t shape[] = {2, 2};
  const int32_t data[] = {1, 2, 3, 4};
  const iree_hal_buffer_params_t params = {.access = IREE_HAL_MEMORY_ACCESS_READ};
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_allocate_buffer(
      heap, 2, shape, IREE_HAL_ELEMENT_TYPE_INT_32, DENSE, params,
      iree_make_const_byte_span(data, sizeof(data)), &view));
  int32_t back[4];
  expect_ok(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, back, sizeof(back)));
  assert_memory_equal(back, data, sizeof(data));
  iree_hal_buffer_view_release(view);
  expect_failure(iree_hal_buffer_view_allocate_buffer(
                     heap, 2, shape, IREE_HAL_ELEMENT_TYPE_INT_16, DENSE, params,
                     iree_make_const_byte_span(data, sizeof(data)), &view),
                 IREE_STATUS_OUT_OF_RANGE, "16 bytes of initial data do not fit in a buffer of 8");
  assert_null(view);
}

static iree_status_t generate(iree_hal_buffer_mapping_t* mapping, void* user_data) {
  if (!user_data) return iree_make_status(IREE_STATUS_DATA_LOSS, "generator gave up");
  for (iree_host_size_t i = 0; i < mapping->contents.data_length; ++i)
    mapping->contents.data[i] = (uint8_t)(i * 3);
  return iree_ok_status();
}

static void test_generate(void** state) {
  const iree_hal_dim_t shape[] = {5};
  iree_hal_buffer_view_t* view = NULL;
  int user_data = 0;
  expect_ok(iree_hal_buffer_view_generate_buffer(heap, 1, shape, IREE_HAL_ELEMENT_TYPE_UINT_8,
                                                 DENSE, (iree_hal_buffer_params_t){0}, generate,
                                                 &user_data, &view));
  char text[64];
  expect_ok(iree_hal_buffer_view_format(view, SIZE_MAX, sizeof(text), text, NULL));
  assert_string_equal(text, "5xui8=0 3 6 9 12");
  iree_hal_buffer_view_release(view);
  expect_failure(
      iree_hal_buffer_view_generate_buffer(heap, 1, shape, IREE_HAL_ELEMENT_TYPE_UINT_8, DENSE,
                                           (iree_hal_buffer_params_t){0}, generate, NULL, &view),
      IREE_STATUS_DATA_LOSS, "generator gave up");
  assert_null(view);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_create),
      cmocka_unit_test(test_create_like),
      cmocka_unit_test(test_scalars_and_empty_tensors),
      cmocka_unit_test(test_sizes_that_overflow),
      cmocka_unit_test(test_element_types),
      cmocka_unit_test(test_reshape),
      cmocka_unit_test(test_offsets),
      cmocka_unit_test(test_allocate),
      cmocka_unit_test(test_generate),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
