// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calling convention strings, "0" ARGUMENTS "_" RESULTS: `v` alone for nothing, else one letter per
// value: i I f F r, and among the arguments spans `C`...`D`: a count and that many tuples of the
// values between. Values lie packed, without padding.

#ifndef TENON_FORMAT_CALLING_CONVENTION_H_
#define TENON_FORMAT_CALLING_CONVENTION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/layout.h"

// A well-formed string taken apart (all zero if it is not). An absent list (`v`) has length 0.
typedef struct tenon_cconv_t {
  const char* arguments;
  const char* results;
  uint32_t argument_length;
  uint32_t result_length;
} tenon_cconv_t;

// The packed size of a value, or 0 for anything that is no value's letter.
static inline uint32_t tenon_cconv_value_size(char letter) {
  switch (letter) {
    case 'i':
    case 'f':
      return 4;
    case 'I':
    case 'F':
      return 8;
    case 'r':
      return 16;
    default:
      return 0;
  }
}

// Takes |text| apart, whose length is |length|. False if it is malformed, or has spans that are not allowed.
bool tenon_cconv_parse(const char* text, size_t length, bool allow_spans, tenon_cconv_t* out);

// The rounding of argument and result storage within a function's call_storage_size.
static inline uint32_t tenon_cconv_round_storage(uint32_t size) { return (size + 15u) & ~15u; }

#endif  // TENON_FORMAT_CALLING_CONVENTION_H_
