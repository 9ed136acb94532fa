// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values from text and .npy files, back to text and files, and compared.

#include "support/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "iree/base/internal/file_io.h"
#include "iree/modules/hal/types.h"
#include "support/compare.h"
#include "support/npy.h"
#include "support/output.h"

static iree_vm_instance_t* instance;
static iree_hal_allocator_t* allocator;

static int set_up(void** state) {
  IREE_CHECK_OK(iree_vm_instance_create(iree_allocator_system(), &instance));
  IREE_CHECK_OK(iree_hal_module_register_all_types(instance));
  return iree_status_consume_code(
      iree_hal_allocator_create_heap(iree_make_cstring_view("test"), iree_allocator_system(),
                                     iree_allocator_system(), &allocator));
}

static int tear_down(void** state) {
  iree_hal_allocator_release(allocator);
  iree_vm_instance_release(instance);
  return 0;
}

static iree_status_t parse(const char* convention, const char* const* texts,
                           tenon_values_t* out_values) {
  iree_string_view_t views[16];
  tenon_string_list_t list = {.values = views};
  for (; texts[list.count]; ++list.count)
    views[list.count] = iree_make_cstring_view(texts[list.count]);
  return tenon_values_parse(&list, iree_make_cstring_view(convention), allocator, out_values);
}
#define TEXTS(...) \
  (const char* const[]) { __VA_ARGS__, NULL }

static void assert_failure(iree_status_t status, iree_status_code_t code, const char* message) {
  char text[1024] = "";
  iree_status_format(status, sizeof(text), text, NULL);
  if (!strstr(text, message)) fail_msg("expected '%s' in '%s'", message, text);
  assert_int_equal(iree_status_consume_code(status), code);
}

static void refuses(const char* convention, const char* value, iree_status_code_t code,
                    const char* message) {
  tenon_values_t values;
  iree_status_t status = parse(convention, TEXTS(value), &values);
  tenon_values_deinitialize(&values);
  assert_failure(status, code, message);
}

// All values as they are printed; to be freed.
static char* print(const iree_vm_list_t* list) {
  char* text = NULL;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  for (iree_host_size_t i = 0; i < iree_vm_list_size(list); ++i) {
    iree_vm_variant_t value;
    IREE_CHECK_OK(iree_vm_list_get_variant(list, i, &value));
    IREE_CHECK_OK(tenon_value_print(file, &value, 5));
  }
  fclose(file);
  return text;
}

static void assert_prints(const iree_vm_list_t* list, const char* expected) {
  char* text = print(list);
  assert_string_equal(text, expected);
  free(text);
}

static void values_read_and_print(void** state) {
  tenon_values_t values;
  IREE_CHECK_OK(parse("iIfFirrr",
                      TEXTS("-1", " i64=9223372036854775807 ", "1e20", "f64=0.5", "4294967295",
                            "2x2xf32=1 2 3 4e10", "(null)", "7xi8=3"),
                      &values));
  assert_prints(
      values.list,
      "i32=-1\ni64=9223372036854775807\nf32=1e+20\nf64=0.5\ni32=-1\n"
      "hal.buffer_view\n2x2xf32=[1 2][3 4E+10]\n(null)\nhal.buffer_view\n7xi8=3 3 3 3 3...\n");
  tenon_values_deinitialize(&values);
  // Fewer than there are types.
  IREE_CHECK_OK(parse("ii", TEXTS("1"), &values));
  assert_int_equal(iree_vm_list_size(values.list), 1);
  tenon_values_deinitialize(&values);
}

static void mistakes_are_named(void** state) {
  refuses("i", "1.5", IREE_STATUS_INVALID_ARGUMENT, "'1.5' is no i32");
  refuses("i", "4294967296", IREE_STATUS_INVALID_ARGUMENT, "'4294967296' is no i32");
  refuses("i", "f32=1", IREE_STATUS_INVALID_ARGUMENT, "'f32=1' is no i32");
  refuses("I", "i32=1", IREE_STATUS_INVALID_ARGUMENT, "'i32=1' is no i64");
  refuses("f", "junk", IREE_STATUS_INVALID_ARGUMENT, "'junk' is no f32");
  refuses("F", "", IREE_STATUS_INVALID_ARGUMENT, "'' is no f64");
  refuses("i", "(null)", IREE_STATUS_INVALID_ARGUMENT, "'(null)' is no i32");
  refuses("r", "5", IREE_STATUS_INVALID_ARGUMENT, "SHAPExTYPE=VALUES");
  refuses("r", "5xi32=1 2 3", IREE_STATUS_OUT_OF_RANGE, "value 0, '5xi32=1 2 3'");
  refuses("r", "@none.npy", IREE_STATUS_NOT_FOUND, "none.npy");
  refuses("r", "4xi32=@none.bin", IREE_STATUS_NOT_FOUND, "none.bin");
  refuses("", "1", IREE_STATUS_OUT_OF_RANGE, "more values than the 0 that the function has");
}

//===--------------------------------------------------------------------------------------------===//
// Files
//===--------------------------------------------------------------------------------------------===//

static iree_status_t output(const tenon_values_t* values, const char* const* specifications) {
  iree_string_view_t views[16];
  tenon_string_list_t list = {.values = views};
  for (; specifications[list.count]; ++list.count) {
    views[list.count] = iree_make_cstring_view(specifications[list.count]);
  }
  return tenon_output_results(&list, values->list, 16);
}

static void npy_files_keep_everything(void** state) {
  const char* const tensors[] = {"3xi1=1 0 1",  "2x2xi8=1 2 3 4", "i16=-5",
                                 "1xi32=7",     "0x3xi64=",       "2x1x2xui8=1 2 3 255",
                                 "2xf16=1 0.5", "2xf64=1.5 -2",   NULL};
  tenon_values_t values;
  IREE_CHECK_OK(parse("rrrrrrrr", tensors, &values));
  IREE_CHECK_OK(output(&values, TEXTS("@values_test.npy", "+values_test.npy", "+values_test.npy",
                                      "+values_test.npy", "+values_test.npy", "+values_test.npy",
                                      "+values_test.npy", "+values_test.npy")));
  tenon_values_t back;
  IREE_CHECK_OK(parse("rrrrrrrr", TEXTS("@values_test.npy"), &back));
  char* text = print(values.list);
  assert_prints(back.list, text);
  free(text);
  tenon_values_deinitialize(&back);
  tenon_values_deinitialize(&values);
  refuses("rrr", "@values_test.npy", IREE_STATUS_OUT_OF_RANGE, "more values than the 3");
  unlink("values_test.npy");
}

static void binary_files_hold_bytes(void** state) {
  tenon_values_t values;
  IREE_CHECK_OK(parse("rir", TEXTS("2xi32=1 -2", "7", "(null)"), &values));
  IREE_CHECK_OK(output(&values, TEXTS("@values_test.bin", "+values_test.bin", "")));
  assert_failure(output(&values, TEXTS("@values_test.bin")), IREE_STATUS_OUT_OF_RANGE,
                 "1 --output given, but the function has 3 results");
  assert_failure(output(&values, TEXTS("nonsense", "", "")), IREE_STATUS_INVALID_ARGUMENT,
                 "nonsense");
  assert_failure(output(&values, TEXTS("", "", "@values_test.npy")), IREE_STATUS_UNIMPLEMENTED,
                 "null");
  assert_failure(output(&values, TEXTS("@none/file.bin", "", "")), IREE_STATUS_NOT_FOUND,
                 "none/file.bin");
  assert_failure(output(&values, TEXTS("@/dev/full", "", "")), IREE_STATUS_RESOURCE_EXHAUSTED,
                 "/dev/full");
  tenon_values_deinitialize(&values);
  IREE_CHECK_OK(parse("r", TEXTS("3xi32=@values_test.bin"), &values));
  assert_prints(values.list, "hal.buffer_view\n3xi32=1 -2 7\n");
  tenon_values_deinitialize(&values);
  refuses("r", "4xi32=@values_test.bin", IREE_STATUS_INVALID_ARGUMENT,
          "the file holds 12 bytes but 4xi32 takes 16");
  unlink("values_test.bin");
  unlink("values_test.npy");
}

// Reads an array with this header, followed by eight bytes.
static void npy_refuses(const char* dictionary, iree_status_code_t code, const char* message) {
  uint8_t bytes[512] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, (uint8_t)strlen(dictionary)};
  memcpy(bytes + 12, dictionary, strlen(dictionary));
  iree_const_byte_span_t file = iree_make_const_byte_span(bytes, 12 + strlen(dictionary) + 8);
  iree_hal_buffer_view_t* view = NULL;
  assert_failure(tenon_npy_read(&file, allocator, &view), code, message);
  assert_null(view);
}

static void npy_files_are_checked(void** state) {
  npy_refuses("{'descr': '<i4', 'fortran_order': True, 'shape': (1, 2)}", IREE_STATUS_UNIMPLEMENTED,
              "ascontiguousarray");
  npy_refuses("{'descr': '>i4', 'fortran_order': False, 'shape': (2,)}", IREE_STATUS_UNIMPLEMENTED,
              "astype('<i4')");
  npy_refuses("{'descr': '<U3', 'fortran_order': False, 'shape': (2,)}", IREE_STATUS_UNIMPLEMENTED,
              "'<U3'");
  npy_refuses("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,)}",
              IREE_STATUS_UNIMPLEMENTED, "records");
  npy_refuses("{'descr': '<i4', 'fortran_order': False, 'shape': (3,)}",
              IREE_STATUS_INVALID_ARGUMENT, "takes 12 bytes, 8 are there");
  npy_refuses("{'descr': '<i4', 'shape': (4294967296, 4294967296)}", IREE_STATUS_OUT_OF_RANGE, "");
  const char* const damaged[] = {"",
                                 "{",
                                 "{'descr'",
                                 "{'descr': '<i4'}",
                                 "{'shape': (2,)}",
                                 "{'other': 1}",
                                 "{'descr': '<i4', 'shape': (-1,)}",
                                 "{'descr': '<i4', 'shape': (1",
                                 "{1: 2}",
                                 "{'fortran_order': maybe}"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(damaged); ++i) {
    npy_refuses(damaged[i], IREE_STATUS_INVALID_ARGUMENT, "its header can't be read");
  }
}

// Every beginning of a file is refused, without reading past it.
static void npy_files_may_be_cut_short(void** state) {
  FILE* file = fopen("values_test.npy", "wb");
  const int32_t data[2] = {1, 2};
  const iree_hal_dim_t dims[1] = {2};
  IREE_CHECK_OK(tenon_npy_write(file, 1, dims, IREE_HAL_ELEMENT_TYPE_INT_32,
                                iree_make_const_byte_span(data, 8)));
  fclose(file);
  iree_file_contents_t* contents = NULL;
  IREE_CHECK_OK(iree_file_read_contents("values_test.npy", iree_allocator_system(), &contents));
  unlink("values_test.npy");
  assert_int_equal(contents->buffer.data_length, 128 + 8);
  for (iree_host_size_t length = 0; length < contents->buffer.data_length; ++length) {
    uint8_t* bytes = malloc(length + 1);
    memcpy(bytes, contents->buffer.data, length);
    iree_const_byte_span_t span = iree_make_const_byte_span(bytes, length);
    iree_hal_buffer_view_t* view = NULL;
    iree_status_t status = tenon_npy_read(&span, allocator, &view);
    free(bytes);
    assert_int_equal(iree_status_consume_code(status), IREE_STATUS_INVALID_ARGUMENT);
  }
  iree_file_contents_free(contents);
}

//===--------------------------------------------------------------------------------------------===//
// Comparison
//===--------------------------------------------------------------------------------------------===//

static const tenon_tolerances_t tolerances = {.absolute_f16 = 1e-3,
                                              .absolute_bf16 = 1e-2,
                                              .absolute_f32 = 1e-4,
                                              .absolute_f64 = 1e-4,
                                              .relative = 1e-5};

// Compares one value with another; empty |message|: they are equal.
static void compare(char letter, const char* expected_text, const char* actual_text,
                    const char* message) {
  const char convention[2] = {letter, 0};
  tenon_values_t expected, actual;
  IREE_CHECK_OK(parse(convention, TEXTS(expected_text), &expected));
  IREE_CHECK_OK(parse(convention, TEXTS(actual_text), &actual));
  char* text = NULL;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  bool equal = false;
  IREE_CHECK_OK(tenon_compare(&expected, actual.list, &tolerances, 16, file, &equal));
  fclose(file);
  assert_string_equal(text, message);
  assert_int_equal(equal, !*message);
  free(text);
  tenon_values_deinitialize(&expected);
  tenon_values_deinitialize(&actual);
}

static void equal_values_match(void** state) {
  compare('i', "5", "5", "");
  compare('I', "-5", "-5", "");
  compare('f', "1.00001", "1", "");
  compare('F', "1000000", "1000009", "");
  compare('F', "nan", "nan", "");
  compare('F', "inf", "inf", "");
  compare('r', "(null)", "(null)", "");
  compare('r', "(ignored)", "4xf32=1", "");
  compare('r', "4xf32=1 2 3 nan", "4xf32=1 2.00002 3 nan", "");
  compare('r', "2xf16=1 2", "2xf16=1 2", "");
  compare('r', "2xbf16=1 2", "2xbf16=1.005 2", "");
  compare('r', "2xi4=-1 7", "2xi4=FF 07", "");
  compare('r', "1xcf64=1-2j", "1xcf64=1.00001-2.00001j", "");
  compare('r', "1xcf128=nan+2j", "1xcf128=nan+2j", "");
  compare('f', "f16=1.5", "bf16=1.5", "");
  compare('r', "0xf32=", "0xf32=", "");
}

static void different_values_are_shown(void** state) {
  compare('r', "1xcf64=1+2j", "1xcf64=1+3j",
          "[FAILED] result[0]: element at index 0 (0000803F00004040) does not match the expected "
          "(0000803F00000040); expected that the view is equal to contents of a view of 1xcf64\n  "
          "expected:\n1xcf64=0000803F00000040\n  actual:\n1xcf64=0000803F00004040\n");
  compare('i', "5", "6",
          "[FAILED] result[0]: value does not match the expected\n  expected:\ni32=5\n  "
          "actual:\ni32=6\n");
  compare('f', "inf", "1e30",
          "[FAILED] result[0]: value does not match the expected\n  expected:\nf32=inf\n  "
          "actual:\nf32=1e+30\n");
  compare('r', "(null)", "i32=6",
          "[FAILED] result[0]: variant types mismatch; expected null but got hal.buffer_view\n");
  compare('r', "2xf32=1 2", "2xf32=1 2.1",
          "[FAILED] result[0]: element at index 1 (2.1) does not match the expected (2); expected "
          "that the view is "
          "equal to contents of a view of 2xf32\n  expected:\n2xf32=1 2\n  actual:\n2xf32=1 2.1\n");
  compare('r', "4xf32=1", "f32=1",
          "[FAILED] result[0]: metadata is f32; expected that the view matches 4xf32; expected "
          "that the view is equal "
          "to contents of a view of 4xf32\n  expected:\n4xf32=1 1 1 1\n  actual:\nf32=1\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_read_and_print),     cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(npy_files_keep_everything), cmocka_unit_test(binary_files_hold_bytes),
      cmocka_unit_test(npy_files_are_checked),     cmocka_unit_test(npy_files_may_be_cut_short),
      cmocka_unit_test(equal_values_match),        cmocka_unit_test(different_values_are_shown),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
