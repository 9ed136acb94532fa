// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that a loop drives, and invocations as objects.
#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/loop_sync.h"
#include "vm/testing/test_gate.h"
#include "vm/testing/vm_test.h"

//===--------------------------------------------------------------------------------------------===//
// Fixture
//===--------------------------------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_vm_context_t* context;
  iree_loop_sync_t* loop_sync;
  iree_loop_sync_scope_t scope;
  iree_loop_t loop;
} fixture_t;

static int setup(void** state) {
  static fixture_t fixture;
  fixture_t* f = &fixture;
  expect_ok(test_gate_register());
  expect_ok(test_gate_context_create(iree_allocator_system(), &f->context));
  expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(),
                                    &f->loop_sync));
  iree_loop_sync_scope_initialize(f->loop_sync, NULL, NULL, &f->scope);
  f->loop = iree_loop_sync_scope(&f->scope);
  *state = f;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_loop_sync_scope_deinitialize(&f->scope);
  iree_loop_sync_free(f->loop_sync);
  iree_vm_context_release(f->context);
  return test_gate_live_count() + test_gate_frame_count();
}

// An invocation and how it ended.
typedef struct call_t {
  iree_vm_async_invoke_state_t state;
  iree_vm_list_t* outputs;
  int callback_count;
  iree_status_t status;
  pthread_t thread;
} call_t;

static iree_status_t on_end(void* user_data, iree_loop_t loop, iree_status_t status,
                            iree_vm_list_t* outputs) {
  call_t* call = (call_t*)user_data;
  assert_ptr_equal(outputs, call->outputs);
  assert_null(call->state.base.stack);
  call->status = status;
  call->thread = pthread_self();
  ++call->callback_count;
  return iree_ok_status();
}

static iree_vm_function_t find(iree_vm_context_t* context, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(context, iree_make_cstring_view(name), &function));
  return function;
}

// The arguments: |gate|, |count| times, or that number itself if there is no gate.
static iree_status_t make_inputs(test_gate_t* gate, int count, iree_allocator_t allocator,
                                 iree_vm_list_t** out_inputs) {
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 2, allocator, out_inputs));
  const iree_vm_value_t value = iree_vm_value_make_i64(count);
  if (!gate) return iree_vm_list_push_value(*out_inputs, &value);
  for (int i = 0; i < count; ++i) {
    iree_vm_ref_t ref = test_gate_retain_ref(gate);
    IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_move(*out_inputs, &ref));
  }
  return iree_ok_status();
}

static iree_status_t start(fixture_t* f, iree_loop_t loop, call_t* call, const char* name,
                           test_gate_t* gate, int count) {
  memset(call, 0, sizeof(*call));
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(gate, count, iree_allocator_system(), &inputs));
  iree_status_t status =
      iree_vm_async_invoke(loop, &call->state, f->context, find(f->context, name), 0, NULL, inputs,
                           NULL, iree_allocator_system(), on_end, call);
  iree_vm_list_release(inputs);
  return status;
}

static void drain(fixture_t* f) { expect_ok(iree_loop_drain(f->loop, iree_infinite_timeout())); }

static void expect_end(call_t* call, iree_status_code_t code) {
  assert_int_equal(call->callback_count, 1);
  expect_code(code, call->status);
}

//===--------------------------------------------------------------------------------------------===//
// On a loop
//===--------------------------------------------------------------------------------------------===//

static void test_at_once(void** state) {
  fixture_t* f = (fixture_t*)*state;
  call_t call;
  expect_ok(start(f, f->loop, &call, "gates.spin", NULL, 0));
  // Only the loop calls back.
  assert_int_equal(call.callback_count, 0);
  drain(f);
  expect_end(&call, IREE_STATUS_OK);
  iree_status_t failure = iree_ok_status();
  expect_ok(start(f, iree_loop_inline(&failure), &call, "gates.spin", NULL, 70));
  expect_end(&call, IREE_STATUS_OK);
  expect_ok(failure);
}

static void test_suspended_once(void** state) {
  fixture_t* f = (fixture_t*)*state;
  call_t call;
  for (int is_deaf = 0; is_deaf < 2; ++is_deaf) {
    test_gate_t* gate = test_gate_create(is_deaf);
    expect_ok(start(f, f->loop, &call, "gates.wait", gate, 1));
    const int resumed = test_gate_resume_count();
    for (int i = 0; i < 3; ++i) {
      expect_code(IREE_STATUS_DEADLINE_EXCEEDED,
                  iree_loop_drain(f->loop, iree_immediate_timeout()));
    }
    assert_int_equal(test_gate_resume_count(), resumed);
    assert_int_equal(call.callback_count, 0);
    test_gate_open(gate, IREE_STATUS_OK);
    drain(f);
    assert_int_equal(test_gate_resume_count(), resumed + 1);
    expect_end(&call, IREE_STATUS_OK);
    test_gate_release(gate);
  }
}

// Often in a row without a wait source, beside another one: in turns.
static void test_suspended_often(void** state) {
  fixture_t* f = (fixture_t*)*state;
  call_t calls[2];
  const int resumed = test_gate_resume_count();
  expect_ok(start(f, f->loop, &calls[0], "gates.spin", NULL, 300));
  expect_ok(start(f, f->loop, &calls[1], "gates.spin", NULL, 3));
  while (!calls[1].callback_count) {
    iree_status_ignore(iree_loop_drain(f->loop, iree_immediate_timeout()));
  }
  assert_true(test_gate_resume_count() - resumed < 10);
  assert_int_equal(calls[0].callback_count, 0);
  drain(f);
  assert_int_equal(test_gate_resume_count() - resumed, 303);
  for (int i = 0; i < 2; ++i) expect_end(&calls[i], IREE_STATUS_OK);
}

static void test_failures(void** state) {
  fixture_t* f = (fixture_t*)*state;
  call_t call;
  test_gate_t* gate = test_gate_create(false);
  expect_ok(start(f, f->loop, &call, "gates.wait_two", gate, 2));
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  drain(f);
  assert_int_equal(call.callback_count, 1);
  expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck", call.status);
  // Stuck from the start, in the words of the source.
  expect_ok(start(f, f->loop, &call, "gates.wait", gate, 1));
  drain(f);
  expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck", call.status);
  iree_status_t failure = iree_ok_status();
  expect_ok(start(f, iree_loop_inline(&failure), &call, "gates.wait", gate, 1));
  expect_end(&call, IREE_STATUS_DATA_LOSS);
  expect_ok(failure);
  test_gate_release(gate);
  // What ABORTED comes from: a source that fails with it is the function's to judge.
  gate = test_gate_create(true);
  expect_ok(start(f, f->loop, &call, "gates.wait", gate, 1));
  test_gate_open(gate, IREE_STATUS_ABORTED);
  drain(f);
  assert_int_equal(call.callback_count, 1);
  expect_message(IREE_STATUS_ABORTED, "gates.wait", call.status);
  test_gate_release(gate);
  // One that breaks the rules has failed by the time it would be resumed.
  memset(&call, 0, sizeof(call));
  expect_ok(iree_vm_async_invoke(f->loop, &call.state, f->context, find(f->context, "gates.bad"), 0,
                                 NULL, NULL, NULL, iree_allocator_system(), on_end, &call));
  drain(f);
  expect_end(&call, IREE_STATUS_INTERNAL);
}

// Nothing begins, or what has begun is given up, and nobody is called.
static void test_refused(void** state) {
  fixture_t* f = (fixture_t*)*state;
  call_t call;
  expect_code(IREE_STATUS_INVALID_ARGUMENT, start(f, f->loop, &call, "gates.wait", NULL, 1));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              start(f, iree_loop_null(), &call, "gates.spin", NULL, 1));
  test_gate_t* gate = test_gate_create(false);
  expect_code(IREE_STATUS_INVALID_ARGUMENT, start(f, f->loop, &call, "gates.wait", gate, 2));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_async_invoke(f->loop, &call.state, f->context, find(f->context, "gates.bad"),
                                   0, NULL, NULL, NULL, iree_allocator_system(), NULL, NULL));
  iree_loop_sync_t* loop_sync = NULL;
  expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){.max_queue_depth = 1},
                                    iree_allocator_system(), &loop_sync));
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
  call_t first;
  expect_ok(start(f, iree_loop_sync_scope(&scope), &first, "gates.wait", gate, 1));
  expect_message(IREE_STATUS_RESOURCE_EXHAUSTED, "the loop is full",
                 start(f, iree_loop_sync_scope(&scope), &call, "gates.wait", gate, 1));
  assert_int_equal(test_gate_frame_count(), 1);
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(loop_sync);
  expect_end(&first, IREE_STATUS_ABORTED);
  assert_int_equal(call.callback_count, 0);
  test_gate_open(gate, IREE_STATUS_OK);
  test_gate_release(gate);
}

// A suspended one ends with its frames cleaned up; one that has finished is told as it ended.
static void test_loop_given_up(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int i = 0; i < 2; ++i) {
    call_t calls[3];
    test_gate_t* gate = test_gate_create(false);
    expect_ok(start(f, f->loop, &calls[0], "gates.wait_two", gate, 2));
    expect_ok(start(f, f->loop, &calls[1], "gates.spin", NULL, 5));
    expect_ok(start(f, f->loop, &calls[2], "gates.spin", NULL, 0));
    test_gate_release(gate);
    assert_int_equal(test_gate_frame_count(), 2);
    if (i == 0) iree_loop_sync_free(f->loop_sync);
    iree_loop_sync_scope_deinitialize(&f->scope);
    if (i == 1) iree_loop_sync_free(f->loop_sync);
    assert_int_equal(test_gate_frame_count(), 0);
    assert_int_equal(test_gate_live_count(), 0);
    expect_end(&calls[0], IREE_STATUS_ABORTED);
    expect_end(&calls[1], IREE_STATUS_ABORTED);
    expect_end(&calls[2], IREE_STATUS_OK);
    iree_vm_context_release(f->context);
    setup(state);
  }
}

static void test_thousand_in_flight(void** state) {
  enum { COUNT = 1000 };
  fixture_t* f = (fixture_t*)*state;
  call_t* calls = (call_t*)calloc(COUNT, sizeof(*calls));
  test_gate_t* gates[COUNT];
  for (int i = 0; i < COUNT; ++i) {
    gates[i] = test_gate_create(false);
    expect_ok(start(f, f->loop, &calls[i], "gates.wait_two", gates[i], 2));
  }
  expect_code(IREE_STATUS_DEADLINE_EXCEEDED, iree_loop_drain(f->loop, iree_immediate_timeout()));
  for (int i = 0; i < COUNT; ++i) {
    const int j = i * 7 % COUNT;
    test_gate_open(gates[j], j % 10 ? IREE_STATUS_OK : IREE_STATUS_NOT_FOUND);
    test_gate_release(gates[j]);
    if (i % 3 == 0) iree_status_ignore(iree_loop_drain(f->loop, iree_immediate_timeout()));
  }
  drain(f);
  for (int i = 0; i < COUNT; ++i) expect_end(&calls[i], i % 10 ? 0 : IREE_STATUS_NOT_FOUND);
  free(calls);
}

// A state is used again by its own callback.
typedef struct chain_t {
  fixture_t* fixture;
  call_t call;
  int left;
} chain_t;

static iree_status_t go_on(void* user_data, iree_loop_t loop, iree_status_t status,
                           iree_vm_list_t* outputs) {
  chain_t* chain = (chain_t*)user_data;
  if (!chain->left--) return status;
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(NULL, chain->left % 2, iree_allocator_system(), &inputs));
  expect_ok(iree_vm_async_invoke(loop, &chain->call.state, chain->fixture->context,
                                 find(chain->fixture->context, "gates.spin"), 0, NULL, inputs, NULL,
                                 iree_allocator_system(), go_on, chain));
  iree_vm_list_release(inputs);
  return status;
}

static void test_chains(void** state) {
  fixture_t* f = (fixture_t*)*state;
  chain_t chain = {.fixture = f, .left = 500};
  expect_ok(go_on(&chain, f->loop, iree_ok_status(), NULL));
  drain(f);
  assert_int_equal(chain.left, -1);
  iree_status_t failure = iree_ok_status();
  chain.left = 500;
  expect_ok(go_on(&chain, iree_loop_inline(&failure), iree_ok_status(), NULL));
  assert_int_equal(chain.left, -1);
  expect_ok(failure);
}

//===--------------------------------------------------------------------------------------------===//
// On other threads
//===--------------------------------------------------------------------------------------------===//

static void* drain_idle(void* user_data) {
  fixture_t* f = (fixture_t*)user_data;
  while (iree_status_consume_code(iree_loop_drain(f->loop, iree_infinite_timeout())));
  return NULL;
}

// Begun here, opened here, resumed by whoever of two others drains.
static void test_resumed_elsewhere(void** state) {
  enum { COUNT = 100 };
  fixture_t* f = (fixture_t*)*state;
  static call_t calls[COUNT];
  test_gate_t *gates[COUNT], *last = test_gate_create(false);
  call_t keeper;
  expect_ok(start(f, f->loop, &keeper, "gates.wait", last, 1));
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, drain_idle, f), 0);
  }
  for (int i = 0; i < COUNT; ++i) {
    gates[i] = test_gate_create(i % 20 == 0);
    expect_ok(start(f, f->loop, &calls[i], i % 3 ? "gates.wait_two" : "gates.spin",
                    i % 3 ? gates[i] : NULL, i % 3 ? 2 : i));
    if (i) test_gate_open(gates[i - 1], IREE_STATUS_OK);
  }
  test_gate_open(gates[COUNT - 1], IREE_STATUS_OK);
  test_gate_open(last, IREE_STATUS_OK);
  for (int i = 0; i < 2; ++i) assert_int_equal(pthread_join(threads[i], NULL), 0);
  for (int i = 0; i < COUNT; ++i) {
    expect_end(&calls[i], IREE_STATUS_OK);
    assert_false(pthread_equal(calls[i].thread, pthread_self()));
    test_gate_release(gates[i]);
  }
  expect_end(&keeper, IREE_STATUS_OK);
  test_gate_release(last);
}

//===--------------------------------------------------------------------------------------------===//
// Waiting by hand
//===--------------------------------------------------------------------------------------------===//

static void* open_gate(void* gate) {
  test_gate_open((test_gate_t*)gate, IREE_STATUS_OK);
  return NULL;
}

static void test_wait_invoke(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_invoke_state_t invocation = {0};
  expect_code(IREE_STATUS_FAILED_PRECONDITION,
              iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_FUTURE));
  test_gate_t* gate = test_gate_create(false);
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(gate, 1, iree_allocator_system(), &inputs));
  expect_code(IREE_STATUS_DEFERRED,
              iree_vm_begin_invoke(&invocation, f->context, find(f->context, "gates.wait"), 0, NULL,
                                   inputs, iree_allocator_system()));
  iree_vm_list_release(inputs);
  expect_code(IREE_STATUS_DEADLINE_EXCEEDED,
              iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_PAST));
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, open_gate, gate), 0);
  expect_ok(iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_FUTURE));
  expect_ok(iree_vm_resume_invoke(&invocation));
  expect_ok(iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_PAST));
  iree_status_t outcome = iree_ok_status();
  expect_ok(iree_vm_end_invoke(&invocation, NULL, &outcome));
  expect_ok(outcome);
  assert_int_equal(pthread_join(thread, NULL), 0);
  test_gate_release(gate);
  // A wait that fails is for the function to learn; one for nothing is over.
  gate = test_gate_create(true);
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  expect_ok(make_inputs(gate, 1, iree_allocator_system(), &inputs));
  expect_code(IREE_STATUS_DEFERRED,
              iree_vm_begin_invoke(&invocation, f->context, find(f->context, "gates.wait"), 0, NULL,
                                   inputs, iree_allocator_system()));
  iree_vm_list_release(inputs);
  expect_ok(iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_FUTURE));
  iree_vm_abort_invoke(&invocation);
  test_gate_release(gate);
  expect_ok(make_inputs(NULL, 2, iree_allocator_system(), &inputs));
  expect_code(IREE_STATUS_DEFERRED,
              iree_vm_begin_invoke(&invocation, f->context, find(f->context, "gates.spin"), 0, NULL,
                                   inputs, iree_allocator_system()));
  iree_vm_list_release(inputs);
  expect_ok(iree_vm_wait_invoke(&invocation, NULL, IREE_TIME_INFINITE_PAST));
  iree_vm_abort_invoke(&invocation);
}

//===--------------------------------------------------------------------------------------------===//
// As objects
//===--------------------------------------------------------------------------------------------===//

static iree_status_t create(fixture_t* f, const char* name, test_gate_t* gate, int count,
                            iree_vm_invocation_t** out_invocation) {
  iree_vm_list_t* inputs = NULL;
  expect_ok(make_inputs(gate, count, iree_allocator_system(), &inputs));
  iree_status_t status = iree_vm_invocation_create(f->context, find(f->context, name), 0, NULL,
                                                   inputs, iree_allocator_system(), out_invocation);
  iree_vm_list_release(inputs);
  return status;
}

static void test_objects(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_invocation_t* invocation = NULL;
  expect_code(IREE_STATUS_INVALID_ARGUMENT, create(f, "gates.wait", NULL, 1, &invocation));
  assert_null(invocation);
  expect_ok(create(f, "gates.spin", NULL, 0, &invocation));
  expect_ok(iree_vm_invocation_query_status(invocation));
  iree_vm_invocation_cancel(invocation);
  expect_ok(iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_PAST));
  assert_int_equal(iree_vm_list_size(iree_vm_invocation_outputs(invocation)), 0);
  iree_vm_invocation_release(invocation);

  test_gate_t* gate = test_gate_create(false);
  expect_ok(create(f, "gates.wait", gate, 1, &invocation));
  expect_code(IREE_STATUS_UNAVAILABLE, iree_vm_invocation_query_status(invocation));
  expect_code(IREE_STATUS_DEADLINE_EXCEEDED,
              iree_vm_invocation_await(invocation, iree_time_now() + 1000000));
  assert_null(iree_vm_invocation_outputs(invocation));
  test_gate_open(gate, IREE_STATUS_DATA_LOSS);
  for (int i = 0; i < 2; ++i) {
    expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck",
                   iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_FUTURE));
    expect_message(IREE_STATUS_DATA_LOSS, "the gate is stuck",
                   iree_vm_invocation_query_status(invocation));
  }
  assert_null(iree_vm_invocation_outputs(invocation));
  iree_vm_invocation_retain(invocation);
  iree_vm_invocation_release(invocation);
  iree_vm_invocation_release(invocation);
  iree_vm_invocation_retain(NULL);
  iree_vm_invocation_release(NULL);
  test_gate_release(gate);
}

static void test_cancelled_objects(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int i = 0; i < 2; ++i) {
    iree_vm_invocation_t* invocation = NULL;
    test_gate_t* gate = test_gate_create(i);
    expect_ok(create(f, "gates.wait_two", gate, 2, &invocation));
    test_gate_release(gate);
    assert_int_equal(test_gate_frame_count(), 1);
    if (i == 0) {
      iree_vm_invocation_cancel(invocation);
      assert_int_equal(test_gate_frame_count(), 0);
      expect_code(IREE_STATUS_CANCELLED,
                  iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_FUTURE));
      expect_code(IREE_STATUS_CANCELLED, iree_vm_invocation_query_status(invocation));
      assert_null(iree_vm_invocation_outputs(invocation));
    }
    iree_vm_invocation_release(invocation);
    assert_int_equal(test_gate_frame_count(), 0);
    assert_int_equal(test_gate_live_count(), 0);
  }
}

static void* await_object(void* user_data) {
  iree_vm_invocation_t* invocation = (iree_vm_invocation_t*)user_data;
  const iree_status_code_t code =
      iree_status_consume_code(iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_FUTURE));
  iree_vm_invocation_release(invocation);
  return (void*)(uintptr_t)code;
}

// Waited for by several threads, and cancelled or let through by this one.
static void test_objects_and_threads(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int round = 0; round < 30; ++round) {
    iree_vm_invocation_t* invocation = NULL;
    test_gate_t* gate = test_gate_create(false);
    const bool is_spinning = round % 3 == 2;
    if (is_spinning) {
      expect_ok(create(f, "gates.spin", NULL, 1000000000, &invocation));
    } else {
      expect_ok(create(f, "gates.wait", gate, 1, &invocation));
    }
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i) {
      iree_vm_invocation_retain(invocation);
      assert_int_equal(pthread_create(&threads[i], NULL, await_object, invocation), 0);
    }
    if (round % 3) {
      iree_vm_invocation_cancel(invocation);
    } else {
      test_gate_open(gate, IREE_STATUS_OK);
    }
    iree_vm_invocation_release(invocation);
    for (int i = 0; i < 3; ++i) {
      void* code = NULL;
      assert_int_equal(pthread_join(threads[i], &code), 0);
      assert_int_equal((uintptr_t)code, round % 3 ? IREE_STATUS_CANCELLED : IREE_STATUS_OK);
    }
    test_gate_release(gate);
  }
}

//===--------------------------------------------------------------------------------------------===//
// Memory
//===--------------------------------------------------------------------------------------------===//

static iree_status_t run_async(iree_vm_context_t* context, iree_loop_t loop, iree_vm_list_t* inputs,
                               iree_allocator_t allocator) {
  call_t call;
  memset(&call, 0, sizeof(call));
  iree_status_t status =
      iree_vm_async_invoke(loop, &call.state, context, find(context, "gates.wait"), 0, NULL, inputs,
                           NULL, allocator, on_end, &call);
  const bool was_accepted = iree_status_is_ok(status);
  if (was_accepted) {
    status = iree_loop_drain(loop, iree_infinite_timeout());
    status = iree_status_join(call.status, status);
  }
  assert_int_equal(call.callback_count, was_accepted);
  return status;
}

static iree_status_t run_object(iree_vm_context_t* context, iree_vm_list_t* inputs,
                                iree_allocator_t allocator) {
  iree_vm_invocation_t* invocation = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_invocation_create(context, find(context, "gates.wait"), 0, NULL,
                                                 inputs, allocator, &invocation));
  iree_status_t status = iree_vm_invocation_await(invocation, IREE_TIME_INFINITE_FUTURE);
  iree_vm_invocation_release(invocation);
  return status;
}

static iree_status_t run_all(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(test_gate_context_create(allocator, &context));
  iree_vm_list_t* inputs = NULL;
  iree_loop_sync_t* loop_sync = NULL;
  iree_status_t status = make_inputs((test_gate_t*)user_data, 1, allocator, &inputs);
  if (iree_status_is_ok(status)) {
    status = iree_loop_sync_allocate((iree_loop_sync_options_t){0}, allocator, &loop_sync);
  }
  if (iree_status_is_ok(status)) {
    iree_loop_sync_scope_t scope;
    iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
    status = run_async(context, iree_loop_sync_scope(&scope), inputs, allocator);
    iree_loop_sync_scope_deinitialize(&scope);
  }
  iree_loop_sync_free(loop_sync);
  if (iree_status_is_ok(status)) status = run_object(context, inputs, allocator);
  iree_vm_list_release(inputs);
  iree_vm_context_release(context);
  return status;
}

static void test_allocation_failures(void** state) {
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_OK);
  assert_true(tenon_test_for_each_failure(run_all, gate) > 10);
  test_gate_release(gate);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_at_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_suspended_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_suspended_often, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
      cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(test_loop_given_up, setup, teardown),
      cmocka_unit_test_setup_teardown(test_thousand_in_flight, setup, teardown),
      cmocka_unit_test_setup_teardown(test_chains, setup, teardown),
      cmocka_unit_test_setup_teardown(test_resumed_elsewhere, setup, teardown),
      cmocka_unit_test_setup_teardown(test_wait_invoke, setup, teardown),
      cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
      cmocka_unit_test_setup_teardown(test_cancelled_objects, setup, teardown),
      cmocka_unit_test_setup_teardown(test_objects_and_threads, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
