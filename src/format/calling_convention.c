// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "format/calling_convention.h"

// Checks one list; spans are neither empty nor nested.
static bool tenon_cconv_check_list(const char* list, uint32_t length, bool allow_spans) {
  uint32_t span_length = 0;
  bool in_span = false;
  for (uint32_t i = 0; i < length; ++i) {
    if (tenon_cconv_value_size(list[i])) {
      ++span_length;
    } else if (list[i] == 'C' && allow_spans && !in_span) {
      in_span = true;
      span_length = 0;
    } else if (list[i] == 'D' && in_span && span_length) {
      in_span = false;
    } else {
      return false;
    }
  }
  return !in_span;
}

bool tenon_cconv_parse(const char* text, size_t length, bool allow_spans, tenon_cconv_t* out) {
  *out = (tenon_cconv_t){0};
  if (length < 4 || length > TENON_MAX_CALLING_CONVENTION || text[0] != '0') return false;
  uint32_t split = 1;
  while (split < length && text[split] != '_') ++split;
  if (split == 1 || split + 1 >= length) return false;
  out->arguments = text + 1;
  out->argument_length = split - 1;
  out->results = text + split + 1;
  out->result_length = (uint32_t)length - split - 1;
  if (out->argument_length == 1 && out->arguments[0] == 'v') out->argument_length = 0;
  if (out->result_length == 1 && out->results[0] == 'v') out->result_length = 0;
  return tenon_cconv_check_list(out->arguments, out->argument_length, allow_spans) &&
         tenon_cconv_check_list(out->results, out->result_length, false);
}
