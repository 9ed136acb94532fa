// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/buffer.h"

#include "iree/base/alignment.h"
#include "vm/buffer_internal.h"
#include "vm/builtin_types.h"

#define TENON_BUFFER_MAX_ALIGNMENT 4096

// In |access|: the bytes follow the struct in the same allocation.
#define TENON_BUFFER_ACCESS_ONE_BLOCK (1u << 31)

static void iree_vm_buffer_destroy(void* ptr) {
  iree_vm_buffer_t* buffer = (iree_vm_buffer_t*)ptr;
  const bool one_block = (buffer->access & TENON_BUFFER_ACCESS_ONE_BLOCK) != 0;
  iree_allocator_free(buffer->allocator, one_block ? (void*)buffer : (void*)buffer->data.data);
}

const iree_vm_ref_type_descriptor_t iree_vm_buffer_descriptor = {
    .destroy = iree_vm_buffer_destroy,
    .offsetof_counter = offsetof(iree_vm_buffer_t, ref_object.counter),
    .type = TENON_VM_BUFFER_TYPE,
    .type_name = {"vm.buffer", sizeof("vm.buffer") - 1},
};

IREE_VM_DEFINE_TYPE_ADAPTERS(iree_vm_buffer, iree_vm_buffer_t);

IREE_API_EXPORT void iree_vm_buffer_initialize(iree_vm_buffer_access_t access,
                                               iree_byte_span_t data, iree_allocator_t allocator,
                                               iree_vm_buffer_t* out_buffer) {
  iree_atomic_ref_count_init(&out_buffer->ref_object.counter);
  out_buffer->access = access & ~TENON_BUFFER_ACCESS_ONE_BLOCK;
  out_buffer->data = data;
  out_buffer->allocator = allocator;
}

IREE_API_EXPORT void iree_vm_buffer_deinitialize(iree_vm_buffer_t* buffer) {
  IREE_ASSERT(iree_atomic_ref_count_load(&buffer->ref_object.counter) == 1);
  iree_vm_buffer_destroy(buffer);
  memset(buffer, 0, sizeof(*buffer));
}

// Struct and uninitialised bytes in one block.
static iree_status_t tenon_buffer_allocate(iree_vm_buffer_access_t access, iree_host_size_t length,
                                           iree_host_size_t alignment, iree_allocator_t allocator,
                                           iree_vm_buffer_t** out_buffer) {
  *out_buffer = NULL;
  if (alignment == 0) alignment = IREE_VM_BUFFER_DEFAULT_ALIGNMENT;
  if (!iree_host_size_is_power_of_two(alignment) || alignment > TENON_BUFFER_MAX_ALIGNMENT) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "alignment %zu of a buffer is not a power of two up to %d", alignment,
                            TENON_BUFFER_MAX_ALIGNMENT);
  }
  iree_host_size_t total_size = 0;
  if (!iree_host_size_checked_add(sizeof(iree_vm_buffer_t) + alignment - 1, length, &total_size)) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "a buffer of %zu bytes is larger than memory can be", length);
  }
  iree_vm_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(allocator, total_size, (void**)&buffer));
  const uintptr_t data =
      ((uintptr_t)buffer + sizeof(*buffer) + alignment - 1) & ~(uintptr_t)(alignment - 1);
  iree_vm_buffer_initialize(access, iree_make_byte_span((void*)data, length), allocator, buffer);
  buffer->access |= TENON_BUFFER_ACCESS_ONE_BLOCK;
  *out_buffer = buffer;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_create(iree_vm_buffer_access_t access,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_allocator_t allocator,
                                                    iree_vm_buffer_t** out_buffer) {
  IREE_RETURN_IF_ERROR(tenon_buffer_allocate(access, length, alignment, allocator, out_buffer));
  memset((*out_buffer)->data.data, 0, length);
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_buffer_retain(iree_vm_buffer_t* buffer) {
  iree_vm_ref_object_retain(buffer, &iree_vm_buffer_descriptor);
}

IREE_API_EXPORT void iree_vm_buffer_release(iree_vm_buffer_t* buffer) {
  iree_vm_ref_object_release(buffer, &iree_vm_buffer_descriptor);
}

//===--------------------------------------------------------------------------------------------===//
// Ranges
//===--------------------------------------------------------------------------------------------===//

iree_status_t tenon_buffer_check_range(const iree_vm_buffer_t* buffer, iree_host_size_t offset,
                                       iree_host_size_t length) {
  const iree_host_size_t size = buffer->data.data_length;
  if (IREE_LIKELY(offset <= size && length <= size - offset)) return iree_ok_status();
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "%lld bytes at offset %lld leave a buffer of %zu bytes",
                          (long long)length, (long long)offset, size);
}

iree_status_t tenon_buffer_check_writable(const iree_vm_buffer_t* buffer, iree_host_size_t offset,
                                          iree_host_size_t length) {
  if (IREE_UNLIKELY(!(buffer->access & IREE_VM_BUFFER_ACCESS_MUTABLE))) {
    return iree_make_status(IREE_STATUS_PERMISSION_DENIED, "the buffer is read-only");
  }
  return tenon_buffer_check_range(buffer, offset, length);
}

// *out_length = bytes of |count| elements, after a check of their length and of the offset's
// alignment.
static iree_status_t tenon_buffer_check_elements(iree_host_size_t offset, iree_host_size_t count,
                                                 iree_host_size_t element_length,
                                                 iree_host_size_t* out_length) {
  if (element_length != 1 && element_length != 2 && element_length != 4 && element_length != 8) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "elements of buffers have 1, 2, 4 or 8 bytes, not %zu", element_length);
  }
  if (offset % element_length != 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "offset %zu is not a multiple of the element length %zu", offset,
                            element_length);
  }
  if (!iree_host_size_checked_mul(count, element_length, out_length)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "%zu elements of %zu bytes are more than memory can hold", count,
                            element_length);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_clone(
    iree_vm_buffer_access_t access, const iree_vm_buffer_t* source_buffer,
    iree_host_size_t source_offset, iree_host_size_t length, iree_host_size_t alignment,
    iree_allocator_t allocator, iree_vm_buffer_t** out_buffer) {
  *out_buffer = NULL;
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(source_buffer, source_offset, length));
  IREE_RETURN_IF_ERROR(tenon_buffer_allocate(access, length, alignment, allocator, out_buffer));
  if (length) {
    memcpy((*out_buffer)->data.data, source_buffer->data.data + source_offset, length);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_copy_bytes(const iree_vm_buffer_t* source_buffer,
                                                        iree_host_size_t source_offset,
                                                        const iree_vm_buffer_t* target_buffer,
                                                        iree_host_size_t target_offset,
                                                        iree_host_size_t length) {
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(source_buffer, source_offset, length));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_writable(target_buffer, target_offset, length));
  if (length) {
    memmove(target_buffer->data.data + target_offset, source_buffer->data.data + source_offset,
            length);
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_compare_bytes(const iree_vm_buffer_t* lhs_buffer,
                                                           iree_host_size_t lhs_offset,
                                                           const iree_vm_buffer_t* rhs_buffer,
                                                           iree_host_size_t rhs_offset,
                                                           iree_host_size_t length,
                                                           bool* out_result) {
  *out_result = false;
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(lhs_buffer, lhs_offset, length));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(rhs_buffer, rhs_offset, length));
  *out_result = length == 0 || memcmp(lhs_buffer->data.data + lhs_offset,
                                      rhs_buffer->data.data + rhs_offset, length) == 0;
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_fill_bytes(const iree_vm_buffer_t* target_buffer,
                                                        iree_host_size_t target_offset,
                                                        iree_host_size_t length, uint8_t value) {
  return iree_vm_buffer_fill_elements(target_buffer, target_offset, length, sizeof(value), &value);
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_fill_elements(const iree_vm_buffer_t* target_buffer,
                                                           iree_host_size_t target_offset,
                                                           iree_host_size_t element_count,
                                                           iree_host_size_t element_length,
                                                           const void* value) {
  iree_host_size_t length = 0;
  IREE_RETURN_IF_ERROR(
      tenon_buffer_check_elements(target_offset, element_count, element_length, &length));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_writable(target_buffer, target_offset, length));
  if (!length) return iree_ok_status();
  uint8_t* target = target_buffer->data.data + target_offset;
  if (element_length == 1) {
    memset(target, *(const uint8_t*)value, length);
    return iree_ok_status();
  }
  // The bytes need not be aligned in memory: what is promised is alignment within the buffer.
  for (iree_host_size_t i = 0; i < length; i += element_length) {
    memcpy(target + i, value, element_length);
  }
  return iree_ok_status();
}

static iree_status_t tenon_buffer_check_mapping(iree_host_size_t offset,
                                                iree_host_size_t alignment) {
  if (iree_host_size_is_power_of_two(alignment) && (offset & (alignment - 1)) == 0) {
    return iree_ok_status();
  }
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "offset %zu is not a multiple of %zu (a power of two)", offset,
                          alignment);
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_map_ro(const iree_vm_buffer_t* buffer,
                                                    iree_host_size_t offset,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_const_byte_span_t* out_span) {
  *out_span = iree_const_byte_span_empty();
  IREE_RETURN_IF_ERROR(tenon_buffer_check_mapping(offset, alignment));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(buffer, offset, length));
  if (length) *out_span = iree_make_const_byte_span(buffer->data.data + offset, length);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_map_rw(const iree_vm_buffer_t* buffer,
                                                    iree_host_size_t offset,
                                                    iree_host_size_t length,
                                                    iree_host_size_t alignment,
                                                    iree_byte_span_t* out_span) {
  *out_span = iree_byte_span_empty();
  IREE_RETURN_IF_ERROR(tenon_buffer_check_mapping(offset, alignment));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_writable(buffer, offset, length));
  if (length) *out_span = iree_make_byte_span(buffer->data.data + offset, length);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_read_elements(const iree_vm_buffer_t* source_buffer,
                                                           iree_host_size_t source_offset,
                                                           void* target_ptr,
                                                           iree_host_size_t element_count,
                                                           iree_host_size_t element_length) {
  iree_host_size_t length = 0;
  IREE_RETURN_IF_ERROR(
      tenon_buffer_check_elements(source_offset, element_count, element_length, &length));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_range(source_buffer, source_offset, length));
  if (length) memmove(target_ptr, source_buffer->data.data + source_offset, length);
  return iree_ok_status();
}

IREE_API_EXPORT iree_status_t iree_vm_buffer_write_elements(const void* source_ptr,
                                                            const iree_vm_buffer_t* target_buffer,
                                                            iree_host_size_t target_offset,
                                                            iree_host_size_t element_count,
                                                            iree_host_size_t element_length) {
  iree_host_size_t length = 0;
  IREE_RETURN_IF_ERROR(
      tenon_buffer_check_elements(target_offset, element_count, element_length, &length));
  IREE_RETURN_IF_ERROR(tenon_buffer_check_writable(target_buffer, target_offset, length));
  if (length) memmove(target_buffer->data.data + target_offset, source_ptr, length);
  return iree_ok_status();
}
