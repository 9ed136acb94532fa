// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thousand calls of a program in flight on one thread. Each of them waits twice, in a native function that suspends
// it; the loop goes on with whichever can go on.
//
// usage: async-invoke PROGRAM.vmfb: one with `func @main(i64) -> i64` that imports `timer.sleep` (example.mlir)

#include <stdio.h>
#include <string.h>

#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"
#include "iree/base/loop_sync.h"
#include "iree/vm/api.h"
#include "iree/vm/bytecode_module.h"

#define CALL_COUNT 1000

//===-- timer.sleep(milliseconds) ----------------------------------------------------------------------------------------===//

// Called to begin, and again with CALL_RESUME when what it waits for has come about, perhaps on another thread: all that
// it needs is in its frame and its arguments, which stay where they are.
static iree_status_t timer_sleep(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                                 iree_byte_span_t arguments, iree_byte_span_t results,
                                 iree_vm_native_function_target_t target, void* module,
                                 void* module_state) {
  if (flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME) {
    iree_status_t status = iree_vm_stack_consume_wait_status(stack);
    return iree_status_join(status, iree_vm_stack_function_leave(stack));
  }
  int64_t milliseconds = 0;
  if (arguments.data_length != sizeof(milliseconds)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "timer.sleep takes an i64");
  }
  memcpy(&milliseconds, arguments.data, sizeof(milliseconds));
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(
      iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, 0, NULL, &frame));
  const iree_time_t deadline_ns = iree_timeout_as_deadline_ns(iree_make_timeout_ms(milliseconds));
  iree_vm_stack_wait_on(stack, iree_wait_source_delay(deadline_ns), NULL);
  return iree_status_from_code(IREE_STATUS_DEFERRED);
}

static const iree_vm_native_export_descriptor_t timer_exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("sleep"), .calling_convention = IREE_VM_NATIVE_STR("0I_v")},
};
static const iree_vm_native_function_ptr_t timer_functions[] = {{timer_sleep, NULL}};
static const iree_vm_native_module_descriptor_t timer_descriptor = {
    .name = IREE_VM_NATIVE_STR("timer"),
    .export_count = IREE_ARRAYSIZE(timer_exports),
    .exports = timer_exports,
    .function_count = IREE_ARRAYSIZE(timer_functions),
    .functions = timer_functions,
};

//===-- Calls ------------------------------------------------------------------------------------------------------------===//

typedef struct call_t {
  iree_vm_async_invoke_state_t state;
  int64_t result;
} call_t;

// Runs in iree_loop_drain(). A failure that it returns ends all calls.
static iree_status_t on_result(void* user_data, iree_loop_t loop, iree_status_t status,
                               iree_vm_list_t* outputs) {
  IREE_RETURN_IF_ERROR(status);
  iree_vm_value_t value;
  IREE_RETURN_IF_ERROR(iree_vm_list_get_value(outputs, 0, &value));
  ((call_t*)user_data)->result = value.i64;
  return iree_ok_status();
}

static iree_status_t begin_call(iree_loop_t loop, iree_vm_context_t* context,
                                iree_vm_function_t function, int64_t argument, call_t* call) {
  const iree_allocator_t allocator = iree_allocator_system();
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  const iree_vm_value_t value = iree_vm_value_make_i64(argument);
  iree_status_t status = iree_vm_list_create(NULL, 1, allocator, &inputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 1, allocator, &outputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_push_value(inputs, &value);
  if (iree_status_is_ok(status)) {
    status =
        iree_vm_async_invoke(loop, &call->state, context, function, IREE_VM_INVOCATION_FLAG_NONE,
                             NULL, inputs, outputs, allocator, on_result, call);
  }
  // The call has what it needs.
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return status;
}

static iree_status_t run_calls(iree_loop_t loop, iree_vm_context_t* context) {
  static call_t calls[CALL_COUNT];
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(
      iree_vm_context_resolve_function(context, IREE_SV("example.main"), &function));
  const iree_time_t start = iree_time_now();
  for (int64_t i = 0; i < CALL_COUNT; ++i) {
    IREE_RETURN_IF_ERROR(begin_call(loop, context, function, i, &calls[i]));
  }
  IREE_RETURN_IF_ERROR(iree_loop_drain(loop, iree_infinite_timeout()));
  int64_t sum = 0;
  for (int64_t i = 0; i < CALL_COUNT; ++i) sum += calls[i].result;
  printf("%d calls, the sum of their results: %lld\n", CALL_COUNT, (long long)sum);
  fprintf(stderr, "%.1f ms\n", (double)(iree_time_now() - start) / 1e6);
  return iree_ok_status();
}

static void on_error(void* user_data, iree_status_t status) {
  iree_status_t* first = (iree_status_t*)user_data;
  *first = iree_status_join(*first, status);
}

static iree_status_t run_loop(iree_vm_context_t* context) {
  const iree_loop_sync_options_t no_limits = {0};
  iree_loop_sync_t* loop_sync = NULL;
  IREE_RETURN_IF_ERROR(iree_loop_sync_allocate(no_limits, iree_allocator_system(), &loop_sync));
  iree_status_t failure = iree_ok_status();
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(loop_sync, on_error, &failure, &scope);
  iree_status_t status = run_calls(iree_loop_sync_scope(&scope), context);
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(loop_sync);
  return iree_status_join(failure, status);
}

//===-- The context ------------------------------------------------------------------------------------------------------===//

static iree_status_t load_program(iree_vm_instance_t* instance, const char* path,
                                  iree_vm_module_t** out_module) {
  const iree_allocator_t allocator = iree_allocator_system();
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_file_read_contents(path, allocator, &contents));
  iree_status_t status = iree_vm_bytecode_module_create(instance, contents->const_buffer,
                                                        iree_file_contents_deallocator(contents),
                                                        allocator, out_module);
  if (!iree_status_is_ok(status)) iree_file_contents_free(contents);
  return status;
}

static iree_status_t run(const char* path) {
  const iree_allocator_t allocator = iree_allocator_system();
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t interface, *modules[2] = {NULL, NULL};
  iree_vm_context_t* context = NULL;
  iree_status_t status = iree_vm_module_initialize(&interface, NULL);
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_create(&interface, &timer_descriptor, instance, allocator,
                                          &modules[0]);
  }
  if (iree_status_is_ok(status)) status = load_program(instance, path, &modules[1]);
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 2, modules,
                                                 allocator, &context);
  }
  if (iree_status_is_ok(status)) status = run_loop(context);
  iree_vm_context_release(context);
  iree_vm_module_release(modules[1]);
  iree_vm_module_release(modules[0]);
  iree_vm_instance_release(instance);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PROGRAM.vmfb\n", argv[0]);
    return 1;
  }
  iree_status_t status = run(argv[1]);
  if (iree_status_is_ok(status)) return 0;
  iree_status_fprint(stderr, status);
  iree_status_ignore(status);
  return 1;
}
