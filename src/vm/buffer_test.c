// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/testing/failing_allocator.h"
#include "vm/testing/vm_test.h"

#define MUTABLE (IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_HOST)

static iree_vm_buffer_t* make_buffer(iree_host_size_t length) {
  iree_vm_buffer_t* buffer = NULL;
  expect_ok(iree_vm_buffer_create(MUTABLE, length, 0, iree_allocator_system(), &buffer));
  return buffer;
}

static void test_create(void** state) {
  for (iree_host_size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    iree_vm_buffer_t* buffer = NULL;
    expect_ok(iree_vm_buffer_create(MUTABLE, 10, alignment, iree_allocator_system(), &buffer));
    assert_int_equal((uintptr_t)iree_vm_buffer_data(buffer) % alignment, 0);
    assert_int_equal(iree_vm_buffer_length(buffer), 10);
    for (int i = 0; i < 10; ++i) assert_int_equal(buffer->data.data[i], 0);
    iree_vm_buffer_retain(buffer);
    iree_vm_buffer_release(buffer);
    iree_vm_buffer_release(buffer);
  }
  iree_vm_buffer_t* buffer = NULL;
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_buffer_create(MUTABLE, 1, 3, iree_allocator_system(), &buffer));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_buffer_create(MUTABLE, 1, 8192, iree_allocator_system(), &buffer));
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED,
              iree_vm_buffer_create(MUTABLE, SIZE_MAX, 1, iree_allocator_system(), &buffer));
  assert_null(buffer);
}

static void test_external_bytes(void** state) {
  char text[] = "hello";
  iree_vm_buffer_t buffer;
  iree_vm_buffer_initialize(IREE_VM_BUFFER_ACCESS_ORIGIN_HOST, iree_make_byte_span(text, 5),
                            iree_allocator_null(), &buffer);
  assert_true(iree_string_view_equal(iree_vm_buffer_as_string(&buffer), IREE_SV("hello")));
  assert_int_equal(iree_vm_buffer_as_string(NULL).size, 0);
  iree_vm_ref_t ref = iree_vm_buffer_retain_ref(&buffer);
  assert_ptr_equal(iree_vm_buffer_deref(ref), &buffer);
  iree_vm_ref_release(&ref);
  iree_vm_buffer_deinitialize(&buffer);

  void* owned = NULL;
  expect_ok(iree_allocator_malloc(iree_allocator_system(), 8, &owned));
  iree_vm_buffer_initialize(MUTABLE, iree_make_byte_span(owned, 8), iree_allocator_system(),
                            &buffer);
  ref = iree_vm_buffer_move_ref(&buffer);
  iree_vm_ref_release(&ref);  // Frees the bytes.
}

static void test_ranges(void** state) {
  iree_vm_buffer_t* a = make_buffer(8);
  iree_vm_buffer_t* b = make_buffer(4);
  bool result = false;
  expect_ok(iree_vm_buffer_copy_bytes(a, 8, b, 4, 0));
  expect_message(IREE_STATUS_OUT_OF_RANGE, "5 bytes at offset 0 leave a buffer of 4 bytes",
                 iree_vm_buffer_copy_bytes(a, 0, b, 0, 5));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_copy_bytes(a, 9, b, 0, 0));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_copy_bytes(a, SIZE_MAX, b, 0, 2));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_copy_bytes(a, 2, b, 0, SIZE_MAX - 1));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_compare_bytes(a, 0, b, 0, 5, &result));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_fill_bytes(b, 4, 1, 0));
  const uint64_t value = 0;
  expect_code(IREE_STATUS_OUT_OF_RANGE,
              iree_vm_buffer_fill_elements(a, 0, SIZE_MAX / 4, 8, &value));
  uint64_t out[2];
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_read_elements(a, 8, out, 1, 8));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_buffer_read_elements(a, 2, out, 1, 4));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_buffer_write_elements(out, a, 0, 1, 3));
  iree_const_byte_span_t span;
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_buffer_map_ro(a, 4, 5, 1, &span));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_buffer_map_ro(a, 2, 2, 4, &span));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_buffer_map_ro(a, 0, 2, 0, &span));
  expect_ok(iree_vm_buffer_map_ro(a, 8, 0, 1, &span));
  assert_int_equal(span.data_length, 0);
  iree_vm_buffer_release(a);
  iree_vm_buffer_release(b);
}

static void test_contents(void** state) {
  iree_vm_buffer_t* a = make_buffer(16);
  const uint16_t pattern = 0x1234;
  expect_ok(iree_vm_buffer_fill_elements(a, 2, 3, 2, &pattern));
  uint16_t out[8];
  expect_ok(iree_vm_buffer_read_elements(a, 0, out, 8, 2));
  assert_int_equal(out[0], 0);
  for (int i = 1; i < 4; ++i) assert_int_equal(out[i], 0x1234);
  assert_int_equal(out[4], 0);
  expect_ok(iree_vm_buffer_fill_bytes(a, 15, 1, 9));
  expect_ok(iree_vm_buffer_copy_bytes(a, 0, a, 1, 15));  // Overlaps.
  assert_int_equal(a->data.data[3], 0x34);
  expect_ok(iree_vm_buffer_write_elements(out, a, 0, 8, 2));
  iree_vm_buffer_t* b = NULL;
  expect_ok(iree_vm_buffer_clone(0, a, 2, 6, 64, iree_allocator_system(), &b));
  bool result = false;
  expect_ok(iree_vm_buffer_compare_bytes(a, 2, b, 0, 6, &result));
  assert_true(result);
  expect_ok(iree_vm_buffer_compare_bytes(a, 0, b, 0, 6, &result));
  assert_false(result);
  iree_byte_span_t span;
  expect_ok(iree_vm_buffer_map_rw(a, 4, 8, 4, &span));
  assert_ptr_equal(span.data, a->data.data + 4);
  // The clone is read-only.
  expect_message(IREE_STATUS_PERMISSION_DENIED, "read-only", iree_vm_buffer_fill_bytes(b, 0, 1, 1));
  expect_code(IREE_STATUS_PERMISSION_DENIED, iree_vm_buffer_copy_bytes(a, 0, b, 0, 1));
  expect_code(IREE_STATUS_PERMISSION_DENIED, iree_vm_buffer_map_rw(b, 0, 1, 1, &span));
  expect_code(IREE_STATUS_PERMISSION_DENIED, iree_vm_buffer_write_elements(out, b, 0, 1, 2));
  iree_vm_buffer_release(b);
  expect_code(IREE_STATUS_OUT_OF_RANGE,
              iree_vm_buffer_clone(0, a, 12, 6, 0, iree_allocator_system(), &b));
  assert_null(b);
  iree_vm_buffer_release(a);
}

static void test_empty(void** state) {
  iree_vm_buffer_t* a = make_buffer(0);
  iree_vm_buffer_t* b = NULL;
  bool result = false;
  expect_ok(iree_vm_buffer_clone(MUTABLE, a, 0, 0, 0, iree_allocator_system(), &b));
  expect_ok(iree_vm_buffer_compare_bytes(a, 0, b, 0, 0, &result));
  assert_true(result);
  expect_ok(iree_vm_buffer_fill_bytes(a, 0, 0, 1));
  iree_vm_buffer_release(a);
  iree_vm_buffer_release(b);
}

static iree_status_t use_buffers(iree_allocator_t allocator, void* user_data) {
  iree_vm_buffer_t* a = NULL;
  iree_vm_buffer_t* b = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_buffer_create(MUTABLE, 100, 0, allocator, &a));
  iree_status_t status = iree_vm_buffer_clone(MUTABLE, a, 10, 20, 64, allocator, &b);
  iree_vm_buffer_release(b);
  iree_vm_buffer_release(a);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_int_equal(tenon_test_for_each_failure(use_buffers, NULL), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_create), cmocka_unit_test(test_external_bytes),
      cmocka_unit_test(test_ranges), cmocka_unit_test(test_contents),
      cmocka_unit_test(test_empty),  cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
