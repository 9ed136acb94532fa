// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/internal/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iree/base/alignment.h"

// The bytes' alignment: a module file's constants are used in place where they lie on a cache line.
#define TENON_FILE_ALIGNMENT 64
// The first read of what has no size: a pipe, a terminal.
#define TENON_FILE_CHUNK (64 * 1024)

static iree_status_t tenon_io_error(int error_number, const char* operation, const char* name) {
  return iree_make_status(iree_status_code_from_errno(error_number), "failed to %s '%s': %s",
                          operation, name, strerror(error_number));
}

static int tenon_open(const char* path, int flags) {
  int fd;
  do {
    fd = open(path, flags | O_CLOEXEC, 0666);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

//===--- Contents ----------------------------------------------------------------------------===//

void iree_file_contents_free(iree_file_contents_t* contents) {
  if (contents) iree_allocator_free_aligned(contents->allocator, contents);
}

static iree_status_t tenon_file_contents_ctl(void* self, iree_allocator_command_t command,
                                             const void* params, void** inout_ptr) {
  iree_file_contents_t* contents = self;
  if (command != IREE_ALLOCATOR_COMMAND_FREE || *inout_ptr != contents->buffer.data) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a file's deallocator only frees that file's bytes");
  }
  iree_file_contents_free(contents);
  *inout_ptr = NULL;
  return iree_ok_status();
}

iree_allocator_t iree_file_contents_deallocator(iree_file_contents_t* contents) {
  iree_allocator_t allocator = {contents, tenon_file_contents_ctl};
  return allocator;
}

// Makes *contents (null at first) have room for `capacity` bytes and their NUL.
static iree_status_t tenon_file_contents_resize(iree_allocator_t allocator,
                                                iree_host_size_t capacity,
                                                iree_file_contents_t** contents) {
  iree_host_size_t length = *contents ? (*contents)->buffer.data_length : 0;
  iree_host_size_t size;
  if (!iree_host_size_checked_add(capacity, sizeof(**contents) + 1, &size)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "a file of %" PRIhsz " bytes is too large", capacity);
  }
  IREE_RETURN_IF_ERROR(iree_allocator_realloc_aligned(allocator, size, TENON_FILE_ALIGNMENT,
                                                      sizeof(**contents), (void**)contents));
  (*contents)->allocator = allocator;
  (*contents)->buffer = iree_make_byte_span(*contents + 1, length);
  return iree_ok_status();
}

//===--- Reading -----------------------------------------------------------------------------===//

// Reads until the end; a file that grows or shrinks meanwhile is read as far as it is there. The
// room is one byte more than expected (the NUL's), so that a file of the expected size shows its
// end without growing.
static iree_status_t tenon_read_all(int fd, const char* name, iree_host_size_t expected,
                                    iree_allocator_t allocator, iree_file_contents_t** contents) {
  iree_host_size_t capacity = expected ? expected : TENON_FILE_CHUNK;
  IREE_RETURN_IF_ERROR(tenon_file_contents_resize(allocator, capacity, contents), "reading '%s'",
                       name);
  while (true) {
    iree_byte_span_t* buffer = &(*contents)->buffer;
    ssize_t count =
        read(fd, buffer->data + buffer->data_length, capacity + 1 - buffer->data_length);
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      return tenon_io_error(errno, "read", name);
    }
    buffer->data_length += (iree_host_size_t)count;
    if (buffer->data_length > capacity) {
      if (!iree_host_size_checked_mul(capacity, 2, &capacity)) capacity = IREE_HOST_SIZE_MAX;
      IREE_RETURN_IF_ERROR(tenon_file_contents_resize(allocator, capacity, contents),
                           "reading '%s'", name);
    }
  }
  (*contents)->buffer.data[(*contents)->buffer.data_length] = 0;
  return iree_ok_status();
}

static iree_status_t tenon_read_contents(int fd, const char* name, iree_allocator_t allocator,
                                         iree_file_contents_t** out_contents) {
  struct stat info;
  if (fstat(fd, &info) != 0) return tenon_io_error(errno, "query", name);
  if (S_ISDIR(info.st_mode)) return tenon_io_error(EISDIR, "read", name);
  iree_host_size_t expected = S_ISREG(info.st_mode) ? (iree_host_size_t)info.st_size : 0;
  iree_file_contents_t* contents = NULL;
  iree_status_t status = tenon_read_all(fd, name, expected, allocator, &contents);
  if (iree_status_is_ok(status)) {
    *out_contents = contents;
  } else {
    iree_file_contents_free(contents);
  }
  return status;
}

iree_status_t iree_file_read_contents(const char* path, iree_allocator_t allocator,
                                      iree_file_contents_t** out_contents) {
  *out_contents = NULL;
  int fd = tenon_open(path, O_RDONLY);
  if (fd < 0) return tenon_io_error(errno, "open", path);
  iree_status_t status = tenon_read_contents(fd, path, allocator, out_contents);
  close(fd);
  return status;
}

iree_status_t iree_stdin_read_contents(iree_allocator_t allocator,
                                       iree_file_contents_t** out_contents) {
  *out_contents = NULL;
  return tenon_read_contents(STDIN_FILENO, "stdin", allocator, out_contents);
}

//===--- Writing -----------------------------------------------------------------------------===//

static iree_status_t tenon_write_all(int fd, const char* path, iree_const_byte_span_t content) {
  while (content.data_length > 0) {
    ssize_t count = write(fd, content.data, content.data_length);
    if (count < 0) {
      if (errno == EINTR) continue;
      return tenon_io_error(errno, "write", path);
    }
    content.data += count;
    content.data_length -= (iree_host_size_t)count;
  }
  return iree_ok_status();
}

iree_status_t iree_file_write_contents(const char* path, iree_const_byte_span_t content) {
  int fd = tenon_open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return tenon_io_error(errno, "create", path);
  struct stat info;
  bool is_regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  iree_status_t status = tenon_write_all(fd, path, content);
  // Some file systems report a full disk only here.
  if (close(fd) != 0 && errno != EINTR && iree_status_is_ok(status))
    status = tenon_io_error(errno, "write", path);
  if (!iree_status_is_ok(status) && is_regular) unlink(path);
  return status;
}

iree_status_t iree_file_exists(const char* path) {
  struct stat info;
  return stat(path, &info) == 0 ? iree_ok_status() : tenon_io_error(errno, "find", path);
}
