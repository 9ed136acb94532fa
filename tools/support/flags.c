// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/flags.h"

#include <stdio.h>
#include <string.h>

#include "support/edit_distance.h"
#include "support/path.h"

static iree_status_t list_push(tenon_string_list_t* list, iree_string_view_t value) {
  if (list->count == list->capacity) {
    const iree_host_size_t capacity = list->capacity ? list->capacity * 2 : 8;
    void* values = list->values;
    IREE_RETURN_IF_ERROR(
        iree_allocator_realloc(iree_allocator_system(), capacity * sizeof(value), &values));
    list->values = values;
    list->capacity = capacity;
  }
  list->values[list->count++] = value;
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Unknown flags
//===--------------------------------------------------------------------------------------------===//

static void consider(iree_string_view_t wanted, const char* name, iree_host_size_t* best,
                     const char** out_name) {
  if (!name) return;
  const iree_host_size_t distance = tenon_edit_distance(wanted, iree_make_cstring_view(name));
  if (distance < *best) {
    *best = distance;
    *out_name = name;
  }
}

static iree_status_t make_unknown_flag_error(const tenon_flags_t* flags, iree_string_view_t name) {
  const char* nearest = NULL;
  iree_host_size_t best = name.size / 3 + 2;
  for (iree_host_size_t i = 0; i < flags->table_size; ++i) {
    consider(name, flags->table[i].name, &best, &nearest);
    consider(name, flags->table[i].alias, &best, &nearest);
  }
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "unknown flag '--%.*s'; %s%s%s",
                          (int)name.size, name.data,
                          nearest ? "did you mean '--" : "--help lists the flags",
                          nearest ? nearest : "", nearest ? "'?" : "");
}

//===--------------------------------------------------------------------------------------------===//
// Values
//===--------------------------------------------------------------------------------------------===//

static iree_status_t make_value_error(const tenon_flag_t* flag, iree_string_view_t value,
                                      const char* expected) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "'%.*s' is no value for --%s; expected %s",
                          (int)value.size, value.data, flag->name, expected);
}

static iree_status_t store_bool(const tenon_flag_t* flag, bool has_value,
                                iree_string_view_t value) {
  bool result = true;
  if (has_value) {
    const bool is_true = iree_string_view_equal(value, iree_make_cstring_view("true")) ||
                         iree_string_view_equal(value, iree_make_cstring_view("1"));
    const bool is_false = iree_string_view_equal(value, iree_make_cstring_view("false")) ||
                          iree_string_view_equal(value, iree_make_cstring_view("0"));
    if (!is_true && !is_false) return make_value_error(flag, value, "true or false");
    result = is_true;
  }
  *(bool*)flag->storage = result;
  return iree_ok_status();
}

static iree_status_t store_size(const tenon_flag_t* flag, iree_string_view_t value) {
  uint64_t number = 0;
  if (!iree_string_view_atoi_uint64(value, &number))
    return make_value_error(flag, value, "a number, 0 or more");
  *(iree_host_size_t*)flag->storage = (iree_host_size_t)number;
  return iree_ok_status();
}

static iree_status_t store_double(const tenon_flag_t* flag, iree_string_view_t value) {
  double number = 0;
  if (!iree_string_view_atod(value, &number) || !(number >= 0)) {
    return make_value_error(flag, value, "a number, 0 or more");
  }
  *(double*)flag->storage = number;
  return iree_ok_status();
}

static iree_status_t store(const tenon_flag_t* flag, bool has_value, iree_string_view_t value) {
  if (!has_value && flag->kind != TENON_FLAG_BOOL && flag->kind != TENON_FLAG_OPTION) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "flag --%s needs a value: --%s=%s",
                            flag->name, flag->name, flag->value_name);
  }
  switch (flag->kind) {
    case TENON_FLAG_BOOL:
      return store_bool(flag, has_value, value);
    case TENON_FLAG_STRING:
      *(iree_string_view_t*)flag->storage = value;
      return iree_ok_status();
    case TENON_FLAG_LIST:
      return list_push(flag->storage, value);
    case TENON_FLAG_SIZE:
      return store_size(flag, value);
    case TENON_FLAG_DOUBLE:
      return store_double(flag, value);
    case TENON_FLAG_OPTION:
      *(tenon_option_t*)flag->storage = (tenon_option_t){.given = true, .value = value};
      return iree_ok_status();
  }
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Arguments
//===--------------------------------------------------------------------------------------------===//

static iree_status_t parse_file(tenon_flags_t* flags, iree_string_view_t name);

static const tenon_flag_t* find_flag(const tenon_flags_t* flags, iree_string_view_t name) {
  for (iree_host_size_t i = 0; i < flags->table_size; ++i) {
    const tenon_flag_t* flag = &flags->table[i];
    if (iree_string_view_equal(name, iree_make_cstring_view(flag->name))) return flag;
    if (flag->alias && iree_string_view_equal(name, iree_make_cstring_view(flag->alias)))
      return flag;
  }
  return NULL;
}

static iree_status_t parse_argument(tenon_flags_t* flags, iree_string_view_t argument) {
  if (!iree_string_view_starts_with(argument, iree_make_cstring_view("--"))) {
    return list_push(&flags->positional, argument);
  }
  const iree_string_view_t text = iree_string_view_remove_prefix(argument, 2);
  iree_string_view_t name, value;
  const bool has_value = iree_string_view_split(text, '=', &name, &value) >= 0;
  const tenon_flag_t* flag = find_flag(flags, name);
  if (flag) return store(flag, has_value, value);
  if (iree_string_view_equal(name, iree_make_cstring_view("help"))) {
    flags->help = true;
    return iree_ok_status();
  }
  if (iree_string_view_equal(name, iree_make_cstring_view("version"))) {
    flags->version = true;
    return iree_ok_status();
  }
  if (iree_string_view_equal(name, iree_make_cstring_view("flagfile"))) {
    if (!has_value) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "flag --flagfile needs a value: --flagfile=FILE");
    }
    return parse_file(flags, value);
  }
  return make_unknown_flag_error(flags, name);
}

static iree_status_t parse_lines(tenon_flags_t* flags, iree_string_view_t text) {
  while (text.size) {
    iree_string_view_t line;
    iree_string_view_split(text, '\n', &line, &text);
    line = iree_string_view_trim(line);
    if (!line.size || line.data[0] == '#') continue;
    IREE_RETURN_IF_ERROR(parse_argument(flags, line));
  }
  return iree_ok_status();
}

static iree_status_t parse_file(tenon_flags_t* flags, iree_string_view_t name) {
  if (flags->file_count == TENON_MAX_FLAG_FILES) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "more than %d flag files at '%.*s'; do they name each other in a circle?",
        TENON_MAX_FLAG_FILES, (int)name.size, name.data);
  }
  tenon_path_t path;
  IREE_RETURN_IF_ERROR(tenon_path_make(name, &path));
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(iree_file_read_contents(path.text, iree_allocator_system(), &contents),
                       "reading a flag file");
  flags->files[flags->file_count++] = contents;
  const iree_string_view_t text =
      iree_make_string_view((const char*)contents->buffer.data, contents->buffer.data_length);
  IREE_RETURN_IF_ERROR(parse_lines(flags, text), "in flag file '%s'", path.text);
  return iree_ok_status();
}

iree_status_t tenon_flags_parse(const tenon_flag_t* table, iree_host_size_t table_size, int argc,
                                char** argv, tenon_flags_t* out_flags) {
  *out_flags = (tenon_flags_t){.table = table, .table_size = table_size};
  for (int i = 1; i < argc; ++i) {
    IREE_RETURN_IF_ERROR(parse_argument(out_flags, iree_make_cstring_view(argv[i])));
  }
  return iree_ok_status();
}

static void list_free(tenon_string_list_t* list) {
  iree_allocator_free(iree_allocator_system(), list->values);
  *list = (tenon_string_list_t){0};
}

void tenon_flags_deinitialize(tenon_flags_t* flags) {
  for (iree_host_size_t i = 0; i < flags->table_size; ++i) {
    if (flags->table[i].kind == TENON_FLAG_LIST) list_free(flags->table[i].storage);
  }
  list_free(&flags->positional);
  for (iree_host_size_t i = 0; i < flags->file_count; ++i) iree_file_contents_free(flags->files[i]);
  flags->file_count = 0;
}

static void print_flag(const char* name, const char* alias, const char* value_name,
                       bool optional_value, const char* help) {
  printf("  --%s", name);
  if (value_name) printf(optional_value ? "[=%s]" : "=%s", value_name);
  if (alias) printf("  (also --%s)", alias);
  printf("\n");
  for (const char* line = help; *line;) {
    const size_t length = strcspn(line, "\n");
    printf("      %.*s\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
}

void tenon_flags_print_help(const tenon_flags_t* flags, const char* usage) {
  printf("%s\nFlags:\n", usage);
  for (iree_host_size_t i = 0; i < flags->table_size; ++i) {
    const tenon_flag_t* flag = &flags->table[i];
    print_flag(flag->name, flag->alias, flag->value_name, flag->kind == TENON_FLAG_OPTION,
               flag->help);
  }
  print_flag("flagfile", NULL, "FILE", false,
             "Reads flags from a file, one a line; # starts a comment.");
  print_flag("version", NULL, NULL, false, "Prints the version.");
  print_flag("help", NULL, NULL, false, "Prints this.");
}
