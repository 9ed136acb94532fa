// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Byte buffers in host memory: the `!util.buffer` of programs, and how strings travel.
//
// Ownership: a counted object (reference type `vm.buffer`). The bytes belong to the buffer when it
// was made by create or clone; a buffer made by initialize frees its bytes with the allocator it
// was given (iree_allocator_null(): not its own). Thread-safety: counting is; access to the bytes
// needs the users' agreement, as with any memory. Errors: OUT_OF_RANGE for a range that leaves the
// buffer (also where offset + length overflows); PERMISSION_DENIED for a write to a buffer without
// IREE_VM_BUFFER_ACCESS_MUTABLE. Nothing is written then. All offsets and lengths are in bytes, and
// an empty range at the end is legal, as is a buffer of no bytes.
#ifndef IREE_VM_BUFFER_H_
#define IREE_VM_BUFFER_H_

#include "iree/base/api.h"
#include "iree/vm/ref.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

enum iree_vm_buffer_access_bits_t {
  // Writes are allowed.
  IREE_VM_BUFFER_ACCESS_MUTABLE = 1u << 0,
  // Where the bytes come from: a module file (constants), the running program, or the application.
  IREE_VM_BUFFER_ACCESS_ORIGIN_MODULE = 1u << 1,
  IREE_VM_BUFFER_ACCESS_ORIGIN_GUEST = 1u << 2,
  IREE_VM_BUFFER_ACCESS_ORIGIN_HOST = 1u << 3,
};
// The remaining bits are the implementation's.
typedef uint32_t iree_vm_buffer_access_t;

typedef struct iree_vm_buffer_t {
  iree_vm_ref_object_t ref_object;
  iree_vm_buffer_access_t access;
  iree_byte_span_t data;
  // Frees |data|, or the whole buffer when both are one allocation.
  iree_allocator_t allocator;
} iree_vm_buffer_t;

// Alignment of the bytes of create and clone when 0 is asked for.
#define IREE_VM_BUFFER_DEFAULT_ALIGNMENT 16

// Makes *out_buffer, which the caller has allocated, a view of |data| with a count of 1. When the
// last count goes, or by iree_vm_buffer_deinitialize(), |data| is freed with |allocator|; the
// struct itself stays the caller's.
IREE_API_EXPORT void iree_vm_buffer_initialize(iree_vm_buffer_access_t access,
                                               iree_byte_span_t data, iree_allocator_t allocator,
                                               iree_vm_buffer_t* out_buffer);
// Only the caller may hold a count.
IREE_API_EXPORT void iree_vm_buffer_deinitialize(iree_vm_buffer_t* buffer);

// Makes a zeroed buffer with a count of 1, struct and bytes in one allocation. |alignment| of the
// bytes: a power of two up to 4096, or 0 for the default; INVALID_ARGUMENT otherwise.
IREE_API_EXPORT iree_status_t iree_vm_buffer_create(iree_vm_buffer_access_t access,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_allocator_t allocator,
                                                    iree_vm_buffer_t** out_buffer);

// The same with a copy of a range of |source_buffer|.
IREE_API_EXPORT iree_status_t iree_vm_buffer_clone(
    iree_vm_buffer_access_t access, const iree_vm_buffer_t* source_buffer,
    iree_host_size_t source_offset, iree_host_size_t length, iree_host_size_t alignment,
    iree_allocator_t allocator, iree_vm_buffer_t** out_buffer);

IREE_API_EXPORT void iree_vm_buffer_retain(iree_vm_buffer_t* buffer);
IREE_API_EXPORT void iree_vm_buffer_release(iree_vm_buffer_t* buffer);

static inline iree_host_size_t iree_vm_buffer_length(const iree_vm_buffer_t* buffer) {
  return buffer->data.data_length;
}
// Borrowed; whoever writes through it has looked at |access|.
static inline uint8_t* iree_vm_buffer_data(const iree_vm_buffer_t* buffer) {
  return buffer->data.data;
}

// A view of the bytes as text (no NUL at the end). Borrowed; empty for NULL.
static inline iree_string_view_t iree_vm_buffer_as_string(const iree_vm_buffer_t* value) {
  iree_string_view_t view = {NULL, 0};
  if (value) {
    view.data = (const char*)value->data.data;
    view.size = value->data.data_length;
  }
  return view;
}

// The ranges may overlap, also within one buffer.
IREE_API_EXPORT iree_status_t iree_vm_buffer_copy_bytes(const iree_vm_buffer_t* source_buffer,
                                                        iree_host_size_t source_offset,
                                                        const iree_vm_buffer_t* target_buffer,
                                                        iree_host_size_t target_offset,
                                                        iree_host_size_t length);

IREE_API_EXPORT iree_status_t iree_vm_buffer_compare_bytes(const iree_vm_buffer_t* lhs_buffer,
                                                           iree_host_size_t lhs_offset,
                                                           const iree_vm_buffer_t* rhs_buffer,
                                                           iree_host_size_t rhs_offset,
                                                           iree_host_size_t length,
                                                           bool* out_result);

IREE_API_EXPORT iree_status_t iree_vm_buffer_fill_bytes(const iree_vm_buffer_t* target_buffer,
                                                        iree_host_size_t target_offset,
                                                        iree_host_size_t length, uint8_t value);

// Writes |element_count| copies of the |element_length| (1, 2, 4 or 8) bytes at |value|.
// INVALID_ARGUMENT: another length, or an offset that isn't a multiple of it.
IREE_API_EXPORT iree_status_t iree_vm_buffer_fill_elements(const iree_vm_buffer_t* target_buffer,
                                                           iree_host_size_t target_offset,
                                                           iree_host_size_t element_count,
                                                           iree_host_size_t element_length,
                                                           const void* value);

// A span over a range, valid while the buffer lives. |alignment|: what |offset| must be a multiple
// of (a power of two; INVALID_ARGUMENT otherwise).
IREE_API_EXPORT iree_status_t iree_vm_buffer_map_ro(const iree_vm_buffer_t* buffer,
                                                    iree_host_size_t offset,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_const_byte_span_t* out_span);
IREE_API_EXPORT iree_status_t iree_vm_buffer_map_rw(const iree_vm_buffer_t* buffer,
                                                    iree_host_size_t offset,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_byte_span_t* out_span);

// Copies |element_count| elements of |element_length| (1, 2, 4 or 8) bytes between the buffer and
// the caller's memory. INVALID_ARGUMENT: another length, or an offset that isn't a multiple of it.
IREE_API_EXPORT iree_status_t iree_vm_buffer_read_elements(const iree_vm_buffer_t* source_buffer,
                                                           iree_host_size_t source_offset,
                                                           void* target_ptr,
                                                           iree_host_size_t element_count,
                                                           iree_host_size_t element_length);
IREE_API_EXPORT iree_status_t iree_vm_buffer_write_elements(const void* source_ptr,
                                                            const iree_vm_buffer_t* target_buffer,
                                                            iree_host_size_t target_offset,
                                                            iree_host_size_t element_count,
                                                            iree_host_size_t element_length);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

IREE_VM_DECLARE_TYPE_ADAPTERS(iree_vm_buffer, iree_vm_buffer_t);

#endif  // IREE_VM_BUFFER_H_
