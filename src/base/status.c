// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/status_object.h"
#include "iree/base/alignment.h"
#include "tenon/note.h"

// Here, because no program with a runtime is without it: a plugin that has one is found out by this.
TENON_DEFINE_NOTE(tenon_runtime_note, TENON_NOTE_RUNTIME, 0, 0);

// The code lives in the low bits of the address, so the object's address must leave them free.
#define TENON_STATUS_ALIGNMENT ((size_t)IREE_STATUS_CODE_MASK + 1)

// Calls that fail within each other add a line each: so many are kept, of the innermost.
#define TENON_STATUS_MAX_ANNOTATIONS 64

// A status with room for a message of message_length characters and its NUL; the bare code when
// memory is out.
static iree_status_t tenon_status_new(iree_status_code_t code, const char* file, uint32_t line,
                                      iree_host_size_t message_length) {
  if (code == IREE_STATUS_OK) return iree_ok_status();
  iree_host_size_t size;
  tenon_status_object_t* object = NULL;
  if (iree_host_size_checked_add(sizeof(*object) + 1, message_length, &size) &&
      iree_host_size_checked_align(size, TENON_STATUS_ALIGNMENT, &size)) {
    object = aligned_alloc(TENON_STATUS_ALIGNMENT, size);
  }
  if (!object) return iree_status_from_code(code);
  object->file = file;
  object->annotations = NULL;
  object->line = line;
  object->message[0] = 0;
  return (iree_status_t)((uintptr_t)object | ((uintptr_t)code & IREE_STATUS_CODE_MASK));
}

// Adds an annotation with room for `length` characters and its NUL behind the others and returns
// its text, or null when memory is out or the status is OK. A bare code becomes an object.
static char* tenon_status_add_annotation(iree_status_t* status, iree_host_size_t length) {
  if (iree_status_is_ok(*status)) return NULL;
  if (!tenon_status_object(*status))
    *status = tenon_status_new(iree_status_code(*status), NULL, 0, 0);
  tenon_status_object_t* object = tenon_status_object(*status);
  if (!object) return NULL;
  tenon_annotation_t** tail = &object->annotations;
  int count = 0;
  for (; *tail; tail = &(*tail)->next) ++count;
  // One more says that there were more.
  const bool is_marker = count == TENON_STATUS_MAX_ANNOTATIONS;
  if (is_marker) length = 3;
  iree_host_size_t size;
  if (count > TENON_STATUS_MAX_ANNOTATIONS ||
      !iree_host_size_checked_add(sizeof(tenon_annotation_t) + 1, length, &size)) {
    return NULL;
  }
  tenon_annotation_t* annotation = malloc(size);
  if (!annotation) return NULL;
  annotation->next = NULL;
  annotation->text[0] = 0;
  *tail = annotation;
  if (!is_marker) return annotation->text;
  memcpy(annotation->text, "...", 4);
  return NULL;
}

static void tenon_copy_text(char* target, iree_string_view_t text) {
  if (text.size) memcpy(target, text.data, text.size);
  target[text.size] = 0;
}

// The length of the formatted text; 0 for a format that can't be rendered.
static iree_host_size_t tenon_measure(const char* format, va_list varargs) {
  va_list copy;
  va_copy(copy, varargs);
  int length = vsnprintf(NULL, 0, format, copy);
  va_end(copy);
  return length < 0 ? 0 : (iree_host_size_t)length;
}

iree_status_t iree_status_allocate(iree_status_code_t code, const char* file, uint32_t line,
                                   iree_string_view_t message) {
  iree_status_t status = tenon_status_new(code, file, line, message.size);
  tenon_status_object_t* object = tenon_status_object(status);
  if (object) tenon_copy_text(object->message, message);
  return status;
}

iree_status_t iree_status_allocate_vf(iree_status_code_t code, const char* file, uint32_t line,
                                      const char* format, va_list varargs) {
  iree_host_size_t length = tenon_measure(format, varargs);
  iree_status_t status = tenon_status_new(code, file, line, length);
  tenon_status_object_t* object = tenon_status_object(status);
  if (object && length) vsnprintf(object->message, length + 1, format, varargs);
  return status;
}

iree_status_t iree_status_allocate_f(iree_status_code_t code, const char* file, uint32_t line,
                                     const char* format, ...) {
  va_list varargs;
  va_start(varargs, format);
  iree_status_t status = iree_status_allocate_vf(code, file, line, format, varargs);
  va_end(varargs);
  return status;
}

// The names are in parentheses because some status modes define macros over them.
iree_status_t(iree_status_annotate)(iree_status_t base_status, iree_string_view_t message) {
  char* text = tenon_status_add_annotation(&base_status, message.size);
  if (text) tenon_copy_text(text, message);
  return base_status;
}

iree_status_t(iree_status_annotate_f)(iree_status_t base_status, const char* format, ...) {
  if (iree_status_is_ok(base_status)) return base_status;
  va_list varargs;
  va_start(varargs, format);
  iree_host_size_t length = tenon_measure(format, varargs);
  char* text = tenon_status_add_annotation(&base_status, length);
  if (text && length) vsnprintf(text, length + 1, format, varargs);
  va_end(varargs);
  return base_status;
}

void iree_status_free(iree_status_t status) {
  tenon_status_object_t* object = tenon_status_object(status);
  if (!object) return;
  for (tenon_annotation_t *annotation = object->annotations, *next; annotation; annotation = next) {
    next = annotation->next;
    free(annotation);
  }
  free(object);
}

iree_status_t iree_status_ignore(iree_status_t status) {
  iree_status_free(status);
  return iree_ok_status();
}

iree_status_code_t iree_status_consume_code(iree_status_t status) {
  iree_status_code_t code = iree_status_code(status);
  iree_status_free(status);
  return code;
}

iree_status_t iree_status_clone(iree_status_t status) {
  const tenon_status_object_t* object = tenon_status_object(status);
  if (!object) return status;
  iree_status_t clone = iree_status_allocate(iree_status_code(status), object->file, object->line,
                                             iree_make_cstring_view(object->message));
  for (const tenon_annotation_t* annotation = object->annotations; annotation;
       annotation = annotation->next) {
    clone = (iree_status_annotate)(clone, iree_make_cstring_view(annotation->text));
  }
  return clone;
}

iree_status_t iree_status_join(iree_status_t base_status, iree_status_t new_status) {
  if (iree_status_is_ok(base_status)) return new_status;
  iree_status_free(new_status);
  return base_status;
}

void iree_status_abort(iree_status_t status) {
  iree_status_fprint(stderr, status);
  iree_status_free(status);
  abort();
}
