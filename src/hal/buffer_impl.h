// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the implementations of buffers share.

#ifndef TENON_HAL_BUFFER_IMPL_H_
#define TENON_HAL_BUFFER_IMPL_H_

#include "iree/hal/allocator.h"
#include "iree/hal/buffer.h"

static inline const iree_hal_buffer_vtable_t* tenon_hal_buffer_vtable(
    const iree_hal_buffer_t* buffer) {
  return (const iree_hal_buffer_vtable_t*)buffer->resource.vtable;
}

// iree_hal_allocator_release, in place: it ends every buffer.
static inline void tenon_hal_buffer_release_allocator(iree_hal_allocator_t* allocator) {
  if (allocator && iree_atomic_ref_count_dec(&allocator->resource.ref_count) == 1) {
    iree_hal_allocator_destroy(allocator);
  }
}

// Undoes iree_hal_buffer_initialize. May destroy the device allocator: read what is needed of it
// before.
static inline void tenon_hal_buffer_deinitialize(iree_hal_buffer_t* buffer) {
  if (buffer->allocated_buffer != buffer) iree_hal_buffer_release(buffer->allocated_buffer);
  tenon_hal_buffer_release_allocator(buffer->device_allocator);
}

// The OUT_OF_RANGE status for a range that doesn't lie in |available_length| bytes.
iree_status_t tenon_hal_range_error(iree_device_size_t byte_offset, iree_device_size_t byte_length,
                                    iree_device_size_t available_length);

// Checks a range of |buffer| and turns it into one of the allocation; IREE_WHOLE_BUFFER becomes
// what is left.
static inline iree_status_t tenon_hal_buffer_resolve_range(const iree_hal_buffer_t* buffer,
                                                           iree_device_size_t byte_offset,
                                                           iree_device_size_t byte_length,
                                                           iree_device_size_t* out_local_offset,
                                                           iree_device_size_t* out_length) {
  if (IREE_UNLIKELY(byte_offset > buffer->byte_length)) {
    return tenon_hal_range_error(byte_offset, byte_length, buffer->byte_length);
  }
  const iree_device_size_t left = buffer->byte_length - byte_offset;
  if (byte_length == IREE_WHOLE_BUFFER) {
    byte_length = left;
  } else if (IREE_UNLIKELY(byte_length > left)) {
    return tenon_hal_range_error(byte_offset, byte_length, buffer->byte_length);
  }
  *out_local_offset = buffer->byte_offset + byte_offset;
  *out_length = byte_length;
  return iree_ok_status();
}

// The checks of a fill and a copy that the host and the queues do alike: ranges, the pattern's length,
// overlap. IREE_WHOLE_BUFFER becomes a length.
iree_status_t tenon_hal_resolve_fill(const iree_hal_buffer_t* buffer,
                                     iree_device_size_t byte_offset,
                                     iree_device_size_t* inout_length,
                                     iree_host_size_t pattern_length);
iree_status_t tenon_hal_resolve_copy(const iree_hal_buffer_t* source_buffer,
                                     iree_device_size_t source_offset,
                                     const iree_hal_buffer_t* target_buffer,
                                     iree_device_size_t target_offset,
                                     iree_device_size_t* inout_length);

// Repeats the pattern over |length| bytes, which is a multiple of its length.
void tenon_hal_fill_bytes(uint8_t* target, iree_host_size_t length, const void* pattern,
                          iree_host_size_t pattern_length);

#endif  // TENON_HAL_BUFFER_IMPL_H_
