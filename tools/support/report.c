// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void tenon_with_status_text(iree_status_t status, void (*use)(void* user_data, const char* text),
                            void* user_data) {
  const iree_allocator_t allocator = iree_allocator_system();
  const char* code = iree_status_code_string(iree_status_code(status));
  char* text = NULL;
  iree_host_size_t length = 0;
  if (iree_status_to_string(status, &allocator, &text, &length)) {
    const char* begin = strstr(text, code);
    use(user_data, begin ? begin : text);
    iree_allocator_free(allocator, text);
  } else {
    use(user_data, code);
  }
  iree_status_free(status);
}

static void print_text(void* program, const char* text) {
  fprintf(stderr, "%s: %s\n", (const char*)program, text);
}

void tenon_report(const char* program, iree_status_t status) {
  fflush(stdout);
  tenon_with_status_text(status, print_text, (void*)program);
}

// The failure to write to |what| for the reason |error|, an errno; 0 if it is not known.
static iree_status_t make_write_error(const char* what, int error) {
  return iree_make_status(error ? iree_status_code_from_errno(error) : IREE_STATUS_UNAVAILABLE,
                          "writing to %s failed: %s", what, strerror(error ? error : EIO));
}

iree_status_t tenon_write(FILE* file, iree_const_byte_span_t bytes) {
  if (!bytes.data_length) return iree_ok_status();
  errno = 0;
  const bool written = fwrite(bytes.data, 1, bytes.data_length, file) == bytes.data_length;
  return written ? iree_ok_status() : make_write_error("the file", errno);
}

iree_status_t tenon_close_stdout(void) {
  const bool failed = ferror(stdout) != 0;
  errno = 0;
  if (fclose(stdout) != 0) return make_write_error("standard output", errno);
  // What an earlier write failed with is not known any more.
  return failed ? make_write_error("standard output", 0) : iree_ok_status();
}
