// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/codegen/link.h"

#include <errno.h>
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

static bool tenon_memory_file_read(const tenon_memory_file_t* file, tenon_bytes_t* out_bytes) {
  struct stat info;
  if (fstat(file->descriptor, &info) != 0) return false;
  out_bytes->length = (size_t)info.st_size;
  out_bytes->data = tenon_xcalloc(out_bytes->length, 1);
  for (size_t done = 0; done < out_bytes->length;) {
    ssize_t got =
        pread(file->descriptor, out_bytes->data + done, out_bytes->length - done, (off_t)done);
    if (got > 0) {
      done += (size_t)got;
    } else if (got == 0 || errno != EINTR) {
      free(out_bytes->data);
      *out_bytes = (tenon_bytes_t){0};
      return false;
    }
  }
  return true;
}

static void tenon_memory_file_close(tenon_memory_file_t* file) {
  if (file->descriptor >= 0) close(file->descriptor);
}

// Small before all: one page size, segments that share pages, nothing in the file but what is
// loaded.
static bool tenon_run_linker(const tenon_memory_file_t* object, const tenon_memory_file_t* library,
                             const tenon_memory_file_t* output, char** out_messages) {
  const char* arguments[] = {"ld.lld",
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
                             "--no-mmap-output-file",
                             "-o",
                             output->path,
                             object->path,
                             "--start-lib",
                             library->path,
                             "--end-lib"};
  return tenon_link_elf(sizeof(arguments) / sizeof(*arguments), arguments, out_messages);
}

MlirLogicalResult tenon_link_executable(MlirLocation location, const char* triple,
                                        const void* object, size_t object_length,
                                        tenon_bytes_t* out_executable) {
  bool is_x86 = strcmp(tenon_triple_arch(triple), "x86_64") == 0;
  const unsigned char* library =
      is_x86 ? tenon_device_library_x86_64 : tenon_device_library_aarch64;
  size_t library_length =
      is_x86 ? tenon_device_library_x86_64_length : tenon_device_library_aarch64_length;
  tenon_memory_file_t files[3] = {{.descriptor = -1}, {.descriptor = -1}, {.descriptor = -1}};
  char* messages = NULL;
  MlirLogicalResult result = mlirLogicalResultSuccess();
  if (!tenon_memory_file_open("object", object, object_length, &files[0]) ||
      !tenon_memory_file_open("device-library", library, library_length, &files[1]) ||
      !tenon_memory_file_open("executable", NULL, 0, &files[2])) {
    result =
        tenon_error_at(location, "can't make a file in memory for the linker: %s", strerror(errno));
  } else if (!tenon_run_linker(&files[0], &files[1], &files[2], &messages)) {
    result = tenon_error_at(location, "linking the dispatches failed: %s", messages);
  } else if (!tenon_memory_file_read(&files[2], out_executable)) {
    result = tenon_error_at(location, "can't read the linked dispatches: %s", strerror(errno));
  }
  free(messages);
  for (int i = 0; i < 3; ++i) tenon_memory_file_close(&files[i]);
  return result;
}
