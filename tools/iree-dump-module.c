// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shows what is in a module file.

#include <stdio.h>
#include <string.h>

#include "format/reader.h"
#include "format/verifier.h"
#include "iree/base/internal/file_io.h"
#include "support/dump.h"
#include "support/flags.h"
#include "support/path.h"
#include "support/report.h"

static const char usage[] =
    "Usage: iree-dump-module FILE [--json]\n"
    "\n"
    "Shows what is in a module file (-: standard input): its sections, imports, exports, code, "
    "constants and locations.\n"
    "Nothing of it is run.\n";

static struct {
  bool json;
} options;

static const tenon_flag_t flag_table[] = {
    {"json", NULL, TENON_FLAG_BOOL, &options.json, NULL, "Writes JSON."},
};

static iree_status_t dump_contents(const iree_file_contents_t* contents) {
  tenon_module_file_t module;
  IREE_RETURN_IF_ERROR(tenon_module_file_read(contents->const_buffer, &module));
  IREE_RETURN_IF_ERROR(tenon_module_file_verify(&module, iree_allocator_system()));
  return options.json ? tenon_dump_json(&module, stdout) : tenon_dump_text(&module, stdout);
}

static iree_status_t dump_file(iree_string_view_t name) {
  tenon_path_t path;
  IREE_RETURN_IF_ERROR(tenon_path_make(name, &path));
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(
      strcmp(path.text, "-") == 0
          ? iree_stdin_read_contents(iree_allocator_system(), &contents)
          : iree_file_read_contents(path.text, iree_allocator_system(), &contents));
  iree_status_t status = dump_contents(contents);
  iree_file_contents_free(contents);
  return iree_status_is_ok(status) ? status : iree_status_annotate_f(status, "in '%s'", path.text);
}

static iree_status_t run_flags(const tenon_flags_t* flags) {
  if (flags->help) {
    tenon_flags_print_help(flags, usage);
    return iree_ok_status();
  }
  if (flags->version) {
    printf("iree-dump-module (Tenon) %s\n", TENON_VERSION);
    return iree_ok_status();
  }
  if (flags->positional.count != 1) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "expected one module file, got %zu; usage: iree-dump-module FILE [--json]",
        flags->positional.count);
  }
  return dump_file(flags->positional.values[0]);
}

int main(int argc, char** argv) {
  tenon_flags_t flags;
  iree_status_t status =
      tenon_flags_parse(flag_table, IREE_ARRAYSIZE(flag_table), argc, argv, &flags);
  if (iree_status_is_ok(status)) status = run_flags(&flags);
  tenon_flags_deinitialize(&flags);
  status = iree_status_join(status, tenon_close_stdout());
  if (iree_status_is_ok(status)) return 0;
  tenon_report("iree-dump-module", status);
  return 1;
}
