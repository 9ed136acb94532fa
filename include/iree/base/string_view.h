// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Borrowed strings: a pointer and a length, not NUL-terminated. A view owns nothing: whoever holds
// one longer than a call makes sure that the bytes live and do not change. No function here
// allocates. Print one with "%.*s", (int)v.size, v.data.
#ifndef IREE_BASE_STRING_VIEW_H_
#define IREE_BASE_STRING_VIEW_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "iree/base/attributes.h"
#include "iree/base/config.h"

#ifdef __cplusplus
extern "C" {
#endif

// "not found", and "as far as there is" where a position or a length is asked for.
#define IREE_STRING_VIEW_NPOS IREE_HOST_SIZE_MAX

typedef struct iree_string_view_t {
  // May be null when size is 0.
  const char* data;
  iree_host_size_t size;
} iree_string_view_t;

typedef struct iree_string_pair_t {
  union {
    iree_string_view_t first;
    iree_string_view_t key;
  };
  union {
    iree_string_view_t second;
    iree_string_view_t value;
  };
} iree_string_pair_t;

//===--- Making ------------------------------------------------------------------------------===//

static inline iree_string_view_t iree_string_view_empty(void) {
  iree_string_view_t view = {NULL, 0};
  return view;
}
static inline iree_string_view_t iree_make_string_view(const char* str,
                                                       iree_host_size_t str_length) {
  iree_string_view_t view = {str, str_length};
  return view;
}
// A NUL-terminated string; null gives the empty view.
static inline iree_string_view_t iree_make_cstring_view(const char* str) {
  return iree_make_string_view(str, str ? strlen(str) : 0);
}
// An expression of a C string: IREE_SV("abc").
#define IREE_SV(cstr) iree_make_cstring_view(cstr)
// An initialiser of a static view from a literal: {IREE_SVL("abc"), ...}.
#define IREE_SVL(literal) {(literal), sizeof(literal) - 1}

static inline iree_string_pair_t iree_make_string_pair(iree_string_view_t first,
                                                       iree_string_view_t second) {
  iree_string_pair_t pair = {{first}, {second}};
  return pair;
}
static inline iree_string_pair_t iree_make_cstring_pair(const char* first, const char* second) {
  return iree_make_string_pair(iree_make_cstring_view(first), iree_make_cstring_view(second));
}
static inline iree_string_pair_t iree_string_pair_empty(void) {
  return iree_make_string_pair(iree_string_view_empty(), iree_string_view_empty());
}

//===--- Comparing and searching -------------------------------------------------------------===//

static inline bool iree_string_view_is_empty(iree_string_view_t value) { return value.size == 0; }
IREE_API_EXPORT bool iree_string_view_equal(iree_string_view_t lhs, iree_string_view_t rhs);
// -1, 0 or 1: by bytes (unsigned), the shorter first where one begins with the other.
IREE_API_EXPORT int iree_string_view_compare(iree_string_view_t lhs, iree_string_view_t rhs);
// The first position >= pos of the character, or NPOS.
IREE_API_EXPORT iree_host_size_t iree_string_view_find_char(iree_string_view_t value, char c,
                                                            iree_host_size_t pos);
// The first position >= pos (last position <= pos) of any of the characters in `s`, or NPOS.
IREE_API_EXPORT iree_host_size_t iree_string_view_find_first_of(iree_string_view_t value,
                                                                iree_string_view_t s,
                                                                iree_host_size_t pos);
IREE_API_EXPORT iree_host_size_t iree_string_view_find_last_of(iree_string_view_t value,
                                                               iree_string_view_t s,
                                                               iree_host_size_t pos);
IREE_API_EXPORT bool iree_string_view_starts_with(iree_string_view_t value,
                                                  iree_string_view_t prefix);
IREE_API_EXPORT bool iree_string_view_ends_with(iree_string_view_t value,
                                                iree_string_view_t suffix);
// Matches the whole value; in the pattern `*` stands for any run of characters and `?` for any one.
IREE_API_EXPORT bool iree_string_view_match_pattern(iree_string_view_t value,
                                                    iree_string_view_t pattern);

//===--- Cutting -----------------------------------------------------------------------------===//

// Without the first (last) n characters; empty when there are fewer.
IREE_API_EXPORT iree_string_view_t iree_string_view_remove_prefix(iree_string_view_t value,
                                                                  iree_host_size_t n);
IREE_API_EXPORT iree_string_view_t iree_string_view_remove_suffix(iree_string_view_t value,
                                                                  iree_host_size_t n);
// Without the prefix (suffix) where it has it, else unchanged.
IREE_API_EXPORT iree_string_view_t iree_string_view_strip_prefix(iree_string_view_t value,
                                                                 iree_string_view_t prefix);
IREE_API_EXPORT iree_string_view_t iree_string_view_strip_suffix(iree_string_view_t value,
                                                                 iree_string_view_t suffix);
// Removes it from *value and returns true where it has it, else changes nothing and returns false.
IREE_API_EXPORT bool iree_string_view_consume_prefix(iree_string_view_t* value,
                                                     iree_string_view_t prefix);
IREE_API_EXPORT bool iree_string_view_consume_suffix(iree_string_view_t* value,
                                                     iree_string_view_t suffix);
// Without white space (space, \t \n \v \f \r) at both ends.
IREE_API_EXPORT iree_string_view_t iree_string_view_trim(iree_string_view_t value);
// Up to n characters from pos; both are clamped to what there is.
IREE_API_EXPORT iree_string_view_t iree_string_view_substr(iree_string_view_t value,
                                                           iree_host_size_t pos,
                                                           iree_host_size_t n);
// Cuts at the first split_char and returns its position; without one, *out_lhs is the value,
// *out_rhs empty and the result -1. Either out pointer may be null, or be that of `value`'s own
// variable.
IREE_API_EXPORT intptr_t iree_string_view_split(iree_string_view_t value, char split_char,
                                                iree_string_view_t* out_lhs,
                                                iree_string_view_t* out_rhs);

//===--- Changing and copying ----------------------------------------------------------------===//

// Replaces in place: the bytes behind the view must be writable memory of the caller's.
IREE_API_EXPORT void iree_string_view_replace_char(iree_string_view_t value, char old_char,
                                                   char new_char);
// Copies the bytes to `buffer`, which has room for them, sets *target_value to the copy and returns
// its size.
IREE_API_EXPORT iree_host_size_t iree_string_view_append_to_buffer(iree_string_view_t source_value,
                                                                   iree_string_view_t* target_value,
                                                                   char* buffer);

//===--- Parsing -----------------------------------------------------------------------------===//
// The whole view must be the number: no white space, nothing before or behind. On failure
// *out_value is unchanged. Integers: an optional sign, then decimal digits, or 0x and hexadecimal
// digits (010 is ten). Out of range is a failure, and so is a minus sign for the unsigned forms.
// Floats: what strtod takes in the "C" locale, whatever the process's locale: decimal, hexadecimal,
// inf, nan; up to 511 characters; too large a value gives infinity.

IREE_API_EXPORT bool iree_string_view_atoi_int32(iree_string_view_t value, int32_t* out_value);
IREE_API_EXPORT bool iree_string_view_atoi_uint32(iree_string_view_t value, uint32_t* out_value);
IREE_API_EXPORT bool iree_string_view_atoi_int64(iree_string_view_t value, int64_t* out_value);
IREE_API_EXPORT bool iree_string_view_atoi_uint64(iree_string_view_t value, uint64_t* out_value);
IREE_API_EXPORT bool iree_string_view_atof(iree_string_view_t value, float* out_value);
IREE_API_EXPORT bool iree_string_view_atod(iree_string_view_t value, double* out_value);
// Exactly buffer_length bytes, each as two hexadecimal digits; a `-` may stand between bytes.
IREE_API_EXPORT bool iree_string_view_parse_hex_bytes(iree_string_view_t value,
                                                      iree_host_size_t buffer_length,
                                                      uint8_t* out_buffer);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_STRING_VIEW_H_
