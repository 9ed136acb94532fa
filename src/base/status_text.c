// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of statuses, and codes for errno values.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/status_object.h"
#include "iree/base/allocator.h"
#include "iree/base/status.h"

// Arrays, which unlike pointers need no relocations; the same in other tables of names.
static const char tenon_status_names[][20] = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
    "DEFERRED",
};

const char* iree_status_code_string(iree_status_code_t code) {
  return (size_t)code < IREE_ARRAYSIZE(tenon_status_names)
             ? tenon_status_names[code]
             : tenon_status_names[IREE_STATUS_UNKNOWN];
}

iree_status_code_t iree_status_code_from_errno(int error_number) {
  switch (error_number) {
    case 0:
      return IREE_STATUS_OK;
    case EINVAL:
    case ENAMETOOLONG:
    case E2BIG:
    case EDESTADDRREQ:
    case EDOM:
    case EFAULT:
    case EILSEQ:
    case ENOTDIR:
    case ENOTSOCK:
    case ENOTTY:
    case ESPIPE:
      return IREE_STATUS_INVALID_ARGUMENT;
    case ETIMEDOUT:
    case ETIME:
      return IREE_STATUS_DEADLINE_EXCEEDED;
    case ENODEV:
    case ENOENT:
    case ENXIO:
    case ESRCH:
      return IREE_STATUS_NOT_FOUND;
    case EEXIST:
    case EADDRNOTAVAIL:
    case EALREADY:
      return IREE_STATUS_ALREADY_EXISTS;
    case EPERM:
    case EACCES:
    case EROFS:
      return IREE_STATUS_PERMISSION_DENIED;
    case EDQUOT:
    case EMFILE:
    case EMLINK:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:
    case EUSERS:
      return IREE_STATUS_RESOURCE_EXHAUSTED;
    case EBADF:
    case EBUSY:
    case ECHILD:
    case EISCONN:
    case EISDIR:
    case ENOTBLK:
    case ENOTCONN:
    case ENOTEMPTY:
    case EPIPE:
    case ETXTBSY:
      return IREE_STATUS_FAILED_PRECONDITION;
    case EDEADLK:
    case ESTALE:
      return IREE_STATUS_ABORTED;
    case EFBIG:
    case EOVERFLOW:
    case ERANGE:
      return IREE_STATUS_OUT_OF_RANGE;
    case ENOSYS:
    case ENOTSUP:
    case EXDEV:
      return IREE_STATUS_UNIMPLEMENTED;
    case EAGAIN:
    case EINTR:
    case ENOLCK:
      return IREE_STATUS_UNAVAILABLE;
    case EIO:
      return IREE_STATUS_DATA_LOSS;
    case ECANCELED:
      return IREE_STATUS_CANCELLED;
    default:
      return IREE_STATUS_UNKNOWN;
  }
}

// Where the text goes: a file, or a buffer as far as it reaches; counts all characters.
typedef struct tenon_text_sink_t {
  FILE* file;
  char* buffer;
  size_t capacity;
  size_t length;
} tenon_text_sink_t;

static void tenon_text_put(tenon_text_sink_t* sink, const char* text) {
  size_t length = strlen(text);
  if (sink->file) fputs(text, sink->file);
  if (sink->length < sink->capacity) {
    size_t room = sink->capacity - sink->length;
    memcpy(sink->buffer + sink->length, text, length < room ? length : room);
  }
  sink->length += length;
}

static void tenon_status_write(iree_status_t status, tenon_text_sink_t* sink) {
  const tenon_status_object_t* object = tenon_status_object(status);
  if (object && object->file) {
    char line[16];
    snprintf(line, sizeof(line), ":%" PRIu32 ": ", object->line);
    tenon_text_put(sink, object->file);
    tenon_text_put(sink, line);
  }
  tenon_text_put(sink, iree_status_code_string(iree_status_code(status)));
  if (!object) return;
  if (object->message[0]) {
    tenon_text_put(sink, "; ");
    tenon_text_put(sink, object->message);
  }
  for (const tenon_annotation_t* annotation = object->annotations; annotation;
       annotation = annotation->next) {
    tenon_text_put(sink, "; ");
    tenon_text_put(sink, annotation->text);
  }
}

bool iree_status_format(iree_status_t status, iree_host_size_t buffer_capacity, char* buffer,
                        iree_host_size_t* out_buffer_length) {
  tenon_text_sink_t sink = {NULL, buffer, buffer && buffer_capacity ? buffer_capacity - 1 : 0, 0};
  tenon_status_write(status, &sink);
  if (out_buffer_length) *out_buffer_length = sink.length;
  if (!buffer) return true;
  if (buffer_capacity) buffer[sink.length < sink.capacity ? sink.length : sink.capacity] = 0;
  return sink.length < buffer_capacity;
}

bool iree_status_to_string(iree_status_t status, const iree_allocator_t* allocator,
                           char** out_buffer, iree_host_size_t* out_buffer_length) {
  *out_buffer = NULL;
  if (out_buffer_length) *out_buffer_length = 0;
  iree_host_size_t length = 0;
  iree_status_format(status, 0, NULL, &length);
  void* buffer = NULL;
  iree_status_t alloc_status = iree_allocator_malloc_uninitialized(*allocator, length + 1, &buffer);
  if (iree_status_consume_code(alloc_status) != IREE_STATUS_OK) return false;
  *out_buffer = buffer;
  return iree_status_format(status, length + 1, buffer, out_buffer_length);
}

void iree_status_fprint(FILE* file, iree_status_t status) {
  tenon_text_sink_t sink = {file, NULL, 0, 0};
  flockfile(file);  // the pieces of one status stay together
  tenon_status_write(status, &sink);
  fputc('\n', file);
  funlockfile(file);
}
