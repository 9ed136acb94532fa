// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/buffer_view.h"

#include <string.h>

#include "base/allocator_inline.h"
#include "hal/buffer_view_impl.h"
#include "iree/hal/buffer_view_util.h"

iree_status_t tenon_hal_buffer_view_create_move(
    iree_hal_buffer_t* buffer, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_allocator_t host_allocator, iree_hal_buffer_view_t** out_buffer_view) {
  *out_buffer_view = NULL;
  iree_device_size_t byte_length = 0;
  if (IREE_UNLIKELY(encoding_type != IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR ||
                    !tenon_hal_dense_size(shape_rank, shape, element_type, &byte_length))) {
    IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(shape_rank, shape, element_type,
                                                           encoding_type, &byte_length));
  }
  const iree_device_size_t available_length = buffer->byte_length;
  if (IREE_UNLIKELY(byte_length > available_length)) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "a tensor of this shape needs %" PRIdsz
                            " bytes, but the buffer has only %" PRIdsz,
                            byte_length, available_length);
  }
  if (IREE_UNLIKELY(shape_rank >
                    (IREE_HOST_SIZE_MAX - sizeof(iree_hal_buffer_view_t)) / sizeof(*shape))) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "a shape of rank %" PRIhsz " is too large", shape_rank);
  }
  iree_hal_buffer_view_t* buffer_view = NULL;
  IREE_RETURN_IF_ERROR(tenon_allocator_malloc_inline(
      host_allocator, sizeof(*buffer_view) + shape_rank * sizeof(*shape), (void**)&buffer_view));
  iree_atomic_ref_count_init(&buffer_view->ref_count);
  buffer_view->element_type = element_type;
  buffer_view->encoding_type = encoding_type;
  buffer_view->host_allocator = host_allocator;
  buffer_view->buffer = buffer;
  buffer_view->byte_length = byte_length;
  buffer_view->shape_rank = shape_rank;
  for (iree_host_size_t i = 0; i < shape_rank; ++i) buffer_view->shape[i] = shape[i];
  *out_buffer_view = buffer_view;
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_view_create(iree_hal_buffer_t* buffer, iree_host_size_t shape_rank,
                                          const iree_hal_dim_t* shape,
                                          iree_hal_element_type_t element_type,
                                          iree_hal_encoding_type_t encoding_type,
                                          iree_allocator_t host_allocator,
                                          iree_hal_buffer_view_t** out_buffer_view) {
  IREE_RETURN_IF_ERROR(tenon_hal_buffer_view_create_move(
      buffer, shape_rank, shape, element_type, encoding_type, host_allocator, out_buffer_view));
  iree_hal_buffer_retain(buffer);
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_view_create_like(iree_hal_buffer_t* buffer,
                                               iree_hal_buffer_view_t* like_view,
                                               iree_allocator_t host_allocator,
                                               iree_hal_buffer_view_t** out_buffer_view) {
  return iree_hal_buffer_view_create(buffer, like_view->shape_rank, like_view->shape,
                                     like_view->element_type, like_view->encoding_type,
                                     host_allocator, out_buffer_view);
}

void iree_hal_buffer_view_retain(iree_hal_buffer_view_t* buffer_view) {
  if (buffer_view) iree_atomic_ref_count_inc(&buffer_view->ref_count);
}

void iree_hal_buffer_view_release(iree_hal_buffer_view_t* buffer_view) {
  if (buffer_view && iree_atomic_ref_count_dec(&buffer_view->ref_count) == 1) {
    iree_hal_buffer_view_destroy(buffer_view);
  }
}

void iree_hal_buffer_view_destroy(iree_hal_buffer_view_t* buffer_view) {
  iree_hal_buffer_release(buffer_view->buffer);
  tenon_allocator_free_inline(buffer_view->host_allocator, buffer_view);
}

iree_hal_buffer_t* iree_hal_buffer_view_buffer(const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->buffer;
}

iree_host_size_t iree_hal_buffer_view_shape_rank(const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->shape_rank;
}

const iree_hal_dim_t* iree_hal_buffer_view_shape_dims(const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->shape;
}

iree_hal_dim_t iree_hal_buffer_view_shape_dim(const iree_hal_buffer_view_t* buffer_view,
                                              iree_host_size_t index) {
  return index < buffer_view->shape_rank ? buffer_view->shape[index] : 0;
}

iree_status_t iree_hal_buffer_view_shape(const iree_hal_buffer_view_t* buffer_view,
                                         iree_host_size_t rank_capacity, iree_hal_dim_t* out_shape,
                                         iree_host_size_t* out_shape_rank) {
  if (out_shape_rank) *out_shape_rank = buffer_view->shape_rank;
  if (rank_capacity < buffer_view->shape_rank)
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  for (iree_host_size_t i = 0; i < buffer_view->shape_rank; ++i)
    out_shape[i] = buffer_view->shape[i];
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_view_reshape(iree_hal_buffer_view_t* buffer_view,
                                           iree_host_size_t shape_rank,
                                           const iree_hal_dim_t* shape) {
  if (shape_rank != buffer_view->shape_rank) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a reshape must keep the rank: the view has rank %" PRIhsz
                            ", the new shape %" PRIhsz,
                            buffer_view->shape_rank, shape_rank);
  }
  iree_device_size_t byte_length = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(
      shape_rank, shape, buffer_view->element_type, buffer_view->encoding_type, &byte_length));
  if (byte_length != buffer_view->byte_length) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "a reshape must keep the number of elements: the view has %" PRIdsz
                            " bytes, the new shape %" PRIdsz,
                            buffer_view->byte_length, byte_length);
  }
  for (iree_host_size_t i = 0; i < shape_rank; ++i) buffer_view->shape[i] = shape[i];
  return iree_ok_status();
}

iree_host_size_t iree_hal_buffer_view_element_count(const iree_hal_buffer_view_t* buffer_view) {
  iree_host_size_t element_count = 1;
  for (iree_host_size_t i = 0; i < buffer_view->shape_rank; ++i)
    element_count *= buffer_view->shape[i];
  return element_count;
}

iree_hal_element_type_t iree_hal_buffer_view_element_type(
    const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->element_type;
}

iree_host_size_t iree_hal_buffer_view_element_size(const iree_hal_buffer_view_t* buffer_view) {
  return iree_hal_element_dense_byte_count(buffer_view->element_type);
}

iree_hal_encoding_type_t iree_hal_buffer_view_encoding_type(
    const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->encoding_type;
}

iree_device_size_t iree_hal_buffer_view_byte_length(const iree_hal_buffer_view_t* buffer_view) {
  return buffer_view->byte_length;
}

iree_status_t iree_hal_buffer_view_compute_offset(const iree_hal_buffer_view_t* buffer_view,
                                                  iree_host_size_t indices_count,
                                                  const iree_hal_dim_t* indices,
                                                  iree_device_size_t* out_offset) {
  return iree_hal_buffer_compute_view_offset(buffer_view->shape_rank, buffer_view->shape,
                                             buffer_view->element_type, buffer_view->encoding_type,
                                             indices_count, indices, out_offset);
}

iree_status_t iree_hal_buffer_view_compute_range(const iree_hal_buffer_view_t* buffer_view,
                                                 iree_host_size_t indices_count,
                                                 const iree_hal_dim_t* start_indices,
                                                 iree_host_size_t lengths_count,
                                                 const iree_hal_dim_t* lengths,
                                                 iree_device_size_t* out_start_offset,
                                                 iree_device_size_t* out_length) {
  return iree_hal_buffer_compute_view_range(buffer_view->shape_rank, buffer_view->shape,
                                            buffer_view->element_type, buffer_view->encoding_type,
                                            indices_count, start_indices, lengths_count, lengths,
                                            out_start_offset, out_length);
}
