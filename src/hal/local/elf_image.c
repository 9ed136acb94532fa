// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/local/elf_image.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define TENON_HOST_ELF_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define TENON_HOST_ELF_MACHINE EM_AARCH64
#elif defined(__riscv)
#define TENON_HOST_ELF_MACHINE EM_RISCV
#endif

//===--- Headers ------------------------------------------------------------------------------===//
// Only what tells a foreign or cut-off file from one that the dynamic loader can work with; it
// trusts the rest.

static const char* tenon_elf_machine_name(unsigned int machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "AArch64";
    case EM_RISCV:
      return "RISC-V";
    case EM_386:
      return "x86 (32 bits)";
    case EM_ARM:
      return "Arm (32 bits)";
    default:
      return "unknown";
  }
}

static iree_status_t tenon_elf_invalid(const char* what) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the executable is not a valid ELF shared object: %s", what);
}

static iree_status_t tenon_elf_validate_machine(const Elf64_Ehdr* header) {
  if (header->e_machine != TENON_HOST_ELF_MACHINE) {
    return iree_make_status(
        IREE_STATUS_FAILED_PRECONDITION,
        "the executable is for the machine %s (%u), but this process runs on %s (%u); compile the "
        "module for this target",
        tenon_elf_machine_name(header->e_machine), header->e_machine,
        tenon_elf_machine_name(TENON_HOST_ELF_MACHINE), (unsigned int)TENON_HOST_ELF_MACHINE);
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the executable has the ELF class %u and byte order %u, but this "
                            "process needs class %u (64 "
                            "bits) and byte order %u (little-endian)",
                            header->e_ident[EI_CLASS], header->e_ident[EI_DATA], ELFCLASS64,
                            ELFDATA2LSB);
  }
  return iree_ok_status();
}

// Segments behind the end of the file would be a bus error when they are touched.
static iree_status_t tenon_elf_validate_segments(iree_const_byte_span_t bytes,
                                                 const Elf64_Ehdr* header) {
  if (header->e_phentsize != sizeof(Elf64_Phdr))
    return tenon_elf_invalid("its program headers have a wrong size");
  const uint64_t table_size = (uint64_t)header->e_phnum * sizeof(Elf64_Phdr);
  if (header->e_phoff > bytes.data_length || table_size > bytes.data_length - header->e_phoff) {
    return tenon_elf_invalid("its program headers lie behind its end");
  }
  for (uint32_t i = 0; i < header->e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, bytes.data + header->e_phoff + i * sizeof(segment), sizeof(segment));
    if (segment.p_offset > bytes.data_length ||
        segment.p_filesz > bytes.data_length - segment.p_offset) {
      return tenon_elf_invalid("a segment lies behind its end");
    }
  }
  return iree_ok_status();
}

static iree_status_t tenon_elf_validate(iree_const_byte_span_t bytes) {
  Elf64_Ehdr header;
  if (bytes.data_length < sizeof(header))
    return tenon_elf_invalid("it is shorter than an ELF header");
  memcpy(&header, bytes.data, sizeof(header));
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return tenon_elf_invalid("it does not start with the ELF magic");
  IREE_RETURN_IF_ERROR(tenon_elf_validate_machine(&header));
  if (header.e_type != ET_DYN) return tenon_elf_invalid("its type is not shared object");
  return tenon_elf_validate_segments(bytes, &header);
}

//===--- The file -----------------------------------------------------------------------------===//

// A path that the dynamic loader can open.
typedef struct tenon_elf_path_t {
  char text[256];
} tenon_elf_path_t;

static iree_status_t tenon_elf_os_error(const char* what) {
  const int error_number = errno;
  return iree_make_status(iree_status_code_from_errno(error_number),
                          "the executable can't be loaded: %s failed: %s", what,
                          strerror(error_number));
}

static int tenon_elf_create_memory_file(tenon_elf_path_t* path) {
  const int fd = memfd_create("tenon-executable", MFD_CLOEXEC);
  snprintf(path->text, sizeof(path->text), "/proc/self/fd/%d", fd);
  return fd;
}

static int tenon_elf_create_temporary_file(tenon_elf_path_t* path) {
  const char* folder = getenv("TMPDIR");
  if (!folder || !*folder) folder = "/tmp";
  const int length = snprintf(path->text, sizeof(path->text), "%s/tenon-executable-XXXXXX", folder);
  if (length < 0 || (size_t)length >= sizeof(path->text)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  return mkostemp(path->text, O_CLOEXEC);
}

static bool tenon_elf_write(int fd, iree_const_byte_span_t bytes) {
  while (bytes.data_length) {
    const ssize_t count = write(fd, bytes.data, bytes.data_length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes =
        iree_make_const_byte_span(bytes.data + count, bytes.data_length - (iree_host_size_t)count);
  }
  return true;
}

// Loads from the file |fd| at |path|, which the image keeps, or which is closed on failure.
static iree_status_t tenon_elf_load(int fd, const tenon_elf_path_t* path,
                                    iree_const_byte_span_t bytes, tenon_elf_image_t* out_image) {
  iree_status_t status = iree_ok_status();
  if (!tenon_elf_write(fd, bytes)) {
    status = tenon_elf_os_error("writing it to a file");
  } else {
    out_image->handle = dlopen(path->text, RTLD_NOW | RTLD_LOCAL);
    out_image->fd = fd;
    if (!out_image->handle) {
      const char* message = dlerror();
      status = iree_make_status(IREE_STATUS_UNAVAILABLE, "the executable can't be loaded: %s",
                                message ? message : "dlopen failed");
    }
  }
  if (!iree_status_is_ok(status)) {
    out_image->fd = -1;
    close(fd);
  }
  return status;
}

iree_status_t tenon_elf_image_open(iree_const_byte_span_t bytes, tenon_elf_image_t* out_image) {
  out_image->handle = NULL;
  out_image->fd = -1;
  IREE_RETURN_IF_ERROR(tenon_elf_validate(bytes));
  tenon_elf_path_t path;
  int fd = tenon_elf_create_memory_file(&path);
  if (fd >= 0) {
    iree_status_t status = tenon_elf_load(fd, &path, bytes, out_image);
    // Without /proc there is no path to a file in memory.
    if (iree_status_is_ok(status) || access("/proc/self/fd", R_OK) == 0) return status;
    iree_status_ignore(status);
  }
  fd = tenon_elf_create_temporary_file(&path);
  if (fd < 0) return tenon_elf_os_error("creating a temporary file");
  iree_status_t status = tenon_elf_load(fd, &path, bytes, out_image);
  unlink(path.text);
  return status;
}

void tenon_elf_image_close(tenon_elf_image_t* image) {
  if (image->handle) dlclose(image->handle);
  if (image->fd >= 0) close(image->fd);
  image->handle = NULL;
  image->fd = -1;
}

void* tenon_elf_image_symbol(const tenon_elf_image_t* image, const char* name) {
  return dlsym(image->handle, name);
}
