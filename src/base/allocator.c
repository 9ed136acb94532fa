// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/base/allocator.h"

#include <stdlib.h>
#include <string.h>

#include "iree/base/alignment.h"

static iree_status_t tenon_allocator_issue(iree_allocator_t allocator,
                                           iree_allocator_command_t command,
                                           iree_host_size_t byte_length, void** inout_ptr) {
  if (IREE_UNLIKELY(byte_length == 0)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "allocations must be at least 1 byte");
  }
  if (IREE_UNLIKELY(!allocator.ctl)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the null allocator allocates nothing");
  }
  iree_allocator_alloc_params_t params = {byte_length};
  // The usual one is called directly, so that the compiler can make one function of the two.
  if (IREE_LIKELY(allocator.ctl == iree_allocator_system_ctl)) {
    return iree_allocator_system_ctl(NULL, command, &params, inout_ptr);
  }
  return allocator.ctl(allocator.self, command, &params, inout_ptr);
}

iree_status_t iree_allocator_malloc(iree_allocator_t allocator, iree_host_size_t byte_length,
                                    void** out_ptr) {
  *out_ptr = NULL;
  return tenon_allocator_issue(allocator, IREE_ALLOCATOR_COMMAND_CALLOC, byte_length, out_ptr);
}

iree_status_t iree_allocator_malloc_uninitialized(iree_allocator_t allocator,
                                                  iree_host_size_t byte_length, void** out_ptr) {
  *out_ptr = NULL;
  return tenon_allocator_issue(allocator, IREE_ALLOCATOR_COMMAND_MALLOC, byte_length, out_ptr);
}

static iree_status_t tenon_size_overflow(void) {
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                          "the size of an allocation is not representable");
}

iree_status_t iree_allocator_malloc_array(iree_allocator_t allocator, iree_host_size_t count,
                                          iree_host_size_t element_size, void** out_ptr) {
  *out_ptr = NULL;
  iree_host_size_t byte_length;
  if (!iree_host_size_checked_mul(count, element_size, &byte_length)) return tenon_size_overflow();
  return iree_allocator_malloc(allocator, byte_length, out_ptr);
}

iree_status_t iree_allocator_realloc(iree_allocator_t allocator, iree_host_size_t byte_length,
                                     void** inout_ptr) {
  return tenon_allocator_issue(allocator, IREE_ALLOCATOR_COMMAND_REALLOC, byte_length, inout_ptr);
}

iree_status_t iree_allocator_clone(iree_allocator_t allocator, iree_const_byte_span_t source_bytes,
                                   void** out_ptr) {
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc_uninitialized(allocator, source_bytes.data_length, out_ptr));
  memcpy(*out_ptr, source_bytes.data, source_bytes.data_length);
  return iree_ok_status();
}

void iree_allocator_free(iree_allocator_t allocator, void* ptr) {
  if (IREE_LIKELY(allocator.ctl == iree_allocator_system_ctl)) {
    free(ptr);
    return;
  }
  if (!ptr || !allocator.ctl) return;
  iree_status_ignore(allocator.ctl(allocator.self, IREE_ALLOCATOR_COMMAND_FREE, NULL, &ptr));
}

//===--- Aligned blocks ----------------------------------------------------------------------===//
// [base ... | base's address | block]: the address of the whole stands right before the block,
// unaligned if need be.

// The size of the whole for a block, with room to move the block to its place.
static iree_status_t tenon_aligned_size(iree_host_size_t byte_length,
                                        iree_host_size_t min_alignment,
                                        iree_host_size_t* out_total) {
  if (!iree_host_size_is_power_of_two(min_alignment)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "an alignment of %" PRIhsz " is not a power of two", min_alignment);
  }
  if (byte_length == 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "allocations must be at least 1 byte");
  }
  if (!iree_host_size_checked_add(byte_length, min_alignment, out_total) ||
      !iree_host_size_checked_add(*out_total, sizeof(void*), out_total)) {
    return tenon_size_overflow();
  }
  return iree_ok_status();
}

static uint8_t* tenon_aligned_place(uint8_t* base, iree_host_size_t min_alignment,
                                    iree_host_size_t offset) {
  uintptr_t aligned =
      ((uintptr_t)base + sizeof(void*) + offset + (min_alignment - 1)) & ~(min_alignment - 1);
  return base + (aligned - offset - (uintptr_t)base);
}

static uint8_t* tenon_aligned_base(const void* ptr) {
  uint8_t* base;
  memcpy(&base, (const uint8_t*)ptr - sizeof(base), sizeof(base));
  return base;
}

static void tenon_aligned_set_base(uint8_t* ptr, uint8_t* base) {
  memcpy(ptr - sizeof(base), &base, sizeof(base));
}

iree_status_t iree_allocator_malloc_aligned(iree_allocator_t allocator,
                                            iree_host_size_t byte_length,
                                            iree_host_size_t min_alignment, iree_host_size_t offset,
                                            void** out_ptr) {
  *out_ptr = NULL;
  iree_host_size_t total;
  IREE_RETURN_IF_ERROR(tenon_aligned_size(byte_length, min_alignment, &total));
  void* base = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc_uninitialized(allocator, total, &base));
  uint8_t* ptr = tenon_aligned_place(base, min_alignment, offset);
  tenon_aligned_set_base(ptr, base);
  *out_ptr = ptr;
  return iree_ok_status();
}

iree_status_t iree_allocator_realloc_aligned(iree_allocator_t allocator,
                                             iree_host_size_t byte_length,
                                             iree_host_size_t min_alignment,
                                             iree_host_size_t offset, void** inout_ptr) {
  if (!*inout_ptr) {
    return iree_allocator_malloc_aligned(allocator, byte_length, min_alignment, offset, inout_ptr);
  }
  iree_host_size_t total;
  IREE_RETURN_IF_ERROR(tenon_aligned_size(byte_length, min_alignment, &total));
  void* base = tenon_aligned_base(*inout_ptr);
  iree_host_size_t old_shift = (iree_host_size_t)((uint8_t*)*inout_ptr - (uint8_t*)base);
  IREE_RETURN_IF_ERROR(iree_allocator_realloc(allocator, total, &base));
  // The whole may have landed at another distance from an aligned address. Either distance is at
  // most min_alignment - 1 + sizeof(void*), so both places of the block lie inside the whole.
  uint8_t* ptr = tenon_aligned_place(base, min_alignment, offset);
  memmove(ptr, (uint8_t*)base + old_shift, byte_length);
  tenon_aligned_set_base(ptr, base);
  *inout_ptr = ptr;
  return iree_ok_status();
}

void iree_allocator_free_aligned(iree_allocator_t allocator, void* ptr) {
  if (ptr) iree_allocator_free(allocator, tenon_aligned_base(ptr));
}

//===--- The system's ------------------------------------------------------------------------===//

iree_status_t iree_allocator_system_ctl(void* self, iree_allocator_command_t command,
                                        const void* params, void** inout_ptr) {
  if (command == IREE_ALLOCATOR_COMMAND_FREE) {
    free(*inout_ptr);
    *inout_ptr = NULL;
    return iree_ok_status();
  }
  iree_host_size_t byte_length = ((const iree_allocator_alloc_params_t*)params)->byte_length;
  void* ptr = NULL;
  switch (command) {
    case IREE_ALLOCATOR_COMMAND_MALLOC:
      ptr = malloc(byte_length);
      break;
    case IREE_ALLOCATOR_COMMAND_CALLOC:
      ptr = calloc(1, byte_length);
      break;
    case IREE_ALLOCATOR_COMMAND_REALLOC:
      ptr = realloc(*inout_ptr, byte_length);
      break;
    default:
      return iree_make_status(IREE_STATUS_UNIMPLEMENTED, "the system allocator has no command %d",
                              (int)command);
  }
  if (IREE_UNLIKELY(!ptr)) {
    return iree_make_status(
        IREE_STATUS_RESOURCE_EXHAUSTED,
        "out of memory: the system allocator could not provide %" PRIhsz " bytes", byte_length);
  }
  *inout_ptr = ptr;
  return iree_ok_status();
}
