// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls without an end: within a program, and between a program and native functions that call back. Both end with a
// failure that says so, on stacks of every size, and everything is put back.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>
#include <pthread.h>

#include "iree/base/loop_sync.h"
#include "iree/vm/bytecode_module.h"
#include "vm/bytecode/testing/test_module.h"

// How deep the calls would go.
#define PROGRAM_DEPTH 1000000
#define MUTUAL_DEPTH 100000

//===----------------------------------------------------------------------===//
// A native function that calls back
//===----------------------------------------------------------------------===//

typedef enum way_e { INVOKE, BEGIN_INVOKE, ASYNC_INVOKE, BEGIN_CALL, WAY_COUNT } way_t;

// What the native function calls, and how.
static iree_vm_context_t* back_context;
static iree_vm_function_t back_function;
static iree_atomic_int32_t back_way;
static iree_atomic_int32_t deepest;

static iree_status_t take_status(void* user_data, iree_loop_t loop, iree_status_t status,
                                 iree_vm_list_t* outputs) {
  *(iree_status_t*)user_data = status;
  return iree_ok_status();
}

static iree_status_t call_in(way_t way, iree_vm_function_t function, iree_vm_list_t* inputs,
                             iree_vm_list_t* outputs) {
  const iree_allocator_t allocator = iree_allocator_system();
  iree_status_t outcome = iree_ok_status();
  if (way == INVOKE) {
    return iree_vm_invoke(back_context, function, 0, NULL, inputs, outputs, allocator);
  } else if (way == BEGIN_INVOKE) {
    iree_vm_invoke_state_t invocation;
    IREE_RETURN_IF_ERROR(
        iree_vm_begin_invoke(&invocation, back_context, function, 0, NULL, inputs, allocator));
    IREE_RETURN_IF_ERROR(iree_vm_end_invoke(&invocation, outputs, &outcome));
    return outcome;
  }
  iree_vm_async_invoke_state_t invocation;
  iree_status_t failure = iree_ok_status();
  IREE_RETURN_IF_ERROR(iree_vm_async_invoke(iree_loop_inline(&failure), &invocation, back_context,
                                            function, 0, NULL, inputs, outputs, allocator,
                                            take_status, &outcome));
  IREE_CHECK_OK(failure);
  return outcome;
}

IREE_VM_ABI_EXPORT(call_back, void, i, i) {
  int32_t n = args->i0;
  const int32_t depth = MUTUAL_DEPTH - n;
  if (iree_atomic_load(&deepest, iree_memory_order_relaxed) < depth) {
    iree_atomic_store(&deepest, depth, iree_memory_order_relaxed);
  }
  const way_t way = (way_t)iree_atomic_load(&back_way, iree_memory_order_relaxed);
  if (way == BEGIN_CALL) {
    const iree_vm_function_call_t call = {back_function, iree_make_byte_span(&n, sizeof(n)),
                                          iree_make_byte_span(&rets->i0, sizeof(rets->i0))};
    return iree_vm_module_begin_call(stack, call);
  }
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, n);
  iree_status_t status = call_in(way, back_function, inputs, outputs);
  if (iree_status_is_ok(status)) rets->i0 = (int32_t)get_integer(outputs, 0);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return status;
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {IREE_VM_NATIVE_STR("back"), IREE_VM_NATIVE_STR("0i_i"), 0, NULL}};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_i,
     (iree_vm_native_function_target_t)call_back}};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("native"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

// NAME(n) = n ? 1 + callee(n - 1) : 0
static void build_descent(test_module_t* module, uint32_t function, uint32_t callee,
                          bool is_import) {
  tenon_assembler_t* as = tenon_assembler_create(module->writer, function);
  tenon_register_t n = tenon_assembler_argument(as, 0);
  tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t less = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_label_t more = tenon_assembler_new_label(as);
  TENON_EMIT(as, TENON_OP_BR_IF, n, more);
  tenon_assembler_return(as, &n, 1);
  tenon_assembler_bind(as, more);
  TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
  TENON_EMIT(as, TENON_OP_SUB_I32, less, n, one);
  if (is_import) {
    tenon_assembler_call_import(as, callee, &less, 1, &less, 1);
  } else {
    tenon_assembler_call(as, callee, &less, 1, &less, 1);
  }
  TENON_EMIT(as, TENON_OP_ADD_I32, less, less, one);
  tenon_assembler_return(as, &less, 1);
  tenon_assembler_finish(as);
}

typedef struct fixture_t {
  test_module_t module;
  iree_vm_instance_t* instance;
  iree_vm_context_t* context;
} fixture_t;

static iree_vm_function_t find(const fixture_t* f, const char* name) {
  iree_vm_function_t function;
  IREE_CHECK_OK(
      iree_vm_context_resolve_function(f->context, iree_make_cstring_view(name), &function));
  return function;
}

static int setup(void** state) {
  static fixture_t fixture;
  fixture_t* f = &fixture;
  f->module = begin_module();
  test_module_t* module = &f->module;
  const uint32_t back = declare_import(module, "native.back", "0i_i");
  const uint32_t down = declare_export(module, "down", "0i_i");
  const uint32_t mutual = declare_export(module, "mutual", "0i_i");
  build_descent(module, down, down, false);
  build_descent(module, mutual, back, true);
  write_module(module);
  const iree_allocator_t allocator = iree_allocator_system();
  IREE_CHECK_OK(iree_vm_instance_create(allocator, &f->instance));
  iree_vm_module_t interface, *modules[2];
  IREE_CHECK_OK(iree_vm_module_initialize(&interface, NULL));
  IREE_CHECK_OK(
      iree_vm_native_module_create(&interface, &descriptor, f->instance, allocator, &modules[0]));
  IREE_CHECK_OK(iree_vm_bytecode_module_create(f->instance, archive_of(module),
                                               iree_allocator_null(), allocator, &modules[1]));
  IREE_CHECK_OK(
      iree_vm_context_create_with_modules(f->instance, 0, 2, modules, allocator, &f->context));
  for (int i = 0; i < 2; ++i) iree_vm_module_release(modules[i]);
  back_context = f->context;
  back_function = find(f, "m.mutual");
  *state = f;
  return 0;
}

static int teardown(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_vm_context_release(f->context);
  iree_vm_instance_release(f->instance);
  free(f->module.data);
  return 0;
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

static iree_status_t run(fixture_t* f, const char* name, int32_t depth, way_t way,
                         int64_t* out_result) {
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, depth);
  iree_status_t status = call_in(way, find(f, name), inputs, outputs);
  if (iree_status_is_ok(status)) *out_result = get_integer(outputs, 0);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return status;
}

static void test_deep_programs(void** state) {
  fixture_t* f = (fixture_t*)*state;
  for (int way = 0; way < BEGIN_CALL; ++way) {
    int64_t result = 0;
    IREE_CHECK_OK(run(f, "m.down", 1000, (way_t)way, &result));
    assert_int_equal(result, 1000);
    EXPECT_FAILURE(run(f, "m.down", PROGRAM_DEPTH, (way_t)way, &result),
                   IREE_STATUS_RESOURCE_EXHAUSTED, "stack overflow: at a depth of", "m.down");
  }
}

static void test_deep_programs_on_a_loop(void** state) {
  fixture_t* f = (fixture_t*)*state;
  iree_loop_sync_t* loop_sync = NULL;
  IREE_CHECK_OK(
      iree_loop_sync_allocate((iree_loop_sync_options_t){0}, iree_allocator_system(), &loop_sync));
  iree_loop_sync_scope_t scope;
  iree_loop_sync_scope_initialize(loop_sync, NULL, NULL, &scope);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, PROGRAM_DEPTH);
  iree_vm_async_invoke_state_t invocation;
  iree_status_t outcome = iree_ok_status();
  IREE_CHECK_OK(iree_vm_async_invoke(iree_loop_sync_scope(&scope), &invocation, f->context,
                                     find(f, "m.down"), 0, NULL, inputs, outputs,
                                     iree_allocator_system(), take_status, &outcome));
  IREE_CHECK_OK(iree_loop_drain(iree_loop_sync_scope(&scope), iree_infinite_timeout()));
  EXPECT_FAILURE(outcome, IREE_STATUS_RESOURCE_EXHAUSTED, "stack overflow: at a depth of");
  iree_loop_sync_scope_deinitialize(&scope);
  iree_loop_sync_free(loop_sync);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
}

static void* run_mutually(void* user_data) {
  fixture_t* f = (fixture_t*)user_data;
  for (int way = 0; way < WAY_COUNT; ++way) {
    iree_atomic_store(&back_way, way, iree_memory_order_relaxed);
    int64_t result = 0;
    IREE_CHECK_OK(run(f, "m.mutual", 6, INVOKE, &result));
    assert_int_equal(result, 6);
    iree_atomic_store(&deepest, 0, iree_memory_order_relaxed);
    // The C stack or, if all happens on one stack of the machine, whichever of the two ends first.
    EXPECT_FAILURE(run(f, "m.mutual", MUTUAL_DEPTH, INVOKE, &result),
                   IREE_STATUS_RESOURCE_EXHAUSTED, "stack overflow: ");
    assert_true(iree_atomic_load(&deepest, iree_memory_order_relaxed) > 7);
    // Everything is as before.
    IREE_CHECK_OK(run(f, "m.mutual", 6, INVOKE, &result));
    assert_int_equal(result, 6);
  }
  return NULL;
}

static void test_mutual_recursion(void** state) { run_mutually(*state); }

static void test_mutual_recursion_on_small_stacks(void** state) {
  static const size_t sizes[] = {384 * 1024, 1024 * 1024, 4 * 1024 * 1024};
  for (size_t i = 0; i < IREE_ARRAYSIZE(sizes); ++i) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, sizes[i]), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, &attributes, run_mutually, *state), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_deep_programs, setup, teardown),
      cmocka_unit_test_setup_teardown(test_deep_programs_on_a_loop, setup, teardown),
      cmocka_unit_test_setup_teardown(test_mutual_recursion, setup, teardown),
      cmocka_unit_test_setup_teardown(test_mutual_recursion_on_small_stacks, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
