// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Records in ELF files: what can be known about a library before any of it is loaded or run. For the
// headers and sources that leave such a record; nobody else needs this.
#ifndef TENON_NOTE_H_
#define TENON_NOTE_H_

#include <stdint.h>

// The library was compiled against the plugin interface: {version, sizes} (iree/vm/dynamic/module.h).
#define TENON_NOTE_PLUGIN 1
// The file contains a runtime: {0, 0}.
#define TENON_NOTE_RUNTIME 2

#define TENON_NOTE_OWNER "Tenon"
#define TENON_NOTE_SECTION ".note.tenon"

// An ELF note, laid out as the system wants it; linkers keep them.
typedef struct tenon_note_t {
  uint32_t owner_size;
  uint32_t data_size;
  uint32_t type;
  char owner[8];
  uint32_t data[2];
} tenon_note_t;

// Clang's address sanitizer would put its red zones between the records.
#if defined(__clang__)
#define TENON_NOTE_UNCHANGED __attribute__((no_sanitize("address")))
#else
#define TENON_NOTE_UNCHANGED
#endif

// Defines the record |variable|; use it at file scope, followed by a semicolon.
#define TENON_DEFINE_NOTE(variable, type, data0, data1)                            \
  static const TENON_NOTE_UNCHANGED tenon_note_t variable __attribute__((          \
      section(TENON_NOTE_SECTION), used, aligned(4))) = {sizeof(TENON_NOTE_OWNER), \
                                                         2 * sizeof(uint32_t),     \
                                                         (type),                   \
                                                         TENON_NOTE_OWNER,         \
                                                         {(uint32_t)(data0), (uint32_t)(data1)}}

#endif  // TENON_NOTE_H_
