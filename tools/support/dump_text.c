// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <inttypes.h>

#include "format/disassembler.h"
#include "support/dump.h"

const char* tenon_dump_section_name(uint32_t kind) {
  static const char* const names[TENON_SECTION_COUNT] = {
      [TENON_SECTION_STRINGS] = "strings",
      [TENON_SECTION_TYPES] = "types",
      [TENON_SECTION_IMPORTS] = "imports",
      [TENON_SECTION_FUNCTIONS] = "functions",
      [TENON_SECTION_EXPORTS] = "exports",
      [TENON_SECTION_ATTRIBUTES] = "attributes",
      [TENON_SECTION_RODATA] = "rodata",
      [TENON_SECTION_LOCATIONS] = "locations",
      [TENON_SECTION_BYTECODE] = "bytecode",
      [TENON_SECTION_STRING_BYTES] = "string_bytes",
      [TENON_SECTION_RODATA_BYTES] = "rodata_bytes",
  };
  return names[kind];
}

const char* tenon_dump_rodata_kind_name(uint32_t kind) {
  return kind == TENON_RODATA_EXECUTABLE ? "executable" : "data";
}

static void dump_header(const tenon_module_file_t* module, FILE* file) {
  const tenon_module_header_t* header = module->header;
  fprintf(file,
          "Module @%s, format %u.%u, %" PRIu64 " bytes, checksum %016" PRIx64 ", %" PRIu32
          " ref globals, %" PRIu32 " value globals\n",
          tenon_module_text(module, header->name), header->version_major, header->version_minor,
          header->file_length, header->checksum, header->ref_global_count,
          header->value_global_count);
}

static void dump_sections(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nSections: %d\n", (int)TENON_SECTION_COUNT);
  for (uint32_t i = 0; i < TENON_SECTION_COUNT; ++i) {
    const tenon_section_t* section = &module->sections[i];
    fprintf(file, "  [%2" PRIu32 "] %-13s %8" PRIu64 " bytes at %" PRIu64 "\n", i,
            tenon_dump_section_name(section->kind), section->length, section->offset);
  }
}

static void dump_types(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nTypes: %" PRIu32 "\n", module->type_count);
  for (uint32_t i = 0; i < module->type_count; ++i) {
    fprintf(file, "  [%2" PRIu32 "] !%s\n", i, tenon_module_text(module, module->types[i]));
  }
}

static void dump_attributes(const tenon_module_file_t* module, uint32_t begin, uint32_t count,
                            FILE* file) {
  for (uint32_t i = begin; i < begin + count; ++i) {
    fprintf(file, "         %s: %s\n", tenon_module_text(module, module->attributes[i].key),
            tenon_module_text(module, module->attributes[i].value));
  }
}

static void dump_imports(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nImports: %" PRIu32 "\n", module->import_count);
  for (uint32_t i = 0; i < module->import_count; ++i) {
    const tenon_import_t* import = &module->imports[i];
    fprintf(file, "  [%2" PRIu32 "] %s %s%s\n", i, tenon_module_text(module, import->full_name),
            tenon_module_text(module, import->calling_convention),
            import->flags & TENON_IMPORT_OPTIONAL ? " optional" : "");
    dump_attributes(module, import->attribute_begin, import->attribute_count, file);
  }
}

static void dump_exports(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nExports: %" PRIu32 "\n", module->export_count);
  for (uint32_t i = 0; i < module->export_count; ++i) {
    const tenon_export_t* export = &module->exports[i];
    const tenon_function_t* function = &module->functions[export->function];
    fprintf(file, "  [%2" PRIu32 "] %s %s, function %" PRIu32 "\n", i,
            tenon_module_text(module, export->name),
            tenon_module_text(module, function->calling_convention), export->function);
    dump_attributes(module, export->attribute_begin, export->attribute_count, file);
  }
}

static iree_status_t dump_functions(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nFunctions: %" PRIu32 "\n", module->function_count);
  for (uint32_t i = 0; i < module->function_count; ++i) {
    iree_string_builder_t builder;
    iree_string_builder_initialize(iree_allocator_system(), &builder);
    iree_status_t status = tenon_disassemble_function(module, i, iree_allocator_system(), &builder);
    if (iree_status_is_ok(status)) {
      fprintf(file, "[%" PRIu32 "] %.*s\n", i, (int)iree_string_builder_size(&builder),
              iree_string_builder_buffer(&builder));
    }
    iree_string_builder_deinitialize(&builder);
    IREE_RETURN_IF_ERROR(status);
  }
  return iree_ok_status();
}

static void dump_rodata(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "Rodata: %" PRIu32 "\n", module->rodata_count);
  for (uint32_t i = 0; i < module->rodata_count; ++i) {
    const tenon_rodata_t* rodata = &module->rodata[i];
    fprintf(file, "  [%2" PRIu32 "] %-10s %8" PRIu64 " bytes at %" PRIu64 " `%s`", i,
            tenon_dump_rodata_kind_name(rodata->kind), rodata->length, rodata->offset,
            tenon_module_text(module, rodata->name));
    for (uint64_t j = 0; j < rodata->length && j < TENON_DUMP_PREVIEW_LENGTH; ++j) {
      fprintf(file, " %02x", module->rodata_bytes[rodata->offset + j]);
    }
    fprintf(file, "%s\n", rodata->length > TENON_DUMP_PREVIEW_LENGTH ? " ..." : "");
  }
}

static void dump_locations(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nLocations: %" PRIu32 "\n", module->location_count);
  for (uint32_t i = 0; i < module->function_count; ++i) {
    const tenon_function_t* function = &module->functions[i];
    for (uint32_t j = 0; j < function->location_count; ++j) {
      const tenon_location_t* location = &module->locations[function->location_begin + j];
      const char* context = tenon_module_text(module, location->context);
      fprintf(file, "  @%s+%" PRIu32 ": %s:%" PRIu32 ":%" PRIu32 "%s%s\n",
              tenon_module_text(module, function->name), location->pc,
              tenon_module_text(module, location->file), location->line, location->column,
              *context ? " " : "", context);
    }
  }
}

static void dump_strings(const tenon_module_file_t* module, FILE* file) {
  fprintf(file, "\nStrings: %" PRIu32 "\n", module->string_count);
  for (uint32_t i = 0; i < module->string_count; ++i) {
    fprintf(file, "  [%2" PRIu32 "] `%s`\n", i, tenon_module_text(module, i));
  }
}

iree_status_t tenon_dump_text(const tenon_module_file_t* module, FILE* file) {
  dump_header(module, file);
  dump_sections(module, file);
  dump_types(module, file);
  dump_imports(module, file);
  dump_exports(module, file);
  IREE_RETURN_IF_ERROR(dump_functions(module, file));
  dump_rodata(module, file);
  dump_locations(module, file);
  dump_strings(module, file);
  return iree_ok_status();
}
