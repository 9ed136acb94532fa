// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls that suspend themselves and are resumed: alone, across modules, on another thread; aborted
// and failing in between.
//
// Module `leaf` has `wait(i, r) -> i`, which suspends itself as often as its first argument says,
// and `bad()`, which breaks the protocol. Module `root` has `twice(i, r) -> i`, which calls
// leaf.wait two times and adds the results, and `forward`, which passes its storages on to
// leaf.wait.
#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "vm/testing/vm_test.h"

// Frames that exist, to see that each is cleaned up.
static int test_frame_count = 0;
// The outcome of leaf.wait once it has waited enough.
static iree_status_code_t test_outcome = IREE_STATUS_OK;

//===--------------------------------------------------------------------------------------------===//
// leaf
//===--------------------------------------------------------------------------------------------===//

typedef struct leaf_frame_t {
  int32_t remaining;
  int32_t resumptions;
  iree_vm_ref_t thing;
} leaf_frame_t;

static void leaf_cleanup(iree_vm_stack_frame_t* frame) {
  leaf_frame_t* leaf = (leaf_frame_t*)iree_vm_stack_frame_storage(frame);
  iree_vm_ref_release(&leaf->thing);
  --test_frame_count;
}

static iree_status_t leaf_enter(iree_vm_stack_t* stack, iree_byte_span_t arguments) {
  iree_vm_stack_frame_t* frame = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE,
                                                    sizeof(leaf_frame_t), leaf_cleanup, &frame));
  ++test_frame_count;
  iree_vm_abi_ir_t* args = (iree_vm_abi_ir_t*)(void*)arguments.data;
  leaf_frame_t* leaf = (leaf_frame_t*)iree_vm_stack_frame_storage(frame);
  leaf->remaining = args->i0;
  leaf->resumptions = 0;
  leaf->thing = args->r1;
  args->r1 = iree_vm_ref_null();
  return iree_ok_status();
}

static iree_status_t leaf_wait(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                               iree_byte_span_t arguments, iree_byte_span_t results,
                               iree_vm_native_function_target_t target, void* module,
                               void* module_state) {
  const bool is_resume = (flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME) != 0;
  if (!is_resume) IREE_RETURN_IF_ERROR(leaf_enter(stack, arguments));
  leaf_frame_t* leaf = (leaf_frame_t*)iree_vm_stack_frame_storage(iree_vm_stack_top(stack));
  if (is_resume) ++leaf->resumptions;
  if (leaf->remaining-- > 0) return iree_status_from_code(IREE_STATUS_DEFERRED);
  // A failing function need not leave its frame.
  if (test_outcome) return iree_make_status(test_outcome, "leaf gave up");
  const test_thing_t* thing = test_thing_deref(leaf->thing);
  const int32_t result = leaf->resumptions + (thing ? thing->value : 0);
  memcpy(results.data, &result, sizeof(result));
  return iree_vm_stack_function_leave(stack);
}

static iree_status_t leaf_bad(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                              iree_byte_span_t arguments, iree_byte_span_t results,
                              iree_vm_native_function_target_t target, void* module,
                              void* module_state) {
  return iree_make_status(IREE_STATUS_DEFERRED, "without a frame");
}

static const iree_vm_native_export_descriptor_t leaf_exports[] = {
    {IREE_VM_NATIVE_STR("wait"), IREE_VM_NATIVE_STR("0ir_i"), 0, NULL},
    {IREE_VM_NATIVE_STR("bad"), IREE_VM_NATIVE_STR("0v_v"), 0, NULL},
};
static const iree_vm_native_function_ptr_t leaf_functions[] = {{leaf_wait, NULL}, {leaf_bad, NULL}};
static const iree_vm_native_module_descriptor_t leaf_descriptor = {
    .name = IREE_VM_NATIVE_STR("leaf"),
    .export_count = 2,
    .exports = leaf_exports,
    .function_count = 2,
    .functions = leaf_functions,
};

//===--------------------------------------------------------------------------------------------===//
// root
//===--------------------------------------------------------------------------------------------===//

typedef struct root_state_t {
  iree_allocator_t allocator;
  iree_vm_function_t wait;
} root_state_t;

// The storages of the call in flight live here.
typedef struct root_frame_t {
  int calls_done;
  int32_t sum;
  iree_vm_ref_t thing;
  int32_t waits;
  uint8_t call_arguments[20];
  int32_t call_result;
} root_frame_t;

static void root_cleanup(iree_vm_stack_frame_t* frame) {
  root_frame_t* root = (root_frame_t*)iree_vm_stack_frame_storage(frame);
  iree_vm_ref_release(&root->thing);
  iree_vm_function_release_storage(
      IREE_SV("ir"), iree_make_byte_span(root->call_arguments, sizeof(root->call_arguments)));
  --test_frame_count;
}

static iree_status_t root_call(iree_vm_stack_t* stack, const root_state_t* state,
                               root_frame_t* root) {
  iree_vm_ref_t thing = iree_vm_ref_null();
  iree_vm_ref_retain(&root->thing, &thing);
  memcpy(root->call_arguments, &root->waits, 4);
  memcpy(root->call_arguments + 4, &thing, sizeof(thing));
  const iree_vm_function_call_t call = {
      state->wait, iree_make_byte_span(root->call_arguments, sizeof(root->call_arguments)),
      iree_make_byte_span(&root->call_result, sizeof(root->call_result))};
  return iree_vm_module_begin_call(stack, call);
}

static iree_status_t root_twice(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                                iree_byte_span_t arguments, iree_byte_span_t results,
                                iree_vm_native_function_target_t target, void* module,
                                void* module_state) {
  iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
  if (!(flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME)) {
    IREE_RETURN_IF_ERROR(iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE,
                                                      sizeof(root_frame_t), root_cleanup, &frame));
    ++test_frame_count;
    root_frame_t* root = (root_frame_t*)iree_vm_stack_frame_storage(frame);
    iree_vm_abi_ir_t* args = (iree_vm_abi_ir_t*)(void*)arguments.data;
    memset(root, 0, sizeof(*root));
    root->waits = args->i0;
    root->thing = args->r1;
    args->r1 = iree_vm_ref_null();
    IREE_RETURN_IF_ERROR(root_call(stack, (const root_state_t*)module_state, root));
  }
  root_frame_t* root = (root_frame_t*)iree_vm_stack_frame_storage(frame);
  // Here a call has just completed.
  for (;;) {
    root->sum += root->call_result;
    if (++root->calls_done == 2) break;
    IREE_RETURN_IF_ERROR(root_call(stack, (const root_state_t*)module_state, root));
  }
  memcpy(results.data, &root->sum, sizeof(root->sum));
  return iree_vm_stack_function_leave(stack);
}

static iree_status_t root_forward(iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags,
                                  iree_byte_span_t arguments, iree_byte_span_t results,
                                  iree_vm_native_function_target_t target, void* module,
                                  void* module_state) {
  const iree_vm_function_call_t call = {((const root_state_t*)module_state)->wait, arguments,
                                        results};
  return iree_vm_module_begin_call(stack, call);
}

static iree_status_t root_alloc_state(void* self, iree_allocator_t allocator,
                                      iree_vm_module_state_t** out_module_state) {
  root_state_t* state = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*state), (void**)&state));
  state->allocator = allocator;
  *out_module_state = (iree_vm_module_state_t*)state;
  return iree_ok_status();
}
static void root_free_state(void* self, iree_vm_module_state_t* module_state) {
  root_state_t* state = (root_state_t*)module_state;
  iree_allocator_free(state->allocator, state);
}
static iree_status_t root_resolve_import(void* self, iree_vm_module_state_t* module_state,
                                         iree_host_size_t ordinal,
                                         const iree_vm_function_t* function,
                                         const iree_vm_function_signature_t* signature) {
  ((root_state_t*)module_state)->wait = *function;
  return iree_ok_status();
}

static const iree_vm_native_import_descriptor_t root_imports[] = {
    {IREE_VM_NATIVE_IMPORT_REQUIRED, IREE_VM_NATIVE_STR("leaf.wait")},
};
static const iree_vm_native_export_descriptor_t root_exports[] = {
    {IREE_VM_NATIVE_STR("twice"), IREE_VM_NATIVE_STR("0ir_i"), 0, NULL},
    {IREE_VM_NATIVE_STR("forward"), IREE_VM_NATIVE_STR("0ir_i"), 0, NULL},
};
static const iree_vm_native_function_ptr_t root_functions[] = {{root_twice, NULL},
                                                               {root_forward, NULL}};
static const iree_vm_native_module_descriptor_t root_descriptor = {
    .name = IREE_VM_NATIVE_STR("root"),
    .import_count = 1,
    .imports = root_imports,
    .export_count = 2,
    .exports = root_exports,
    .function_count = 2,
    .functions = root_functions,
};

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

static iree_status_t make_context(iree_allocator_t allocator, iree_vm_context_t** out_context) {
  iree_vm_instance_t* instance = NULL;
  iree_vm_module_t* modules[2] = {NULL, NULL};
  iree_vm_module_t interface;
  *out_context = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_status_t status = iree_vm_module_initialize(&interface, NULL);
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_create(&interface, &leaf_descriptor, instance, allocator,
                                          &modules[0]);
  }
  interface.alloc_state = root_alloc_state;
  interface.free_state = root_free_state;
  interface.resolve_import = root_resolve_import;
  if (iree_status_is_ok(status)) {
    status = iree_vm_native_module_create(&interface, &root_descriptor, instance, allocator,
                                          &modules[1]);
  }
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, 0, 2, modules, allocator, out_context);
  }
  iree_vm_module_release(modules[1]);
  iree_vm_module_release(modules[0]);
  iree_vm_instance_release(instance);
  return status;
}

// A list with |waits| and a thing of value 10.
static iree_status_t make_inputs(int32_t waits, iree_allocator_t allocator,
                                 iree_vm_list_t** out_inputs) {
  *out_inputs = NULL;
  iree_vm_list_t* inputs = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 2, allocator, &inputs));
  const iree_vm_value_t value = iree_vm_value_make_i32(waits);
  test_thing_t* thing = NULL;
  iree_status_t status = iree_vm_list_push_value(inputs, &value);
  if (iree_status_is_ok(status)) status = test_thing_create(10, allocator, &thing);
  if (iree_status_is_ok(status)) {
    iree_vm_ref_t ref = test_thing_move_ref(thing);
    status = iree_vm_list_push_ref_move(inputs, &ref);
  }
  if (iree_status_is_ok(status)) {
    *out_inputs = inputs;
  } else {
    iree_vm_list_release(inputs);
  }
  return status;
}

typedef struct fixture_t {
  iree_vm_context_t* context;
  iree_vm_list_t* outputs;
  iree_vm_invoke_state_t invocation;
} fixture_t;

static int setup(void** state) {
  static fixture_t fixture;
  test_outcome = IREE_STATUS_OK;
  expect_ok(test_thing_register());
  expect_ok(make_context(iree_allocator_system(), &fixture.context));
  expect_ok(iree_vm_list_create(NULL, 1, iree_allocator_system(), &fixture.outputs));
  memset(&fixture.invocation, 0, sizeof(fixture.invocation));
  *state = &fixture;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_list_release(f->outputs);
  iree_vm_context_release(f->context);
  return test_thing_live_count() + test_frame_count;
}

static iree_vm_function_t find(fixture_t* f, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(f->context, iree_make_cstring_view(name), &function));
  return function;
}

static iree_status_t begin(fixture_t* f, const char* name, int32_t waits) {
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(waits, iree_allocator_system(), &inputs));
  iree_status_t status = iree_vm_begin_invoke(&f->invocation, f->context, find(f, name), 0, NULL,
                                              inputs, iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

static void expect_result(fixture_t* f, int32_t expected) {
  iree_status_t outcome = iree_ok_status();
  expect_ok(iree_vm_end_invoke(&f->invocation, f->outputs, &outcome));
  expect_ok(outcome);
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value_as(f->outputs, 0, IREE_VM_VALUE_TYPE_I32, &value));
  assert_int_equal(value.i32, expected);
  assert_null(f->invocation.stack);
}

//===--------------------------------------------------------------------------------------------===//
// Tests
//===--------------------------------------------------------------------------------------------===//

static void test_synchronous_invocation_resumes(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(3, iree_allocator_system(), &inputs));
  iree_vm_value_t value;
  expect_ok(iree_vm_invoke(f->context, find(f, "root.twice"), 0, NULL, inputs, f->outputs,
                           iree_allocator_system()));
  expect_ok(iree_vm_list_get_value(f->outputs, 0, &value));
  assert_int_equal(value.i32, 2 * (10 + 3));
  test_outcome = IREE_STATUS_UNAVAILABLE;
  expect_message(IREE_STATUS_UNAVAILABLE, "leaf gave up",
                 iree_vm_invoke(f->context, find(f, "root.twice"), 0, NULL, inputs, f->outputs,
                                iree_allocator_system()));
  assert_int_equal(iree_vm_list_size(f->outputs), 0);
  iree_vm_list_release(inputs);
}

static void test_steps(void** state) {
  fixture_t* f = (fixture_t*)*state;
  static const char* const names[] = {"leaf.wait", "root.forward"};
  for (int n = 0; n < 2; ++n) {
    expect_ok(begin(f, names[n], 0));
    expect_ok(iree_vm_resume_invoke(&f->invocation));  // Nothing to do.
    expect_result(f, 10);
    expect_code(IREE_STATUS_DEFERRED, begin(f, names[n], 2));
    iree_status_t outcome = iree_ok_status();
    expect_message(IREE_STATUS_FAILED_PRECONDITION, "suspended",
                   iree_vm_end_invoke(&f->invocation, f->outputs, &outcome));
    expect_code(IREE_STATUS_DEFERRED, iree_vm_resume_invoke(&f->invocation));
    expect_ok(iree_vm_resume_invoke(&f->invocation));
    expect_result(f, 12);
  }
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_resume_invoke(&f->invocation));
}

static void test_across_modules(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int32_t waits = 0; waits < 4; ++waits) {
    iree_status_t status = begin(f, "root.twice", waits);
    int32_t resumptions = 0;
    for (; iree_status_is_deferred(status); ++resumptions) {
      assert_int_equal(test_frame_count, 2);
      status = iree_vm_resume_invoke(&f->invocation);
    }
    expect_ok(status);
    assert_int_equal(resumptions, 2 * waits);
    expect_result(f, 2 * (10 + waits));
  }
}

static void* resume_on_thread(void* arg) {
  return (void*)iree_vm_resume_invoke((iree_vm_invoke_state_t*)arg);
}

static void test_on_other_threads(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_status_t status = begin(f, "root.twice", 3);
  while (iree_status_is_deferred(status)) {
    pthread_t thread;
    void* result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, resume_on_thread, &f->invocation), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    status = (iree_status_t)result;
  }
  expect_ok(status);
  expect_result(f, 26);
}

static void test_abort(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int resumptions = 0; resumptions < 5; ++resumptions) {
    expect_code(IREE_STATUS_DEFERRED, begin(f, "root.twice", 3));
    for (int i = 0; i < resumptions; ++i) {
      expect_code(IREE_STATUS_DEFERRED, iree_vm_resume_invoke(&f->invocation));
    }
    assert_int_equal(test_frame_count, 2);
    iree_vm_abort_invoke(&f->invocation);
    assert_int_equal(test_frame_count, 0);
    assert_int_equal(test_thing_live_count(), 0);
  }
  iree_vm_abort_invoke(&f->invocation);  // None.
  // Also after it has finished, well or badly.
  expect_ok(begin(f, "leaf.wait", 0));
  iree_vm_abort_invoke(&f->invocation);
  test_outcome = IREE_STATUS_ABORTED;
  expect_ok(begin(f, "leaf.wait", 0));
  iree_vm_abort_invoke(&f->invocation);
}

static void test_failure_after_resumption(void** state) {
  fixture_t* f = (fixture_t*)*state;
  expect_code(IREE_STATUS_DEFERRED, begin(f, "root.twice", 1));
  test_outcome = IREE_STATUS_DATA_LOSS;
  expect_ok(iree_vm_resume_invoke(&f->invocation));
  assert_int_equal(test_frame_count, 0);
  iree_status_t outcome = iree_ok_status();
  expect_ok(iree_vm_end_invoke(&f->invocation, f->outputs, &outcome));
  char text[1024];
  iree_host_size_t length = 0;
  iree_status_format(outcome, sizeof(text), text, &length);
  assert_non_null(strstr(text, "leaf gave up"));
  assert_non_null(strstr(text, "leaf.wait"));
  assert_non_null(strstr(text, "root.twice"));
  expect_code(IREE_STATUS_DATA_LOSS, outcome);
}

static void test_broken_protocol(void** state) {
  fixture_t* f = (fixture_t*)*state;
  expect_message(IREE_STATUS_INTERNAL, "without a frame",
                 iree_vm_invoke(f->context, find(f, "leaf.bad"), 0, NULL, NULL, NULL,
                                iree_allocator_system()));
}

static void test_state_without_invocation(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_status_t outcome = iree_ok_status();
  expect_code(IREE_STATUS_FAILED_PRECONDITION,
              iree_vm_end_invoke(&f->invocation, f->outputs, &outcome));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_begin_invoke(&f->invocation, f->context, find(f, "leaf.wait"), 0, NULL, NULL,
                                   iree_allocator_system()));
  assert_null(f->invocation.stack);
  // No list for the result.
  expect_ok(begin(f, "leaf.wait", 0));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_end_invoke(&f->invocation, NULL, &outcome));
  assert_null(f->invocation.stack);
}

static iree_status_t run_to_end(iree_vm_context_t* context, iree_vm_list_t* inputs,
                                iree_allocator_t allocator) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(iree_vm_context_resolve_function(context, IREE_SV("root.twice"), &function));
  iree_vm_list_t* outputs = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 0, allocator, &outputs));
  iree_vm_invoke_state_t invocation;
  iree_status_t status =
      iree_vm_begin_invoke(&invocation, context, function, 0, NULL, inputs, allocator);
  while (iree_status_is_deferred(status)) status = iree_vm_resume_invoke(&invocation);
  if (iree_status_is_ok(status)) {
    iree_status_t outcome = iree_ok_status();
    status = iree_vm_end_invoke(&invocation, outputs, &outcome);
    status = iree_status_join(status, outcome);
  }
  iree_vm_list_release(outputs);
  return status;
}

static iree_status_t suspend_and_resume(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = NULL;
  iree_vm_list_t* inputs = NULL;
  iree_status_t status = make_context(allocator, &context);
  if (iree_status_is_ok(status)) status = make_inputs(2, allocator, &inputs);
  if (iree_status_is_ok(status)) status = run_to_end(context, inputs, allocator);
  iree_vm_list_release(inputs);
  iree_vm_context_release(context);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(suspend_and_resume, NULL) >= 10);
}

//===--------------------------------------------------------------------------------------------===//
// The stack itself
//===--------------------------------------------------------------------------------------------===//

static iree_status_t no_state(void* self, iree_vm_module_t* module,
                              iree_vm_module_state_t** out_module_state) {
  *out_module_state = NULL;
  return iree_ok_status();
}

// Fills the stack with frames of |frame_size| bytes, whose contents must survive; then leaves them.
static iree_status_t fill_stack(iree_vm_stack_t* stack, iree_host_size_t frame_size, int count) {
  int entered = 0;
  iree_status_t status = iree_ok_status();
  for (; entered < count; ++entered) {
    iree_vm_stack_frame_t* frame = NULL;
    status = iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, frame_size, NULL,
                                          &frame);
    if (!iree_status_is_ok(status)) break;
    assert_int_equal((uintptr_t)iree_vm_stack_frame_storage(frame) % 16, 0);
    assert_int_equal(frame->depth, entered);
    memset(iree_vm_stack_frame_storage(frame), entered & 0xFF, frame_size);
  }
  while (entered-- > 0) {
    iree_vm_stack_frame_t* frame = iree_vm_stack_top(stack);
    const uint8_t* data = (const uint8_t*)iree_vm_stack_frame_storage(frame);
    assert_int_equal(data[0], entered & 0xFF);
    assert_int_equal(data[frame_size - 1], entered & 0xFF);
    assert_ptr_equal(iree_vm_stack_parent_frame(stack), frame->parent);
    expect_ok(iree_vm_stack_function_leave(stack));
  }
  assert_null(iree_vm_stack_current_frame(stack));
  return status;
}

static void test_stack_growth(void** state) {
  const iree_vm_state_resolver_t resolver = {NULL, no_state};
  uint8_t storage[IREE_VM_STACK_MIN_SIZE + 1];
  iree_vm_stack_t* stack = NULL;
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_stack_initialize(iree_make_byte_span(storage, IREE_VM_STACK_MIN_SIZE - 1), 0,
                                       resolver, iree_allocator_system(), &stack));
  // Of any alignment.
  expect_ok(iree_vm_stack_initialize(iree_make_byte_span(storage + 1, IREE_VM_STACK_MIN_SIZE), 3,
                                     resolver, iree_allocator_system(), &stack));
  assert_int_equal(iree_vm_stack_invocation_flags(stack), 3);
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_stack_function_leave(stack));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_stack_resume(stack));
  expect_ok(fill_stack(stack, 1, 1000));
  expect_ok(fill_stack(stack, 100, 1000));
  expect_ok(fill_stack(stack, 50000, 10));
  expect_ok(fill_stack(stack, 1000, 500));
  expect_message(IREE_STATUS_RESOURCE_EXHAUSTED, "within the limit of 1048576 bytes",
                 fill_stack(stack, 1000, 5000));
  expect_message(IREE_STATUS_RESOURCE_EXHAUSTED, "at a depth of 0 calls",
                 fill_stack(stack, SIZE_MAX, 1));
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED, fill_stack(stack, IREE_VM_STACK_MAX_SIZE, 1));
  expect_ok(fill_stack(stack, 100, 1000));
  iree_vm_stack_deinitialize(stack);
}

static iree_status_t grow_stack(iree_allocator_t allocator, void* user_data) {
  const iree_vm_state_resolver_t resolver = {NULL, no_state};
  iree_vm_stack_t* stack = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_stack_allocate(0, resolver, allocator, &stack));
  iree_status_t status = fill_stack(stack, 1000, 200);
  iree_vm_stack_free(stack);
  return status;
}

static void test_stack_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(grow_stack, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_synchronous_invocation_resumes, setup, teardown),
      cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
      cmocka_unit_test_setup_teardown(test_across_modules, setup, teardown),
      cmocka_unit_test_setup_teardown(test_on_other_threads, setup, teardown),
      cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failure_after_resumption, setup, teardown),
      cmocka_unit_test_setup_teardown(test_broken_protocol, setup, teardown),
      cmocka_unit_test_setup_teardown(test_state_without_invocation, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
      cmocka_unit_test(test_stack_growth),
      cmocka_unit_test(test_stack_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
