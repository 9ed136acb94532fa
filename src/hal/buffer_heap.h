// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffers in host memory: those that the heap allocator makes, and memory that was imported.

#ifndef TENON_HAL_BUFFER_HEAP_H_
#define TENON_HAL_BUFFER_HEAP_H_

#include "hal/buffer_impl.h"
#include "iree/hal/allocator.h"

// What every heap buffer's contents are aligned to, at least.
#define TENON_HAL_HEAP_ALIGNMENT 64

typedef struct tenon_hal_heap_buffer_t {
  iree_hal_buffer_t base;
  uint8_t* data;  // behind this struct in the same block, or imported
  // The heap allocator's counters, which live as long as base.device_allocator; NULL when imported.
  struct tenon_hal_heap_counters_t* counters;
  iree_hal_buffer_release_callback_t release_callback;  // of imported memory
} tenon_hal_heap_buffer_t;

// Bytes in buffers of one kind of memory.
typedef struct tenon_hal_heap_counters_t {
  iree_atomic_int64_t allocated;
  iree_atomic_int64_t freed;
  iree_atomic_int64_t peak;
} tenon_hal_heap_counters_t;

extern const iree_hal_buffer_vtable_t tenon_hal_heap_buffer_vtable;

// As with reference counts, plain instructions do while there is one thread.
static inline int64_t tenon_hal_counter_add(iree_atomic_int64_t* counter, int64_t value) {
  if (IREE_LIKELY(TENON_IS_SINGLE_THREADED)) return *counter += value;
  return iree_atomic_fetch_add_int64(counter, value, iree_memory_order_relaxed) + value;
}

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

// A buffer over |size| bytes at |data|, which stay somebody else's.
iree_status_t tenon_hal_heap_buffer_wrap(iree_hal_allocator_t* device_allocator,
                                         iree_allocator_t host_allocator,
                                         const iree_hal_buffer_params_t* params, void* data,
                                         iree_device_size_t size,
                                         iree_hal_buffer_release_callback_t release_callback,
                                         iree_hal_buffer_t** out_buffer);

// Whether the contents are host memory of this file's kind, and where the first byte of |buffer|
// lies.
static inline bool tenon_hal_buffer_is_heap(const iree_hal_buffer_t* buffer) {
  return buffer->allocated_buffer->resource.vtable == &tenon_hal_heap_buffer_vtable;
}
static inline uint8_t* tenon_hal_heap_buffer_data(const iree_hal_buffer_t* buffer) {
  const tenon_hal_heap_buffer_t* heap_buffer =
      (const tenon_hal_heap_buffer_t*)buffer->allocated_buffer;
  IREE_ASSERT(heap_buffer->data);
  return heap_buffer->data + buffer->byte_offset;
}

#endif  // TENON_HAL_BUFFER_HEAP_H_
