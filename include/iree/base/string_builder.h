// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text built piece by piece. A builder has one of three stores:
//   - an allocator: it grows; deinitialize frees it;
//   - the caller's storage: fixed, never freed; what does not fit is RESOURCE_EXHAUSTED and leaves
//   the builder unchanged;
//   - neither (iree_allocator_null() and no storage): nothing is stored, and _size tells what the
//   text would need.
// The text is followed by a NUL wherever there is a buffer. A failing append changes nothing. Not
// thread-safe.
#ifndef IREE_BASE_STRING_BUILDER_H_
#define IREE_BASE_STRING_BUILDER_H_

#include <stdarg.h>

#include "iree/base/allocator.h"
#include "iree/base/attributes.h"
#include "iree/base/status.h"
#include "iree/base/string_view.h"

#ifdef __cplusplus
extern "C" {
#endif

// The fields are private; the functions below read them.
typedef struct iree_string_builder_t {
  iree_allocator_t allocator;
  char* buffer;
  // Characters without the NUL.
  iree_host_size_t size;
  // Bytes of `buffer`, with the NUL's.
  iree_host_size_t capacity;
} iree_string_builder_t;

// Empty, growing from `allocator`; allocates nothing yet.
IREE_API_EXPORT void iree_string_builder_initialize(iree_allocator_t allocator,
                                                    iree_string_builder_t* out_builder);
// Empty, in `buffer_capacity` bytes of the caller's, which outlive the builder. One byte is the
// NUL's.
IREE_API_EXPORT void iree_string_builder_initialize_with_storage(
    void* buffer, iree_host_size_t buffer_capacity, iree_string_builder_t* out_builder);
// Frees what the builder allocated; it may be initialised anew.
IREE_API_EXPORT void iree_string_builder_deinitialize(iree_string_builder_t* builder);

// The NUL-terminated text, valid until the next change; null while there is no buffer.
IREE_API_EXPORT const char* iree_string_builder_buffer(const iree_string_builder_t* builder);
// Characters in the text, without the NUL.
IREE_API_EXPORT iree_host_size_t iree_string_builder_size(const iree_string_builder_t* builder);
// Bytes of the buffer, with the NUL's.
IREE_API_EXPORT iree_host_size_t iree_string_builder_capacity(const iree_string_builder_t* builder);
// The text, valid until the next change; empty while there is no buffer.
IREE_API_EXPORT iree_string_view_t iree_string_builder_view(const iree_string_builder_t* builder);
// Gives the buffer to the caller, who frees it with the builder's allocator, and empties the
// builder. Null when nothing was allocated (nothing appended, or the caller's own storage).
IREE_API_EXPORT char* iree_string_builder_take_storage(iree_string_builder_t* builder);

// Makes the buffer at least minimum_capacity bytes (the NUL's included).
IREE_API_EXPORT iree_status_t iree_string_builder_reserve(iree_string_builder_t* builder,
                                                          iree_host_size_t minimum_capacity);
// Extends the text by `count` characters, to be written by the caller at *out_head, which is null
// when the builder only measures.
IREE_API_EXPORT iree_status_t iree_string_builder_append_inline(iree_string_builder_t* builder,
                                                                iree_host_size_t count,
                                                                char** out_head);
// The appended text may not lie in the builder's own buffer.
IREE_API_EXPORT iree_status_t iree_string_builder_append_string(iree_string_builder_t* builder,
                                                                iree_string_view_t value);
IREE_API_EXPORT iree_status_t iree_string_builder_append_cstring(iree_string_builder_t* builder,
                                                                 const char* value);
IREE_API_EXPORT IREE_PRINTF_ATTRIBUTE(2, 3) iree_status_t
    iree_string_builder_append_format(iree_string_builder_t* builder, const char* format, ...);
IREE_API_EXPORT IREE_PRINTF_ATTRIBUTE(2, 0) iree_status_t
    iree_string_builder_append_format_va(iree_string_builder_t* builder, const char* format,
                                         va_list varargs);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_STRING_BUILDER_H_
