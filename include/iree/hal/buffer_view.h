// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffer views: a buffer seen as a tensor, with shape, element type and encoding. Tensors cross the
// border between programs and their users as buffer views.
//
// Ownership. See resource.h. A view retains its buffer and copies its shape.
// Thread-safety. A view doesn't change, but for iree_hal_buffer_view_reshape, which must not run
// beside any other use.
//
// Errors: INVALID_ARGUMENT for an encoding other than dense row-major, whose size is not known;
// OUT_OF_RANGE for sizes that overflow, for buffers that are too small and for indices outside of
// the shape.

#ifndef IREE_HAL_BUFFER_VIEW_H_
#define IREE_HAL_BUFFER_VIEW_H_

#include "iree/base/api.h"
#include "iree/hal/buffer.h"
#include "iree/hal/element_type.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_buffer_view_t iree_hal_buffer_view_t;

// A view of |buffer| from its first byte on. Rank 0 is one element; a dimension of 0 makes an empty
// tensor. The buffer must hold all elements; it may be longer. Released by the caller.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_create(
    iree_hal_buffer_t* buffer, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_allocator_t host_allocator, iree_hal_buffer_view_t** out_buffer_view);

// A view of |buffer| with the shape and types of |like_view|, which is not retained. Released by
// the caller.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_create_like(
    iree_hal_buffer_t* buffer, iree_hal_buffer_view_t* like_view, iree_allocator_t host_allocator,
    iree_hal_buffer_view_t** out_buffer_view);

IREE_API_EXPORT void iree_hal_buffer_view_retain(iree_hal_buffer_view_t* buffer_view);
IREE_API_EXPORT void iree_hal_buffer_view_release(iree_hal_buffer_view_t* buffer_view);

// Borrowed.
IREE_API_EXPORT iree_hal_buffer_t* iree_hal_buffer_view_buffer(
    const iree_hal_buffer_view_t* buffer_view);

IREE_API_EXPORT iree_host_size_t
iree_hal_buffer_view_shape_rank(const iree_hal_buffer_view_t* buffer_view);
// Rank dimensions; borrowed, until the view is released or reshaped.
IREE_API_EXPORT const iree_hal_dim_t* iree_hal_buffer_view_shape_dims(
    const iree_hal_buffer_view_t* buffer_view);
// 0 for an |index| at or beyond the rank.
IREE_API_EXPORT iree_hal_dim_t
iree_hal_buffer_view_shape_dim(const iree_hal_buffer_view_t* buffer_view, iree_host_size_t index);

// Copies the shape out. |out_shape_rank|, optional, always receives the rank; with a
// |rank_capacity| below it nothing is copied and the result is a bare OUT_OF_RANGE.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_shape(const iree_hal_buffer_view_t* buffer_view,
                                                         iree_host_size_t rank_capacity,
                                                         iree_hal_dim_t* out_shape,
                                                         iree_host_size_t* out_shape_rank);

// Changes the shape in place; rank and number of elements must stay the same, else
// INVALID_ARGUMENT.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_reshape(iree_hal_buffer_view_t* buffer_view,
                                                           iree_host_size_t shape_rank,
                                                           const iree_hal_dim_t* shape);

// The product of the dimensions; 1 for rank 0.
IREE_API_EXPORT iree_host_size_t
iree_hal_buffer_view_element_count(const iree_hal_buffer_view_t* buffer_view);
IREE_API_EXPORT iree_hal_element_type_t
iree_hal_buffer_view_element_type(const iree_hal_buffer_view_t* buffer_view);
// In bytes, as stored.
IREE_API_EXPORT iree_host_size_t
iree_hal_buffer_view_element_size(const iree_hal_buffer_view_t* buffer_view);
IREE_API_EXPORT iree_hal_encoding_type_t
iree_hal_buffer_view_encoding_type(const iree_hal_buffer_view_t* buffer_view);
// The bytes of the elements; the buffer may be longer.
IREE_API_EXPORT iree_device_size_t
iree_hal_buffer_view_byte_length(const iree_hal_buffer_view_t* buffer_view);

// The byte offset of the element at |indices| in the buffer; |indices_count| must be the rank.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_compute_offset(
    const iree_hal_buffer_view_t* buffer_view, iree_host_size_t indices_count,
    const iree_hal_dim_t* indices, iree_device_size_t* out_offset);

// The bytes from the first to the last element of the box that starts at |start_indices| and is
// |lengths| large. INVALID_ARGUMENT when the box isn't contiguous in memory; both counts must be
// the rank.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_compute_range(
    const iree_hal_buffer_view_t* buffer_view, iree_host_size_t indices_count,
    const iree_hal_dim_t* start_indices, iree_host_size_t lengths_count,
    const iree_hal_dim_t* lengths, iree_device_size_t* out_start_offset,
    iree_device_size_t* out_length);

// Destroys the view, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_buffer_view_destroy(iree_hal_buffer_view_t* buffer_view);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_BUFFER_VIEW_H_
