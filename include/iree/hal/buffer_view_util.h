// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes of tensors, buffer views with new buffers, and buffer views as text.
//
// The text of a buffer view, as the command line tools read and print it:
//
//     [DIM x DIM x ...] x TYPE = VALUES        4xf32=1 2 3 4    2x2xi32=[1 2][3 4]    f32=-2.5
//     3xi1=1 0 1
//
// Without values (`2x3xi64` or `2x3xi64=`) all elements are zero; a single value is taken for all
// elements. string_util.h describes shapes, types and values.
//
// Thread-safety. All functions may be called from any thread; views are only read.

#ifndef IREE_HAL_BUFFER_VIEW_UTIL_H_
#define IREE_HAL_BUFFER_VIEW_UTIL_H_

#include <stdio.h>

#include "iree/base/api.h"
#include "iree/hal/allocator.h"
#include "iree/hal/buffer.h"
#include "iree/hal/buffer_view.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// The bytes of a tensor. OUT_OF_RANGE on overflow; INVALID_ARGUMENT for an encoding other than
// dense row-major.
IREE_API_EXPORT iree_status_t iree_hal_buffer_compute_view_size(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_hal_encoding_type_t encoding_type, iree_device_size_t* out_allocation_size);

// See iree_hal_buffer_view_compute_offset.
IREE_API_EXPORT iree_status_t iree_hal_buffer_compute_view_offset(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_hal_encoding_type_t encoding_type, iree_host_size_t indices_count,
    const iree_hal_dim_t* indices, iree_device_size_t* out_offset);

// See iree_hal_buffer_view_compute_range.
IREE_API_EXPORT iree_status_t iree_hal_buffer_compute_view_range(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_hal_encoding_type_t encoding_type, iree_host_size_t indices_count,
    const iree_hal_dim_t* start_indices, iree_host_size_t lengths_count,
    const iree_hal_dim_t* lengths, iree_device_size_t* out_start_offset,
    iree_device_size_t* out_length);

// Allocates a buffer for the tensor and returns a view, the buffer's only owner. |initial_data| is
// as for iree_hal_allocator_allocate_buffer.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_allocate_buffer(
    iree_hal_allocator_t* allocator, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_hal_buffer_params_t buffer_params, iree_const_byte_span_t initial_data,
    iree_hal_buffer_view_t** out_buffer_view);

// Writes the contents of a new buffer, through |mapping|. The mapping ends with the call.
typedef iree_status_t(IREE_API_PTR* iree_hal_buffer_view_generator_callback_t)(
    iree_hal_buffer_mapping_t* mapping, void* user_data);

// As iree_hal_buffer_view_allocate_buffer, with contents that |callback| writes. A failure of the
// callback is returned.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_generate_buffer(
    iree_hal_allocator_t* allocator, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_hal_buffer_params_t buffer_params, iree_hal_buffer_view_generator_callback_t callback,
    void* user_data, iree_hal_buffer_view_t** out_buffer_view);

// A new view and buffer from text. INVALID_ARGUMENT for text that can't be read, naming the part;
// OUT_OF_RANGE for too few or too many values.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_parse(iree_string_view_t value,
                                                         iree_hal_allocator_t* buffer_allocator,
                                                         iree_hal_buffer_view_t** out_buffer_view);

// The view as text, NUL-terminated, with at most |max_element_count| elements and `...` for others;
// rows without elements to show are brackets, of which 65536 are shown.
// |out_buffer_length|, optional, receives the length without NUL; when it doesn't fit (or |buffer|
// is NULL) the result is a bare OUT_OF_RANGE.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_format(const iree_hal_buffer_view_t* buffer_view,
                                                          iree_host_size_t max_element_count,
                                                          iree_host_size_t buffer_capacity,
                                                          char* buffer,
                                                          iree_host_size_t* out_buffer_length);

// Prints the view as text to |file|, without a newline; DATA_LOSS if it can't be written.
// |host_allocator| serves temporary memory.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_fprint(FILE* file,
                                                          const iree_hal_buffer_view_t* buffer_view,
                                                          iree_host_size_t max_element_count,
                                                          iree_allocator_t host_allocator);

// Appends the view as text.
IREE_API_EXPORT iree_status_t iree_hal_buffer_view_append_to_builder(
    const iree_hal_buffer_view_t* buffer_view, iree_host_size_t max_element_count,
    iree_string_builder_t* builder);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_BUFFER_VIEW_UTIL_H_
