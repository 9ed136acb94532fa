// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The writer's files are read back as they were meant; every malformed one is refused with the
// right message.

#include "format/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "format/testing/sample_module.h"
#include "format/verifier.h"
#include "format/writer.h"

static uint8_t* sample;
static size_t sample_length;

static iree_const_byte_span_t span(const void* data, size_t length) {
  return iree_make_const_byte_span(data, length);
}

// Expects a failure of |code| whose text contains |text|.
static void expect_failure(iree_status_t status, iree_status_code_t code, const char* text) {
  char buffer[512] = "OK";
  iree_host_size_t length = 0;
  if (!iree_status_is_ok(status)) iree_status_format(status, sizeof(buffer), buffer, &length);
  if (iree_status_code(status) != code || !strstr(buffer, text)) {
    fail_msg("expected %s with \"%s\", found: %s", iree_status_code_string(code), text, buffer);
  }
  iree_status_ignore(status);
}

static iree_status_t read_and_verify(const void* data, size_t length, tenon_module_file_t* file) {
  IREE_RETURN_IF_ERROR(tenon_module_file_read(span(data, length), file));
  return tenon_module_file_verify(file, iree_allocator_system());
}

//===----------------------------------------------------------------------===//
// Good files
//===----------------------------------------------------------------------===//

static void test_round_trip(void** state) {
  tenon_module_file_t file;
  IREE_CHECK_OK(read_and_verify(sample, sample_length, &file));
  assert_string_equal(tenon_module_text(&file, file.header->name), "sample");
  assert_int_equal(file.type_count, 1);
  assert_string_equal(tenon_module_text(&file, file.types[0]), "vm.buffer");
  assert_int_equal(file.import_count, 2);
  assert_string_equal(tenon_module_text(&file, file.imports[1].full_name), "custom.sum");
  assert_string_equal(tenon_module_text(&file, file.imports[1].calling_convention), "0iCrID_I");
  assert_int_equal(file.imports[1].flags, TENON_IMPORT_OPTIONAL);
  assert_int_equal(file.function_count, 3);
  assert_int_equal(file.export_count, 2);
  assert_string_equal(tenon_module_text(&file, file.exports[0].name), "__init");
  assert_string_equal(tenon_module_text(&file, file.exports[1].name), "main");
  assert_int_equal(file.exports[1].attribute_count, 1);
  const tenon_attribute_t* attribute = &file.attributes[file.exports[1].attribute_begin];
  assert_string_equal(tenon_module_text(&file, attribute->key), "iree.abi.declaration");
  assert_int_equal(file.rodata_count, 2);
  assert_int_equal(file.rodata[0].length, 5);
  assert_memory_equal(file.rodata_bytes + file.rodata[0].offset, "\1\2\3\4\5", 5);
  assert_int_equal(file.rodata[1].kind, TENON_RODATA_EXECUTABLE);
  assert_int_equal(file.rodata[1].offset % TENON_MODULE_ALIGNMENT, 0);
  assert_int_equal(file.header->ref_global_count, 1);
}

static void test_lookups(void** state) {
  tenon_module_file_t file;
  IREE_CHECK_OK(read_and_verify(sample, sample_length, &file));
  assert_int_equal(tenon_module_find_export(&file, iree_make_cstring_view("main")), 1);
  assert_int_equal(tenon_module_find_export(&file, iree_make_cstring_view("__init")), 0);
  assert_int_equal(tenon_module_find_export(&file, iree_make_cstring_view("mai")), TENON_NO_INDEX);
  assert_int_equal(tenon_module_find_export(&file, iree_string_view_empty()), TENON_NO_INDEX);
  const tenon_function_t* function = &file.functions[file.exports[1].function];
  const tenon_location_t* first = &file.locations[function->location_begin];
  assert_int_equal(function->location_count, 4);
  for (uint32_t i = 0; i < function->location_count; ++i) {
    assert_ptr_equal(tenon_module_find_location(&file, function, first[i].pc), &first[i]);
    assert_null(tenon_module_find_location(&file, function, first[i].pc + 1));
  }
  assert_int_equal(first->line, 7);
  assert_string_equal(tenon_module_text(&file, first->context), "argument 0 of @main");
}

static void test_deterministic(void** state) {
  uint8_t* again = NULL;
  size_t length = 0;
  tenon_make_sample_module(&again, &length);
  assert_int_equal(length, sample_length);
  assert_memory_equal(again, sample, length);
  free(again);
}

static void test_empty_module(void** state) {
  tenon_writer_t* writer = tenon_writer_create();
  tenon_writer_set_name(writer, tenon_writer_cstring(writer, "empty"));
  uint8_t* data = NULL;
  size_t length = 0;
  assert_true(tenon_writer_serialize(writer, &data, &length));
  tenon_writer_destroy(writer);
  tenon_module_file_t file;
  IREE_CHECK_OK(read_and_verify(data, length, &file));
  assert_int_equal(file.function_count, 0);
  free(data);
}

//===----------------------------------------------------------------------===//
// Damaged files
//===----------------------------------------------------------------------===//

static void test_truncated(void** state) {
  tenon_module_file_t file;
  expect_failure(tenon_module_file_read(span(NULL, 0), &file), IREE_STATUS_INVALID_ARGUMENT,
                 "empty");
  for (size_t length = 1; length < sample_length; ++length) {
    // A copy of just that length, so that a sanitizer sees every read beyond it.
    uint8_t* part = malloc(length);
    memcpy(part, sample, length);
    expect_failure(tenon_module_file_read(span(part, length), &file), IREE_STATUS_DATA_LOSS,
                   length < sizeof(tenon_module_header_t) ? "cut short" : "damaged");
    free(part);
  }
}

static void test_extended(void** state) {
  uint8_t* longer = calloc(1, sample_length + 1);
  memcpy(longer, sample, sample_length);
  tenon_module_file_t file;
  expect_failure(tenon_module_file_read(span(longer, sample_length + 1), &file),
                 IREE_STATUS_DATA_LOSS, "damaged");
  free(longer);
}

static void test_every_byte_flipped(void** state) {
  for (size_t i = 0; i < sample_length; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      sample[i] ^= (uint8_t)(1 << bit);
      tenon_module_file_t file;
      iree_status_t status = tenon_module_file_read(span(sample, sample_length), &file);
      sample[i] ^= (uint8_t)(1 << bit);
      if (iree_status_is_ok(status)) fail_msg("bit %d of byte %zu flipped is accepted", bit, i);
      iree_status_ignore(status);
    }
  }
}

// The same with the checksum made good again: refused or accepted, but never read out of bounds.
static void test_every_byte_flipped_and_signed(void** state) {
  for (size_t i = 0; i < sample_length; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      uint8_t* copy = malloc(sample_length);
      memcpy(copy, sample, sample_length);
      copy[i] ^= (uint8_t)(1 << bit);
      tenon_fix_checksum(copy, sample_length);
      tenon_module_file_t file;
      iree_status_ignore(read_and_verify(copy, sample_length, &file));
      free(copy);
    }
  }
}

static void test_other_versions(void** state) {
  static const struct {
    uint16_t major, minor;
    const char* text;
  } cases[] = {
      {TENON_MODULE_VERSION_MAJOR + 1, 0, "use a newer runtime"},
      {TENON_MODULE_VERSION_MAJOR, TENON_MODULE_VERSION_MINOR + 1, "use a newer runtime"},
      {TENON_MODULE_VERSION_MAJOR - 1, 0, "compile the program again"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    tenon_module_header_t* header = (tenon_module_header_t*)sample;
    tenon_module_header_t saved = *header;
    header->version_major = cases[i].major;
    header->version_minor = cases[i].minor;
    tenon_fix_checksum(sample, sample_length);
    tenon_module_file_t file;
    iree_status_t status = tenon_module_file_read(span(sample, sample_length), &file);
    char versions[64];
    snprintf(versions, sizeof(versions), "has version %u.%u and this runtime reads %u.0 to %u.%u",
             cases[i].major, cases[i].minor, TENON_MODULE_VERSION_MAJOR, TENON_MODULE_VERSION_MAJOR,
             TENON_MODULE_VERSION_MINOR);
    *header = saved;
    expect_failure(iree_status_clone(status), IREE_STATUS_FAILED_PRECONDITION, versions);
    expect_failure(status, IREE_STATUS_FAILED_PRECONDITION, cases[i].text);
  }
}

//===----------------------------------------------------------------------===//
// Malformed files with a good checksum
//===----------------------------------------------------------------------===//

// Where a case writes: a field of a record of a section, or of the header or section table.
enum { IN_HEADER = -1, IN_TABLE = -2 };
typedef struct malformed_t {
  int section;
  int index;      // of the record
  size_t offset;  // in the record
  int width;      // bytes
  uint64_t value;
  const char* text;  // of the message
} malformed_t;

#define FIELD(type, field) offsetof(type, field), sizeof(((type*)0)->field)
static const malformed_t malformed_cases[] = {
    {IN_HEADER, 0, 0, 1, 'X', "not a module file"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, section_count), 10, "header is malformed"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, module_flags), 1, "header is malformed"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, reserved), 1, "header is malformed"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, attribute_begin), 1000,
     "the module has attributes beyond its section 'attributes'"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, attribute_count), 1000,
     "the module has attributes beyond its section 'attributes'"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, ref_global_count), 0x10000, "header is malformed"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, value_global_count), 0x10000,
     "header is malformed"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, name), 100000, "has no name"},
    {IN_HEADER, 0, FIELD(tenon_module_header_t, name), 0, "has no name"},
    {IN_TABLE, 0, FIELD(tenon_section_t, kind), 1, "section 'strings'"},
    {IN_TABLE, 1, FIELD(tenon_section_t, reserved), 1, "section 'types'"},
    {IN_TABLE, 2, FIELD(tenon_section_t, offset), 64, "section 'imports'"},
    {IN_TABLE, 2, FIELD(tenon_section_t, offset), UINT64_MAX, "section 'imports'"},
    {IN_TABLE, 3, FIELD(tenon_section_t, length), UINT64_MAX, "section 'functions'"},
    {IN_TABLE, 3, FIELD(tenon_section_t, length), UINT64_MAX - 63, "section 'functions'"},
    {IN_TABLE, 3, FIELD(tenon_section_t, length), 43, "section 'functions'"},
    {IN_TABLE, 10, FIELD(tenon_section_t, length), 64, "goes on after its sections"},
    {IN_TABLE, 8, FIELD(tenon_section_t, length), 2, "section 'string bytes'"},
    // The byte before the first section.
    {TENON_SECTION_STRINGS, 0, (size_t)-1, 1, 1, "padding before the module's section 'strings'"},
    {TENON_SECTION_STRINGS, 0, FIELD(tenon_string_t, length), 1, "string 0"},
    {TENON_SECTION_STRINGS, 1, FIELD(tenon_string_t, offset), 0, "string 1"},
    {TENON_SECTION_STRINGS, 1, FIELD(tenon_string_t, length), 3, "string 1"},
    {TENON_SECTION_STRINGS, 1, FIELD(tenon_string_t, length), UINT32_MAX, "string 1"},
    {TENON_SECTION_STRING_BYTES, 0, 2, 1, 0, "contains a NUL"},
    {TENON_SECTION_STRING_BYTES, 0, 0, 1, 'x', "string 0"},
    {TENON_SECTION_TYPES, 0, 0, 4, 100000,
     "entry 0 of the module's section 'types' refers to strings that do not exist"},
    {TENON_SECTION_IMPORTS, 0, FIELD(tenon_import_t, full_name), 100000,
     "entry 0 of the module's section 'imports' refers to strings that do not exist"},
    {TENON_SECTION_IMPORTS, 0, FIELD(tenon_import_t, full_name), 1, "module.function"},
    {TENON_SECTION_IMPORTS, 1, FIELD(tenon_import_t, calling_convention), 1,
     "malformed calling convention \"sample\""},
    {TENON_SECTION_IMPORTS, 1, FIELD(tenon_import_t, calling_convention), 99999,
     "entry 1 of the module's section 'imports' refers to strings that do not exist"},
    {TENON_SECTION_IMPORTS, 0, FIELD(tenon_import_t, flags), 2, "unknown flags"},
    {TENON_SECTION_IMPORTS, 0, FIELD(tenon_import_t, attribute_begin), 3,
     "entry 0 of the module's section 'imports' refers to attributes that do not exist"},
    {TENON_SECTION_IMPORTS, 0, FIELD(tenon_import_t, attribute_count), UINT32_MAX,
     "entry 0 of the module's section 'imports' refers to attributes that do not exist"},
    {TENON_SECTION_FUNCTIONS, 0, FIELD(tenon_function_t, name), 100000,
     "entry 0 of the module's section 'functions' refers to strings that do not exist"},
    {TENON_SECTION_FUNCTIONS, 0, FIELD(tenon_function_t, calling_convention), 1,
     "malformed calling convention"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, i32_count), 0, "register counts"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, i64_count), 0x7FFF, "register counts"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, f32_count), 0, "register counts"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, f64_count), 0, "register counts"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, ref_count), 0, "register counts"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, ref_count), 0x8000, "register counts"},
    {TENON_SECTION_FUNCTIONS, 0, FIELD(tenon_function_t, reserved0), 1, "register counts"},
    {TENON_SECTION_FUNCTIONS, 0, FIELD(tenon_function_t, reserved1), 1, "register counts"},
    {TENON_SECTION_FUNCTIONS, 1, FIELD(tenon_function_t, bytecode_begin), 0, "misplaced code"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, bytecode_length), UINT32_MAX,
     "misplaced code"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, bytecode_length), 4, "to no function"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, location_begin), 1, "misplaced code"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, location_count), 99, "misplaced code"},
    {TENON_SECTION_FUNCTIONS, 2, FIELD(tenon_function_t, location_count), 1, "to no function"},
    {TENON_SECTION_EXPORTS, 0, FIELD(tenon_export_t, name), 100000,
     "entry 0 of the module's section 'exports' refers to strings that do not exist"},
    {TENON_SECTION_EXPORTS, 0, FIELD(tenon_export_t, name), 0, "out of order or there twice"},
    {TENON_SECTION_EXPORTS, 1, FIELD(tenon_export_t, function), 3, "is function 3 of 3"},
    {TENON_SECTION_EXPORTS, 0, FIELD(tenon_export_t, function), 2, "takes or gives values"},
    {TENON_SECTION_EXPORTS, 1, FIELD(tenon_export_t, attribute_begin), UINT32_MAX,
     "entry 1 of the module's section 'exports' refers to attributes that do not exist"},
    {TENON_SECTION_ATTRIBUTES, 1, FIELD(tenon_attribute_t, key), 100000,
     "entry 1 of the module's section 'attributes' refers to strings that do not exist"},
    {TENON_SECTION_ATTRIBUTES, 1, FIELD(tenon_attribute_t, value), 100000,
     "entry 1 of the module's section 'attributes' refers to strings that do not exist"},
    {TENON_SECTION_RODATA, 0, FIELD(tenon_rodata_t, offset), 64, "rodata segment 0"},
    {TENON_SECTION_RODATA, 1, FIELD(tenon_rodata_t, offset), 0, "rodata segment 1"},
    {TENON_SECTION_RODATA, 1, FIELD(tenon_rodata_t, length), UINT64_MAX - 64, "rodata segment 1"},
    {TENON_SECTION_RODATA, 1, FIELD(tenon_rodata_t, length), 99, "goes on after its segments"},
    {TENON_SECTION_RODATA, 1, FIELD(tenon_rodata_t, kind), 2, "rodata segment 1"},
    {TENON_SECTION_RODATA, 1, FIELD(tenon_rodata_t, name), 100000,
     "entry 1 of the module's section 'rodata' refers to strings that do not exist"},
    {TENON_SECTION_RODATA_BYTES, 0, 6, 1, 1, "rodata segment 1"},
    {TENON_SECTION_LOCATIONS, 0, FIELD(tenon_location_t, file), 100000,
     "entry 0 of the module's section 'locations' refers to strings that do not exist"},
    {TENON_SECTION_LOCATIONS, 0, FIELD(tenon_location_t, context), 100000,
     "entry 0 of the module's section 'locations' refers to strings that do not exist"},
    {TENON_SECTION_LOCATIONS, 0, FIELD(tenon_location_t, pc), 1, "location 0 is out of order"},
    {TENON_SECTION_LOCATIONS, 1, FIELD(tenon_location_t, pc), 0, "location 1 is out of order"},
    {TENON_SECTION_LOCATIONS, 1, FIELD(tenon_location_t, pc), 1u << 31, "location 1 is out of"},
};

static size_t record_size(int section) {
  switch (section) {
    case TENON_SECTION_STRINGS:
    case TENON_SECTION_ATTRIBUTES:
      return 8;
    case TENON_SECTION_IMPORTS:
    case TENON_SECTION_RODATA:
      return 24;
    case TENON_SECTION_FUNCTIONS:
      return sizeof(tenon_function_t);
    case TENON_SECTION_EXPORTS:
      return sizeof(tenon_export_t);
    case TENON_SECTION_LOCATIONS:
      return sizeof(tenon_location_t);
    default:
      return 4;
  }
}

static void test_malformed(void** state) {
  for (size_t i = 0; i < IREE_ARRAYSIZE(malformed_cases); ++i) {
    const malformed_t* c = &malformed_cases[i];
    uint8_t* copy = malloc(sample_length);
    memcpy(copy, sample, sample_length);
    size_t base = 0;
    if (c->section == IN_TABLE) {
      base = sizeof(tenon_module_header_t) + (size_t)c->index * sizeof(tenon_section_t);
    } else if (c->section >= 0) {
      const tenon_section_t* sections =
          (const tenon_section_t*)(sample + sizeof(tenon_module_header_t));
      base = sections[c->section].offset + (size_t)c->index * record_size(c->section);
    }
    memcpy(copy + base + c->offset, &c->value, (size_t)c->width);
    tenon_fix_checksum(copy, sample_length);
    tenon_module_file_t file;
    expect_failure(read_and_verify(copy, sample_length, &file), IREE_STATUS_INVALID_ARGUMENT,
                   c->text);
    free(copy);
  }
}

// A file that is all header, and one that ends within the table.
static void test_missing_table(void** state) {
  for (size_t length = sizeof(tenon_module_header_t); length < 328; length += 24) {
    uint8_t* part = malloc(length);
    memcpy(part, sample, length);
    ((tenon_module_header_t*)part)->file_length = length;
    tenon_fix_checksum(part, length);
    tenon_module_file_t file;
    expect_failure(tenon_module_file_read(span(part, length), &file), IREE_STATUS_INVALID_ARGUMENT,
                   "table is cut short");
    free(part);
  }
}

static void test_calling_conventions(void** state) {
  static const struct {
    const char* text;
    bool as_function, as_import;
  } cases[] = {
      {"0v_v", true, true},          {"0iIfFr_iIfFr", true, true}, {"0CiD_v", false, true},
      {"0rCrIIDCID_v", false, true}, {"", false, false},           {"0", false, false},
      {"0_", false, false},          {"0v_", false, false},        {"0_v", false, false},
      {"1v_v", false, false},        {"0vi_v", false, false},      {"0v_vi", false, false},
      {"0x_v", false, false},        {"0i", false, false},         {"0CD_v", false, false},
      {"0CiCiDD_v", false, false},   {"0Ci_v", false, false},      {"0D_v", false, false},
      {"0i_CiD", false, false},      {"0i_v_v", false, false},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(cases); ++i) {
    for (int is_import = 0; is_import < 2; ++is_import) {
      tenon_writer_t* writer = tenon_writer_create();
      tenon_writer_set_name(writer, tenon_writer_cstring(writer, "m"));
      uint32_t cconv = tenon_writer_cstring(writer, cases[i].text);
      if (is_import) {
        tenon_writer_add_import(writer, tenon_writer_cstring(writer, "a.b"), cconv, 0, NULL, 0);
      } else {
        tenon_function_t record = {
            .i32_count = 3, .i64_count = 3, .f32_count = 3, .f64_count = 3, .ref_count = 3};
        uint32_t function = tenon_writer_declare_function(writer, 0, cconv);
        tenon_writer_define_function(writer, function, &record, NULL, 0, NULL, 0);
      }
      uint8_t* data = NULL;
      size_t length = 0;
      assert_true(tenon_writer_serialize(writer, &data, &length));
      tenon_module_file_t file;
      iree_status_t status = tenon_module_file_read(span(data, length), &file);
      bool expected = is_import ? cases[i].as_import : cases[i].as_function;
      if (expected) {
        IREE_CHECK_OK(status);
      } else {
        expect_failure(status, IREE_STATUS_INVALID_ARGUMENT, "calling convention");
      }
      free(data);
      tenon_writer_destroy(writer);
    }
  }
}

static int set_up(void** state) {
  tenon_make_sample_module(&sample, &sample_length);
  return 0;
}

static int tear_down(void** state) {
  free(sample);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_lookups),
      cmocka_unit_test(test_deterministic),
      cmocka_unit_test(test_empty_module),
      cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_extended),
      cmocka_unit_test(test_every_byte_flipped),
      cmocka_unit_test(test_every_byte_flipped_and_signed),
      cmocka_unit_test(test_other_versions),
      cmocka_unit_test(test_malformed),
      cmocka_unit_test(test_missing_table),
      cmocka_unit_test(test_calling_conventions),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
