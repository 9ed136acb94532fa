// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files read and written whole.
#ifndef IREE_BASE_INTERNAL_FILE_IO_H_
#define IREE_BASE_INTERNAL_FILE_IO_H_

#include "iree/base/allocator.h"
#include "iree/base/attributes.h"
#include "iree/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a file held, in one allocation with this header. The bytes begin on a multiple of 64, and a
// NUL that is not counted follows them. Free it with iree_file_contents_free, or through its
// deallocator, but not both.
typedef struct iree_file_contents_t {
  // What this allocation came from.
  iree_allocator_t allocator;
  union {
    iree_byte_span_t buffer;
    iree_const_byte_span_t const_buffer;
  };
} iree_file_contents_t;

// Null is allowed.
IREE_API_EXPORT void iree_file_contents_free(iree_file_contents_t* contents);

// An allocator for handing the bytes to an owner that frees them: freeing contents->buffer.data
// with it frees the whole contents. Everything else it is asked fails with INVALID_ARGUMENT.
IREE_API_EXPORT iree_allocator_t iree_file_contents_deallocator(iree_file_contents_t* contents);

// Errors name the path (or "stdin") and say why, with the code of the system's error: NOT_FOUND,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED (memory, disk), FAILED_PRECONDITION (a directory), ...

// Reads a file (or a pipe, until its end). An empty file gives zero bytes.
IREE_API_EXPORT iree_status_t iree_file_read_contents(const char* path, iree_allocator_t allocator,
                                                      iree_file_contents_t** out_contents);
// Reads standard input until its end, past what stdio may have buffered of it.
IREE_API_EXPORT iree_status_t iree_stdin_read_contents(iree_allocator_t allocator,
                                                       iree_file_contents_t** out_contents);
// Creates or replaces the file. After a failed write a regular file is removed: there is either the
// whole or none.
IREE_API_EXPORT iree_status_t iree_file_write_contents(const char* path,
                                                       iree_const_byte_span_t content);
// OK when there is something at the path, NOT_FOUND when not, or why that can't be told.
IREE_API_EXPORT iree_status_t iree_file_exists(const char* path);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_INTERNAL_FILE_IO_H_
