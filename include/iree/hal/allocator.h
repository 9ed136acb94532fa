// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocators of buffers. Devices have one (iree_hal_device_allocator).
//
// The CPU devices use the heap allocator: buffers and their contents come, in one block, from the
// allocator's iree_allocator_t; contents are aligned to 64 bytes at least; every buffer is visible
// to the host and may be mapped.
//
// Ownership. See resource.h. Buffers keep their allocator alive.
// Thread-safety. All functions may be called from any thread at any time.

#ifndef IREE_HAL_ALLOCATOR_H_
#define IREE_HAL_ALLOCATOR_H_

#include <stdio.h>

#include "iree/base/api.h"
#include "iree/hal/buffer.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// A set of a device's queues, one bit each; local devices have one queue and ignore it.
typedef uint64_t iree_hal_queue_affinity_t;
#define IREE_HAL_QUEUE_AFFINITY_ANY ((iree_hal_queue_affinity_t)(-1))

// Which of a device's pools queue-ordered allocations come from: there is one.
enum iree_hal_allocator_pool_bits_t {
  IREE_HAL_ALLOCATOR_POOL_DEFAULT = 0u,
};
typedef uint32_t iree_hal_allocator_pool_t;

// What a buffer must be good for. Zero in a field means its default, see
// iree_hal_buffer_params_canonicalize.
typedef struct iree_hal_buffer_params_t {
  iree_hal_buffer_usage_t usage;
  iree_hal_memory_access_t access;
  iree_hal_memory_type_t type;
  iree_hal_queue_affinity_t queue_affinity;
  // In bytes, a power of two; 0: no requirement beyond the allocator's own.
  iree_device_size_t min_alignment;
} iree_hal_buffer_params_t;

// Replaces zeros by defaults: usage DEFAULT, access ALL, type OPTIMAL, affinity ANY. All functions
// here do this themselves.
static inline void iree_hal_buffer_params_canonicalize(iree_hal_buffer_params_t* params) {
  if (!params->usage) params->usage = IREE_HAL_BUFFER_USAGE_DEFAULT;
  if (!params->access) params->access = IREE_HAL_MEMORY_ACCESS_ALL;
  if (!params->type) params->type = IREE_HAL_MEMORY_TYPE_OPTIMAL;
  if (!params->queue_affinity) params->queue_affinity = IREE_HAL_QUEUE_AFFINITY_ANY;
}

// |params| with |usage| added to its usage.
static inline iree_hal_buffer_params_t iree_hal_buffer_params_with_usage(
    const iree_hal_buffer_params_t params, iree_hal_buffer_usage_t usage) {
  iree_hal_buffer_params_t result = params;
  if (!result.usage) result.usage = IREE_HAL_BUFFER_USAGE_DEFAULT;
  result.usage |= usage;
  return result;
}

// What an allocator can do with buffers of given parameters.
enum iree_hal_buffer_compatibility_bits_t {
  IREE_HAL_BUFFER_COMPATIBILITY_NONE = 0u,
  IREE_HAL_BUFFER_COMPATIBILITY_ALLOCATABLE = 1u << 0,
  IREE_HAL_BUFFER_COMPATIBILITY_IMPORTABLE = 1u << 1,
  IREE_HAL_BUFFER_COMPATIBILITY_EXPORTABLE = 1u << 2,
  IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_TRANSFER = 1u << 10,
  IREE_HAL_BUFFER_COMPATIBILITY_QUEUE_DISPATCH = 1u << 11,
};
typedef uint32_t iree_hal_buffer_compatibility_t;

typedef enum iree_hal_external_buffer_type_e {
  IREE_HAL_EXTERNAL_BUFFER_TYPE_NONE = 0,
  // Memory of this process, `handle.host_allocation.ptr`.
  IREE_HAL_EXTERNAL_BUFFER_TYPE_HOST_ALLOCATION = 1,
} iree_hal_external_buffer_type_t;

enum iree_hal_external_buffer_flag_bits_t {
  IREE_HAL_EXTERNAL_BUFFER_FLAG_NONE = 0u,
};
typedef uint32_t iree_hal_external_buffer_flags_t;

// Memory that belongs to somebody else, on its way into or out of the HAL. A plain description:
// owns nothing.
typedef struct iree_hal_external_buffer_t {
  iree_hal_external_buffer_type_t type;
  iree_hal_external_buffer_flags_t flags;
  iree_device_size_t size;  // in bytes
  union {
    struct {
      void* ptr;
    } host_allocation;
  } handle;
} iree_hal_external_buffer_t;

// Called once when an imported buffer is destroyed, after its last use of the memory. |buffer| is
// still valid, but must not be retained. May be called on any thread that can release the buffer.
typedef void(IREE_API_PTR* iree_hal_buffer_release_fn_t)(void* user_data,
                                                         iree_hal_buffer_t* buffer);
typedef struct iree_hal_buffer_release_callback_t {
  iree_hal_buffer_release_fn_t fn;  // NULL: nobody wants to know
  void* user_data;
} iree_hal_buffer_release_callback_t;

static inline iree_hal_buffer_release_callback_t iree_hal_buffer_release_callback_null(void) {
  iree_hal_buffer_release_callback_t callback = {NULL, NULL};
  return callback;
}

// Totals since the allocator was created, in bytes of contents. Imported memory is not counted. The
// heap allocator counts buffers of type DEVICE_LOCAL as the device's and all others as the host's.
// In use now: allocated - freed.
typedef struct iree_hal_allocator_statistics_t {
  iree_device_size_t host_bytes_peak;
  iree_device_size_t host_bytes_allocated;
  iree_device_size_t host_bytes_freed;
  iree_device_size_t device_bytes_peak;
  iree_device_size_t device_bytes_allocated;
  iree_device_size_t device_bytes_freed;
} iree_hal_allocator_statistics_t;

// Appends two lines, HOST_LOCAL and DEVICE_LOCAL, with peak, allocated, freed and live bytes.
IREE_API_EXPORT iree_status_t iree_hal_allocator_statistics_format(
    const iree_hal_allocator_statistics_t* statistics, iree_string_builder_t* builder);

IREE_API_EXPORT void iree_hal_allocator_retain(iree_hal_allocator_t* allocator);
IREE_API_EXPORT void iree_hal_allocator_release(iree_hal_allocator_t* allocator);

// Where the allocator's own objects come from.
IREE_API_EXPORT iree_allocator_t
iree_hal_allocator_host_allocator(const iree_hal_allocator_t* IREE_RESTRICT allocator);

// Gives memory that is kept for later back to the system.
IREE_API_EXPORT iree_status_t
iree_hal_allocator_trim(iree_hal_allocator_t* IREE_RESTRICT allocator);

IREE_API_EXPORT void iree_hal_allocator_query_statistics(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_allocator_statistics_t* out_statistics);
// Prints the statistics, as text for people.
IREE_API_EXPORT iree_status_t
iree_hal_allocator_statistics_fprint(FILE* file, iree_hal_allocator_t* IREE_RESTRICT allocator);

// What can be done with buffers of |params| and |allocation_size| bytes.
IREE_API_EXPORT iree_hal_buffer_compatibility_t iree_hal_allocator_query_compatibility(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_params_t params,
    iree_device_size_t allocation_size);

// A new buffer of |allocation_size| bytes, released by the caller. It starts with the bytes of
// |initial_data|, which are copied whatever params.access allows; the rest is undefined. More
// initial data than the buffer holds is OUT_OF_RANGE; a min_alignment that is no power of two
// INVALID_ARGUMENT; too little memory RESOURCE_EXHAUSTED.
IREE_API_EXPORT iree_status_t iree_hal_allocator_allocate_buffer(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_params_t params,
    iree_device_size_t allocation_size, iree_const_byte_span_t initial_data,
    iree_hal_buffer_t** out_buffer);

// A buffer over memory that exists already, without a copy. The memory must stay valid until
// |release_callback| is called; on failure it is not called. UNAVAILABLE for types that the
// allocator can't import; INVALID_ARGUMENT when the pointer is NULL (with bytes) or not aligned as
// params.min_alignment wants.
IREE_API_EXPORT iree_status_t iree_hal_allocator_import_buffer(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_params_t params,
    iree_hal_external_buffer_t* IREE_RESTRICT external_buffer,
    iree_hal_buffer_release_callback_t release_callback, iree_hal_buffer_t** out_buffer);

// Describes the memory of |buffer| for others, without a copy. Valid as long as the buffer lives:
// retain it while the memory is in use. UNAVAILABLE for types that the allocator can't export.
IREE_API_EXPORT iree_status_t iree_hal_allocator_export_buffer(
    iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_t* IREE_RESTRICT buffer,
    iree_hal_external_buffer_type_t requested_type,
    iree_hal_external_buffer_flags_t requested_flags,
    iree_hal_external_buffer_t* IREE_RESTRICT out_external_buffer);

// An allocator of host memory: contents come from |data_allocator|, the allocator itself from
// |host_allocator|. |identifier| names it for profilers; this build has none, and ignores it.
//
// Blocks of 1 MiB and more are kept when they are freed, up to 256 MiB in all, for buffers of about the same size: getting
// them from the system again would cost as much as computing on them. iree_hal_allocator_trim() frees
// what is kept; so does the allocator's end, and an allocation for which there is no memory otherwise.
IREE_API_EXPORT iree_status_t iree_hal_allocator_create_heap(iree_string_view_t identifier,
                                                             iree_allocator_t data_allocator,
                                                             iree_allocator_t host_allocator,
                                                             iree_hal_allocator_t** out_allocator);

// ---- For implementations of allocators ---------------------------------------------------------

// Parameters arrive canonicalised.
typedef struct iree_hal_allocator_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_allocator_t* IREE_RESTRICT allocator);
  iree_allocator_t(IREE_API_PTR* host_allocator)(
      const iree_hal_allocator_t* IREE_RESTRICT allocator);
  iree_status_t(IREE_API_PTR* trim)(iree_hal_allocator_t* IREE_RESTRICT allocator);
  void(IREE_API_PTR* query_statistics)(iree_hal_allocator_t* IREE_RESTRICT allocator,
                                       iree_hal_allocator_statistics_t* IREE_RESTRICT
                                           out_statistics);
  iree_hal_buffer_compatibility_t(IREE_API_PTR* query_compatibility)(
      iree_hal_allocator_t* IREE_RESTRICT allocator,
      const iree_hal_buffer_params_t* IREE_RESTRICT params, iree_device_size_t allocation_size);
  iree_status_t(IREE_API_PTR* allocate_buffer)(iree_hal_allocator_t* IREE_RESTRICT allocator,
                                               const iree_hal_buffer_params_t* IREE_RESTRICT params,
                                               iree_device_size_t allocation_size,
                                               iree_const_byte_span_t initial_data,
                                               iree_hal_buffer_t** IREE_RESTRICT out_buffer);
  iree_status_t(IREE_API_PTR* import_buffer)(iree_hal_allocator_t* IREE_RESTRICT allocator,
                                             const iree_hal_buffer_params_t* IREE_RESTRICT params,
                                             iree_hal_external_buffer_t* IREE_RESTRICT
                                                 external_buffer,
                                             iree_hal_buffer_release_callback_t release_callback,
                                             iree_hal_buffer_t** IREE_RESTRICT out_buffer);
  iree_status_t(IREE_API_PTR* export_buffer)(
      iree_hal_allocator_t* IREE_RESTRICT allocator, iree_hal_buffer_t* IREE_RESTRICT buffer,
      iree_hal_external_buffer_type_t requested_type,
      iree_hal_external_buffer_flags_t requested_flags,
      iree_hal_external_buffer_t* IREE_RESTRICT out_external_buffer);
} iree_hal_allocator_vtable_t;

// The head of every allocator.
struct iree_hal_allocator_t {
  iree_hal_resource_t resource;
};

// Destroys the allocator, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_allocator_destroy(iree_hal_allocator_t* IREE_RESTRICT allocator);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_ALLOCATOR_H_
