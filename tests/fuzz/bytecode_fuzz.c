// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs of any kind: whatever the verifier accepts runs without a memory error. The first byte
// chooses: a program that is generated from the other bytes, one that is generated and then changed
// here and there, or the bytes as a file.

#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "format/testing/sample_module.h"
#include "program_generator.h"
#include "vm/bytecode/testing/run_anything.h"

enum { BUDGET = 600 };

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed);

static void run_file(const uint8_t* data, size_t size) {
  uint8_t* copy = malloc(size ? size : 1);
  memcpy(copy, data, size);
  if (size >= sizeof(tenon_module_header_t)) {
    uint64_t length = size;
    memcpy(copy + offsetof(tenon_module_header_t, file_length), &length, sizeof(length));
    tenon_fix_checksum(copy, size);
  }
  tenon_run_anything(copy, size, BUDGET);
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  if (data[0] % 4 == 0) {
    run_file(data + 1, size - 1);
    return 0;
  }
  uint8_t* program = NULL;
  size_t length = 0;
  tenon_generate_program(data + 8, size - 8, &program, &length);
  // What is generated is well-formed.
  if (!program) abort();
  if (data[0] % 4 == 1) {
    // Two changes behind the table of sections, in code and records.
    size_t begin = sizeof(tenon_module_header_t) + TENON_SECTION_COUNT * sizeof(tenon_section_t);
    for (int i = 0; i < 2; ++i) {
      size_t place = data[1 + 3 * i] | (size_t)data[2 + 3 * i] << 8;
      program[begin + place % (length - begin)] ^= data[3 + 3 * i];
    }
    run_file(program, length);
  } else if (!tenon_run_anything(program, length, BUDGET)) {
    abort();
  }
  free(program);
  return 0;
}

// Short inputs give programs that do nothing: starts with some hundred bytes.
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  uint64_t state = seed | 1;
  while (size < 256 && size < max_size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    data[size++] = (uint8_t)(state >> 56);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
