// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls, references, failures and their places.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "format/testing/sample_module.h"
#include "vm/bytecode/testing/test_module.h"

//===----------------------------------------------------------------------===//
// The sample module, whole
//===----------------------------------------------------------------------===//

static void push_sample_arguments(iree_vm_list_t* list, int32_t first) {
  push_i32(list, first);
  push_i64(list, 1ll << 40);
  iree_vm_value_t narrow = iree_vm_value_make_f32(1.5f), wide = iree_vm_value_make_f64(-2.25);
  IREE_CHECK_OK(iree_vm_list_push_value(list, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(list, &wide));
  push_buffer(list);
}

static void test_sample(void** state) {
  test_module_t module = {0};
  tenon_make_sample_module(&module.data, &module.length);
  IREE_CHECK_OK(
      tenon_harness_create(archive_of(&module), iree_allocator_system(), &module.harness));
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_sample_arguments(inputs, 21);
  for (int round = 0; round < 3; ++round) {
    IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
    assert_int_equal(get_integer(outputs, 0), 42);
    assert_int_equal(get_integer(outputs, 1), 1ll << 41);
    iree_vm_value_t value;
    IREE_CHECK_OK(iree_vm_list_get_value(outputs, 2, &value));
    assert_true(value.f32 == 3.0f);
    IREE_CHECK_OK(iree_vm_list_get_value(outputs, 3, &value));
    assert_true(value.f64 == -4.5);
    iree_vm_buffer_t* buffer =
        (iree_vm_buffer_t*)iree_vm_list_get_ref_deref(outputs, 4, iree_vm_buffer_get_descriptor());
    assert_non_null(buffer);
    assert_int_equal(buffer->data.data_length, 5);
    assert_memory_equal(buffer->data.data, "\1\2\3\4\5", 5);
    assert_false(buffer->access & IREE_VM_BUFFER_ACCESS_MUTABLE);
  }
  iree_vm_list_clear(inputs);
  push_sample_arguments(inputs, -1);
  EXPECT_FAILURE(tenon_harness_call(&module.harness, "main", inputs, outputs),
                 IREE_STATUS_OUT_OF_RANGE, "negative",
                 "at sample.mlir:7:3 (argument 0 of @main) in bytecode function sample.main");
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

// Every way in which an instruction takes or copies a reference, by the count that `custom.refs`
// sees. The list of arguments holds one throughout.
static void test_moves_and_copies(void** state) {
  test_module_t module = begin_module();
  uint32_t refs = declare_import(&module, "custom.refs", "0r_i");
  uint32_t global = tenon_writer_add_ref_global(module.writer);
  uint32_t function = declare_export(&module, "main", "0r_iiiiiiii");
  tenon_assembler_t* as = tenon_assembler_create(module.writer, function);
  tenon_register_t a = tenon_assembler_argument(as, 0);
  tenon_register_t b = tenon_assembler_new_register(as, TENON_CLASS_REF);
  tenon_register_t c = tenon_assembler_new_register(as, TENON_CLASS_REF);
  tenon_register_t counts[8];
  for (int i = 0; i < 8; ++i) counts[i] = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
  TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
  // The list's, a, the argument in flight.
  tenon_assembler_call_import(as, refs, &a, 1, &counts[0], 1);
  TENON_EMIT(as, TENON_OP_MOV_REF, b, a);
  tenon_assembler_call_import(as, refs, &a, 1, &counts[1], 1);
  TENON_EMIT(as, TENON_OP_MOV_REF, b, tenon_register_move(a));
  tenon_assembler_call_import(as, refs, &b, 1, &counts[2], 1);
  tenon_assembler_call_import(as, refs, &a, 1, &counts[3], 1);  // null
  TENON_EMIT(as, TENON_OP_MOV_REF, b, tenon_register_move(b));  // onto itself
  TENON_EMIT(as, TENON_OP_MOV_REF, b, b);
  TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, b, global);
  tenon_assembler_call_import(as, refs, &b, 1, &counts[4], 1);
  TENON_EMIT(as, TENON_OP_GLOBAL_STORE_REF, a, global);  // null: dropped
  // Both that are given away are null afterwards, the chosen one (b) and the other (a copy in a).
  TENON_EMIT(as, TENON_OP_MOV_REF, a, b);
  TENON_EMIT(as, TENON_OP_SELECT_REF, c, one, tenon_register_move(b), tenon_register_move(a));
  tenon_assembler_call_import(as, refs, &c, 1, &counts[5], 1);
  tenon_assembler_call_import(as, refs, &b, 1, &counts[6], 1);
  TENON_EMIT(as, TENON_OP_NULL_REF, a);
  tenon_register_t moved = tenon_register_move(c);
  tenon_assembler_call_import(as, refs, &moved, 1, &counts[7], 1);
  tenon_assembler_return(as, counts, 8);
  tenon_assembler_finish(as);
  load_module(&module);

  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  static const int expected[8] = {3, 4, 3, 0, 4, 3, 0, 2};
  for (size_t i = 0; i < 8; ++i) assert_int_equal(get_integer(outputs, i), expected[i]);
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Results in reverse order and through a span, values and references mixed; nulls travel, too.
static void test_imports_of_every_type(void** state) {
  test_module_t module = begin_module();
  uint32_t mix = declare_import(&module, "custom.mix", "0IfFr_rFfI");
  uint32_t sum = declare_import(&module, "custom.sum", "0iCrID_I");
  uint32_t function = declare_export(&module, "main", "0IfFr_rFfIII");
  tenon_assembler_t* as = tenon_assembler_create(module.writer, function);
  tenon_register_t arguments[4], results[6];
  for (int i = 0; i < 4; ++i) arguments[i] = tenon_assembler_argument(as, (size_t)i);
  for (int i = 0; i < 4; ++i) results[i] = arguments[3 - i];
  results[4] = tenon_assembler_new_register(as, TENON_CLASS_I64);
  results[5] = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_register_t i32 = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t null = tenon_assembler_new_register(as, TENON_CLASS_REF);
  tenon_assembler_call_import(as, mix, arguments, 4, results, 4);
  tenon_register_t none[] = {i32, tenon_register_span(0)};
  tenon_assembler_call_import(as, sum, none, 2, &results[4], 1);
  tenon_register_t three[] = {i32,          tenon_register_span(3), null,       arguments[0],
                              arguments[3], arguments[0],           results[0], arguments[0]};
  tenon_assembler_call_import(as, sum, three, 8, &results[5], 1);
  tenon_assembler_return(as, results, 6);
  tenon_assembler_finish(as);
  load_module(&module);

  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i64(inputs, -7);
  iree_vm_value_t narrow = iree_vm_value_make_f32(1.5f), wide = iree_vm_value_make_f64(2.5);
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &narrow));
  IREE_CHECK_OK(iree_vm_list_push_value(inputs, &wide));
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_ptr_equal(iree_vm_list_get_ref_deref(outputs, 0, iree_vm_buffer_get_descriptor()), buffer);
  assert_int_equal(get_integer(outputs, 3), -7);
  assert_int_equal(get_integer(outputs, 4), 0);
  assert_int_equal(get_integer(outputs, 5), -21);
  iree_vm_list_clear(outputs);
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_resize(inputs, 3);
  push_null(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_null(iree_vm_list_get_ref_deref(outputs, 0, iree_vm_buffer_get_descriptor()));
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// One reference returned twice.
static void test_twins(void** state) {
  test_module_t module = begin_module();
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0r_rr"));
  tenon_register_t a = tenon_assembler_argument(as, 0);
  tenon_assembler_return(as, (const tenon_register_t[]){a, a}, 2);
  tenon_assembler_finish(as);
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_int_equal(ref_count(buffer), 3);
  iree_vm_list_release(outputs);
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// Internal calls
//===----------------------------------------------------------------------===//

// sum(n) = n ? n + sum(n - 1) : 0, with a reference passed down to be held by every frame.
static void build_recursion(test_module_t* module) {
  uint32_t function = declare_export(module, "sum", "0ir_I");
  tenon_assembler_t* as = tenon_assembler_create(module->writer, function);
  tenon_register_t n = tenon_assembler_argument(as, 0), ref = tenon_assembler_argument(as, 1);
  tenon_register_t one = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t less = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_register_t sum = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_register_t wide = tenon_assembler_new_register(as, TENON_CLASS_I64);
  tenon_label_t more = tenon_assembler_new_label(as);
  TENON_EMIT(as, TENON_OP_BR_IF, n, more);
  tenon_assembler_return(as, &sum, 1);
  tenon_label_t forward = tenon_assembler_new_label(as), back = tenon_assembler_new_label(as);
  tenon_assembler_bind(as, more);
  TENON_EMIT(as, TENON_OP_BR, forward);
  TENON_EMIT(as, TENON_OP_FAIL, IREE_STATUS_INTERNAL, text_of(module, "jumped over"));
  tenon_assembler_bind(as, back);
  TENON_EMIT(as, TENON_OP_CONST_I32, one, 1);
  TENON_EMIT(as, TENON_OP_SUB_I32, less, n, one);
  tenon_assembler_location(as, text_of(module, "deep.mlir"), 3, 4, 0);
  tenon_assembler_call(as, function, (const tenon_register_t[]){less, ref}, 2, &sum, 1);
  TENON_EMIT(as, TENON_OP_EXTS_I32_I64, wide, n);
  TENON_EMIT(as, TENON_OP_ADD_I64, sum, sum, wide);
  tenon_assembler_return(as, &sum, 1);
  tenon_assembler_bind(as, forward);
  TENON_EMIT(as, TENON_OP_BR, back);
  tenon_assembler_finish(as);
}

static void test_recursion(void** state) {
  test_module_t module = begin_module();
  build_recursion(&module);
  load_module(&module);
  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, 1000);
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "sum", inputs, outputs));
  assert_int_equal(get_integer(outputs, 0), 500500);
  assert_int_equal(ref_count(buffer), 1);
  // Without an end: the stack's limit is met, and everything is put back.
  iree_vm_value_t endless = iree_vm_value_make_i32(-1);
  IREE_CHECK_OK(iree_vm_list_set_value(inputs, 0, &endless));
  EXPECT_FAILURE(tenon_harness_call(&module.harness, "sum", inputs, outputs),
                 IREE_STATUS_RESOURCE_EXHAUSTED, "stack overflow: at a depth of ",
                 "; at deep.mlir:3:4 in bytecode function m.sum (repeated ",
                 " times); at deep.mlir:3:4 in bytecode function m.sum");
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Values and references through an internal call, some given away; results land where arguments
// were.
static void test_internal_call(void** state) {
  test_module_t module = begin_module();
  uint32_t swap = tenon_writer_declare_function(module.writer, text_of(&module, "swap"),
                                                text_of(&module, "0iIfFrr_rrFfIi"));
  tenon_assembler_t* as = tenon_assembler_create(module.writer, swap);
  tenon_register_t registers[6];
  for (int i = 0; i < 6; ++i) registers[i] = tenon_assembler_argument(as, (size_t)(5 - i));
  tenon_assembler_return(as, registers, 6);
  tenon_assembler_finish(as);

  as = tenon_assembler_create(module.writer, declare_export(&module, "main", "0iIrr_iIrr"));
  tenon_register_t i = tenon_assembler_argument(as, 0), l = tenon_assembler_argument(as, 1);
  tenon_register_t a = tenon_assembler_argument(as, 2), b = tenon_assembler_argument(as, 3);
  tenon_register_t f = tenon_assembler_new_register(as, TENON_CLASS_F32);
  tenon_register_t d = tenon_assembler_new_register(as, TENON_CLASS_F64);
  tenon_register_t arguments[] = {i, l, f, d, tenon_register_move(a), b};
  tenon_register_t results[] = {a, b, d, f, l, i};
  tenon_assembler_call(as, swap, arguments, 6, results, 6);
  tenon_assembler_return(as, (const tenon_register_t[]){i, l, a, b}, 4);
  tenon_assembler_finish(as);
  load_module(&module);

  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  push_i32(inputs, -3);
  push_i64(inputs, INT64_MIN);
  iree_vm_buffer_t *first = push_buffer(inputs), *second = push_buffer(inputs);
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", inputs, outputs));
  assert_int_equal(get_integer(outputs, 0), -3);
  assert_int_equal(get_integer(outputs, 1), INT64_MIN);
  const iree_vm_ref_type_descriptor_t* type = iree_vm_buffer_get_descriptor();
  assert_ptr_equal(iree_vm_list_get_ref_deref(outputs, 2, type), second);
  assert_ptr_equal(iree_vm_list_get_ref_deref(outputs, 3, type), first);
  iree_vm_list_release(outputs);
  assert_int_equal(ref_count(first), 1);
  assert_int_equal(ref_count(second), 1);
  iree_vm_list_release(inputs);
  end_module(&module);
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

static void test_failing_import(void** state) {
  test_module_t module = begin_module();
  uint32_t import = declare_import(&module, "custom.fail", "0ir_r");
  uint32_t inner = tenon_writer_declare_function(module.writer, text_of(&module, "inner"),
                                                 text_of(&module, "0r_r"));
  uint32_t outer = declare_export(&module, "outer", "0r_r");
  uint32_t file = text_of(&module, "fail.mlir");
  tenon_assembler_t* as = tenon_assembler_create(module.writer, inner);
  tenon_register_t ref = tenon_assembler_argument(as, 0);
  tenon_register_t i = tenon_assembler_new_register(as, TENON_CLASS_I32);
  tenon_assembler_location(as, file, 31, 10, text_of(&module, "operand 0"));
  tenon_assembler_call_import(as, import, (const tenon_register_t[]){i, ref}, 2, &ref, 1);
  tenon_assembler_return(as, &ref, 1);
  tenon_assembler_finish(as);
  as = tenon_assembler_create(module.writer, outer);
  ref = tenon_assembler_argument(as, 0);
  tenon_assembler_call(as, inner, &ref, 1, &ref, 1);
  tenon_assembler_return(as, &ref, 1);
  tenon_assembler_finish(as);
  load_module(&module);

  iree_vm_list_t *inputs = make_list(), *outputs = make_list();
  iree_vm_buffer_t* buffer = push_buffer(inputs);
  EXPECT_FAILURE(tenon_harness_call(&module.harness, "outer", inputs, outputs),
                 IREE_STATUS_UNAVAILABLE, "custom failure",
                 "; while invoking native function custom.fail"
                 "; at fail.mlir:31:10 (operand 0) in bytecode function m.inner"
                 "; at pc 0 in bytecode function m.outer");
  // Also what the import left in its results.
  assert_int_equal(ref_count(buffer), 1);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  end_module(&module);
}

// Runs `check op a, b` with a message; a NULL |expected| means that it passes.
static void check(tenon_op_t op, int64_t a, int64_t b, const char* message, const char* expected) {
  test_module_t module = begin_module();
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0II_v"));
  TENON_EMIT(as, op, tenon_assembler_argument(as, 0), tenon_assembler_argument(as, 1),
             text_of(&module, message));
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  load_module(&module);
  iree_vm_list_t* inputs = make_list();
  push_i64(inputs, a);
  push_i64(inputs, b);
  iree_status_t status = tenon_harness_call(&module.harness, "main", inputs, NULL);
  if (expected) {
    EXPECT_FAILURE(status, IREE_STATUS_INVALID_ARGUMENT, expected,
                   "; at pc 0 in bytecode function m.main");
  } else {
    IREE_CHECK_OK(status);
  }
  iree_vm_list_release(inputs);
  end_module(&module);
}

static void test_checks(void** state) {
  check(TENON_OP_CHECK_EQ_I64, 5, 5, "", NULL);
  check(TENON_OP_CHECK_EQ_I64, 3, 5, "dimension 0 is {0}, expected {1}",
        "; dimension 0 is 3, expected 5;");
  check(TENON_OP_CHECK_EQ_I64, INT64_MIN, -1, "expected {1}, found {0}.",
        "; expected -1, found -9223372036854775808.;");
  check(TENON_OP_CHECK_EQ_I64, 3, 5, "size", "; size;");
  check(TENON_OP_CHECK_EQ_I64, 3, 5, "only {1} here", "; only 5 here;");
  check(TENON_OP_CHECK_EQ_I64, 3, 5, "{0}{0}{1}{1}", "; 3{0}5{1};");
  // Never a format string.
  check(TENON_OP_CHECK_EQ_I64, 3, 5, "%s%n {0} %d {1} %s", "; %s%n 3 %d 5 %s;");
  // Differ in the high half only.
  check(TENON_OP_CHECK_EQ_I64, 1ll << 32, 0, "{0} or {1}", "; 4294967296 or 0;");
  check(TENON_OP_CHECK_GE_I64, 5, 5, "", NULL);
  check(TENON_OP_CHECK_GE_I64, 0, -1, "", NULL);
  check(TENON_OP_CHECK_GE_I64, -1, 0, "dim {0} below {1}", "; dim -1 below 0;");
}

static void test_fail_codes(void** state) {
  for (uint32_t code = IREE_STATUS_CANCELLED; code < IREE_STATUS_DEFERRED; ++code) {
    test_module_t module = begin_module();
    tenon_assembler_t* as =
        tenon_assembler_create(module.writer, declare_export(&module, "main", "0v_v"));
    TENON_EMIT(as, TENON_OP_FAIL, code, text_of(&module, "%s told"));
    tenon_assembler_finish(as);
    load_module(&module);
    EXPECT_FAILURE(tenon_harness_call(&module.harness, "main", NULL, NULL),
                   (iree_status_code_t)code, "%s told", "; at pc 0 in bytecode function m.main");
    end_module(&module);
  }
}

static void test_missing_optional_import(void** state) {
  test_module_t module = begin_module();
  uint32_t import =
      tenon_writer_add_import(module.writer, text_of(&module, "custom.nothing"),
                              text_of(&module, "0v_v"), TENON_IMPORT_OPTIONAL, NULL, 0);
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0v_v"));
  tenon_assembler_call_import(as, import, NULL, 0, NULL, 0);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  load_module(&module);
  EXPECT_FAILURE(tenon_harness_call(&module.harness, "main", NULL, NULL), IREE_STATUS_NOT_FOUND,
                 "optional import custom.nothing is called but no module provides it",
                 "; at pc 0 in bytecode function m.main");
  end_module(&module);
}

// Gives 1 if the import that |name| and |cconv| describe is there, by way of import.exists alone: nothing calls it.
static void expect_exists(const char* name, const char* cconv, uint32_t flags, int32_t expected) {
  test_module_t module = begin_module();
  tenon_writer_add_import(module.writer, text_of(&module, "custom.other_nothing"),
                          text_of(&module, "0v_v"), TENON_IMPORT_OPTIONAL, NULL, 0);
  uint32_t import = tenon_writer_add_import(module.writer, text_of(&module, name),
                                            text_of(&module, cconv), flags, NULL, 0);
  tenon_assembler_t* as =
      tenon_assembler_create(module.writer, declare_export(&module, "main", "0v_i"));
  tenon_register_t result = tenon_assembler_new_register(as, TENON_CLASS_I32);
  TENON_EMIT(as, TENON_OP_CONST_I32, result, 7);
  TENON_EMIT(as, TENON_OP_IMPORT_EXISTS, result, import);
  tenon_assembler_return(as, &result, 1);
  tenon_assembler_finish(as);
  load_module(&module);
  iree_vm_list_t* outputs = make_list();
  IREE_CHECK_OK(tenon_harness_call(&module.harness, "main", NULL, outputs));
  assert_int_equal(get_integer(outputs, 0), expected);
  iree_vm_list_release(outputs);
  end_module(&module);
}

static void test_import_exists(void** state) {
  expect_exists("custom.twice", "0i_i", 0, 1);
  expect_exists("custom.twice", "0i_i", TENON_IMPORT_OPTIONAL, 1);
  expect_exists("custom.nothing", "0i_i", TENON_IMPORT_OPTIONAL, 0);
  expect_exists("nowhere.nothing", "0i_i", TENON_IMPORT_OPTIONAL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sample),
      cmocka_unit_test(test_moves_and_copies),
      cmocka_unit_test(test_imports_of_every_type),
      cmocka_unit_test(test_twins),
      cmocka_unit_test(test_recursion),
      cmocka_unit_test(test_internal_call),
      cmocka_unit_test(test_failing_import),
      cmocka_unit_test(test_checks),
      cmocka_unit_test(test_fail_codes),
      cmocka_unit_test(test_missing_optional_import),
      cmocka_unit_test(test_import_exists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
