// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers out of strings.
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "iree/base/alignment.h"
#include "iree/base/string_view.h"

// The value of a digit in bases up to 16, or 16 for what is none.
static unsigned tenon_digit(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
  return 16;
}

// [sign] digits: the magnitude, which may be up to the limit of its sign.
static bool tenon_parse_integer(iree_string_view_t value, uint64_t positive_limit,
                                uint64_t negative_limit, uint64_t* out_magnitude,
                                bool* out_negative) {
  *out_negative = iree_string_view_consume_prefix(&value, IREE_SV("-"));
  if (!*out_negative) iree_string_view_consume_prefix(&value, IREE_SV("+"));
  bool is_hex = iree_string_view_consume_prefix(&value, IREE_SV("0x")) ||
                iree_string_view_consume_prefix(&value, IREE_SV("0X"));
  uint64_t base = is_hex ? 16 : 10, magnitude = 0;
  if (value.size == 0) return false;
  for (iree_host_size_t i = 0; i < value.size; ++i) {
    uint64_t digit = tenon_digit(value.data[i]);
    if (digit >= base || __builtin_mul_overflow(magnitude, base, &magnitude) ||
        __builtin_add_overflow(magnitude, digit, &magnitude)) {
      return false;
    }
  }
  *out_magnitude = magnitude;
  return magnitude <= (*out_negative ? negative_limit : positive_limit);
}

bool iree_string_view_atoi_uint64(iree_string_view_t value, uint64_t* out_value) {
  uint64_t magnitude;
  bool negative;
  if (!tenon_parse_integer(value, UINT64_MAX, 0, &magnitude, &negative) || negative) return false;
  *out_value = magnitude;
  return true;
}

bool iree_string_view_atoi_uint32(iree_string_view_t value, uint32_t* out_value) {
  uint64_t wide;
  if (!iree_string_view_atoi_uint64(value, &wide) || wide > UINT32_MAX) return false;
  *out_value = (uint32_t)wide;
  return true;
}

bool iree_string_view_atoi_int64(iree_string_view_t value, int64_t* out_value) {
  uint64_t magnitude;
  bool negative;
  if (!tenon_parse_integer(value, INT64_MAX, (uint64_t)INT64_MAX + 1, &magnitude, &negative))
    return false;
  *out_value = (int64_t)(negative ? 0 - magnitude : magnitude);
  return true;
}

bool iree_string_view_atoi_int32(iree_string_view_t value, int32_t* out_value) {
  int64_t wide;
  if (!iree_string_view_atoi_int64(value, &wide) || wide < INT32_MIN || wide > INT32_MAX)
    return false;
  *out_value = (int32_t)wide;
  return true;
}

// strtod wants a NUL, skips white space and follows the process's locale; here the "C" locale is
// asked for by name (glibc and musl hand out a constant for it).
static bool tenon_copy_number(iree_string_view_t value, char buffer[static 512]) {
  if (value.size == 0 || value.size >= 512 || memchr(value.data, 0, value.size) ||
      iree_string_view_trim(value).size != value.size) {
    return false;
  }
  memcpy(buffer, value.data, value.size);
  buffer[value.size] = 0;
  return true;
}

bool iree_string_view_atof(iree_string_view_t value, float* out_value) {
  char buffer[512], *end = NULL;
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c_locale || !tenon_copy_number(value, buffer)) return false;
  float number = strtof_l(buffer, &end, c_locale);
  if (end != buffer + value.size) return false;
  *out_value = number;
  return true;
}

bool iree_string_view_atod(iree_string_view_t value, double* out_value) {
  char buffer[512], *end = NULL;
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!c_locale || !tenon_copy_number(value, buffer)) return false;
  double number = strtod_l(buffer, &end, c_locale);
  if (end != buffer + value.size) return false;
  *out_value = number;
  return true;
}

bool iree_string_view_parse_hex_bytes(iree_string_view_t value, iree_host_size_t buffer_length,
                                      uint8_t* out_buffer) {
  iree_host_size_t pos = 0;
  for (iree_host_size_t i = 0; i < buffer_length; ++i) {
    if (i > 0 && pos < value.size && value.data[pos] == '-') ++pos;
    if (value.size - pos < 2) return false;
    unsigned high = tenon_digit(value.data[pos]), low = tenon_digit(value.data[pos + 1]);
    if (high > 15 || low > 15) return false;
    out_buffer[i] = (uint8_t)(high << 4 | low);
    pos += 2;
  }
  return pos == value.size;
}
