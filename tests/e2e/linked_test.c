// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled programs that call each other, without tensors: what is passed, suspended, and said when it fails.
// Usage: linked_test FOLDER-OF-MODULES.

#include <pthread.h>

#include "base/testing/failing_allocator.h"
#include "iree/base/internal/file_io.h"
#include "iree/base/loop_sync.h"
#include "iree/vm/bytecode_module.h"
#include "vm/testing/test_gate.h"
#include "vm/testing/vm_test.h"

static const char* module_folder;

//===-- Contexts ---------------------------------------------------------------------------------------------------------===//

static iree_status_t load(iree_vm_instance_t* instance, const char* name,
                          iree_allocator_t allocator, iree_vm_module_t** out_module) {
  *out_module = NULL;
  char path[1024];
  snprintf(path, sizeof(path), "%s/%s.vmfb", module_folder, name);
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_file_read_contents(path, allocator, &contents));
  iree_status_t status = iree_vm_bytecode_module_create(instance, contents->const_buffer,
                                                        iree_file_contents_deallocator(contents),
                                                        allocator, out_module);
  if (!iree_status_is_ok(status)) iree_file_contents_free(contents);
  return status;
}

// A context with `gates` and the programs |names|, in that order.
static iree_status_t try_open(const char* const* names, iree_host_size_t count,
                              iree_allocator_t allocator, iree_vm_context_t** out_context) {
  *out_context = NULL;
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_instance_create(allocator, &instance));
  iree_vm_module_t* modules[4] = {NULL};
  iree_status_t status = test_gate_module_create(instance, allocator, &modules[0]);
  for (iree_host_size_t i = 0; i < count && iree_status_is_ok(status); ++i) {
    status = load(instance, names[i], allocator, &modules[1 + i]);
  }
  if (iree_status_is_ok(status)) {
    status = iree_vm_context_create_with_modules(instance, 0, 1 + count, modules, allocator,
                                                 out_context);
  }
  for (iree_host_size_t i = 0; i < 4; ++i) iree_vm_module_release(modules[i]);
  iree_vm_instance_release(instance);
  return status;
}

static const char* const linked[2] = {"linked_lib", "linked_user"};

static int setup(void** state) {
  expect_ok(test_gate_register());
  expect_ok(try_open(linked, 2, iree_allocator_system(), (iree_vm_context_t**)state));
  return 0;
}

static int teardown(void** state) {
  iree_vm_context_release((iree_vm_context_t*)*state);
  return test_gate_live_count() + test_gate_frame_count();
}

//===-- Calls ------------------------------------------------------------------------------------------------------------===//

static iree_vm_list_t* new_list(void) {
  iree_vm_list_t* list = NULL;
  expect_ok(iree_vm_list_create(NULL, 4, iree_allocator_system(), &list));
  return list;
}

static void push(iree_vm_list_t* list, iree_vm_value_t value) {
  expect_ok(iree_vm_list_push_value(list, &value));
}
static void push_i32(iree_vm_list_t* list, int32_t value) {
  push(list, iree_vm_value_make_i32(value));
}
// A null gate is a null reference.
static void push_gate(iree_vm_list_t* list, test_gate_t* gate) {
  iree_vm_ref_t ref = gate ? test_gate_retain_ref(gate) : iree_vm_ref_null();
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
}

static int64_t integer_at(const iree_vm_list_t* list, iree_host_size_t i) {
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I64, &value));
  return value.i64;
}
static double number_at(const iree_vm_list_t* list, iree_host_size_t i) {
  iree_vm_value_t value;
  expect_ok(iree_vm_list_get_value(list, i, &value));
  return value.type == IREE_VM_VALUE_TYPE_F32 ? (double)value.f32 : value.f64;
}

static iree_vm_function_t find(iree_vm_context_t* context, const char* name) {
  iree_vm_function_t function;
  expect_ok(iree_vm_context_resolve_function(context, iree_make_cstring_view(name), &function));
  return function;
}

// Calls with |inputs|, which are released.
static iree_status_t call(void** state, const char* name, iree_vm_list_t* inputs,
                          iree_vm_list_t* outputs) {
  iree_vm_context_t* context = (iree_vm_context_t*)*state;
  iree_status_t status = iree_vm_invoke(context, find(context, name), 0, NULL, inputs, outputs,
                                        iree_allocator_system());
  iree_vm_list_release(inputs);
  return status;
}

static void test_numbers(void** state) {
  iree_vm_list_t *inputs = new_list(), *outputs = new_list();
  push_i32(inputs, -7);
  push(inputs, iree_vm_value_make_i64(1ll << 40));
  push(inputs, iree_vm_value_make_f32(1.25f));
  push(inputs, iree_vm_value_make_f64(-1e300));
  expect_ok(call(state, "user.numbers", inputs, outputs));
  assert_int_equal(integer_at(outputs, 0), -14);
  assert_int_equal(integer_at(outputs, 1), 1ll << 41);
  assert_true(number_at(outputs, 2) == 2.5 && number_at(outputs, 3) == -2e300);
  iree_vm_list_release(outputs);
}

static void test_references(void** state) {
  test_gate_t* gates[2] = {test_gate_create(false), NULL};
  for (int i = 0; i < 2; ++i) {
    iree_vm_list_t *inputs = new_list(), *outputs = new_list();
    push_gate(inputs, gates[i]);
    expect_ok(call(state, "user.references", inputs, outputs));
    assert_ptr_equal(iree_vm_list_get_ref_deref(outputs, 0, test_gate_get_descriptor()), gates[i]);
    iree_vm_buffer_t* text =
        (iree_vm_buffer_t*)iree_vm_list_get_ref_deref(outputs, 1, iree_vm_buffer_get_descriptor());
    assert_memory_equal(iree_vm_buffer_data(text), "linked", 6);
    assert_int_equal(integer_at(outputs, 2), 6);
    iree_vm_list_release(outputs);
  }
  test_gate_release(gates[0]);
}

static void test_lists(void** state) {
  iree_vm_list_t *inputs = new_list(), *outputs = new_list();
  push_i32(inputs, 100);
  expect_ok(call(state, "user.lists", inputs, outputs));
  const iree_vm_list_t* list =
      (const iree_vm_list_t*)iree_vm_list_get_ref_deref(outputs, 0, iree_vm_list_get_descriptor());
  assert_int_equal(iree_vm_list_size(list), 100);
  for (iree_host_size_t i = 0; i < 100; ++i) assert_int_equal(integer_at(list, i), i);
  assert_int_equal(integer_at(outputs, 1), 100);
  iree_vm_list_release(outputs);
}

// Every frame of either program, from the top.
static void test_failure_in_the_other(void** state) {
  for (int divisor = 0; divisor < 2; ++divisor) {
    iree_vm_list_t *inputs = new_list(), *outputs = new_list();
    push_i32(inputs, 5);
    push_i32(inputs, divisor);
    iree_status_t status = call(state, "user.divided", inputs, outputs);
    if (divisor) {
      expect_ok(status);
      assert_int_equal(integer_at(outputs, 0), 10);
    } else {
      static const char* const texts[] = {"division by zero",  "linked_lib.mlir:", "lib.divide",
                                          "linked_user.mlir:", "user.inner",       "user.divided"};
      char text[2048];
      iree_host_size_t length = 0;
      iree_status_format(status, sizeof(text), text, &length);
      const char* rest = text;
      for (size_t i = 0; i < IREE_ARRAYSIZE(texts); ++i) {
        rest = strstr(rest, texts[i]);
        if (!rest) fail_msg("expected '%s' in: %s", texts[i], text);
      }
      iree_status_ignore(status);
      assert_int_equal(iree_vm_list_size(outputs), 0);
    }
    iree_vm_list_release(outputs);
  }
}

//===-- Suspension ---------------------------------------------------------------------------------------------------------===//

// An invocation of user.waits on a loop that another thread drains.
typedef struct waiting_t {
  iree_loop_sync_t* loop_sync;
  iree_loop_sync_scope_t scope;
  iree_vm_async_invoke_state_t state;
  iree_vm_list_t* outputs;
  int callback_count;
  iree_status_t status;
} waiting_t;

static iree_status_t on_end(void* user_data, iree_loop_t loop, iree_status_t status,
                            iree_vm_list_t* outputs) {
  waiting_t* waiting = (waiting_t*)user_data;
  waiting->status = status;
  ++waiting->callback_count;
  return iree_ok_status();
}

static void begin_waiting(void** state, waiting_t* waiting, test_gate_t* gate, int32_t divisor) {
  iree_vm_context_t* context = (iree_vm_context_t*)*state;
  memset(waiting, 0, sizeof(*waiting));
  expect_ok(iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(),
                                    &waiting->loop_sync));
  iree_loop_sync_scope_initialize(waiting->loop_sync, NULL, NULL, &waiting->scope);
  iree_vm_list_t* inputs = new_list();
  waiting->outputs = new_list();
  push_gate(inputs, gate);
  push_i32(inputs, 21);
  push_i32(inputs, divisor);
  expect_ok(iree_vm_async_invoke(iree_loop_sync_scope(&waiting->scope), &waiting->state, context,
                                 find(context, "user.waits"), 0, NULL, inputs, waiting->outputs,
                                 iree_allocator_system(), on_end, waiting));
  iree_vm_list_release(inputs);
}

static void end_waiting(waiting_t* waiting) {
  iree_loop_sync_scope_deinitialize(&waiting->scope);
  iree_loop_sync_free(waiting->loop_sync);
  iree_vm_list_release(waiting->outputs);
  assert_int_equal(waiting->callback_count, 1);
}

static void* drain(void* user_data) {
  waiting_t* waiting = (waiting_t*)user_data;
  expect_ok(iree_loop_sync_wait_idle(waiting->loop_sync, iree_infinite_timeout()));
  return NULL;
}

static void test_suspended_in_the_other(void** state) {
  static const struct {
    iree_status_code_t gate_code, code;
    int32_t divisor;
    const char* text;
  } cases[] = {{IREE_STATUS_OK, IREE_STATUS_OK, 2, NULL},
               {IREE_STATUS_OK, IREE_STATUS_INVALID_ARGUMENT, 0, "lib.divide"},
               {IREE_STATUS_DATA_LOSS, IREE_STATUS_DATA_LOSS, 2, "the gate is stuck"}};
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    test_gate_t* gate = test_gate_create(false);
    waiting_t waiting;
    begin_waiting(state, &waiting, gate, cases[i].divisor);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain, &waiting), 0);
    test_gate_open(gate, cases[i].gate_code);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (cases[i].text) {
      char text[2048];
      iree_host_size_t length = 0;
      iree_status_format(waiting.status, sizeof(text), text, &length);
      if (!strstr(text, "user.waits")) fail_msg("expected user.waits in: %s", text);
      expect_message(cases[i].code, cases[i].text, waiting.status);
    } else {
      expect_ok(waiting.status);
      assert_int_equal(integer_at(waiting.outputs, 0), 42);
    }
    end_waiting(&waiting);
    test_gate_release(gate);
  }
}

static void test_given_up_in_the_other(void** state) {
  test_gate_t* gate = test_gate_create(false);
  waiting_t waiting;
  begin_waiting(state, &waiting, gate, 1);
  test_gate_release(gate);
  assert_int_equal(test_gate_frame_count(), 1);
  end_waiting(&waiting);
  expect_code(IREE_STATUS_ABORTED, waiting.status);
  assert_int_equal(test_gate_frame_count(), 0);
}

//===-- Linking ------------------------------------------------------------------------------------------------------------===//

static void test_order(void** state) {
  static const char* const reversed[2] = {"linked_user", "linked_lib"};
  iree_vm_context_t* context = NULL;
  expect_message(IREE_STATUS_NOT_FOUND,
                 "module 'user' imports 'lib.mix', but no module 'lib' is registered before it "
                 "(registered: gates); register module 'lib' before 'user'",
                 try_open(reversed, 2, iree_allocator_system(), &context));
  assert_null(context);
  // The latest of a name counts.
  static const char* const twice[3] = {"linked_lib", "linked_lib", "linked_user"};
  expect_ok(try_open(twice, 3, iree_allocator_system(), &context));
  const iree_vm_function_t user = find(context, "user.numbers");
  iree_vm_module_t *first = NULL, *second = NULL;
  expect_ok(tenon_vm_context_module_at(context, 1, &first));
  expect_ok(tenon_vm_context_module_at(context, 2, &second));
  iree_vm_function_t target;
  expect_ok(tenon_vm_context_resolve_import(context, user.module, 0, &target));
  assert_ptr_equal(target.module, second);
  expect_ok(tenon_vm_context_resolve_import(context, first, 0, &target));
  assert_true(iree_string_view_equal(iree_vm_module_name(target.module), IREE_SV("gates")));
  iree_vm_context_release(context);
}

static iree_status_t run_all(iree_allocator_t allocator, void* user_data) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(try_open(linked, 2, allocator, &context));
  iree_vm_list_t* inputs = new_list();
  iree_vm_list_t* outputs = NULL;
  push_gate(inputs, (test_gate_t*)user_data);
  push_i32(inputs, 3);
  push_i32(inputs, 4);
  iree_status_t status = iree_vm_list_create(NULL, 1, allocator, &outputs);
  if (iree_status_is_ok(status)) {
    status =
        iree_vm_invoke(context, find(context, "user.waits"), 0, NULL, inputs, outputs, allocator);
  }
  if (iree_status_is_ok(status)) assert_int_equal(integer_at(outputs, 0), 3);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  iree_vm_context_release(context);
  return status;
}

static void test_allocation_failures(void** state) {
  test_gate_t* gate = test_gate_create(false);
  test_gate_open(gate, IREE_STATUS_OK);
  assert_true(tenon_test_for_each_failure(run_all, gate) > 8);
  test_gate_release(gate);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  module_folder = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
      cmocka_unit_test_setup_teardown(test_references, setup, teardown),
      cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
      cmocka_unit_test_setup_teardown(test_failure_in_the_other, setup, teardown),
      cmocka_unit_test_setup_teardown(test_suspended_in_the_other, setup, teardown),
      cmocka_unit_test_setup_teardown(test_given_up_in_the_other, setup, teardown),
      cmocka_unit_test_setup_teardown(test_order, setup, teardown),
      cmocka_unit_test_setup_teardown(test_allocation_failures, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
