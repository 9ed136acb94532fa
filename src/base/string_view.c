// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/string_view.h"

bool iree_string_view_equal(iree_string_view_t lhs, iree_string_view_t rhs) {
  return lhs.size == rhs.size && (lhs.size == 0 || memcmp(lhs.data, rhs.data, lhs.size) == 0);
}

int iree_string_view_compare(iree_string_view_t lhs, iree_string_view_t rhs) {
  iree_host_size_t common = lhs.size < rhs.size ? lhs.size : rhs.size;
  int order = common ? memcmp(lhs.data, rhs.data, common) : 0;
  if (order) return order < 0 ? -1 : 1;
  return (lhs.size > rhs.size) - (lhs.size < rhs.size);
}

iree_host_size_t iree_string_view_find_char(iree_string_view_t value, char c,
                                            iree_host_size_t pos) {
  if (pos >= value.size) return IREE_STRING_VIEW_NPOS;
  const char* found = (const char*)memchr(value.data + pos, c, value.size - pos);
  return found ? (iree_host_size_t)(found - value.data) : IREE_STRING_VIEW_NPOS;
}

static bool tenon_string_view_contains(iree_string_view_t value, char c) {
  return value.size && memchr(value.data, c, value.size);
}

iree_host_size_t iree_string_view_find_first_of(iree_string_view_t value, iree_string_view_t s,
                                                iree_host_size_t pos) {
  for (iree_host_size_t i = pos; i < value.size; ++i) {
    if (tenon_string_view_contains(s, value.data[i])) return i;
  }
  return IREE_STRING_VIEW_NPOS;
}

iree_host_size_t iree_string_view_find_last_of(iree_string_view_t value, iree_string_view_t s,
                                               iree_host_size_t pos) {
  for (iree_host_size_t i = pos < value.size ? pos + 1 : value.size; i > 0; --i) {
    if (tenon_string_view_contains(s, value.data[i - 1])) return i - 1;
  }
  return IREE_STRING_VIEW_NPOS;
}

bool iree_string_view_starts_with(iree_string_view_t value, iree_string_view_t prefix) {
  return value.size >= prefix.size &&
         iree_string_view_equal(iree_string_view_substr(value, 0, prefix.size), prefix);
}

bool iree_string_view_ends_with(iree_string_view_t value, iree_string_view_t suffix) {
  return value.size >= suffix.size &&
         iree_string_view_equal(iree_string_view_remove_prefix(value, value.size - suffix.size),
                                suffix);
}

// Walks both once; after a mismatch behind a `*` it lets that `*` take one character more. Earlier
// stars need no retry.
bool iree_string_view_match_pattern(iree_string_view_t value, iree_string_view_t pattern) {
  iree_host_size_t v = 0, p = 0, star = IREE_STRING_VIEW_NPOS, star_v = 0;
  while (v < value.size) {
    if (p < pattern.size && pattern.data[p] == '*') {
      star = p++;
      star_v = v;
    } else if (p < pattern.size && (pattern.data[p] == '?' || pattern.data[p] == value.data[v])) {
      ++p;
      ++v;
    } else if (star != IREE_STRING_VIEW_NPOS) {
      p = star + 1;
      v = ++star_v;
    } else {
      return false;
    }
  }
  while (p < pattern.size && pattern.data[p] == '*') ++p;
  return p == pattern.size;
}

iree_string_view_t iree_string_view_remove_prefix(iree_string_view_t value, iree_host_size_t n) {
  return iree_string_view_substr(value, n, IREE_STRING_VIEW_NPOS);
}

iree_string_view_t iree_string_view_remove_suffix(iree_string_view_t value, iree_host_size_t n) {
  return iree_make_string_view(value.data, n < value.size ? value.size - n : 0);
}

iree_string_view_t iree_string_view_strip_prefix(iree_string_view_t value,
                                                 iree_string_view_t prefix) {
  iree_string_view_consume_prefix(&value, prefix);
  return value;
}

iree_string_view_t iree_string_view_strip_suffix(iree_string_view_t value,
                                                 iree_string_view_t suffix) {
  iree_string_view_consume_suffix(&value, suffix);
  return value;
}

bool iree_string_view_consume_prefix(iree_string_view_t* value, iree_string_view_t prefix) {
  if (!iree_string_view_starts_with(*value, prefix)) return false;
  *value = iree_string_view_remove_prefix(*value, prefix.size);
  return true;
}

bool iree_string_view_consume_suffix(iree_string_view_t* value, iree_string_view_t suffix) {
  if (!iree_string_view_ends_with(*value, suffix)) return false;
  *value = iree_string_view_remove_suffix(*value, suffix.size);
  return true;
}

static bool tenon_is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

iree_string_view_t iree_string_view_trim(iree_string_view_t value) {
  while (value.size && tenon_is_space(value.data[0]))
    value = iree_string_view_remove_prefix(value, 1);
  while (value.size && tenon_is_space(value.data[value.size - 1])) --value.size;
  return value;
}

iree_string_view_t iree_string_view_substr(iree_string_view_t value, iree_host_size_t pos,
                                           iree_host_size_t n) {
  if (!value.data) return iree_string_view_empty();
  if (pos > value.size) pos = value.size;
  if (n > value.size - pos) n = value.size - pos;
  return iree_make_string_view(value.data + pos, n);
}

intptr_t iree_string_view_split(iree_string_view_t value, char split_char,
                                iree_string_view_t* out_lhs, iree_string_view_t* out_rhs) {
  iree_host_size_t pos = iree_string_view_find_char(value, split_char, 0);
  bool found = pos != IREE_STRING_VIEW_NPOS;
  if (out_lhs) *out_lhs = found ? iree_string_view_substr(value, 0, pos) : value;
  if (out_rhs)
    *out_rhs = found ? iree_string_view_remove_prefix(value, pos + 1) : iree_string_view_empty();
  return found ? (intptr_t)pos : -1;
}

void iree_string_view_replace_char(iree_string_view_t value, char old_char, char new_char) {
  char* data = (char*)value.data;
  for (iree_host_size_t i = 0; i < value.size; ++i) {
    if (data[i] == old_char) data[i] = new_char;
  }
}

iree_host_size_t iree_string_view_append_to_buffer(iree_string_view_t source_value,
                                                   iree_string_view_t* target_value, char* buffer) {
  if (source_value.size) memcpy(buffer, source_value.data, source_value.size);
  *target_value = iree_make_string_view(buffer, source_value.size);
  return source_value.size;
}
