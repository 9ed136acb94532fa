// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mapping buffers, and what is done through mappings.

#include <string.h>

#include "hal/buffer_impl.h"
#include "iree/hal/buffer.h"

static iree_status_t tenon_hal_validate_mapping_mode(const iree_hal_buffer_t* buffer,
                                                     iree_hal_mapping_mode_t mapping_mode) {
  switch (mapping_mode) {
    case IREE_HAL_MAPPING_MODE_SCOPED:
      return iree_ok_status();
    case IREE_HAL_MAPPING_MODE_PERSISTENT:
      IREE_RETURN_IF_ERROR(iree_hal_buffer_validate_memory_type(buffer->memory_type,
                                                                IREE_HAL_MEMORY_TYPE_HOST_VISIBLE));
      return iree_hal_buffer_validate_usage(buffer->allowed_usage, IREE_HAL_BUFFER_USAGE_MAPPING);
    default:
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the mapping mode must be SCOPED or PERSISTENT; it is 0x%" PRIx32,
                              mapping_mode);
  }
}

iree_status_t iree_hal_buffer_map_range(iree_hal_buffer_t* buffer,
                                        iree_hal_mapping_mode_t mapping_mode,
                                        iree_hal_memory_access_t memory_access,
                                        iree_device_size_t byte_offset,
                                        iree_device_size_t byte_length,
                                        iree_hal_buffer_mapping_t* out_buffer_mapping) {
  memset(out_buffer_mapping, 0, sizeof(*out_buffer_mapping));
  IREE_RETURN_IF_ERROR(tenon_hal_validate_mapping_mode(buffer, mapping_mode));
  IREE_RETURN_IF_ERROR(iree_hal_buffer_validate_access(buffer->allowed_access, memory_access));
  iree_device_size_t local_offset = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(buffer, byte_offset, byte_length,
                                                      &local_offset, &byte_length));

  iree_hal_buffer_mapping_t mapping = {
      .buffer = buffer,
      .impl = {.byte_offset = local_offset,
               .allowed_access = memory_access,
               .is_persistent = mapping_mode == IREE_HAL_MAPPING_MODE_PERSISTENT},
  };
  iree_hal_buffer_t* allocated_buffer = buffer->allocated_buffer;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_vtable(allocated_buffer)
                           ->map_range(allocated_buffer, mapping_mode, memory_access, local_offset,
                                       byte_length, &mapping));
  if (!mapping.impl.is_persistent) iree_hal_buffer_retain(buffer);
  *out_buffer_mapping = mapping;
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_unmap_range(iree_hal_buffer_mapping_t* buffer_mapping) {
  iree_hal_buffer_t* buffer = buffer_mapping->buffer;
  if (!buffer) return iree_ok_status();
  iree_hal_buffer_t* allocated_buffer = buffer->allocated_buffer;
  iree_status_t status = tenon_hal_buffer_vtable(allocated_buffer)
                             ->unmap_range(allocated_buffer, buffer_mapping->impl.byte_offset,
                                           buffer_mapping->contents.data_length, buffer_mapping);
  const bool is_retained = !buffer_mapping->impl.is_persistent;
  memset(buffer_mapping, 0, sizeof(*buffer_mapping));
  if (is_retained) iree_hal_buffer_release(buffer);
  return status;
}

// Turns a range of the mapping into one of the mapped bytes.
static iree_status_t tenon_hal_mapping_resolve_range(const iree_hal_buffer_mapping_t* mapping,
                                                     iree_device_size_t byte_offset,
                                                     iree_device_size_t* inout_length) {
  if (!mapping->buffer) {
    return iree_make_status(IREE_STATUS_FAILED_PRECONDITION,
                            "the mapping is not mapped; map_range must succeed first");
  }
  const iree_device_size_t mapped_length = mapping->contents.data_length;
  if (byte_offset > mapped_length)
    return tenon_hal_range_error(byte_offset, *inout_length, mapped_length);
  const iree_device_size_t left = mapped_length - byte_offset;
  if (*inout_length == IREE_WHOLE_BUFFER) *inout_length = left;
  if (*inout_length > left) return tenon_hal_range_error(byte_offset, *inout_length, mapped_length);
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_mapping_invalidate_range(iree_hal_buffer_mapping_t* buffer_mapping,
                                                       iree_device_size_t byte_offset,
                                                       iree_device_size_t byte_length) {
  IREE_RETURN_IF_ERROR(tenon_hal_mapping_resolve_range(buffer_mapping, byte_offset, &byte_length));
  IREE_RETURN_IF_ERROR(iree_hal_buffer_validate_access(buffer_mapping->impl.allowed_access,
                                                       IREE_HAL_MEMORY_ACCESS_READ));
  iree_hal_buffer_t* allocated_buffer = buffer_mapping->buffer->allocated_buffer;
  return tenon_hal_buffer_vtable(allocated_buffer)
      ->invalidate_range(allocated_buffer, buffer_mapping->impl.byte_offset + byte_offset,
                         byte_length);
}

iree_status_t iree_hal_buffer_mapping_flush_range(iree_hal_buffer_mapping_t* buffer_mapping,
                                                  iree_device_size_t byte_offset,
                                                  iree_device_size_t byte_length) {
  IREE_RETURN_IF_ERROR(tenon_hal_mapping_resolve_range(buffer_mapping, byte_offset, &byte_length));
  IREE_RETURN_IF_ERROR(iree_hal_buffer_validate_access(buffer_mapping->impl.allowed_access,
                                                       IREE_HAL_MEMORY_ACCESS_WRITE));
  iree_hal_buffer_t* allocated_buffer = buffer_mapping->buffer->allocated_buffer;
  return tenon_hal_buffer_vtable(allocated_buffer)
      ->flush_range(allocated_buffer, buffer_mapping->impl.byte_offset + byte_offset, byte_length);
}

iree_status_t iree_hal_buffer_mapping_subspan(iree_hal_buffer_mapping_t* buffer_mapping,
                                              iree_hal_memory_access_t memory_access,
                                              iree_device_size_t byte_offset,
                                              iree_device_size_t byte_length,
                                              iree_byte_span_t* out_span) {
  *out_span = iree_byte_span_empty();
  IREE_RETURN_IF_ERROR(tenon_hal_mapping_resolve_range(buffer_mapping, byte_offset, &byte_length));
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_validate_access(buffer_mapping->impl.allowed_access, memory_access));
  *out_span = iree_make_byte_span(buffer_mapping->contents.data + byte_offset,
                                  (iree_host_size_t)byte_length);
  return iree_ok_status();
}

//===--- Whole operations ---------------------------------------------------------------------===//

// Makes what was written visible to the device, where that takes a step, and unmaps.
static iree_status_t tenon_hal_finish_write(iree_hal_buffer_mapping_t* mapping) {
  iree_status_t status = iree_ok_status();
  if (!(mapping->buffer->memory_type & IREE_HAL_MEMORY_TYPE_HOST_COHERENT)) {
    status = iree_hal_buffer_mapping_flush_range(mapping, 0, IREE_WHOLE_BUFFER);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(mapping));
}

// Maps for reading, and makes what the device wrote visible, where that takes a step.
static iree_status_t tenon_hal_map_for_read(iree_hal_buffer_t* buffer,
                                            iree_device_size_t byte_offset,
                                            iree_device_size_t byte_length,
                                            iree_hal_buffer_mapping_t* mapping) {
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                                 IREE_HAL_MEMORY_ACCESS_READ, byte_offset,
                                                 byte_length, mapping));
  if (buffer->memory_type & IREE_HAL_MEMORY_TYPE_HOST_COHERENT) return iree_ok_status();
  iree_status_t status = iree_hal_buffer_mapping_invalidate_range(mapping, 0, IREE_WHOLE_BUFFER);
  if (!iree_status_is_ok(status))
    status = iree_status_join(status, iree_hal_buffer_unmap_range(mapping));
  return status;
}

iree_status_t iree_hal_buffer_map_zero(iree_hal_buffer_t* buffer, iree_device_size_t byte_offset,
                                       iree_device_size_t byte_length) {
  const uint8_t zero = 0;
  return iree_hal_buffer_map_fill(buffer, byte_offset, byte_length, &zero, sizeof(zero));
}

// Copies what is there already, twice as much each time.
void tenon_hal_fill_bytes(uint8_t* target, iree_host_size_t length, const void* pattern,
                          iree_host_size_t pattern_length) {
  if (length == 0) return;
  if (pattern_length == 1) {
    memset(target, *(const uint8_t*)pattern, length);
    return;
  }
  memcpy(target, pattern, pattern_length);
  iree_host_size_t done = pattern_length;
  while (done < length) {
    const iree_host_size_t step = done < length - done ? done : length - done;
    memcpy(target + done, target, step);
    done += step;
  }
}

iree_status_t tenon_hal_resolve_fill(const iree_hal_buffer_t* buffer,
                                     iree_device_size_t byte_offset,
                                     iree_device_size_t* inout_length,
                                     iree_host_size_t pattern_length) {
  if (pattern_length != 1 && pattern_length != 2 && pattern_length != 4 && pattern_length != 8) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a fill pattern has 1, 2, 4 or 8 bytes; this one has %" PRIhsz,
                            pattern_length);
  }
  iree_device_size_t local_offset = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(buffer, byte_offset, *inout_length,
                                                      &local_offset, inout_length));
  if (byte_offset % pattern_length != 0 || *inout_length % pattern_length != 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the range to fill, %" PRIdsz " bytes at offset %" PRIdsz
                            ", is not a multiple of the pattern's %" PRIhsz " bytes",
                            *inout_length, byte_offset, pattern_length);
  }
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_map_fill(iree_hal_buffer_t* buffer, iree_device_size_t byte_offset,
                                       iree_device_size_t byte_length, const void* pattern,
                                       iree_host_size_t pattern_length) {
  IREE_RETURN_IF_ERROR(tenon_hal_resolve_fill(buffer, byte_offset, &byte_length, pattern_length));
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                                 IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE, byte_offset,
                                                 byte_length, &mapping));
  tenon_hal_fill_bytes(mapping.contents.data, mapping.contents.data_length, pattern,
                       pattern_length);
  return tenon_hal_finish_write(&mapping);
}

iree_status_t iree_hal_buffer_map_read(iree_hal_buffer_t* source_buffer,
                                       iree_device_size_t source_offset, void* target_buffer,
                                       iree_device_size_t data_length) {
  if (data_length == 0) return iree_ok_status();
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(tenon_hal_map_for_read(source_buffer, source_offset, data_length, &mapping));
  if (mapping.contents.data_length)
    memcpy(target_buffer, mapping.contents.data, mapping.contents.data_length);
  return iree_hal_buffer_unmap_range(&mapping);
}

iree_status_t iree_hal_buffer_map_write(iree_hal_buffer_t* target_buffer,
                                        iree_device_size_t target_offset, const void* source_buffer,
                                        iree_device_size_t data_length) {
  if (data_length == 0) return iree_ok_status();
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(target_buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                                 IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE,
                                                 target_offset, data_length, &mapping));
  if (mapping.contents.data_length)
    memcpy(mapping.contents.data, source_buffer, mapping.contents.data_length);
  return tenon_hal_finish_write(&mapping);
}

iree_status_t tenon_hal_resolve_copy(const iree_hal_buffer_t* source_buffer,
                                     iree_device_size_t source_offset,
                                     const iree_hal_buffer_t* target_buffer,
                                     iree_device_size_t target_offset,
                                     iree_device_size_t* inout_length) {
  iree_device_size_t local_offset = 0, source_length = 0, target_length = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(source_buffer, source_offset, *inout_length,
                                                      &local_offset, &source_length));
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(target_buffer, target_offset, *inout_length,
                                                      &local_offset, &target_length));
  // They differ only for IREE_WHOLE_BUFFER.
  const iree_device_size_t length = source_length < target_length ? source_length : target_length;
  *inout_length = length;
  if (iree_hal_buffer_test_overlap(source_buffer, source_offset, length, target_buffer,
                                   target_offset, length) != IREE_HAL_BUFFER_OVERLAP_DISJOINT) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "source and target of the copy overlap: %" PRIdsz
                            " bytes from offset %" PRIdsz " to offset %" PRIdsz
                            " of one allocation",
                            length, source_buffer->byte_offset + source_offset,
                            target_buffer->byte_offset + target_offset);
  }
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_map_copy(iree_hal_buffer_t* source_buffer,
                                       iree_device_size_t source_offset,
                                       iree_hal_buffer_t* target_buffer,
                                       iree_device_size_t target_offset,
                                       iree_device_size_t data_length) {
  IREE_RETURN_IF_ERROR(tenon_hal_resolve_copy(source_buffer, source_offset, target_buffer,
                                              target_offset, &data_length));
  iree_hal_buffer_mapping_t source;
  IREE_RETURN_IF_ERROR(tenon_hal_map_for_read(source_buffer, source_offset, data_length, &source));
  iree_hal_buffer_mapping_t target;
  iree_status_t status = iree_hal_buffer_map_range(target_buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                                   IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE,
                                                   target_offset, data_length, &target);
  if (iree_status_is_ok(status)) {
    IREE_ASSERT(!data_length || source.contents.data);
    // Two buffers may be imported from overlapping memory, which only memmove copies right.
    if (data_length) memmove(target.contents.data, source.contents.data, (size_t)data_length);
    status = tenon_hal_finish_write(&target);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&source));
}
