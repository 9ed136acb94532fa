// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a buffer view consists of, for the code on the path of every call.

#ifndef TENON_HAL_BUFFER_VIEW_IMPL_H_
#define TENON_HAL_BUFFER_VIEW_IMPL_H_

#include "iree/base/internal/atomics.h"
#include "iree/hal/buffer_view.h"

struct iree_hal_buffer_view_t {
  iree_atomic_ref_count_t ref_count;
  iree_hal_element_type_t element_type;
  iree_hal_encoding_type_t encoding_type;
  iree_allocator_t host_allocator;
  iree_hal_buffer_t* buffer;
  iree_device_size_t byte_length;
  iree_host_size_t shape_rank;
  iree_hal_dim_t shape[];
};

// The bytes of a dense tensor, or false if they don't fit in an address. The result is that of
// iree_hal_buffer_compute_view_size, which knows more: that empty tensors fit, and what to say.
static inline bool tenon_hal_dense_size(iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
                                        iree_hal_element_type_t element_type,
                                        iree_device_size_t* out_size) {
  // The elements first: their number must fit, too, where a type has no bytes.
  iree_device_size_t size = 1;
  bool fits = true;
  for (iree_host_size_t i = 0; i < shape_rank; ++i) {
    // The analyser takes shapes that were refused for read.
    fits &= iree_device_size_checked_mul(size, shape[i], &size);  // NOLINT(clang-analyzer-core.*)
  }
  fits &=
      iree_device_size_checked_mul(size, iree_hal_element_dense_byte_count(element_type), &size);
  *out_size = size;
  return fits;
}

// iree_hal_buffer_view_create, except that on success the view has taken the caller's reference to
// |buffer|.
iree_status_t tenon_hal_buffer_view_create_move(
    iree_hal_buffer_t* buffer, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_allocator_t host_allocator, iree_hal_buffer_view_t** out_buffer_view);

#endif  // TENON_HAL_BUFFER_VIEW_IMPL_H_
