// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffers: linear memory that a device can use.
//
// A buffer is a range of an allocation, with what may be done with it: the kind of memory, the
// accesses and the usages allowed. Offsets and lengths are in bytes. A length of IREE_WHOLE_BUFFER
// means: from the offset to the end. Zero-sized buffers and ranges are legal everywhere; an offset
// may equal the length.
//
// The host reaches the contents through mappings, or through the map_* functions, which map, copy
// and unmap.
//
// Ownership. See resource.h. A buffer keeps alive the allocator that it came from; a subspan keeps
// its allocation alive; a scoped mapping keeps its buffer alive.
//
// Thread-safety. All functions may be called from any thread. The contents are not guarded: who
// writes while another reads or writes the same bytes has a data race, as with any memory.
//
// Errors, unless a function says otherwise: OUT_OF_RANGE for a range that does not lie in the
// buffer, PERMISSION_DENIED for an access, usage or memory type that the buffer does not allow.
// Messages show both sides.

#ifndef IREE_HAL_BUFFER_H_
#define IREE_HAL_BUFFER_H_

#include "iree/base/api.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_allocator_t iree_hal_allocator_t;
typedef struct iree_hal_buffer_t iree_hal_buffer_t;

// As a length: from the offset to the end of the buffer.
#define IREE_WHOLE_BUFFER ((iree_device_size_t)(-1))

// Where memory lies, and who can see it.
enum iree_hal_memory_type_bits_t {
  IREE_HAL_MEMORY_TYPE_NONE = 0u,
  // The allocator may choose what suits the usage best.
  IREE_HAL_MEMORY_TYPE_OPTIMAL = 1u << 0,
  // The host can map it.
  IREE_HAL_MEMORY_TYPE_HOST_VISIBLE = 1u << 1,
  // Mappings need neither invalidation nor flush.
  IREE_HAL_MEMORY_TYPE_HOST_COHERENT = 1u << 2,
  // The host's accesses go through its caches.
  IREE_HAL_MEMORY_TYPE_HOST_CACHED = 1u << 3,
  IREE_HAL_MEMORY_TYPE_HOST_LOCAL =
      IREE_HAL_MEMORY_TYPE_HOST_VISIBLE | IREE_HAL_MEMORY_TYPE_HOST_COHERENT | (1u << 5),
  IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_HOST =
      IREE_HAL_MEMORY_TYPE_OPTIMAL | IREE_HAL_MEMORY_TYPE_HOST_LOCAL,
  // Devices can use it.
  IREE_HAL_MEMORY_TYPE_DEVICE_VISIBLE = 1u << 4,
  IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL = IREE_HAL_MEMORY_TYPE_DEVICE_VISIBLE | (1u << 5),
  IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE =
      IREE_HAL_MEMORY_TYPE_OPTIMAL | IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL,
};
typedef uint32_t iree_hal_memory_type_t;

// What a mapping or a dispatch may do to the contents.
enum iree_hal_memory_access_bits_t {
  IREE_HAL_MEMORY_ACCESS_NONE = 0u,
  IREE_HAL_MEMORY_ACCESS_READ = 1u << 0,
  IREE_HAL_MEMORY_ACCESS_WRITE = 1u << 1,
  // The old contents of the range may be lost: whoever asks for it writes all of what is read
  // later.
  IREE_HAL_MEMORY_ACCESS_DISCARD = 1u << 2,
  IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE =
      IREE_HAL_MEMORY_ACCESS_WRITE | IREE_HAL_MEMORY_ACCESS_DISCARD,
  // Other mappings of the same range may exist.
  IREE_HAL_MEMORY_ACCESS_MAY_ALIAS = 1u << 3,
  // Access is not checked.
  IREE_HAL_MEMORY_ACCESS_ANY = 1u << 4,
  IREE_HAL_MEMORY_ACCESS_ALL =
      IREE_HAL_MEMORY_ACCESS_READ | IREE_HAL_MEMORY_ACCESS_WRITE | IREE_HAL_MEMORY_ACCESS_DISCARD,
};
typedef uint16_t iree_hal_memory_access_t;

// What a buffer may be used for.
enum iree_hal_buffer_usage_bits_t {
  IREE_HAL_BUFFER_USAGE_NONE = 0u,
  IREE_HAL_BUFFER_USAGE_TRANSFER_SOURCE = 1u << 0,
  IREE_HAL_BUFFER_USAGE_TRANSFER_TARGET = 1u << 1,
  IREE_HAL_BUFFER_USAGE_TRANSFER =
      IREE_HAL_BUFFER_USAGE_TRANSFER_SOURCE | IREE_HAL_BUFFER_USAGE_TRANSFER_TARGET,
  IREE_HAL_BUFFER_USAGE_DISPATCH_INDIRECT_PARAMS = 1u << 8,
  IREE_HAL_BUFFER_USAGE_DISPATCH_UNIFORM_READ = 1u << 9,
  IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE_READ = 1u << 10,
  IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE_WRITE = 1u << 11,
  IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE =
      IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE_READ | IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE_WRITE,
  IREE_HAL_BUFFER_USAGE_DISPATCH_IMAGE_READ = 1u << 12,
  IREE_HAL_BUFFER_USAGE_DISPATCH_IMAGE_WRITE = 1u << 13,
  IREE_HAL_BUFFER_USAGE_DISPATCH_IMAGE =
      IREE_HAL_BUFFER_USAGE_DISPATCH_IMAGE_READ | IREE_HAL_BUFFER_USAGE_DISPATCH_IMAGE_WRITE,
  // May be handed out with iree_hal_allocator_export_buffer.
  IREE_HAL_BUFFER_USAGE_SHARING_EXPORT = 1u << 16,
  IREE_HAL_BUFFER_USAGE_SHARING_REPLICATE = 1u << 17,
  IREE_HAL_BUFFER_USAGE_SHARING_CONCURRENT = 1u << 18,
  IREE_HAL_BUFFER_USAGE_SHARING_IMMUTABLE = 1u << 19,
  // May be mapped for as long as a mapping is held / for as long as the buffer lives.
  IREE_HAL_BUFFER_USAGE_MAPPING_SCOPED = 1u << 24,
  IREE_HAL_BUFFER_USAGE_MAPPING_PERSISTENT = 1u << 25,
  // Allocation succeeds even where mapping is impossible.
  IREE_HAL_BUFFER_USAGE_MAPPING_OPTIONAL = 1u << 26,
  IREE_HAL_BUFFER_USAGE_MAPPING_ACCESS_RANDOM = 1u << 27,
  IREE_HAL_BUFFER_USAGE_MAPPING_ACCESS_SEQUENTIAL_WRITE = 1u << 28,
  IREE_HAL_BUFFER_USAGE_MAPPING =
      IREE_HAL_BUFFER_USAGE_MAPPING_SCOPED | IREE_HAL_BUFFER_USAGE_MAPPING_ACCESS_RANDOM,
  IREE_HAL_BUFFER_USAGE_DEFAULT =
      IREE_HAL_BUFFER_USAGE_TRANSFER | IREE_HAL_BUFFER_USAGE_DISPATCH_STORAGE,
};
typedef uint32_t iree_hal_buffer_usage_t;

enum iree_hal_mapping_mode_bits_t {
  // The mapping retains the buffer until it is unmapped.
  IREE_HAL_MAPPING_MODE_SCOPED = 1u << 0,
  // The mapping is valid as long as the buffer lives, which the caller sees to; unmapping is
  // optional.
  // The buffer must be HOST_VISIBLE and allow the usage MAPPING.
  IREE_HAL_MAPPING_MODE_PERSISTENT = 1u << 1,
};
typedef uint32_t iree_hal_mapping_mode_t;

// The implementation's part of a mapping. Not for users.
typedef struct iree_hal_buffer_mapping_impl_t {
  iree_device_size_t byte_offset;  // in the allocation
  iree_hal_memory_access_t allowed_access;
  uint32_t is_persistent : 1;
  uint32_t reserved_flags : 31;
  uint64_t reserved[1];
} iree_hal_buffer_mapping_impl_t;

// A range of a buffer as host memory. Zero-initialise it (`= {{0}}`) to unmap it safely whether it
// was mapped or not.
typedef struct iree_hal_buffer_mapping_t {
  iree_byte_span_t contents;
  struct iree_hal_buffer_t* buffer;
  iree_hal_buffer_mapping_impl_t impl;
} iree_hal_buffer_mapping_t;

typedef enum iree_hal_buffer_overlap_e {
  IREE_HAL_BUFFER_OVERLAP_DISJOINT = 0,
  IREE_HAL_BUFFER_OVERLAP_PARTIAL,
  // Both ranges are the same.
  IREE_HAL_BUFFER_OVERLAP_COMPLETE,
} iree_hal_buffer_overlap_t;

// Text for messages: the names of the bits, joined by `|`. The view points into |out_temp| or to a
// constant.
IREE_API_EXPORT iree_string_view_t
iree_hal_memory_type_format(iree_hal_memory_type_t value, iree_bitfield_string_temp_t* out_temp);
IREE_API_EXPORT iree_string_view_t iree_hal_memory_access_format(
    iree_hal_memory_access_t value, iree_bitfield_string_temp_t* out_temp);
IREE_API_EXPORT iree_string_view_t
iree_hal_buffer_usage_format(iree_hal_buffer_usage_t value, iree_bitfield_string_temp_t* out_temp);

// PERMISSION_DENIED unless |actual_memory_type| has every bit of |expected_memory_type|.
IREE_API_EXPORT iree_status_t iree_hal_buffer_validate_memory_type(
    iree_hal_memory_type_t actual_memory_type, iree_hal_memory_type_t expected_memory_type);

// PERMISSION_DENIED unless |allowed_memory_access| has READ and WRITE where
// |required_memory_access| has them, or has ANY. DISCARD and MAY_ALIAS say how, not what, and need
// no permission. INVALID_ARGUMENT when neither READ nor WRITE nor ANY is required.
IREE_API_EXPORT iree_status_t
iree_hal_buffer_validate_access(iree_hal_memory_access_t allowed_memory_access,
                                iree_hal_memory_access_t required_memory_access);

// PERMISSION_DENIED unless |allowed_usage| has every bit of |required_usage|.
IREE_API_EXPORT iree_status_t iree_hal_buffer_validate_usage(
    iree_hal_buffer_usage_t allowed_usage, iree_hal_buffer_usage_t required_usage);

// OUT_OF_RANGE unless the range lies in |buffer|. A length of IREE_WHOLE_BUFFER needs only the
// offset to lie in it.
IREE_API_EXPORT iree_status_t iree_hal_buffer_validate_range(const iree_hal_buffer_t* buffer,
                                                             iree_device_size_t byte_offset,
                                                             iree_device_size_t byte_length);

// How two ranges lie to each other. Buffers of different allocations are disjoint, also where both
// were imported from the same memory; so is an empty range to anything.
IREE_API_EXPORT iree_hal_buffer_overlap_t
iree_hal_buffer_test_overlap(const iree_hal_buffer_t* lhs_buffer, iree_device_size_t lhs_offset,
                             iree_device_size_t lhs_length, const iree_hal_buffer_t* rhs_buffer,
                             iree_device_size_t rhs_offset, iree_device_size_t rhs_length);

// A buffer that is the range of |buffer|, without a copy: with the same memory type, access and
// usage. The range of all of |buffer| gives |buffer| itself, retained. Released by the caller.
IREE_API_EXPORT iree_status_t iree_hal_buffer_subspan(iree_hal_buffer_t* buffer,
                                                      iree_device_size_t byte_offset,
                                                      iree_device_size_t byte_length,
                                                      iree_hal_buffer_t** out_buffer);

IREE_API_EXPORT void iree_hal_buffer_retain(iree_hal_buffer_t* buffer);
IREE_API_EXPORT void iree_hal_buffer_release(iree_hal_buffer_t* buffer);

// The buffer that holds the memory: |buffer| itself unless it is a subspan. Borrowed.
IREE_API_EXPORT iree_hal_buffer_t* iree_hal_buffer_allocated_buffer(
    const iree_hal_buffer_t* buffer);
// The size of the allocation, at least byte_offset + byte_length.
IREE_API_EXPORT iree_device_size_t iree_hal_buffer_allocation_size(const iree_hal_buffer_t* buffer);
// Where the buffer starts in its allocation.
IREE_API_EXPORT iree_device_size_t iree_hal_buffer_byte_offset(const iree_hal_buffer_t* buffer);
IREE_API_EXPORT iree_device_size_t iree_hal_buffer_byte_length(const iree_hal_buffer_t* buffer);
IREE_API_EXPORT iree_hal_memory_type_t iree_hal_buffer_memory_type(const iree_hal_buffer_t* buffer);
IREE_API_EXPORT iree_hal_memory_access_t
iree_hal_buffer_allowed_access(const iree_hal_buffer_t* buffer);
IREE_API_EXPORT iree_hal_buffer_usage_t
iree_hal_buffer_allowed_usage(const iree_hal_buffer_t* buffer);

// Writes zeros to the range.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_zero(iree_hal_buffer_t* buffer,
                                                       iree_device_size_t byte_offset,
                                                       iree_device_size_t byte_length);

// Repeats the |pattern_length| bytes at |pattern| over the range. pattern_length is 1, 2, 4 or 8;
// the offset and the length must be multiples of it, else INVALID_ARGUMENT.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_fill(iree_hal_buffer_t* buffer,
                                                       iree_device_size_t byte_offset,
                                                       iree_device_size_t byte_length,
                                                       const void* pattern,
                                                       iree_host_size_t pattern_length);

// Copies |data_length| bytes from the buffer to |target_buffer|. Zero bytes are OK, whatever the
// pointer.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_read(iree_hal_buffer_t* source_buffer,
                                                       iree_device_size_t source_offset,
                                                       void* target_buffer,
                                                       iree_device_size_t data_length);

// Copies |data_length| bytes from |source_buffer| to the buffer. Zero bytes are OK, whatever the
// pointer.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_write(iree_hal_buffer_t* target_buffer,
                                                        iree_device_size_t target_offset,
                                                        const void* source_buffer,
                                                        iree_device_size_t data_length);

// Copies between buffers. Ranges of one allocation must not overlap: INVALID_ARGUMENT.
// IREE_WHOLE_BUFFER copies as much as both have left behind their offsets.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_copy(iree_hal_buffer_t* source_buffer,
                                                       iree_device_size_t source_offset,
                                                       iree_hal_buffer_t* target_buffer,
                                                       iree_device_size_t target_offset,
                                                       iree_device_size_t data_length);

// Makes the range visible as host memory, in out_buffer_mapping->contents. Every successful scoped
// mapping must be unmapped. On failure *out_buffer_mapping is zero.
IREE_API_EXPORT iree_status_t iree_hal_buffer_map_range(
    iree_hal_buffer_t* buffer, iree_hal_mapping_mode_t mapping_mode,
    iree_hal_memory_access_t memory_access, iree_device_size_t byte_offset,
    iree_device_size_t byte_length, iree_hal_buffer_mapping_t* out_buffer_mapping);

// Ends a mapping and zeroes it. A zeroed mapping is left alone.
IREE_API_EXPORT iree_status_t
iree_hal_buffer_unmap_range(iree_hal_buffer_mapping_t* buffer_mapping);

// For memory that is not HOST_COHERENT: makes what the device wrote to the range visible to the
// host / what the host wrote visible to the device. Offsets are relative to the mapping. Checked
// everywhere, needed only there.
IREE_API_EXPORT iree_status_t iree_hal_buffer_mapping_invalidate_range(
    iree_hal_buffer_mapping_t* buffer_mapping, iree_device_size_t byte_offset,
    iree_device_size_t byte_length);
IREE_API_EXPORT iree_status_t
iree_hal_buffer_mapping_flush_range(iree_hal_buffer_mapping_t* buffer_mapping,
                                    iree_device_size_t byte_offset, iree_device_size_t byte_length);

// A part of the mapping, for the given access, which the mapping must allow.
IREE_API_EXPORT iree_status_t iree_hal_buffer_mapping_subspan(
    iree_hal_buffer_mapping_t* buffer_mapping, iree_hal_memory_access_t memory_access,
    iree_device_size_t byte_offset, iree_device_size_t byte_length, iree_byte_span_t* out_span);

// ---- For implementations of buffers ------------------------------------------------------------

// |local_byte_offset| is in the allocation, ranges are checked, and only the allocated buffer is
// called, never a subspan.
typedef struct iree_hal_buffer_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_buffer_t* buffer);
  iree_status_t(IREE_API_PTR* map_range)(iree_hal_buffer_t* buffer,
                                         iree_hal_mapping_mode_t mapping_mode,
                                         iree_hal_memory_access_t memory_access,
                                         iree_device_size_t local_byte_offset,
                                         iree_device_size_t local_byte_length,
                                         iree_hal_buffer_mapping_t* mapping);
  iree_status_t(IREE_API_PTR* unmap_range)(iree_hal_buffer_t* buffer,
                                           iree_device_size_t local_byte_offset,
                                           iree_device_size_t local_byte_length,
                                           iree_hal_buffer_mapping_t* mapping);
  iree_status_t(IREE_API_PTR* invalidate_range)(iree_hal_buffer_t* buffer,
                                                iree_device_size_t local_byte_offset,
                                                iree_device_size_t local_byte_length);
  iree_status_t(IREE_API_PTR* flush_range)(iree_hal_buffer_t* buffer,
                                           iree_device_size_t local_byte_offset,
                                           iree_device_size_t local_byte_length);
} iree_hal_buffer_vtable_t;

// The head of every buffer. Constant once initialised, but for the counter.
struct iree_hal_buffer_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;         // of the object itself
  iree_hal_allocator_t* device_allocator;  // retained; NULL for buffers that are of no allocator
  iree_hal_buffer_t* allocated_buffer;     // retained unless it is this buffer itself
  iree_device_size_t allocation_size;
  iree_device_size_t byte_offset;
  iree_device_size_t byte_length;
  iree_hal_memory_type_t memory_type;
  iree_hal_buffer_usage_t allowed_usage;
  iree_hal_memory_access_t allowed_access;
};

// Fills in the head, with a count of 1, and retains the device allocator and the allocated buffer
// (unless it is |buffer|).
IREE_API_EXPORT void iree_hal_buffer_initialize(
    iree_allocator_t host_allocator, iree_hal_allocator_t* device_allocator,
    iree_hal_buffer_t* allocated_buffer, iree_device_size_t allocation_size,
    iree_device_size_t byte_offset, iree_device_size_t byte_length,
    iree_hal_memory_type_t memory_type, iree_hal_memory_access_t allowed_access,
    iree_hal_buffer_usage_t allowed_usage, const iree_hal_buffer_vtable_t* vtable,
    iree_hal_buffer_t* buffer);

// Destroys the buffer, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_buffer_destroy(iree_hal_buffer_t* buffer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_BUFFER_H_
