// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <pthread.h>

#include "vm/testing/vm_test.h"

static test_thing_t* make_thing(int value) {
  test_thing_t* thing = NULL;
  expect_ok(test_thing_create(value, iree_allocator_system(), &thing));
  return thing;
}

static int thing_count(const test_thing_t* thing) {
  return iree_atomic_ref_count_load(&thing->ref_object.counter);
}

static void noop_destroy(void* ptr) {}

static void test_builtin_types_are_registered(void** state) {
  assert_int_equal(sizeof(iree_vm_ref_t), 16);
  assert_ptr_equal(iree_vm_ref_lookup_registered_type(IREE_SV("vm.buffer")),
                   iree_vm_buffer_get_descriptor());
  assert_ptr_equal(iree_vm_ref_lookup_registered_type(IREE_SV("vm.list")),
                   iree_vm_list_get_descriptor());
  assert_true(
      iree_string_view_equal(iree_vm_ref_type_name(iree_vm_list_type_id()), IREE_SV("vm.list")));
  assert_null(iree_vm_ref_lookup_registered_type(IREE_SV("vm.buf")));
  assert_null(iree_vm_ref_lookup_registered_type(iree_string_view_empty()));
  assert_null(iree_vm_ref_type_descriptor(IREE_VM_REF_TYPE_NULL));
  assert_null(iree_vm_ref_type_descriptor(IREE_VM_REF_TYPE_ANY));
}

// Before registration: references to things are null and wrapping fails, and nothing leaks.
static void test_unregistered_type(void** state) {
  assert_int_equal(test_thing_type_id(), 0);
  iree_vm_ref_t ref = test_thing_move_ref(make_thing(1));
  assert_true(iree_vm_ref_is_null(&ref));
  assert_int_equal(test_thing_live_count(), 0);
  assert_false(test_thing_isa(ref));
  assert_null(test_thing_deref(ref));
  test_thing_t* thing = make_thing(1);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "not registered",
                 iree_vm_ref_wrap_assign(thing, test_thing_type_id(), &ref));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_ref_wrap_retain(thing, 62, &ref));
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_object_release(thing, test_thing_get_descriptor());
  assert_int_equal(test_thing_live_count(), 0);
}

static void* register_things(void* arg) {
  for (int i = 0; i < 100; ++i) {
    if (!iree_status_is_ok(test_thing_register())) return arg;
  }
  return NULL;
}

static void test_registration(void** state) {
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, register_things, threads);
  for (int i = 0; i < 4; ++i) {
    void* result = threads;
    pthread_join(threads[i], &result);
    assert_null(result);
  }
  assert_true(test_thing_type_id() > 0 && test_thing_type_id() <= 63);
  assert_ptr_equal(iree_vm_ref_lookup_registered_type(IREE_SV("test.thing")),
                   test_thing_get_descriptor());
  iree_vm_ref_type_descriptor_t twin = {0};
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_ref_register_type(&twin));
  twin.destroy = noop_destroy;
  twin.type_name = IREE_SV("test.thing");
  expect_message(IREE_STATUS_ALREADY_EXISTS, "test.thing", iree_vm_ref_register_type(&twin));
  assert_int_equal(twin.type, 0);
}

static void test_retain_move_release(void** state) {
  test_thing_t* thing = make_thing(7);
  iree_vm_ref_t a = test_thing_move_ref(thing);
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_t b = iree_vm_ref_null();
  iree_vm_ref_retain(&a, &b);
  assert_true(iree_vm_ref_equal(&a, &b));
  assert_int_equal(thing_count(thing), 2);
  iree_vm_ref_retain(&a, &b);  // Again: what b held is released.
  iree_vm_ref_retain(&a, &a);
  iree_vm_ref_move(&a, &a);
  assert_int_equal(thing_count(thing), 2);
  iree_vm_ref_move(&a, &b);
  assert_true(iree_vm_ref_is_null(&a));
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_retain_or_move(0, &b, &a);
  assert_int_equal(thing_count(thing), 2);
  iree_vm_ref_retain_or_move(1, &b, &a);
  assert_int_equal(thing_count(thing), 1);
  assert_false(iree_vm_ref_equal(&a, &b));
  iree_vm_ref_t borrowed = iree_vm_ref_null();
  iree_vm_ref_assign(&a, &borrowed);
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_t copy = a;
  iree_vm_ref_retain_inplace(&copy);
  iree_vm_ref_release(&copy);
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_release(&a);
  iree_vm_ref_release(&a);
  assert_true(iree_vm_ref_is_null(&a));
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_wrap(void** state) {
  test_thing_t* thing = make_thing(1);
  iree_vm_ref_t ref = {0};
  expect_ok(iree_vm_ref_wrap_retain(thing, test_thing_type_id(), &ref));
  assert_int_equal(thing_count(thing), 2);
  expect_ok(iree_vm_ref_wrap_retain(thing, test_thing_type_id(), &ref));
  assert_int_equal(thing_count(thing), 2);
  iree_vm_ref_release(&ref);
  expect_ok(iree_vm_ref_wrap_assign(thing, test_thing_type_id(), &ref));
  assert_int_equal(thing_count(thing), 1);
  expect_ok(iree_vm_ref_wrap_assign(thing, test_thing_type_id(), &ref));
  assert_int_equal(thing_count(thing), 1);
  expect_ok(iree_vm_ref_wrap_assign(NULL, test_thing_type_id(), &ref));
  assert_true(iree_vm_ref_is_null(&ref));
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_typed_access(void** state) {
  test_thing_t* thing = make_thing(1);
  iree_vm_ref_t ref = test_thing_retain_ref(thing);
  assert_int_equal(thing_count(thing), 2);
  iree_vm_ref_t null = test_thing_retain_ref(NULL);
  assert_true(iree_vm_ref_is_null(&null));
  assert_true(test_thing_isa(ref));
  assert_false(test_thing_isa(null));
  assert_ptr_equal(test_thing_deref(ref), thing);
  assert_null(test_thing_deref(null));
  assert_null(iree_vm_list_deref(ref));
  test_thing_t* out = NULL;
  expect_ok(test_thing_check_deref(ref, &out));
  assert_ptr_equal(out, thing);
  expect_message(IREE_STATUS_INVALID_ARGUMENT, "expected a test.thing but the reference is null",
                 test_thing_check_deref(null, &out));
  assert_null(out);
  out = thing;
  expect_ok(test_thing_check_deref_or_null(null, &out));
  assert_null(out);
  iree_vm_list_t* list = (iree_vm_list_t*)thing;
  expect_message(IREE_STATUS_INVALID_ARGUMENT,
                 "expected a vm.list but the reference is a test.thing",
                 iree_vm_list_check_deref_or_null(ref, &list));
  assert_null(list);
  expect_ok(iree_vm_ref_check(ref, test_thing_type_id()));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_ref_check(ref, iree_vm_list_type_id()));

  iree_vm_ref_t other = iree_vm_ref_null();
  expect_ok(iree_vm_ref_retain_checked(&ref, test_thing_type_id(), &other));
  assert_int_equal(thing_count(thing), 3);
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_ref_retain_checked(&ref, iree_vm_list_type_id(), &other));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_ref_retain_or_move_checked(1, &ref, iree_vm_list_type_id(), &other));
  assert_false(iree_vm_ref_is_null(&ref));
  expect_ok(iree_vm_ref_retain_or_move_checked(1, &ref, test_thing_type_id(), &other));
  assert_true(iree_vm_ref_is_null(&ref));
  expect_ok(iree_vm_ref_retain_checked(&null, test_thing_type_id(), &other));
  assert_int_equal(thing_count(thing), 1);
  iree_vm_ref_object_retain(NULL, test_thing_get_descriptor());
  iree_vm_ref_object_release(NULL, test_thing_get_descriptor());
  iree_vm_ref_object_retain(thing, test_thing_get_descriptor());
  iree_vm_ref_object_release(thing, test_thing_get_descriptor());
  iree_vm_ref_object_release(thing, test_thing_get_descriptor());
  assert_int_equal(test_thing_live_count(), 0);
}

static void* share_thing(void* arg) {
  iree_vm_ref_t local = iree_vm_ref_null();
  for (int i = 0; i < 10000; ++i) {
    iree_vm_ref_retain((iree_vm_ref_t*)arg, &local);
    iree_vm_ref_release(&local);
  }
  return NULL;
}

static void test_counts_from_threads(void** state) {
  iree_vm_ref_t ref = test_thing_move_ref(make_thing(1));
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, share_thing, &ref);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  assert_int_equal(thing_count(test_thing_deref(ref)), 1);
  iree_vm_ref_release(&ref);
  assert_int_equal(test_thing_live_count(), 0);
}

// Last: it leaves the registry full.
static void test_full_registry(void** state) {
  static iree_vm_ref_type_descriptor_t descriptors[64];
  static char names[64][24];
  iree_status_t status = iree_ok_status();
  int count = 0;
  for (; count < 64 && iree_status_is_ok(status); ++count) {
    snprintf(names[count], sizeof(names[count]), "test.t%d", count);
    descriptors[count].destroy = noop_destroy;
    descriptors[count].type_name = iree_make_cstring_view(names[count]);
    status = iree_vm_ref_register_type(&descriptors[count]);
  }
  // vm.buffer, vm.list, vm.turn and test.thing were there.
  assert_int_equal(count, 63 - 4 + 1);
  assert_int_equal(descriptors[count - 2].type, 63);
  expect_message(IREE_STATUS_RESOURCE_EXHAUSTED, "63 types", status);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_builtin_types_are_registered),
      cmocka_unit_test(test_unregistered_type),
      cmocka_unit_test(test_registration),
      cmocka_unit_test(test_retain_move_release),
      cmocka_unit_test(test_wrap),
      cmocka_unit_test(test_typed_access),
      cmocka_unit_test(test_counts_from_threads),
      cmocka_unit_test(test_full_registry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
