// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the writer and the assembler refuse, and what they do on their own.

#include "format/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "format/verifier.h"

static tenon_writer_t* make_writer(void) {
  tenon_writer_t* writer = tenon_writer_create();
  tenon_writer_set_name(writer, tenon_writer_cstring(writer, "m"));
  return writer;
}

static uint32_t declare(tenon_writer_t* writer, const char* cconv) {
  return tenon_writer_declare_function(writer, tenon_writer_cstring(writer, "f"),
                                       tenon_writer_cstring(writer, cconv));
}

// Serialisation fails with |text|; destroys the writer.
static void expect_error(tenon_writer_t* writer, const char* text) {
  uint8_t* data = NULL;
  size_t length = 0;
  assert_false(tenon_writer_serialize(writer, &data, &length));
  assert_null(data);
  if (!tenon_writer_error(writer) || !strstr(tenon_writer_error(writer), text)) {
    fail_msg("expected \"%s\", found: %s", text, tenon_writer_error(writer));
  }
  tenon_writer_destroy(writer);
}

static void test_strings_are_interned(void** state) {
  tenon_writer_t* writer = make_writer();
  assert_int_equal(tenon_writer_cstring(writer, ""), 0);
  uint32_t indices[500];
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      char text[16];
      snprintf(text, sizeof(text), "s%d", i);
      uint32_t index = tenon_writer_cstring(writer, text);
      if (round) assert_int_equal(index, indices[i]);
      if (i) assert_int_not_equal(index, indices[i - 1]);
      indices[i] = index;
    }
  }
  tenon_writer_destroy(writer);
}

static void test_errors_of_the_writer(void** state) {
  tenon_writer_t* writer = make_writer();
  tenon_writer_string(writer, "a\0b", 3);
  // Sticky: the first error stays.
  declare(writer, "0v_v");
  expect_error(writer, "contains a NUL");

  writer = make_writer();
  declare(writer, "0v_v");
  expect_error(writer, "@f is declared but has no code");

  writer = make_writer();
  tenon_function_t record = {0};
  tenon_writer_define_function(writer, 3, &record, NULL, 0, NULL, 0);
  expect_error(writer, "never declared");

  writer = make_writer();
  uint32_t function = declare(writer, "0v_v");
  tenon_writer_define_function(writer, function, &record, NULL, 0, NULL, 0);
  tenon_writer_define_function(writer, function, &record, NULL, 0, NULL, 0);
  expect_error(writer, "defined twice");

  writer = make_writer();
  tenon_assembler_destroy(tenon_assembler_create(writer, declare(writer, "0CiD_v")));
  expect_error(writer, "is not a calling convention of a function");

  writer = make_writer();
  function = declare(writer, "0v_v");
  tenon_assembler_t* as = tenon_assembler_create(writer, function);
  tenon_assembler_return(as, NULL, 0);
  tenon_assembler_finish(as);
  tenon_writer_add_export(writer, tenon_writer_cstring(writer, "e"), function, NULL, 0);
  tenon_writer_add_export(writer, tenon_writer_cstring(writer, "e"), function, NULL, 0);
  expect_error(writer, "two exports are named \"e\"");
}

static void test_imports_are_shared(void** state) {
  tenon_writer_t* writer = make_writer();
  uint32_t name = tenon_writer_cstring(writer, "a.b"), cconv = tenon_writer_cstring(writer, "0i_v");
  uint32_t first = tenon_writer_add_import(writer, name, cconv, 0, NULL, 0);
  assert_int_equal(tenon_writer_add_import(writer, name, cconv, 0, NULL, 0), first);
  uint32_t other = tenon_writer_cstring(writer, "0I_v");
  assert_int_not_equal(tenon_writer_add_import(writer, name, other, 0, NULL, 0), first);
  tenon_writer_destroy(writer);
}

// One wrong instruction each, in a function (0irI_rr) beside an import (0iCID_v).
typedef void (*mistake_t)(tenon_assembler_t* as, uint32_t import);

static void wrong_class(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t i = tenon_assembler_argument(as, 0), l = tenon_assembler_argument(as, 2);
  TENON_EMIT(as, TENON_OP_ADD_I32, i, i, l);
}
static void moved_value(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t i = tenon_assembler_argument(as, 0);
  TENON_EMIT(as, TENON_OP_MOV_I32, i, tenon_register_move(i));
}
static void moved_target(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t r = tenon_assembler_argument(as, 1);
  TENON_EMIT(as, TENON_OP_MOV_REF, tenon_register_move(r), r);
}
static void operand_count(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_NULL_REF, tenon_assembler_argument(as, 1), 0);
}
static void wide_immediate(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_CONST_I32, tenon_assembler_argument(as, 0), 1ull << 32);
}
static void low_immediate(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_CONST_I32, tenon_assembler_argument(as, 0), INT32_MIN - 1ll);
}
static void no_such_string(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_FAIL, 3, 1000);
}
static void no_such_value_global(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_GLOBAL_LOAD_I32, tenon_assembler_argument(as, 0), 0);
}
static void no_such_type(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t r = tenon_assembler_argument(as, 1), l = tenon_assembler_argument(as, 2);
  TENON_EMIT(as, TENON_OP_LIST_ALLOC, r, TENON_TYPE_F64 + 1, l);
}
static void no_such_ref_type(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t r = tenon_assembler_argument(as, 1);
  TENON_EMIT(as, TENON_OP_CAST_REF, r, r, TENON_TYPE_REF(0));
}
static void cast_to_scalar(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t r = tenon_assembler_argument(as, 1);
  TENON_EMIT(as, TENON_OP_CAST_REF, r, r, TENON_TYPE_I32);
}
static void no_such_label(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_BR, 7);
}
static void unbound_label(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_BR, tenon_assembler_new_label(as));
}
static void label_bound_twice(tenon_assembler_t* as, uint32_t import) {
  tenon_label_t label = tenon_assembler_new_label(as);
  tenon_assembler_bind(as, label);
  tenon_assembler_bind(as, label);
}
static void list_by_emit(tenon_assembler_t* as, uint32_t import) {
  TENON_EMIT(as, TENON_OP_RETURN, 0);
}
static void too_few_results(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t r = tenon_assembler_argument(as, 1);
  tenon_assembler_return(as, &r, 1);
}
static void too_many_arguments(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t arguments[] = {tenon_assembler_argument(as, 0), tenon_register_span(0),
                                  tenon_assembler_argument(as, 2)};
  tenon_assembler_call_import(as, import, arguments, 3, NULL, 0);
}
static void missing_span(tenon_assembler_t* as, uint32_t import) {
  tenon_register_t arguments[] = {tenon_assembler_argument(as, 0), tenon_assembler_argument(as, 2)};
  tenon_assembler_call_import(as, import, arguments, 2, NULL, 0);
}
static void no_such_import(tenon_assembler_t* as, uint32_t import) {
  tenon_assembler_call_import(as, import + 1, NULL, 0, NULL, 0);
}
static void no_such_function(tenon_assembler_t* as, uint32_t import) {
  tenon_assembler_call(as, 9, NULL, 0, NULL, 0);
}
static void no_such_argument(tenon_assembler_t* as, uint32_t import) {
  tenon_assembler_argument(as, 3);
}
static void too_many_registers(tenon_assembler_t* as, uint32_t import) {
  for (int i = 0; i < 0x8000; ++i) tenon_assembler_new_register(as, TENON_CLASS_I64);
}

static void test_mistakes_in_code(void** state) {
  static const struct {
    mistake_t mistake;
    const char* text;
  } cases[] = {
      {wrong_class, "function @f, pc 3, add.i32: expected a register of class i32, not of i64"},
      {moved_value, "only refs that are read can be moved"},
      {moved_target, "only refs that are read can be moved"},
      {operand_count, "null.ref: wrong number of operands"},
      {wide_immediate, "does not fit 32 bits"},
      {low_immediate, "does not fit 32 bits"},
      {no_such_string, "string 1000 does not exist"},
      {no_such_value_global, "value global 0 does not exist"},
      {no_such_type, "list.alloc: no such type"},
      {no_such_ref_type, "cast.ref: no such reference type"},
      {cast_to_scalar, "cast.ref: no such type"},
      {no_such_label, "label that does not exist"},
      {unbound_label, "which is not bound"},
      {label_bound_twice, "is bound twice"},
      {list_by_emit, "use call, call_import or return"},
      {too_few_results, "too few registers"},
      {too_many_arguments, "too many registers"},
      {missing_span, "expected tenon_register_span()"},
      {no_such_import, "import 1 does not exist"},
      {no_such_function, "function 9 does not exist"},
      {no_such_argument, "@f has no argument 3"},
      {too_many_registers, "more than 32767 registers"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    tenon_writer_t* writer = make_writer();
    uint32_t import = tenon_writer_add_import(writer, tenon_writer_cstring(writer, "a.b"),
                                              tenon_writer_cstring(writer, "0iCID_v"), 0, NULL, 0);
    tenon_assembler_t* as = tenon_assembler_create(writer, declare(writer, "0irI_rr"));
    cases[i].mistake(as, import);
    tenon_assembler_finish(as);
    expect_error(writer, cases[i].text);
  }
}

// What is assembled is accepted by the verifier, with negative immediates, a span of many tuples
// and a ref that is returned twice.
static void test_well_formed_code(void** state) {
  tenon_writer_t* writer = make_writer();
  uint32_t import = tenon_writer_add_import(writer, tenon_writer_cstring(writer, "a.b"),
                                            tenon_writer_cstring(writer, "0iCID_v"), 0, NULL, 0);
  tenon_assembler_t* as = tenon_assembler_create(writer, declare(writer, "0irI_rr"));
  tenon_register_t i = tenon_assembler_argument(as, 0);
  TENON_EMIT(as, TENON_OP_CONST_I32, i, -1);
  TENON_EMIT(as, TENON_OP_CONST_I32, i, INT32_MIN);
  TENON_EMIT(as, TENON_OP_CONST_I32, i, UINT32_MAX);
  tenon_register_t arguments[302] = {i, tenon_register_span(300)};
  for (int j = 2; j < 302; ++j) arguments[j] = tenon_assembler_argument(as, 2);
  tenon_assembler_call_import(as, import, arguments, 302, NULL, 0);
  tenon_register_t ref = tenon_assembler_argument(as, 1);
  tenon_register_t results[] = {ref, ref};
  tenon_assembler_return(as, results, 2);
  tenon_assembler_finish(as);
  uint8_t* data = NULL;
  size_t length = 0;
  if (!tenon_writer_serialize(writer, &data, &length)) fail_msg("%s", tenon_writer_error(writer));
  tenon_writer_destroy(writer);
  tenon_module_file_t file;
  IREE_CHECK_OK(tenon_module_file_read(iree_make_const_byte_span(data, length), &file));
  IREE_CHECK_OK(tenon_module_file_verify(&file, iree_allocator_system()));
  assert_int_equal(file.functions[0].ref_count, 2);
  assert_int_equal(file.functions[0].call_storage_size, (4 + 4 + 300 * 8 + 15) & ~15);
  free(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_strings_are_interned), cmocka_unit_test(test_errors_of_the_writer),
      cmocka_unit_test(test_imports_are_shared),   cmocka_unit_test(test_mistakes_in_code),
      cmocka_unit_test(test_well_formed_code),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
