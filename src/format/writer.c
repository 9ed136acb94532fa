// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/writer_internal.h"

// Stands for an error whose text could not be allocated; never freed.
static char tenon_writer_out_of_memory[] = "out of memory";

void tenon_writer_fail(tenon_writer_t* writer, const char* format, ...) {
  if (writer->error) return;
  writer->error = tenon_writer_out_of_memory;
  va_list arguments;
  va_start(arguments, format);
  char* text = NULL;
  if (vasprintf(&text, format, arguments) >= 0) writer->error = text;
  va_end(arguments);
}

bool tenon_writer_push(tenon_writer_t* writer, tenon_array_t* array, const void* items,
                       size_t count, size_t item_size) {
  if (writer->error) return false;
  if (count == 0) return true;
  if (count > array->capacity - array->count) {
    size_t capacity = array->capacity ? array->capacity * 2 : 16;
    while (capacity < array->count + count) capacity *= 2;
    void* data = reallocarray(array->data, capacity, item_size);
    if (!data) {
      writer->error = tenon_writer_out_of_memory;
      return false;
    }
    array->data = data;
    array->capacity = capacity;
  }
  memcpy((char*)array->data + array->count * item_size, items, count * item_size);
  array->count += count;
  return true;
}

tenon_writer_t* tenon_writer_create(void) {
  tenon_writer_t* writer = calloc(1, sizeof(*writer));
  if (!writer) return NULL;
  tenon_writer_string(writer, "", 0);
  return writer;
}

void tenon_writer_destroy(tenon_writer_t* writer) {
  if (!writer) return;
  tenon_writer_body_t* bodies = writer->functions.data;
  for (size_t i = 0; i < writer->functions.count; ++i) {
    free(bodies[i].code);
    free(bodies[i].locations);
  }
  free(writer->strings.data);
  free(writer->string_bytes.data);
  free(writer->string_table);
  free(writer->types.data);
  free(writer->imports.data);
  free(writer->functions.data);
  free(writer->exports.data);
  free(writer->attributes.data);
  free(writer->segments.data);
  if (writer->error != tenon_writer_out_of_memory) free(writer->error);
  free(writer);
}

const char* tenon_writer_error(const tenon_writer_t* writer) { return writer->error; }

// FNV-1a, for the table of strings only.
static uint32_t tenon_writer_hash(const char* data, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; ++i) hash = (hash ^ (uint8_t)data[i]) * 16777619u;
  return hash;
}

// The table's slot that holds the string or, when it is new, will hold it.
static uint32_t* tenon_writer_find_slot(tenon_writer_t* writer, const char* data, size_t length) {
  const tenon_string_t* strings = writer->strings.data;
  size_t mask = writer->string_table_size - 1;
  for (size_t i = tenon_writer_hash(data, length) & mask;; i = (i + 1) & mask) {
    uint32_t* slot = &writer->string_table[i];
    if (!*slot) return slot;
    if (strings[*slot - 1].length == length &&
        memcmp(tenon_writer_text(writer, *slot - 1), data, length) == 0) {
      return slot;
    }
  }
}

static bool tenon_writer_grow_string_table(tenon_writer_t* writer) {
  size_t size = writer->string_table_size ? writer->string_table_size * 2 : 64;
  uint32_t* table = calloc(size, sizeof(*table));
  if (!table) {
    writer->error = tenon_writer_out_of_memory;
    return false;
  }
  free(writer->string_table);
  writer->string_table = table;
  writer->string_table_size = size;
  const tenon_string_t* strings = writer->strings.data;
  for (uint32_t i = 0; i < writer->strings.count; ++i) {
    *tenon_writer_find_slot(writer, tenon_writer_text(writer, i), strings[i].length) = i + 1;
  }
  return true;
}

uint32_t tenon_writer_string(tenon_writer_t* writer, const char* data, size_t length) {
  if (writer->error) return 0;
  if (length && memchr(data, 0, length)) {
    tenon_writer_fail(writer, "a string of the module contains a NUL: \"%s\"...", data);
    return 0;
  }
  if (length >= UINT32_MAX - writer->string_bytes.count) {
    tenon_writer_fail(writer, "the module's strings exceed 4 GiB");
    return 0;
  }
  if (writer->strings.count * 2 >= writer->string_table_size &&
      !tenon_writer_grow_string_table(writer)) {
    return 0;
  }
  uint32_t* slot = tenon_writer_find_slot(writer, data, length);
  if (*slot) return *slot - 1;
  tenon_string_t string = {(uint32_t)writer->string_bytes.count, (uint32_t)length};
  if (!tenon_writer_push(writer, &writer->string_bytes, data, length, 1) ||
      !tenon_writer_push(writer, &writer->string_bytes, "", 1, 1) ||
      !tenon_writer_push(writer, &writer->strings, &string, 1, sizeof(string))) {
    return 0;
  }
  *slot = (uint32_t)writer->strings.count;
  return *slot - 1;
}

uint32_t tenon_writer_cstring(tenon_writer_t* writer, const char* text) {
  return tenon_writer_string(writer, text, strlen(text));
}

void tenon_writer_set_name(tenon_writer_t* writer, uint32_t name) { writer->name = name; }

uint32_t tenon_writer_add_type(tenon_writer_t* writer, uint32_t name) {
  const uint32_t* types = writer->types.data;
  uint32_t index = (uint32_t)writer->types.count;
  for (uint32_t i = 0; i < index; ++i) {
    if (types[i] == name) return i;
  }
  return tenon_writer_push(writer, &writer->types, &name, 1, sizeof(name)) ? index : 0;
}

uint32_t tenon_writer_add_ref_global(tenon_writer_t* writer) { return writer->ref_global_count++; }

uint32_t tenon_writer_add_value_global(tenon_writer_t* writer) {
  return writer->value_global_count++;
}

bool tenon_writer_cconv(tenon_writer_t* writer, uint32_t string, bool allow_spans,
                        tenon_cconv_t* out) {
  if (writer->error) return false;
  const char* text = tenon_writer_text(writer, string);
  if (tenon_cconv_parse(text, strlen(text), allow_spans, out)) return true;
  tenon_writer_fail(writer, "\"%s\" is not a calling convention%s", text,
                    allow_spans ? "" : " of a function (which has no spans)");
  return false;
}

// The first index of the attributes added.
static uint32_t tenon_writer_add_attributes(tenon_writer_t* writer,
                                            const tenon_attribute_t* attributes, size_t count) {
  uint32_t begin = (uint32_t)writer->attributes.count;
  tenon_writer_push(writer, &writer->attributes, attributes, count, sizeof(*attributes));
  return begin;
}

uint32_t tenon_writer_add_import(tenon_writer_t* writer, uint32_t full_name,
                                 uint32_t calling_convention, uint32_t flags,
                                 const tenon_attribute_t* attributes, size_t attribute_count) {
  tenon_import_t* imports = writer->imports.data;
  for (uint32_t i = 0; i < writer->imports.count; ++i) {
    if (imports[i].full_name == full_name && imports[i].calling_convention == calling_convention) {
      return i;
    }
  }
  tenon_import_t import = {
      .full_name = full_name,
      .calling_convention = calling_convention,
      .flags = flags,
      .attribute_begin = tenon_writer_add_attributes(writer, attributes, attribute_count),
      .attribute_count = (uint32_t)attribute_count,
  };
  uint32_t index = (uint32_t)writer->imports.count;
  return tenon_writer_push(writer, &writer->imports, &import, 1, sizeof(import)) ? index : 0;
}

void tenon_writer_set_import_version(tenon_writer_t* writer, uint32_t index,
                                     uint32_t minimum_version) {
  tenon_import_t* imports = writer->imports.data;
  if (index < writer->imports.count && imports[index].minimum_version < minimum_version) {
    imports[index].minimum_version = minimum_version;
  }
}

void tenon_writer_set_version(tenon_writer_t* writer, uint32_t version) {
  writer->version = version;
}

void tenon_writer_set_attributes(tenon_writer_t* writer, const tenon_attribute_t* attributes,
                                 size_t attribute_count) {
  writer->attribute_begin = tenon_writer_add_attributes(writer, attributes, attribute_count);
  writer->attribute_count = (uint32_t)attribute_count;
}

uint32_t tenon_writer_declare_function(tenon_writer_t* writer, uint32_t name,
                                       uint32_t calling_convention) {
  tenon_writer_body_t body = {
      .record = {.name = name, .calling_convention = calling_convention},
  };
  uint32_t index = (uint32_t)writer->functions.count;
  return tenon_writer_push(writer, &writer->functions, &body, 1, sizeof(body)) ? index : 0;
}

void tenon_writer_add_export(tenon_writer_t* writer, uint32_t name, uint32_t function,
                             const tenon_attribute_t* attributes, size_t attribute_count) {
  tenon_export_t export = {
      .name = name,
      .function = function,
      .attribute_begin = tenon_writer_add_attributes(writer, attributes, attribute_count),
      .attribute_count = (uint32_t)attribute_count,
  };
  tenon_writer_push(writer, &writer->exports, &export, 1, sizeof(export));
}

uint32_t tenon_writer_add_rodata(tenon_writer_t* writer, uint32_t kind, uint32_t name,
                                 const void* data, size_t length) {
  tenon_writer_segment_t segment = {kind, name, data, length};
  uint32_t index = (uint32_t)writer->segments.count;
  return tenon_writer_push(writer, &writer->segments, &segment, 1, sizeof(segment)) ? index : 0;
}

static void* tenon_writer_clone(tenon_writer_t* writer, const void* data, size_t length) {
  void* copy = malloc(length ? length : 1);
  if (!copy) {
    tenon_writer_fail(writer, "out of memory");
  } else if (length) {
    memcpy(copy, data, length);
  }
  return copy;
}

void tenon_writer_define_function(tenon_writer_t* writer, uint32_t function,
                                  const tenon_function_t* record, const uint16_t* code,
                                  size_t code_length, const tenon_location_t* locations,
                                  size_t location_count) {
  if (writer->error) return;
  if (function >= writer->functions.count) {
    tenon_writer_fail(writer, "function %u is defined but was never declared", function);
    return;
  }
  tenon_writer_body_t* body = (tenon_writer_body_t*)writer->functions.data + function;
  if (body->defined) {
    tenon_writer_fail(writer, "function @%s is defined twice",
                      tenon_writer_text(writer, body->record.name));
    return;
  }
  tenon_function_t declared = body->record;
  body->defined = true;
  body->record = *record;
  body->record.name = declared.name;
  body->record.calling_convention = declared.calling_convention;
  body->code = tenon_writer_clone(writer, code, code_length * sizeof(*code));
  body->code_length = code_length;
  body->locations = tenon_writer_clone(writer, locations, location_count * sizeof(*locations));
  body->location_count = location_count;
}
