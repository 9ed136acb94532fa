// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lays the parts of a module out as a file.

#include <stdlib.h>

#include "format/checksum.h"
#include "format/writer.h"
#include "format/writer_internal.h"

typedef struct tenon_file_plan_t {
  tenon_section_t sections[TENON_SECTION_COUNT];
  uint64_t file_length;
} tenon_file_plan_t;

static uint64_t tenon_round_up(uint64_t value) {
  return (value + TENON_MODULE_ALIGNMENT - 1) & ~(uint64_t)(TENON_MODULE_ALIGNMENT - 1);
}

static uint64_t tenon_writer_section_length(const tenon_writer_t* writer,
                                            tenon_section_kind_t kind) {
  const tenon_writer_body_t* bodies = writer->functions.data;
  const tenon_writer_segment_t* segments = writer->segments.data;
  uint64_t length = 0;
  switch (kind) {
    case TENON_SECTION_STRINGS:
      return writer->strings.count * sizeof(tenon_string_t);
    case TENON_SECTION_TYPES:
      return writer->types.count * sizeof(uint32_t);
    case TENON_SECTION_IMPORTS:
      return writer->imports.count * sizeof(tenon_import_t);
    case TENON_SECTION_FUNCTIONS:
      return writer->functions.count * sizeof(tenon_function_t);
    case TENON_SECTION_EXPORTS:
      return writer->exports.count * sizeof(tenon_export_t);
    case TENON_SECTION_ATTRIBUTES:
      return writer->attributes.count * sizeof(tenon_attribute_t);
    case TENON_SECTION_RODATA:
      return writer->segments.count * sizeof(tenon_rodata_t);
    case TENON_SECTION_LOCATIONS:
      for (size_t i = 0; i < writer->functions.count; ++i) length += bodies[i].location_count;
      return length * sizeof(tenon_location_t);
    case TENON_SECTION_BYTECODE:
      for (size_t i = 0; i < writer->functions.count; ++i) length += bodies[i].code_length;
      return length * sizeof(uint16_t);
    case TENON_SECTION_STRING_BYTES:
      return writer->string_bytes.count;
    case TENON_SECTION_RODATA_BYTES:
      for (size_t i = 0; i < writer->segments.count; ++i) {
        length = tenon_round_up(length) + segments[i].length;
      }
      return length;
    case TENON_SECTION_COUNT:
      break;
  }
  return 0;
}

static void tenon_writer_plan(const tenon_writer_t* writer, tenon_file_plan_t* plan) {
  uint64_t end = sizeof(tenon_module_header_t) + sizeof(plan->sections);
  for (uint32_t kind = 0; kind < TENON_SECTION_COUNT; ++kind) {
    plan->sections[kind] = (tenon_section_t){
        .kind = kind,
        .offset = tenon_round_up(end),
        .length = tenon_writer_section_length(writer, (tenon_section_kind_t)kind),
    };
    end = plan->sections[kind].offset + plan->sections[kind].length;
  }
  plan->file_length = end;
}

// Functions' records, with their code and locations behind one another in the order of the
// functions.
static void tenon_writer_put_functions(const tenon_writer_t* writer, const tenon_file_plan_t* plan,
                                       uint8_t* file) {
  const tenon_writer_body_t* bodies = writer->functions.data;
  tenon_function_t* records =
      (tenon_function_t*)(file + plan->sections[TENON_SECTION_FUNCTIONS].offset);
  uint16_t* code = (uint16_t*)(file + plan->sections[TENON_SECTION_BYTECODE].offset);
  tenon_location_t* locations =
      (tenon_location_t*)(file + plan->sections[TENON_SECTION_LOCATIONS].offset);
  uint32_t code_begin = 0, location_begin = 0;
  for (size_t i = 0; i < writer->functions.count; ++i) {
    records[i] = bodies[i].record;
    records[i].bytecode_begin = code_begin;
    records[i].bytecode_length = (uint32_t)bodies[i].code_length;
    records[i].location_begin = location_begin;
    records[i].location_count = (uint32_t)bodies[i].location_count;
    memcpy(code + code_begin, bodies[i].code, bodies[i].code_length * sizeof(uint16_t));
    memcpy(locations + location_begin, bodies[i].locations,
           bodies[i].location_count * sizeof(tenon_location_t));
    code_begin += records[i].bytecode_length;
    location_begin += records[i].location_count;
  }
}

static void tenon_writer_put_rodata(const tenon_writer_t* writer, const tenon_file_plan_t* plan,
                                    uint8_t* file) {
  const tenon_writer_segment_t* segments = writer->segments.data;
  tenon_rodata_t* records = (tenon_rodata_t*)(file + plan->sections[TENON_SECTION_RODATA].offset);
  uint8_t* bytes = file + plan->sections[TENON_SECTION_RODATA_BYTES].offset;
  uint64_t end = 0;
  for (size_t i = 0; i < writer->segments.count; ++i) {
    records[i] = (tenon_rodata_t){
        .offset = tenon_round_up(end),
        .length = segments[i].length,
        .kind = segments[i].kind,
        .name = segments[i].name,
    };
    if (segments[i].length) memcpy(bytes + records[i].offset, segments[i].data, segments[i].length);
    end = records[i].offset + records[i].length;
  }
}

// Puts the exports into the file's order. Few enough that insertion does.
static bool tenon_writer_sort_exports(tenon_writer_t* writer) {
  tenon_export_t* exports = writer->exports.data;
  for (size_t i = 1; i < writer->exports.count; ++i) {
    tenon_export_t export = exports[i];
    const char* name = tenon_writer_text(writer, export.name);
    size_t j = i;
    int order = 1;
    while (j > 0 && (order = strcmp(tenon_writer_text(writer, exports[j - 1].name), name)) > 0) {
      exports[j] = exports[j - 1];
      --j;
    }
    exports[j] = export;
    if (j > 0 && order == 0) {
      tenon_writer_fail(writer, "two exports are named \"%s\"", name);
      return false;
    }
  }
  return true;
}

// Everything must be defined and within the widths of the records' fields.
static bool tenon_writer_check(tenon_writer_t* writer, const tenon_file_plan_t* plan) {
  const tenon_writer_body_t* bodies = writer->functions.data;
  for (size_t i = 0; i < writer->functions.count; ++i) {
    if (!bodies[i].defined) {
      tenon_writer_fail(writer, "function @%s is declared but has no code",
                        tenon_writer_text(writer, bodies[i].record.name));
    }
  }
  for (uint32_t kind = 0; kind < TENON_SECTION_RODATA_BYTES; ++kind) {
    if (plan->sections[kind].length > UINT32_MAX) {
      tenon_writer_fail(writer, "section %u of the module exceeds 4 GiB", kind);
    }
  }
  return !writer->error;
}

bool tenon_writer_serialize(tenon_writer_t* writer, uint8_t** out_data, size_t* out_length) {
  if (writer->error || !tenon_writer_sort_exports(writer)) return false;
  tenon_file_plan_t plan;
  tenon_writer_plan(writer, &plan);
  if (!tenon_writer_check(writer, &plan)) return false;
  // Zeroed: the padding between sections and segments is zero.
  uint8_t* file = calloc(1, plan.file_length);
  if (!file) {
    tenon_writer_fail(writer, "out of memory");
    return false;
  }
  tenon_module_header_t header = {
      .version_major = TENON_MODULE_VERSION_MAJOR,
      .version_minor = TENON_MODULE_VERSION_MINOR,
      .section_count = TENON_SECTION_COUNT,
      .file_length = plan.file_length,
      .name = writer->name,
      .ref_global_count = writer->ref_global_count,
      .value_global_count = writer->value_global_count,
      .module_version = writer->version,
      .attribute_begin = writer->attribute_begin,
      .attribute_count = writer->attribute_count,
  };
  memcpy(header.magic, TENON_MODULE_MAGIC, sizeof(header.magic));
  memcpy(file, &header, sizeof(header));
  memcpy(file + sizeof(header), plan.sections, sizeof(plan.sections));
  const struct {
    tenon_section_kind_t kind;
    const tenon_array_t* array;
  } arrays[] = {
      {TENON_SECTION_STRINGS, &writer->strings},
      {TENON_SECTION_TYPES, &writer->types},
      {TENON_SECTION_IMPORTS, &writer->imports},
      {TENON_SECTION_EXPORTS, &writer->exports},
      {TENON_SECTION_ATTRIBUTES, &writer->attributes},
      {TENON_SECTION_STRING_BYTES, &writer->string_bytes},
  };
  for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); ++i) {
    const tenon_section_t* section = &plan.sections[arrays[i].kind];
    if (section->length) memcpy(file + section->offset, arrays[i].array->data, section->length);
  }
  tenon_writer_put_functions(writer, &plan, file);
  tenon_writer_put_rodata(writer, &plan, file);
  header.checksum = tenon_module_checksum(file, plan.file_length);
  memcpy(file, &header, sizeof(header));
  *out_data = file;
  *out_length = plan.file_length;
  return true;
}
