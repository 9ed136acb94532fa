// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/string_builder.h"

#include <stdio.h>
#include <string.h>

#include "iree/base/alignment.h"

// The least that is allocated, so that short texts are built in one go.
#define TENON_STRING_BUILDER_MIN_CAPACITY 128

void iree_string_builder_initialize(iree_allocator_t allocator,
                                    iree_string_builder_t* out_builder) {
  memset(out_builder, 0, sizeof(*out_builder));
  out_builder->allocator = allocator;
}

void iree_string_builder_initialize_with_storage(void* buffer, iree_host_size_t buffer_capacity,
                                                 iree_string_builder_t* out_builder) {
  iree_string_builder_initialize(iree_allocator_null(), out_builder);
  if (buffer_capacity == 0) return;
  out_builder->buffer = buffer;
  out_builder->capacity = buffer_capacity;
  out_builder->buffer[0] = 0;
}

void iree_string_builder_deinitialize(iree_string_builder_t* builder) {
  iree_allocator_free(builder->allocator, builder->buffer);
  memset(builder, 0, sizeof(*builder));
}

const char* iree_string_builder_buffer(const iree_string_builder_t* builder) {
  return builder->buffer;
}

iree_host_size_t iree_string_builder_size(const iree_string_builder_t* builder) {
  return builder->size;
}

iree_host_size_t iree_string_builder_capacity(const iree_string_builder_t* builder) {
  return builder->capacity;
}

iree_string_view_t iree_string_builder_view(const iree_string_builder_t* builder) {
  return builder->buffer ? iree_make_string_view(builder->buffer, builder->size)
                         : iree_string_view_empty();
}

char* iree_string_builder_take_storage(iree_string_builder_t* builder) {
  if (iree_allocator_is_null(builder->allocator)) return NULL;
  char* buffer = builder->buffer;
  iree_string_builder_initialize(builder->allocator, builder);
  return buffer;
}

static bool tenon_string_builder_only_measures(const iree_string_builder_t* builder) {
  return iree_allocator_is_null(builder->allocator) && !builder->buffer;
}

iree_status_t iree_string_builder_reserve(iree_string_builder_t* builder,
                                          iree_host_size_t minimum_capacity) {
  if (builder->capacity >= minimum_capacity || tenon_string_builder_only_measures(builder))
    return iree_ok_status();
  if (iree_allocator_is_null(builder->allocator)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "text of %" PRIhsz " bytes does not fit the %" PRIhsz
                            " bytes of its storage",
                            minimum_capacity, builder->capacity);
  }
  iree_host_size_t capacity =
      builder->capacity > IREE_HOST_SIZE_MAX / 2 ? minimum_capacity : builder->capacity * 2;
  if (capacity < TENON_STRING_BUILDER_MIN_CAPACITY) capacity = TENON_STRING_BUILDER_MIN_CAPACITY;
  if (capacity < minimum_capacity) capacity = minimum_capacity;
  IREE_RETURN_IF_ERROR(
      iree_allocator_realloc(builder->allocator, capacity, (void**)&builder->buffer));
  builder->buffer[builder->size] = 0;
  builder->capacity = capacity;
  return iree_ok_status();
}

iree_status_t iree_string_builder_append_inline(iree_string_builder_t* builder,
                                                iree_host_size_t count, char** out_head) {
  *out_head = NULL;
  iree_host_size_t new_size, capacity;
  if (!iree_host_size_checked_add(builder->size, count, &new_size) ||
      !iree_host_size_checked_add(new_size, 1, &capacity)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "the size of a text is not representable");
  }
  IREE_RETURN_IF_ERROR(iree_string_builder_reserve(builder, capacity));
  if (builder->buffer) {
    *out_head = builder->buffer + builder->size;
    builder->buffer[new_size] = 0;
  }
  builder->size = new_size;
  return iree_ok_status();
}

iree_status_t iree_string_builder_append_string(iree_string_builder_t* builder,
                                                iree_string_view_t value) {
  char* head = NULL;
  IREE_RETURN_IF_ERROR(iree_string_builder_append_inline(builder, value.size, &head));
  if (head && value.size) memcpy(head, value.data, value.size);
  return iree_ok_status();
}

iree_status_t iree_string_builder_append_cstring(iree_string_builder_t* builder,
                                                 const char* value) {
  return iree_string_builder_append_string(builder, iree_make_cstring_view(value));
}

iree_status_t iree_string_builder_append_format_va(iree_string_builder_t* builder,
                                                   const char* format, va_list varargs) {
  va_list copy;
  va_copy(copy, varargs);
  int length = vsnprintf(NULL, 0, format, copy);
  va_end(copy);
  if (length < 0)
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the format \"%s\" is not renderable",
                            format);
  char* head = NULL;
  IREE_RETURN_IF_ERROR(iree_string_builder_append_inline(builder, (iree_host_size_t)length, &head));
  if (head) vsnprintf(head, (size_t)length + 1, format, varargs);
  return iree_ok_status();
}

iree_status_t iree_string_builder_append_format(iree_string_builder_t* builder, const char* format,
                                                ...) {
  va_list varargs;
  va_start(varargs, format);
  iree_status_t status = iree_string_builder_append_format_va(builder, format, varargs);
  va_end(varargs);
  return status;
}
