// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/buffer_heap.h"

#include <string.h>

//===--- Counting -----------------------------------------------------------------------------===//

// As with reference counts, plain instructions do while there is one thread.
static inline int64_t tenon_hal_counter_add(iree_atomic_int64_t* counter, int64_t value) {
  if (IREE_LIKELY(TENON_IS_SINGLE_THREADED)) return *counter += value;
  return iree_atomic_fetch_add_int64(counter, value, iree_memory_order_relaxed) + value;
}

static inline void tenon_hal_count_allocation(tenon_hal_heap_counters_t* counters,
                                              iree_device_size_t size) {
  const int64_t allocated = tenon_hal_counter_add(&counters->allocated, (int64_t)size);
  const int64_t live =
      allocated - iree_atomic_load_int64(&counters->freed, iree_memory_order_relaxed);
  int64_t peak = iree_atomic_load_int64(&counters->peak, iree_memory_order_relaxed);
  while (live > peak &&
         !iree_atomic_compare_exchange_weak(&counters->peak, &peak, live, iree_memory_order_relaxed,
                                            iree_memory_order_relaxed)) {
  }
}

//===--- Making and freeing -------------------------------------------------------------------===//

// As iree_hal_buffer_initialize, in place: it is on the path of every call of a compiled program.
static inline void tenon_hal_heap_buffer_initialize(
    iree_hal_allocator_t* device_allocator, iree_allocator_t host_allocator,
    const iree_hal_buffer_params_t* params, void* data, iree_device_size_t size,
    tenon_hal_heap_counters_t* counters, iree_hal_buffer_release_callback_t release_callback,
    tenon_hal_heap_buffer_t* buffer) {
  iree_hal_resource_initialize(&tenon_hal_heap_buffer_vtable, &buffer->base.resource);
  iree_hal_resource_retain(device_allocator);
  buffer->base.host_allocator = host_allocator;
  buffer->base.device_allocator = device_allocator;
  buffer->base.allocated_buffer = &buffer->base;
  buffer->base.allocation_size = size;
  buffer->base.byte_offset = 0;
  buffer->base.byte_length = size;
  // All host memory can be mapped and copied, whatever was asked for.
  buffer->base.memory_type =
      params->type | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE | IREE_HAL_MEMORY_TYPE_HOST_COHERENT;
  buffer->base.allowed_usage =
      params->usage | IREE_HAL_BUFFER_USAGE_MAPPING | IREE_HAL_BUFFER_USAGE_TRANSFER;
  buffer->base.allowed_access = params->access;
  buffer->data = (uint8_t*)data;
  buffer->counters = counters;
  buffer->release_callback = release_callback;
}

iree_status_t tenon_hal_heap_buffer_create(iree_hal_allocator_t* device_allocator,
                                           tenon_hal_heap_counters_t* counters,
                                           iree_allocator_t data_allocator,
                                           const iree_hal_buffer_params_t* params,
                                           iree_device_size_t size,
                                           iree_hal_buffer_t** out_buffer) {
  const iree_device_size_t alignment = params->min_alignment > TENON_HAL_HEAP_ALIGNMENT
                                           ? params->min_alignment
                                           : TENON_HAL_HEAP_ALIGNMENT;
  const iree_device_size_t overhead = sizeof(tenon_hal_heap_buffer_t) + (alignment - 1);
  if (IREE_UNLIKELY(alignment > INTPTR_MAX / 2 || size > INTPTR_MAX - overhead)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "a buffer of %" PRIdsz " bytes aligned to %" PRIdsz
                            " is larger than the address space",
                            size, alignment);
  }
  // Aligned by hand: malloc is ten times as fast as aligned_alloc.
  tenon_hal_heap_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(data_allocator, overhead + size, (void**)&buffer));
  void* data = (void*)iree_host_align((uintptr_t)(buffer + 1), alignment);
  tenon_hal_heap_buffer_initialize(device_allocator, data_allocator, params, data, size, counters,
                                   iree_hal_buffer_release_callback_null(), buffer);
  tenon_hal_count_allocation(counters, size);
  *out_buffer = &buffer->base;
  return iree_ok_status();
}

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
  iree_allocator_t host_allocator = base->host_allocator;
  tenon_hal_buffer_deinitialize(base);
  iree_allocator_free(host_allocator, buffer);
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
