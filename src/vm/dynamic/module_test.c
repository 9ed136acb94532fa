// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plugins that are loaded, and files that are refused.
#include "iree/vm/dynamic/module.h"

#include <unistd.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/internal/file_io.h"
#include "vm/dynamic/library_file.h"
#include "vm/testing/vm_test.h"

static iree_vm_instance_t* instance;

static int setup(void** state) {
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  return 0;
}
static int teardown(void** state) {
  iree_vm_instance_release(instance);
  return 0;
}

static iree_status_t load(const char* path, const char* export_name,
                          iree_vm_module_t** out_module) {
  return iree_vm_dynamic_module_load_from_file(instance, IREE_SV(path), IREE_SV(export_name), 0,
                                               NULL, iree_allocator_system(), out_module);
}

// The file must be refused with a message that has |text| in it.
static void expect_refused(iree_status_code_t code, const char* text, const char* path,
                           const char* export_name) {
  iree_vm_module_t* module = (iree_vm_module_t*)&instance;
  expect_message(code, text, load(path, export_name, &module));
  assert_null(module);
}

// Calls |name| in a context with |module|; the first result goes to |out_result| unless NULL.
static iree_status_t call(iree_vm_module_t* module, const char* name,
                          iree_vm_variant_t* out_result) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_context_create_with_modules(
      instance, IREE_VM_CONTEXT_FLAG_NONE, 1, &module, iree_allocator_system(), &context));
  iree_vm_list_t* results = NULL;
  iree_vm_function_t function = {0};
  iree_status_t status = iree_vm_list_create(NULL, 1, iree_allocator_system(), &results);
  if (iree_status_is_ok(status)) {
    status = iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                    IREE_SV(name), &function);
  }
  if (iree_status_is_ok(status)) {
    status = iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, NULL, results,
                            iree_allocator_system());
  }
  if (iree_status_is_ok(status) && out_result) {
    status = iree_vm_list_get_variant(results, 0, out_result);
    if (iree_vm_variant_is_ref(*out_result)) iree_vm_ref_retain_inplace(&out_result->ref);
  }
  iree_vm_list_release(results);
  iree_vm_context_release(context);
  return status;
}

static int32_t call_value(iree_vm_module_t* module) {
  iree_vm_variant_t result = iree_vm_variant_empty();
  expect_ok(call(module, "value", &result));
  return result.i32;
}

static void test_load(void** state) {
  iree_vm_module_t* module = NULL;
  expect_ok(load(TEST_PLUGIN_good, "", &module));
  assert_true(iree_string_view_equal(iree_vm_module_name(module), IREE_SV("plugin")));
  assert_int_equal(call_value(module), IREE_VM_DYNAMIC_MODULE_VERSION_LATEST);
  iree_vm_module_release(module);
}

// Types are registered with the program's runtime, statuses are its statuses; an object outlives the module.
static void test_shares_runtime(void** state) {
  iree_vm_module_t* module = NULL;
  expect_ok(load(TEST_PLUGIN_good, "", &module));
  const iree_vm_ref_type_descriptor_t* descriptor =
      iree_vm_ref_lookup_registered_type(IREE_SV("plugin.thing"));
  assert_non_null(descriptor);
  iree_vm_variant_t result = iree_vm_variant_empty();
  expect_ok(call(module, "thing", &result));
  expect_message(IREE_STATUS_DATA_LOSS, "a failure of the plugin", call(module, "fail", NULL));
  iree_vm_module_release(module);
  assert_int_equal(result.ref.type, descriptor->type);
  iree_vm_ref_release(&result.ref);
}

static void test_twice(void** state) {
  iree_vm_module_t *first = NULL, *second = NULL;
  expect_ok(load(TEST_PLUGIN_good, "", &first));
  expect_ok(load(TEST_PLUGIN_good, "", &second));
  assert_ptr_not_equal(first, second);
  iree_vm_module_release(first);
  assert_int_equal(call_value(second), IREE_VM_DYNAMIC_MODULE_VERSION_LATEST);
  iree_vm_module_release(second);
}

static void test_params(void** state) {
  const iree_string_pair_t params[] = {iree_make_cstring_pair("value", "42"),
                                       iree_make_cstring_pair("valeu", "")};
  iree_vm_module_t* module = NULL;
  expect_ok(iree_vm_dynamic_module_load_from_file(instance, IREE_SV(TEST_PLUGIN_good),
                                                  IREE_SV("create_with_value"), 1, params,
                                                  iree_allocator_system(), &module));
  assert_int_equal(call_value(module), 42);
  iree_vm_module_release(module);
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "parameter 1 is 'valeu' = ''; creating the module of plugin " TEST_PLUGIN_good
                 "@create_with_value",
                 iree_vm_dynamic_module_load_from_file(instance, IREE_SV(TEST_PLUGIN_good),
                                                       IREE_SV("create_with_value"), 2, params,
                                                       iree_allocator_system(), &module));
  assert_null(module);
}

// A name without a slash is that of a file in the working directory.
static void test_working_directory(void** state) {
  char directory[4096], path[] = TEST_PLUGIN_good;
  assert_non_null(getcwd(directory, sizeof(directory)));
  char* slash = strrchr(path, '/');
  *slash = 0;
  assert_int_equal(chdir(path), 0);
  iree_vm_module_t* module = NULL;
  expect_ok(load(slash + 1, "", &module));
  iree_vm_module_release(module);
  assert_int_equal(chdir(directory), 0);
}

static void test_entry_points(void** state) {
  expect_refused(IREE_STATUS_NOT_FOUND, "exports no function 'create_it'; ", TEST_PLUGIN_good,
                 "create_it");
  expect_refused(IREE_STATUS_NOT_FOUND,
                 "'iree_vm_dynamic_module_create' is used when none is named", TEST_PLUGIN_good,
                 "create_it");
  // A function of a library that the plugin depends on is none of the plugin's.
  expect_refused(IREE_STATUS_NOT_FOUND, "exports no function 'abort'; ", TEST_PLUGIN_good, "abort");
  expect_refused(IREE_STATUS_INTERNAL, "succeeded without a module", TEST_PLUGIN_good,
                 "create_nothing");
}

// None of these is loaded: their constructors abort.
static void test_other_builds(void** state) {
  char versions[64];
  snprintf(versions, sizeof(versions), "version 4711 of the plugin interface, but");
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, versions, TEST_PLUGIN_newer, "");
  snprintf(versions, sizeof(versions), "this program has version %u; compile the plugin again",
           IREE_VM_DYNAMIC_MODULE_VERSION_LATEST);
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, versions, TEST_PLUGIN_newer, "");
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, "against version 0 of", TEST_PLUGIN_mixed, "");
  expect_refused(IREE_STATUS_FAILED_PRECONDITION,
                 "an iree_host_size_t of 4 and an iree_device_size_t of 8 bytes", TEST_PLUGIN_sizes,
                 "");
  expect_refused(IREE_STATUS_INVALID_ARGUMENT, "is no Tenon plugin", TEST_PLUGIN_none, "");
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, "contains a Tenon runtime of its own",
                 TEST_PLUGIN_runtime, "");
}

static void test_undefined_function(void** state) {
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, "undefined symbol: iree_vm_no_such_function",
                 TEST_PLUGIN_undefined, "");
}

//===--- Files that are no plugins ---------------------------------------------------------------===//

static char scratch_path[] = "/tmp/tenon-plugin-XXXXXX";  // named anew for each test

static int setup_file(void** state) {
  memcpy(strrchr(scratch_path, '-'), "-XXXXXX", 7);
  const int fd = mkstemp(scratch_path);
  if (fd < 0) return -1;
  close(fd);
  return setup(state);
}
static int teardown_file(void** state) {
  unlink(scratch_path);
  return teardown(state);
}

static void write_scratch(const void* data, size_t size) {
  expect_ok(iree_file_write_contents(scratch_path, iree_make_const_byte_span(data, size)));
}

static void test_other_files(void** state) {
  expect_refused(IREE_STATUS_NOT_FOUND, "'/nowhere/libmine.so'", "/nowhere/libmine.so", "");
  expect_refused(IREE_STATUS_FAILED_PRECONDITION, "failed to read '/tmp'", "/tmp", "");
  expect_refused(IREE_STATUS_INVALID_ARGUMENT, "empty", "", "");
  expect_refused(IREE_STATUS_INVALID_ARGUMENT, "is not a shared library", "/dev/null", "");
  write_scratch("TENON\r\n\x1a rest", 13);
  expect_refused(IREE_STATUS_INVALID_ARGUMENT, "is a compiled program", scratch_path, "");
  const iree_string_view_t nul = iree_make_string_view("a\0b", 3);
  iree_vm_module_t* module = NULL;
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "NUL",
                 iree_vm_dynamic_module_load_from_file(instance, nul, nul, 0, NULL,
                                                       iree_allocator_system(), &module));
}

static iree_file_contents_t* read_good(void) {
  iree_file_contents_t* contents = NULL;
  expect_ok(iree_file_read_contents(TEST_PLUGIN_good, iree_allocator_system(), &contents));
  return contents;
}

// Offsets in an ELF header.
enum { CLASS = 4, DATA = 5, TYPE = 16, MACHINE = 18 };

static void expect_damage_refused(iree_host_size_t offset, uint8_t value, const char* text) {
  iree_file_contents_t* contents = read_good();
  contents->buffer.data[offset] = value;
  write_scratch(contents->buffer.data, contents->buffer.data_length);
  iree_file_contents_free(contents);
  expect_refused(IREE_STATUS_INVALID_ARGUMENT, text, scratch_path, "");
}

static void test_other_machines(void** state) {
  expect_damage_refused(CLASS, 1, "another kind of machine");
  expect_damage_refused(DATA, 2, "another kind of machine");
  expect_damage_refused(MACHINE, 2, "another kind of machine");
  expect_damage_refused(TYPE, 1, "an object file or a program");
}

// Cut anywhere, or with a wrong byte anywhere in the tables that are read: an error or not, but nothing worse. (Whether the
// system's loader survives such a file is its own affair: it is not given any.)
static void test_damaged(void** state) {
  iree_file_contents_t* contents = read_good();
  const iree_host_size_t size = contents->buffer.data_length;
  const iree_host_size_t table_size = size < 2048 ? size : 2048;
  tenon_library_info_t info;
  for (iree_host_size_t length = 0; length < table_size; length += 7) {
    write_scratch(contents->buffer.data, length);
    iree_status_ignore(tenon_library_file_inspect(scratch_path, &info));
  }
  static const uint8_t values[] = {0, 1, 0x7F, 0x80, 0xFF};
  for (iree_host_size_t i = 0; i < table_size; ++i) {
    const uint8_t original = contents->buffer.data[i];
    contents->buffer.data[i] = values[i % IREE_ARRAYSIZE(values)];
    write_scratch(contents->buffer.data, table_size);
    iree_status_ignore(tenon_library_file_inspect(scratch_path, &info));
    contents->buffer.data[i] = original;
  }
  write_scratch(contents->buffer.data, size);
  expect_ok(tenon_library_file_inspect(scratch_path, &info));
  assert_true(info.is_plugin);
  assert_false(info.has_runtime);
  iree_file_contents_free(contents);
}

//===--- Memory, layout --------------------------------------------------------------------------===//

static iree_status_t load_and_release(iree_allocator_t allocator, void* user_data) {
  iree_vm_module_t* module = NULL;
  iree_status_t status = iree_vm_dynamic_module_load_from_file(
      instance, IREE_SV(TEST_PLUGIN_good), iree_string_view_empty(), 0, NULL, allocator, &module);
  iree_vm_module_release(module);
  return status;
}

static void test_out_of_memory(void** state) {
  assert_int_equal(tenon_test_for_each_failure(load_and_release, NULL), 3);
}

// What plugins and programs lay out alike. Where this fails, something that plugins depend on has changed: raise
// IREE_VM_DYNAMIC_MODULE_VERSION_LATEST together with what stands here.
static void test_layout_of_version(void** state) {
  assert_int_equal(IREE_VM_DYNAMIC_MODULE_VERSION_LATEST, 1);
  if (sizeof(void*) != 8) return;
  assert_int_equal(sizeof(iree_allocator_t), 16);
  assert_int_equal(sizeof(iree_string_view_t), 16);
  assert_int_equal(sizeof(iree_vm_ref_t), 16);
  assert_int_equal(sizeof(iree_vm_ref_type_descriptor_t), 32);
  assert_int_equal(sizeof(iree_vm_function_t), 16);
  assert_int_equal(sizeof(iree_vm_function_call_t), 48);
  assert_int_equal(sizeof(iree_vm_native_call_t), 32);
  assert_int_equal(sizeof(iree_vm_module_t), 144);
  assert_int_equal(offsetof(iree_vm_module_t, destroy), 16);
  assert_int_equal(offsetof(iree_vm_module_t, begin_call), 120);
  assert_int_equal(offsetof(iree_vm_module_t, get_native_call), 136);
  assert_int_equal(sizeof(iree_vm_native_export_descriptor_t), 48);
  assert_int_equal(sizeof(iree_vm_native_module_descriptor_t), 104);
  assert_int_equal(sizeof(iree_vm_stack_frame_t), 104);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_load, setup, teardown),
      cmocka_unit_test_setup_teardown(test_shares_runtime, setup, teardown),
      cmocka_unit_test_setup_teardown(test_twice, setup, teardown),
      cmocka_unit_test_setup_teardown(test_params, setup, teardown),
      cmocka_unit_test_setup_teardown(test_working_directory, setup, teardown),
      cmocka_unit_test_setup_teardown(test_entry_points, setup, teardown),
      cmocka_unit_test_setup_teardown(test_other_builds, setup, teardown),
      cmocka_unit_test_setup_teardown(test_undefined_function, setup, teardown),
      cmocka_unit_test_setup_teardown(test_other_files, setup_file, teardown_file),
      cmocka_unit_test_setup_teardown(test_other_machines, setup_file, teardown_file),
      cmocka_unit_test_setup_teardown(test_damaged, setup_file, teardown_file),
      cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
      cmocka_unit_test(test_layout_of_version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
