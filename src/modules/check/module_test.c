// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/modules/check/module.h"

#include <math.h>

#include "base/testing/failing_allocator.h"
#include "hal/testing/hal_testing.h"
#include "iree/modules/hal/types.h"
#include "tenon/check_module.h"

static iree_vm_instance_t* instance;
static iree_hal_allocator_t* heap;

// The last failure.
static char reported[4096];
static int report_count;

static void report(void* user_data, iree_string_view_t place, iree_string_view_t message) {
  assert_ptr_equal(user_data, &instance);
  assert_int_equal(place.size, 0);  // called by nobody who has one
  snprintf(reported, sizeof(reported), "%.*s", (int)message.size, message.data);
  ++report_count;
}

static int set_up(void** state) {
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  expect_ok(iree_hal_module_register_all_types(instance));
  heap = create_heap();
  return 0;
}

static int tear_down(void** state) {
  iree_hal_allocator_release(heap);
  iree_vm_instance_release(instance);
  return 0;
}

//===--------------------------------------------------------------------------------------------===//
// Calls
//===--------------------------------------------------------------------------------------------===//

// Values of a call: views from their text, then numbers. A NULL text is a null reference.
typedef struct arguments_t {
  int view_count;
  const char* views[2];
  int value_count;
  iree_vm_value_t values[4];
} arguments_t;

static iree_status_t push(const arguments_t* arguments, iree_vm_list_t* list) {
  for (int i = 0; i < arguments->view_count; ++i) {
    iree_hal_buffer_view_t* view = NULL;
    if (arguments->views[i]) {
      IREE_RETURN_IF_ERROR(
          iree_hal_buffer_view_parse(iree_make_cstring_view(arguments->views[i]), heap, &view));
    }
    iree_vm_ref_t ref = view ? iree_hal_buffer_view_move_ref(view) : iree_vm_ref_null();
    IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_move(list, &ref));
  }
  for (int i = 0; i < arguments->value_count; ++i) {
    IREE_RETURN_IF_ERROR(iree_vm_list_push_value(list, &arguments->values[i]));
  }
  return iree_ok_status();
}

static iree_status_t invoke(iree_vm_module_t* module, const char* name,
                            const arguments_t* arguments, iree_allocator_t allocator) {
  iree_vm_context_t* context = NULL;
  IREE_RETURN_IF_ERROR(iree_vm_context_create_with_modules(instance, IREE_VM_CONTEXT_FLAG_NONE, 1,
                                                           &module, allocator, &context));
  iree_vm_list_t* list = NULL;
  iree_vm_function_t function;
  iree_status_t status = iree_vm_module_lookup_function_by_name(
      module, IREE_VM_FUNCTION_LINKAGE_EXPORT, iree_make_cstring_view(name), &function);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 4, allocator, &list);
  if (iree_status_is_ok(status)) status = push(arguments, list);
  if (iree_status_is_ok(status)) {
    status = iree_vm_invoke(context, function, IREE_VM_INVOCATION_FLAG_NONE, NULL, list, NULL,
                            allocator);
  }
  iree_vm_list_release(list);
  iree_vm_context_release(context);
  return status;
}

// Calls the function, which reports |message|, or nothing if that is NULL.
static void check(const char* name, arguments_t arguments, const char* message) {
  iree_vm_module_t* module = NULL;
  expect_ok(
      tenon_check_module_create(instance, report, &instance, iree_allocator_system(), &module));
  report_count = 0;
  expect_ok(invoke(module, name, &arguments, iree_allocator_system()));
  assert_int_equal(report_count, message ? 1 : 0);
  assert_int_equal(tenon_check_module_failure_count(module), report_count);
  if (message) assert_string_equal(reported, message);
  iree_vm_module_release(module);
}

//===--------------------------------------------------------------------------------------------===//
// Expectations
//===--------------------------------------------------------------------------------------------===//

#define VALUES(...)                                                                             \
  ((arguments_t){                                                                               \
      .value_count = (int)(sizeof((iree_vm_value_t[]){__VA_ARGS__}) / sizeof(iree_vm_value_t)), \
      .values = {__VA_ARGS__}})
#define I32(x) iree_vm_value_make_i32(x)
#define I64(x) iree_vm_value_make_i64(x)
#define F32(x) iree_vm_value_make_f32(x)
#define F64(x) iree_vm_value_make_f64(x)

static void numbers(void** state) {
  check("expect_true", VALUES(I32(1)), NULL);
  check("expect_true", VALUES(I32(-2)), NULL);
  check("expect_true", VALUES(I32(0)), "Expected this value to be true:\n  0");
  check("expect_false", VALUES(I32(0)), NULL);
  check("expect_false", VALUES(I32(7)), "Expected this value to be false:\n  7");
  check("expect_eq.i64", VALUES(I64(INT64_MIN), I64(INT64_MIN)), NULL);
  check("expect_eq.i64", VALUES(I64(1), I64(INT64_MAX)),
        "Expected equality of these values:\n  lhs: 1\n  rhs: 9223372036854775807");
  check("expect_eq.f64", VALUES(F64(NAN), F64(-NAN)), NULL);
  check("expect_eq.f64", VALUES(F64(0.0), F64(-0.0)),
        "Expected equality of these values:\n  lhs: 0\n  rhs: -0");
  check("expect_almost_eq.f64", VALUES(F64(100.0), F64(101.0), F32(0), F32(0.01f)), NULL);
  check("expect_almost_eq.f64", VALUES(F64(0.0), F64(-0.0), F32(0), F32(0)), NULL);
  check("expect_almost_eq.f64", VALUES(F64(1.5), F64(1.25), F32(0.125f), F32(0)),
        "Expected near equality of these values:\n  lhs: 1.5\n  rhs: 1.25");
}

#define VIEWS(a, b) ((arguments_t){.view_count = 2, .views = {a, b}})

static void equality(void** state) {
  check("expect_eq", VIEWS("2x2xi32=1 2 3 4", "2x2xi32=1 2 3 4"), NULL);
  check("expect_eq", VIEWS("3x0xf64", "3x0xf64"), NULL);
  check("expect_eq", VIEWS("f32=NaN", "f32=-NaN"), NULL);
  check("expect_eq", VIEWS("2x2xi32=1 2 3 4", "2x2xi32=1 2 5 4"),
        "Expected equality of these values:\n  lhs: 2x2xi32=[1 2][3 4]\n  rhs: 2x2xi32=[1 2][5 4]\n"
        "Element [1, 0] is 3, expected 5");
  check("expect_eq", VIEWS("2xf32=0 1", "2xf32=0 1.0000001"),
        "Expected equality of these values:\n  lhs: 2xf32=0 1\n  rhs: 2xf32=0 1\n"
        "Element [1] is 1, expected 1.00000012");
  check("expect_eq", VIEWS("f16=0", "f16=-0"),
        "Expected equality of these values:\n  lhs: f16=0\n  rhs: f16=-0\n"
        "Element [] is 0, expected -0");
  check("expect_eq", VIEWS("2xi32=1 2", "2x1xi32=1 2"),
        "Expected equality of these values:\n  lhs: 2xi32=1 2\n  rhs: 2x1xi32=[1][2]\n"
        "The type is 2xi32, expected 2x1xi32");
  check("expect_eq", VIEWS("2xi32=1 2", "2xf32=1 2"),
        "Expected equality of these values:\n  lhs: 2xi32=1 2\n  rhs: 2xf32=1 2\n"
        "The type is 2xi32, expected 2xf32");
}

static arguments_t almost(const char* lhs, const char* rhs, float atol, float rtol) {
  arguments_t arguments = VIEWS(lhs, rhs);
  arguments.value_count = 2;
  arguments.values[0] = F32(atol);
  arguments.values[1] = F32(rtol);
  return arguments;
}

static void near_equality(void** state) {
  // What each type allows by itself.
  check("expect_almost_eq", almost("2xf32=1 2", "2xf32=1.00009 2", -1, 0), NULL);
  check("expect_almost_eq", almost("f64=1", "f64=1.00009", -1, 0), NULL);
  check("expect_almost_eq", almost("f16=0.5", "f16=0.5009", -1, 0), NULL);
  check("expect_almost_eq", almost("bf16=0.5", "bf16=0.508", -1, 0), NULL);
  check("expect_almost_eq", almost("2xf32=-INF nan", "2xf32=-INF nan", -1, 0), NULL);
  check("expect_almost_eq", almost("2xi8=1 2", "2xi8=1 2", -1, 0), NULL);
  // What is said.
  check("expect_almost_eq", almost("2xf32=1 200", "2xf32=1.5 220", 0.5f, 0.1f), NULL);
  check("expect_almost_eq", almost("2xf32=1 2", "2xf32=1 2.00025", -1, 0),
        "Expected near equality of these values:\n  lhs: 2xf32=1 2\n  rhs: 2xf32=1 2.00025\n"
        "Element [1] is 2, expected 2.0002501");
  check("expect_almost_eq", almost("f64=1", "f64=2", 0.5f, 0),
        "Expected near equality of these values:\n  lhs: f64=1\n  rhs: f64=2\n"
        "Element [] is 1, expected 2");
  check("expect_almost_eq", almost("f32=inf", "f32=-inf", 1, 1),
        "Expected near equality of these values:\n  lhs: f32=INF\n  rhs: f32=-INF\n"
        "Element [] is inf, expected -inf");
  check("expect_almost_eq", almost("i8=1", "i8=2", 5, 0),
        "Expected near equality of these values:\n  lhs: i8=1\n  rhs: i8=2\n"
        "Element [] is 1, expected 2");
}

static void all_true(void** state) {
#define VIEW(a) ((arguments_t){.view_count = 1, .views = {a}})
  check("expect_all_true", VIEW("3xi8=1 -1 2"), NULL);
  check("expect_all_true", VIEW("0xi1"), NULL);
  check("expect_all_true", VIEW("2xf32=1 nan"), NULL);
  check("expect_all_true", VIEW("2x2xi1=1 1 0 1"),
        "Expected all elements of this to be true:\n  2x2xi1=[01 01][00 01]\nElement [1, 0] is 00");
  check("expect_all_true", VIEW("2xf32=1 -0"),
        "Expected all elements of this to be true:\n  2xf32=1 -0\nElement [1] is -0");
}

static void bad_arguments(void** state) {
  iree_vm_module_t* module = NULL;
  expect_ok(
      tenon_check_module_create(instance, report, &instance, iree_allocator_system(), &module));
  report_count = 0;
  const arguments_t null = VIEWS("i32=1", NULL);
  expect_failure(invoke(module, "expect_eq", &null, iree_allocator_system()),
                 IREE_STATUS_INVALID_ARGUMENT, "hal.buffer_view");
  assert_int_equal(report_count, 0);
  iree_vm_module_release(module);
}

// Prints instead; there is nothing to see of it here but that it goes on and is counted.
static void printing(void** state) {
  iree_vm_module_t* module = NULL;
  expect_ok(iree_check_module_create(instance, iree_allocator_system(), &module));
  const arguments_t zero = VALUES(I32(0));
  for (int i = 0; i < 2; ++i) {
    expect_ok(invoke(module, "expect_true", &zero, iree_allocator_system()));
  }
  assert_int_equal(tenon_check_module_failure_count(module), 2);
  iree_vm_module_release(module);
}

static iree_status_t fail_an_expectation(iree_allocator_t allocator, void* user_data) {
  iree_vm_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(tenon_check_module_create(instance, report, &instance, allocator, &module));
  const arguments_t arguments = VIEWS("2xi32=1 2", "2xi32=1 3");
  iree_status_t status = invoke(module, "expect_eq", &arguments, allocator);
  iree_vm_module_release(module);
  return status;
}

static void allocation_failures(void** state) {
  assert_true(tenon_test_for_each_failure(fail_an_expectation, NULL) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers),
      cmocka_unit_test(equality),
      cmocka_unit_test(near_equality),
      cmocka_unit_test(all_true),
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(printing),
      cmocka_unit_test(allocation_failures),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
