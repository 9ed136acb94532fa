// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Measures how long functions of a compiled program take (docs/tools.md).

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"
#include "support/benchmark_bridge.h"
#include "support/call.h"
#include "support/flags.h"
#include "support/modules.h"
#include "support/report.h"
#include "support/topology.h"
#include "support/values.h"

static const char usage[] =
    "Usage: iree-benchmark-module [--module=FILE] [--function=NAME] [--input=VALUE]... [flags]\n"
    "\n"
    "Measures how long a function of a compiled program takes, or each that it exports without\n"
    "arguments.\n"
    "\n"
    "  iree-compile example.mlir --iree-hal-target-backends=llvm-cpu |\n"
    "      iree-benchmark-module --function=main --input='5xi32=1 2 3 4 5'\n";

static struct {
  tenon_string_list_t modules;
  iree_string_view_t function;
  tenon_string_list_t inputs;
  iree_string_view_t device;
  tenon_topology_t topology;
  iree_host_size_t batch_size;
  iree_host_size_t batch_concurrency;
  iree_string_view_t time_unit;
  bool print_statistics;
  bool trace_execution;
} options = {
    .device = IREE_SVL("local-task"),
    .topology = TENON_TOPOLOGY_DEFAULTS,
    .batch_size = 1,
    .batch_concurrency = 1,
    .time_unit = IREE_SVL("ms"),
};

static const tenon_flag_t flag_table[] = {
    {"module", "module_file", TENON_FLAG_LIST, &options.modules, "FILE",
     "The module to run; - (the default) is standard input. Given several times, later modules "
     "may\n"
     "import from earlier ones, and functions of the last one are measured. A plugin may be given\n"
     "as FILE@EXPORT?KEY=VALUE&KEY=VALUE."},
    {"function", "entry_function", TENON_FLAG_STRING, &options.function, "NAME",
     "The function to measure; without it each that the module exports without arguments."},
    {"input", "function_input", TENON_FLAG_LIST, &options.inputs, "VALUE",
     "An argument; one flag for each, in order, as for iree-run-module."},
    {"batch_size", NULL, TENON_FLAG_SIZE, &options.batch_size, "N",
     "How many invocations are begun, and waited for, together. Times are those of one (1)."},
    {"batch_concurrency", NULL, TENON_FLAG_SIZE, &options.batch_concurrency, "N",
     "How many of a batch may be under way at a time; each of the others waits for one before it.\n"
     "Only asynchronous functions overlap (1)."},
    {"time_unit", NULL, TENON_FLAG_STRING, &options.time_unit, "UNIT",
     "What times are printed in: ms, us or ns (ms)."},
    {"device", NULL, TENON_FLAG_STRING, &options.device, "URI",
     "The device to run on, DRIVER or DRIVER://PATH or DRIVER://PATH?KEY=VALUE&... (local-task)."},
    TENON_TOPOLOGY_FLAGS(&options.topology),
    {"print_statistics", NULL, TENON_FLAG_BOOL, &options.print_statistics, NULL,
     "Prints what the device allocated to standard error."},
    {"trace_execution", NULL, TENON_FLAG_BOOL, &options.trace_execution, NULL,
     "Prints each instruction that is executed, with the values it reads, to standard error."},
};

static void print_help(void) {
  const tenon_flags_t flags = {.table = flag_table, .table_size = IREE_ARRAYSIZE(flag_table)};
  tenon_flags_print_help(&flags, usage);
  printf("\nand google-benchmark's:\n\n");
  fflush(stdout);
  tenon_benchmark_print_flags();
}

//===--------------------------------------------------------------------------------------------===//
// Measuring
//===--------------------------------------------------------------------------------------------===//

// A chain of asynchronous invocations, each of which waits for the one before it.
typedef struct lane_t {
  iree_hal_semaphore_t* semaphore;
  uint64_t end;  // of the last invocation begun
} lane_t;

// What all benchmarks have, and of each the function.
typedef struct suite_t {
  iree_runtime_session_t* session;
  iree_vm_module_t* module;
  iree_host_size_t count;
  struct function_t* functions;
  bool failed;
} suite_t;
typedef struct function_t {
  suite_t* suite;
  iree_vm_function_t function;
  bool is_async;
  tenon_values_t inputs;
  iree_vm_list_t* results;
  lane_t* lanes;
} function_t;

static iree_status_t call(function_t* function) {
  IREE_RETURN_IF_ERROR(iree_runtime_session_call(function->suite->session, &function->function,
                                                 function->inputs.list, function->results));
  // As an application does that is done with them.
  return iree_vm_list_resize(function->results, 0);
}

static iree_status_t push_fence(iree_vm_list_t* inputs, iree_hal_semaphore_t* semaphore,
                                uint64_t value) {
  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_fence_create_at(semaphore, value, iree_allocator_system(), &fence));
  iree_vm_ref_t ref = iree_hal_fence_move_ref(fence);
  return iree_vm_list_push_ref_move(inputs, &ref);
}

// Begins the next invocation of |lane|; the first one of a batch waits for nothing.
static iree_status_t begin(function_t* function, lane_t* lane, bool is_first) {
  iree_vm_list_t* inputs = function->inputs.list;
  const iree_host_size_t count = iree_vm_list_size(inputs);
  iree_status_t status = iree_ok_status();
  if (is_first) {
    iree_vm_ref_t none = iree_vm_ref_null();
    status = iree_vm_list_push_ref_move(inputs, &none);
  } else {
    status = push_fence(inputs, lane->semaphore, lane->end);
  }
  if (iree_status_is_ok(status)) status = push_fence(inputs, lane->semaphore, ++lane->end);
  if (iree_status_is_ok(status)) status = call(function);
  return iree_status_join(status, iree_vm_list_resize(inputs, count));
}

static iree_status_t wait_for(const lane_t* lane) {
  iree_status_t status =
      iree_hal_semaphore_wait(lane->semaphore, lane->end, iree_infinite_timeout());
  if (!iree_status_is_aborted(status)) return status;
  iree_status_ignore(status);
  uint64_t value = 0;
  return iree_hal_semaphore_query(lane->semaphore, &value);  // the failure itself
}

static iree_status_t run_async_batch(function_t* function) {
  const iree_host_size_t lane_count = options.batch_concurrency;
  for (iree_host_size_t i = 0; i < options.batch_size; ++i) {
    IREE_RETURN_IF_ERROR(begin(function, &function->lanes[i % lane_count], i < lane_count));
  }
  for (iree_host_size_t i = 0; i < lane_count; ++i) {
    IREE_RETURN_IF_ERROR(wait_for(&function->lanes[i]));
  }
  return iree_ok_status();
}

static iree_status_t run_batch(function_t* function) {
  if (function->is_async) return run_async_batch(function);
  for (iree_host_size_t i = 0; i < options.batch_size; ++i) {
    IREE_RETURN_IF_ERROR(call(function));
  }
  return iree_ok_status();
}

static void fail(void* state, const char* text) { tenon_benchmark_fail(state, text); }

static void run(tenon_benchmark_state_t* state, void* user_data) {
  function_t* function = user_data;
  iree_status_t status = iree_ok_status();
  while (iree_status_is_ok(status) && tenon_benchmark_go_on(state, (int64_t)options.batch_size)) {
    status = run_batch(function);
  }
  if (iree_status_is_ok(status)) return;
  function->suite->failed = true;
  tenon_with_status_text(status, fail, state);
}

//===--------------------------------------------------------------------------------------------===//
// Finding the functions
//===--------------------------------------------------------------------------------------------===//

static tenon_benchmark_unit_t time_unit(void) {
  if (iree_string_view_equal(options.time_unit, IREE_SV("ns"))) return TENON_BENCHMARK_NS;
  if (iree_string_view_equal(options.time_unit, IREE_SV("us"))) return TENON_BENCHMARK_US;
  return TENON_BENCHMARK_MS;
}

static iree_status_t make_lanes(function_t* function) {
  iree_hal_device_t* device = iree_runtime_session_device(function->suite->session);
  function->lanes = calloc(options.batch_concurrency, sizeof(*function->lanes));
  if (!function->lanes) return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  for (iree_host_size_t i = 0; i < options.batch_concurrency; ++i) {
    IREE_RETURN_IF_ERROR(iree_hal_semaphore_create(device, 0, &function->lanes[i].semaphore));
  }
  return iree_ok_status();
}

// Adds a benchmark of |vm_function|, unless only those without arguments are wanted and it has some.
static iree_status_t add_function(suite_t* suite, iree_vm_function_t vm_function,
                                  bool only_without_arguments) {
  function_t* function = &suite->functions[suite->count];
  iree_string_view_t arguments, results;
  IREE_RETURN_IF_ERROR(
      tenon_function_types(&vm_function, &arguments, &results, &function->is_async));
  if (only_without_arguments && arguments.size && !iree_string_view_equal(arguments, IREE_SV("v")))
    return iree_ok_status();
  ++suite->count;
  function->suite = suite;
  function->function = vm_function;
  iree_hal_allocator_t* allocator = iree_runtime_session_device_allocator(suite->session);
  IREE_RETURN_IF_ERROR(
      tenon_inputs_parse(&options.inputs, arguments, allocator, &function->inputs));
  IREE_RETURN_IF_ERROR(
      iree_vm_list_create(NULL, results.size, iree_allocator_system(), &function->results));
  const iree_string_view_t name = iree_vm_function_name(&vm_function);
  if (function->is_async) {
    IREE_RETURN_IF_ERROR(make_lanes(function));
  } else if (options.batch_concurrency > 1) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%.*s' is synchronous: its invocations can't overlap; leave "
                            "--batch_concurrency out, or compile the program with "
                            "--iree-execution-model=async-external",
                            (int)name.size, name.data);
  }
  char text[512];
  snprintf(text, sizeof(text), "BM_%.*s", (int)name.size, name.data);
  tenon_benchmark_register(text, time_unit(), run, function);
  return iree_ok_status();
}

static iree_status_t add_functions(suite_t* suite) {
  const iree_host_size_t count = iree_vm_module_signature(suite->module).export_function_count;
  suite->functions = calloc(count + 1, sizeof(*suite->functions));
  if (!suite->functions) return iree_status_from_code(IREE_STATUS_RESOURCE_EXHAUSTED);
  iree_vm_function_t function;
  if (options.function.size) {
    IREE_RETURN_IF_ERROR(tenon_find_function(suite->module, options.function, &function));
    return add_function(suite, function, false);
  }
  for (iree_host_size_t i = 0; i < count; ++i) {
    IREE_RETURN_IF_ERROR(iree_vm_module_lookup_function_by_ordinal(
        suite->module, IREE_VM_FUNCTION_LINKAGE_EXPORT, i, &function));
    const iree_string_view_t name = iree_vm_function_name(&function);
    // Names with `__` in front and with `$` are the compiler's.
    if (iree_string_view_starts_with(name, IREE_SV("__")) ||
        iree_string_view_find_char(name, '$', 0) != IREE_STRING_VIEW_NPOS)
      continue;
    IREE_RETURN_IF_ERROR(add_function(suite, function, true));
  }
  if (suite->count) return iree_ok_status();
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "the module exports no function without arguments; name one with "
                          "--function=NAME, and give its arguments with --input=VALUE");
}

static void free_functions(suite_t* suite) {
  for (iree_host_size_t i = 0; i < suite->count; ++i) {
    function_t* function = &suite->functions[i];
    tenon_values_deinitialize(&function->inputs);
    iree_vm_list_release(function->results);
    for (iree_host_size_t k = 0; function->lanes && k < options.batch_concurrency; ++k) {
      iree_hal_semaphore_release(function->lanes[k].semaphore);
    }
    free(function->lanes);
  }
  free(suite->functions);
}

//===--------------------------------------------------------------------------------------------===//
// The tool
//===--------------------------------------------------------------------------------------------===//

static iree_status_t append_module(suite_t* suite, iree_string_view_t where) {
  iree_vm_module_release(suite->module);
  suite->module = NULL;
  iree_vm_instance_t* instance =
      iree_runtime_instance_vm_instance(iree_runtime_session_instance(suite->session));
  IREE_RETURN_IF_ERROR(tenon_load_module(instance, where, iree_allocator_system(), &suite->module));
  return iree_status_annotate_f(iree_runtime_session_append_module(suite->session, suite->module),
                                "loading module '%.*s'", (int)where.size, where.data);
}

static iree_status_t run_suite(suite_t* suite) {
  if (!options.modules.count) IREE_RETURN_IF_ERROR(append_module(suite, IREE_SV("-")));
  for (iree_host_size_t i = 0; i < options.modules.count; ++i) {
    IREE_RETURN_IF_ERROR(append_module(suite, options.modules.values[i]));
  }
  IREE_RETURN_IF_ERROR(add_functions(suite));
  if (tenon_benchmark_run() == 0) {
    return iree_make_status(IREE_STATUS_NOT_FOUND, "--benchmark_filter chooses no function");
  }
  if (options.print_statistics) {
    IREE_RETURN_IF_ERROR(iree_hal_allocator_statistics_fprint(
        stderr, iree_runtime_session_device_allocator(suite->session)));
  }
  return iree_ok_status();
}

static iree_status_t run_instance(iree_runtime_instance_t* instance, bool* out_failed) {
  iree_hal_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(tenon_create_device(iree_runtime_instance_driver_registry(instance),
                                           options.device, &options.topology, &device));
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  if (options.trace_execution)
    session_options.context_flags |= IREE_VM_CONTEXT_FLAG_TRACE_EXECUTION;
  suite_t suite = {0};
  iree_status_t status = iree_runtime_session_create_with_device(
      instance, &session_options, device, iree_allocator_system(), &suite.session);
  if (iree_status_is_ok(status)) status = run_suite(&suite);
  free_functions(&suite);
  iree_vm_module_release(suite.module);
  iree_runtime_session_release(suite.session);
  iree_hal_device_release(device);
  *out_failed = suite.failed;
  return status;
}

static iree_status_t check_flags(const tenon_flags_t* flags) {
  if (flags->positional.count) {
    const iree_string_view_t argument = flags->positional.values[0];
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "unexpected argument '%.*s'; modules are given as --module=FILE",
                            (int)argument.size, argument.data);
  }
  if (!options.batch_size || options.batch_size > INT32_MAX || !options.batch_concurrency ||
      options.batch_concurrency > options.batch_size) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "--batch_size=%" PRIhsz " --batch_concurrency=%" PRIhsz
                            ": expected at least 1, and no more under way than a batch has",
                            options.batch_size, options.batch_concurrency);
  }
  if (time_unit() == TENON_BENCHMARK_MS &&
      !iree_string_view_equal(options.time_unit, IREE_SV("ms"))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "--time_unit=%.*s is none; expected ms, us or ns",
                            (int)options.time_unit.size, options.time_unit.data);
  }
  if (options.inputs.count && !options.function.size) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "--input is for one function; name it with --function=NAME");
  }
  return iree_ok_status();
}

static iree_status_t run_flags(const tenon_flags_t* flags, bool* out_failed) {
  if (flags->version) {
    printf("iree-benchmark-module (Tenon) %s\n", TENON_VERSION);
    return iree_ok_status();
  }
  IREE_RETURN_IF_ERROR(check_flags(flags));
  iree_runtime_instance_options_t instance_options;
  iree_runtime_instance_options_initialize(&instance_options);
  iree_runtime_instance_options_use_all_available_drivers(&instance_options);
  iree_runtime_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(
      iree_runtime_instance_create(&instance_options, iree_allocator_system(), &instance));
  iree_status_t status = run_instance(instance, out_failed);
  iree_runtime_instance_release(instance);
  return status;
}

int main(int argc, char** argv) {
  bool failed = false;
  tenon_benchmark_initialize(&argc, argv, print_help);
  tenon_flags_t flags;
  iree_status_t status =
      tenon_flags_parse(flag_table, IREE_ARRAYSIZE(flag_table), argc, argv, &flags);
  if (iree_status_is_ok(status)) status = run_flags(&flags, &failed);
  tenon_flags_deinitialize(&flags);
  status = iree_status_join(status, tenon_close_stdout());
  if (iree_status_is_ok(status)) return failed ? 1 : 0;
  tenon_report("iree-benchmark-module", status);
  return 1;
}
