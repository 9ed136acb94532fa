// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_SUPPORT_PATH_H_
#define TENON_TOOLS_SUPPORT_PATH_H_

#include <limits.h>
#include <string.h>

#include "iree/base/api.h"

// A file name with a NUL, as the system wants it: values of flags end without one.
typedef struct tenon_path_t {
  char text[PATH_MAX];
} tenon_path_t;

// INVALID_ARGUMENT for a name that is longer than the system takes.
static inline iree_status_t tenon_path_make(iree_string_view_t name, tenon_path_t* out_path) {
  if (name.size >= sizeof(out_path->text)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "a file name has more than %zu bytes",
                            sizeof(out_path->text) - 1);
  }
  if (name.size) memcpy(out_path->text, name.data, name.size);
  out_path->text[name.size] = 0;
  return iree_ok_status();
}

#endif  // TENON_TOOLS_SUPPORT_PATH_H_
