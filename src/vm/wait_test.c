// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that say what they wait for: run to their end, in steps, aborted.
#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "vm/testing/test_gate.h"
#include "vm/testing/vm_test.h"

typedef struct fixture_t {
  iree_vm_context_t* context;
  iree_vm_invoke_state_t invocation;
} fixture_t;

static int setup(void** state) {
  static fixture_t fixture;
  memset(&fixture, 0, sizeof(fixture));
  expect_ok(test_gate_register());
  expect_ok(test_gate_context_create(iree_allocator_system(), &fixture.context));
  *state = &fixture;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_context_release(f->context);
  return test_gate_live_count() + test_gate_frame_count();
}

static iree_vm_function_t find(fixture_t* f, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(f->context, iree_make_cstring_view(name), &function));
  return function;
}

// A list with the gate, |count| times.
static iree_status_t make_inputs(test_gate_t* gate, int count, iree_allocator_t allocator,
                                 iree_vm_list_t** out_inputs) {
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, (iree_host_size_t)count, allocator, out_inputs));
  for (int i = 0; i < count; ++i) {
    iree_vm_ref_t ref = test_gate_retain_ref(gate);
    expect_ok(iree_vm_list_push_ref_move(*out_inputs, &ref));
  }
  return iree_ok_status();
}

static iree_status_t invoke(fixture_t* f, const char* name, test_gate_t* gate, int count) {
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(gate, count, iree_allocator_system(), &inputs));
  iree_status_t status =
      iree_vm_invoke(f->context, find(f, name), 0, NULL, inputs, NULL, iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

static iree_status_t begin(fixture_t* f, const char* name, test_gate_t* gate, int count) {
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(gate, count, iree_allocator_system(), &inputs));
  iree_status_t status = iree_vm_begin_invoke(&f->invocation, f->context, find(f, name), 0, NULL,
                                              inputs, iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

static void expect_end(fixture_t* f, iree_status_code_t code) {
  iree_status_t outcome = iree_ok_status();
  expect_ok(iree_vm_end_invoke(&f->invocation, NULL, &outcome));
  expect_code(code, outcome);
}

static void test_open_gates(void** state) {
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_OK);
  expect_ok(invoke((fixture_t*)*state, "gates.wait", gate, 1));
  expect_ok(invoke((fixture_t*)*state, "gates.wait_two", gate, 2));
  test_gate_release(gate);
}

static void* open_gate(void* gate) {
  test_gate_open((test_gate_t*)gate, IREE_STATUS_OK);
  return NULL;
}

static void test_blocks_until_open(void** state) {
  for (int i = 0; i < 50; ++i) {
    test_gate_t* gate = test_gate_create(i % 2);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, open_gate, gate), 0);
    expect_ok(invoke((fixture_t*)*state, "gates.wait_two", gate, 2));
    assert_int_equal(pthread_join(thread, NULL), 0);
    test_gate_release(gate);
  }
}

// The failure itself, not what a wait makes of it; unless only the wait can tell.
static void test_failed_waits(void** state) {
  fixture_t* f = (fixture_t*)*state;
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck", invoke(f, "gates.wait", gate, 1));
  test_gate_release(gate);
  gate = test_gate_create(true);
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  expect_message(IREE_STATUS_ABORTED, "waited for a stuck gate", invoke(f, "gates.wait", gate, 1));
  test_gate_release(gate);
}

static void test_steps(void** state) {
  fixture_t* f = (fixture_t*)*state;
  assert_true(iree_wait_source_is_immediate(tenon_vm_invoke_wait_source(&f->invocation)));
  test_gate_t* gate = test_gate_create(false);
  expect_code(IREE_STATUS_DEFERRED, begin(f, "gates.wait", gate, 1));
  const int resumed = test_gate_resume_count();
  for (int i = 0; i < 3; ++i) {
    const iree_wait_source_t source = tenon_vm_invoke_wait_source(&f->invocation);
    iree_status_code_t code = IREE_STATUS_OK;
    expect_ok(iree_wait_source_query(source, &code));
    assert_int_equal(code, IREE_STATUS_DEFERRED);
    // Nothing runs while that is so.
    expect_code(IREE_STATUS_DEFERRED, iree_vm_resume_invoke(&f->invocation));
    assert_int_equal(test_gate_resume_count(), resumed);
  }
  test_gate_open(gate, IREE_STATUS_OK);
  expect_ok(iree_wait_source_wait_one(tenon_vm_invoke_wait_source(&f->invocation),
                                      iree_immediate_timeout()));
  expect_ok(iree_vm_resume_invoke(&f->invocation));
  assert_int_equal(test_gate_resume_count(), resumed + 1);
  assert_true(iree_wait_source_is_immediate(tenon_vm_invoke_wait_source(&f->invocation)));
  expect_end(f, IREE_STATUS_OK);
  test_gate_release(gate);
}

static void test_steps_that_fail(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int is_deaf = 0; is_deaf < 2; ++is_deaf) {
    test_gate_t* gate = test_gate_create(is_deaf);
    expect_code(IREE_STATUS_DEFERRED, begin(f, "gates.wait_two", gate, 2));
    test_gate_open(gate, IREE_STATUS_NOT_FOUND);
    expect_ok(iree_vm_resume_invoke(&f->invocation));
    expect_end(f, IREE_STATUS_NOT_FOUND);
    test_gate_release(gate);
  }
}

static void test_abort(void** state) {
  fixture_t* f = (fixture_t*)*state;
  test_gate_t* gate = test_gate_create(false);
  expect_code(IREE_STATUS_DEFERRED, begin(f, "gates.wait_two", gate, 2));
  assert_int_equal(test_gate_frame_count(), 1);
  // The stack and the arguments have what keeps the gate alive.
  test_gate_release(gate);
  assert_int_equal(test_gate_live_count(), 1);
  iree_vm_abort_invoke(&f->invocation);
  assert_int_equal(test_gate_frame_count(), 0);
  assert_int_equal(test_gate_live_count(), 0);
}

static void test_careless_functions(void** state) {
  fixture_t* f = (fixture_t*)*state;
  test_gate_t* gate = test_gate_create(false);
  expect_ok(invoke(f, "gates.careless", gate, 1));
  expect_ok(begin(f, "gates.careless", gate, 1));
  expect_end(f, IREE_STATUS_OK);
  test_gate_release(gate);
}

static iree_status_t no_state(void* self, iree_vm_module_t* module,
                              iree_vm_module_state_t** out_module_state) {
  return iree_status_from_code(IREE_STATUS_NOT_FOUND);
}

// A source is replaced, given up with the stack, and asked how it ended once.
static void test_stack_keeps_owners(void** state) {
  const iree_vm_state_resolver_t resolver = {NULL, no_state};
  iree_vm_stack_t* stack = NULL;
  expect_ok(iree_vm_stack_allocate(0, resolver, iree_allocator_system(), &stack));
  expect_ok(iree_vm_stack_consume_wait_status(stack));
  for (int i = 0; i < 2; ++i) {
    iree_vm_ref_t owner = test_gate_move_ref(test_gate_create(false));
    iree_vm_stack_wait_on(stack, iree_wait_source_immediate(), &owner);
    assert_true(iree_vm_ref_is_null(&owner));
    assert_int_equal(test_gate_live_count(), 1);
  }
  iree_vm_stack_reset(stack);
  assert_int_equal(test_gate_live_count(), 0);
  iree_vm_ref_t owner = test_gate_move_ref(test_gate_create(false));
  iree_vm_stack_wait_on(stack, iree_wait_source_immediate(), &owner);
  iree_vm_stack_wait_on(stack, iree_wait_source_immediate(), NULL);
  assert_int_equal(test_gate_live_count(), 0);
  owner = test_gate_move_ref(test_gate_create(false));
  iree_vm_stack_wait_on(stack, iree_wait_source_immediate(), &owner);
  iree_vm_stack_free(stack);
  assert_int_equal(test_gate_live_count(), 0);
}

static iree_status_t run_all(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(test_gate_context_create(allocator, &context));
  iree_vm_function_t function;
  iree_vm_list_t* inputs = NULL;
  iree_status_t status =
      iree_vm_context_resolve_function(context, IREE_SV("gates.wait"), &function);
  if (iree_status_is_ok(status)) {
    status = make_inputs((test_gate_t*)user_data, 1, allocator, &inputs);
  }
  iree_vm_invoke_state_t invocation = {0};
  if (iree_status_is_ok(status)) {
    status = iree_vm_begin_invoke(&invocation, context, function, 0, NULL, inputs, allocator);
  }
  if (iree_status_is_deferred(status)) {
    iree_status_ignore(status);
    status = iree_vm_resume_invoke(&invocation);
  }
  iree_vm_abort_invoke(&invocation);
  iree_vm_list_release(inputs);
  iree_vm_context_release(context);
  return status;
}

static void test_allocation_failures(void** state) {
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_OK);
  assert_true(tenon_test_for_each_failure(run_all, gate) > 3);
  test_gate_release(gate);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_open_gates, setup, teardown),
      cmocka_unit_test_setup_teardown(test_blocks_until_open, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failed_waits, setup, teardown),
      cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
      cmocka_unit_test_setup_teardown(test_steps_that_fail, setup, teardown),
      cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
      cmocka_unit_test_setup_teardown(test_careless_functions, setup, teardown),
      cmocka_unit_test_setup_teardown(test_stack_keeps_owners, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
