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

// The failure to write to |what|, for the reason in errno if there is one.
static iree_status_t make_write_error(const char* what) {
  return iree_make_status(errno ? iree_status_code_from_errno(errno) : IREE_STATUS_UNAVAILABLE,
                          "writing to %s failed: %s", what, strerror(errno ? errno : EIO));
}

iree_status_t tenon_write(FILE* file, iree_const_byte_span_t bytes) {
  if (!bytes.data_length) return iree_ok_status();
  errno = 0;
  const bool written = fwrite(bytes.data, 1, bytes.data_length, file) == bytes.data_length;
  return written ? iree_ok_status() : make_write_error("the file");
}

iree_status_t tenon_close_stdout(void) {
  errno = 0;
  const bool failed = ferror(stdout) != 0;
  if (fclose(stdout) == 0 && !failed) return iree_ok_status();
  return make_write_error("standard output");
}
