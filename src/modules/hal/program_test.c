// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs that begin invocations and wait for fences in them, on a device without threads and on one with workers.
//
// The module `program` does by hand what a compiled one does:
//   main(wait, buffer, value, signal)   a function with fences: begins `work` and returns; a value of 0 makes it fail
//   stuck(wait, signal)                 a function with fences that, against the rules, waits itself, and then fails
//   plain(signal)                       fails; it promises no signal
//   work(wait, buffer, signal, value)   internal: waits, writes the value into the buffer, signals; a value below 0 makes
//                                       it fail instead

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "iree/modules/hal/module.h"
#include "modules/hal/testing/packer.h"
#include "tenon/task_device.h"
#include "iree/hal/drivers/init.h"

//===--------------------------------------------------------------------------------------------===//
// The program
//===--------------------------------------------------------------------------------------------===//

typedef struct function_t {
  const char* name;
  const char* convention;
  const char* model;
} function_t;

enum { MAIN, STUCK, PLAIN, EXPORT_COUNT };
static const function_t exports[] = {
    {"main", "0rrIr_v", "coarse-fences"},
    {"stuck", "0rr_v", "coarse-fences"},
    {"plain", "0r_v", "sync"},
};
enum { WORK, NOTHING, OTHER, INTERNAL_COUNT };
static const function_t internals[] = {
    {"work", "0rrrI_v", ""}, {"nothing", "0v_v", ""}, {"other", "0Ir_i", ""}};

// What `main` has `invoke` call.
static int callee = WORK;
// With which flags `work` was invoked last.
static iree_atomic_int32_t work_flags;
// The functions of the hal module.
static iree_vm_function_t hal_await, hal_barrier, hal_invoke;

// The frame of a call: its arguments, and those of the call that it has in flight.
typedef struct frame_t {
  bool is_waiting;
  uint8_t arguments[56];
  uint8_t call[128];
  iree_host_size_t call_size;
} frame_t;

static frame_t* frame_of(iree_vm_stack_t* stack) {
  return iree_vm_stack_frame_storage(iree_vm_stack_top(stack));
}

static void release_bytes(uint8_t* bytes, iree_host_size_t offset) {
  iree_vm_ref_t ref;
  memcpy(&ref, bytes + offset, sizeof(ref));
  iree_vm_ref_release(&ref);
}

static const function_t* function_of(const iree_vm_function_t* function) {
  return function->linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT ? &exports[function->ordinal]
                                                              : &internals[function->ordinal];
}

static void program_cleanup(iree_vm_stack_frame_t* frame) {
  frame_t* f = iree_vm_stack_frame_storage(frame);
  iree_host_size_t offset = 0;
  for (const char* p = function_of(&frame->function)->convention + 1; *p != '_'; ++p) {
    if (*p == 'r') release_bytes(f->arguments, offset);
    offset += *p == 'r' ? 16 : 8;
  }
  if (f->is_waiting) release_bytes(f->call, 0);
}

static void add(frame_t* f, const void* value, iree_host_size_t size) {
  memcpy(f->call + f->call_size, value, size);
  f->call_size += size;
}

// Adds the reference at |offset| of the arguments, which moves.
static void add_argument(frame_t* f, iree_host_size_t offset) {
  add(f, f->arguments + offset, 16);
  memset(f->arguments + offset, 0, 16);
}

static iree_status_t call(iree_vm_stack_t* stack, iree_vm_function_t function) {
  frame_t* f = frame_of(stack);
  const iree_vm_function_call_t call = {function, iree_make_byte_span(f->call, f->call_size),
                                        iree_byte_span_empty()};
  return iree_vm_module_begin_call(stack, call);
}

// Waits for the fence at the start of the arguments.
static iree_status_t begin_wait(iree_vm_stack_t* stack) {
  frame_t* f = frame_of(stack);
  f->call_size = 0;
  add_argument(f, 0);
  iree_status_t status = call(stack, hal_await);
  f->is_waiting = !iree_status_is_ok(status);
  return status;
}

static iree_status_t end_work(iree_vm_stack_t* stack) {
  frame_t* f = frame_of(stack);
  iree_vm_ref_t buffer;
  int64_t value = 0;
  memcpy(&buffer, f->arguments + 16, sizeof(buffer));
  memcpy(&value, f->arguments + 48, sizeof(value));
  if (value < 0) return iree_make_status(IREE_STATUS_DATA_LOSS, "value %d is lost", (int)value);
  const int32_t narrow = (int32_t)value;
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_write(iree_hal_buffer_deref(buffer), 0, &narrow, sizeof(narrow)));
  f->call_size = 0;
  const iree_vm_ref_t null = iree_vm_ref_null();
  add(f, &null, 16);
  add_argument(f, 32);
  return call(stack, hal_barrier);
}

static iree_status_t run_main(iree_vm_stack_t* stack) {
  frame_t* f = frame_of(stack);
  int64_t value = 0;
  memcpy(&value, f->arguments + 32, sizeof(value));
  if (!value) return iree_make_status(IREE_STATUS_OUT_OF_RANGE, "nothing to write");
  iree_vm_ref_t signal;
  memcpy(&signal, f->arguments + 40, sizeof(signal));
  const int32_t ordinal = callee, ref_count = 3, value_count = 1;
  f->call_size = 0;
  add(f, &ordinal, 4);
  iree_vm_ref_retain_inplace(&signal);
  add(f, &signal, 16);
  add(f, &ref_count, 4);
  add_argument(f, 0);
  add_argument(f, 16);
  add_argument(f, 40);
  add(f, &value_count, 4);
  add(f, &value, 8);
  iree_status_t status = call(stack, hal_invoke);
  if (!iree_status_is_ok(status)) {
    release_bytes(f->call, 4);
    for (int i = 0; i < 3; ++i) release_bytes(f->call, 24 + 16 * (iree_host_size_t)i);
  }
  return status;
}

// Runs the topmost frame; |is_resumed|: what it waited for is over.
static iree_status_t run(iree_vm_stack_t* stack, bool is_resumed) {
  const function_t* function = function_of(&iree_vm_stack_top(stack)->function);
  frame_t* f = frame_of(stack);
  if (is_resumed) f->is_waiting = false;
  if (function == &exports[MAIN]) return run_main(stack);
  if (function == &exports[PLAIN]) return iree_make_status(IREE_STATUS_ABORTED, "plain");
  if (function == &internals[NOTHING]) return iree_ok_status();
  iree_atomic_store(&work_flags, (int32_t)iree_vm_stack_invocation_flags(stack),
                    iree_memory_order_relaxed);
  if (!is_resumed) IREE_RETURN_IF_ERROR(begin_wait(stack));
  return function == &internals[WORK] ? end_work(stack)
                                      : iree_make_status(IREE_STATUS_NOT_FOUND, "stuck for good");
}

static iree_status_t finish(iree_vm_stack_t* stack, int32_t depth, iree_status_t status) {
  if (iree_status_is_deferred(status)) return status;
  while (iree_vm_stack_top(stack) && iree_vm_stack_top(stack)->depth >= depth) {
    iree_status_ignore(iree_vm_stack_function_leave(stack));
  }
  return status;
}

static iree_status_t program_begin_call(void* self, iree_vm_stack_t* stack,
                                        iree_vm_function_call_t call) {
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_stack_function_enter(
      stack, &call.function, IREE_VM_STACK_FRAME_NATIVE, sizeof(frame_t), program_cleanup, &frame));
  frame_t* f = frame_of(stack);
  memset(f, 0, sizeof(*f));
  assert_true(call.arguments.data_length <= sizeof(f->arguments));
  if (call.arguments.data_length) {
    memcpy(f->arguments, call.arguments.data, call.arguments.data_length);
    memset(call.arguments.data, 0, call.arguments.data_length);
  }
  return finish(stack, frame->depth, run(stack, false));
}

static iree_status_t program_resume_call(void* self, iree_vm_stack_t* stack,
                                         iree_byte_span_t call_results) {
  return finish(stack, iree_vm_stack_top(stack)->depth, run(stack, true));
}

static void program_destroy(void* self) {}
static iree_string_view_t program_name(void* self) { return iree_make_cstring_view("program"); }

static iree_vm_module_signature_t program_signature(void* self) {
  return (iree_vm_module_signature_t){.export_function_count = EXPORT_COUNT,
                                      .internal_function_count = INTERNAL_COUNT};
}

static iree_vm_module_t program;

static iree_status_t program_get_function(void* self, iree_vm_function_linkage_t linkage,
                                          iree_host_size_t ordinal,
                                          iree_vm_function_t* out_function,
                                          iree_string_view_t* out_name,
                                          iree_vm_function_signature_t* out_signature) {
  const bool is_export = linkage == IREE_VM_FUNCTION_LINKAGE_EXPORT;
  if ((!is_export && linkage != IREE_VM_FUNCTION_LINKAGE_INTERNAL) ||
      ordinal >= (iree_host_size_t)(is_export ? EXPORT_COUNT : INTERNAL_COUNT)) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  const iree_vm_function_t function = {&program, (uint16_t)linkage, (uint16_t)ordinal};
  if (out_function) *out_function = function;
  if (out_name) *out_name = iree_make_cstring_view(function_of(&function)->name);
  if (out_signature) {
    out_signature->calling_convention = iree_make_cstring_view(function_of(&function)->convention);
  }
  return iree_ok_status();
}

static iree_status_t program_get_function_attr(void* self, iree_vm_function_linkage_t linkage,
                                               iree_host_size_t ordinal, iree_host_size_t index,
                                               iree_string_pair_t* out_attr) {
  if (index || linkage != IREE_VM_FUNCTION_LINKAGE_EXPORT) {
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  }
  out_attr->key = iree_make_cstring_view("iree.abi.model");
  out_attr->value = iree_make_cstring_view(exports[ordinal].model);
  return iree_ok_status();
}

static void make_program(void) {
  IREE_CHECK_OK(iree_vm_module_initialize(&program, &program));
  program.destroy = program_destroy;
  program.name = program_name;
  program.signature = program_signature;
  program.get_function = program_get_function;
  program.get_function_attr = program_get_function_attr;
  program.begin_call = program_begin_call;
  program.resume_call = program_resume_call;
}

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_allocator_t allocator;
  iree_hal_device_t* device;
  iree_vm_context_t* context;
  iree_hal_buffer_t* buffer;
} fixture_t;

static fixture_t fixture;

static iree_status_t create_device(bool is_threaded, iree_hal_device_t** out_device) {
  const iree_allocator_t allocator = iree_allocator_system();
  if (!is_threaded) {
    return iree_hal_create_device(iree_hal_driver_registry_default(),
                                  iree_make_cstring_view("local-sync"), allocator, out_device);
  }
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = 2;
  tenon_executor_t* executor = NULL;
  IREE_RETURN_IF_ERROR(tenon_executor_create(&options, allocator, &executor));
  iree_status_t status = tenon_hal_task_device_create(iree_make_cstring_view("local-task"),
                                                      executor, NULL, allocator, out_device);
  tenon_executor_release(executor);
  return status;
}

static iree_vm_function_t find(iree_vm_module_t* module, const char* name) {
  iree_vm_function_t function;
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                       iree_make_cstring_view(name), &function));
  return function;
}

// The hal module and the program in a context, with all from |allocator|.
static iree_status_t create_context(iree_hal_device_t* device, iree_allocator_t allocator,
                                    iree_vm_context_t** out_context) {
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t* modules[2] = {NULL, &program};
  iree_status_t status = iree_hal_module_register_all_types(instance);
  if (iree_status_is_ok(status)) {
    status =
        iree_hal_module_create(instance, device, IREE_HAL_MODULE_FLAG_NONE, allocator, &modules[0]);
  }
  if (iree_status_is_ok(status)) {
    hal_await = find(modules[0], "fence.await");
    hal_barrier = find(modules[0], "queue.barrier");
    hal_invoke = find(modules[0], "invoke");
    status = iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 2, modules,
                                                 allocator, out_context);
  }
  iree_vm_module_release(modules[0]);
  iree_vm_instance_release(instance);
  return status;
}

static int set_up(void** state, bool is_threaded) {
  fixture_t* f = &fixture;
  callee = WORK;
  f->allocator = iree_allocator_system();
  IREE_CHECK_OK(create_device(is_threaded, &f->device));
  IREE_CHECK_OK(create_context(f->device, iree_allocator_system(), &f->context));
  const iree_hal_buffer_params_t params = {
      .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
  };
  IREE_CHECK_OK(iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(f->device), params, 4,
                                                   iree_const_byte_span_empty(), &f->buffer));
  *state = f;
  return 0;
}
static int set_up_sync(void** state) { return set_up(state, false); }
static int set_up_task(void** state) { return set_up(state, true); }

static int tear_down(void** state) {
  iree_hal_buffer_release(fixture.buffer);
  iree_vm_context_release(fixture.context);
  iree_hal_device_release(fixture.device);
  return 0;
}

static iree_hal_fence_t* create_fence(fixture_t* f) {
  iree_hal_semaphore_t* semaphore = NULL;
  iree_hal_fence_t* fence = NULL;
  IREE_CHECK_OK(iree_hal_semaphore_create(f->device, 0, &semaphore));
  IREE_CHECK_OK(iree_hal_fence_create_at(semaphore, 1, iree_allocator_system(), &fence));
  iree_hal_semaphore_release(semaphore);
  return fence;
}

static iree_vm_list_t* list_of(int count, const iree_vm_ref_t* refs) {
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 4, iree_allocator_system(), &list));
  for (int i = 0; i < count; ++i) {
    iree_vm_ref_t ref = refs[i];
    IREE_CHECK_OK(iree_vm_list_push_ref_move(list, &ref));
  }
  return list;
}

// The arguments of main.
static iree_vm_list_t* main_inputs(fixture_t* f, iree_hal_fence_t* wait, int64_t value,
                                   iree_hal_fence_t* signal) {
  const iree_vm_ref_t refs[2] = {iree_hal_fence_retain_ref(wait),
                                 iree_hal_buffer_retain_ref(f->buffer)};
  iree_vm_list_t* inputs = list_of(2, refs);
  const iree_vm_value_t number = iree_vm_value_make_i64(value);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &number));
  iree_vm_ref_t ref = iree_hal_fence_retain_ref(signal);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
  return inputs;
}

static iree_status_t invoke(fixture_t* f, const char* name, iree_vm_list_t* inputs) {
  iree_status_t status =
      iree_vm_invoke(f->context, find(&program, name), 0, NULL, inputs, NULL, f->allocator);
  iree_vm_list_release(inputs);
  return status;
}

static void expect_buffer(fixture_t* f, int32_t expected) {
  int32_t value = 0;
  IREE_CHECK_OK(iree_hal_buffer_map_read(f->buffer, 0, &value, sizeof(value)));
  assert_int_equal(value, expected);
}

// |fence| has failed with |code| itself.
static void expect_failed(iree_hal_fence_t* fence, iree_status_code_t code, const char* message) {
  assert_failure(iree_hal_fence_wait(fence, iree_infinite_timeout()), IREE_STATUS_ABORTED, message);
  assert_failure(iree_hal_fence_query(fence), code, message);
  iree_hal_fence_release(fence);
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void work_that_need_not_wait(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* signal = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, NULL, 5, signal)));
  IREE_CHECK_OK(iree_hal_fence_query(signal));
  expect_buffer(f, 5);
  iree_hal_fence_release(signal);
  // Nobody asks.
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, NULL, 6, NULL)));
  expect_buffer(f, 6);
}

// What is to be traced is traced to its end.
static void work_inherits_flags(void** state) {
  fixture_t* f = *state;
  for (uint32_t flags = 0; flags <= IREE_VM_INVOCATION_FLAG_TRACE_EXECUTION; ++flags) {
    iree_hal_fence_t *wait = create_fence(f), *signal = create_fence(f);
    iree_vm_list_t* inputs = main_inputs(f, wait, 7, signal);
    IREE_CHECK_OK(iree_vm_invoke(f->context, find(&program, "main"), flags, NULL, inputs, NULL,
                                 f->allocator));
    iree_vm_list_release(inputs);
    IREE_CHECK_OK(iree_hal_fence_signal(wait));
    IREE_CHECK_OK(iree_hal_fence_wait(signal, iree_infinite_timeout()));
    assert_int_equal(iree_atomic_load(&work_flags, iree_memory_order_relaxed), flags);
    iree_hal_fence_release(signal);
    iree_hal_fence_release(wait);
  }
}

static void* signal_fence(void* fence) {
  IREE_CHECK_OK(iree_hal_fence_signal(fence));
  return NULL;
}

static void work_goes_on_by_itself(void** state) {
  fixture_t* f = *state;
  for (int32_t i = 1; i <= 100; ++i) {
    iree_hal_fence_t* wait = create_fence(f);
    iree_hal_fence_t* signal = create_fence(f);
    pthread_t thread;
    const bool is_race = i % 2;
    if (is_race) assert_int_equal(pthread_create(&thread, NULL, signal_fence, wait), 0);
    IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, i, signal)));
    if (is_race) {
      assert_int_equal(pthread_join(thread, NULL), 0);
    } else {
      assert_failure(iree_hal_fence_query(signal), IREE_STATUS_DEFERRED, "");
      IREE_CHECK_OK(iree_hal_fence_signal(wait));
    }
    IREE_CHECK_OK(iree_hal_fence_wait(signal, iree_infinite_timeout()));
    expect_buffer(f, i);
    iree_hal_fence_release(signal);
    iree_hal_fence_release(wait);
  }
}

// Each invocation waits for the one before; all are in flight before the first may begin.
static void work_is_chained(void** state) {
  fixture_t* f = *state;
  enum { COUNT = 200 };
  iree_hal_fence_t* first = create_fence(f);
  iree_hal_fence_t* last = first;
  iree_hal_fence_retain(first);
  for (int32_t i = 1; i <= COUNT; ++i) {
    iree_hal_fence_t* next = create_fence(f);
    IREE_CHECK_OK(invoke(f, "main", main_inputs(f, last, i, next)));
    // The invocations keep what they signal; what they wait for is kept by who signals it.
    iree_hal_fence_release(last);
    last = next;
  }
  assert_failure(iree_hal_fence_query(last), IREE_STATUS_DEFERRED, "");
  IREE_CHECK_OK(iree_hal_fence_signal(first));
  IREE_CHECK_OK(iree_hal_fence_wait(last, iree_infinite_timeout()));
  expect_buffer(f, COUNT);
  iree_hal_fence_release(first);
  iree_hal_fence_release(last);
}

static void failures_reach_the_signal(void** state) {
  fixture_t* f = *state;
  // Of the work, at once and later.
  iree_hal_fence_t* signal = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, NULL, -1, signal)));
  expect_failed(signal, IREE_STATUS_DATA_LOSS, "value -1 is lost");
  signal = create_fence(f);
  iree_hal_fence_t* wait = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, -2, signal)));
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_hal_fence_release(wait);
  expect_failed(signal, IREE_STATUS_DATA_LOSS, "value -2 is lost");
  // Of what it waits for; and if nobody can signal that any more.
  signal = create_fence(f);
  wait = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, 1, signal)));
  iree_hal_fence_fail(wait, iree_make_status(IREE_STATUS_UNAVAILABLE, "no such luck"));
  iree_hal_fence_release(wait);
  expect_failed(signal, IREE_STATUS_UNAVAILABLE, "no such luck");
  signal = create_fence(f);
  wait = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, 1, signal)));
  iree_hal_fence_release(wait);
  expect_failed(signal, IREE_STATUS_CANCELLED, "");
  // With nobody to tell.
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, NULL, -1, NULL)));
}

static void failed_calls_fail_their_signal(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* signal = create_fence(f);
  assert_failure(invoke(f, "main", main_inputs(f, NULL, 0, signal)), IREE_STATUS_OUT_OF_RANGE,
                 "nothing to write");
  expect_failed(signal, IREE_STATUS_OUT_OF_RANGE, "nothing to write");
  assert_failure(invoke(f, "main", main_inputs(f, NULL, 0, NULL)), IREE_STATUS_OUT_OF_RANGE, "");
  // A function without fences has promised nothing.
  signal = create_fence(f);
  const iree_vm_ref_t ref = iree_hal_fence_retain_ref(signal);
  assert_failure(invoke(f, "plain", list_of(1, &ref)), IREE_STATUS_ABORTED, "plain");
  assert_failure(iree_hal_fence_query(signal), IREE_STATUS_DEFERRED, "");
  // Neither has one that was not called.
  const iree_vm_ref_t refs[2] = {iree_vm_ref_null(), iree_hal_fence_retain_ref(signal)};
  assert_failure(invoke(f, "main", list_of(2, refs)), IREE_STATUS_INVALID_ARGUMENT, "expected 4");
  assert_failure(iree_hal_fence_query(signal), IREE_STATUS_DEFERRED, "");
  iree_hal_fence_release(signal);
}

static iree_vm_list_t* stuck_inputs(iree_hal_fence_t* wait, iree_hal_fence_t* signal) {
  const iree_vm_ref_t refs[2] = {iree_hal_fence_retain_ref(wait),
                                 iree_hal_fence_retain_ref(signal)};
  return list_of(2, refs);
}

static void suspended_calls_fail_their_signal(void** state) {
  fixture_t* f = *state;
  for (int is_aborted = 0; is_aborted < 2; ++is_aborted) {
    iree_hal_fence_t* wait = create_fence(f);
    iree_hal_fence_t* signal = create_fence(f);
    iree_vm_list_t* inputs = stuck_inputs(wait, signal);
    iree_vm_invoke_state_t invocation = {0};
    assert_failure(iree_vm_begin_invoke(&invocation, f->context, find(&program, "stuck"), 0, NULL,
                                        inputs, f->allocator),
                   IREE_STATUS_DEFERRED, "");
    iree_vm_list_release(inputs);
    if (is_aborted) {
      iree_vm_abort_invoke(&invocation);
      expect_failed(signal, IREE_STATUS_CANCELLED, "aborted");
    } else {
      IREE_CHECK_OK(iree_hal_fence_signal(wait));
      IREE_CHECK_OK(iree_vm_resume_invoke(&invocation));
      iree_status_t outcome = iree_ok_status();
      IREE_CHECK_OK(iree_vm_end_invoke(&invocation, NULL, &outcome));
      assert_failure(outcome, IREE_STATUS_NOT_FOUND, "stuck for good");
      expect_failed(signal, IREE_STATUS_NOT_FOUND, "stuck for good");
    }
    iree_hal_fence_release(wait);
  }
  // In one call, which blocks for it.
  iree_hal_fence_t* wait = create_fence(f);
  iree_hal_fence_t* signal = create_fence(f);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, signal_fence, wait), 0);
  assert_failure(invoke(f, "stuck", stuck_inputs(wait, signal)), IREE_STATUS_NOT_FOUND, "stuck");
  assert_int_equal(pthread_join(thread, NULL), 0);
  expect_failed(signal, IREE_STATUS_NOT_FOUND, "stuck for good");
  iree_hal_fence_release(wait);
  wait = create_fence(f);
  iree_hal_fence_fail(wait, iree_make_status(IREE_STATUS_UNAVAILABLE, "no such luck"));
  assert_failure(invoke(f, "stuck", stuck_inputs(wait, NULL)), IREE_STATUS_UNAVAILABLE, "luck");
  iree_hal_fence_release(wait);
}

static void what_is_invoked_is_checked(void** state) {
  fixture_t* f = *state;
  const struct {
    int ordinal;
    iree_status_code_t code;
    const char* message;
  } cases[] = {
      {NOTHING, IREE_STATUS_INVALID_ARGUMENT, "'nothing' has the calling convention 0v_v"},
      {OTHER, IREE_STATUS_INVALID_ARGUMENT, "3 references, then 1 i64"},
      {INTERNAL_COUNT, IREE_STATUS_OUT_OF_RANGE, "internal function 3"},
      {-1, IREE_STATUS_OUT_OF_RANGE, "internal function -1"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    callee = cases[i].ordinal;
    iree_hal_fence_t* signal = create_fence(f);
    assert_failure(invoke(f, "main", main_inputs(f, NULL, 1, signal)), cases[i].code,
                   cases[i].message);
    expect_failed(signal, cases[i].code, cases[i].message);
  }
  callee = WORK;
}

// The context, the device and the module stay as long as work is in flight.
static void everything_may_be_released(void** state) {
  fixture_t* f = *state;
  iree_hal_fence_t* wait = create_fence(f);
  iree_hal_fence_t* signal = create_fence(f);
  IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, 42, signal)));
  iree_vm_context_release(f->context);
  f->context = NULL;
  iree_hal_device_release(f->device);
  f->device = NULL;
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  IREE_CHECK_OK(iree_hal_fence_wait(signal, iree_infinite_timeout()));
  expect_buffer(f, 42);
  iree_hal_fence_release(signal);
  iree_hal_fence_release(wait);
}

typedef struct caller_t {
  fixture_t* fixture;
  int32_t first;
} caller_t;

static void* call_often(void* arg) {
  const caller_t* caller = arg;
  fixture_t* f = caller->fixture;
  for (int32_t i = 0; i < 100; ++i) {
    iree_hal_fence_t* wait = i % 3 ? create_fence(f) : NULL;
    iree_hal_fence_t* signal = create_fence(f);
    IREE_CHECK_OK(invoke(f, "main", main_inputs(f, wait, caller->first + i, signal)));
    if (wait) IREE_CHECK_OK(iree_hal_fence_signal(wait));
    IREE_CHECK_OK(iree_hal_fence_wait(signal, iree_infinite_timeout()));
    expect_buffer(f, caller->first + i);
    iree_hal_fence_release(signal);
    iree_hal_fence_release(wait);
  }
  return NULL;
}

// One context, several threads.
static void threads_share_a_context(void** state) {
  fixture_t fixtures[3];
  caller_t callers[3];
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) {
    fixtures[i] = *(fixture_t*)*state;
    const iree_hal_buffer_params_t params = {
        .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
        .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
    };
    IREE_CHECK_OK(iree_hal_allocator_allocate_buffer(iree_hal_device_allocator(fixtures[i].device),
                                                     params, 4, iree_const_byte_span_empty(),
                                                     &fixtures[i].buffer));
    callers[i] = (caller_t){&fixtures[i], 1 + i * 1000};
    assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
  }
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    iree_hal_buffer_release(fixtures[i].buffer);
  }
}

static iree_status_t run_with(iree_allocator_t allocator, void* user_data) {
  fixture_t own = *(fixture_t*)user_data;
  own.allocator = allocator;
  own.context = NULL;
  IREE_RETURN_IF_ERROR(create_context(own.device, allocator, &own.context));
  iree_hal_fence_t* wait = create_fence(&own);
  iree_hal_fence_t* signal = create_fence(&own);
  iree_status_t status = invoke(&own, "main", main_inputs(&own, wait, 3, signal));
  IREE_CHECK_OK(iree_hal_fence_signal(wait));
  iree_status_t outcome = iree_hal_fence_wait(signal, iree_infinite_timeout());
  if (!iree_status_is_ok(outcome)) {
    iree_status_ignore(outcome);
    outcome = iree_hal_fence_query(signal);
  }
  // A call that failed has failed its fence.
  if (!iree_status_is_ok(status))
    assert_int_equal(iree_status_code(outcome), IREE_STATUS_RESOURCE_EXHAUSTED);
  iree_hal_fence_release(signal);
  iree_hal_fence_release(wait);
  iree_vm_context_release(own.context);
  if (iree_status_is_ok(status)) return outcome;
  iree_status_ignore(outcome);
  return status;
}

static void no_failed_allocation_hangs(void** state) {
  assert_true(tenon_test_for_each_failure(run_with, *state) > 4);
}

static void foreign_devices_are_refused(void** state) {
  iree_vm_instance_t* instance = NULL;
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(iree_vm_instance_create(iree_allocator_system(), &instance));
  assert_failure(iree_hal_module_create(instance, NULL, 0, iree_allocator_system(), &module),
                 IREE_STATUS_INVALID_ARGUMENT, "local-task");
  assert_null(module);
  iree_vm_instance_release(instance);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, SET_UP, tear_down)
#define TESTS                                                                             \
  TEST(work_that_need_not_wait), TEST(work_inherits_flags), TEST(work_goes_on_by_itself), \
      TEST(work_is_chained), TEST(failures_reach_the_signal),                             \
      TEST(failed_calls_fail_their_signal), TEST(suspended_calls_fail_their_signal),      \
      TEST(what_is_invoked_is_checked), TEST(everything_may_be_released),                 \
      TEST(threads_share_a_context)

int main(void) {
  make_program();
  IREE_CHECK_OK(iree_hal_register_all_available_drivers(iree_hal_driver_registry_default()));
#define SET_UP set_up_sync
  const struct CMUnitTest on_sync[] = {TESTS, TEST(no_failed_allocation_hangs),
                                       TEST(foreign_devices_are_refused)};
#undef SET_UP
#define SET_UP set_up_task
  const struct CMUnitTest on_task[] = {TESTS};
  return cmocka_run_group_tests(on_sync, NULL, NULL) + cmocka_run_group_tests(on_task, NULL, NULL);
}
