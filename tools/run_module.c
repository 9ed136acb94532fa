// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a function of a compiled program and prints its results, writes them to files or compares
// them.
#include "tenon/run_module.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"
#include "support/call.h"
#include "support/compare.h"
#include "support/devices.h"
#include "support/flags.h"
#include "support/modules.h"
#include "support/output.h"
#include "support/report.h"
#include "support/topology.h"
#include "support/values.h"

static const char usage[] =
    "Usage: iree-run-module [--module=FILE] --function=NAME [--input=VALUE]... [flags]\n"
    "\n"
    "Runs a function of a compiled program and prints its results.\n"
    "\n"
    "  iree-compile example.mlir --iree-hal-target-backends=llvm-cpu |\n"
    "      iree-run-module --function=main --input='5xi32=1 2 3 4 5'\n";

//===--------------------------------------------------------------------------------------------===//
// Flags
//===--------------------------------------------------------------------------------------------===//

static struct {
  tenon_string_list_t modules;
  iree_string_view_t function;
  tenon_string_list_t inputs;
  tenon_string_list_t expected_outputs;
  tenon_string_list_t outputs;
  tenon_tolerances_t tolerances;
  iree_host_size_t max_element_count;
  iree_string_view_t device;
  tenon_topology_t topology;
  bool list_drivers;
  tenon_option_t list_devices;
  tenon_option_t dump_devices;
  bool print_statistics;
  bool trace_execution;
} options = {
    .tolerances = {TENON_TOLERANCES_ABSOLUTE, .relative = 1e-5},
    .max_element_count = 1024,
    .device = IREE_SVL("local-task"),
    .topology = TENON_TOPOLOGY_DEFAULTS,
};

// The modules of this build.
typedef struct linked_modules_t {
  iree_host_size_t count;
  const tenon_run_module_create_fn_t* functions;
} linked_modules_t;

static const tenon_flag_t flag_table[] = {
    {"module", "module_file", TENON_FLAG_LIST, &options.modules, "FILE",
     "The module to run; - (the default) is standard input. Given several times, later modules "
     "may\n"
     "import from earlier ones, and the last one is run.\n"
     "  FILE                    a compiled program, or a plugin (a shared library)\n"
     "  FILE@EXPORT?KEY=VALUE&KEY=VALUE\n"
     "                          a plugin whose function EXPORT makes the module, with parameters"},
    {"function", "entry_function", TENON_FLAG_STRING, &options.function, "NAME",
     "The function to run, without the module's name. May be left out if the module exports just "
     "one."},
    {"input", "function_input", TENON_FLAG_LIST, &options.inputs, "VALUE",
     "An argument; one flag for each, in order.\n"
     "  42  3.14                a scalar\n"
     "  2x2xi32=1 2 3 4         a tensor; brackets may group elements, a single one fills the "
     "tensor,\n"
     "  2x2xi32                 none at all means zeros\n"
     "  2x2xi32=@FILE           a tensor with the bytes of a file\n"
     "  @FILE.npy               all arrays of a NumPy file\n"
     "  (null)                  a null reference"},
    {"expected_output", NULL, TENON_FLAG_LIST, &options.expected_outputs, "VALUE",
     "Compares the results instead of printing them; one flag for each, written like inputs.\n"
     "(ignored) matches anything. Exits with 1 if one differs."},
    {"expected_f16_threshold", NULL, TENON_FLAG_DOUBLE, &options.tolerances.absolute_f16, "X",
     "How far f16 elements may be from what is expected (0.001)."},
    {"expected_bf16_threshold", NULL, TENON_FLAG_DOUBLE, &options.tolerances.absolute_bf16, "X",
     "The same for bf16 (0.01)."},
    {"expected_f32_threshold", NULL, TENON_FLAG_DOUBLE, &options.tolerances.absolute_f32, "X",
     "The same for f32 (0.0001)."},
    {"expected_f64_threshold", NULL, TENON_FLAG_DOUBLE, &options.tolerances.absolute_f64, "X",
     "The same for f64 (0.0001)."},
    {"expected_rtol", NULL, TENON_FLAG_DOUBLE, &options.tolerances.relative, "X",
     "What is allowed in addition, relative to the expected element (0.00001)."},
    {"output", NULL, TENON_FLAG_LIST, &options.outputs, "WHERE",
     "Where a result goes; one flag for each.\n"
     "  (nothing)               nowhere\n"
     "  -                       printed\n"
     "  @FILE.npy  +FILE.npy    a NumPy array, in a new file or behind what it holds\n"
     "  @FILE  +FILE            the bytes alone"},
    {"output_max_element_count", "print_max_element_count", TENON_FLAG_SIZE,
     &options.max_element_count, "N", "How many elements of a tensor are printed (1024)."},
    {"device", NULL, TENON_FLAG_STRING, &options.device, "URI",
     "The device to run on, DRIVER or DRIVER://PATH or DRIVER://PATH?KEY=VALUE&... (local-task)."},
    TENON_TOPOLOGY_FLAGS(&options.topology),
    {"list_drivers", NULL, TENON_FLAG_BOOL, &options.list_drivers, NULL,
     "Lists the drivers and exits."},
    {"list_devices", NULL, TENON_FLAG_OPTION, &options.list_devices, "DRIVER",
     "Lists the devices, of one driver or all, and exits."},
    {"dump_devices", NULL, TENON_FLAG_OPTION, &options.dump_devices, "DRIVER",
     "Prints all that is known about the devices and exits."},
    {"print_statistics", NULL, TENON_FLAG_BOOL, &options.print_statistics, NULL,
     "Prints what the device allocated to standard error."},
    {"trace_execution", NULL, TENON_FLAG_BOOL, &options.trace_execution, NULL,
     "Prints each instruction that is executed, with the values it reads, to standard error."},
};

//===--------------------------------------------------------------------------------------------===//
// Loading
//===--------------------------------------------------------------------------------------------===//

static iree_vm_instance_t* vm_instance(iree_runtime_session_t* session) {
  return iree_runtime_instance_vm_instance(iree_runtime_session_instance(session));
}

// Adds |module| to the session, which keeps it. *inout_last, of which the caller has a count, becomes that module.
static iree_status_t append_module(iree_runtime_session_t* session, iree_vm_module_t* module,
                                   iree_vm_module_t** inout_last) {
  iree_vm_module_release(*inout_last);
  *inout_last = module;
  return iree_runtime_session_append_module(session, module);
}

static iree_status_t append_linked_modules(iree_runtime_session_t* session,
                                           const linked_modules_t* linked,
                                           iree_vm_module_t** inout_last) {
  for (iree_host_size_t i = 0; i < linked->count; ++i) {
    iree_vm_module_t* module = NULL;
    IREE_RETURN_IF_ERROR(
        linked->functions[i](vm_instance(session), iree_runtime_session_device(session),
                             iree_allocator_system(), &module),
        "creating module %" PRIhsz " of those that are linked into the tool", i);
    IREE_RETURN_IF_ERROR(append_module(session, module, inout_last));
  }
  return iree_ok_status();
}

static iree_status_t append_module_from(iree_runtime_session_t* session, iree_string_view_t where,
                                        iree_vm_module_t** inout_last) {
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(
      tenon_load_module(vm_instance(session), where, iree_allocator_system(), &module));
  return iree_status_annotate_f(append_module(session, module, inout_last), "loading module '%.*s'",
                                (int)where.size, where.data);
}

// Appends all modules; *out_module is the last one, which the caller releases in every case.
static iree_status_t load_modules(iree_runtime_session_t* session, const linked_modules_t* linked,
                                  iree_vm_module_t** out_module) {
  *out_module = NULL;
  IREE_RETURN_IF_ERROR(append_linked_modules(session, linked, out_module));
  if (options.modules.count == 0) return append_module_from(session, IREE_SV("-"), out_module);
  for (iree_host_size_t i = 0; i < options.modules.count; ++i) {
    IREE_RETURN_IF_ERROR(append_module_from(session, options.modules.values[i], out_module));
  }
  return iree_ok_status();
}

// Finds the functions that |module| exports for users: how many, the last of them, and their names
// for a message.
static iree_status_t list_functions(iree_vm_module_t* module, iree_host_size_t* out_count,
                                    iree_vm_function_t* out_function,
                                    iree_string_builder_t* names) {
  *out_count = 0;
  const iree_host_size_t export_count = iree_vm_module_signature(module).export_function_count;
  for (iree_host_size_t i = 0; i < export_count; ++i) {
    iree_vm_function_t function;
    IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(
        module, IREE_VM_FUNCTION_LINKAGE_EXPORT, i, &function));
    const iree_string_view_t name = iree_vm_function_name(&function);
    if (iree_string_view_starts_with(name, iree_make_cstring_view("__"))) continue;
    *out_function = function;
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(names, "%s%.*s", *out_count ? ", " : "",
                                                           (int)name.size, name.data));
    ++*out_count;
  }
  return iree_ok_status();
}

// The function that is meant when none is named.
static iree_status_t find_only_function(iree_vm_module_t* module,
                                        iree_vm_function_t* out_function) {
  iree_string_builder_t names;
  iree_string_builder_initialize(iree_allocator_system(), &names);
  iree_host_size_t count = 0;
  iree_status_t status = list_functions(module, &count, out_function, &names);
  if (iree_status_is_ok(status) && count != 1) {
    status = iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "--function=NAME must say which function to run; the module exports %" PRIhsz "%s%.*s",
        count, count ? ": " : "", (int)iree_string_builder_size(&names),
        count ? iree_string_builder_buffer(&names) : "");
  }
  iree_string_builder_deinitialize(&names);
  return status;
}

static iree_status_t find_function(iree_vm_module_t* module, iree_vm_function_t* out_function) {
  if (!options.function.size) return find_only_function(module, out_function);
  return tenon_find_function(module, options.function, out_function);
}

//===--------------------------------------------------------------------------------------------===//
// Running
//===--------------------------------------------------------------------------------------------===//

static iree_status_t print_results(const iree_vm_list_t* results) {
  for (iree_host_size_t i = 0; i < iree_vm_list_size(results); ++i) {
    iree_vm_variant_t value;
    IREE_RETURN_IF_ERROR(iree_vm_list_get_variant(results, i, &value));
    printf("result[%" PRIhsz "]: ", i);
    IREE_RETURN_IF_ERROR(tenon_value_print(stdout, &value, options.max_element_count));
  }
  return iree_ok_status();
}

static iree_status_t compare_results(const iree_vm_list_t* results, iree_string_view_t convention,
                                     iree_hal_allocator_t* allocator, bool* out_equal) {
  tenon_values_t expected;
  iree_status_t status = iree_status_annotate(
      tenon_values_parse(&options.expected_outputs, convention, allocator, &expected),
      iree_make_cstring_view("reading --expected_output"));
  if (iree_status_is_ok(status) && iree_vm_list_size(expected.list) != iree_vm_list_size(results)) {
    printf("[FAILED] expected %" PRIhsz " list elements but %" PRIhsz " provided\n",
           iree_vm_list_size(expected.list), iree_vm_list_size(results));
    *out_equal = false;
  } else if (iree_status_is_ok(status)) {
    status = tenon_compare(&expected, results, &options.tolerances, options.max_element_count,
                           stdout, out_equal);
    if (iree_status_is_ok(status) && *out_equal) {
      printf("[SUCCESS] all function outputs matched their expected values.\n");
    }
  }
  tenon_values_deinitialize(&expected);
  return status;
}

static iree_status_t process_results(const iree_vm_list_t* results, iree_string_view_t convention,
                                     iree_hal_allocator_t* allocator, bool* out_equal) {
  if (options.expected_outputs.count)
    return compare_results(results, convention, allocator, out_equal);
  if (options.outputs.count)
    return tenon_output_results(&options.outputs, results, options.max_element_count);
  return print_results(results);
}

static iree_status_t invoke(iree_runtime_session_t* session, iree_vm_function_t function,
                            bool* out_equal) {
  iree_string_view_t argument_types, result_types;
  bool is_async = false;
  IREE_RETURN_IF_ERROR(tenon_function_types(&function, &argument_types, &result_types, &is_async));
  iree_hal_allocator_t* allocator = iree_runtime_session_device_allocator(session);
  iree_vm_list_t* results = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_list_create(NULL, result_types.size, iree_allocator_system(), &results));
  tenon_values_t inputs;
  iree_status_t status = tenon_inputs_parse(&options.inputs, argument_types, allocator, &inputs);
  if (iree_status_is_ok(status)) {
    const iree_string_view_t name = iree_vm_function_name(&function);
    printf("EXEC @%.*s\n", (int)name.size, name.data);
    fflush(stdout);
    status = tenon_call(session, &function, is_async, inputs.list, results);
  }
  // The inputs go before the results are looked at, as they would in an application that is done
  // with them.
  tenon_values_deinitialize(&inputs);
  if (iree_status_is_ok(status))
    status = process_results(results, result_types, allocator, out_equal);
  iree_vm_list_release(results);
  if (!iree_status_is_ok(status)) {
    const iree_string_view_t declaration = iree_vm_function_lookup_attr_by_name(
        &function, iree_make_cstring_view("iree.abi.declaration"));
    if (declaration.size)
      status = iree_status_annotate_f(status, "`%.*s`", (int)declaration.size, declaration.data);
  }
  return status;
}

static iree_status_t run_session(iree_runtime_session_t* session, const linked_modules_t* linked,
                                 bool* out_equal) {
  iree_vm_module_t* module = NULL;
  iree_status_t status = load_modules(session, linked, &module);
  iree_vm_function_t function = {0};
  if (iree_status_is_ok(status)) status = find_function(module, &function);
  if (iree_status_is_ok(status)) status = invoke(session, function, out_equal);
  iree_vm_module_release(module);
  if (options.print_statistics) {
    status = iree_status_join(status, iree_hal_allocator_statistics_fprint(
                                          stderr, iree_runtime_session_device_allocator(session)));
  }
  return status;
}

static iree_status_t run(iree_runtime_instance_t* instance, const linked_modules_t* linked,
                         bool* out_equal) {
  iree_hal_driver_registry_t* registry = iree_runtime_instance_driver_registry(instance);
  if (options.list_drivers) return tenon_list_drivers(registry);
  if (options.list_devices.given) return tenon_list_devices(registry, options.list_devices.value);
  if (options.dump_devices.given) return tenon_dump_devices(registry, options.dump_devices.value);
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(tenon_create_device(registry, options.device, &options.topology, &device));
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  if (options.trace_execution)
    session_options.context_flags |= IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION;
  iree_runtime_session_t* session = NULL;
  iree_status_t status = iree_runtime_session_create_with_device(instance, &session_options, device,
                                                                 iree_allocator_system(), &session);
  if (iree_status_is_ok(status)) status = run_session(session, linked, out_equal);
  iree_runtime_session_release(session);
  iree_hal_device_release(device);
  return status;
}

static iree_status_t run_flags(const tenon_flags_t* flags, const linked_modules_t* linked,
                               bool* out_equal) {
  if (flags->help) {
    tenon_flags_print_help(flags, usage);
    return iree_ok_status();
  }
  if (flags->version) {
    printf("iree-run-module (Tenon) %s\n", TENON_VERSION);
    return iree_ok_status();
  }
  if (flags->positional.count) {
    const iree_string_view_t argument = flags->positional.values[0];
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "unexpected argument '%.*s'; modules are given as --module=FILE, arguments of the function "
        "as --input=VALUE",
        (int)argument.size, argument.data);
  }
  iree_runtime_instance_options_t instance_options;
  iree_runtime_instance_options_initialize(&instance_options);
  iree_runtime_instance_options_use_all_available_drivers(&instance_options);
  iree_runtime_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(
      iree_runtime_instance_create(&instance_options, iree_allocator_system(), &instance));
  iree_status_t status = run(instance, linked, out_equal);
  iree_runtime_instance_release(instance);
  return status;
}

int tenon_run_module(int argc, char** argv, iree_host_size_t count,
                     const tenon_run_module_create_fn_t* functions) {
  const linked_modules_t linked = {count, functions};
  tenon_flags_t flags;
  bool equal = true;
  iree_status_t status =
      tenon_flags_parse(flag_table, IREE_ARRAYSIZE(flag_table), argc, argv, &flags);
  if (iree_status_is_ok(status)) status = run_flags(&flags, &linked, &equal);
  tenon_flags_deinitialize(&flags);
  status = iree_status_join(status, tenon_close_stdout());
  if (!iree_status_is_ok(status)) {
    tenon_report("iree-run-module", status);
    return 1;
  }
  return equal ? 0 : 1;
}
