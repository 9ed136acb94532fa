// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Texts that the reference prints and reads are marked; the others are ours.

#include <locale.h>

#include "hal/testing/hal_testing.h"

static iree_hal_allocator_t* heap;

static int setup(void** state) {
  heap = create_heap();
  return 0;
}

static int teardown(void** state) {
  iree_hal_allocator_release(heap);
  return 0;
}

static iree_string_view_t sv(const char* text) { return iree_make_cstring_view(text); }

// Reads |input| and prints it again, with at most |max| elements.
static void expect_print(const char* input, iree_host_size_t max, const char* expected) {
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_parse(sv(input), heap, &view));
  char text[512];
  iree_host_size_t length = 0;
  expect_ok(iree_hal_buffer_view_format(view, max, sizeof(text), text, &length));
  assert_string_equal(text, expected);
  assert_int_equal(length, strlen(expected));
  // The exact size, and one less.
  char* exact = malloc(length + 1);
  expect_ok(iree_hal_buffer_view_format(view, max, length + 1, exact, NULL));
  assert_string_equal(exact, expected);
  free(exact);
  exact = malloc(length);
  iree_host_size_t measured = 0;
  assert_int_equal(
      iree_status_consume_code(iree_hal_buffer_view_format(view, max, length, exact, &measured)),
      IREE_STATUS_OUT_OF_RANGE);
  assert_int_equal(measured, length);
  free(exact);
  assert_int_equal(iree_status_consume_code(iree_hal_buffer_view_format(view, max, 0, NULL, NULL)),
                   IREE_STATUS_OUT_OF_RANGE);
  iree_hal_buffer_view_release(view);
}

static void expect_same(const char* text) { expect_print(text, SIZE_MAX, text); }

static void expect_refused(const char* input, iree_status_code_t code, const char* part) {
  iree_hal_buffer_view_t* view = NULL;
  expect_failure(iree_hal_buffer_view_parse(sv(input), heap, &view), code, part);
  assert_null(view);
}

// All of these are the reference's.
static void test_values_of_every_type(void** state) {
  expect_same("4xi8=1 -2 127 -128");
  expect_same("3xsi8=1 -128 127");
  expect_same("3xui8=255 0 1");
  expect_same("2xi16=-32768 32767");
  expect_same("2xsi16=-32768 32767");
  expect_same("2xui16=65535 0");
  expect_same("2xi32=-2147483648 2147483647");
  expect_same("3xsi32=1 2 3");
  expect_same("1xui32=4294967295");
  expect_same("2xi64=-9223372036854775808 9223372036854775807");
  expect_same("1xsi64=-9223372036854775808");
  expect_same("2xui64=18446744073709551615 0");
  expect_print("2xi32=-1 4294967295", 9, "2xi32=-1 -1");
  expect_print("3xi16=40000 1 2", 9, "3xi16=-25536 1 2");
  expect_print("2xi32=0x10 0xff", 9, "2xi32=16 255");
  expect_print("9xf16=1 -2.5 0.1 1e10 3.14159265358979 nan inf -inf -0", 9,
               "9xf16=1 -2.5 0.0999756 INF 3.14062 NAN INF -INF -0");
  expect_same("f16=65504");
  expect_print("3xf16=1e-8 65520 70000", 9, "3xf16=0 INF INF");
  expect_print("9xbf16=1 -2.5 0.1 1e10 3.14159265358979 nan inf -inf -0", 9,
               "9xbf16=1 -2.5 0.100098 9.99922E+09 3.14062 NAN INF -INF -0");
  expect_print("bf16=65504", 9, "bf16=65536");
  expect_print("3xbf16=1e39 1.00390625 1.01171875", 9, "3xbf16=INF 1 1.01562");
  expect_print("9xf32=1 -2.5 0.1 1e10 3.14159265358979 nan inf -inf -0", 9,
               "9xf32=1 -2.5 0.1 1E+10 3.14159 NAN INF -INF -0");
  expect_print("3xf32=1e-45 123456789 16777217", 9, "3xf32=1.4013E-45 1.23457E+08 1.67772E+07");
  expect_print("2xf32=0x1p3 infinity", 9, "2xf32=8 INF");
  expect_print("9xf64=1 -2.5 0.1 1e10 3.14159265358979 nan inf -inf -0", 9,
               "9xf64=1 -2.5 0.1 1E+10 3.14159 NAN INF -INF -0");
  expect_print("2xf64=123456789.123456789 1e300", 9, "2xf64=1.23457E+08 1E+300");
  expect_same("3xi1=01 00 01");
  expect_same("3x*32=0A0B0C0D 01020304 FFFFFFFF");
}

static void test_values_of_our_own(void** state) {
  expect_print("4xi1=1 0 true false", 9, "4xi1=01 00 01 00");
  expect_print("3xx8=0a 0b ff", 9, "3x*8=0A 0B FF");
  expect_print("x64=0102030405060708", 9, "*64=0102030405060708");
  expect_print("2xi4=03 08", 9, "2xi4=03 F8");
  expect_print("1xcf64=0000803F00000040", 9, "1xcf64=0000803F00000040");
  expect_print("1xcf128=000000000000F03F0000000000000000", 9,
               "1xcf128=000000000000F03F0000000000000000");
  // Numbers are read, too. The sign of an i4 fills its byte.
  expect_print("6xi4=1 -2 7 15 0f FE", 9, "6xi4=01 FE 07 FF FF FE");
  expect_print("2xui4=9 15", 9, "2xui4=09 0F");
  expect_refused("1xi4=16", IREE_STATUS_INVALID_ARGUMENT, "'16' does not fit in a signless");
  expect_refused("1xi4=-9", IREE_STATUS_INVALID_ARGUMENT, "'-9' does not fit in a signless");
  expect_refused("1xui4=-1", IREE_STATUS_INVALID_ARGUMENT, "'-1' does not fit in an unsigned");
  expect_refused("1xi4=4f", IREE_STATUS_INVALID_ARGUMENT, "'4f' is not an integer");
  expect_print("4xcf64=1 2j 1e+0-2e-0j -0+1e0j", 9,
               "4xcf64=0000803F00000000 0000000000000040 0000803F000000C0 000000800000803F");
  expect_print("1xcf128=1+0j", 9, "1xcf128=000000000000F03F0000000000000000");
  expect_refused("1xcf64=1+2", IREE_STATUS_INVALID_ARGUMENT, "'1+2' is not a floating-point");
  expect_refused("1xcf64=1+j", IREE_STATUS_INVALID_ARGUMENT, "'+' is not a floating-point");
  expect_refused("1xcf64=j", IREE_STATUS_INVALID_ARGUMENT, "'' is not a floating-point");
}

// All of these are the reference's.
static void test_shapes(void** state) {
  expect_same("4xf32=1 2 3 4");
  expect_same("2x2xi32=[1 2][3 4]");
  expect_print("2x2xi32=[[1 2][3 4]]", 9, "2x2xi32=[1 2][3 4]");
  expect_print("2x2xi32=1,2,3,4", 9, "2x2xi32=[1 2][3 4]");
  expect_print("2xi8=3,4,", 9, "2xi8=3 4");
  expect_print(" 2xi8 = 3 4 ", 9, "2xi8=3 4");
  expect_print("2xi8=[3 4", 9, "2xi8=3 4");
  expect_print("2xi8=3]4", 9, "2xi8=3 4");
  expect_print("2x3xi32=7", 9, "2x3xi32=[7 7 7][7 7 7]");
  expect_print("2x3xi32", 9, "2x3xi32=[0 0 0][0 0 0]");
  expect_print("2xi8=", 9, "2xi8=0 0");
  expect_same("2x2x3xi32=[[1 2 3][4 5 6]][[7 8 9][10 11 12]]");
  expect_print("0x3xi32", 9, "0x3xi32=");
  expect_print("3x0xi32", 9, "3x0xi32=[][][]");
  expect_print("2x0x3xi32", 9, "2x0x3xi32=[][]");
  expect_print("0xi32=", 9, "0xi32=");
  expect_same("f32=-2.5");
  expect_print("1x1x1x1x1x1xf32=5", 9, "1x1x1x1x1x1xf32=[[[[[5]]]]]");
}

// All of these are the reference's.
static void test_elision(void** state) {
  const char* input = "2x2x3xi32=1 2 3 4 5 6 7 8 9 10 11 12";
  expect_print(input, 0, "2x2x3xi32=[[...][...]][[...][...]]");
  expect_print(input, 1, "2x2x3xi32=[[1...][...]][[...][...]]");
  expect_print(input, 2, "2x2x3xi32=[[1 2...][...]][[...][...]]");
  expect_print(input, 3, "2x2x3xi32=[[1 2 3][...]][[...][...]]");
  expect_print(input, 5, "2x2x3xi32=[[1 2 3][4 5...]][[...][...]]");
  expect_print(input, 7, "2x2x3xi32=[[1 2 3][4 5 6]][[7...][...]]");
  expect_print(input, 11, "2x2x3xi32=[[1 2 3][4 5 6]][[7 8 9][10 11...]]");
  expect_print(input, 12, "2x2x3xi32=[[1 2 3][4 5 6]][[7 8 9][10 11 12]]");
  expect_print("3xf32=1 2 3", 0, "3xf32=...");
  expect_print("3xf32=1 2 3", 2, "3xf32=1 2...");
  expect_print("f32=2", 0, "f32=...");
  expect_print("f32=2", 1, "f32=2");
}

static void test_billions_of_empty_rows(void** state) {
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_parse(sv("4294967296x4294967296x0xi8"), heap, &view));
  iree_host_size_t length = 0;
  assert_int_equal(
      iree_status_consume_code(iree_hal_buffer_view_format(view, SIZE_MAX, 0, NULL, &length)),
      IREE_STATUS_OUT_OF_RANGE);
  assert_in_range(length, 65536, 4 * 65536);
  iree_hal_buffer_view_release(view);
}

static void test_refusals(void** state) {
  const iree_status_code_t invalid = IREE_STATUS_INVALID_ARGUMENT;
  expect_refused("", invalid, "'' is not an element type; there are i1, iN");
  expect_refused("=1", invalid, "'' is not an element type");
  expect_refused("2x=1", invalid, "'' is not an element type");
  expect_refused("2x3", invalid, "'2x3' has no element type");
  expect_refused("2xq8=1", invalid, "'q8' is not an element type");
  expect_refused("2xi=1", invalid, "'i' is not an element type");
  expect_refused("2xi0=1", invalid, "'i0' is not an element type");
  expect_refused("2xi8q=1", invalid, "'i8q' is not an element type");
  expect_refused("2xi99999999=1", invalid, "'i99999999' is not an element type");
  expect_refused("2xf33=1", invalid, "'f33' is not an element type");
  expect_refused("2xbf32=1", invalid, "'bf32' is not an element type");
  expect_refused("2xcf32=1", invalid, "'cf32' is not an element type");
  expect_refused("-2xi8=1", invalid,
                 "a dimension must be a number of at most 64 bits, not '-2xi8'");
  expect_refused("?xi8=1", invalid, "not '?xi8'");
  expect_refused("99999999999999999999xf32=1", invalid, "at most 64 bits");
  expect_refused("4294967296x4294967296x4xf32=1", IREE_STATUS_OUT_OF_RANGE, "more bytes than fit");
  expect_refused("3xi32=1 x 4", invalid, "'x' is not an integer");
  expect_refused("3xi32=1.5 2 3", invalid, "'1.5' is not an integer");
  expect_refused("3xi32=--1 2 3", invalid, "'--1' is not an integer");
  expect_refused("3xi32=-+1 2 3", invalid, "'-+1' is not an integer");
  expect_refused("3xi32=- 2 3", invalid, "'-' is not an integer");
  expect_refused("3xf32=1.5abc 2 3", invalid, "'1.5abc' is not a floating-point number");
  expect_refused("3xf64=1 2 3z", invalid, "'3z' is not a floating-point number");
  expect_refused("3xf16=1 2 z", invalid, "'z' is not a floating-point number");
  expect_refused("3xi1=2", invalid, "'2' is not a boolean");
  expect_refused("i8=256", invalid, "'256' does not fit in a signless integer of 8 bits");
  expect_refused("i8=-129", invalid, "'-129' does not fit");
  expect_refused("si8=128", invalid, "'128' does not fit in a signed integer of 8 bits");
  expect_refused("ui8=-1", invalid, "'-1' does not fit in an unsigned integer of 8 bits");
  expect_refused("i32=4294967296", invalid, "does not fit");
  expect_refused("i64=18446744073709551616", invalid, "is not an integer of at most 64 bits");
  expect_refused("si64=9223372036854775808", invalid, "does not fit");
  expect_refused("x16=0a", invalid, "4 hexadecimal digits");
  expect_refused("x16=zzzz", invalid, "4 hexadecimal digits");
  expect_refused("3xi32=1 2", IREE_STATUS_OUT_OF_RANGE, "there are 2 values for 3 elements");
  expect_refused("3xi32=1 2 3 4", IREE_STATUS_OUT_OF_RANGE,
                 "there are more than 3 values for 3 elements");
  expect_refused("0xi32=1", IREE_STATUS_OUT_OF_RANGE,
                 "there are more than 0 values for 0 elements");
  char deep[600] = {0};
  for (int i = 0; i < 129; ++i) strcat(deep, "1x");
  strcat(deep, "f32=1");
  expect_refused(deep, IREE_STATUS_OUT_OF_RANGE, "a tensor of rank 129; the most in text is 128");
}

static void test_shape_text(void** state) {
  iree_hal_dim_t shape[4];
  iree_host_size_t rank = 9;
  expect_ok(iree_hal_parse_shape(sv("4x8x1"), 4, &rank, shape));
  assert_int_equal(rank, 3);
  assert_int_equal(shape[1], 8);
  expect_ok(iree_hal_parse_shape(sv(""), 4, &rank, shape));
  assert_int_equal(rank, 0);
  expect_ok(iree_hal_parse_shape(sv("18446744073709551615"), 4, &rank, shape));
  assert_true(shape[0] == UINT64_MAX);
  assert_int_equal(iree_status_consume_code(iree_hal_parse_shape(sv("1x2x3x4x5"), 4, &rank, shape)),
                   IREE_STATUS_OUT_OF_RANGE);
  assert_int_equal(rank, 5);
  assert_int_equal(iree_status_consume_code(iree_hal_parse_shape(sv("1x2"), 0, &rank, NULL)),
                   IREE_STATUS_OUT_OF_RANGE);
  assert_int_equal(rank, 2);
  const char* bad[] = {"x", "1x", "1xx2", "x1", "1x2y", "a", "-1", "1 2", "1x?"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad); ++i) {
    expect_failure(iree_hal_parse_shape(sv(bad[i]), 4, &rank, shape), IREE_STATUS_INVALID_ARGUMENT,
                   "is not a shape");
  }
  char text[8];
  iree_host_size_t length = 0;
  const iree_hal_dim_t dims[] = {10, 20, 30};
  assert_int_equal(
      iree_status_consume_code(iree_hal_format_shape(3, dims, sizeof(text), text, &length)),
      IREE_STATUS_OUT_OF_RANGE);
  assert_int_equal(length, 8);
  expect_ok(iree_hal_format_shape(2, dims, sizeof(text), text, &length));
  assert_string_equal(text, "10x20");
  expect_ok(iree_hal_format_shape(0, NULL, sizeof(text), text, &length));
  assert_string_equal(text, "");
}

static void test_element_type_text(void** state) {
  static const struct {
    iree_hal_element_type_t type;
    const char* text;
  } types[] = {
      {IREE_HAL_ELEMENT_TYPE_OPAQUE_8, "*8"},
      {IREE_HAL_ELEMENT_TYPE_OPAQUE_16, "*16"},
      {IREE_HAL_ELEMENT_TYPE_OPAQUE_32, "*32"},
      {IREE_HAL_ELEMENT_TYPE_OPAQUE_64, "*64"},
      {IREE_HAL_ELEMENT_TYPE_BOOL_8, "i1"},
      {IREE_HAL_ELEMENT_TYPE_INT_4, "i4"},
      {IREE_HAL_ELEMENT_TYPE_SINT_4, "si4"},
      {IREE_HAL_ELEMENT_TYPE_UINT_4, "ui4"},
      {IREE_HAL_ELEMENT_TYPE_INT_8, "i8"},
      {IREE_HAL_ELEMENT_TYPE_SINT_8, "si8"},
      {IREE_HAL_ELEMENT_TYPE_UINT_8, "ui8"},
      {IREE_HAL_ELEMENT_TYPE_INT_16, "i16"},
      {IREE_HAL_ELEMENT_TYPE_SINT_16, "si16"},
      {IREE_HAL_ELEMENT_TYPE_UINT_16, "ui16"},
      {IREE_HAL_ELEMENT_TYPE_INT_32, "i32"},
      {IREE_HAL_ELEMENT_TYPE_SINT_32, "si32"},
      {IREE_HAL_ELEMENT_TYPE_UINT_32, "ui32"},
      {IREE_HAL_ELEMENT_TYPE_INT_64, "i64"},
      {IREE_HAL_ELEMENT_TYPE_SINT_64, "si64"},
      {IREE_HAL_ELEMENT_TYPE_UINT_64, "ui64"},
      {IREE_HAL_ELEMENT_TYPE_FLOAT_16, "f16"},
      {IREE_HAL_ELEMENT_TYPE_FLOAT_32, "f32"},
      {IREE_HAL_ELEMENT_TYPE_FLOAT_64, "f64"},
      {IREE_HAL_ELEMENT_TYPE_BFLOAT_16, "bf16"},
      {IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64, "cf64"},
      {IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128, "cf128"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(types); ++i) {
    char text[16];
    expect_ok(iree_hal_format_element_type(types[i].type, sizeof(text), text, NULL));
    assert_string_equal(text, types[i].text);
    iree_hal_element_type_t type = IREE_HAL_ELEMENT_TYPE_NONE;
    expect_ok(iree_hal_parse_element_type(sv(types[i].text), &type));
    assert_int_equal(type, types[i].type);
  }
  char text[16];
  expect_failure(iree_hal_format_element_type(0x77000008u, sizeof(text), text, NULL),
                 IREE_STATUS_INVALID_ARGUMENT, "element type 0x77000008 has no name");
}

static void test_single_elements(void** state) {
  int32_t value = 0;
  expect_ok(iree_hal_parse_element(sv(" -7 "), IREE_HAL_ELEMENT_TYPE_INT_32,
                                   iree_make_byte_span(&value, 4)));
  assert_int_equal(value, -7);
  expect_failure(
      iree_hal_parse_element(sv("1"), IREE_HAL_ELEMENT_TYPE_INT_32, iree_make_byte_span(&value, 2)),
      IREE_STATUS_INVALID_ARGUMENT, "has 4 bytes, not 2");
  expect_failure(
      iree_hal_parse_element(sv(""), IREE_HAL_ELEMENT_TYPE_NONE, iree_make_byte_span(&value, 0)),
      IREE_STATUS_INVALID_ARGUMENT, "has 0 bytes, not 0");
  char text[16];
  expect_ok(iree_hal_format_element(iree_make_const_byte_span(&value, 4),
                                    IREE_HAL_ELEMENT_TYPE_INT_32, sizeof(text), text, NULL));
  assert_string_equal(text, "-7");
  expect_failure(iree_hal_format_element(iree_make_const_byte_span(&value, 3),
                                         IREE_HAL_ELEMENT_TYPE_INT_32, sizeof(text), text, NULL),
                 IREE_STATUS_INVALID_ARGUMENT, "has 4 bytes, not 3");
}

static void test_elements_in_memory(void** state) {
  // Unaligned on purpose.
  uint8_t storage[33];
  const iree_byte_span_t span = iree_make_byte_span(storage + 1, 32);
  expect_ok(iree_hal_parse_buffer_elements(sv("1 2 3 4"), IREE_HAL_ELEMENT_TYPE_FLOAT_64, span));
  char text[32];
  const iree_hal_dim_t shape[] = {2, 2}, large[] = {5};
  const iree_const_byte_span_t data = iree_make_const_byte_span(storage + 1, 32);
  expect_ok(iree_hal_format_buffer_elements(data, 2, shape, IREE_HAL_ELEMENT_TYPE_FLOAT_64, 9,
                                            sizeof(text), text, NULL));
  assert_string_equal(text, "[1 2][3 4]");
  expect_failure(iree_hal_format_buffer_elements(data, 1, large, IREE_HAL_ELEMENT_TYPE_FLOAT_64, 9,
                                                 sizeof(text), text, NULL),
                 IREE_STATUS_OUT_OF_RANGE, "the tensor has 40 bytes, but there are only 32");
  expect_failure(iree_hal_parse_buffer_elements(sv("1"), IREE_HAL_ELEMENT_TYPE_FLOAT_64,
                                                iree_make_byte_span(storage, 12)),
                 IREE_STATUS_INVALID_ARGUMENT, "12 bytes are no whole number of elements");
  expect_failure(iree_hal_parse_buffer_elements(sv("1"), IREE_HAL_ELEMENT_TYPE_NONE, span),
                 IREE_STATUS_INVALID_ARGUMENT, "no whole number");
}

static void test_splat_of_many(void** state) {
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_parse(sv("100003xi16=-2"), heap, &view));
  int16_t last = 0;
  expect_ok(iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 100002 * 2, &last, 2));
  assert_int_equal(last, -2);
  iree_hal_buffer_view_release(view);
}

// Texts don't depend on the locale, where one with a comma is installed.
static void test_locale(void** state) {
  const char* names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "de_DE"};
  size_t i = 0;
  while (i < IREE_ARRAYSIZE(names) && !setlocale(LC_ALL, names[i])) ++i;
  if (i == IREE_ARRAYSIZE(names)) skip();
  expect_same("2xf64=1.5 -0.25");
  setlocale(LC_ALL, "C");
}

static void test_fprint(void** state) {
  iree_hal_buffer_view_t* view = NULL;
  expect_ok(iree_hal_buffer_view_parse(sv("2x2xi32=[1 2][3 4]"), heap, &view));
  char* text = NULL;
  size_t size = 0;
  FILE* file = open_memstream(&text, &size);
  expect_ok(iree_hal_buffer_view_fprint(file, view, 3, iree_allocator_system()));
  fclose(file);
  assert_string_equal(text, "2x2xi32=[1 2][3...]");
  free(text);
  file = fopen("/dev/full", "w");
  if (file) {
    setvbuf(file, NULL, _IONBF, 0);
    expect_failure(iree_hal_buffer_view_fprint(file, view, 3, iree_allocator_system()),
                   IREE_STATUS_DATA_LOSS, "could not be written");
    fclose(file);
  }
  iree_hal_buffer_view_release(view);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_of_every_type),
      cmocka_unit_test(test_values_of_our_own),
      cmocka_unit_test(test_shapes),
      cmocka_unit_test(test_elision),
      cmocka_unit_test(test_billions_of_empty_rows),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_shape_text),
      cmocka_unit_test(test_element_type_text),
      cmocka_unit_test(test_single_elements),
      cmocka_unit_test(test_elements_in_memory),
      cmocka_unit_test(test_splat_of_many),
      cmocka_unit_test(test_locale),
      cmocka_unit_test(test_fprint),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
