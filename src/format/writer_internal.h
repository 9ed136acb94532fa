// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the writer's files share.

#ifndef TENON_FORMAT_WRITER_INTERNAL_H_
#define TENON_FORMAT_WRITER_INTERNAL_H_

#include "format/calling_convention.h"
#include "format/writer.h"

// A growing array of items of one size.
typedef struct tenon_array_t {
  void* data;
  size_t count;
  size_t capacity;
} tenon_array_t;

// The code of one function, kept until the file is laid out.
typedef struct tenon_writer_body_t {
  bool defined;
  tenon_function_t record;
  uint16_t* code;
  size_t code_length;
  tenon_location_t* locations;
  size_t location_count;
} tenon_writer_body_t;

typedef struct tenon_writer_segment_t {
  uint32_t kind;
  uint32_t name;
  const void* data;
  size_t length;
} tenon_writer_segment_t;

struct tenon_writer_t {
  char* error;                 // NULL, or the first error's text
  tenon_array_t strings;       // tenon_string_t
  tenon_array_t string_bytes;  // char
  uint32_t* string_table;      // open addressing: index of a string + 1, or 0
  size_t string_table_size;    // a power of two
  tenon_array_t types;         // uint32_t
  tenon_array_t imports;       // tenon_import_t
  tenon_array_t functions;     // tenon_writer_body_t
  tenon_array_t exports;       // tenon_export_t
  tenon_array_t attributes;    // tenon_attribute_t
  tenon_array_t segments;      // tenon_writer_segment_t
  uint32_t name;
  uint32_t ref_global_count;
  uint32_t value_global_count;
  uint32_t version;
  uint32_t attribute_begin;  // of the module itself
  uint32_t attribute_count;
};

// Keeps the error unless there is one already.
void tenon_writer_fail(tenon_writer_t* writer, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

// Appends |count| items; false (and the writer failed) when out of memory.
bool tenon_writer_push(tenon_writer_t* writer, tenon_array_t* array, const void* items,
                       size_t count, size_t item_size);

static inline const char* tenon_writer_text(const tenon_writer_t* writer, uint32_t string) {
  if (string >= writer->strings.count) return "";
  return (const char*)writer->string_bytes.data +
         ((const tenon_string_t*)writer->strings.data)[string].offset;
}

// Takes a string apart as a calling convention; false (and the writer failed) when it is none.
bool tenon_writer_cconv(tenon_writer_t* writer, uint32_t string, bool allow_spans,
                        tenon_cconv_t* out);

#endif  // TENON_FORMAT_WRITER_INTERNAL_H_
