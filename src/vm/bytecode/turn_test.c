// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that take turns: one after the other, nested, suspended, failing, aborted, given up, on many threads.
//
// The native module `state` has what turns are to protect, an ordinary number, and ways to be in the middle of something:
//   next() -> i64        counts
//   wait()               suspends itself until the test lets it go on
//   call()               invokes m.count in the same context and returns when it has
//   begin()              begins m.slow in the same context, which is left suspended

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/hal/fence.h"
#include "iree/modules/hal/types.h"
#include "iree/vm/bytecode_module.h"
#include "vm/bytecode/testing/test_module.h"

//===----------------------------------------------------------------------===//
// The module `state`
//===----------------------------------------------------------------------===//

typedef struct fixture_t {
  iree_vm_instance_t* instance;
  iree_vm_module_t* state;
  iree_vm_module_t* module;
  iree_vm_context_t* context;
  test_module_t file;
  int64_t counter;                // not atomic: turns order who counts
  iree_atomic_int32_t is_open;    // state.wait goes on
  iree_vm_invoke_state_t nested;  // what state.begin has begun
} fixture_t;

static fixture_t x;

#define SHIM(name)                                                                          \
  static iree_status_t shim_##name(                                                         \
      iree_vm_stack_t* stack, iree_vm_native_function_flags_t flags, iree_byte_span_t args, \
      iree_byte_span_t rets, iree_vm_native_function_target_t target, void* module, void* state)

SHIM(next) {
  int64_t value = x.counter;
  x.counter = value + 1;
  memcpy(rets.data, &value, sizeof(value));
  return iree_ok_status();
}

SHIM(wait) {
  if (!(flags & IREE_VM_NATIVE_FUNCTION_CALL_RESUME)) {
    iree_vm_stack_frame_t* frame = NULL;
    IREE_RETURN_IF_ERROR(
        iree_vm_stack_function_enter(stack, NULL, IREE_VM_STACK_FRAME_NATIVE, 0, NULL, &frame));
  }
  if (!iree_atomic_load(&x.is_open, iree_memory_order_acquire)) {
    return iree_status_from_code(IREE_STATUS_DEFERRED);
  }
  return iree_vm_stack_function_leave(stack);
}

static iree_vm_function_t find(const char* name) {
  iree_vm_function_t function;
  IREE_CHECK_OK(
      iree_vm_context_resolve_function(x.context, iree_make_cstring_view(name), &function));
  return function;
}

static iree_status_t invoke(const char* name, int64_t* out_result) {
  iree_vm_list_t* outputs = make_list();
  iree_status_t status =
      iree_vm_invoke(x.context, find(name), 0, NULL, NULL, outputs, iree_allocator_system());
  if (iree_status_is_ok(status) && out_result) *out_result = get_integer(outputs, 0);
  iree_vm_list_release(outputs);
  return status;
}

SHIM(call) { return invoke("m.count", NULL); }

static iree_status_t begin(iree_vm_invoke_state_t* state, const char* name) {
  return iree_vm_begin_invoke(state, x.context, find(name), 0, NULL, NULL, iree_allocator_system());
}

SHIM(begin) {
  assert_true(iree_status_is_deferred(begin(&x.nested, "m.slow")));
  return iree_ok_status();
}

#define EXPORT(name, cconv) {IREE_VM_NATIVE_STR(name), IREE_VM_NATIVE_STR(cconv), 0, NULL}
static const iree_vm_native_export_descriptor_t state_exports[] = {
    EXPORT("begin", "0v_v"),
    EXPORT("call", "0v_v"),
    EXPORT("next", "0v_I"),
    EXPORT("wait", "0v_v"),
};
static const iree_vm_native_function_ptr_t state_functions[] = {
    {shim_begin, NULL}, {shim_call, NULL}, {shim_next, NULL}, {shim_wait, NULL}};
static const iree_vm_native_module_descriptor_t state_descriptor = {
    .name = IREE_VM_NATIVE_STR("state"),
    .export_count = 4,
    .exports = state_exports,
    .function_count = 4,
    .functions = state_functions,
};

//===----------------------------------------------------------------------===//
// The module `m`
//===----------------------------------------------------------------------===//

// A function that begins a turn, calls the imports in |calls| in order, and returns state.next().
static void add_stateful(test_module_t* m, const char* name, const uint32_t* calls, uint32_t next) {
  tenon_assembler_t* as = tenon_assembler_create(m->writer, declare_export(m, name, "0v_I"));
  tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_assembler_emit(as, TENON_OP_TURN_BEGIN, NULL, 0);
  for (; *calls != UINT32_MAX; ++calls) tenon_assembler_call_import(as, *calls, NULL, 0, NULL, 0);
  tenon_assembler_call_import(as, next, NULL, 0, &result, 1);
  tenon_assembler_return(as, &result, 1);
  tenon_assembler_finish(as);
}

// outer() begins a turn again in a call of another function of the module; outer_begins() after state.begin().
static void add_inner(test_module_t* m, uint32_t begin, uint32_t next) {
  uint32_t inner =
      tenon_writer_declare_function(m->writer, text_of(m, "inner"), text_of(m, "0v_I"));
  uint32_t functions[] = {inner, declare_export(m, "outer", "0v_I"),
                          declare_export(m, "outer_begins", "0v_I")};
  for (int i = 0; i < 3; ++i) {
    tenon_assembler_t* as = tenon_assembler_create(m->writer, functions[i]);
    tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I64);
    tenon_assembler_emit(as, TENON_OP_TURN_BEGIN, NULL, 0);
    if (i == 2) tenon_assembler_call_import(as, begin, NULL, 0, NULL, 0);
    if (i) {
      tenon_assembler_call(as, inner, NULL, 0, &result, 1);
    } else {
      tenon_assembler_call_import(as, next, NULL, 0, &result, 1);
    }
    tenon_assembler_return(as, &result, 1);
    tenon_assembler_finish(as);
  }
}

static void add_failing(test_module_t* m) {
  tenon_assembler_t* as = tenon_assembler_create(m->writer, declare_export(m, "fails", "0v_v"));
  tenon_assembler_emit(as, TENON_OP_TURN_BEGIN, NULL, 0);
  TENON_EMIT(as, TENON_OP_FAIL, IREE_STATUS_ABORTED, text_of(m, "on purpose"));
  tenon_assembler_finish(as);
}

// take_inside() -> first turn, second turn, second fence: of turns inside of one that is left when it returns.
static void add_taking_inside(test_module_t* m) {
  tenon_assembler_t* as =
      tenon_assembler_create(m->writer, declare_export(m, "take_inside", "0v_rrr"));
  tenon_register_t refs[4];
  for (int i = 0; i < 4; ++i) refs[i] = tenon_assembler_new_register(as, TENON_CLASS_REF);
  tenon_assembler_emit(as, TENON_OP_TURN_BEGIN, NULL, 0);
  TENON_EMIT(as, TENON_OP_TURN_TAKE, refs[0], refs[3]);
  TENON_EMIT(as, TENON_OP_TURN_TAKE, refs[1], refs[2]);
  tenon_assembler_return(as, refs, 3);
  tenon_assembler_finish(as);
  // go_inside(turn) -> a turn inside of it
  as = tenon_assembler_create(m->writer, declare_export(m, "go_inside", "0r_r"));
  tenon_register_t turn = tenon_assembler_argument(as, 0);
  TENON_EMIT(as, TENON_OP_TURN_ENTER, tenon_register_move(turn));
  TENON_EMIT(as, TENON_OP_TURN_TAKE, turn, tenon_assembler_new_register(as, TENON_CLASS_REF));
  tenon_assembler_return(as, &turn, 1);
  tenon_assembler_finish(as);
}

// take() -> turn, fence; tail(turn) -> state.next(), after state.wait().
static void add_in_two_steps(test_module_t* m, uint32_t wait, uint32_t next) {
  tenon_assembler_t* as = tenon_assembler_create(m->writer, declare_export(m, "take", "0v_rr"));
  tenon_register_t refs[2] = {tenon_assembler_new_register(as, TENON_CLASS_REF),
                              tenon_assembler_new_register(as, TENON_CLASS_REF)};
  TENON_EMIT(as, TENON_OP_TURN_TAKE, refs[0], refs[1]);
  tenon_assembler_return(as, refs, 2);
  tenon_assembler_finish(as);
  as = tenon_assembler_create(m->writer, declare_export(m, "tail", "0r_I"));
  tenon_register_t turn = tenon_register_move(tenon_assembler_argument(as, 0));
  tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I64);
  TENON_EMIT(as, TENON_OP_TURN_ENTER, turn);
  tenon_assembler_call_import(as, wait, NULL, 0, NULL, 0);
  tenon_assembler_call_import(as, next, NULL, 0, &result, 1);
  tenon_assembler_return(as, &result, 1);
  tenon_assembler_finish(as);
}

static void build(test_module_t* m) {
  *m = begin_module();
  const uint32_t begin = declare_import(m, "state.begin", "0v_v");
  const uint32_t call = declare_import(m, "state.call", "0v_v");
  const uint32_t next = declare_import(m, "state.next", "0v_I");
  const uint32_t wait = declare_import(m, "state.wait", "0v_v");
  const uint32_t end = UINT32_MAX;
  add_stateful(m, "count", &end, next);
  add_stateful(m, "slow", (const uint32_t[]){wait, end}, next);
  add_stateful(m, "nested", (const uint32_t[]){call, end}, next);
  add_stateful(m, "slow_nested", (const uint32_t[]){wait, call, end}, next);
  add_stateful(m, "begins", (const uint32_t[]){begin, end}, next);
  add_inner(m, begin, next);
  add_taking_inside(m);
  add_failing(m);
  add_in_two_steps(m, wait, next);
  write_module(m);
}

static iree_status_t make_context(iree_allocator_t allocator, iree_vm_context_t** out_context) {
  iree_vm_module_t* modules[] = {x.state, x.module};
  return iree_vm_context_create_with_modules(x.instance, 0, 2, modules, allocator, out_context);
}

static int setup(void** state) {
  memset(&x, 0, sizeof(x));
  const iree_allocator_t allocator = iree_allocator_system();
  build(&x.file);
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &x.instance));
  IREE_CHECK_OK(iree_hal_module_register_all_types(x.instance));
  static iree_vm_module_t interface;
  IREE_CHECK_OK(iree_vm_module_initialize(&interface, NULL));
  IREE_CHECK_OK(
      iree_vm_native_module_create(&interface, &state_descriptor, x.instance, allocator, &x.state));
  IREE_CHECK_OK(iree_vm_bytecode_module_create(x.instance, archive_of(&x.file),
                                               iree_allocator_null(), allocator, &x.module));
  IREE_CHECK_OK(make_context(allocator, &x.context));
  return 0;
}

static int teardown(void** state) {
  iree_vm_context_release(x.context);
  iree_vm_module_release(x.module);
  iree_vm_module_release(x.state);
  iree_vm_instance_release(x.instance);
  free(x.file.data);
  return 0;
}

//===----------------------------------------------------------------------===//
// In steps
//===----------------------------------------------------------------------===//

static void open_gate(void) { iree_atomic_store(&x.is_open, 1, iree_memory_order_release); }

static void expect_deferred(iree_status_t status) {
  assert_int_equal(iree_status_consume_code(status), IREE_STATUS_DEFERRED);
}

// Ends a finished invocation and expects |result| of it.
static void expect_end(iree_vm_invoke_state_t* state, int64_t result) {
  iree_vm_list_t* outputs = make_list();
  iree_status_t status = iree_ok_status();
  IREE_CHECK_OK(iree_vm_end_invoke(state, outputs, &status));
  IREE_CHECK_OK(status);
  assert_int_equal(get_integer(outputs, 0), result);
  iree_vm_list_release(outputs);
}

static void expect_resumed(iree_vm_invoke_state_t* state, int64_t result) {
  IREE_CHECK_OK(iree_vm_resume_invoke(state));
  expect_end(state, result);
}

// Whether the next turn comes at once.
static void expect_idle(int64_t result) {
  iree_vm_invoke_state_t state;
  IREE_CHECK_OK(begin(&state, "m.count"));
  expect_end(&state, result);
}

static void test_turns_come_in_the_order_of_calls(void** state) {
  iree_vm_invoke_state_t calls[4];
  expect_deferred(begin(&calls[0], "m.slow"));
  for (int i = 1; i < 4; ++i) expect_deferred(begin(&calls[i], "m.count"));
  // Not yet: whoever asks.
  for (int i = 0; i < 4; ++i) expect_deferred(iree_vm_resume_invoke(&calls[i]));
  open_gate();
  expect_deferred(iree_vm_resume_invoke(&calls[2]));
  expect_resumed(&calls[0], 0);
  expect_deferred(iree_vm_resume_invoke(&calls[2]));
  expect_resumed(&calls[1], 1);
  // The turn of 2 has come; it ends only when that has run.
  expect_deferred(iree_vm_resume_invoke(&calls[3]));
  expect_resumed(&calls[2], 2);
  expect_resumed(&calls[3], 3);
  expect_idle(4);
}

static void test_failures_and_aborts_end_turns(void** state) {
  iree_vm_invoke_state_t calls[5];
  expect_deferred(begin(&calls[0], "m.slow"));
  expect_deferred(begin(&calls[1], "m.fails"));
  for (int i = 2; i < 5; ++i) expect_deferred(begin(&calls[i], "m.count"));
  iree_vm_abort_invoke(&calls[2]);  // before its turn
  iree_vm_abort_invoke(&calls[0]);  // during it
  IREE_CHECK_OK(iree_vm_resume_invoke(&calls[1]));
  iree_status_t status = iree_ok_status();
  IREE_CHECK_OK(iree_vm_end_invoke(&calls[1], NULL, &status));
  EXPECT_FAILURE(status, IREE_STATUS_ABORTED, "on purpose", "m.fails");
  expect_resumed(&calls[3], 0);
  iree_vm_abort_invoke(&calls[4]);  // when its turn has come, and it doesn't know
  expect_idle(1);
}

static void test_all_can_be_aborted_in_any_order(void** state) {
  iree_vm_invoke_state_t calls[4];
  expect_deferred(begin(&calls[0], "m.slow"));
  for (int i = 1; i < 4; ++i) expect_deferred(begin(&calls[i], "m.count"));
  static const int order[] = {2, 3, 0, 1};
  for (int i = 0; i < 4; ++i) iree_vm_abort_invoke(&calls[order[i]]);
  expect_idle(0);
}

static void test_invocations_in_flight_keep_the_context(void** state) {
  iree_vm_context_t* other = NULL;
  IREE_CHECK_OK(make_context(iree_allocator_system(), &other));
  iree_vm_context_t* context = x.context;
  x.context = other;
  iree_vm_invoke_state_t calls[2];
  expect_deferred(begin(&calls[0], "m.slow"));
  expect_deferred(begin(&calls[1], "m.count"));
  x.context = context;
  iree_vm_context_release(other);
  open_gate();
  expect_resumed(&calls[0], 0);
  expect_resumed(&calls[1], 1);
}

static void test_contexts_take_turns_apart(void** state) {
  iree_vm_invoke_state_t slow;
  expect_deferred(begin(&slow, "m.slow"));
  iree_vm_context_t* context = x.context;
  IREE_CHECK_OK(make_context(iree_allocator_system(), &x.context));
  expect_idle(0);
  iree_vm_context_release(x.context);
  x.context = context;
  open_gate();
  expect_resumed(&slow, 1);
}

//===----------------------------------------------------------------------===//
// Nested
//===----------------------------------------------------------------------===//

static void test_a_stack_is_in_one_turn(void** state) {
  int64_t result = -1;
  IREE_CHECK_OK(invoke("m.outer", &result));
  assert_int_equal(result, 0);
  expect_idle(1);
}

static void test_calls_from_inside_do_not_wait(void** state) {
  int64_t result = -1;
  IREE_CHECK_OK(invoke("m.nested", &result));
  assert_int_equal(result, 1);
  // Also behind others that wait.
  iree_vm_invoke_state_t slow, nested;
  expect_deferred(begin(&slow, "m.slow"));
  expect_deferred(begin(&nested, "m.nested"));
  open_gate();
  expect_resumed(&slow, 2);
  expect_resumed(&nested, 4);
  expect_idle(5);
}

static void* resume_elsewhere(void* arg) {
  iree_status_t status = iree_vm_resume_invoke((iree_vm_invoke_state_t*)arg);
  return (void*)(uintptr_t)iree_status_consume_code(status);
}

// The turn goes along with the invocation, and leaves the thread that it was begun on.
static void test_the_turn_goes_along_to_another_thread(void** state) {
  iree_vm_invoke_state_t slow, count;
  expect_deferred(begin(&slow, "m.slow_nested"));
  expect_deferred(begin(&count, "m.count"));
  open_gate();
  pthread_t thread;
  void* code = NULL;
  assert_int_equal(pthread_create(&thread, NULL, resume_elsewhere, &slow), 0);
  pthread_join(thread, &code);
  assert_int_equal((uintptr_t)code, IREE_STATUS_OK);
  expect_end(&slow, 1);
  expect_resumed(&count, 2);
}

// What is begun inside of a turn and goes on after it prolongs it.
static void test_a_turn_lasts_as_long_as_what_it_began(void** state) {
  iree_vm_invoke_state_t begins, count;
  IREE_CHECK_OK(begin(&begins, "m.begins"));
  expect_end(&begins, 0);
  expect_deferred(begin(&count, "m.count"));
  open_gate();
  expect_deferred(iree_vm_resume_invoke(&count));
  expect_resumed(&x.nested, 1);
  expect_resumed(&count, 2);
}

//===----------------------------------------------------------------------===//
// In two steps
//===----------------------------------------------------------------------===//

typedef struct ticket_t {
  iree_vm_ref_t turn;
  iree_vm_ref_t fence;
} ticket_t;

static ticket_t take(void) {
  iree_vm_list_t* outputs = make_list();
  IREE_CHECK_OK(
      iree_vm_invoke(x.context, find("m.take"), 0, NULL, NULL, outputs, iree_allocator_system()));
  ticket_t ticket = {iree_vm_ref_null(), iree_vm_ref_null()};
  IREE_CHECK_OK(iree_vm_list_get_ref_retain(outputs, 0, &ticket.turn));
  IREE_CHECK_OK(iree_vm_list_get_ref_retain(outputs, 1, &ticket.fence));
  iree_vm_list_release(outputs);
  return ticket;
}

static void drop(ticket_t* ticket) {
  iree_vm_ref_release(&ticket->turn);
  iree_vm_ref_release(&ticket->fence);
}

static iree_status_t enter(iree_vm_ref_t* turn, iree_vm_invoke_state_t* out_state) {
  iree_vm_list_t* inputs = make_list();
  IREE_CHECK_OK(iree_vm_list_push_ref_retain(inputs, turn));
  iree_status_t status = iree_vm_begin_invoke(out_state, x.context, find("m.tail"), 0, NULL, inputs,
                                              iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

static void expect_no_entry(iree_vm_ref_t* turn, iree_status_code_t code, const char* text) {
  iree_vm_invoke_state_t tail;
  iree_status_t status = iree_ok_status();
  IREE_CHECK_OK(enter(turn, &tail));
  IREE_CHECK_OK(iree_vm_end_invoke(&tail, NULL, &status));
  EXPECT_FAILURE(status, code, text, "m.tail");
}

static void test_tickets_are_taken_first_and_entered_later(void** state) {
  ticket_t first = take(), second = take();
  assert_true(iree_vm_ref_is_null(&first.fence));
  assert_false(iree_vm_ref_is_null(&second.fence));
  iree_vm_invoke_state_t count, tail;
  expect_deferred(begin(&count, "m.count"));
  expect_no_entry(&second.turn, IREE_STATUS_FAILED_PRECONDITION, "has not come");
  expect_deferred(enter(&first.turn, &tail));
  expect_no_entry(&first.turn, IREE_STATUS_FAILED_PRECONDITION, "not this invocation's");
  drop(&first);  // it is entered: nothing is given up
  expect_deferred(iree_hal_fence_query(second.fence.ptr));
  open_gate();
  expect_resumed(&tail, 0);
  IREE_CHECK_OK(iree_hal_fence_query(second.fence.ptr));
  expect_deferred(iree_vm_resume_invoke(&count));
  IREE_CHECK_OK(enter(&second.turn, &tail));
  expect_end(&tail, 1);
  expect_resumed(&count, 2);
  drop(&second);
}

static void test_dropped_tickets_are_passed_over(void** state) {
  ticket_t tickets[4];
  for (int i = 0; i < 4; ++i) tickets[i] = take();
  iree_vm_invoke_state_t count;
  expect_deferred(begin(&count, "m.count"));
  static const int order[] = {3, 1, 0};
  for (int i = 0; i < 3; ++i) drop(&tickets[order[i]]);
  IREE_CHECK_OK(iree_hal_fence_query(tickets[2].fence.ptr));
  expect_deferred(iree_vm_resume_invoke(&count));
  drop(&tickets[2]);
  expect_resumed(&count, 0);
}

static void test_tickets_keep_the_context(void** state) {
  iree_vm_context_t* context = x.context;
  IREE_CHECK_OK(make_context(iree_allocator_system(), &x.context));
  ticket_t tickets[2] = {take(), take()};
  iree_vm_context_release(x.context);
  x.context = context;
  drop(&tickets[1]);
  drop(&tickets[0]);
}

static void test_only_turns_of_the_context_can_be_entered(void** state) {
  iree_vm_ref_t null = iree_vm_ref_null();
  expect_no_entry(&null, IREE_STATUS_INVALID_ARGUMENT,
                  "expected a vm.turn but the reference is null");
  iree_vm_list_t* list = make_list();
  push_buffer(list);
  iree_vm_ref_t buffer = iree_vm_ref_null();
  IREE_CHECK_OK(iree_vm_list_get_ref_assign(list, 0, &buffer));
  expect_no_entry(&buffer, IREE_STATUS_INVALID_ARGUMENT, "vm.buffer");
  iree_vm_list_release(list);
  iree_vm_context_t* context = x.context;
  IREE_CHECK_OK(make_context(iree_allocator_system(), &x.context));
  ticket_t foreign = take();
  iree_vm_context_release(x.context);
  x.context = context;
  expect_no_entry(&foreign.turn, IREE_STATUS_FAILED_PRECONDITION, "not this invocation's");
  drop(&foreign);
}

// Turns that are taken inside of one don't wait for its end, which comes after them.
static void take_inside(iree_vm_ref_t out_refs[3]) {
  iree_vm_list_t* outputs = make_list();
  IREE_CHECK_OK(iree_vm_invoke(x.context, find("m.take_inside"), 0, NULL, NULL, outputs,
                               iree_allocator_system()));
  for (int i = 0; i < 3; ++i) {
    out_refs[i] = iree_vm_ref_null();
    IREE_CHECK_OK(iree_vm_list_get_ref_retain(outputs, i, &out_refs[i]));
  }
  iree_vm_list_release(outputs);
}

static void test_tickets_are_taken_inside_of_a_turn(void** state) {
  iree_vm_ref_t refs[3];
  take_inside(refs);
  iree_vm_invoke_state_t count, tail;
  expect_deferred(begin(&count, "m.count"));
  expect_no_entry(&refs[1], IREE_STATUS_FAILED_PRECONDITION, "has not come");
  open_gate();
  IREE_CHECK_OK(enter(&refs[0], &tail));
  expect_end(&tail, 0);
  IREE_CHECK_OK(iree_hal_fence_query(refs[2].ptr));
  IREE_CHECK_OK(enter(&refs[1], &tail));
  expect_no_entry(&refs[0], IREE_STATUS_FAILED_PRECONDITION, "not this invocation's");
  expect_end(&tail, 1);
  // Entered, they keep nothing up.
  expect_resumed(&count, 2);
  for (int i = 0; i < 3; ++i) iree_vm_ref_release(&refs[i]);
  // Dropped in whatever order, nor that.
  static const int orders[][2] = {{0, 1}, {1, 0}};
  for (int i = 0; i < 2; ++i) {
    take_inside(refs);
    expect_deferred(begin(&count, "m.count"));
    iree_vm_ref_release(&refs[orders[i][0]]);
    expect_deferred(iree_vm_resume_invoke(&count));
    iree_vm_ref_release(&refs[orders[i][1]]);
    expect_resumed(&count, 3 + i);
    iree_vm_ref_release(&refs[2]);
  }
}

// Each turn takes the next inside of itself and is left: they end together, from the innermost outward.
static void test_turns_lie_in_each_other(void** state) {
  enum { DEPTH = 20000 };
  iree_vm_ref_t refs[3];
  take_inside(refs);
  iree_vm_invoke_state_t count;
  expect_deferred(begin(&count, "m.count"));
  for (int i = 0; i < DEPTH; ++i) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &refs[0]));
    IREE_CHECK_OK(iree_vm_invoke(x.context, find("m.go_inside"), 0, NULL, inputs, outputs,
                                 iree_allocator_system()));
    IREE_CHECK_OK(iree_vm_list_get_ref_retain(outputs, 0, &refs[0]));
    iree_vm_list_release(inputs);
    iree_vm_list_release(outputs);
  }
  iree_vm_ref_release(&refs[1]);
  iree_vm_ref_release(&refs[2]);
  expect_deferred(iree_vm_resume_invoke(&count));
  iree_vm_ref_release(&refs[0]);
  expect_resumed(&count, 0);
}

// A stack that begins its turn again comes after what it has begun inside of that, and can be aborted there.
static void test_what_was_begun_inside_comes_first(void** state) {
  iree_vm_invoke_state_t outer, count;
  expect_deferred(begin(&outer, "m.outer_begins"));
  expect_deferred(begin(&count, "m.count"));
  expect_deferred(iree_vm_resume_invoke(&outer));
  open_gate();
  expect_resumed(&x.nested, 0);
  expect_deferred(iree_vm_resume_invoke(&count));
  expect_resumed(&outer, 1);
  expect_resumed(&count, 2);
  iree_atomic_store(&x.is_open, 0, iree_memory_order_release);
  expect_deferred(begin(&outer, "m.outer_begins"));
  expect_deferred(begin(&count, "m.count"));
  iree_vm_abort_invoke(&outer);
  expect_deferred(iree_vm_resume_invoke(&count));
  iree_vm_abort_invoke(&x.nested);
  expect_resumed(&count, 3);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

enum { THREAD_COUNT = 4, CALL_COUNT = 500 };

typedef struct counting_t {
  pthread_t thread;
  int index;
  int64_t results[CALL_COUNT];
} counting_t;

static void* count_often(void* arg) {
  counting_t* counting = (counting_t*)arg;
  for (int i = 0; i < CALL_COUNT; ++i) {
    // Now and then somebody has a ticket and gives it up.
    if (i % 7 == counting->index) {
      ticket_t ticket = take();
      drop(&ticket);
    }
    IREE_CHECK_OK(invoke(i % 5 ? "m.count" : "m.slow", &counting->results[i]));
  }
  return NULL;
}

static void test_threads_count_every_number_once(void** state) {
  static counting_t threads[THREAD_COUNT];
  static bool seen[THREAD_COUNT * CALL_COUNT];
  open_gate();
  for (int i = 0; i < THREAD_COUNT; ++i) {
    threads[i].index = i;
    assert_int_equal(pthread_create(&threads[i].thread, NULL, count_often, &threads[i]), 0);
  }
  for (int i = 0; i < THREAD_COUNT; ++i) pthread_join(threads[i].thread, NULL);
  for (int i = 0; i < THREAD_COUNT; ++i) {
    for (int j = 0; j < CALL_COUNT; ++j) {
      const int64_t result = threads[i].results[j];
      assert_in_range(result, 0, THREAD_COUNT * CALL_COUNT - 1);
      assert_false(seen[result]);
      assert_true(j == 0 || threads[i].results[j - 1] < result);
      seen[result] = true;
    }
  }
  expect_idle(THREAD_COUNT * CALL_COUNT);
}

static void* count_once(void* arg) {
  IREE_CHECK_OK(invoke("m.count", (int64_t*)arg));
  return NULL;
}

static void test_invoke_blocks_until_the_turn_comes(void** state) {
  iree_vm_invoke_state_t slow;
  expect_deferred(begin(&slow, "m.slow"));
  pthread_t thread;
  int64_t result = -1;
  assert_int_equal(pthread_create(&thread, NULL, count_once, &result), 0);
  for (int i = 0; i < 100; ++i) sched_yield();
  open_gate();
  expect_resumed(&slow, 0);
  pthread_join(thread, NULL);
  assert_int_equal(result, 1);
}

//===----------------------------------------------------------------------===//
// Out of memory
//===----------------------------------------------------------------------===//

static iree_status_t wait_for_a_turn(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = x.context;
  iree_vm_invoke_state_t slow, count;
  iree_vm_context_t* starved = NULL;
  IREE_RETURN_IF_ERROR(make_context(allocator, &starved));
  x.context = starved;
  expect_deferred(begin(&slow, "m.slow"));
  iree_status_t status = begin(&count, "m.count");
  if (iree_status_is_deferred(status)) {
    iree_vm_abort_invoke(&slow);
    status = iree_vm_resume_invoke(&count);
  } else {
    iree_vm_abort_invoke(&slow);
  }
  iree_status_t outcome = iree_ok_status();
  IREE_CHECK_OK(status);
  iree_vm_list_t* outputs = make_list();
  IREE_CHECK_OK(iree_vm_end_invoke(&count, outputs, &outcome));
  iree_vm_list_release(outputs);
  iree_vm_context_release(x.context);
  x.context = context;
  return outcome;
}

static iree_status_t take_two_inside(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = x.context;
  iree_vm_context_t* starved = NULL;
  IREE_RETURN_IF_ERROR(make_context(allocator, &starved));
  x.context = starved;
  iree_vm_list_t* outputs = make_list();
  iree_status_t status = iree_vm_invoke(starved, find("m.take_inside"), 0, NULL, NULL, outputs,
                                        iree_allocator_system());
  iree_vm_list_release(outputs);
  iree_vm_invoke_state_t count;
  IREE_CHECK_OK(begin(&count, "m.count"));
  iree_vm_abort_invoke(&count);
  iree_vm_context_release(starved);
  x.context = context;
  return status;
}

static void test_without_memory_no_ticket_is_lost(void** state) {
  tenon_test_for_each_failure(wait_for_a_turn, NULL);
  tenon_test_for_each_failure(take_two_inside, NULL);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_turns_come_in_the_order_of_calls),
      TEST(test_failures_and_aborts_end_turns),
      TEST(test_all_can_be_aborted_in_any_order),
      TEST(test_invocations_in_flight_keep_the_context),
      TEST(test_contexts_take_turns_apart),
      TEST(test_a_stack_is_in_one_turn),
      TEST(test_calls_from_inside_do_not_wait),
      TEST(test_the_turn_goes_along_to_another_thread),
      TEST(test_a_turn_lasts_as_long_as_what_it_began),
      TEST(test_tickets_are_taken_first_and_entered_later),
      TEST(test_dropped_tickets_are_passed_over),
      TEST(test_tickets_keep_the_context),
      TEST(test_only_turns_of_the_context_can_be_entered),
      TEST(test_tickets_are_taken_inside_of_a_turn),
      TEST(test_turns_lie_in_each_other),
      TEST(test_what_was_begun_inside_comes_first),
      TEST(test_threads_count_every_number_once),
      TEST(test_invoke_blocks_until_the_turn_comes),
      TEST(test_without_memory_no_ticket_is_lost),
  };
  return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
