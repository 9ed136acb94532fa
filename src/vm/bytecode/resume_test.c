// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Invocations that are suspended inside of a program and go on later, elsewhere, or not at all.

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "base/testing/failing_allocator.h"
#include "iree/vm/bytecode_module.h"
#include "vm/bytecode/testing/test_module.h"

// inner(r, n) = yield(r, n) + 1; outer(r, n) = inner(r, n) + yield(r, n), with everything live
// across the calls.
static void build(test_module_t* module, const char* import_name) {
  uint32_t yield = declare_import(module, import_name, "0ri_i");
  uint32_t inner = tenon_writer_declare_function(module->writer, text_of(module, "inner"),
                                                 text_of(module, "0ri_i"));
  uint32_t outer = declare_export(module, "outer", "0ri_ri");
  uint32_t one_more = declare_export(module, "one_more", "0ri_i");
  uint32_t file = text_of(module, "yield.mlir");
  for (int i = 0; i < 2; ++i) {
    tenon_assembler_t* as = tenon_assembler_create(module->writer, i ? one_more : inner);
    tenon_register_t ref = tenon_assembler_argument(as, 0), n = tenon_assembler_argument(as, 1);
    tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
    TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
    tenon_assembler_location(as, file, 5, 6, 0);
    tenon_assembler_call_import(as, yield, (const tenon_register_t[]){ref, n}, 2, &n, 1);
    TENON_EMIT(as, TENON_OP_ADD_I32, n, n, one);
    tenon_assembler_return(as, &n, 1);
    tenon_assembler_finish(as);
  }
  tenon_assembler_t* as = tenon_assembler_create(module->writer, outer);
  tenon_register_t ref = tenon_assembler_argument(as, 0), n = tenon_assembler_argument(as, 1);
  tenon_register_t first = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_assembler_location(as, file, 7, 8, 0);
  tenon_assembler_call(as, inner, (const tenon_register_t[]){ref, n}, 2, &first, 1);
  tenon_assembler_call_import(as, yield, (const tenon_register_t[]){ref, n}, 2, &n, 1);
  TENON_EMIT(as, TENON_OP_ADD_I32, n, n, first);
  tenon_assembler_return(as, (const tenon_register_t[]){ref, n}, 2);
  tenon_assembler_finish(as);
}

static iree_vm_function_t export_of(iree_vm_module_t* module, const char* name) {
  iree_vm_function_t function;
  IREE_CHECK_OK(iree_vm_module_lookup_function_by_name(module, IREE_VM_FUNCTION_LINKAGE_EXPORT,
                                                       iree_make_cstring_view(name), &function));
  return function;
}

typedef struct fixture_t {
  test_module_t module;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
  iree_vm_buffer_t* buffer;
  iree_vm_invoke_state_t invocation;
} fixture_t;

static void begin(fixture_t* x, int32_t n) {
  x->module = begin_module();
  build(&x->module, "custom.yield");
  load_module(&x->module);
  x->inputs = make_list();
  x->outputs = make_list();
  x->buffer = push_buffer(x->inputs);
  push_i32(x->inputs, n);
  memset(&x->invocation, 0, sizeof(x->invocation));
}

static iree_status_t begin_outer(fixture_t* x) {
  return iree_vm_begin_invoke(
      &x->invocation, x->module.harness.context, export_of(x->module.harness.module, "outer"),
      IREE_VM_INVOCATION_FLAG_NONE, NULL, x->inputs, iree_allocator_system());
}

static void end(fixture_t* x) {
  iree_vm_list_release(x->outputs);
  assert_int_equal(ref_count(x->buffer), 1);
  iree_vm_list_release(x->inputs);
  end_module(&x->module);
}

static void test_resumed_to_the_end(void** state) {
  for (int32_t n = 0; n < 4; ++n) {
    fixture_t x;
    begin(&x, n);
    iree_status_t status = begin_outer(&x);
    int suspensions = 0;
    for (; iree_status_is_deferred(status); ++suspensions) {
      status = iree_vm_resume_invoke(&x.invocation);
    }
    IREE_CHECK_OK(status);
    assert_int_equal(suspensions, 2 * n);
    iree_status_t outcome;
    IREE_CHECK_OK(iree_vm_end_invoke(&x.invocation, x.outputs, &outcome));
    IREE_CHECK_OK(outcome);
    assert_ptr_equal(iree_vm_list_get_ref_deref(x.outputs, 0, iree_vm_buffer_get_descriptor()),
                     x.buffer);
    assert_int_equal(get_integer(x.outputs, 1), 4 * n + 1);
    end(&x);
  }
}

// iree_vm_invoke() resumes by itself.
static void test_invoked(void** state) {
  fixture_t x;
  begin(&x, 3);
  IREE_CHECK_OK(tenon_harness_call(&x.module.harness, "outer", x.inputs, x.outputs));
  assert_int_equal(get_integer(x.outputs, 1), 13);
  end(&x);
}

static void* resume_on_thread(void* state) {
  iree_status_t status = iree_vm_resume_invoke((iree_vm_invoke_state_t*)state);
  return (void*)(uintptr_t)iree_status_consume_code(status);
}

// Each step on another thread.
static void test_resumed_on_other_threads(void** state) {
  fixture_t x;
  begin(&x, 3);
  uintptr_t code = iree_status_consume_code(begin_outer(&x));
  while (code == IREE_STATUS_DEFERRED) {
    pthread_t thread;
    void* result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, resume_on_thread, &x.invocation), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    code = (uintptr_t)result;
  }
  assert_int_equal(code, IREE_STATUS_OK);
  iree_status_t outcome;
  IREE_CHECK_OK(iree_vm_end_invoke(&x.invocation, x.outputs, &outcome));
  IREE_CHECK_OK(outcome);
  assert_int_equal(get_integer(x.outputs, 1), 13);
  end(&x);
}

// Given up after every number of steps: all references come back.
static void test_aborted(void** state) {
  for (int steps = 0; steps < 4; ++steps) {
    fixture_t x;
    begin(&x, 2);
    assert_true(iree_status_is_deferred(begin_outer(&x)));
    for (int i = 0; i < steps - 1; ++i) {
      assert_true(iree_status_is_deferred(iree_vm_resume_invoke(&x.invocation)));
    }
    assert_true(ref_count(x.buffer) > 1);
    iree_vm_abort_invoke(&x.invocation);
    end(&x);
  }
}

static void test_failing_after_suspension(void** state) {
  fixture_t x;
  begin(&x, -1);
  iree_status_t status = begin_outer(&x);
  while (iree_status_is_deferred(status)) status = iree_vm_resume_invoke(&x.invocation);
  IREE_CHECK_OK(status);
  IREE_CHECK_OK(iree_vm_end_invoke(&x.invocation, x.outputs, &status));
  EXPECT_FAILURE(status, IREE_STATUS_ABORTED,
                 "gave up; while invoking native function custom.yield"
                 "; at yield.mlir:5:6 in bytecode function m.inner"
                 "; at yield.mlir:7:8 in bytecode function m.outer");
  end(&x);
}

// A program that calls another program that is suspended: two modules of files on one stack.
static void test_across_modules(void** state) {
  test_module_t lower = begin_module();
  build(&lower, "custom.yield");
  load_module(&lower);
  test_module_t upper = begin_module();
  tenon_writer_set_name(upper.writer, text_of(&upper, "upper"));
  build(&upper, "m.one_more");
  write_module(&upper);
  iree_allocator_t allocator = iree_allocator_system();
  iree_vm_module_t* modules[3] = {lower.harness.custom, lower.harness.module, NULL};
  IREE_CHECK_OK(iree_vm_bytecode_module_create(lower.harness.instance, archive_of(&upper),
                                               iree_allocator_null(), allocator, &modules[2]));
  iree_vm_context_t* context = NULL;
  IREE_CHECK_OK(iree_vm_context_create_with_modules(
      lower.harness.instance, IREE_VM_CONTEXT_FLAG_NONE, 3, modules, allocator, &context));
  for (int32_t n = -1; n < 3; ++n) {
    iree_vm_list_t *inputs = make_list(), *outputs = make_list();
    iree_vm_buffer_t* buffer = push_buffer(inputs);
    push_i32(inputs, n);
    iree_vm_invoke_state_t invocation = {0};
    iree_status_t status =
        iree_vm_begin_invoke(&invocation, context, export_of(modules[2], "outer"),
                             IREE_VM_INVOCATION_FLAG_NONE, NULL, inputs, allocator);
    int suspensions = 0;
    for (; iree_status_is_deferred(status); ++suspensions) {
      status = iree_vm_resume_invoke(&invocation);
    }
    IREE_CHECK_OK(status);
    IREE_CHECK_OK(iree_vm_end_invoke(&invocation, outputs, &status));
    if (n < 0) {
      EXPECT_FAILURE(status, IREE_STATUS_ABORTED,
                     "gave up; while invoking native function custom.yield"
                     "; at yield.mlir:5:6 in bytecode function m.one_more"
                     "; at yield.mlir:5:6 in bytecode function upper.inner"
                     "; at yield.mlir:7:8 in bytecode function upper.outer");
    } else {
      IREE_CHECK_OK(status);
      assert_int_equal(suspensions, 2 * n);
      assert_int_equal(get_integer(outputs, 1), 4 * n + 3);
    }
    iree_vm_list_release(outputs);
    assert_int_equal(ref_count(buffer), 1);
    iree_vm_list_release(inputs);
  }
  iree_vm_context_release(context);
  iree_vm_module_release(modules[2]);
  free(upper.data);
  end_module(&lower);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resumed_to_the_end),       cmocka_unit_test(test_invoked),
      cmocka_unit_test(test_resumed_on_other_threads), cmocka_unit_test(test_aborted),
      cmocka_unit_test(test_failing_after_suspension), cmocka_unit_test(test_across_modules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
