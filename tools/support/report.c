// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void tenon_report(const char* program, iree_status_t status) {
  fflush(stdout);
  const iree_allocator_t allocator = iree_allocator_system();
  char* text = NULL;
  iree_host_size_t length = 0;
  if (iree_status_to_string(status, &allocator, &text, &length)) {
    const char* code = strstr(text, iree_status_code_string(iree_status_code(status)));
    fprintf(stderr, "%s: %s\n", program, code ? code : text);
    iree_allocator_free(allocator, text);
  } else {
    fprintf(stderr, "%s: ", program);
    iree_status_fprint(stderr, status);
  }
  iree_status_free(status);
}

iree_status_t tenon_close_stdout(void) {
  errno = 0;
  const bool failed = ferror(stdout) != 0;
  if (fclose(stdout) == 0 && !failed) return iree_ok_status();
  return iree_make_status(errno ? iree_status_code_from_errno(errno) : IREE_STATUS_UNAVAILABLE,
                          "writing to standard output failed: %s", strerror(errno ? errno : EIO));
}
