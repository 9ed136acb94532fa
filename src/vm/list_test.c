// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/testing/failing_allocator.h"
#include "vm/testing/vm_test.h"

static iree_vm_list_t* make_list(const iree_vm_type_def_t* type, iree_host_size_t capacity) {
  iree_vm_list_t* list = NULL;
  expect_ok(iree_vm_list_create(type, capacity, iree_allocator_system(), &list));
  return list;
}

static iree_vm_ref_t make_thing_ref(int value) {
  test_thing_t* thing = NULL;
  expect_ok(test_thing_create(value, iree_allocator_system(), &thing));
  return test_thing_move_ref(thing);
}

static iree_vm_value_t make_value(iree_vm_value_type_t type, int64_t v) {
  switch (type) {
    case IREE_VM_VALUE_TYPE_I8:
      return iree_vm_value_make_i8((int8_t)v);
    case IREE_VM_VALUE_TYPE_I16:
      return iree_vm_value_make_i16((int16_t)v);
    case IREE_VM_VALUE_TYPE_I32:
      return iree_vm_value_make_i32((int32_t)v);
    case IREE_VM_VALUE_TYPE_I64:
      return iree_vm_value_make_i64(v);
    case IREE_VM_VALUE_TYPE_F32:
      return iree_vm_value_make_f32((float)v);
    default:
      return iree_vm_value_make_f64((double)v);
  }
}

static void check_value(iree_vm_value_type_t type, int64_t v, const iree_vm_value_t* value) {
  const iree_vm_value_t expected = make_value(type, v);
  static const size_t sizes[] = {0, 1, 2, 4, 8, 4, 8};
  assert_int_equal(value->type, type);
  assert_memory_equal(value->value_storage, expected.value_storage, sizes[type]);
}

static bool is_float(int type) { return type >= IREE_VM_VALUE_TYPE_F32; }

// Every scalar type into a list of every scalar type, out as every scalar type.
static void test_conversions(void** state) {
  for (int from = 1; from <= 6; ++from) {
    for (int stored = 1; stored <= 6; ++stored) {
      const iree_vm_type_def_t type =
          iree_vm_type_def_make_value_type((iree_vm_value_type_t)stored);
      iree_vm_list_t* list = make_list(&type, 0);
      assert_int_equal(iree_vm_list_element_type(list).value_type, stored);
      const iree_vm_value_t value = make_value((iree_vm_value_type_t)from, -5);
      if (is_float(from) != is_float(stored)) {
        expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_push_value(list, &value));
        assert_int_equal(iree_vm_list_size(list), 0);
      } else {
        expect_ok(iree_vm_list_push_value(list, &value));
        iree_vm_value_t out;
        expect_ok(iree_vm_list_get_value(list, 0, &out));
        check_value((iree_vm_value_type_t)stored, -5, &out);
        for (int to = 1; to <= 6; ++to) {
          iree_status_t status = iree_vm_list_get_value_as(list, 0, (iree_vm_value_type_t)to, &out);
          if (is_float(to) != is_float(stored)) {
            expect_code(IREE_STATUS_FAILED_PRECONDITION, status);
          } else {
            expect_ok(status);
            check_value((iree_vm_value_type_t)to, -5, &out);
          }
        }
      }
      iree_vm_list_release(list);
    }
  }
}

static void test_truncation(void** state) {
  const iree_vm_type_def_t type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I64);
  iree_vm_list_t* list = make_list(&type, 1);
  iree_vm_value_t value = iree_vm_value_make_i64(0x1122334455667788);
  expect_ok(iree_vm_list_push_value(list, &value));
  iree_vm_value_t out;
  expect_ok(iree_vm_list_get_value_as(list, 0, IREE_VM_VALUE_TYPE_I32, &out));
  assert_int_equal(iree_vm_value_get_i32(&out), 0x55667788);
  expect_ok(iree_vm_list_get_value_as(list, 0, IREE_VM_VALUE_TYPE_I8, &out));
  assert_int_equal(out.i8, (int8_t)0x88);
  iree_vm_list_release(list);
}

static void test_ranges(void** state) {
  iree_vm_list_t* list = make_list(NULL, 0);
  iree_vm_value_t value = iree_vm_value_make_i32(1);
  iree_vm_variant_t variant;
  iree_vm_ref_t ref = iree_vm_ref_null();
  expect_message(IREE_STATUS_OUT_OF_RANGE, "index 0 is outside of a list of 0 elements",
                 iree_vm_list_get_value(list, 0, &value));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_set_value(list, 0, &value));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_get_ref_retain(list, 0, &ref));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_get_ref_assign(list, 0, &ref));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_set_ref_move(list, 0, &ref));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_set_ref_retain(list, SIZE_MAX, &ref));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_pop_front_ref_move(list, &ref));
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_get_variant(list, 0, &variant));
  variant = iree_vm_variant_empty();
  expect_code(IREE_STATUS_OUT_OF_RANGE, iree_vm_list_set_variant(list, 0, &variant));
  assert_null(iree_vm_list_get_ref_deref(list, 0, test_thing_get_descriptor()));
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED, iree_vm_list_resize(list, SIZE_MAX));
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED, iree_vm_list_reserve(list, SIZE_MAX / 8));
  iree_vm_list_release(list);
  expect_code(IREE_STATUS_RESOURCE_EXHAUSTED,
              iree_vm_list_create(NULL, SIZE_MAX / 16, iree_allocator_system(), &list));
  iree_vm_type_def_t bad = iree_vm_type_def_make_ref_type(1);
  bad.value_type = IREE_VM_VALUE_TYPE_I8;
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_list_create(&bad, 0, iree_allocator_system(), &list));
}

static void test_growth(void** state) {
  const iree_vm_type_def_t type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I16);
  iree_vm_list_t* list = make_list(&type, 3);
  assert_int_equal(iree_vm_list_capacity(list), 3);
  for (int i = 0; i < 1000; ++i) {
    const iree_vm_value_t value = iree_vm_value_make_i32(i);
    expect_ok(iree_vm_list_push_value(list, &value));
  }
  assert_int_equal(iree_vm_list_size(list), 1000);
  assert_int_equal(iree_vm_list_capacity(list) % 64, 0);
  iree_vm_value_t value;
  for (int i = 0; i < 1000; ++i) {
    expect_ok(iree_vm_list_get_value_as(list, (size_t)i, IREE_VM_VALUE_TYPE_I32, &value));
    assert_int_equal(value.i32, i);
  }
  expect_ok(iree_vm_list_resize(list, 10));
  expect_ok(iree_vm_list_resize(list, 12));
  expect_ok(iree_vm_list_get_value(list, 11, &value));
  assert_int_equal(value.i16, 0);
  expect_ok(iree_vm_list_reserve(list, 5000));
  assert_int_equal(iree_vm_list_capacity(list), 5000);
  iree_vm_list_clear(list);
  assert_int_equal(iree_vm_list_size(list), 0);
  assert_int_equal(iree_vm_list_capacity(list), 5000);
  iree_vm_list_release(list);
}

static void test_typed_references(void** state) {
  const iree_vm_type_def_t type = iree_vm_type_def_make_ref_type(test_thing_type_id());
  iree_vm_list_t* list = make_list(&type, 0);
  iree_vm_ref_t ref = make_thing_ref(3);
  expect_ok(iree_vm_list_push_ref_retain(list, &ref));
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
  assert_true(iree_vm_ref_is_null(&ref));
  expect_ok(iree_vm_list_push_ref_move(list, &ref));  // A null.
  assert_int_equal(iree_vm_list_size(list), 3);
  test_thing_t* thing =
      (test_thing_t*)iree_vm_list_get_ref_deref(list, 0, test_thing_get_descriptor());
  assert_int_equal(thing->value, 3);
  assert_null(iree_vm_list_get_ref_deref(list, 0, iree_vm_list_get_descriptor()));
  assert_null(iree_vm_list_get_ref_deref(list, 2, test_thing_get_descriptor()));

  iree_vm_ref_t wrong = iree_vm_list_retain_ref(list);
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_list_push_ref_move(list, &wrong));
  expect_code(IREE_STATUS_INVALID_ARGUMENT, iree_vm_list_set_ref_retain(list, 0, &wrong));
  assert_int_equal(iree_vm_list_size(list), 3);
  iree_vm_ref_release(&wrong);
  const iree_vm_value_t value = iree_vm_value_make_i32(1);
  iree_vm_value_t out;
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_set_value(list, 0, &value));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_get_value(list, 0, &out));

  iree_vm_list_t* clone = NULL;
  expect_ok(iree_vm_list_clone(list, iree_allocator_system(), &clone));
  assert_int_equal(iree_atomic_ref_count_load(&thing->ref_object.counter), 4);
  expect_ok(iree_vm_list_get_ref_retain(list, 0, &ref));
  expect_ok(iree_vm_list_set_ref_move(list, 1, &ref));
  assert_int_equal(iree_atomic_ref_count_load(&thing->ref_object.counter), 4);
  iree_vm_list_release(list);
  expect_ok(iree_vm_list_pop_front_ref_move(clone, &ref));
  assert_int_equal(iree_vm_list_size(clone), 2);
  iree_vm_list_release(clone);
  assert_int_equal(iree_atomic_ref_count_load(&thing->ref_object.counter), 1);
  iree_vm_ref_release(&ref);
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_any_reference(void** state) {
  const iree_vm_type_def_t type = iree_vm_type_def_make_ref_type(IREE_VM_REF_TYPE_ANY);
  iree_vm_list_t* list = make_list(&type, 0);
  iree_vm_list_t* inner = make_list(NULL, 0);
  iree_vm_ref_t ref = iree_vm_list_move_ref(inner);
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
  ref = make_thing_ref(1);
  expect_ok(iree_vm_list_push_ref_move(list, &ref));
  iree_vm_variant_t variant;
  expect_ok(iree_vm_list_get_variant(list, 1, &variant));
  assert_true(iree_vm_variant_is_ref(variant));
  assert_int_equal(variant.type.ref_type, test_thing_type_id());
  iree_vm_list_release(list);
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_variants(void** state) {
  iree_vm_list_t* list = make_list(NULL, 1);
  expect_ok(iree_vm_list_resize(list, 2));
  iree_vm_value_t out;
  iree_vm_ref_t ref = iree_vm_ref_null();
  expect_ok(iree_vm_list_get_value(list, 0, &out));
  assert_int_equal(out.type, IREE_VM_VALUE_TYPE_NONE);
  expect_code(IREE_STATUS_FAILED_PRECONDITION,
              iree_vm_list_get_value_as(list, 0, IREE_VM_VALUE_TYPE_I32, &out));
  expect_ok(iree_vm_list_get_ref_assign(list, 0, &ref));
  assert_true(iree_vm_ref_is_null(&ref));

  const iree_vm_value_t value = iree_vm_value_make_f32(1.5f);
  expect_ok(iree_vm_list_set_value(list, 0, &value));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_get_ref_assign(list, 0, &ref));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_pop_front_ref_move(list, &ref));
  expect_ok(iree_vm_list_get_value_as(list, 0, IREE_VM_VALUE_TYPE_F64, &out));
  assert_true(iree_vm_value_get_f64(&out) == 1.5);

  iree_vm_ref_t thing = make_thing_ref(4);
  expect_ok(iree_vm_list_set_ref_retain(list, 0, &thing));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_get_value(list, 0, &out));
  iree_vm_variant_t variant;
  expect_ok(iree_vm_list_get_variant(list, 0, &variant));
  expect_ok(iree_vm_list_push_variant(list, &variant));
  assert_int_equal(iree_atomic_ref_count_load(&test_thing_deref(thing)->ref_object.counter), 3);
  // Overwriting releases.
  expect_ok(iree_vm_list_set_value(list, 0, &value));
  variant = iree_vm_variant_empty();
  expect_ok(iree_vm_list_set_variant(list, 2, &variant));
  assert_int_equal(iree_atomic_ref_count_load(&test_thing_deref(thing)->ref_object.counter), 1);
  expect_ok(iree_vm_list_push_ref_move(list, &thing));
  expect_ok(iree_vm_list_resize(list, 1));
  assert_int_equal(test_thing_live_count(), 0);
  expect_ok(iree_vm_list_get_variant(list, 0, &variant));
  assert_int_equal(variant.type.value_type, IREE_VM_VALUE_TYPE_F32);
  iree_vm_list_retain(list);
  iree_vm_list_release(list);
  iree_vm_list_release(list);
}

// Lists in lists, far deeper than the stack of C.
static void test_deep_nesting(void** state) {
  iree_vm_type_def_t type = iree_vm_type_def_make_ref_type(iree_vm_list_type_id());
  iree_vm_ref_t inner = make_thing_ref(1);
  for (int i = 0; i < 1000000; ++i) {
    iree_vm_list_t* list = make_list(i % 2 ? &type : NULL, 1);
    expect_ok(iree_vm_list_push_ref_move(list, &inner));
    inner = iree_vm_list_move_ref(list);
  }
  assert_int_equal(test_thing_live_count(), 1);
  iree_vm_ref_release(&inner);
  assert_int_equal(test_thing_live_count(), 0);
}

static void test_scalar_list_refuses_references(void** state) {
  const iree_vm_type_def_t type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I32);
  iree_vm_list_t* list = make_list(&type, 0);
  iree_vm_ref_t ref = make_thing_ref(1);
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_push_ref_move(list, &ref));
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_push_ref_retain(list, &ref));
  iree_vm_variant_t variant = iree_vm_variant_empty();
  expect_code(IREE_STATUS_FAILED_PRECONDITION, iree_vm_list_push_variant(list, &variant));
  variant.type = iree_vm_type_def_make_value_type(IREE_VM_VALUE_TYPE_I8);
  variant.i8 = -1;
  expect_ok(iree_vm_list_push_variant(list, &variant));
  expect_ok(iree_vm_list_get_variant(list, 0, &variant));
  assert_int_equal(variant.type.value_type, IREE_VM_VALUE_TYPE_I32);
  assert_int_equal(variant.i32, -1);
  iree_vm_ref_release(&ref);
  assert_int_equal(test_thing_live_count(), 0);
  iree_vm_list_release(list);
}

static void test_fixed_storage(void** state) {
  _Alignas(16) uint8_t storage[256];
  iree_vm_list_t* list = NULL;
  const iree_host_size_t size = iree_vm_list_storage_size(NULL, 4);
  assert_true(size > 0 && size <= sizeof(storage));
  assert_int_equal(iree_vm_list_storage_size(NULL, SIZE_MAX / 2), 0);
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_list_initialize(iree_make_byte_span(storage, size - 1), NULL, 4, &list));
  expect_code(IREE_STATUS_INVALID_ARGUMENT,
              iree_vm_list_initialize(iree_make_byte_span(storage + 1, size), NULL, 4, &list));
  expect_ok(iree_vm_list_initialize(iree_make_byte_span(storage, size), NULL, 4, &list));
  for (int i = 0; i < 4; ++i) {
    iree_vm_ref_t ref = make_thing_ref(i);
    expect_ok(iree_vm_list_push_ref_move(list, &ref));
  }
  iree_vm_value_t value = iree_vm_value_make_i32(1);
  expect_message(IREE_STATUS_RESOURCE_EXHAUSTED, "fixed storage",
                 iree_vm_list_push_value(list, &value));
  assert_int_equal(iree_vm_list_size(list), 4);
  iree_vm_list_deinitialize(list);
  assert_int_equal(test_thing_live_count(), 0);
}

static iree_status_t fill_lists(iree_allocator_t allocator, iree_vm_list_t* list,
                                iree_vm_list_t** out_clone) {
  for (int i = 0; i < 200; ++i) {
    test_thing_t* thing = NULL;
    IREE_RETURN_IF_ERROR(test_thing_create(i, allocator, &thing));
    iree_vm_ref_t ref = test_thing_move_ref(thing);
    iree_status_t status = iree_vm_list_push_ref_move(list, &ref);
    iree_vm_ref_release(&ref);
    IREE_RETURN_IF_ERROR(status);
  }
  return iree_vm_list_clone(list, allocator, out_clone);
}

static iree_status_t use_lists(iree_allocator_t allocator, void* user_data) {
  iree_vm_list_t* list = NULL;
  iree_vm_list_t* clone = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 1, allocator, &list));
  iree_status_t status = fill_lists(allocator, list, &clone);
  iree_vm_list_release(clone);
  iree_vm_list_release(list);
  return status;
}

static void test_allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(use_lists, NULL) > 200);
  assert_int_equal(test_thing_live_count(), 0);
}

static int setup(void** state) { return iree_status_is_ok(test_thing_register()) ? 0 : -1; }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conversions),
      cmocka_unit_test(test_truncation),
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_growth),
      cmocka_unit_test(test_typed_references),
      cmocka_unit_test(test_any_reference),
      cmocka_unit_test(test_variants),
      cmocka_unit_test(test_deep_nesting),
      cmocka_unit_test(test_scalar_list_refuses_references),
      cmocka_unit_test(test_fixed_storage),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}
