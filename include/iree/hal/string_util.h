// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shapes, element types and elements as text.
//
//     shape          4x8x1; the empty text is rank 0
//     element type   i1 (boolean, one byte), iN, siN, uiN (signless, signed, unsigned),
//                    f16, f32, f64, bf16 (brain float), cf64, cf128 (complex), xN or *N (opaque)
//     elements       separated by blanks or commas; brackets may group them and are ignored when
//                    read
//
// Elements of i8 to i64 are decimal or 0x hexadecimal; iN takes what fits signed or unsigned; a
// number that does not fit is refused, as is anything behind it. f16, bf16, f32 and f64 are as for
// strtod, and print as with %G (6 digits), rounded to the nearest even. i1 reads 0, 1, 00, 01, true
// and false and prints 00 or 01. All other types are bytes in hexadecimal, in the order of memory;
// of i4 a number is read as well, of complex types 1.5, 2j or 1.5-2j.
//
// Parsers: INVALID_ARGUMENT names what can't be read. Formatters into memory write a NUL-terminated
// text and give its length without the NUL in |out_buffer_length| (optional); when it doesn't fit,
// or |buffer| is NULL, the result is a bare OUT_OF_RANGE and the length is that of the whole.
//
// Thread-safety. Functions without state; they may be called from any thread. Numbers are read and
// written with a point whatever the locale is.

#ifndef IREE_HAL_STRING_UTIL_H_
#define IREE_HAL_STRING_UTIL_H_

#include "iree/base/api.h"
#include "iree/hal/element_type.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Reads `1x2x3`. |out_shape_rank| always receives the rank of a shape that can be read; with a
// |shape_capacity| below it the result is a bare OUT_OF_RANGE.
IREE_API_EXPORT iree_status_t iree_hal_parse_shape(iree_string_view_t value,
                                                   iree_host_size_t shape_capacity,
                                                   iree_host_size_t* out_shape_rank,
                                                   iree_hal_dim_t* out_shape);
IREE_API_EXPORT iree_status_t iree_hal_format_shape(iree_host_size_t shape_rank,
                                                    const iree_hal_dim_t* shape,
                                                    iree_host_size_t buffer_capacity, char* buffer,
                                                    iree_host_size_t* out_buffer_length);
IREE_API_EXPORT iree_status_t iree_hal_append_shape_string(iree_host_size_t shape_rank,
                                                           const iree_hal_dim_t* shape,
                                                           iree_string_builder_t* builder);

IREE_API_EXPORT iree_status_t
iree_hal_parse_element_type(iree_string_view_t value, iree_hal_element_type_t* out_element_type);
IREE_API_EXPORT iree_status_t iree_hal_format_element_type(iree_hal_element_type_t element_type,
                                                           iree_host_size_t buffer_capacity,
                                                           char* buffer,
                                                           iree_host_size_t* out_buffer_length);
IREE_API_EXPORT iree_status_t iree_hal_append_element_type_string(
    iree_hal_element_type_t element_type, iree_string_builder_t* builder);

// Reads `1x2xf32`, or `f32` (rank 0).
IREE_API_EXPORT iree_status_t iree_hal_parse_shape_and_element_type(
    iree_string_view_t value, iree_host_size_t shape_capacity, iree_host_size_t* out_shape_rank,
    iree_hal_dim_t* out_shape, iree_hal_element_type_t* out_element_type);
IREE_API_EXPORT iree_status_t iree_hal_append_shape_and_element_type_string(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_string_builder_t* builder);

// Reads one element into |data_ptr|, which must have the element's dense size.
IREE_API_EXPORT iree_status_t iree_hal_parse_element(iree_string_view_t data_str,
                                                     iree_hal_element_type_t element_type,
                                                     iree_byte_span_t data_ptr);
IREE_API_EXPORT iree_status_t iree_hal_format_element(iree_const_byte_span_t data,
                                                      iree_hal_element_type_t element_type,
                                                      iree_host_size_t buffer_capacity,
                                                      char* buffer,
                                                      iree_host_size_t* out_buffer_length);

// Reads as many elements as |data_ptr| has room for; a single one fills it all, none at all gives
// zeros. OUT_OF_RANGE for too few or too many. The memory need not be aligned.
IREE_API_EXPORT iree_status_t iree_hal_parse_buffer_elements(iree_string_view_t data_str,
                                                             iree_hal_element_type_t element_type,
                                                             iree_byte_span_t data_ptr);
IREE_API_EXPORT iree_status_t iree_hal_format_buffer_elements(
    iree_const_byte_span_t data, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_host_size_t max_element_count,
    iree_host_size_t buffer_capacity, char* buffer, iree_host_size_t* out_buffer_length);
// The same into a builder.
IREE_API_EXPORT iree_status_t iree_hal_append_buffer_elements_string(
    iree_const_byte_span_t data, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_host_size_t max_element_count,
    iree_string_builder_t* builder);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_STRING_UTIL_H_
