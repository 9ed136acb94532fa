// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/modules.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "iree/base/internal/file_io.h"
#include "iree/vm/bytecode_module.h"
#include "iree/vm/dynamic/module.h"
#include "support/path.h"

//===--------------------------------------------------------------------------------------------===//
// Where it is
//===--------------------------------------------------------------------------------------------===//

static iree_status_t spec_error(const char* what) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "%s; expected " TENON_MODULES_WHERE, what);
}

static iree_status_t parse_params(iree_string_view_t query, tenon_module_spec_t* spec) {
  intptr_t separator = 0;
  while (separator != -1) {
    iree_string_view_t param;
    separator = iree_string_view_split(query, '&', &param, &query);
    if (spec->param_count == TENON_MODULE_MAX_PARAMS) return spec_error("too many parameters");
    iree_string_pair_t* pair = &spec->params[spec->param_count++];
    iree_string_view_split(param, '=', &pair->key, &pair->value);
    if (!pair->key.size) return spec_error("a parameter has no key");
  }
  return iree_ok_status();
}

iree_status_t tenon_module_spec_parse(iree_string_view_t text, tenon_module_spec_t* out_spec) {
  memset(out_spec, 0, sizeof(*out_spec));
  iree_string_view_t query;
  const bool has_query = iree_string_view_split(text, '?', &text, &query) != -1;
  out_spec->path = text;
  const iree_host_size_t at =
      iree_string_view_find_last_of(text, IREE_SV("@"), IREE_STRING_VIEW_NPOS);
  if (at != IREE_STRING_VIEW_NPOS) {
    out_spec->path = iree_string_view_substr(text, 0, at);
    out_spec->export_name = iree_string_view_remove_prefix(text, at + 1);
    if (!out_spec->export_name.size) return spec_error("no export is named after '@'");
  }
  if (!out_spec->path.size) return spec_error("the file is missing");
  out_spec->is_plugin = has_query || at != IREE_STRING_VIEW_NPOS;
  return has_query ? parse_params(query, out_spec) : iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Loading
//===--------------------------------------------------------------------------------------------===//

// Whether there is a file, with the bytes that shared libraries begin with. A pipe would lose what is
// read here, so only regular files are looked at.
static bool is_shared_library(const char* path) {
  struct stat info;
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return false;
  FILE* file = fopen(path, "rbe");
  char magic[SELFMAG];
  const bool is_elf = file && fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
                      memcmp(magic, ELFMAG, sizeof(magic)) == 0;
  if (file) fclose(file);
  return is_elf;
}

static iree_status_t load_program(iree_vm_instance_t* instance, const char* path,
                                  iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  iree_file_contents_t* contents = NULL;
  if (strcmp(path, "-") == 0) {
    IREE_RETURN_IF_ERROR(iree_stdin_read_contents(host_allocator, &contents));
  } else {
    IREE_RETURN_IF_ERROR(iree_file_read_contents(path, host_allocator, &contents));
  }
  iree_status_t status = iree_vm_bytecode_module_create(instance, contents->const_buffer,
                                                        iree_file_contents_deallocator(contents),
                                                        host_allocator, out_module);
  if (!iree_status_is_ok(status)) iree_file_contents_free(contents);
  return status;
}

static iree_status_t load(iree_vm_instance_t* instance, iree_string_view_t where,
                          iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  tenon_path_t path;
  IREE_RETURN_IF_ERROR(tenon_path_make(where, &path));
  struct stat info;
  tenon_module_spec_t spec = {.path = where};
  if (stat(path.text, &info) != 0) {
    IREE_RETURN_IF_ERROR(tenon_module_spec_parse(where, &spec));
    IREE_RETURN_IF_ERROR(tenon_path_make(spec.path, &path));
  }
  if (spec.is_plugin || is_shared_library(path.text)) {
    return iree_vm_dynamic_module_load_from_file(instance, spec.path, spec.export_name,
                                                 spec.param_count, spec.params, host_allocator,
                                                 out_module);
  }
  return load_program(instance, path.text, host_allocator, out_module);
}

iree_status_t tenon_load_module(iree_vm_instance_t* instance, iree_string_view_t where,
                                iree_allocator_t host_allocator, iree_vm_module_t** out_module) {
  *out_module = NULL;
  iree_status_t status = load(instance, where, host_allocator, out_module);
  if (iree_status_is_ok(status)) return status;
  return iree_status_annotate_f(status, "loading module '%.*s'", (int)where.size, where.data);
}
