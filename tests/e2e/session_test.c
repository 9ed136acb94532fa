// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled programs in sessions, as an application uses them: what custom calls may do wrong, what callers may do wrong, and
// that nothing of it crashes, leaks or gives a wrong result. Usage: session_test FOLDER-OF-MODULES.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"

static const char* module_folder;

static char* module_path(const char* name) {
  static char path[1024];
  snprintf(path, sizeof(path), "%s/%s.vmfb", module_folder, name);
  return path;
}

//===-- The custom module: one function that behaves as the test says ------------------------------------------------===//

typedef enum behaviour_e {
  RETURN_COPY,
  RETURN_ARGUMENT,
  RETURN_ERROR,
  RETURN_NULL,
  RETURN_OTHER_REF,
  RETURN_OTHER_TYPE,
  RETURN_OTHER_RANK,
  RETURN_OTHER_DIM,
} behaviour_t;

static behaviour_t behaviour;
static iree_hal_device_t* custom_device;

static iree_status_t make_view(iree_host_size_t rank, const iree_hal_dim_t* shape,
                               iree_hal_element_type_t type, iree_hal_buffer_view_t** out_view) {
  iree_hal_buffer_params_t params = {0};
  static const uint8_t zeros[4096] = {0};
  iree_hal_dim_t count = 1;
  for (iree_host_size_t i = 0; i < rank; ++i) count *= shape[i];
  return iree_hal_buffer_view_allocate_buffer(
      iree_hal_device_allocator(custom_device), rank, shape, type,
      IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
      iree_make_const_byte_span(zeros, count * iree_hal_element_dense_byte_count(type)), out_view);
}

IREE_VM_ABI_EXPORT(custom_call, void, r, r) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &view));
  const iree_hal_dim_t shape[3] = {iree_hal_buffer_view_shape_dim(view, 0), 3, 1};
  const iree_hal_dim_t other_shape[2] = {shape[0], 4};
  iree_hal_buffer_view_t* result = NULL;
  switch (behaviour) {
    case RETURN_ERROR:
      return iree_make_status(IREE_STATUS_PERMISSION_DENIED, "the vault is closed on %s",
                              "Sundays");
    case RETURN_NULL:
      return iree_ok_status();
    case RETURN_ARGUMENT:
      rets->r0 = iree_hal_buffer_view_retain_ref(view);
      return iree_ok_status();
    case RETURN_OTHER_REF:
      rets->r0 = iree_hal_buffer_retain_ref(iree_hal_buffer_view_buffer(view));
      return iree_ok_status();
    case RETURN_OTHER_TYPE:
      IREE_RETURN_IF_ERROR(make_view(2, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_32, &result));
      break;
    case RETURN_OTHER_RANK:
      IREE_RETURN_IF_ERROR(make_view(3, shape, IREE_HAL_ELEMENT_TYPE_INT_32, &result));
      break;
    case RETURN_OTHER_DIM:
      IREE_RETURN_IF_ERROR(make_view(2, other_shape, IREE_HAL_ELEMENT_TYPE_INT_32, &result));
      break;
    case RETURN_COPY:
      IREE_RETURN_IF_ERROR(make_view(2, shape, IREE_HAL_ELEMENT_TYPE_INT_32, &result));
      break;
  }
  rets->r0 = iree_hal_buffer_view_move_ref(result);
  return iree_ok_status();
}

IREE_VM_ABI_FIXED_STRUCT(irFI, {
  int32_t i0;
  iree_vm_ref_t r1;
  double f2;
  int64_t i3;
});
static IREE_VM_ABI_DEFINE_SHIM(irFI, ri)

    // Returns the tensor it was given and the sum of the numbers.
    IREE_VM_ABI_EXPORT(custom_mixed, void, irFI, ri) {
  rets->r0 = args->r1;
  memset(&args->r1, 0, sizeof(args->r1));
  rets->i1 = (int32_t)(args->i0 + args->f2 * 10 + (double)args->i3 * 100);
  return iree_ok_status();
}

// `call` with another signature than the programs expect.
IREE_VM_ABI_EXPORT(custom_call_i32, void, i, i) {
  rets->i0 = args->i0;
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t custom_exports[] = {
    {IREE_VM_NATIVE_STR("call"), IREE_VM_NATIVE_STR("0r_r"), 0, NULL},
    {IREE_VM_NATIVE_STR("mixed"), IREE_VM_NATIVE_STR("0irFI_ri"), 0, NULL},
};
static const iree_vm_native_function_ptr_t custom_functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_r,
     (iree_vm_native_function_target_t)custom_call},
    {(iree_vm_native_function_shim_t)iree_vm_shim_irFI_ri,
     (iree_vm_native_function_target_t)custom_mixed},
};
static const iree_vm_native_module_descriptor_t custom_descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = 2,
    .exports = custom_exports,
    .function_count = 2,
    .functions = custom_functions,
};
static const iree_vm_native_export_descriptor_t other_exports[] = {
    {IREE_VM_NATIVE_STR("call"), IREE_VM_NATIVE_STR("0i_i"), 0, NULL},
    {IREE_VM_NATIVE_STR("mixed"), IREE_VM_NATIVE_STR("0irFI_ri"), 0, NULL},
};
static const iree_vm_native_function_ptr_t other_functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_i,
     (iree_vm_native_function_target_t)custom_call_i32},
    {(iree_vm_native_function_shim_t)iree_vm_shim_irFI_ri,
     (iree_vm_native_function_target_t)custom_mixed},
};
static const iree_vm_native_module_descriptor_t other_descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = 2,
    .exports = other_exports,
    .function_count = 2,
    .functions = other_functions,
};

//===-- A session with everything in it ------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_allocator_t allocator;
  iree_runtime_instance_t* instance;
  iree_hal_device_t* device;
  iree_runtime_session_t* session;
} fixture_t;

static iree_status_t fixture_open(fixture_t* fixture, iree_allocator_t allocator) {
  memset(fixture, 0, sizeof(*fixture));
  fixture->allocator = allocator;
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  IREE_RETURN_IF_ERROR(iree_runtime_instance_create(&options, allocator, &fixture->instance));
  IREE_RETURN_IF_ERROR(iree_runtime_instance_try_create_default_device(
      fixture->instance, iree_make_cstring_view("local-sync"), &fixture->device));
  custom_device = fixture->device;
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  return iree_runtime_session_create_with_device(fixture->instance, &session_options,
                                                 fixture->device, allocator, &fixture->session);
}

static iree_status_t fixture_append_custom(fixture_t* fixture,
                                           const iree_vm_native_module_descriptor_t* descriptor) {
  iree_vm_module_t interface;
  IREE_RETURN_IF_ERROR(iree_vm_module_initialize(&interface, NULL));
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_native_module_create(
      &interface, descriptor, iree_runtime_instance_vm_instance(fixture->instance),
      fixture->allocator, &module));
  iree_status_t status = iree_runtime_session_append_module(fixture->session, module);
  iree_vm_module_release(module);
  return status;
}

static iree_status_t fixture_append(fixture_t* fixture, const char* name) {
  return iree_runtime_session_append_bytecode_module_from_file(fixture->session, module_path(name));
}

static void fixture_close(fixture_t* fixture) {
  iree_runtime_session_release(fixture->session);
  iree_hal_device_release(fixture->device);
  iree_runtime_instance_release(fixture->instance);
}

static fixture_t open_programs(void) {
  fixture_t fixture;
  IREE_CHECK_OK(fixture_open(&fixture, iree_allocator_system()));
  IREE_CHECK_OK(fixture_append_custom(&fixture, &custom_descriptor));
  IREE_CHECK_OK(fixture_append(&fixture, "programs"));
  behaviour = RETURN_COPY;
  return fixture;
}

static iree_hal_buffer_view_t* tensor(fixture_t* fixture, iree_host_size_t rank,
                                      const iree_hal_dim_t* shape, iree_hal_element_type_t type,
                                      const void* data, size_t length) {
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(iree_hal_buffer_view_allocate_buffer(
      iree_runtime_session_device_allocator(fixture->session), rank, shape, type,
      IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params, iree_make_const_byte_span(data, length),
      &view));
  return view;
}

static iree_hal_buffer_view_t* tensor_i32(fixture_t* fixture, size_t count) {
  int32_t data[64];
  for (size_t i = 0; i < count; ++i) data[i] = (int32_t)i + 1;
  const iree_hal_dim_t shape[] = {count};
  return tensor(fixture, 1, shape, IREE_HAL_ELEMENT_TYPE_INT_32, data, count * sizeof(int32_t));
}

static iree_hal_buffer_view_t* matrix_i32(fixture_t* fixture, size_t rows) {
  const int32_t data[36] = {1, 2, 3, 4, 5, 6};
  const iree_hal_dim_t shape[] = {rows, 3};
  return tensor(fixture, 2, shape, IREE_HAL_ELEMENT_TYPE_INT_32, data, rows * 3 * sizeof(int32_t));
}

static iree_vm_list_t* list(void) {
  iree_vm_list_t* result = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 4, iree_allocator_system(), &result));
  return result;
}

static void push_view(iree_vm_list_t* inputs, iree_hal_buffer_view_t* view) {
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
}

static void push_i32(iree_vm_list_t* inputs, int32_t number) {
  iree_vm_value_t value = iree_vm_value_make_i32(number);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &value));
}

static iree_status_t call(fixture_t* fixture, const char* function, iree_vm_list_t* inputs,
                          iree_vm_list_t* outputs) {
  return iree_runtime_session_call_by_name(fixture->session, iree_make_cstring_view(function),
                                           inputs, outputs);
}

// Expects |status| to have |code| and every one of the texts in its message; frees it.
static void expect_failure(iree_status_t status, iree_status_code_t code, int count, ...) {
  char* text = NULL;
  iree_host_size_t length = 0;
  iree_allocator_t allocator = iree_allocator_system();
  assert_true(iree_status_to_string(status, &allocator, &text, &length));
  if (iree_status_code(status) != code)
    fail_msg("expected %s, got: %s", iree_status_code_string(code), text);
  va_list parts;
  va_start(parts, count);
  for (int i = 0; i < count; ++i) {
    const char* part = va_arg(parts, const char*);
    if (!strstr(text, part)) fail_msg("expected '%s' in: %s", part, text);
  }
  va_end(parts);
  iree_allocator_free(allocator, text);
  iree_status_free(status);
}

// One call of @call_custom with the function behaving so.
static iree_status_t call_custom(fixture_t* fixture, behaviour_t b, iree_vm_list_t* outputs) {
  behaviour = b;
  iree_vm_list_t* inputs = list();
  push_view(inputs, matrix_i32(fixture, 2));
  iree_status_t status = call(fixture, "programs.call_custom", inputs, outputs);
  iree_vm_list_release(inputs);
  return status;
}

//===-- Custom calls -------------------------------------------------------------------------------------------------===//

static void test_custom_call_fails(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t* outputs = list();
  expect_failure(call_custom(&fixture, RETURN_ERROR, outputs), IREE_STATUS_PERMISSION_DENIED, 4,
                 "the vault is closed on Sundays", "custom.call",
                 "programs.mlir:8:", "programs.call_custom");
  // The session goes on working.
  IREE_CHECK_OK(call_custom(&fixture, RETURN_COPY, outputs));
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_custom_call_returns_something_else(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t* outputs = list();
  expect_failure(call_custom(&fixture, RETURN_NULL, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "null", "custom.call", "programs.mlir:8:");
  expect_failure(call_custom(&fixture, RETURN_OTHER_REF, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "hal.buffer", "custom.call", "programs.mlir:8:");
  expect_failure(call_custom(&fixture, RETURN_OTHER_TYPE, outputs), IREE_STATUS_INVALID_ARGUMENT, 4,
                 "f32", "i32", "custom.call", "programs.mlir:8:");
  expect_failure(call_custom(&fixture, RETURN_OTHER_RANK, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "rank", "custom.call", "programs.mlir:8:");
  expect_failure(call_custom(&fixture, RETURN_OTHER_DIM, outputs), IREE_STATUS_INVALID_ARGUMENT, 4,
                 "4", "3", "custom.call", "programs.mlir:8:");
  IREE_CHECK_OK(call_custom(&fixture, RETURN_COPY, outputs));
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_results_do_not_alias_arguments(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  // Even when the import hands its argument back.
  behaviour = RETURN_ARGUMENT;
  iree_hal_buffer_view_t* argument = matrix_i32(&fixture, 2);
  push_view(inputs, argument);
  IREE_CHECK_OK(call(&fixture, "programs.call_custom", inputs, outputs));
  iree_hal_buffer_view_t* result = iree_vm_list_get_buffer_view_assign(outputs, 0);
  assert_ptr_not_equal(iree_hal_buffer_allocated_buffer(iree_hal_buffer_view_buffer(result)),
                       iree_hal_buffer_allocated_buffer(iree_hal_buffer_view_buffer(argument)));
  int32_t data[6] = {0};
  IREE_CHECK_OK(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(result), 0, data, sizeof(data)));
  for (int i = 0; i < 6; ++i) assert_int_equal(data[i], i + 1);

  // An argument returned twice: three different buffers.
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 0));
  argument = tensor_i32(&fixture, 5);
  push_view(inputs, argument);
  IREE_CHECK_OK(call(&fixture, "programs.identity", inputs, outputs));
  iree_hal_buffer_t* first =
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0));
  iree_hal_buffer_t* second =
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 1));
  assert_ptr_not_equal(iree_hal_buffer_allocated_buffer(first),
                       iree_hal_buffer_allocated_buffer(second));
  assert_ptr_not_equal(iree_hal_buffer_allocated_buffer(first),
                       iree_hal_buffer_allocated_buffer(iree_hal_buffer_view_buffer(argument)));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_scalars_and_tensors_mixed(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  const float data[3] = {1.5f, -2.f, 3.f};
  const iree_hal_dim_t shape[] = {3};
  push_view(inputs, tensor(&fixture, 1, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_32, data, sizeof(data)));
  push_i32(inputs, 7);
  IREE_CHECK_OK(call(&fixture, "programs.call_mixed", inputs, outputs));
  iree_vm_value_t number;
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 1, &number));
  assert_int_equal(number.i32, 7 + 25 + 700);
  float result[3];
  IREE_CHECK_OK(iree_hal_buffer_map_read(
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0)), 0, result,
      sizeof(result)));
  assert_memory_equal(result, data, sizeof(data));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_custom_module_missing(void** state) {
  fixture_t fixture;
  IREE_CHECK_OK(fixture_open(&fixture, iree_allocator_system()));
  expect_failure(fixture_append(&fixture, "programs"), IREE_STATUS_NOT_FOUND, 2, "custom.call",
                 "programs");
  // Registered late, it works.
  IREE_CHECK_OK(fixture_append_custom(&fixture, &custom_descriptor));
  IREE_CHECK_OK(fixture_append(&fixture, "programs"));
  fixture_close(&fixture);
}

static void test_custom_signature_differs(void** state) {
  fixture_t fixture;
  IREE_CHECK_OK(fixture_open(&fixture, iree_allocator_system()));
  IREE_CHECK_OK(fixture_append_custom(&fixture, &other_descriptor));
  expect_failure(fixture_append(&fixture, "programs"), IREE_STATUS_INTERNAL, 4, "custom.call",
                 "0r_r", "0i_i", "tensor<?x3xi32>");
  fixture_close(&fixture);
}

//===-- Callers ------------------------------------------------------------------------------------------------------===//

static void test_wrong_arguments(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "programs.add", "2", "0");
  push_view(inputs, tensor_i32(&fixture, 5));
  push_view(inputs, tensor_i32(&fixture, 5));
  push_view(inputs, tensor_i32(&fixture, 5));
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "programs.add", "2", "3");

  // A shorter operand: both sizes and the line.
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 1));
  push_view(inputs, tensor_i32(&fixture, 4));
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "5", "4", "programs.mlir:13:");

  // Null, a number, a buffer, another rank, another element type.
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 1));
  iree_vm_ref_t null = iree_vm_ref_null();
  IREE_CHECK_OK(iree_vm_list_push_ref_retain(inputs, &null));
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "null", "argument 1", "i32");
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 1));
  push_i32(inputs, 5);
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 1,
                 "programs.add");
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 1));
  push_view(inputs, matrix_i32(&fixture, 2));
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "rank", "argument 1", "2x3xi32");
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 1));
  const float data[5] = {0};
  const iree_hal_dim_t shape[] = {5};
  push_view(inputs, tensor(&fixture, 1, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_32, data, sizeof(data)));
  expect_failure(call(&fixture, "programs.add", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT, 3,
                 "f32", "i32", "argument 1");

  // A static dimension.
  IREE_CHECK_OK(iree_vm_list_resize(inputs, 0));
  const iree_hal_dim_t wide[] = {1, 4};
  push_view(inputs, tensor(&fixture, 2, wide, IREE_HAL_ELEMENT_TYPE_INT_32, data, 16));
  expect_failure(call(&fixture, "programs.call_custom", inputs, outputs),
                 IREE_STATUS_INVALID_ARGUMENT, 2, "argument 0", "x3xi32");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_unknown_entry_point(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t* outputs = list();
  expect_failure(call(&fixture, "programs.nosuch", NULL, outputs), IREE_STATUS_NOT_FOUND, 3,
                 "nosuch", "call_custom", "divide");
  expect_failure(call(&fixture, "nosuch.add", NULL, outputs), IREE_STATUS_NOT_FOUND, 1, "nosuch");
  expect_failure(call(&fixture, "add", NULL, outputs), IREE_STATUS_INVALID_ARGUMENT, 1, "add");
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

static void test_scalars(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  push_i32(inputs, 100001);
  IREE_CHECK_OK(call(&fixture, "programs.sum_to", inputs, outputs));
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value(outputs, 0, &value));
  assert_true(value.i64 == 5000050000ll);
  push_i32(inputs, 0);
  expect_failure(call(&fixture, "programs.divide", inputs, outputs), IREE_STATUS_INVALID_ARGUMENT,
                 2, "zero", "programs.divide");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

//===-- Sizes --------------------------------------------------------------------------------------------------------===//

static void test_no_elements(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  push_view(inputs, tensor_i32(&fixture, 0));
  push_view(inputs, tensor_i32(&fixture, 0));
  IREE_CHECK_OK(call(&fixture, "programs.add", inputs, outputs));
  iree_hal_buffer_view_t* result = iree_vm_list_get_buffer_view_assign(outputs, 0);
  assert_int_equal(iree_hal_buffer_view_shape_rank(result), 1);
  assert_int_equal(iree_hal_buffer_view_shape_dim(result, 0), 0);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}

// 3 GB without 3 GB of memory for the argument: untouched pages, imported without a copy.
static void test_three_gigabytes(void** state) {
  const size_t length = 3ull << 30;
  uint8_t* pages = mmap(NULL, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) skip();
  pages[0] = 1, pages[length / 2] = 2, pages[length - 1] = 3;
  fixture_t fixture = open_programs();
  iree_hal_buffer_params_t params = {0};
  iree_hal_external_buffer_t external = {.type = IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION,
                                         .size = length};
  external.handle.host_allocation.ptr = pages;
  iree_hal_buffer_t* buffer = NULL;
  IREE_CHECK_OK(iree_hal_allocator_import_buffer(
      iree_runtime_session_device_allocator(fixture.session), params, &external,
      iree_hal_buffer_release_callback_null(), &buffer));
  const iree_hal_dim_t shape[] = {length};
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(iree_hal_buffer_view_create(buffer, 1, shape, IREE_HAL_ELEMENT_TYPE_INT_8,
                                            IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
                                            fixture.allocator, &view));
  iree_hal_buffer_release(buffer);
  iree_vm_list_t *inputs = list(), *outputs = list();
  push_view(inputs, view);
  iree_status_t status = call(&fixture, "programs.negate_bytes", inputs, outputs);
  if (iree_status_is_resource_exhausted(status)) {
    iree_status_free(status);  // a small machine
  } else {
    IREE_CHECK_OK(status);
    iree_hal_buffer_t* result =
        iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0));
    const size_t places[] = {0, 1, length / 2, length / 2 + 1, length - 2, length - 1};
    const int8_t expected[] = {-1, 0, -2, 0, 0, -3};
    for (int i = 0; i < 6; ++i) {
      int8_t byte = 77;
      IREE_CHECK_OK(iree_hal_buffer_map_read(result, places[i], &byte, 1));
      assert_int_equal(byte, expected[i]);
    }
  }
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
  munmap(pages, length);
}

//===-- Loading ------------------------------------------------------------------------------------------------------===//

static int32_t run_plus(fixture_t* fixture, const char* function) {
  iree_vm_list_t *inputs = list(), *outputs = list();
  push_view(inputs, tensor_i32(fixture, 3));
  IREE_CHECK_OK(call(fixture, function, inputs, outputs));
  int32_t first = 0;
  IREE_CHECK_OK(iree_hal_buffer_map_read(
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0)), 0, &first, 4));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return first;
}

static void test_modules_keep_their_own_code(void** state) {
  for (int round = 0; round < 5; ++round) {
    fixture_t one, ten;
    IREE_CHECK_OK(fixture_open(&one, iree_allocator_system()));
    IREE_CHECK_OK(fixture_append(&one, "plus1"));
    assert_int_equal(run_plus(&one, "plus1.main"), 2);
    if (round % 2) fixture_close(&one);
    IREE_CHECK_OK(fixture_open(&ten, iree_allocator_system()));
    IREE_CHECK_OK(fixture_append(&ten, "plus10"));
    assert_int_equal(run_plus(&ten, "plus10.main"), 11);
    if (!(round % 2)) {
      assert_int_equal(run_plus(&one, "plus1.main"), 2);
      fixture_close(&one);
    }
    assert_int_equal(run_plus(&ten, "plus10.main"), 11);
    fixture_close(&ten);
  }
}

// A result outlives the session, the module and the device that made it.
static void test_results_outlive_the_session(void** state) {
  fixture_t fixture = open_programs();
  iree_vm_list_t *inputs = list(), *outputs = list();
  push_view(inputs, tensor_i32(&fixture, 3));
  IREE_CHECK_OK(call(&fixture, "programs.identity", inputs, outputs));
  iree_vm_list_release(inputs);
  fixture_close(&fixture);
  int32_t data[3] = {0};
  IREE_CHECK_OK(iree_hal_buffer_map_read(
      iree_hal_buffer_view_buffer(iree_vm_list_get_buffer_view_assign(outputs, 0)), 0, data,
      sizeof(data)));
  assert_int_equal(data[2], 3);
  iree_vm_list_release(outputs);
}

// The whole life of a session, with an allocator that fails at the n-th call, for all n.
static iree_status_t whole_life(iree_allocator_t allocator, void* user_data) {
  fixture_t fixture;
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  iree_status_t status = fixture_open(&fixture, allocator);
  if (iree_status_is_ok(status)) status = fixture_append_custom(&fixture, &custom_descriptor);
  if (iree_status_is_ok(status)) status = fixture_append(&fixture, "programs");
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 2, allocator, &inputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 2, allocator, &outputs);
  if (iree_status_is_ok(status)) {
    const iree_hal_dim_t shape[] = {2, 3};
    const int32_t data[6] = {0};
    iree_hal_buffer_view_t* view = NULL;
    iree_hal_buffer_params_t params = {0};
    status = iree_hal_buffer_view_allocate_buffer(
        iree_runtime_session_device_allocator(fixture.session), 2, shape,
        IREE_HAL_ELEMENT_TYPE_INT_32, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
        iree_make_const_byte_span(data, sizeof(data)), &view);
    iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
    if (iree_status_is_ok(status)) status = iree_vm_list_push_ref_move(inputs, &ref);
    iree_vm_ref_release(&ref);
  }
  behaviour = RETURN_COPY;
  if (iree_status_is_ok(status)) status = call(&fixture, "programs.call_custom", inputs, outputs);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
  return status;
}

static void test_allocator_fails_at_every_call(void** state) {
  tenon_test_for_each_failure(whole_life, NULL);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: session_test FOLDER\n");
    return 1;
  }
  module_folder = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_custom_call_fails),
      cmocka_unit_test(test_custom_call_returns_something_else),
      cmocka_unit_test(test_results_do_not_alias_arguments),
      cmocka_unit_test(test_scalars_and_tensors_mixed),
      cmocka_unit_test(test_custom_module_missing),
      cmocka_unit_test(test_custom_signature_differs),
      cmocka_unit_test(test_wrong_arguments),
      cmocka_unit_test(test_unknown_entry_point),
      cmocka_unit_test(test_scalars),
      cmocka_unit_test(test_no_elements),
      cmocka_unit_test(test_three_gigabytes),
      cmocka_unit_test(test_modules_keep_their_own_code),
      cmocka_unit_test(test_results_outlive_the_session),
      cmocka_unit_test(test_allocator_fails_at_every_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
