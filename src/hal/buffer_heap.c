// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/buffer_heap.h"

#include "base/allocator_inline.h"

//===--- Making and freeing -------------------------------------------------------------------===//

iree_status_t tenon_hal_heap_buffer_wrap(iree_hal_allocator_t* device_allocator,
                                         iree_allocator_t host_allocator,
                                         const iree_hal_buffer_params_t* params, void* data,
                                         iree_device_size_t size,
                                         iree_hal_buffer_release_callback_t release_callback,
                                         iree_hal_buffer_t** out_buffer) {
  tenon_hal_heap_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(host_allocator, sizeof(*buffer), (void**)&buffer));
  // Empty memory may be NULL, to which no offset may be added: then any other pointer does.
  tenon_hal_heap_buffer_initialize(device_allocator, host_allocator, params, data ? data : buffer,
                                   size, NULL, release_callback, buffer);
  *out_buffer = &buffer->base;
  return iree_ok_status();
}

static void tenon_hal_heap_buffer_destroy(iree_hal_buffer_t* base) {
  tenon_hal_heap_buffer_t* buffer = (tenon_hal_heap_buffer_t*)base;
  if (buffer->counters)
    tenon_hal_counter_add(&buffer->counters->freed, (int64_t)base->allocation_size);
  if (buffer->release_callback.fn)
    buffer->release_callback.fn(buffer->release_callback.user_data, base);
  // The allocator goes last: the block may be one that it keeps.
  iree_hal_allocator_t* device_allocator = base->device_allocator;
  tenon_allocator_free_inline(base->host_allocator, buffer);
  tenon_hal_buffer_release_allocator(device_allocator);
}

//===--- Mapping ------------------------------------------------------------------------------===//
// The contents are host memory all the time.

static iree_status_t tenon_hal_heap_buffer_map_range(iree_hal_buffer_t* base,
                                                     iree_hal_mapping_mode_t mapping_mode,
                                                     iree_hal_memory_access_t memory_access,
                                                     iree_device_size_t local_byte_offset,
                                                     iree_device_size_t local_byte_length,
                                                     iree_hal_buffer_mapping_t* mapping) {
  tenon_hal_heap_buffer_t* buffer = (tenon_hal_heap_buffer_t*)base;
  mapping->contents =
      iree_make_byte_span(buffer->data + local_byte_offset, (iree_host_size_t)local_byte_length);
  return iree_ok_status();
}

static iree_status_t tenon_hal_heap_buffer_unmap_range(iree_hal_buffer_t* base,
                                                       iree_device_size_t local_byte_offset,
                                                       iree_device_size_t local_byte_length,
                                                       iree_hal_buffer_mapping_t* mapping) {
  return iree_ok_status();
}

static iree_status_t tenon_hal_heap_buffer_synchronize_range(iree_hal_buffer_t* base,
                                                             iree_device_size_t local_byte_offset,
                                                             iree_device_size_t local_byte_length) {
  return iree_ok_status();
}

const iree_hal_buffer_vtable_t tenon_hal_heap_buffer_vtable = {
    .destroy = tenon_hal_heap_buffer_destroy,
    .map_range = tenon_hal_heap_buffer_map_range,
    .unmap_range = tenon_hal_heap_buffer_unmap_range,
    .invalidate_range = tenon_hal_heap_buffer_synchronize_range,
    .flush_range = tenon_hal_heap_buffer_synchronize_range,
};
