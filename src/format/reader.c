// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/reader.h"

#include <stdarg.h>
#include <string.h>

#include "format/calling_convention.h"
#include "format/checksum.h"

// One function for all errors, of which |line| tells which: each place is small.
static IREE_ATTRIBUTE_COLD IREE_ATTRIBUTE_NOINLINE IREE_PRINTF_ATTRIBUTE(2, 3) iree_status_t
    tenon_malformed(uint32_t line, const char* format, ...) {
  va_list args;
  va_start(args, format);
  iree_status_t status =
      iree_status_allocate_vf(IREE_STATUS_INVALID_ARGUMENT, __FILE__, line, format, args);
  va_end(args);
  return status;
}
#define TENON_MALFORMED(...) tenon_malformed(__LINE__, __VA_ARGS__)

static const char tenon_section_names[TENON_SECTION_COUNT][16] = {
    "strings", "types",     "imports",  "functions",    "exports",     "attributes",
    "rodata",  "locations", "bytecode", "string bytes", "rodata bytes"};

static const uint8_t tenon_record_sizes[TENON_SECTION_COUNT] = {sizeof(tenon_string_t),
                                                                sizeof(uint32_t),
                                                                sizeof(tenon_import_t),
                                                                sizeof(tenon_function_t),
                                                                sizeof(tenon_export_t),
                                                                sizeof(tenon_attribute_t),
                                                                sizeof(tenon_rodata_t),
                                                                sizeof(tenon_location_t),
                                                                sizeof(uint16_t),
                                                                1,
                                                                1};

static uint64_t tenon_round_up(uint64_t value) {
  return (value + TENON_MODULE_ALIGNMENT - 1) & ~(uint64_t)(TENON_MODULE_ALIGNMENT - 1);
}

static bool tenon_is_zero(const uint8_t* data, uint64_t length) {
  for (uint64_t i = 0; i < length; ++i) {
    if (data[i]) return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The file as a whole
//===----------------------------------------------------------------------===//

static iree_status_t tenon_read_version(const tenon_module_header_t* header) {
  if (header->version_major == TENON_MODULE_VERSION_MAJOR &&
      header->version_minor <= TENON_MODULE_VERSION_MINOR) {
    return iree_ok_status();
  }
  bool newer = header->version_major >= TENON_MODULE_VERSION_MAJOR;
  return iree_make_status(
      IREE_STATUS_FAILED_PRECONDITION,
      "the module file has version %u.%u and this runtime reads %u.0 to %u.%u; %s",
      header->version_major, header->version_minor, TENON_MODULE_VERSION_MAJOR,
      TENON_MODULE_VERSION_MAJOR, TENON_MODULE_VERSION_MINOR,
      newer ? "use a newer runtime, or compile the program with the iree-compile of this runtime"
            : "compile the program again with the iree-compile of this runtime");
}

static iree_status_t tenon_read_header(tenon_module_file_t* file) {
  const tenon_module_header_t* header = file->header;
  if (file->length == 0) return TENON_MALFORMED("the module file is empty");
  iree_host_size_t magic_length =
      file->length < sizeof(header->magic) ? file->length : sizeof(header->magic);
  if (memcmp(file->data, TENON_MODULE_MAGIC, magic_length) != 0) {
    return TENON_MALFORMED("not a module file: it does not start as the files of iree-compile do");
  }
  if (file->length < sizeof(*header)) {
    return iree_make_status(IREE_STATUS_DATA_LOSS,
                            "the module file is cut short: it has %zu bytes, less than its header",
                            (size_t)file->length);
  }
  IREE_RETURN_IF_ERROR(tenon_read_version(header));
  if (header->file_length != file->length) {
    return iree_make_status(
        IREE_STATUS_DATA_LOSS,
        "the module file is damaged: it has %zu bytes and was written with %llu",
        (size_t)file->length, (unsigned long long)header->file_length);
  }
  if (header->checksum != tenon_module_checksum(file->data, file->length)) {
    return iree_make_status(IREE_STATUS_DATA_LOSS,
                            "the module file is damaged: its checksum does not fit its contents; "
                            "copy or compile it again");
  }
  if (header->section_count != TENON_SECTION_COUNT || header->module_flags ||
      header->ref_global_count > TENON_MAX_REF_GLOBALS ||
      header->value_global_count > TENON_MAX_VALUE_GLOBALS || header->reserved) {
    return TENON_MALFORMED("the module's header is malformed");
  }
  return iree_ok_status();
}

static iree_status_t tenon_read_section_table(tenon_module_file_t* file) {
  uint64_t end = sizeof(tenon_module_header_t) + TENON_SECTION_COUNT * sizeof(tenon_section_t);
  if (file->length < end) return TENON_MALFORMED("the module's section table is cut short");
  for (uint32_t i = 0; i < TENON_SECTION_COUNT; ++i) {
    const tenon_section_t* section = &file->sections[i];
    uint64_t begin = tenon_round_up(end);
    if (section->kind != i || section->reserved || section->offset != begin ||
        begin > file->length || section->length > file->length - begin ||
        section->length % tenon_record_sizes[i] ||
        (i < TENON_SECTION_STRING_BYTES && section->length / tenon_record_sizes[i] >= UINT32_MAX)) {
      return TENON_MALFORMED("the module's section '%s' is malformed or misplaced",
                             tenon_section_names[i]);
    }
    if (!tenon_is_zero(file->data + end, begin - end)) {
      return TENON_MALFORMED("the padding before the module's section '%s' is not zero",
                             tenon_section_names[i]);
    }
    end = begin + section->length;
  }
  if (end != file->length) return TENON_MALFORMED("the module file goes on after its sections");
  return iree_ok_status();
}

static const void* tenon_section_data(const tenon_module_file_t* file, tenon_section_kind_t kind,
                                      uint32_t* out_count) {
  const tenon_section_t* section = &file->sections[kind];
  if (out_count) *out_count = (uint32_t)(section->length / tenon_record_sizes[kind]);
  return file->data + section->offset;
}

static void tenon_locate_sections(tenon_module_file_t* file) {
  file->strings = tenon_section_data(file, TENON_SECTION_STRINGS, &file->string_count);
  file->types = tenon_section_data(file, TENON_SECTION_TYPES, &file->type_count);
  file->imports = tenon_section_data(file, TENON_SECTION_IMPORTS, &file->import_count);
  file->functions = tenon_section_data(file, TENON_SECTION_FUNCTIONS, &file->function_count);
  file->exports = tenon_section_data(file, TENON_SECTION_EXPORTS, &file->export_count);
  file->attributes = tenon_section_data(file, TENON_SECTION_ATTRIBUTES, &file->attribute_count);
  file->rodata = tenon_section_data(file, TENON_SECTION_RODATA, &file->rodata_count);
  file->locations = tenon_section_data(file, TENON_SECTION_LOCATIONS, &file->location_count);
  file->bytecode = tenon_section_data(file, TENON_SECTION_BYTECODE, &file->bytecode_length);
  file->string_bytes = tenon_section_data(file, TENON_SECTION_STRING_BYTES, NULL);
  file->rodata_bytes = tenon_section_data(file, TENON_SECTION_RODATA_BYTES, NULL);
}

//===----------------------------------------------------------------------===//
// Records
//===----------------------------------------------------------------------===//

static iree_status_t tenon_read_strings(const tenon_module_file_t* file) {
  uint64_t available = file->sections[TENON_SECTION_STRING_BYTES].length;
  uint64_t end = 0;
  for (uint32_t i = 0; i < file->string_count; ++i) {
    const tenon_string_t* string = &file->strings[i];
    if (string->offset != end || string->length >= available - end) {
      return TENON_MALFORMED("string %u of the module is misplaced", i);
    }
    const char* text = file->string_bytes + end;
    if (memchr(text, 0, (size_t)string->length + 1) != text + string->length) {
      return TENON_MALFORMED("string %u of the module contains a NUL or does not end with one", i);
    }
    end += (uint64_t)string->length + 1;
  }
  if (file->string_count == 0 || file->strings[0].length != 0) {
    return TENON_MALFORMED("string 0 of the module is not the empty string");
  }
  if (end != available) return TENON_MALFORMED("the module's string bytes go on after its strings");
  return iree_ok_status();
}

// Where records refer to strings by index or, if |is_range|, to attributes by where they begin and their count.
static const struct {
  uint8_t section, offset;
  bool is_range;
} tenon_references[] = {
    {TENON_SECTION_TYPES, 0, false},
    {TENON_SECTION_IMPORTS, offsetof(tenon_import_t, full_name), false},
    {TENON_SECTION_IMPORTS, offsetof(tenon_import_t, calling_convention), false},
    {TENON_SECTION_IMPORTS, offsetof(tenon_import_t, attribute_begin), true},
    {TENON_SECTION_FUNCTIONS, offsetof(tenon_function_t, name), false},
    {TENON_SECTION_FUNCTIONS, offsetof(tenon_function_t, calling_convention), false},
    {TENON_SECTION_EXPORTS, offsetof(tenon_export_t, name), false},
    {TENON_SECTION_EXPORTS, offsetof(tenon_export_t, attribute_begin), true},
    {TENON_SECTION_ATTRIBUTES, offsetof(tenon_attribute_t, key), false},
    {TENON_SECTION_ATTRIBUTES, offsetof(tenon_attribute_t, value), false},
    {TENON_SECTION_RODATA, offsetof(tenon_rodata_t, name), false},
    {TENON_SECTION_LOCATIONS, offsetof(tenon_location_t, file), false},
    {TENON_SECTION_LOCATIONS, offsetof(tenon_location_t, context), false},
};

static bool tenon_is_string(const tenon_module_file_t* file, uint32_t index) {
  return index < file->string_count;
}

static bool tenon_has_attributes(const tenon_module_file_t* file, uint32_t begin, uint32_t count) {
  return begin <= file->attribute_count && count <= file->attribute_count - begin;
}

static iree_status_t tenon_read_references(const tenon_module_file_t* file) {
  const tenon_module_header_t* header = file->header;
  if (!tenon_is_string(file, header->name) || file->strings[header->name].length == 0) {
    return TENON_MALFORMED("the module has no name");
  }
  if (!tenon_has_attributes(file, header->attribute_begin, header->attribute_count)) {
    return TENON_MALFORMED("the module has attributes beyond its section 'attributes'");
  }
  for (size_t i = 0; i < IREE_ARRAYSIZE(tenon_references); ++i) {
    const tenon_section_kind_t kind = (tenon_section_kind_t)tenon_references[i].section;
    uint32_t count = 0;
    const uint8_t* field = tenon_section_data(file, kind, &count);
    field += tenon_references[i].offset;
    for (uint32_t j = 0; j < count; ++j, field += tenon_record_sizes[kind]) {
      const bool is_range = tenon_references[i].is_range;
      const uint32_t* values = (const uint32_t*)(const void*)field;
      if (is_range ? tenon_has_attributes(file, values[0], values[1])
                   : tenon_is_string(file, values[0])) {
        continue;
      }
      return TENON_MALFORMED("entry %u of the module's section '%s' refers to %s that do not exist",
                             j, tenon_section_names[kind], is_range ? "attributes" : "strings");
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_read_counts(const tenon_module_file_t* file) {
  for (int i = TENON_SECTION_IMPORTS; i <= TENON_SECTION_EXPORTS; ++i) {
    uint32_t count = 0;
    tenon_section_data(file, (tenon_section_kind_t)i, &count);
    if (count > TENON_MAX_FUNCTIONS) {
      return TENON_MALFORMED("the module has %u %s and at most %u are supported", count,
                             tenon_section_names[i], TENON_MAX_FUNCTIONS);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_check_cconv(const tenon_module_file_t* file, uint32_t string,
                                       bool allow_spans, const char* what, uint32_t index,
                                       tenon_cconv_t* out) {
  const char* text = tenon_module_text(file, string);
  if (tenon_cconv_parse(text, file->strings[string].length, allow_spans, out)) {
    return iree_ok_status();
  }
  return TENON_MALFORMED("%s %u of the module has the malformed calling convention \"%.64s\"", what,
                         index, text);
}

static iree_status_t tenon_read_imports(const tenon_module_file_t* file) {
  for (uint32_t i = 0; i < file->import_count; ++i) {
    const tenon_import_t* import = &file->imports[i];
    const char* name = tenon_module_text(file, import->full_name);
    const char* dot = strchr(name, '.');
    if (!dot || dot == name || !dot[1]) {
      return TENON_MALFORMED("import %u of the module, \"%s\", is not of the form module.function",
                             i, name);
    }
    tenon_cconv_t cconv;
    IREE_RETURN_IF_ERROR(
        tenon_check_cconv(file, import->calling_convention, true, "import", i, &cconv));
    if (import->flags & ~(uint32_t)TENON_IMPORT_OPTIONAL) {
      return TENON_MALFORMED("import %u of the module, %s, has unknown flags", i, name);
    }
  }
  return iree_ok_status();
}

// There must be registers for the arguments to arrive in.
static bool tenon_has_argument_registers(const tenon_function_t* function,
                                         const tenon_cconv_t* cconv) {
  uint32_t left[] = {function->i32_count, function->i64_count, function->f32_count,
                     function->f64_count, function->ref_count};
  static const char letters[] = "iIfFr";
  for (uint32_t i = 0; i < cconv->argument_length; ++i) {
    if (left[strchr(letters, cconv->arguments[i]) - letters]-- == 0) return false;
  }
  return true;
}

static iree_status_t tenon_read_functions(const tenon_module_file_t* file) {
  uint32_t code_end = 0, location_end = 0;
  for (uint32_t i = 0; i < file->function_count; ++i) {
    const tenon_function_t* function = &file->functions[i];
    tenon_cconv_t cconv;
    IREE_RETURN_IF_ERROR(
        tenon_check_cconv(file, function->calling_convention, false, "function", i, &cconv));
    uint32_t value_count = (uint32_t)function->i32_count + function->i64_count +
                           function->f32_count + function->f64_count;
    if (value_count > TENON_MAX_REGISTERS || function->ref_count > TENON_MAX_REGISTERS ||
        !tenon_has_argument_registers(function, &cconv) || function->reserved0 ||
        function->reserved1) {
      return TENON_MALFORMED("function %u of the module, @%s, has malformed register counts", i,
                             tenon_module_text(file, function->name));
    }
    if (function->bytecode_begin != code_end ||
        function->bytecode_length > file->bytecode_length - code_end ||
        function->location_begin != location_end ||
        function->location_count > file->location_count - location_end) {
      return TENON_MALFORMED("function %u of the module, @%s, has misplaced code or locations", i,
                             tenon_module_text(file, function->name));
    }
    code_end += function->bytecode_length;
    location_end += function->location_count;
  }
  if (code_end != file->bytecode_length || location_end != file->location_count) {
    return TENON_MALFORMED("the module has code or locations that belong to no function");
  }
  return iree_ok_status();
}

static iree_status_t tenon_read_exports(const tenon_module_file_t* file) {
  for (uint32_t i = 0; i < file->export_count; ++i) {
    const tenon_export_t* export = &file->exports[i];
    const char* name = tenon_module_text(file, export->name);
    if (!*name || (i && strcmp(tenon_module_text(file, file->exports[i - 1].name), name) >= 0)) {
      return TENON_MALFORMED("export %u of the module, \"%s\", is out of order or there twice", i,
                             name);
    }
    if (export->function >= file->function_count) {
      return TENON_MALFORMED("export %u of the module, \"%s\", is function %u of %u", i, name,
                             export->function, file->function_count);
    }
    const char* cconv =
        tenon_module_text(file, file->functions[export->function].calling_convention);
    if ((strcmp(name, "__init") == 0 || strcmp(name, "__deinit") == 0) &&
        strcmp(cconv, "0v_v") != 0) {
      return TENON_MALFORMED("the module's export %s takes or gives values (%s); it may not", name,
                             cconv);
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_read_rodata(const tenon_module_file_t* file) {
  uint64_t available = file->sections[TENON_SECTION_RODATA_BYTES].length;
  uint64_t end = 0;
  for (uint32_t i = 0; i < file->rodata_count; ++i) {
    const tenon_rodata_t* segment = &file->rodata[i];
    uint64_t begin = tenon_round_up(end);
    if (segment->offset != begin || begin > available || segment->length > available - begin ||
        segment->kind > TENON_RODATA_EXECUTABLE ||
        !tenon_is_zero(file->rodata_bytes + end, begin - end)) {
      return TENON_MALFORMED("rodata segment %u of the module is malformed or misplaced", i);
    }
    end = begin + segment->length;
  }
  if (end != available) return TENON_MALFORMED("the module's rodata goes on after its segments");
  return iree_ok_status();
}

iree_status_t tenon_module_file_read(iree_const_byte_span_t archive,
                                     tenon_module_file_t* out_file) {
  tenon_module_file_t* file = out_file;
  memset(file, 0, sizeof(*file));
  file->data = archive.data;
  file->length = archive.data ? archive.data_length : 0;
  file->header = (const tenon_module_header_t*)archive.data;
  IREE_RETURN_IF_ERROR(tenon_read_header(file));
  IREE_ASSERT(archive.data);
  file->sections = (const tenon_section_t*)(archive.data + sizeof(tenon_module_header_t));
  IREE_RETURN_IF_ERROR(tenon_read_section_table(file));
  tenon_locate_sections(file);
  IREE_RETURN_IF_ERROR(tenon_read_strings(file));
  IREE_RETURN_IF_ERROR(tenon_read_references(file));
  IREE_RETURN_IF_ERROR(tenon_read_counts(file));
  IREE_RETURN_IF_ERROR(tenon_read_imports(file));
  IREE_RETURN_IF_ERROR(tenon_read_functions(file));
  IREE_RETURN_IF_ERROR(tenon_read_exports(file));
  return tenon_read_rodata(file);
}

//===----------------------------------------------------------------------===//
// Look-ups
//===----------------------------------------------------------------------===//

uint32_t tenon_module_find_export(const tenon_module_file_t* file, iree_string_view_t name) {
  uint32_t begin = 0, end = file->export_count;
  while (begin < end) {
    uint32_t middle = begin + (end - begin) / 2;
    int order =
        iree_string_view_compare(tenon_module_string(file, file->exports[middle].name), name);
    if (order == 0) return middle;
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return TENON_NO_INDEX;
}

const tenon_location_t* tenon_module_find_location(const tenon_module_file_t* file,
                                                   const tenon_function_t* function, uint32_t pc) {
  const tenon_location_t* locations = file->locations + function->location_begin;
  uint32_t begin = 0, end = function->location_count;
  while (begin < end) {
    uint32_t middle = begin + (end - begin) / 2;
    if (locations[middle].pc == pc) return &locations[middle];
    if (locations[middle].pc < pc) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return NULL;
}
