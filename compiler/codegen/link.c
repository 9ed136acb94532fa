// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/codegen/llvm_shim.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

extern const unsigned char tenon_device_library_x86_64[], tenon_device_library_aarch64[];
extern const size_t tenon_device_library_x86_64_length, tenon_device_library_aarch64_length;

// A file in memory that lld opens by name.
typedef struct tenon_memory_file_t {
  int descriptor;
  char path[32];
} tenon_memory_file_t;

static bool tenon_memory_file_open(const char* name, const void* data, size_t length,
                                   tenon_memory_file_t* file) {
  file->descriptor = memfd_create(name, MFD_CLOEXEC);
  if (file->descriptor < 0) return false;
  snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->descriptor);
  for (size_t done = 0; done < length;) {
    ssize_t written = write(file->descriptor, (const char*)data + done, length - done);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) done += (size_t)written;
  }
  return true;
}

static void tenon_memory_file_close(tenon_memory_file_t* file) {
  if (file->descriptor >= 0) close(file->descriptor);
}

// lld writes its result beside a temporary file, so it needs a folder.
typedef struct tenon_output_folder_t {
  char folder[PATH_MAX];
  char path[PATH_MAX + 16];
} tenon_output_folder_t;

static bool tenon_output_folder_make(tenon_output_folder_t* output) {
  const char* base = getenv("TMPDIR");
  int length = snprintf(output->folder, sizeof(output->folder), "%s/tenon-XXXXXX",
                        base && *base ? base : "/tmp");
  if (length >= (int)sizeof(output->folder)) {
    errno = ENAMETOOLONG;
  } else if (mkdtemp(output->folder)) {
    snprintf(output->path, sizeof(output->path), "%s/executable", output->folder);
    return true;
  }
  output->path[0] = 0;
  return false;
}

static void tenon_output_folder_remove(tenon_output_folder_t* output) {
  if (!output->path[0]) return;
  unlink(output->path);
  rmdir(output->folder);
}

static bool tenon_read_file(const char* path, tenon_bytes_t* out_bytes) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  bool ok = descriptor >= 0 && fstat(descriptor, &info) == 0;
  if (ok)
    *out_bytes = (tenon_bytes_t){tenon_xcalloc((size_t)info.st_size, 1), (size_t)info.st_size};
  for (size_t done = 0; ok && done < out_bytes->length;) {
    ssize_t got = read(descriptor, out_bytes->data + done, out_bytes->length - done);
    if (got > 0) done += (size_t)got;
    ok = got > 0 || (got < 0 && errno == EINTR);
  }
  if (descriptor >= 0) close(descriptor);
  return ok;
}

// Small before all: one page size, segments that share pages, nothing in the file but what is
// loaded.
static bool tenon_run_linker(const tenon_memory_file_t* objects, size_t object_count,
                             const char* library, const char* output, char** out_messages) {
  static const char* const flags[] = {"ld.lld",
                                      "-shared",
                                      "--strip-all",
                                      "-z",
                                      "defs",
                                      "-z",
                                      "norelro",
                                      "-z",
                                      "noseparate-code",
                                      "-z",
                                      "max-page-size=4096",
                                      "--build-id=none",
                                      "--hash-style=gnu",
                                      "--no-eh-frame-hdr",
                                      "--gc-sections",
                                      "-Bsymbolic",
                                      "--threads=1",
                                      "-o"};
  enum { FLAG_COUNT = sizeof(flags) / sizeof(*flags), OTHERS = 4 };
  const char** arguments = tenon_xcalloc(FLAG_COUNT + OTHERS + object_count, sizeof(*arguments));
  memcpy(arguments, flags, sizeof(flags));
  int count = FLAG_COUNT;
  arguments[count++] = output;
  for (size_t i = 0; i < object_count; ++i) arguments[count++] = objects[i].path;
  arguments[count++] = "--start-lib";
  arguments[count++] = library;
  arguments[count++] = "--end-lib";
  bool ok = tenon_link_elf(count, arguments, out_messages);
  free(arguments);
  return ok;
}

// Files of all objects, and of the device library after them.
static bool tenon_open_inputs(const char* triple, const tenon_object_t* objects,
                              size_t object_count, tenon_memory_file_t* files) {
  bool is_x86 = strcmp(tenon_triple_arch(triple), "x86_64") == 0;
  const unsigned char* library =
      is_x86 ? tenon_device_library_x86_64 : tenon_device_library_aarch64;
  size_t library_length =
      is_x86 ? tenon_device_library_x86_64_length : tenon_device_library_aarch64_length;
  bool ok = true;
  for (size_t i = 0; i < object_count; ++i) {
    ok = ok && tenon_memory_file_open("object", objects[i].data, objects[i].length, &files[i]);
  }
  return ok &&
         tenon_memory_file_open("device-library", library, library_length, &files[object_count]);
}

MlirLogicalResult tenon_link_executable(MlirLocation location, const char* triple,
                                        const tenon_object_t* objects, size_t object_count,
                                        tenon_bytes_t* out_executable) {
  tenon_memory_file_t* files = tenon_xcalloc(object_count + 1, sizeof(*files));
  for (size_t i = 0; i <= object_count; ++i) files[i].descriptor = -1;
  tenon_output_folder_t output = {.path = ""};
  char* messages = NULL;
  MlirLogicalResult result = mlirLogicalResultSuccess();
  if (!tenon_open_inputs(triple, objects, object_count, files)) {
    result =
        tenon_error_at(location, "can't make a file in memory for the linker: %s", strerror(errno));
  } else if (!tenon_output_folder_make(&output)) {
    result = tenon_error_at(
        location, "can't make a temporary folder '%s': %s; set TMPDIR to a writable folder",
        output.folder, strerror(errno));
  } else if (!tenon_run_linker(files, object_count, files[object_count].path, output.path,
                               &messages)) {
    result = tenon_error_at(location, "linking the dispatches failed: %s", messages);
  } else if (!tenon_read_file(output.path, out_executable)) {
    result = tenon_error_at(location, "can't read the linked dispatches: %s", strerror(errno));
  }
  free(messages);
  tenon_output_folder_remove(&output);
  for (size_t i = 0; i <= object_count; ++i) tenon_memory_file_close(&files[i]);
  free(files);
  return result;
}
