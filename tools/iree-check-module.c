// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the functions that a program exports as tests (docs/testing.md), each in a context of its own.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "iree/runtime/api.h"
#include "support/call.h"
#include "support/devices.h"
#include "support/flags.h"
#include "support/gtest_bridge.h"
#include "support/modules.h"
#include "support/path.h"
#include "support/report.h"
#include "support/topology.h"
#include "tenon/check_module.h"

static const char usage[] =
    "Usage: iree-check-module FILE [flags] [--gtest_...]\n"
    "\n"
    "Runs each function that a compiled program exports as a test; - is standard input.\n"
    "\n"
    "  iree-compile tests.mlir --iree-hal-target-backends=llvm-cpu | iree-check-module -\n";

static struct {
  iree_string_view_t device;
  tenon_topology_t topology;
  bool expect_failure;
  bool trace_execution;
} options = {
    .device = IREE_SVL("local-task"),
    .topology = TENON_TOPOLOGY_DEFAULTS,
};

static const tenon_flag_t flag_table[] = {
    {"device", NULL, TENON_FLAG_STRING, &options.device, "URI",
     "The device to run on, DRIVER or DRIVER://PATH or DRIVER://PATH?KEY=VALUE&... (local-task)."},
    TENON_TOPOLOGY_FLAGS(&options.topology),
    {"expect_failure", NULL, TENON_FLAG_BOOL, &options.expect_failure, NULL,
     "Succeeds if a test fails, and fails if none does."},
    {"trace_execution", NULL, TENON_FLAG_BOOL, &options.trace_execution, NULL,
     "Prints each instruction that is executed, with the values it reads, to standard error."},
};

//===--------------------------------------------------------------------------------------------===//
// Running a test
//===--------------------------------------------------------------------------------------------===//

// What all tests have, and of each the function.
typedef struct suite_t {
  iree_runtime_instance_t* instance;
  iree_hal_device_t* device;
  iree_vm_module_t* check_module;
  iree_vm_module_t* module;
  struct test_t* tests;
} suite_t;
typedef struct test_t {
  suite_t* suite;
  iree_vm_function_t function;
  bool is_async;
} test_t;

static iree_status_t run_in_session(const test_t* test, iree_runtime_session_t* session) {
  IREE_RETURN_IF_ERROR(iree_runtime_session_append_module(session, test->suite->check_module));
  IREE_RETURN_IF_ERROR(iree_runtime_session_append_module(session, test->suite->module));
  iree_vm_list_t *inputs = NULL, *results = NULL;
  iree_status_t status = iree_vm_list_create(NULL, 0, iree_allocator_system(), &inputs);
  if (iree_status_is_ok(status)) {
    status = iree_vm_list_create(NULL, 0, iree_allocator_system(), &results);
  }
  if (iree_status_is_ok(status)) {
    status = tenon_call(session, &test->function, test->is_async, inputs, results);
  }
  iree_vm_list_release(results);
  iree_vm_list_release(inputs);
  return status;
}

static iree_status_t run_test(const test_t* test) {
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  if (options.trace_execution)
    session_options.context_flags |= IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION;
  iree_runtime_session_t* session = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_session_create_with_device(
      test->suite->instance, &session_options, test->suite->device, iree_allocator_system(),
      &session));
  iree_status_t status = run_in_session(test, session);
  iree_runtime_session_release(session);
  return status;
}

static void fail_test(void* user_data, const char* text) { tenon_gtest_fail(NULL, -1, text); }

static void run(void* user_data) {
  iree_status_t status = run_test(user_data);
  if (!iree_status_is_ok(status)) tenon_with_status_text(status, fail_test, NULL);
}

// Cuts what follows the last colon off |text|, and returns it as a number; -1 if it is none.
static int cut_number(iree_string_view_t* text) {
  const iree_host_size_t colon =
      iree_string_view_find_last_of(*text, IREE_SV(":"), IREE_STRING_VIEW_NPOS);
  uint32_t number = 0;
  if (colon == IREE_STRING_VIEW_NPOS ||
      !iree_string_view_atoi_uint32(iree_string_view_remove_prefix(*text, colon + 1), &number)) {
    return -1;
  }
  *text = iree_string_view_substr(*text, 0, colon);
  return (int)number;
}

// |place| is `FILE:LINE:COLUMN`, with a name in parentheses where the program has one for the place.
static void report_failure(void* user_data, iree_string_view_t place, iree_string_view_t message) {
  if (iree_string_view_ends_with(place, IREE_SV(")"))) {
    const iree_host_size_t name =
        iree_string_view_find_last_of(place, IREE_SV("("), IREE_STRING_VIEW_NPOS);
    place = iree_string_view_trim(iree_string_view_substr(place, 0, name));
  }
  cut_number(&place);  // the column
  const int line = cut_number(&place);
  tenon_path_t file;
  iree_status_t status = tenon_path_make(place, &file);
  const bool is_known = iree_status_is_ok(status) && place.size && line >= 0;
  iree_status_ignore(status);
  tenon_gtest_fail(is_known ? file.text : NULL, line, message.data);
}

//===--------------------------------------------------------------------------------------------===//
// Finding the tests
//===--------------------------------------------------------------------------------------------===//

// Whether it is there for others to call: names with `__` in front and with `$` are the compiler's.
static bool is_test(iree_string_view_t name) {
  return !iree_string_view_starts_with(name, IREE_SV("__")) &&
         iree_string_view_find_char(name, '$', 0) == IREE_STRING_VIEW_NPOS;
}

static iree_status_t register_test(test_t* test, iree_vm_function_t function, const char* file) {
  const iree_string_view_t name = iree_vm_function_name(&function);
  iree_string_view_t arguments, results;
  IREE_RETURN_IF_ERROR(tenon_function_types(&function, &arguments, &results, &test->is_async));
  if (iree_string_view_equal(arguments, IREE_SV("v"))) arguments = iree_string_view_empty();
  if (iree_string_view_equal(results, IREE_SV("v"))) results = iree_string_view_empty();
  if (arguments.size || results.size) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the function '%.*s' takes %" PRIhsz " argument%s and returns %" PRIhsz
                            " result%s; expected exports to be tests, which take and return "
                            "nothing, and others to be private",
                            (int)name.size, name.data, arguments.size,
                            arguments.size == 1 ? "" : "s", results.size,
                            results.size == 1 ? "" : "s");
  }
  test->function = function;
  // Both are C strings in the module's file.
  tenon_gtest_register(iree_vm_module_name(test->suite->module).data, name.data, file, run, test);
  return iree_ok_status();
}

static iree_status_t register_tests(suite_t* suite, const char* file) {
  const iree_host_size_t count = iree_vm_module_signature(suite->module).export_function_count;
  suite->tests = calloc(count ? count : 1, sizeof(*suite->tests));
  if (!suite->tests) return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  iree_host_size_t found = 0;
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_function_t function;
    IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(
        suite->module, IREE_VM_FUNCTION_LINKAGE_EXPORT, i, &function));
    if (!is_test(iree_vm_function_name(&function))) continue;
    suite->tests[found].suite = suite;
    IREE_RETURN_IF_ERROR(register_test(&suite->tests[found++], function, file));
  }
  if (found == 0) fprintf(stderr, "iree-check-module: the module exports no function to test\n");
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// The tool
//===--------------------------------------------------------------------------------------------===//

// 0 if it went as expected. Says so where that is a failure.
static int exit_code(int result) {
  if (!options.expect_failure) return result;
  printf(result ? "Test failed as expected\n" : "Test passed but expected failure\n");
  return result ? 0 : 1;
}

static iree_status_t run_suite(suite_t* suite, iree_string_view_t where, int* out_code) {
  const iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = iree_runtime_instance_vm_instance(suite->instance);
  tenon_path_t file;
  IREE_RETURN_IF_ERROR(tenon_path_make(where, &file));
  IREE_RETURN_IF_ERROR(tenon_create_device(iree_runtime_instance_driver_registry(suite->instance),
                                           options.device, &options.topology, &suite->device));
  IREE_RETURN_IF_ERROR(
      tenon_check_module_create(instance, report_failure, NULL, allocator, &suite->check_module));
  IREE_RETURN_IF_ERROR(tenon_load_module(instance, where, allocator, &suite->module));
  IREE_RETURN_IF_ERROR(register_tests(suite, file.text));
  *out_code = exit_code(tenon_gtest_run());
  return iree_ok_status();
}

static iree_status_t run_flags(const tenon_flags_t* flags, int* out_code) {
  if (flags->help) {
    tenon_flags_print_help(flags, usage);
    return iree_ok_status();
  }
  if (flags->version) {
    printf("iree-check-module (Tenon) %s\n", TENON_VERSION);
    return iree_ok_status();
  }
  if (flags->positional.count == 0) {
    fputs(usage, stderr);
    *out_code = 255;
    return iree_ok_status();
  }
  if (flags->positional.count > 1) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "%" PRIhsz " modules were given; expected one",
                            flags->positional.count);
  }
  iree_runtime_instance_options_t instance_options;
  iree_runtime_instance_options_initialize(&instance_options);
  iree_runtime_instance_options_use_all_available_drivers(&instance_options);
  suite_t suite = {0};
  IREE_RETURN_IF_ERROR(
      iree_runtime_instance_create(&instance_options, iree_allocator_system(), &suite.instance));
  iree_status_t status = run_suite(&suite, flags->positional.values[0], out_code);
  iree_vm_module_release(suite.module);
  iree_vm_module_release(suite.check_module);
  iree_hal_device_release(suite.device);
  iree_runtime_instance_release(suite.instance);
  free(suite.tests);
  return status;
}

int main(int argc, char** argv) {
  int code = 0;
  tenon_gtest_initialize(&argc, argv);
  tenon_flags_t flags;
  iree_status_t status =
      tenon_flags_parse(flag_table, IREE_ARRAYSIZE(flag_table), argc, argv, &flags);
  if (iree_status_is_ok(status)) status = run_flags(&flags, &code);
  tenon_flags_deinitialize(&flags);
  status = iree_status_join(status, tenon_close_stdout());
  if (iree_status_is_ok(status)) return code;
  tenon_report("iree-check-module", status);
  return 1;
}
