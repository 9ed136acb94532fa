// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views of a module file. Reading takes a file apart and checks everything but the functions' code,
// which the verifier does (verifier.h). After both, every index, offset and register in the file is
// good and nobody checks them again.

#ifndef TENON_FORMAT_READER_H_
#define TENON_FORMAT_READER_H_

#include "format/layout.h"
#include "iree/base/api.h"

// Pointers into the file; borrowed.
typedef struct tenon_module_file_t {
  const uint8_t* data;
  iree_host_size_t length;
  const tenon_module_header_t* header;
  const tenon_section_t* sections;
  const tenon_string_t* strings;
  const uint32_t* types;
  const tenon_import_t* imports;
  const tenon_function_t* functions;
  const tenon_export_t* exports;
  const tenon_attribute_t* attributes;
  const tenon_rodata_t* rodata;
  const tenon_location_t* locations;
  const uint16_t* bytecode;
  const char* string_bytes;
  const uint8_t* rodata_bytes;
  uint32_t string_count;
  uint32_t type_count;
  uint32_t import_count;
  uint32_t function_count;
  uint32_t export_count;
  uint32_t attribute_count;
  uint32_t rodata_count;
  uint32_t location_count;
  uint32_t bytecode_length;
} tenon_module_file_t;

// Reads |archive|, which must lie at a multiple of 8 and stay unchanged while |out_file| is used.
// Takes time in proportion to the length and allocates nothing. Errors, each with what is wrong and
// what to do:
//   INVALID_ARGUMENT: not a module file, or one that no writer of this format writes.
//   DATA_LOSS: cut short or changed after it was written.  FAILED_PRECONDITION: of a version that
//   this runtime doesn't know.
iree_status_t tenon_module_file_read(iree_const_byte_span_t archive, tenon_module_file_t* out_file);

// A string, NUL-terminated.
static inline const char* tenon_module_text(const tenon_module_file_t* file, uint32_t string) {
  return file->string_bytes + file->strings[string].offset;
}
static inline iree_string_view_t tenon_module_string(const tenon_module_file_t* file,
                                                     uint32_t string) {
  iree_string_view_t view = {tenon_module_text(file, string), file->strings[string].length};
  return view;
}

// The index of the export named |name|, or TENON_NO_INDEX.
uint32_t tenon_module_find_export(const tenon_module_file_t* file, iree_string_view_t name);

// The location of the instruction at |pc| of a function, or NULL.
const tenon_location_t* tenon_module_find_location(const tenon_module_file_t* file,
                                                   const tenon_function_t* function, uint32_t pc);

#endif  // TENON_FORMAT_READER_H_
