// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "base/new_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static iree_status_t failure(const char* path, int error) {
  return iree_make_status(iree_status_code_from_errno(error), "can't write '%s': %s", path,
                          strerror(error));
}

static iree_status_t set_path(const char* path, tenon_new_file_t* file) {
  *file = (tenon_new_file_t){.old_size = -1};
  const size_t length = strlen(path);
  if (length >= sizeof(file->path)) return failure(path, ENAMETOOLONG);
  memcpy(file->path, path, length + 1);
  return iree_ok_status();
}

static iree_status_t open_in_place(tenon_new_file_t* file, const char* mode) {
  file->temporary[0] = 0;
  file->stream = fopen(file->path, mode);
  return file->stream ? iree_ok_status() : failure(file->path, errno);
}

// What a new file's rights are.
static mode_t new_file_mode(void) {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

iree_status_t tenon_new_file_open(const char* path, tenon_new_file_t* out_file) {
  IREE_RETURN_IF_ERROR(set_path(path, out_file));
  struct stat info;
  const bool exists = lstat(path, &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) return open_in_place(out_file, "wbe");
  // A file that may not be written may still be in a folder where it can be replaced: that is not what its rights say.
  if (exists && access(path, W_OK) != 0) return failure(path, errno);
  snprintf(out_file->temporary, sizeof(out_file->temporary), "%s.XXXXXX", path);
  const int descriptor = mkstemp(out_file->temporary);
  // The other way round: the file may be written, but not its folder.
  if (descriptor < 0 && exists) return open_in_place(out_file, "wbe");
  if (descriptor < 0) return failure(path, errno);
  fchmod(descriptor, exists ? info.st_mode & 07777 : new_file_mode());
  out_file->stream = fdopen(descriptor, "wb");
  if (out_file->stream) return iree_ok_status();
  const int error = errno;
  close(descriptor);
  unlink(out_file->temporary);
  return failure(path, error);
}

iree_status_t tenon_new_file_append(const char* path, tenon_new_file_t* out_file) {
  IREE_RETURN_IF_ERROR(set_path(path, out_file));
  struct stat info;
  const bool exists = stat(path, &info) == 0;
  if (!exists || S_ISREG(info.st_mode)) out_file->old_size = exists ? (long)info.st_size : 0;
  return open_in_place(out_file, "abe");
}

iree_status_t tenon_new_file_close(tenon_new_file_t* file, iree_status_t status) {
  int error = 0;
  // What was buffered may meet a full disk only now.
  if (fflush(file->stream) != 0) error = errno;
  // An earlier write that failed may have gone unseen; why, nobody knows any more.
  if (ferror(file->stream) && !error) error = EIO;
  const bool ok = !error && iree_status_is_ok(status);
  if (!ok && file->old_size >= 0 && ftruncate(fileno(file->stream), file->old_size) != 0 && !error)
    error = errno;
  if (fclose(file->stream) != 0 && !error) error = errno;
  if (*file->temporary && ok && !error && rename(file->temporary, file->path) != 0) error = errno;
  if (*file->temporary && (!ok || error)) unlink(file->temporary);
  if (error && iree_status_is_ok(status)) status = failure(file->path, error);
  return status;
}

iree_status_t tenon_new_file_write(const char* path, iree_const_byte_span_t contents) {
  tenon_new_file_t file;
  IREE_RETURN_IF_ERROR(tenon_new_file_open(path, &file));
  iree_status_t status = iree_ok_status();
  // NOLINTNEXTLINE(clang-analyzer-unix.Stream): a file that was opened has one.
  if (fwrite(contents.data, 1, contents.data_length, file.stream) != contents.data_length)
    status = failure(path, errno);
  return tenon_new_file_close(&file, status);
}
