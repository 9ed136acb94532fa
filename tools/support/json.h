// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes JSON, indented by two blanks a level. Names and order are the caller's; commas, newlines
// and escapes are done here.
//
//   tenon_json_t json = {.file = stdout};
//   tenon_json_open(&json, NULL, '{');
//   tenon_json_number(&json, "length", 12);
//   tenon_json_close(&json, '}');

#ifndef TENON_TOOLS_SUPPORT_JSON_H_
#define TENON_TOOLS_SUPPORT_JSON_H_

#include <stdio.h>

#include "iree/base/api.h"

typedef struct tenon_json_t {
  FILE* file;
  int depth;
  bool has_elements;  // of what is open
} tenon_json_t;

// |name| is NULL within arrays and at the top. |bracket|: { or [.
void tenon_json_open(tenon_json_t* json, const char* name, char bracket);
void tenon_json_close(tenon_json_t* json, char bracket);
void tenon_json_number(tenon_json_t* json, const char* name, uint64_t value);
void tenon_json_bool(tenon_json_t* json, const char* name, bool value);
// What is no UTF-8 in |value| is written as U+FFFD.
void tenon_json_string(tenon_json_t* json, const char* name, iree_string_view_t value);
// The same with a name that needs escapes.
void tenon_json_member(tenon_json_t* json, iree_string_view_t name, iree_string_view_t value);

#endif  // TENON_TOOLS_SUPPORT_JSON_H_
