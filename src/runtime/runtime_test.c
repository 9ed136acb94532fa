// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/runtime/api.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/internal/file_io.h"
#include "iree/modules/hal/types.h"
#include "iree/vm/bytecode_module.h"
#include "runtime/testing/program.h"

static iree_runtime_instance_t* instance;
static iree_hal_device_t* device;
static iree_byte_span_t program;  // without imports of custom modules

static iree_status_t create_instance(iree_allocator_t allocator,
                                     iree_runtime_instance_t** out_instance) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  return iree_runtime_instance_create(&options, allocator, out_instance);
}

static int set_up(void** state) {
  IREE_CHECK_OK(create_instance(iree_allocator_system(), &instance));
  IREE_CHECK_OK(iree_runtime_instance_try_create_default_device(
      instance, iree_make_cstring_view("local-sync"), &device));
  program = tenon_test_program(/*with_custom=*/false);
  return 0;
}

static int tear_down(void** state) {
  free(program.data);
  iree_hal_device_release(device);
  iree_runtime_instance_release(instance);
  return 0;
}

//===--------------------------------------------------------------------------------------------===//
// Help
//===--------------------------------------------------------------------------------------------===//

static iree_const_byte_span_t const_span(iree_byte_span_t span) {
  return iree_make_const_byte_span(span.data, span.data_length);
}

static iree_runtime_session_t* create_session(void) {
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_runtime_session_t* session = NULL;
  IREE_CHECK_OK(iree_runtime_session_create_with_device(instance, &options, device,
                                                        iree_allocator_system(), &session));
  return session;
}

static iree_runtime_session_t* create_program_session(void) {
  iree_runtime_session_t* session = create_session();
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_memory(
      session, const_span(program), iree_allocator_null()));
  return session;
}

static iree_hal_buffer_view_t* parse_view(const char* text) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(iree_hal_buffer_view_parse(iree_make_cstring_view(text),
                                           iree_hal_device_allocator(device), &view));
  return view;
}

static void assert_view(const iree_hal_buffer_view_t* view, const char* expected) {
  char text[128];
  IREE_CHECK_OK(iree_hal_buffer_view_format(view, 16, sizeof(text), text, NULL));
  assert_string_equal(text, expected);
}

static void assert_failure(iree_status_t status, iree_status_code_t code, const char* message) {
  char text[4096] = "";
  iree_status_format(status, sizeof(text), text, NULL);
  if (!strstr(text, message)) fail_msg("expected '%s' in '%s'", message, text);
  assert_int_equal(iree_status_consume_code(status), code);
}

// Calls @square with a view (NULL: a null reference).
static iree_status_t square(iree_runtime_session_t* session, iree_hal_buffer_view_t* view,
                            iree_hal_buffer_view_t** out_view) {
  iree_runtime_call_t call;
  IREE_RETURN_IF_ERROR(
      iree_runtime_call_initialize_by_name(session, iree_make_cstring_view("test.square"), &call));
  iree_status_t status = iree_runtime_call_inputs_push_back_buffer_view(&call, view);
  if (iree_status_is_ok(status)) status = iree_runtime_call_invoke(&call, 0);
  if (iree_status_is_ok(status))
    status = iree_runtime_call_outputs_pop_front_buffer_view(&call, out_view);
  iree_runtime_call_deinitialize(&call);
  return status;
}

static void assert_squares(iree_runtime_session_t* session) {
  iree_hal_buffer_view_t* view = parse_view("5xi32=1 2 3 4 5");
  iree_hal_buffer_view_t* result = NULL;
  IREE_CHECK_OK(square(session, view, &result));
  assert_view(result, "5xi32=1 4 9 16 25");
  iree_hal_buffer_view_release(result);
  iree_hal_buffer_view_release(view);
}

// A file in the current directory with |contents|; the caller unlinks and frees the name.
static char* write_temporary_file(iree_byte_span_t contents) {
  char* path = strdup("runtime_test.XXXXXX");
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, contents.data, contents.data_length), (ssize_t)contents.data_length);
  close(fd);
  return path;
}

//===--------------------------------------------------------------------------------------------===//
// Instances and devices
//===--------------------------------------------------------------------------------------------===//

static void instances_may_have_no_drivers(void** state) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_t* bare = NULL;
  IREE_CHECK_OK(iree_runtime_instance_create(&options, iree_allocator_system(), &bare));
  assert_null(iree_runtime_instance_driver_registry(bare));
  iree_hal_device_t* none = NULL;
  assert_failure(iree_runtime_instance_try_create_default_device(
                     bare, iree_make_cstring_view("local-sync"), &none),
                 IREE_STATUS_FAILED_PRECONDITION, "use_all_available_drivers");
  assert_null(none);
  iree_runtime_instance_release(bare);
}

static void unknown_drivers_are_named(void** state) {
  iree_hal_device_t* none = NULL;
  iree_status_t status = iree_runtime_instance_try_create_default_device(
      instance, iree_make_cstring_view("vulkan"), &none);
  assert_failure(iree_status_clone(status), IREE_STATUS_NOT_FOUND, "vulkan");
  assert_failure(status, IREE_STATUS_NOT_FOUND, "local-sync");
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

static void sessions_run_programs(void** state) {
  iree_runtime_session_t* session = create_program_session();
  assert_ptr_equal(iree_runtime_session_instance(session), instance);
  assert_ptr_equal(iree_runtime_session_device(session), device);
  assert_ptr_equal(iree_runtime_session_device_allocator(session),
                   iree_hal_device_allocator(device));
  assert_squares(session);
  iree_runtime_session_release(session);
}

static void calls_can_be_repeated(void** state) {
  iree_runtime_session_t* session = create_program_session();
  iree_runtime_call_t call;
  IREE_CHECK_OK(
      iree_runtime_call_initialize_by_name(session, iree_make_cstring_view("test.add"), &call));
  iree_runtime_session_release(session);  // the call keeps it
  for (int32_t i = 0; i < 3; ++i) {
    const iree_vm_value_t a = iree_vm_value_make_i32(i), b = iree_vm_value_make_i32(40);
    IREE_CHECK_OK(iree_vm_list_push_value(iree_runtime_call_inputs(&call), &a));
    IREE_CHECK_OK(iree_vm_list_push_value(iree_runtime_call_inputs(&call), &b));
    IREE_CHECK_OK(iree_runtime_call_invoke(&call, 0));
    assert_int_equal(iree_vm_list_size(iree_runtime_call_outputs(&call)), 1);
    iree_vm_value_t sum;
    IREE_CHECK_OK(iree_vm_list_get_value(iree_runtime_call_outputs(&call), 0, &sum));
    assert_int_equal(sum.i32, 40 + i);
    iree_runtime_call_reset(&call);
    assert_int_equal(iree_vm_list_size(iree_runtime_call_inputs(&call)), 0);
    assert_int_equal(iree_vm_list_size(iree_runtime_call_outputs(&call)), 0);
  }
  assert_failure(iree_runtime_call_invoke(&call, 1), IREE_STATUS_INVALID_ARGUMENT, "0x1");
  iree_hal_buffer_view_t* view = NULL;
  assert_failure(iree_runtime_call_outputs_pop_front_buffer_view(&call, &view),
                 IREE_STATUS_OUT_OF_RANGE, "");
  iree_runtime_call_deinitialize(&call);
}

static void functions_are_found_by_name(void** state) {
  iree_runtime_session_t* session = create_program_session();
  iree_vm_function_t function;
  IREE_CHECK_OK(
      iree_runtime_session_lookup_function(session, iree_make_cstring_view("test.add"), &function));
  assert_string_equal(iree_vm_function_name(&function).data, "add");
  iree_status_t status =
      iree_runtime_session_call_by_name(session, iree_make_cstring_view("test.nope"), NULL, NULL);
  assert_failure(iree_status_clone(status), IREE_STATUS_NOT_FOUND, "nope");
  assert_failure(status, IREE_STATUS_NOT_FOUND, "square");
  assert_failure(
      iree_runtime_session_call_by_name(session, iree_make_cstring_view("nope.main"), NULL, NULL),
      IREE_STATUS_NOT_FOUND, "nope");
  assert_failure(
      iree_runtime_session_call_by_name(session, iree_make_cstring_view("main"), NULL, NULL),
      IREE_STATUS_INVALID_ARGUMENT, "main");
  iree_runtime_session_release(session);
}

static void wrong_arguments_are_explained(void** state) {
  iree_runtime_session_t* session = create_program_session();
  const struct {
    const char* view;
    const char* message;
  } cases[] = {
      {NULL, "the view is null; pass an iree_hal_buffer_view_t of type ?xi32"},
      {"3xf32",
       "expected a tensor of ?xi32 but the view is 3xf32 (element type f32 instead of i32)"},
      {"3x1xi32", "(rank 2 instead of 1)"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    iree_hal_buffer_view_t* view = cases[i].view ? parse_view(cases[i].view) : NULL;
    iree_hal_buffer_view_t* result = NULL;
    iree_status_t status = square(session, view, &result);
    assert_failure(iree_status_clone(status), IREE_STATUS_INVALID_ARGUMENT, cases[i].message);
    assert_failure(iree_status_clone(status), IREE_STATUS_INVALID_ARGUMENT,
                   "argument 0 of @square");
    assert_failure(status, IREE_STATUS_INVALID_ARGUMENT, "test.mlir:2:8");
    iree_hal_buffer_view_release(view);
  }
  assert_failure(
      iree_runtime_session_call_by_name(session, iree_make_cstring_view("test.square"), NULL, NULL),
      IREE_STATUS_INVALID_ARGUMENT, "sync func @square");
  assert_squares(session);
  iree_runtime_session_release(session);
}

static void results_outlive_their_session(void** state) {
  iree_runtime_session_t* session = create_program_session();
  iree_hal_buffer_view_t* view = parse_view("2xi32=3 4");
  iree_hal_buffer_view_t* result = NULL;
  IREE_CHECK_OK(square(session, view, &result));
  iree_runtime_session_release(session);
  assert_view(result, "2xi32=9 16");
  iree_hal_buffer_view_release(result);
  iree_hal_buffer_view_release(view);
}

static void* run_session(void* user_data) {
  iree_runtime_session_t* session = create_program_session();
  for (int i = 0; i < 100; ++i) assert_squares(session);
  iree_runtime_session_release(session);
  return NULL;
}

static void sessions_run_side_by_side(void** state) {
  pthread_t threads[4];
  for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, run_session, NULL), 0);
  }
  for (size_t i = 0; i < IREE_ARRAYSIZE(threads); ++i)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
}

//===--------------------------------------------------------------------------------------------===//
// Modules
//===--------------------------------------------------------------------------------------------===//

static void files_are_loaded(void** state) {
  iree_runtime_session_t* session = create_session();
  char* path = write_temporary_file(program);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(session, path));
  assert_squares(session);
  iree_runtime_session_release(session);
  unlink(path);
  free(path);
}

static void standard_input_is_loaded(void** state) {
  iree_runtime_session_t* session = create_session();
  char* path = write_temporary_file(program);
  const int saved = dup(STDIN_FILENO);
  const int fd = open(path, O_RDONLY);
  assert_true(dup2(fd, STDIN_FILENO) >= 0);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_stdin(session));
  if (saved >= 0) {
    dup2(saved, STDIN_FILENO);
    close(saved);
  }
  close(fd);
  assert_squares(session);
  iree_runtime_session_release(session);
  unlink(path);
  free(path);
}

static void what_cannot_be_loaded_leaves_the_session_usable(void** state) {
  iree_runtime_session_t* session = create_session();
  assert_failure(
      iree_runtime_session_append_bytecode_module_from_file(session, "does/not/exist.vmfb"),
      IREE_STATUS_NOT_FOUND, "does/not/exist.vmfb");
  iree_byte_span_t damaged = program;
  damaged.data_length -= 100;
  char* path = write_temporary_file(damaged);
  assert_failure(iree_runtime_session_append_bytecode_module_from_file(session, path),
                 IREE_STATUS_DATA_LOSS, path);
  unlink(path);
  free(path);
  iree_byte_span_t custom = tenon_test_program(/*with_custom=*/true);
  path = write_temporary_file(custom);
  assert_failure(iree_runtime_session_append_bytecode_module_from_file(session, path),
                 IREE_STATUS_NOT_FOUND, "custom.twice");
  unlink(path);
  free(path);
  free(custom.data);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_memory(
      session, const_span(program), iree_allocator_null()));
  assert_squares(session);
  iree_runtime_session_release(session);
}

// Whose the bytes are: the module's if it could be appended, else still the caller's. At every
// alignment: unaligned bytes are copied by the module, which frees them earlier.
static void memory_belongs_to_modules_that_load(void** state) {
  iree_byte_span_t custom = tenon_test_program(/*with_custom=*/true);
  for (iree_host_size_t offset = 0; offset < 2; ++offset) {
    tenon_failing_allocator_t counter;
    tenon_failing_allocator_initialize(0, &counter);
    const iree_allocator_t allocator = tenon_failing_allocator(&counter);
    const iree_byte_span_t files[] = {program, custom};
    for (size_t i = 0; i < IREE_ARRAYSIZE(files); ++i) {
      iree_runtime_session_t* session = create_session();
      uint8_t* bytes = NULL;
      // An unaligned file starts inside of its block, so that somebody else frees it.
      IREE_CHECK_OK(
          iree_allocator_malloc(allocator, files[i].data_length + offset, (void**)&bytes));
      memcpy(bytes + offset, files[i].data, files[i].data_length);
      iree_status_t status = iree_runtime_session_append_bytecode_module_from_memory(
          session, iree_make_const_byte_span(bytes + offset, files[i].data_length),
          offset ? iree_allocator_null() : allocator);
      if (i == 0) {
        IREE_CHECK_OK(status);
        assert_squares(session);
      } else {
        assert_failure(status, IREE_STATUS_NOT_FOUND, "custom.twice");
        assert_int_equal(counter.live_count, 1);
      }
      iree_runtime_session_release(session);
      if (i == 1 || offset) iree_allocator_free(allocator, bytes);
      assert_int_equal(counter.live_count, 0);
    }
  }
  free(custom.data);
}

// A file that doesn't lie at a multiple of 8 and that the module frees as soon as it has its copy.
static iree_status_t free_from_byte_1(void* self, iree_allocator_command_t command,
                                      const void* params, void** inout_ptr) {
  assert_int_equal(command, IREE_ALLOCATOR_COMMAND_FREE);
  ++*(int*)self;
  free((uint8_t*)*inout_ptr - 1);
  return iree_ok_status();
}

static void unaligned_memory_is_freed_once(void** state) {
  int freed = 0;
  const iree_allocator_t allocator = {.self = &freed, .ctl = free_from_byte_1};
  uint8_t* bytes = malloc(program.data_length + 1);
  memcpy(bytes + 1, program.data, program.data_length);
  iree_runtime_session_t* session = create_session();
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_memory(
      session, iree_make_const_byte_span(bytes + 1, program.data_length), allocator));
  assert_squares(session);
  iree_runtime_session_release(session);
  assert_int_equal(freed, 1);

  iree_byte_span_t custom = tenon_test_program(/*with_custom=*/true);
  bytes = malloc(custom.data_length + 1);
  memcpy(bytes + 1, custom.data, custom.data_length);
  session = create_session();
  assert_failure(iree_runtime_session_append_bytecode_module_from_memory(
                     session, iree_make_const_byte_span(bytes + 1, custom.data_length), allocator),
                 IREE_STATUS_NOT_FOUND, "custom.twice");
  iree_runtime_session_release(session);
  assert_int_equal(freed, 1);
  free(bytes);
  free(custom.data);
}

IREE_VM_ABI_EXPORT(custom_twice, void, i, i) {
  if (args->i0 < 0)
    return iree_make_status(IREE_STATUS_UNAVAILABLE, "negative numbers are sold out");
  rets->i0 = 2 * args->i0;
  return iree_ok_status();
}

static iree_vm_module_t* create_custom_module(void) {
  static const iree_vm_native_export_descriptor_t exports[] = {
      {IREE_VM_NATIVE_STR("twice"), IREE_VM_NATIVE_STR("0i_i"), 0, NULL},
  };
  static const iree_vm_native_function_ptr_t functions[] = {
      {(iree_vm_native_function_shim_t)iree_vm_shim_i_i,
       (iree_vm_native_function_target_t)custom_twice},
  };
  static const iree_vm_native_module_descriptor_t descriptor = {
      .name = IREE_VM_NATIVE_STR("custom"),
      .export_count = 1,
      .exports = exports,
      .function_count = 1,
      .functions = functions,
  };
  iree_vm_module_t module_interface;
  IREE_CHECK_OK(iree_vm_module_initialize(&module_interface, NULL));
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(iree_vm_native_module_create(&module_interface, &descriptor,
                                             iree_runtime_instance_vm_instance(instance),
                                             iree_allocator_system(), &module));
  return module;
}

static iree_status_t twice(iree_runtime_session_t* session, int32_t value, int32_t* out_value) {
  iree_runtime_call_t call;
  IREE_RETURN_IF_ERROR(
      iree_runtime_call_initialize_by_name(session, iree_make_cstring_view("test.twice"), &call));
  const iree_vm_value_t argument = iree_vm_value_make_i32(value);
  IREE_CHECK_OK(iree_vm_list_push_value(iree_runtime_call_inputs(&call), &argument));
  iree_status_t status = iree_runtime_call_invoke(&call, 0);
  iree_vm_value_t result = iree_vm_value_make_i32(0);
  if (iree_status_is_ok(status))
    status = iree_vm_list_get_value(iree_runtime_call_outputs(&call), 0, &result);
  *out_value = result.i32;
  // A scalar is no view.
  if (iree_status_is_ok(status)) {
    iree_hal_buffer_view_t* view = NULL;
    iree_status_t wrong = iree_runtime_call_outputs_pop_front_buffer_view(&call, &view);
    assert_false(iree_status_is_ok(wrong));
    iree_status_free(wrong);
  }
  iree_runtime_call_deinitialize(&call);
  return status;
}

static void programs_call_native_modules(void** state) {
  iree_runtime_session_t* session = create_session();
  iree_vm_module_t* custom = create_custom_module();
  IREE_CHECK_OK(iree_runtime_session_append_module(session, custom));
  iree_vm_module_release(custom);
  iree_byte_span_t file = tenon_test_program(/*with_custom=*/true);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_memory(session, const_span(file),
                                                                        iree_allocator_null()));
  int32_t result = 0;
  IREE_CHECK_OK(twice(session, 21, &result));
  assert_int_equal(result, 42);
  iree_status_t status = twice(session, -1, &result);
  assert_failure(iree_status_clone(status), IREE_STATUS_UNAVAILABLE,
                 "negative numbers are sold out");
  assert_failure(iree_status_clone(status), IREE_STATUS_UNAVAILABLE, "custom.twice");
  assert_failure(status, IREE_STATUS_UNAVAILABLE, "test.mlir:9:8");
  iree_runtime_session_release(session);
  free(file.data);
}

//===--------------------------------------------------------------------------------------------===//
// Memory
//===--------------------------------------------------------------------------------------------===//

static iree_status_t run_in_session(iree_runtime_session_t* session) {
  IREE_RETURN_IF_ERROR(iree_runtime_session_append_bytecode_module_from_memory(
      session, const_span(program), iree_allocator_null()));
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_parse(iree_make_cstring_view("5xi32=1 2 3 4 5"),
                                                  iree_runtime_session_device_allocator(session),
                                                  &view));
  iree_hal_buffer_view_t* result = NULL;
  iree_status_t status = square(session, view, &result);
  if (iree_status_is_ok(status)) assert_view(result, "5xi32=1 4 9 16 25");
  iree_hal_buffer_view_release(result);
  iree_hal_buffer_view_release(view);
  return status;
}

static iree_status_t run_with_device(iree_runtime_instance_t* own_instance,
                                     iree_hal_device_t* own_device, iree_allocator_t allocator) {
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_runtime_session_t* session = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_session_create_with_device(own_instance, &options, own_device,
                                                               allocator, &session));
  iree_status_t status = run_in_session(session);
  iree_runtime_session_release(session);
  return status;
}

// From the instance to the first result, and all the way back.
static iree_status_t live(iree_allocator_t allocator, void* user_data) {
  iree_runtime_instance_t* own_instance = NULL;
  IREE_RETURN_IF_ERROR(create_instance(allocator, &own_instance));
  iree_hal_device_t* own_device = NULL;
  iree_status_t status = iree_runtime_instance_try_create_default_device(
      own_instance, iree_make_cstring_view("local-sync"), &own_device);
  if (iree_status_is_ok(status)) status = run_with_device(own_instance, own_device, allocator);
  iree_hal_device_release(own_device);
  iree_runtime_instance_release(own_instance);
  return status;
}

static void no_failed_allocation_leaks(void** state) {
  const iree_host_size_t allocations = tenon_test_for_each_failure(live, NULL);
  // Fewer would mean that something bypasses the allocator.
  assert_in_range(allocations, 10, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(instances_may_have_no_drivers),
      cmocka_unit_test(unknown_drivers_are_named),
      cmocka_unit_test(sessions_run_programs),
      cmocka_unit_test(calls_can_be_repeated),
      cmocka_unit_test(functions_are_found_by_name),
      cmocka_unit_test(wrong_arguments_are_explained),
      cmocka_unit_test(results_outlive_their_session),
      cmocka_unit_test(sessions_run_side_by_side),
      cmocka_unit_test(files_are_loaded),
      cmocka_unit_test(standard_input_is_loaded),
      cmocka_unit_test(what_cannot_be_loaded_leaves_the_session_usable),
      cmocka_unit_test(memory_belongs_to_modules_that_load),
      cmocka_unit_test(unaligned_memory_is_freed_once),
      cmocka_unit_test(programs_call_native_modules),
      cmocka_unit_test(no_failed_allocation_leaks),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
