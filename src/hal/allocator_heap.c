// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The allocator of host memory.

#include <string.h>

#include "base/allocator_inline.h"
#include "hal/block_cache.h"
#include "hal/buffer_heap.h"
#include "iree/hal/allocator.h"

typedef struct tenon_hal_heap_allocator_t {
  iree_hal_allocator_t base;
  iree_allocator_t host_allocator;
  iree_allocator_t data_allocator;
  tenon_block_cache_t large_blocks;  // of data_allocator
  tenon_hal_heap_counters_t host_counters;
  tenon_hal_heap_counters_t device_counters;
} tenon_hal_heap_allocator_t;

static const iree_hal_allocator_vtable_t tenon_hal_heap_allocator_vtable;

iree_status_t iree_hal_allocator_create_heap(iree_string_view_t identifier,
                                             iree_allocator_t data_allocator,
                                             iree_allocator_t host_allocator,
                                             iree_hal_allocator_t** out_allocator) {
  *out_allocator = NULL;
  tenon_hal_heap_allocator_t* allocator = NULL;
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(host_allocator, sizeof(*allocator), (void**)&allocator));
  iree_hal_resource_initialize(&tenon_hal_heap_allocator_vtable, &allocator->base.resource);
  allocator->host_allocator = host_allocator;
  allocator->data_allocator = data_allocator;
  tenon_block_cache_initialize(data_allocator, &allocator->large_blocks);
  *out_allocator = &allocator->base;
  return iree_ok_status();
}

static void tenon_hal_heap_allocator_destroy(iree_hal_allocator_t* IREE_RESTRICT base) {
  tenon_hal_heap_allocator_t* allocator = (tenon_hal_heap_allocator_t*)base;
  tenon_block_cache_deinitialize(&allocator->large_blocks);
  iree_allocator_free(allocator->host_allocator, allocator);
}

static iree_allocator_t tenon_hal_heap_allocator_host_allocator(
    const iree_hal_allocator_t* IREE_RESTRICT base) {
  return ((const tenon_hal_heap_allocator_t*)base)->host_allocator;
}

static iree_status_t tenon_hal_heap_allocator_trim(iree_hal_allocator_t* IREE_RESTRICT base) {
  tenon_block_cache_trim(&((tenon_hal_heap_allocator_t*)base)->large_blocks);
  return iree_ok_status();
}

static void tenon_hal_heap_allocator_query_statistics(iree_hal_allocator_t* IREE_RESTRICT base,
                                                      iree_hal_allocator_statistics_t* IREE_RESTRICT
                                                          out_statistics) {
  const tenon_hal_heap_allocator_t* allocator = (const tenon_hal_heap_allocator_t*)base;
  const tenon_hal_heap_counters_t* host = &allocator->host_counters;
  const tenon_hal_heap_counters_t* device = &allocator->device_counters;
  out_statistics->host_bytes_peak =
      (iree_device_size_t)iree_atomic_load_int64(&host->peak, iree_memory_order_relaxed);
  out_statistics->host_bytes_allocated =
      (iree_device_size_t)iree_atomic_load_int64(&host->allocated, iree_memory_order_relaxed);
  out_statistics->host_bytes_freed =
      (iree_device_size_t)iree_atomic_load_int64(&host->freed, iree_memory_order_relaxed);
  out_statistics->device_bytes_peak =
      (iree_device_size_t)iree_atomic_load_int64(&device->peak, iree_memory_order_relaxed);
  out_statistics->device_bytes_allocated =
      (iree_device_size_t)iree_atomic_load_int64(&device->allocated, iree_memory_order_relaxed);
  out_statistics->device_bytes_freed =
      (iree_device_size_t)iree_atomic_load_int64(&device->freed, iree_memory_order_relaxed);
}

static iree_hal_buffer_compatibility_t tenon_hal_heap_allocator_query_compatibility(
    iree_hal_allocator_t* IREE_RESTRICT base, const iree_hal_buffer_params_t* IREE_RESTRICT params,
    iree_device_size_t allocation_size) {
  iree_hal_buffer_compatibility_t compatibility = IREE_HAL_BUFFER_COMPATIBILITY_ALLOCATABLE |
                                                  IREE_HAL_BUFFER_COMPATIBILITY_IMPORTABLE |
                                                  IREE_HAL_BUFFER_COMPATIBILITY_EXPORTABLE;
  if (params->usage & IREE_HAL_BUFFER_USAGE_TRANSFER)
    compatibility |= IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_TRANSFER;
  if (params->usage & IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE) {
    compatibility |= IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_DISPATCH;
  }
  return compatibility;
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

// A buffer with |size| bytes of new memory in the block of the buffer itself, from
// |data_allocator|. |params| is canonical.
static inline iree_status_t tenon_hal_heap_buffer_create(iree_hal_allocator_t* device_allocator,
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
      tenon_allocator_malloc_inline(data_allocator, overhead + size, (void**)&buffer));
  void* data = (void*)iree_host_align((uintptr_t)(buffer + 1), alignment);
  tenon_hal_heap_buffer_initialize(device_allocator, data_allocator, params, data, size, counters,
                                   iree_hal_buffer_release_callback_null(), buffer);
  tenon_hal_count_allocation(counters, size);
  *out_buffer = &buffer->base;
  return iree_ok_status();
}

static iree_status_t tenon_hal_heap_allocator_allocate_buffer(
    iree_hal_allocator_t* IREE_RESTRICT base, const iree_hal_buffer_params_t* IREE_RESTRICT params,
    iree_device_size_t allocation_size, iree_const_byte_span_t initial_data,
    iree_hal_buffer_t** IREE_RESTRICT out_buffer) {
  tenon_hal_heap_allocator_t* allocator = (tenon_hal_heap_allocator_t*)base;
  const bool is_device_local = iree_all_bits_set(params->type, IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL);
  tenon_hal_heap_counters_t* counters =
      is_device_local ? &allocator->device_counters : &allocator->host_counters;
  iree_allocator_t data_allocator = allocator->data_allocator;
  if (IREE_UNLIKELY(allocation_size >= TENON_BLOCK_CACHE_MIN_SIZE)) {
    data_allocator = tenon_block_cache_allocator(&allocator->large_blocks);
  }
  IREE_RETURN_IF_ERROR(tenon_hal_heap_buffer_create(base, counters, data_allocator, params,
                                                    allocation_size, out_buffer));
  if (initial_data.data_length) {
    memcpy(tenon_hal_heap_buffer_data(*out_buffer), initial_data.data, initial_data.data_length);
  }
  return iree_ok_status();
}

static iree_status_t tenon_hal_heap_allocator_import_buffer(
    iree_hal_allocator_t* IREE_RESTRICT base, const iree_hal_buffer_params_t* IREE_RESTRICT params,
    iree_hal_external_buffer_t* IREE_RESTRICT external_buffer,
    iree_hal_buffer_release_callback_t release_callback,
    iree_hal_buffer_t** IREE_RESTRICT out_buffer) {
  tenon_hal_heap_allocator_t* allocator = (tenon_hal_heap_allocator_t*)base;
  if (external_buffer->type != IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION) {
    return iree_make_status(
        IREE_STATUS_UNAVAILABLE,
        "the heap allocator imports only host allocations (type 1), not external memory of type %d",
        (int)external_buffer->type);
  }
  void* data = external_buffer->handle.host_allocation.ptr;
  if (!data && external_buffer->size) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the memory to import, %" PRIdsz " bytes, is at NULL",
                            external_buffer->size);
  }
  if (params->min_alignment && ((uintptr_t)data & (params->min_alignment - 1))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the memory to import, at %p, is not aligned to the %" PRIdsz
                            " bytes of min_alignment",
                            data, params->min_alignment);
  }
  return tenon_hal_heap_buffer_wrap(base, allocator->host_allocator, params, data,
                                    external_buffer->size, release_callback, out_buffer);
}

static iree_status_t tenon_hal_heap_allocator_export_buffer(
    iree_hal_allocator_t* IREE_RESTRICT base, iree_hal_buffer_t* IREE_RESTRICT buffer,
    iree_hal_external_buffer_type_t requested_type,
    iree_hal_external_buffer_flags_t requested_flags,
    iree_hal_external_buffer_t* IREE_RESTRICT out_external_buffer) {
  if (requested_type != IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION) {
    return iree_make_status(
        IREE_STATUS_UNAVAILABLE,
        "the heap allocator exports only host allocations (type 1), not external memory of type %d",
        (int)requested_type);
  }
  if (!tenon_hal_buffer_is_heap(buffer)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the buffer to export is not one of a heap allocator");
  }
  out_external_buffer->type = requested_type;
  out_external_buffer->flags = requested_flags;
  out_external_buffer->size = iree_hal_buffer_byte_length(buffer);
  out_external_buffer->handle.host_allocation.ptr = tenon_hal_heap_buffer_data(buffer);
  return iree_ok_status();
}

static const iree_hal_allocator_vtable_t tenon_hal_heap_allocator_vtable = {
    .destroy = tenon_hal_heap_allocator_destroy,
    .host_allocator = tenon_hal_heap_allocator_host_allocator,
    .trim = tenon_hal_heap_allocator_trim,
    .query_statistics = tenon_hal_heap_allocator_query_statistics,
    .query_compatibility = tenon_hal_heap_allocator_query_compatibility,
    .allocate_buffer = tenon_hal_heap_allocator_allocate_buffer,
    .import_buffer = tenon_hal_heap_allocator_import_buffer,
    .export_buffer = tenon_hal_heap_allocator_export_buffer,
};
