// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/buffer.h"

#include <string.h>

#include "hal/buffer_impl.h"
#include "iree/hal/allocator.h"

//===--- Text ---------------------------------------------------------------------------------===//

// Lists of bits by name. The combinations come first, so that they are named as a whole.
#define TENON_MEMORY_TYPES(B)                 \
  B(IREE_HAL_MEMORY_TYPE, OPTIMAL_FOR_HOST)   \
  B(IREE_HAL_MEMORY_TYPE, OPTIMAL_FOR_DEVICE) \
  B(IREE_HAL_MEMORY_TYPE, HOST_LOCAL)         \
  B(IREE_HAL_MEMORY_TYPE, DEVICE_LOCAL)       \
  B(IREE_HAL_MEMORY_TYPE, OPTIMAL)            \
  B(IREE_HAL_MEMORY_TYPE, HOST_VISIBLE)       \
  B(IREE_HAL_MEMORY_TYPE, HOST_COHERENT)      \
  B(IREE_HAL_MEMORY_TYPE, HOST_CACHED)        \
  B(IREE_HAL_MEMORY_TYPE, DEVICE_VISIBLE)
#define TENON_MEMORY_ACCESSES(B)           \
  B(IREE_HAL_MEMORY_ACCESS, ALL)           \
  B(IREE_HAL_MEMORY_ACCESS, DISCARD_WRITE) \
  B(IREE_HAL_MEMORY_ACCESS, READ)          \
  B(IREE_HAL_MEMORY_ACCESS, WRITE)         \
  B(IREE_HAL_MEMORY_ACCESS, DISCARD)       \
  B(IREE_HAL_MEMORY_ACCESS, MAY_ALIAS)     \
  B(IREE_HAL_MEMORY_ACCESS, ANY)
#define TENON_BUFFER_USAGES(B)                       \
  B(IREE_HAL_BUFFER_USAGE, TRANSFER)                 \
  B(IREE_HAL_BUFFER_USAGE, TRANSFER_SOURCE)          \
  B(IREE_HAL_BUFFER_USAGE, TRANSFER_TARGET)          \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_INDIRECT_PARAMS) \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_UNIFORM_READ)    \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_STORAGE)         \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_STORAGE_READ)    \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_STORAGE_WRITE)   \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_IMAGE)           \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_IMAGE_READ)      \
  B(IREE_HAL_BUFFER_USAGE, DISPATCH_IMAGE_WRITE)     \
  B(IREE_HAL_BUFFER_USAGE, SHARING_EXPORT)           \
  B(IREE_HAL_BUFFER_USAGE, SHARING_REPLICATE)        \
  B(IREE_HAL_BUFFER_USAGE, SHARING_CONCURRENT)       \
  B(IREE_HAL_BUFFER_USAGE, SHARING_IMMUTABLE)        \
  B(IREE_HAL_BUFFER_USAGE, MAPPING)                  \
  B(IREE_HAL_BUFFER_USAGE, MAPPING_SCOPED)           \
  B(IREE_HAL_BUFFER_USAGE, MAPPING_PERSISTENT)       \
  B(IREE_HAL_BUFFER_USAGE, MAPPING_OPTIONAL)         \
  B(IREE_HAL_BUFFER_USAGE, MAPPING_ACCESS_RANDOM)    \
  B(IREE_HAL_BUFFER_USAGE, MAPPING_ACCESS_SEQUENTIAL_WRITE)

#define TENON_BIT(prefix, name) prefix##_##name,
#define TENON_BIT_NAME(prefix, name) #name "\0"
// The names lie one behind the other, each with its NUL: pointers to them would need relocations.
#define TENON_FORMAT_BITS(list)                     \
  static const uint32_t bits[] = {list(TENON_BIT)}; \
  static const char names[] = list(TENON_BIT_NAME); \
  return tenon_format_bits(value, IREE_ARRAYSIZE(bits), bits, names, out_temp)

#define TENON_MAX_BIT_NAMES 24

static iree_string_view_t tenon_format_bits(uint32_t value, iree_host_size_t count,
                                            const uint32_t* bits, const char* names,
                                            iree_bitfield_string_temp_t* out_temp) {
  iree_bitfield_string_mapping_t mappings[TENON_MAX_BIT_NAMES];
  IREE_ASSERT(count <= TENON_MAX_BIT_NAMES);
  for (iree_host_size_t i = 0; i < count; ++i) {
    mappings[i].bits = bits[i];
    mappings[i].string = iree_make_cstring_view(names);
    names += mappings[i].string.size + 1;
  }
  return iree_bitfield_format_inline(value, count, mappings, out_temp);
}

iree_string_view_t iree_hal_memory_type_format(iree_hal_memory_type_t value,
                                               iree_bitfield_string_temp_t* out_temp) {
  TENON_FORMAT_BITS(TENON_MEMORY_TYPES);
}

iree_string_view_t iree_hal_memory_access_format(iree_hal_memory_access_t value,
                                                 iree_bitfield_string_temp_t* out_temp) {
  TENON_FORMAT_BITS(TENON_MEMORY_ACCESSES);
}

iree_string_view_t iree_hal_buffer_usage_format(iree_hal_buffer_usage_t value,
                                                iree_bitfield_string_temp_t* out_temp) {
  TENON_FORMAT_BITS(TENON_BUFFER_USAGES);
}

//===--- Checks -------------------------------------------------------------------------------===//

iree_status_t iree_hal_buffer_validate_memory_type(iree_hal_memory_type_t actual_memory_type,
                                                   iree_hal_memory_type_t expected_memory_type) {
  if (IREE_LIKELY((actual_memory_type & expected_memory_type) == expected_memory_type))
    return iree_ok_status();
  iree_bitfield_string_temp_t temps[2];
  iree_string_view_t actual = iree_hal_memory_type_format(actual_memory_type, &temps[0]);
  iree_string_view_t expected = iree_hal_memory_type_format(expected_memory_type, &temps[1]);
  return iree_make_status(IREE_STATUS_PERMISSION_DENIED,
                          "the buffer's memory is of type %.*s, but the operation needs %.*s",
                          (int)actual.size, actual.data, (int)expected.size, expected.data);
}

iree_status_t iree_hal_buffer_validate_access(iree_hal_memory_access_t allowed_memory_access,
                                              iree_hal_memory_access_t required_memory_access) {
  const iree_hal_memory_access_t read_write =
      IREE_HAL_MEMORY_ACCESS_READ | IREE_HAL_MEMORY_ACCESS_WRITE;
  if (IREE_UNLIKELY(!(required_memory_access & (read_write | IREE_HAL_MEMORY_ACCESS_ANY)))) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the access must include READ or WRITE; it is 0x%" PRIx16,
                            required_memory_access);
  }
  // DISCARD and MAY_ALIAS say how, not what.
  const iree_hal_memory_access_t required = required_memory_access & read_write;
  if (IREE_LIKELY((allowed_memory_access & IREE_HAL_MEMORY_ACCESS_ANY) ||
                  (allowed_memory_access & required) == required)) {
    return iree_ok_status();
  }
  iree_bitfield_string_temp_t temps[2];
  iree_string_view_t allowed_text = iree_hal_memory_access_format(allowed_memory_access, &temps[0]);
  iree_string_view_t required_text =
      iree_hal_memory_access_format(required_memory_access, &temps[1]);
  return iree_make_status(IREE_STATUS_PERMISSION_DENIED,
                          "the buffer allows the access %.*s, but the operation needs %.*s",
                          (int)allowed_text.size, allowed_text.data, (int)required_text.size,
                          required_text.data);
}

iree_status_t iree_hal_buffer_validate_usage(iree_hal_buffer_usage_t allowed_usage,
                                             iree_hal_buffer_usage_t required_usage) {
  if (IREE_LIKELY((allowed_usage & required_usage) == required_usage)) return iree_ok_status();
  iree_bitfield_string_temp_t temps[2];
  iree_string_view_t allowed = iree_hal_buffer_usage_format(allowed_usage, &temps[0]);
  iree_string_view_t required = iree_hal_buffer_usage_format(required_usage, &temps[1]);
  return iree_make_status(IREE_STATUS_PERMISSION_DENIED,
                          "the buffer allows the usage %.*s, but the operation needs %.*s",
                          (int)allowed.size, allowed.data, (int)required.size, required.data);
}

iree_status_t iree_hal_buffer_validate_range(const iree_hal_buffer_t* buffer,
                                             iree_device_size_t byte_offset,
                                             iree_device_size_t byte_length) {
  iree_device_size_t local_offset = 0, length = 0;
  return tenon_hal_buffer_resolve_range(buffer, byte_offset, byte_length, &local_offset, &length);
}

iree_status_t tenon_hal_range_error(iree_device_size_t byte_offset, iree_device_size_t byte_length,
                                    iree_device_size_t available_length) {
  if (byte_length == IREE_WHOLE_BUFFER) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "offset %" PRIdsz " lies behind the end of the %" PRIdsz " bytes",
                            byte_offset, available_length);
  }
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "the range of %" PRIdsz " bytes at offset %" PRIdsz
                          " does not lie in the %" PRIdsz " bytes",
                          byte_length, byte_offset, available_length);
}

iree_hal_buffer_overlap_t iree_hal_buffer_test_overlap(const iree_hal_buffer_t* lhs_buffer,
                                                       iree_device_size_t lhs_offset,
                                                       iree_device_size_t lhs_length,
                                                       const iree_hal_buffer_t* rhs_buffer,
                                                       iree_device_size_t rhs_offset,
                                                       iree_device_size_t rhs_length) {
  if (lhs_buffer->allocated_buffer != rhs_buffer->allocated_buffer)
    return IREE_HAL_BUFFER_OVERLAP_DISJOINT;
  iree_device_size_t lhs_start = 0, rhs_start = 0;
  iree_status_t status =
      tenon_hal_buffer_resolve_range(lhs_buffer, lhs_offset, lhs_length, &lhs_start, &lhs_length);
  if (iree_status_is_ok(status)) {
    status =
        tenon_hal_buffer_resolve_range(rhs_buffer, rhs_offset, rhs_length, &rhs_start, &rhs_length);
  }
  // What lies outside of its buffer touches nothing.
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    return IREE_HAL_BUFFER_OVERLAP_DISJOINT;
  }
  if (lhs_length == 0 || rhs_length == 0) return IREE_HAL_BUFFER_OVERLAP_DISJOINT;
  if (lhs_start == rhs_start && lhs_length == rhs_length) return IREE_HAL_BUFFER_OVERLAP_COMPLETE;
  return lhs_start < rhs_start + rhs_length && rhs_start < lhs_start + lhs_length
             ? IREE_HAL_BUFFER_OVERLAP_PARTIAL
             : IREE_HAL_BUFFER_OVERLAP_DISJOINT;
}

//===--- Lifetime and queries -----------------------------------------------------------------===//

void iree_hal_buffer_initialize(iree_allocator_t host_allocator,
                                iree_hal_allocator_t* device_allocator,
                                iree_hal_buffer_t* allocated_buffer,
                                iree_device_size_t allocation_size, iree_device_size_t byte_offset,
                                iree_device_size_t byte_length, iree_hal_memory_type_t memory_type,
                                iree_hal_memory_access_t allowed_access,
                                iree_hal_buffer_usage_t allowed_usage,
                                const iree_hal_buffer_vtable_t* vtable, iree_hal_buffer_t* buffer) {
  iree_hal_resource_initialize(vtable, &buffer->resource);
  buffer->host_allocator = host_allocator;
  buffer->device_allocator = device_allocator;
  buffer->allocated_buffer = allocated_buffer;
  buffer->allocation_size = allocation_size;
  buffer->byte_offset = byte_offset;
  buffer->byte_length = byte_length;
  buffer->memory_type = memory_type;
  buffer->allowed_usage = allowed_usage;
  buffer->allowed_access = allowed_access;
  iree_hal_allocator_retain(device_allocator);
  if (allocated_buffer != buffer) iree_hal_buffer_retain(allocated_buffer);
}

void iree_hal_buffer_retain(iree_hal_buffer_t* buffer) { iree_hal_resource_retain(buffer); }

void iree_hal_buffer_release(iree_hal_buffer_t* buffer) {
  if (buffer && iree_atomic_ref_count_dec(&buffer->resource.ref_count) == 1)
    iree_hal_buffer_destroy(buffer);
}

void iree_hal_buffer_destroy(iree_hal_buffer_t* buffer) {
  tenon_hal_buffer_vtable(buffer)->destroy(buffer);
}

iree_hal_buffer_t* iree_hal_buffer_allocated_buffer(const iree_hal_buffer_t* buffer) {
  return buffer->allocated_buffer;
}

iree_device_size_t iree_hal_buffer_allocation_size(const iree_hal_buffer_t* buffer) {
  return buffer->allocation_size;
}

iree_device_size_t iree_hal_buffer_byte_offset(const iree_hal_buffer_t* buffer) {
  return buffer->byte_offset;
}

iree_device_size_t iree_hal_buffer_byte_length(const iree_hal_buffer_t* buffer) {
  return buffer->byte_length;
}

iree_hal_memory_type_t iree_hal_buffer_memory_type(const iree_hal_buffer_t* buffer) {
  return buffer->memory_type;
}

iree_hal_memory_access_t iree_hal_buffer_allowed_access(const iree_hal_buffer_t* buffer) {
  return buffer->allowed_access;
}

iree_hal_buffer_usage_t iree_hal_buffer_allowed_usage(const iree_hal_buffer_t* buffer) {
  return buffer->allowed_usage;
}

//===--- Subspans -----------------------------------------------------------------------------===//

static void tenon_hal_subspan_destroy(iree_hal_buffer_t* buffer) {
  iree_allocator_t host_allocator = buffer->host_allocator;
  tenon_hal_buffer_deinitialize(buffer);
  iree_allocator_free(host_allocator, buffer);
}

// Only destroy: everything else goes to the allocated buffer.
static const iree_hal_buffer_vtable_t tenon_hal_subspan_vtable = {.destroy =
                                                                      tenon_hal_subspan_destroy};

iree_status_t iree_hal_buffer_subspan(iree_hal_buffer_t* buffer, iree_device_size_t byte_offset,
                                      iree_device_size_t byte_length,
                                      iree_hal_buffer_t** out_buffer) {
  *out_buffer = NULL;
  iree_device_size_t local_offset = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_resolve_range(buffer, byte_offset, byte_length,
                                                      &local_offset, &byte_length));
  if (byte_offset == 0 && byte_length == buffer->byte_length) {
    iree_hal_buffer_retain(buffer);
    *out_buffer = buffer;
    return iree_ok_status();
  }
  iree_hal_buffer_t* subspan = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(buffer->host_allocator, sizeof(*subspan),
                                                           (void**)&subspan));
  iree_hal_buffer_initialize(buffer->host_allocator, buffer->device_allocator,
                             buffer->allocated_buffer, buffer->allocation_size, local_offset,
                             byte_length, buffer->memory_type, buffer->allowed_access,
                             buffer->allowed_usage, &tenon_hal_subspan_vtable, subspan);
  *out_buffer = subspan;
  return iree_ok_status();
}
