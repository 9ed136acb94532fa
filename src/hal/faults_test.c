// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything that allocates, once with every allocation failing in turn.

#include "base/testing/failing_allocator.h"
#include "hal/local/executable_loader.h"
#include "hal/testing/hal_testing.h"
#include "iree/base/internal/file_io.h"
#include "iree/hal/drivers/init.h"

static iree_status_t use_buffers(iree_hal_allocator_t* heap) {
  iree_hal_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(
      heap, (iree_hal_buffer_params_t){0}, 64, iree_make_const_byte_span("abcd", 4), &buffer));
  iree_hal_buffer_t* span = NULL;
  iree_status_t status = iree_hal_buffer_subspan(buffer, 8, 8, &span);
  if (iree_status_is_ok(status)) status = iree_hal_buffer_map_zero(span, 0, 8);
  iree_hal_buffer_release(span);
  iree_hal_buffer_release(buffer);
  return status;
}

static void count_release(void* user_data, iree_hal_buffer_t* buffer) { ++*(int*)user_data; }

static iree_status_t use_import(iree_hal_allocator_t* heap) {
  uint8_t memory[16];
  iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                         .size = 16,
                                         .handle.host_allocation.ptr = memory};
  int release_count = 0;
  const iree_hal_buffer_release_callback_t callback = {count_release, &release_count};
  iree_hal_buffer_t* buffer = NULL;
  iree_status_t status = iree_hal_allocator_import_buffer(heap, (iree_hal_buffer_params_t){0},
                                                          &external, callback, &buffer);
  const int expected = iree_status_is_ok(status) ? 1 : 0;
  iree_hal_buffer_release(buffer);
  assert_int_equal(release_count, expected);
  return status;
}

static iree_status_t use_text(iree_hal_allocator_t* heap, iree_allocator_t allocator) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_view_parse(iree_make_cstring_view("2x2xf32=1 2 3 4"), heap, &view));
  iree_string_builder_t builder;
  iree_string_builder_initialize(allocator, &builder);
  iree_status_t status = iree_hal_buffer_view_append_to_builder(view, 10, &builder);
  if (iree_status_is_ok(status))
    assert_string_equal(iree_string_builder_buffer(&builder), "2x2xf32=[1 2][3 4]");
  iree_string_builder_deinitialize(&builder);
  iree_hal_buffer_view_t* like = NULL;
  if (iree_status_is_ok(status)) {
    status =
        iree_hal_buffer_view_create_like(iree_hal_buffer_view_buffer(view), view, allocator, &like);
  }
  iree_hal_buffer_view_release(like);
  iree_hal_buffer_view_release(view);
  return status;
}

static iree_status_t buffers_body(iree_allocator_t allocator, void* user_data) {
  iree_hal_allocator_t* heap = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_allocator_create_heap(iree_make_cstring_view("test"), allocator, allocator, &heap));
  iree_status_t status = use_buffers(heap);
  if (iree_status_is_ok(status)) status = use_import(heap);
  if (iree_status_is_ok(status)) status = use_text(heap, allocator);
  iree_hal_allocator_release(heap);
  return status;
}

static iree_status_t devices_body(iree_allocator_t allocator, void* user_data) {
  iree_hal_driver_registry_t* registry = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_driver_registry_allocate(allocator, &registry));
  iree_status_t status = iree_hal_register_all_available_drivers(registry);
  iree_host_size_t count = 0;
  iree_hal_driver_info_t* infos = NULL;
  if (iree_status_is_ok(status))
    status = iree_hal_driver_registry_enumerate(registry, allocator, &count, &infos);
  iree_allocator_free(allocator, infos);
  iree_hal_device_t* device = NULL;
  if (iree_status_is_ok(status)) {
    status = iree_hal_create_device(registry, iree_make_cstring_view((const char*)user_data),
                                    allocator, &device);
  }
  iree_hal_device_release(device);
  iree_hal_driver_registry_free(registry);
  return status;
}

static iree_status_t executable_body(iree_allocator_t allocator, void* user_data) {
  iree_hal_executable_t* executable = NULL;
  IREE_RETURN_IF_ERROR(tenon_hal_local_executable_create(
      ((iree_file_contents_t*)user_data)->const_buffer, allocator, &executable));
  iree_hal_executable_release(executable);
  return iree_ok_status();
}

static void test_buffers(void** state) {
  assert_true(tenon_test_for_each_failure(buffers_body, NULL) >= 7);
}

static void test_devices(void** state) {
  assert_true(tenon_test_for_each_failure(devices_body, "local-sync://0") >= 5);
  assert_true(tenon_test_for_each_failure(devices_body, "local-task") >= 7);
  assert_true(tenon_test_for_each_failure(devices_body, "local-task?worker_count=3") >= 9);
}

static void test_executables(void** state) {
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(TEST_KERNEL_DIR "/libhal_test_kernels_100.so",
                                    iree_allocator_system(), &contents));
  assert_true(tenon_test_for_each_failure(executable_body, contents) >= 1);
  iree_file_contents_free(contents);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_buffers),
      cmocka_unit_test(test_devices),
      cmocka_unit_test(test_executables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
