// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lists and buffers between C and compiled programs: as arguments and results of exports and imports, changed by either side, at once
// and after a wait; on every local device. Usage: lists_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the four above first.
#include <cmocka.h>

#include "async_support.h"
#include "vm/testing/vm_test.h"

//===-- The module `ext` -------------------------------------------------------------------------------------------------===//

IREE_VM_ABI_EXPORT(ext_twice, void, rr, r) {
  iree_vm_list_t *list = NULL, *twice = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_list_check_deref(args->r0, &list));
  iree_host_size_t count = iree_vm_list_size(list);
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, count + 1, iree_allocator_system(), &twice));
  rets->r0 = iree_vm_list_move_ref(twice);
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_value_t value;
    IREE_RETURN_IF_ERROR(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I32, &value));
    value.i32 *= 2;
    IREE_RETURN_IF_ERROR(iree_vm_list_push_value(twice, &value));
  }
  iree_vm_ref_t buffer = args->r1;
  return iree_vm_list_push_ref_retain(twice, &buffer);
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("twice"), .calling_convention = IREE_VM_NATIVE_STR("0rr_r")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_rr_r,
     (iree_vm_native_function_target_t)ext_twice},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("ext"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

//===-- Calls ------------------------------------------------------------------------------------------------------------===//

// A session on the device that |state| names, with `custom`, `ext` and the program |name|.
static void open_session(fixture_t* fixture, void** state, const char* name) {
  fixture_open(fixture, (const char*)*state, path_of_module("plus1"));
  fixture_append_native(fixture, &descriptor);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(fixture->session,
                                                                      path_of_module(name)));
}

static iree_vm_list_t* new_list(fixture_t* fixture, iree_host_size_t count, const int32_t* values) {
  iree_vm_type_def_t type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I32);
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(&type, count, fixture->allocator, &list));
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_value_t value = iree_vm_value_make_i32(values[i]);
    IREE_CHECK_OK(iree_vm_list_push_value(list, &value));
  }
  return list;
}

static iree_vm_buffer_t* new_buffer(fixture_t* fixture) {
  iree_vm_buffer_t* buffer = NULL;
  IREE_CHECK_OK(
      iree_vm_buffer_create(IREE_VM_BUFFER_ACCESS_MUTABLE | IREE_VM_BUFFER_ACCESS_ORIGIN_HOST,
                            sizeof(int32_t), 16, fixture->allocator, &buffer));
  return buffer;
}

static int32_t content_of(iree_vm_buffer_t* buffer) {
  int32_t value;
  memcpy(&value, iree_vm_buffer_data(buffer), sizeof(value));
  return value;
}

static void push_list(iree_vm_list_t* inputs, iree_vm_list_t* list) {
  iree_vm_ref_t ref = iree_vm_list_retain_ref(list);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
}

static void push_buffer(iree_vm_list_t* inputs, iree_vm_buffer_t* buffer) {
  iree_vm_ref_t ref = iree_vm_buffer_retain_ref(buffer);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
}

static void expect_list(iree_vm_list_t* list, iree_host_size_t count, const int32_t* expected) {
  assert_non_null(list);
  assert_int_equal(iree_vm_list_size(list), count);
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_value_t value;
    IREE_CHECK_OK(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I32, &value));
    assert_int_equal(value.i32, expected[i]);
  }
}

static int64_t get_i64(const iree_vm_list_t* list, iree_host_size_t i) {
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I64, &value));
  return value.i64;
}

static iree_vm_list_t* get_list(const iree_vm_list_t* list, iree_host_size_t i) {
  return iree_vm_list_get_ref_deref(list, i, iree_vm_list_get_descriptor());
}

// Inputs and outputs of a call without fences.
typedef struct call_t {
  iree_vm_list_t *inputs, *outputs;
} call_t;

static call_t begin_call(fixture_t* fixture) {
  call_t call;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 3, fixture->allocator, &call.inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 3, fixture->allocator, &call.outputs));
  return call;
}

static void end_call(call_t* call) {
  iree_vm_list_release(call->inputs);
  iree_vm_list_release(call->outputs);
}

static iree_status_t run(fixture_t* fixture, call_t* call, const char* name) {
  return iree_runtime_session_call_by_name(fixture->session, iree_make_cstring_view(name),
                                           call->inputs, call->outputs);
}

//===-- The tests --------------------------------------------------------------------------------------------------------===//

static void expect_below(void** state, const char* program) {
  fixture_t fixture;
  open_session(&fixture, state, program);
  iree_vm_list_t* list = new_list(&fixture, 5, (const int32_t[]){5, -1, 7, 3, INT32_MIN});
  call_t call = begin_call(&fixture);
  push_list(call.inputs, list);
  iree_vm_value_t limit = iree_vm_value_make_i32(5);
  IREE_CHECK_OK(iree_vm_list_push_value(call.inputs, &limit));
  IREE_CHECK_OK(run(&fixture, &call, "lists.below"));
  expect_list(list, 2, (const int32_t[]){5, 7});
  expect_list(get_list(call.outputs, 0), 3, (const int32_t[]){-1, 3, INT32_MIN});
  assert_int_equal(get_i64(call.outputs, 1), 3);
  end_call(&call);
  iree_vm_list_release(list);
  fixture_close(&fixture);
}
static void test_below(void** state) { expect_below(state, "lists"); }
static void test_below_inside(void** state) { expect_below(state, "lists_inside"); }

static void expect_native(void** state, const char* program) {
  fixture_t fixture;
  open_session(&fixture, state, program);
  iree_vm_list_t* list = new_list(&fixture, 3, (const int32_t[]){1, 20, -4});
  iree_vm_buffer_t* buffer = new_buffer(&fixture);
  call_t call = begin_call(&fixture);
  push_list(call.inputs, list);
  push_buffer(call.inputs, buffer);
  IREE_CHECK_OK(run(&fixture, &call, "lists.native"));
  iree_vm_list_t* twice = get_list(call.outputs, 0);
  assert_non_null(twice);
  assert_int_equal(iree_vm_list_size(twice), 4);
  assert_int_equal(get_i64(twice, 2), -8);
  assert_int_equal(get_i64(call.outputs, 1), 34);
  assert_int_equal(get_i64(call.outputs, 2), 1);
  assert_int_equal(content_of(buffer), 34);
  end_call(&call);
  iree_vm_list_release(list);
  iree_vm_buffer_release(buffer);
  fixture_close(&fixture);
}
static void test_native(void** state) { expect_native(state, "lists"); }
static void test_native_inside(void** state) { expect_native(state, "lists_inside"); }

// The caller hears of nothing before the fence.
static void test_later(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "lists");
  custom_behave(KEEP);
  iree_vm_list_t* list = new_list(&fixture, 1, (const int32_t[]){1000});
  iree_vm_buffer_t* buffer = new_buffer(&fixture);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, (const int32_t[]){1, 2, 3, 4});
  push_list(invocation.inputs, list);
  push_buffer(invocation.inputs, buffer);
  start(&invocation, "lists.later");
  expect_pending(&invocation);
  custom_answer_kept();
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, (const int32_t[]){1015, 1016, 1017, 1018});
  expect_list(list, 5, (const int32_t[]){1000, 2, 3, 4, 5});
  assert_int_equal(content_of(buffer), 5);
  invocation_deinitialize(&invocation);
  iree_vm_list_release(list);
  iree_vm_buffer_release(buffer);
  fixture_close(&fixture);
}

static void test_later_inside(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "lists_inside");
  custom_behave(ANSWER);
  iree_vm_list_t* list = new_list(&fixture, 1, (const int32_t[]){1000});
  iree_vm_buffer_t* buffer = new_buffer(&fixture);
  call_t call = begin_call(&fixture);
  const iree_hal_dim_t dims[] = {4};
  iree_hal_buffer_view_t* view =
      new_tensor(&fixture, 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32, (const int32_t[]){1, 2, 3, 4});
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(call.inputs, &ref));
  push_list(call.inputs, list);
  push_buffer(call.inputs, buffer);
  IREE_CHECK_OK(run(&fixture, &call, "lists.later"));
  expect_list(list, 5, (const int32_t[]){1000, 2, 3, 4, 5});
  assert_int_equal(content_of(buffer), 5);
  end_call(&call);
  iree_vm_list_release(list);
  iree_vm_buffer_release(buffer);
  fixture_close(&fixture);
}

// A buffer where a list is wanted, and nothing; what fails after a wait fails the fence.
static void test_wrong(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "lists");
  iree_vm_buffer_t* buffer = new_buffer(&fixture);
  call_t call = begin_call(&fixture);
  push_buffer(call.inputs, buffer);
  push_buffer(call.inputs, buffer);
  expect_failure(run(&fixture, &call, "lists.native"), IREE_STATUS_INVALID_ARGUMENT, "vm.list");
  end_call(&call);

  custom_behave(ANSWER);
  iree_vm_list_t* list = new_list(&fixture, 0, NULL);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, (const int32_t[]){1, 2, 3, 4});
  push_list(invocation.inputs, list);
  IREE_CHECK_OK(iree_vm_list_push_ref_retain(invocation.inputs, &(iree_vm_ref_t){0}));
  expect_failure(try_start(&invocation, "lists.later"), IREE_STATUS_INVALID_ARGUMENT,
                 "expected a vm.buffer but the reference is null");
  invocation_deinitialize(&invocation);
  iree_vm_list_release(list);
  iree_vm_buffer_release(buffer);
  fixture_close(&fixture);
}

//===-- On every device --------------------------------------------------------------------------------------------------===//

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  const struct CMUnitTest tests[] = {
      ON_ALL(test_below),         ON_ALL(test_below_inside), ON_ALL(test_native),
      ON_ALL(test_native_inside), ON_ALL(test_later),        ON_ALL(test_later_inside),
      ON_ALL(test_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
