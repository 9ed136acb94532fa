// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that appear whole or not at all: a full disk, or a failure between two parts, neither loses what a file held before nor leaves
// half of what it should hold. For tools; the runtime writes no files.

#ifndef TENON_BASE_NEW_FILE_H_
#define TENON_BASE_NEW_FILE_H_

#include <limits.h>
#include <stdio.h>

#include "iree/base/api.h"

typedef struct tenon_new_file_t {
  FILE* stream;  // to write to, until the end
  // Where it goes, and what it is called until then; empty: it is written in place.
  char path[PATH_MAX];
  char temporary[PATH_MAX + 16];
  // What there was before, of a file that is appended to; -1 of others.
  long old_size;
} tenon_new_file_t;

// Opens |path| to be written anew. A device, a pipe or a link is written in place, as is what can't be replaced.
//   NOT_FOUND, PERMISSION_DENIED, ...: what the system says.
iree_status_t tenon_new_file_open(const char* path, tenon_new_file_t* out_file);

// Opens |path|, which may not exist, to be written behind what it holds.
iree_status_t tenon_new_file_append(const char* path, tenon_new_file_t* out_file);

// Ends the file. If |status| is a failure, or not all could be written, all is as it was before, as far as the system allows. Returns
// |status|, or what went wrong.
iree_status_t tenon_new_file_close(tenon_new_file_t* file, iree_status_t status);

// Writes |contents| to |path|.
iree_status_t tenon_new_file_write(const char* path, iree_const_byte_span_t contents);

#endif  // TENON_BASE_NEW_FILE_H_
