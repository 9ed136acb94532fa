// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Any bytes as a module file, their length and checksum made good: the reader and verifier refuse
// them or all that is read afterwards lies in the file. A file that is accepted is disassembled,
// which follows every index.

#include <stdlib.h>
#include <string.h>

#include "format/disassembler.h"
#include "format/testing/sample_module.h"
#include "format/verifier.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed);

static void make_good(uint8_t* data, size_t size) {
  if (size < sizeof(tenon_module_header_t)) return;
  uint64_t length = size;
  memcpy(data + offsetof(tenon_module_header_t, file_length), &length, sizeof(length));
  tenon_fix_checksum(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A block of the exact size, aligned, for the sanitizer.
  uint8_t* copy = malloc(size ? size : 1);
  memcpy(copy, data, size);
  make_good(copy, size);
  tenon_module_file_t file;
  iree_allocator_t allocator = iree_allocator_system();
  iree_status_t status = tenon_module_file_read(iree_make_const_byte_span(copy, size), &file);
  if (iree_status_is_ok(status)) status = tenon_module_file_verify(&file, allocator);
  if (iree_status_is_ok(status)) {
    iree_string_builder_t builder;
    iree_string_builder_initialize(allocator, &builder);
    for (uint32_t i = 0; i < file.function_count; ++i) {
      IREE_CHECK_OK(tenon_disassemble_function(&file, i, allocator, &builder));
    }
    for (uint32_t i = 0; i < file.export_count; ++i) {
      if (tenon_module_find_export(&file, tenon_module_string(&file, file.exports[i].name)) != i) {
        abort();
      }
    }
    iree_string_builder_deinitialize(&builder);
  }
  iree_status_ignore(status);
  free(copy);
  return 0;
}

// Starts from the sample module: from nothing the fuzzer would hardly find a whole file.
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  if (size < sizeof(tenon_module_header_t)) {
    uint8_t* sample = NULL;
    size_t length = 0;
    tenon_make_sample_module(&sample, &length);
    if (length <= max_size) {
      memcpy(data, sample, length);
      size = length;
    }
    free(sample);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
