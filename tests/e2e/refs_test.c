// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled programs that hold things of a custom module, on every local device, synchronous and not; and imports that may be missing.
// Usage: refs_test FOLDER-OF-MODULES [PATTERN-OF-TESTS].

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

//===-- The module `things` ----------------------------------------------------------------------------------------------===//

IREE_VM_ABI_EXPORT(things_make, void, i, r) {
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_create(args->i0, iree_allocator_system(), &thing));
  rets->r0 = test_thing_move_ref(thing);
  return iree_ok_status();
}

IREE_VM_ABI_EXPORT(things_value, void, r, i) {
  test_thing_t* thing = NULL;
  IREE_RETURN_IF_ERROR(test_thing_check_deref(args->r0, &thing));
  rets->i0 = thing->value;
  return iree_ok_status();
}

// The same thing again.
IREE_VM_ABI_EXPORT(things_there, void, ri, r) {
  rets->r0 = args->r0;
  memset(&args->r0, 0, sizeof(args->r0));
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("make"), .calling_convention = IREE_VM_NATIVE_STR("0i_r")},
    {.local_name = IREE_VM_NATIVE_STR("there"), .calling_convention = IREE_VM_NATIVE_STR("0ri_r")},
    {.local_name = IREE_VM_NATIVE_STR("value"), .calling_convention = IREE_VM_NATIVE_STR("0r_i")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_i_r,
     (iree_vm_native_function_target_t)things_make},
    {(iree_vm_native_function_shim_t)iree_vm_shim_ri_r,
     (iree_vm_native_function_target_t)things_there},
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_i,
     (iree_vm_native_function_target_t)things_value},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("things"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

// A session on the device that |state| names, with `custom`, `things` and the program |name|.
static void open_session(fixture_t* fixture, void** state, const char* name) {
  fixture_open(fixture, (const char*)*state, path_of_module("plus1"));
  fixture_append_native(fixture, &descriptor);
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(fixture->session,
                                                                      path_of_module(name)));
}

static void make_lists(fixture_t* fixture, iree_vm_list_t** inputs, iree_vm_list_t** outputs) {
  IREE_CHECK_OK(iree_vm_list_create(NULL, 2, fixture->allocator, inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 2, fixture->allocator, outputs));
}

static int64_t get_i64(const iree_vm_list_t* list, iree_host_size_t i) {
  iree_vm_value_t value;
  IREE_CHECK_OK(iree_vm_list_get_value_as(list, i, IREE_VM_VALUE_TYPE_I64, &value));
  return value.i64;
}

//===-- The tests --------------------------------------------------------------------------------------------------------===//

static void expect_optional(void** state, const char* program) {
  fixture_t fixture;
  open_session(&fixture, state, program);
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  make_lists(&fixture, &inputs, &outputs);
  iree_vm_value_t n = iree_vm_value_make_i32(-7);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &n));
  IREE_CHECK_OK(iree_runtime_session_call_by_name(fixture.session, IREE_SV("refs.optional"), inputs,
                                                  outputs));
  assert_int_equal(get_i64(outputs, 0), -7);
  assert_int_equal(get_i64(outputs, 1), 86);
  assert_int_equal(test_thing_live_count(), 0);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  fixture_close(&fixture);
}
static void test_optional(void** state) { expect_optional(state, "refs"); }
static void test_optional_inside(void** state) { expect_optional(state, "refs_inside"); }

static void test_loop(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "refs");
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  make_lists(&fixture, &inputs, &outputs);
  iree_vm_value_t count = iree_vm_value_make_i64(3);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &count));
  test_thing_t* thing = NULL;
  IREE_CHECK_OK(test_thing_create(5, iree_allocator_system(), &thing));
  iree_vm_ref_t ref = test_thing_move_ref(thing);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(inputs, &ref));
  IREE_CHECK_OK(
      iree_runtime_session_call_by_name(fixture.session, IREE_SV("refs.loop"), inputs, outputs));
  assert_int_equal(test_thing_live_count(), 2);
  test_thing_t* last = iree_vm_list_get_ref_deref(outputs, 0, test_thing_get_descriptor());
  assert_non_null(last);
  assert_int_equal(last->value, 5 + 3 * 101);
  iree_vm_buffer_t* text = iree_vm_list_get_ref_deref(outputs, 1, iree_vm_buffer_get_descriptor());
  assert_non_null(text);
  assert_int_equal(iree_vm_buffer_length(text), 3);
  assert_memory_equal(iree_vm_buffer_data(text), "a\0b", 3);
  // A thing of another type is for the function that gets it to refuse, and so is none.
  iree_vm_list_t* wrong = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 2, fixture.allocator, &wrong));
  IREE_CHECK_OK(iree_vm_list_push_value(wrong, &count));
  IREE_CHECK_OK(iree_vm_list_push_ref_retain(wrong, &(iree_vm_ref_t){0}));
  expect_failure(
      iree_runtime_session_call_by_name(fixture.session, IREE_SV("refs.loop"), wrong, outputs),
      IREE_STATUS_INVALID_ARGUMENT, "test.thing");
  iree_vm_list_release(wrong);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  assert_int_equal(test_thing_live_count(), 0);
  fixture_close(&fixture);
}

// The program has returned, and what it holds for later lives on.
static void test_later(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "refs");
  custom_behave(KEEP);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, (const int32_t[]){1, 2, 3, 4});
  push_i32(&invocation, 1000);
  start(&invocation, "refs.later");
  expect_pending(&invocation);
  assert_int_equal(test_thing_live_count(), 1);
  custom_answer_kept();
  expect_reached(&invocation);
  expect_i32(&invocation, 0, 4, (const int32_t[]){1006, 1008, 1010, 1012});
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
  assert_int_equal(test_thing_live_count(), 0);
}

// A program that is never answered lets its things go.
static void test_dropped(void** state) {
  fixture_t fixture;
  open_session(&fixture, state, "refs");
  custom_behave(KEEP);
  invocation_t invocation;
  invocation_initialize(&invocation, &fixture, NULL);
  push_tensor_i32(&invocation, 4, (const int32_t[]){1, 2, 3, 4});
  push_i32(&invocation, 1000);
  start(&invocation, "refs.later");
  custom_drop_kept();
  expect_signal_fails(&invocation, IREE_STATUS_CANCELLED, "");
  invocation_deinitialize(&invocation);
  fixture_close(&fixture);
  assert_int_equal(test_thing_live_count(), 0);
}

//===-- On every device --------------------------------------------------------------------------------------------------===//

int main(int argc, char** argv) {
  if (!take_arguments(argc, argv)) return 1;
  IREE_CHECK_OK(test_thing_register());
  const struct CMUnitTest tests[] = {
      ON_ALL(test_optional), ON_ALL(test_optional_inside), ON_ALL(test_loop),
      ON_ALL(test_later),    ON_ALL(test_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
