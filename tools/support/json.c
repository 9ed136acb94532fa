// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/json.h"

#include <inttypes.h>

// The bytes of the UTF-8 character at |p|, or 0 if there is none. As in RFC 3629: no overlong
// forms, surrogates or numbers past U+10FFFF.
static iree_host_size_t utf8_length(const uint8_t* p, iree_host_size_t available) {
  if (p[0] < 0x80) return 1;
  const iree_host_size_t length = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                                  : p[0] >= 0xE0 && p[0] <= 0xEF ? 3
                                  : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                                 : 0;
  if (!length || length > available) return 0;
  const uint8_t low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
  if (p[1] < low || p[1] > high) return 0;
  for (iree_host_size_t i = 2; i < length; ++i) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

static void write_string(FILE* file, iree_string_view_t value) {
  const uint8_t* p = (const uint8_t*)value.data;
  fputc('"', file);
  for (iree_host_size_t i = 0; i < value.size;) {
    const iree_host_size_t length = utf8_length(p + i, value.size - i);
    if (length == 0) {
      fputs("\\ufffd", file);
    } else if (p[i] == '"' || p[i] == '\\') {
      fprintf(file, "\\%c", p[i]);
    } else if (p[i] == '\n') {
      fputs("\\n", file);
    } else if (p[i] < 0x20) {
      fprintf(file, "\\u%04x", p[i]);
    } else {
      fwrite(p + i, 1, length, file);
    }
    i += length ? length : 1;
  }
  fputc('"', file);
}

// Everything in front of a value.
static void begin_value(tenon_json_t* json, iree_string_view_t name) {
  if (json->has_elements) fputc(',', json->file);
  if (json->depth) fprintf(json->file, "\n%*s", json->depth * 2, "");
  if (name.data) {
    write_string(json->file, name);
    fputs(": ", json->file);
  }
  json->has_elements = true;
}

static iree_string_view_t name_view(const char* name) {
  return name ? iree_make_cstring_view(name) : iree_string_view_empty();
}

void tenon_json_open(tenon_json_t* json, const char* name, char bracket) {
  begin_value(json, name_view(name));
  fputc(bracket, json->file);
  ++json->depth;
  json->has_elements = false;
}

void tenon_json_close(tenon_json_t* json, char bracket) {
  --json->depth;
  if (json->has_elements) fprintf(json->file, "\n%*s", json->depth * 2, "");
  fputc(bracket, json->file);
  json->has_elements = true;
  if (json->depth == 0) fputc('\n', json->file);
}

void tenon_json_number(tenon_json_t* json, const char* name, uint64_t value) {
  begin_value(json, name_view(name));
  fprintf(json->file, "%" PRIu64, value);
}

void tenon_json_bool(tenon_json_t* json, const char* name, bool value) {
  begin_value(json, name_view(name));
  fputs(value ? "true" : "false", json->file);
}

void tenon_json_string(tenon_json_t* json, const char* name, iree_string_view_t value) {
  begin_value(json, name_view(name));
  write_string(json->file, value);
}

void tenon_json_member(tenon_json_t* json, iree_string_view_t name, iree_string_view_t value) {
  begin_value(json, name.data ? name : iree_make_cstring_view(""));
  write_string(json->file, value);
}
