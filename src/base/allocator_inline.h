// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The allocator's functions for the path of every call of a compiled program: the system's
// allocator, which most programs use, is reached without a call between.

#ifndef TENON_BASE_ALLOCATOR_INLINE_H_
#define TENON_BASE_ALLOCATOR_INLINE_H_

#include <stdlib.h>

#include "iree/base/allocator.h"

// iree_allocator_malloc_uninitialized.
static inline iree_status_t tenon_allocator_malloc_inline(iree_allocator_t allocator,
                                                          iree_host_size_t byte_length,
                                                          void** out_ptr) {
  if (IREE_LIKELY(allocator.ctl == iree_allocator_system_ctl && byte_length > 0)) {
    *out_ptr = malloc(byte_length);
    if (IREE_LIKELY(*out_ptr)) return iree_ok_status();
  }
  return iree_allocator_malloc_uninitialized(allocator, byte_length, out_ptr);
}

// iree_allocator_free.
static inline void tenon_allocator_free_inline(iree_allocator_t allocator, void* ptr) {
  if (IREE_LIKELY(allocator.ctl == iree_allocator_system_ctl)) {
    free(ptr);
  } else {
    iree_allocator_free(allocator, ptr);
  }
}

#endif  // TENON_BASE_ALLOCATOR_INLINE_H_
