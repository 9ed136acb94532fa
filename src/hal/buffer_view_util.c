// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/buffer_view_util.h"

#include <string.h>

#include "hal/buffer_view_impl.h"
#include "iree/hal/string_util.h"

// The largest rank that text may have.
#define TENON_HAL_MAX_TEXT_RANK 128

//===--- Sizes and offsets --------------------------------------------------------------------===//

static iree_status_t tenon_hal_validate_encoding(iree_hal_encoding_type_t encoding_type) {
  if (IREE_LIKELY(encoding_type == IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR)) return iree_ok_status();
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "only the encoding dense row-major (1) has a known layout; the encoding is %" PRIu32,
      encoding_type);
}

// The product times |size| did not fit. An empty tensor has no bytes, however large its other
// dimensions are.
static iree_status_t tenon_hal_handle_size_overflow(iree_host_size_t shape_rank,
                                                    const iree_hal_dim_t* shape,
                                                    iree_device_size_t* out_allocation_size) {
  for (iree_host_size_t i = 0; i < shape_rank; ++i) {
    if (shape[i] == 0) {
      *out_allocation_size = 0;
      return iree_ok_status();
    }
  }
  char text[128];
  iree_status_t status = iree_hal_format_shape(shape_rank, shape, sizeof(text), text, NULL);
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    memcpy(text, "(long)", sizeof("(long)"));
  }
  return iree_make_status(
      IREE_STATUS_OUT_OF_RANGE,
      "a tensor of shape %s has more bytes than fit in an address; dimensions may not be negative",
      text);
}

iree_status_t iree_hal_buffer_compute_view_size(iree_host_size_t shape_rank,
                                                const iree_hal_dim_t* shape,
                                                iree_hal_element_type_t element_type,
                                                iree_hal_encoding_type_t encoding_type,
                                                iree_device_size_t* out_allocation_size) {
  *out_allocation_size = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_validate_encoding(encoding_type));
  iree_device_size_t size = 0;
  if (IREE_UNLIKELY(!tenon_hal_dense_size(shape_rank, shape, element_type, &size))) {
    return tenon_hal_handle_size_overflow(shape_rank, shape, out_allocation_size);
  }
  *out_allocation_size = size;
  return iree_ok_status();
}

static iree_status_t tenon_hal_validate_count(const char* what, iree_host_size_t count,
                                              iree_host_size_t shape_rank) {
  if (count == shape_rank) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the shape has rank %" PRIhsz ", but there are %" PRIhsz " %s",
                          shape_rank, count, what);
}

iree_status_t iree_hal_buffer_compute_view_offset(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_hal_encoding_type_t encoding_type, iree_host_size_t indices_count,
    const iree_hal_dim_t* indices, iree_device_size_t* out_offset) {
  *out_offset = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_validate_count("indices", indices_count, shape_rank));
  // With a size that fits in an address no offset below can overflow.
  iree_device_size_t byte_length = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(shape_rank, shape, element_type,
                                                         encoding_type, &byte_length));
  iree_device_size_t offset = 0;
  for (iree_host_size_t i = 0; i < shape_rank; ++i) {
    if (IREE_UNLIKELY(indices[i] >= shape[i])) {
      return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                              "index %" PRIdsz " of dimension %" PRIhsz
                              " is not below its size %" PRIdsz,
                              indices[i], i, shape[i]);
    }
    offset = offset * shape[i] + indices[i];
  }
  *out_offset = offset * iree_hal_element_dense_byte_count(element_type);
  return iree_ok_status();
}

// A box is contiguous when all dimensions behind the first that has a length other than 1 are taken
// whole.
static iree_status_t tenon_hal_validate_contiguous(iree_host_size_t shape_rank,
                                                   const iree_hal_dim_t* shape,
                                                   const iree_hal_dim_t* lengths) {
  iree_host_size_t first = 0;
  while (first < shape_rank && lengths[first] == 1) ++first;
  for (iree_host_size_t i = first + 1; i < shape_rank; ++i) {
    if (lengths[i] != shape[i]) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "the range is not contiguous: it takes %" PRIdsz " of the %" PRIdsz
                              " elements of dimension %" PRIhsz
                              " from more than one place of dimension %" PRIhsz,
                              lengths[i], shape[i], i, first);
    }
  }
  return iree_ok_status();
}

iree_status_t iree_hal_buffer_compute_view_range(
    iree_host_size_t shape_rank, const iree_hal_dim_t* shape, iree_hal_element_type_t element_type,
    iree_hal_encoding_type_t encoding_type, iree_host_size_t indices_count,
    const iree_hal_dim_t* start_indices, iree_host_size_t lengths_count,
    const iree_hal_dim_t* lengths, iree_device_size_t* out_start_offset,
    iree_device_size_t* out_length) {
  *out_start_offset = 0;
  *out_length = 0;
  IREE_RETURN_IF_ERROR(tenon_hal_validate_count("start indices", indices_count, shape_rank));
  IREE_RETURN_IF_ERROR(tenon_hal_validate_count("lengths", lengths_count, shape_rank));
  iree_device_size_t byte_length = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(shape_rank, shape, element_type,
                                                         encoding_type, &byte_length));
  const iree_device_size_t element_size = iree_hal_element_dense_byte_count(element_type);
  bool is_empty = false;
  iree_device_size_t offset = 0, length = element_size;
  for (iree_host_size_t i = 0; i < shape_rank; ++i) {
    if (IREE_UNLIKELY(start_indices[i] > shape[i] || lengths[i] > shape[i] - start_indices[i])) {
      return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                              "%" PRIdsz " elements from index %" PRIdsz " of dimension %" PRIhsz
                              " do not lie in its size %" PRIdsz,
                              lengths[i], start_indices[i], i, shape[i]);
    }
    is_empty |= lengths[i] == 0;
    offset = offset * shape[i] + start_indices[i];
    length *= lengths[i];
  }
  if (is_empty) return iree_ok_status();
  IREE_RETURN_IF_ERROR(tenon_hal_validate_contiguous(shape_rank, shape, lengths));
  *out_start_offset = offset * element_size;
  *out_length = length;
  return iree_ok_status();
}

//===--- Views with new buffers ---------------------------------------------------------------===//

iree_status_t iree_hal_buffer_view_allocate_buffer(
    iree_hal_allocator_t* allocator, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_hal_buffer_params_t buffer_params, iree_const_byte_span_t initial_data,
    iree_hal_buffer_view_t** out_buffer_view) {
  *out_buffer_view = NULL;
  iree_device_size_t byte_length = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(shape_rank, shape, element_type,
                                                         encoding_type, &byte_length));
  iree_hal_buffer_t* buffer = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(allocator, buffer_params, byte_length,
                                                          initial_data, &buffer));
  iree_status_t status =
      iree_hal_buffer_view_create(buffer, shape_rank, shape, element_type, encoding_type,
                                  iree_hal_allocator_host_allocator(allocator), out_buffer_view);
  iree_hal_buffer_release(buffer);
  return status;
}

static iree_status_t tenon_hal_generate_contents(iree_hal_buffer_t* buffer,
                                                 iree_hal_buffer_view_generator_callback_t callback,
                                                 void* user_data) {
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(buffer, IREE_HAL_MAPPING_MODE_SCOPED,
                                                 IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE, 0,
                                                 IREE_WHOLE_BUFFER, &mapping));
  iree_status_t status = callback(&mapping, user_data);
  if (iree_status_is_ok(status) &&
      !(iree_hal_buffer_memory_type(buffer) & IREE_HAL_MEMORY_TYPE_HOST_COHERENT)) {
    status = iree_hal_buffer_mapping_flush_range(&mapping, 0, IREE_WHOLE_BUFFER);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&mapping));
}

iree_status_t iree_hal_buffer_view_generate_buffer(
    iree_hal_allocator_t* allocator, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_hal_encoding_type_t encoding_type,
    iree_hal_buffer_params_t buffer_params, iree_hal_buffer_view_generator_callback_t callback,
    void* user_data, iree_hal_buffer_view_t** out_buffer_view) {
  *out_buffer_view = NULL;
  iree_hal_buffer_params_canonicalize(&buffer_params);
  buffer_params.usage |= IREE_HAL_BUFFER_USAGE_MAPPING;
  iree_hal_buffer_view_t* buffer_view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      allocator, shape_rank, shape, element_type, encoding_type, buffer_params,
      iree_const_byte_span_empty(), &buffer_view));
  iree_status_t status =
      tenon_hal_generate_contents(iree_hal_buffer_view_buffer(buffer_view), callback, user_data);
  if (iree_status_is_ok(status)) {
    *out_buffer_view = buffer_view;
  } else {
    iree_hal_buffer_view_release(buffer_view);
  }
  return status;
}

//===--- Text ---------------------------------------------------------------------------------===//

typedef struct tenon_hal_parse_state_t {
  iree_string_view_t elements;
  iree_hal_element_type_t element_type;
} tenon_hal_parse_state_t;

static iree_status_t tenon_hal_parse_contents(iree_hal_buffer_mapping_t* mapping, void* user_data) {
  const tenon_hal_parse_state_t* state = (const tenon_hal_parse_state_t*)user_data;
  return iree_hal_parse_buffer_elements(state->elements, state->element_type, mapping->contents);
}

iree_status_t iree_hal_buffer_view_parse(iree_string_view_t value,
                                         iree_hal_allocator_t* buffer_allocator,
                                         iree_hal_buffer_view_t** out_buffer_view) {
  *out_buffer_view = NULL;
  iree_string_view_t type_text = iree_string_view_empty(), elements = iree_string_view_empty();
  iree_string_view_split(value, '=', &type_text, &elements);
  iree_hal_dim_t shape[TENON_HAL_MAX_TEXT_RANK];
  iree_host_size_t shape_rank = 0;
  iree_hal_element_type_t element_type = IREE_HAL_ELEMENT_TYPE_NONE;
  iree_status_t status = iree_hal_parse_shape_and_element_type(type_text, IREE_ARRAYSIZE(shape),
                                                               &shape_rank, shape, &element_type);
  if (shape_rank > IREE_ARRAYSIZE(shape)) {
    status = iree_status_annotate_f(status, "a tensor of rank %" PRIhsz "; the most in text is %d",
                                    shape_rank, TENON_HAL_MAX_TEXT_RANK);
  }
  IREE_RETURN_IF_ERROR(status);
  tenon_hal_parse_state_t state = {.elements = elements, .element_type = element_type};
  const iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT,
      .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
  };
  return iree_hal_buffer_view_generate_buffer(buffer_allocator, shape_rank, shape, element_type,
                                              IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
                                              tenon_hal_parse_contents, &state, out_buffer_view);
}

iree_status_t iree_hal_buffer_view_append_to_builder(const iree_hal_buffer_view_t* buffer_view,
                                                     iree_host_size_t max_element_count,
                                                     iree_string_builder_t* builder) {
  const iree_host_size_t shape_rank = iree_hal_buffer_view_shape_rank(buffer_view);
  const iree_hal_dim_t* shape = iree_hal_buffer_view_shape_dims(buffer_view);
  const iree_hal_element_type_t element_type = iree_hal_buffer_view_element_type(buffer_view);
  IREE_RETURN_IF_ERROR(
      iree_hal_append_shape_and_element_type_string(shape_rank, shape, element_type, builder));
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(builder, "="));
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(
      iree_hal_buffer_view_buffer(buffer_view), IREE_HAL_MAPPING_MODE_SCOPED,
      IREE_HAL_MEMORY_ACCESS_READ, 0, iree_hal_buffer_view_byte_length(buffer_view), &mapping));
  iree_status_t status = iree_hal_append_buffer_elements_string(
      iree_make_const_byte_span(mapping.contents.data, mapping.contents.data_length), shape_rank,
      shape, element_type, max_element_count, builder);
  return iree_status_join(status, iree_hal_buffer_unmap_range(&mapping));
}

iree_status_t iree_hal_buffer_view_format(const iree_hal_buffer_view_t* buffer_view,
                                          iree_host_size_t max_element_count,
                                          iree_host_size_t buffer_capacity, char* buffer,
                                          iree_host_size_t* out_buffer_length) {
  iree_string_builder_t measure;
  iree_string_builder_initialize(iree_allocator_null(), &measure);
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_view_append_to_builder(buffer_view, max_element_count, &measure));
  const iree_host_size_t length = iree_string_builder_size(&measure);
  if (out_buffer_length) *out_buffer_length = length;
  if (!buffer || length >= buffer_capacity) return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);
  iree_string_builder_t builder;
  iree_string_builder_initialize_with_storage(buffer, buffer_capacity, &builder);
  return iree_hal_buffer_view_append_to_builder(buffer_view, max_element_count, &builder);
}

iree_status_t iree_hal_buffer_view_fprint(FILE* file, const iree_hal_buffer_view_t* buffer_view,
                                          iree_host_size_t max_element_count,
                                          iree_allocator_t host_allocator) {
  iree_string_builder_t builder;
  iree_string_builder_initialize(host_allocator, &builder);
  iree_status_t status =
      iree_hal_buffer_view_append_to_builder(buffer_view, max_element_count, &builder);
  if (iree_status_is_ok(status)) {
    const iree_string_view_t text = iree_string_builder_view(&builder);
    if (fwrite(text.data, 1, text.size, file) != text.size) {
      status = iree_make_status(IREE_STATUS_DATA_LOSS,
                                "the text of a buffer view, %" PRIhsz
                                " bytes, could not be written to the file",
                                text.size);
    }
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}
