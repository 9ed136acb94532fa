// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <inttypes.h>

#include "format/disassembler.h"
#include "support/dump.h"
#include "support/json.h"

static void dump_text(tenon_json_t* json, const char* name, const tenon_module_file_t* module,
                      uint32_t string) {
  tenon_json_string(json, name, tenon_module_string(module, string));
}

static void dump_attributes(tenon_json_t* json, const tenon_module_file_t* module, uint32_t begin,
                            uint32_t count) {
  tenon_json_open(json, "attributes", '{');
  for (uint32_t i = begin; i < begin + count; ++i) {
    tenon_json_member(json, tenon_module_string(module, module->attributes[i].key),
                      tenon_module_string(module, module->attributes[i].value));
  }
  tenon_json_close(json, '}');
}

static void dump_header(tenon_json_t* json, const tenon_module_file_t* module) {
  const tenon_module_header_t* header = module->header;
  char checksum[17];
  snprintf(checksum, sizeof(checksum), "%016" PRIx64, header->checksum);
  dump_text(json, "name", module, header->name);
  tenon_json_number(json, "version_major", header->version_major);
  tenon_json_number(json, "version_minor", header->version_minor);
  tenon_json_number(json, "length", header->file_length);
  tenon_json_string(json, "checksum", iree_make_cstring_view(checksum));
  tenon_json_number(json, "ref_globals", header->ref_global_count);
  tenon_json_number(json, "value_globals", header->value_global_count);
  if (header->module_version) tenon_json_number(json, "module_version", header->module_version);
  if (header->attribute_count) {
    dump_attributes(json, module, header->attribute_begin, header->attribute_count);
  }
}

static void dump_sections(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "sections", '[');
  for (uint32_t i = 0; i < TENON_SECTION_COUNT; ++i) {
    tenon_json_open(json, NULL, '{');
    tenon_json_string(json, "kind",
                      iree_make_cstring_view(tenon_dump_section_name(module->sections[i].kind)));
    tenon_json_number(json, "offset", module->sections[i].offset);
    tenon_json_number(json, "length", module->sections[i].length);
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
}

static void dump_types(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "types", '[');
  for (uint32_t i = 0; i < module->type_count; ++i) dump_text(json, NULL, module, module->types[i]);
  tenon_json_close(json, ']');
}

static void dump_imports(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "imports", '[');
  for (uint32_t i = 0; i < module->import_count; ++i) {
    const tenon_import_t* import = &module->imports[i];
    tenon_json_open(json, NULL, '{');
    dump_text(json, "name", module, import->full_name);
    dump_text(json, "calling_convention", module, import->calling_convention);
    tenon_json_bool(json, "optional", (import->flags & TENON_IMPORT_OPTIONAL) != 0);
    if (import->minimum_version) {
      tenon_json_number(json, "minimum_version", import->minimum_version);
    }
    dump_attributes(json, module, import->attribute_begin, import->attribute_count);
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
}

static void dump_exports(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "exports", '[');
  for (uint32_t i = 0; i < module->export_count; ++i) {
    const tenon_export_t* export = &module->exports[i];
    tenon_json_open(json, NULL, '{');
    dump_text(json, "name", module, export->name);
    dump_text(json, "calling_convention", module,
              module->functions[export->function].calling_convention);
    tenon_json_number(json, "function", export->function);
    dump_attributes(json, module, export->attribute_begin, export->attribute_count);
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
}

static void dump_registers(tenon_json_t* json, const tenon_function_t* function) {
  tenon_json_open(json, "registers", '{');
  tenon_json_number(json, "i32", function->i32_count);
  tenon_json_number(json, "i64", function->i64_count);
  tenon_json_number(json, "f32", function->f32_count);
  tenon_json_number(json, "f64", function->f64_count);
  tenon_json_number(json, "ref", function->ref_count);
  tenon_json_close(json, '}');
}

static void dump_locations(tenon_json_t* json, const tenon_module_file_t* module,
                           const tenon_function_t* function) {
  tenon_json_open(json, "locations", '[');
  for (uint32_t i = 0; i < function->location_count; ++i) {
    const tenon_location_t* location = &module->locations[function->location_begin + i];
    tenon_json_open(json, NULL, '{');
    tenon_json_number(json, "pc", location->pc);
    dump_text(json, "file", module, location->file);
    tenon_json_number(json, "line", location->line);
    tenon_json_number(json, "column", location->column);
    dump_text(json, "context", module, location->context);
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
}

// The code as an array of lines.
static iree_status_t dump_code(tenon_json_t* json, const tenon_module_file_t* module,
                               uint32_t index) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  iree_status_t status =
      tenon_disassemble_function(module, index, iree_allocator_system(), &builder);
  if (iree_status_is_ok(status)) {
    tenon_json_open(json, "code", '[');
    iree_string_view_t text = iree_string_builder_view(&builder);
    while (text.size) {
      iree_string_view_t line;
      iree_string_view_split(text, '\n', &line, &text);
      tenon_json_string(json, NULL, line);
    }
    tenon_json_close(json, ']');
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

static iree_status_t dump_functions(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "functions", '[');
  for (uint32_t i = 0; i < module->function_count; ++i) {
    const tenon_function_t* function = &module->functions[i];
    tenon_json_open(json, NULL, '{');
    dump_text(json, "name", module, function->name);
    dump_text(json, "calling_convention", module, function->calling_convention);
    dump_registers(json, function);
    tenon_json_number(json, "call_storage_size", function->call_storage_size);
    tenon_json_number(json, "bytecode_begin", function->bytecode_begin);
    tenon_json_number(json, "bytecode_length", function->bytecode_length);
    IREE_RETURN_IF_ERROR(dump_code(json, module, i));
    dump_locations(json, module, function);
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
  return iree_ok_status();
}

static void dump_rodata(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "rodata", '[');
  for (uint32_t i = 0; i < module->rodata_count; ++i) {
    const tenon_rodata_t* rodata = &module->rodata[i];
    char preview[2 * TENON_DUMP_PREVIEW_LENGTH + 1] = "";
    for (uint64_t j = 0; j < rodata->length && j < TENON_DUMP_PREVIEW_LENGTH; ++j) {
      snprintf(preview + 2 * j, 3, "%02x", module->rodata_bytes[rodata->offset + j]);
    }
    tenon_json_open(json, NULL, '{');
    tenon_json_string(json, "kind",
                      iree_make_cstring_view(tenon_dump_rodata_kind_name(rodata->kind)));
    dump_text(json, "name", module, rodata->name);
    tenon_json_number(json, "offset", rodata->offset);
    tenon_json_number(json, "length", rodata->length);
    tenon_json_string(json, "first_bytes", iree_make_cstring_view(preview));
    tenon_json_close(json, '}');
  }
  tenon_json_close(json, ']');
}

static void dump_strings(tenon_json_t* json, const tenon_module_file_t* module) {
  tenon_json_open(json, "strings", '[');
  for (uint32_t i = 0; i < module->string_count; ++i) dump_text(json, NULL, module, i);
  tenon_json_close(json, ']');
}

iree_status_t tenon_dump_json(const tenon_module_file_t* module, FILE* file) {
  tenon_json_t json = {.file = file};
  tenon_json_open(&json, NULL, '{');
  dump_header(&json, module);
  dump_sections(&json, module);
  dump_types(&json, module);
  dump_imports(&json, module);
  dump_exports(&json, module);
  IREE_RETURN_IF_ERROR(dump_functions(&json, module));
  dump_rodata(&json, module);
  dump_strings(&json, module);
  tenon_json_close(&json, '}');
  return iree_ok_status();
}
