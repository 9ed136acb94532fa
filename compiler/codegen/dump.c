// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/support/mlir_util.h"

// mkdir -p
static bool make_folder(const char* path) {
  char* copy = strdup(path);
  bool ok = copy != NULL;
  for (char* at = copy; ok && *at;) {
    at += strspn(at, "/");
    at += strcspn(at, "/");
    char after = *at;
    *at = 0;
    ok = mkdir(copy, 0777) == 0 || errno == EEXIST || errno == EISDIR;
    *at = after;
  }
  free(copy);
  struct stat info;
  if (!ok || stat(path, &info) != 0) return false;
  if (S_ISDIR(info.st_mode)) return access(path, W_OK | X_OK) == 0;
  errno = ENOTDIR;
  return false;
}

static MlirLogicalResult use_folder(const char* flag, const char* path, MlirLocation location) {
  if (!path || make_folder(path)) return mlirLogicalResultSuccess();
  return tenon_error_at(location, "can't write to the folder '%s' of --%s: %s", path, flag,
                        strerror(errno));
}

static char* make_stem(const char* input) {
  const char* slash = strrchr(input, '/');
  const char* name = slash ? slash + 1 : input;
  if (strcmp(input, "-") == 0) name = "stdin";
  const char* dot = strrchr(name, '.');
  return strndup(name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

MlirLogicalResult tenon_dump_open(const tenon_options_t* options, MlirLocation location,
                                  tenon_dump_t* out_dump) {
  *out_dump = (tenon_dump_t){.sources = options->dump_sources,
                             .intermediates = options->dump_intermediates,
                             .binaries = options->dump_binaries,
                             .stem = make_stem(options->input_path)};
  if (mlirLogicalResultIsSuccess(
          use_folder("iree-hal-dump-executable-sources-to", out_dump->sources, location)) &&
      mlirLogicalResultIsSuccess(use_folder("iree-hal-dump-executable-intermediates-to",
                                            out_dump->intermediates, location)) &&
      mlirLogicalResultIsSuccess(
          use_folder("iree-hal-dump-executable-binaries-to", out_dump->binaries, location)))
    return mlirLogicalResultSuccess();
  tenon_dump_close(out_dump);
  return mlirLogicalResultFailure();
}

void tenon_dump_close(tenon_dump_t* dump) {
  free(dump->stem);
  dump->stem = NULL;
}

// Returns what went wrong.
static char* write_file(const char* path, const void* data, size_t length) {
  FILE* file = fopen(path, "wbe");
  bool ok = file && fwrite(data, 1, length, file) == length;
  int error = errno;
  if (file && fclose(file) != 0 && ok) {
    ok = false;
    error = errno;
  }
  if (ok) return NULL;
  if (file) unlink(path);
  tenon_text_t message = {0};
  tenon_text_appendf(&message, "can't write '%s': %s", path, strerror(error));
  return message.data;
}

char* tenon_dump_intermediate(const tenon_dump_t* dump, size_t chunk, const char* suffix,
                              const void* data, size_t length) {
  tenon_text_t path = {0};
  tenon_text_appendf(&path, "%s/%s.chunk_%zu.%s", dump->intermediates, dump->stem, chunk, suffix);
  char* problem = write_file(path.data, data, length);
  free(path.data);
  return problem;
}

// Reports |problem|, if there is one, and frees it.
static MlirLogicalResult finish(MlirLocation location, char* problem) {
  if (!problem) return mlirLogicalResultSuccess();
  MlirLogicalResult result = tenon_error_at(location, "%s", problem);
  free(problem);
  return result;
}

// Symbols may hold any character, and be as long as they like; what is one file name has 255 bytes.
static void append_name(tenon_text_t* path, MlirStringRef name) {
  for (size_t i = 0; i < name.length && i < 100; ++i) {
    char c = name.data[i];
    bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                 strchr("_.$-", c);
    tenon_text_append(path, c && plain ? &c : "_", 1);
  }
}

MlirLogicalResult tenon_dump_source(const tenon_dump_t* dump, size_t ordinal,
                                    MlirOperation function) {
  if (!dump->sources) return mlirLogicalResultSuccess();
  tenon_text_t path = {0}, text = {0};
  tenon_text_appendf(&path, "%s/%s.dispatch_%zu.", dump->sources, dump->stem, ordinal);
  append_name(&path, tenon_symbol_name(function));
  tenon_text_appendf(&path, ".mlir");
  tenon_text_appendf(&text, "module {\n");
  mlirOperationPrint(function, tenon_text_callback, &text);
  tenon_text_appendf(&text, "\n}\n");
  char* problem = write_file(path.data, text.data, text.length);
  free(path.data);
  free(text.data);
  return finish(mlirOperationGetLocation(function), problem);
}

MlirLogicalResult tenon_dump_binary(const tenon_dump_t* dump, MlirLocation location,
                                    tenon_bytes_t executable) {
  if (!dump->binaries) return mlirLogicalResultSuccess();
  tenon_text_t path = {0};
  tenon_text_appendf(&path, "%s/%s.so", dump->binaries, dump->stem);
  char* problem = write_file(path.data, executable.data, executable.length);
  free(path.data);
  return finish(location, problem);
}
