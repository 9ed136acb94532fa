// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory. Whoever creates an object hands over the allocator that the object and all it owns are
// allocated from; the few exceptions are listed in docs/allocations.md.
#ifndef IREE_BASE_ALLOCATOR_H_
#define IREE_BASE_ALLOCATOR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iree/base/attributes.h"
#include "iree/base/config.h"
#include "iree/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

//===--- Spans of bytes ----------------------------------------------------------------------===//
// A span is a borrowed range of memory. It owns nothing; data may be null when data_length is 0.

typedef struct iree_byte_span_t {
  uint8_t* data;
  iree_host_size_t data_length;
} iree_byte_span_t;

typedef struct iree_const_byte_span_t {
  const uint8_t* data;
  iree_host_size_t data_length;
} iree_const_byte_span_t;

static inline iree_byte_span_t iree_make_byte_span(void* data, iree_host_size_t data_length) {
  iree_byte_span_t span = {(uint8_t*)data, data_length};
  return span;
}
static inline iree_byte_span_t iree_byte_span_empty(void) { return iree_make_byte_span(NULL, 0); }
static inline bool iree_byte_span_is_empty(iree_byte_span_t span) { return span.data_length == 0; }

static inline iree_const_byte_span_t iree_make_const_byte_span(const void* data,
                                                               iree_host_size_t data_length) {
  iree_const_byte_span_t span = {(const uint8_t*)data, data_length};
  return span;
}
static inline iree_const_byte_span_t iree_const_byte_span_empty(void) {
  return iree_make_const_byte_span(NULL, 0);
}
static inline bool iree_const_byte_span_is_empty(iree_const_byte_span_t span) {
  return span.data_length == 0;
}

//===--- iree_allocator_t --------------------------------------------------------------------===//
// A value: a control function and its state. Copies are equal. What `self` points at must outlive
// every object that was given the allocator. The control function may be called from any thread on
// which such an object is used, so it must be thread-safe when the objects are.

typedef enum iree_allocator_command_e {
  // params is iree_allocator_alloc_params_t. *inout_ptr is set to a new block with unspecified
  // contents.
  IREE_ALLOCATOR_COMMAND_MALLOC = 0,
  // The same, filled with zeros.
  IREE_ALLOCATOR_COMMAND_CALLOC,
  // params is iree_allocator_alloc_params_t. Grows or shrinks the block *inout_ptr (null: allocates
  // one), keeping the contents up to the smaller of the sizes. On failure the old block stays valid
  // and *inout_ptr unchanged.
  IREE_ALLOCATOR_COMMAND_REALLOC,
  // params is null. Frees the block *inout_ptr, which is not null. Must not fail for a block that
  // it gave out.
  IREE_ALLOCATOR_COMMAND_FREE,
} iree_allocator_command_t;

typedef struct iree_allocator_alloc_params_t {
  // At least 1.
  iree_host_size_t byte_length;
} iree_allocator_alloc_params_t;

// Blocks must be aligned as malloc's are (to iree_max_align_t). Returns RESOURCE_EXHAUSTED when out
// of memory.
typedef iree_status_t(IREE_API_PTR* iree_allocator_ctl_fn_t)(void* self,
                                                             iree_allocator_command_t command,
                                                             const void* params, void** inout_ptr);

typedef struct iree_allocator_t {
  void* self;
  iree_allocator_ctl_fn_t ctl;
} iree_allocator_t;

// All of these fail with INVALID_ARGUMENT when zero bytes are asked for or the allocator has no
// control function, and with RESOURCE_EXHAUSTED when it is out of memory. On failure *out_ptr is
// null.

// Allocates zero-filled memory.
IREE_API_EXPORT iree_status_t iree_allocator_malloc(iree_allocator_t allocator,
                                                    iree_host_size_t byte_length, void** out_ptr);
// Allocates memory with unspecified contents: cheaper, for what is written whole at once.
IREE_API_EXPORT iree_status_t iree_allocator_malloc_uninitialized(iree_allocator_t allocator,
                                                                  iree_host_size_t byte_length,
                                                                  void** out_ptr);
// Allocates a zero-filled array. A product that overflows is RESOURCE_EXHAUSTED.
IREE_API_EXPORT iree_status_t iree_allocator_malloc_array(iree_allocator_t allocator,
                                                          iree_host_size_t count,
                                                          iree_host_size_t element_size,
                                                          void** out_ptr);
// Resizes; the block may move. New bytes are unspecified. On failure the old block stays valid in
// *inout_ptr.
IREE_API_EXPORT iree_status_t iree_allocator_realloc(iree_allocator_t allocator,
                                                     iree_host_size_t byte_length,
                                                     void** inout_ptr);
// Allocates a copy of the (non-empty) source.
IREE_API_EXPORT iree_status_t iree_allocator_clone(iree_allocator_t allocator,
                                                   iree_const_byte_span_t source_bytes,
                                                   void** out_ptr);
// Frees; null is allowed, and nothing happens for the null allocator.
IREE_API_EXPORT void iree_allocator_free(iree_allocator_t allocator, void* ptr);

//===--- Alignment above malloc's ------------------------------------------------------------===//
// Blocks whose byte at `offset` (0 for the block itself) is aligned to min_alignment, a power of
// two: (ptr + offset) % min_alignment == 0. An offset is for blocks that begin with a header: the
// header's size as the offset aligns the payload behind it. Contents are unspecified. Costs
// min_alignment + sizeof(void*) bytes above byte_length and one pointer store, on any allocator.
// Such blocks go to the two functions below, never to iree_allocator_free.

IREE_API_EXPORT iree_status_t iree_allocator_malloc_aligned(iree_allocator_t allocator,
                                                            iree_host_size_t byte_length,
                                                            iree_host_size_t min_alignment,
                                                            iree_host_size_t offset,
                                                            void** out_ptr);
// Resizes a block from _malloc_aligned or a null pointer, keeping the contents up to the smaller of
// the sizes. Pass the alignment and the offset the block was made with. On failure the old block
// stays valid in *inout_ptr.
IREE_API_EXPORT iree_status_t iree_allocator_realloc_aligned(iree_allocator_t allocator,
                                                             iree_host_size_t byte_length,
                                                             iree_host_size_t min_alignment,
                                                             iree_host_size_t offset,
                                                             void** inout_ptr);
IREE_API_EXPORT void iree_allocator_free_aligned(iree_allocator_t allocator, void* ptr);

//===--- The allocators there are ------------------------------------------------------------===//

// malloc, calloc, realloc and free of the C library. Thread-safe. self is null.
IREE_API_EXPORT iree_status_t iree_allocator_system_ctl(void* self,
                                                        iree_allocator_command_t command,
                                                        const void* params, void** inout_ptr);
static inline iree_allocator_t iree_allocator_system(void) {
  iree_allocator_t allocator = {NULL, iree_allocator_system_ctl};
  return allocator;
}

// Allocates nothing and frees nothing: "this memory is not yours to free" where an allocator is
// asked for.
static inline iree_allocator_t iree_allocator_null(void) {
  iree_allocator_t allocator = {NULL, NULL};
  return allocator;
}
static inline bool iree_allocator_is_null(iree_allocator_t allocator) {
  return allocator.ctl == NULL;
}

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // IREE_BASE_ALLOCATOR_H_
