// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An ELF shared object in memory, loaded by the system's dynamic loader, which perf and gdb know.

#ifndef TENON_HAL_LOCAL_ELF_IMAGE_H_
#define TENON_HAL_LOCAL_ELF_IMAGE_H_

#include "iree/base/api.h"

// The name of the format, for iree_hal_device_query_i64.
#if defined(__x86_64__)
#define TENON_ELF_EXECUTABLE_FORMAT "embedded-elf-x86_64"
#elif defined(__aarch64__)
#define TENON_ELF_EXECUTABLE_FORMAT "embedded-elf-arm_64"
#elif defined(__riscv) && __riscv_xlen == 64
#define TENON_ELF_EXECUTABLE_FORMAT "embedded-elf-riscv_64"
#else
#error "unknown architecture: name its executable format here and its ELF machine in elf_image.c"
#endif

typedef struct tenon_elf_image_t {
  void* handle;  // of dlopen
  // The file that the image was loaded from. It stays open as long as the handle: the dynamic
  // loader knows images by name, and the name contains this number. If the number were used again
  // for the next image, the loader would take that for this one, and hand out this one's code for
  // it.
  int fd;
} tenon_elf_image_t;

// Checks the headers and loads the image. |bytes| are copied and need no alignment.
// INVALID_ARGUMENT for what is no complete shared object; FAILED_PRECONDITION for one of another
// machine; UNAVAILABLE when the system can't load it. On failure there is nothing to close.
iree_status_t tenon_elf_image_open(iree_const_byte_span_t bytes, tenon_elf_image_t* out_image);

// Unloads the image.
void tenon_elf_image_close(tenon_elf_image_t* image);

// The address of an exported symbol, or NULL.
void* tenon_elf_image_symbol(const tenon_elf_image_t* image, const char* name);

#endif  // TENON_HAL_LOCAL_ELF_IMAGE_H_
