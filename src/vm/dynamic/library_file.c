// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/dynamic/library_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "format/layout.h"
#include "iree/vm/dynamic/module.h"

// A library's notes are some hundred bytes; what is behind this is not looked at.
#define TENON_NOTES_MAX_SIZE 4096

#if defined(__x86_64__)
#define TENON_NATIVE_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define TENON_NATIVE_MACHINE EM_AARCH64
#else
#define TENON_NATIVE_MACHINE EM_NONE  // left to the system to find out
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TENON_NATIVE_DATA ELFDATA2LSB
#else
#define TENON_NATIVE_DATA ELFDATA2MSB
#endif

// Reads up to |size| bytes at |offset|: fewer at the end of the file.
static iree_status_t tenon_read_at(FILE* file, const char* path, uint64_t offset, void* target,
                                   size_t size, size_t* out_size) {
  *out_size = 0;
  if (offset > INT64_MAX) return iree_ok_status();  // past every end
  if (fseeko(file, (off_t)offset, SEEK_SET) == 0) *out_size = fread(target, 1, size, file);
  if (!ferror(file)) return iree_ok_status();
  return iree_make_status(iree_status_code_from_errno(errno), "failed to read '%s': %s", path,
                          strerror(errno));
}

static iree_status_t tenon_check_header(const char* path, const ElfW(Ehdr) * header, size_t size) {
  if (size >= sizeof(TENON_MODULE_MAGIC) - 1 &&
      memcmp(header, TENON_MODULE_MAGIC, sizeof(TENON_MODULE_MAGIC) - 1) == 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%s' is a compiled program, not a plugin; load it as a module file",
                            path);
  }
  if (size < EI_NIDENT || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%s' is not a shared library: it does not begin as an ELF file does",
                            path);
  }
  if (header->e_ident[EI_CLASS] != (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) ||
      header->e_ident[EI_DATA] != TENON_NATIVE_DATA || size < sizeof(*header) ||
      (TENON_NATIVE_MACHINE != EM_NONE && header->e_machine != TENON_NATIVE_MACHINE)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%s' is a library for another kind of machine", path);
  }
  if (header->e_type != ET_DYN) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%s' is an object file or a program, not a shared library; link it "
                            "with -shared",
                            path);
  }
  return iree_ok_status();
}

static void tenon_note_evaluate(const tenon_note_t* note, tenon_library_info_t* info) {
  if (note->type == TENON_NOTE_RUNTIME) info->has_runtime = true;
  if (note->type != TENON_NOTE_PLUGIN) return;
  // One for each source file; where they differ, one that doesn't fit is what matters.
  if (!info->is_plugin || note->data[0] != IREE_VM_DYNAMIC_MODULE_VERSION_LATEST) {
    info->version = note->data[0];
  }
  if (!info->is_plugin || note->data[1] != TENON_PLUGIN_SIZES) info->sizes = note->data[1];
  info->is_plugin = true;
}

// Goes through the notes of one segment. Whatever is not as it should be ends it: a library
// that others than linkers have written has no record.
static void tenon_notes_evaluate(const uint8_t* data, size_t size, size_t alignment,
                                 tenon_library_info_t* info) {
  while (size >= 3 * sizeof(uint32_t)) {
    uint32_t sizes[2];
    memcpy(sizes, data, sizeof(sizes));
    const uint64_t owner_end = 3 * sizeof(uint32_t) + (uint64_t)sizes[0];
    const uint64_t data_end = ((owner_end + alignment - 1) & ~(uint64_t)(alignment - 1)) + sizes[1];
    const uint64_t end = (data_end + alignment - 1) & ~(uint64_t)(alignment - 1);
    tenon_note_t note;
    if (sizes[0] == sizeof(TENON_NOTE_OWNER) && sizes[1] == sizeof(note.data) &&
        size >= sizeof(note)) {
      memcpy(&note, data, sizeof(note));
      if (memcmp(note.owner, TENON_NOTE_OWNER, sizeof(TENON_NOTE_OWNER)) == 0) {
        tenon_note_evaluate(&note, info);
      }
    }
    if (end >= size) return;
    data += end;
    size -= (size_t)end;
  }
}

static iree_status_t tenon_library_inspect(FILE* file, const char* path,
                                           tenon_library_info_t* out_info) {
  ElfW(Ehdr) header;
  size_t size = 0;
  memset(&header, 0, sizeof(header));
  IREE_RETURN_IF_ERROR(tenon_read_at(file, path, 0, &header, sizeof(header), &size));
  IREE_RETURN_IF_ERROR(tenon_check_header(path, &header, size));
  for (uint32_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) segment;
    IREE_RETURN_IF_ERROR(tenon_read_at(file, path,
                                       header.e_phoff + (uint64_t)i * header.e_phentsize, &segment,
                                       sizeof(segment), &size));
    if (size != sizeof(segment)) break;
    if (segment.p_type != PT_NOTE) continue;
    uint8_t notes[TENON_NOTES_MAX_SIZE];
    const size_t length = segment.p_filesz < sizeof(notes) ? segment.p_filesz : sizeof(notes);
    IREE_RETURN_IF_ERROR(tenon_read_at(file, path, segment.p_offset, notes, length, &size));
    tenon_notes_evaluate(notes, size, segment.p_align == 8 ? 8 : 4, out_info);
  }
  return iree_ok_status();
}

iree_status_t tenon_library_file_inspect(const char* path, tenon_library_info_t* out_info) {
  memset(out_info, 0, sizeof(*out_info));
  FILE* file = fopen(path, "rbe");
  if (!file) {
    return iree_make_status(iree_status_code_from_errno(errno), "failed to open '%s': %s", path,
                            strerror(errno));
  }
  iree_status_t status = tenon_library_inspect(file, path, out_info);
  fclose(file);
  return status;
}
