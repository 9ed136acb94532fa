// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What can be known about a plugin from its file, before any of it runs.
#ifndef TENON_VM_DYNAMIC_LIBRARY_FILE_H_
#define TENON_VM_DYNAMIC_LIBRARY_FILE_H_

#include "iree/base/api.h"

typedef struct tenon_library_info_t {
  // The interface that it was compiled against; |is_plugin| is false if it has no record of that.
  bool is_plugin;
  uint32_t version;
  uint32_t sizes;
  // It contains a runtime.
  bool has_runtime;
} tenon_library_info_t;

// Reads the records of the library at |path| (tenon/note.h).
//   INVALID_ARGUMENT: not a shared library for this machine, saying what it is instead.   NOT_FOUND,
//   PERMISSION_DENIED, ...: the file can't be read.
iree_status_t tenon_library_file_inspect(const char* path, tenon_library_info_t* out_info);

#endif  // TENON_VM_DYNAMIC_LIBRARY_FILE_H_
