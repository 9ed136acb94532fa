// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "modules/check/message.h"

#include <inttypes.h>
#include <string.h>

// How many elements of a tensor a message shows.
#define MAX_ELEMENT_COUNT 256

static iree_status_t append_type(const iree_hal_buffer_view_t* view,
                                 iree_string_builder_t* message) {
  return iree_hal_append_shape_and_element_type_string(
      iree_hal_buffer_view_shape_rank(view), iree_hal_buffer_view_shape_dims(view),
      iree_hal_buffer_view_element_type(view), message);
}

static iree_status_t append_view(const char* what, const iree_hal_buffer_view_t* view,
                                 iree_string_builder_t* message) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(message, what));
  return iree_hal_buffer_view_append_to_builder(view, MAX_ELEMENT_COUNT, message);
}

// `\nElement [1, 2] is `
static iree_status_t append_place(const iree_hal_buffer_view_t* view, iree_host_size_t element,
                                  iree_string_builder_t* message) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(message, "\nElement ["));
  const iree_host_size_t rank = iree_hal_buffer_view_shape_rank(view);
  iree_host_size_t stride = iree_hal_buffer_view_element_count(view);
  for (iree_host_size_t i = 0; i < rank; ++i) {
    stride /= (iree_host_size_t)iree_hal_buffer_view_shape_dim(view, i);
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_format(message, "%s%" PRIhsz, i ? ", " : "", element / stride));
    element %= stride;
  }
  return iree_string_builder_append_cstring(message, "] is ");
}

// Floats with as many digits as it takes to tell them apart.
static iree_status_t append_element(const uint8_t* data, iree_hal_element_type_t element_type,
                                    iree_string_builder_t* message) {
  iree_hal_element_type_t part_type;
  const iree_host_size_t parts = tenon_hal_element_float_count(element_type, &part_type);
  const iree_host_size_t size = iree_hal_element_dense_byte_count(part_type);
  for (iree_host_size_t i = 0; i < parts; ++i) {
    IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
        message, "%s%.*g", i ? " + i " : "", part_type == IREE_HAL_ELEMENT_TYPE_FLOAT_64 ? 17 : 9,
        tenon_hal_load_float(data + i * size, part_type)));
  }
  if (parts) return iree_ok_status();
  char text[64];
  IREE_RETURN_IF_ERROR(iree_hal_format_element(iree_make_const_byte_span(data, size), element_type,
                                               sizeof(text), text, NULL));
  return iree_string_builder_append_cstring(message, text);
}

static iree_status_t map(const iree_hal_buffer_view_t* view,
                         iree_hal_buffer_mapping_t* out_mapping) {
  return iree_hal_buffer_map_range(iree_hal_buffer_view_buffer(view), IREE_HAL_MAPPING_MODE_SCOPED,
                                   IREE_HAL_MEMORY_ACCESS_READ, 0,
                                   iree_hal_buffer_view_byte_length(view), out_mapping);
}

//===--------------------------------------------------------------------------------------------===//
// expect_eq and expect_almost_eq
//===--------------------------------------------------------------------------------------------===//

static bool types_equal(const iree_hal_buffer_view_t* a, const iree_hal_buffer_view_t* b) {
  const iree_host_size_t rank = iree_hal_buffer_view_shape_rank(a);
  return iree_hal_buffer_view_element_type(a) == iree_hal_buffer_view_element_type(b) &&
         rank == iree_hal_buffer_view_shape_rank(b) &&
         memcmp(iree_hal_buffer_view_shape_dims(a), iree_hal_buffer_view_shape_dims(b),
                rank * sizeof(iree_hal_dim_t)) == 0;
}

static iree_status_t append_views(const iree_hal_buffer_view_t* lhs,
                                  const iree_hal_buffer_view_t* rhs,
                                  const tenon_tolerances_t* tolerances,
                                  iree_string_builder_t* message) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
      message, "Expected %sequality of these values:", tolerances ? "near " : ""));
  IREE_RETURN_IF_ERROR(append_view("\n  lhs: ", lhs, message));
  return append_view("\n  rhs: ", rhs, message);
}

static iree_status_t append_types(const iree_hal_buffer_view_t* lhs,
                                  const iree_hal_buffer_view_t* rhs,
                                  iree_string_builder_t* message) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(message, "\nThe type is "));
  IREE_RETURN_IF_ERROR(append_type(lhs, message));
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(message, ", expected "));
  return append_type(rhs, message);
}

// Of views of one type.
static iree_status_t check_contents(const iree_hal_buffer_view_t* lhs,
                                    const iree_hal_buffer_view_t* rhs, const uint8_t* lhs_data,
                                    const uint8_t* rhs_data, const tenon_tolerances_t* tolerances,
                                    iree_string_builder_t* message) {
  const iree_hal_element_type_t type = iree_hal_buffer_view_element_type(lhs);
  const iree_host_size_t count = iree_hal_buffer_view_element_count(lhs);
  const iree_host_size_t i = tenon_hal_find_difference(lhs_data, rhs_data, count, type, tolerances);
  if (i == count) return iree_ok_status();
  const iree_host_size_t offset = i * iree_hal_element_dense_byte_count(type);
  IREE_RETURN_IF_ERROR(append_views(lhs, rhs, tolerances, message));
  IREE_RETURN_IF_ERROR(append_place(lhs, i, message));
  IREE_RETURN_IF_ERROR(append_element(lhs_data + offset, type, message));
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(message, ", expected "));
  return append_element(rhs_data + offset, type, message);
}

iree_status_t tenon_check_views(const iree_hal_buffer_view_t* lhs,
                                const iree_hal_buffer_view_t* rhs,
                                const tenon_tolerances_t* tolerances,
                                iree_string_builder_t* message) {
  if (!types_equal(lhs, rhs)) {
    IREE_RETURN_IF_ERROR(append_views(lhs, rhs, tolerances, message));
    return append_types(lhs, rhs, message);
  }
  iree_hal_buffer_mapping_t lhs_mapping, rhs_mapping;
  IREE_RETURN_IF_ERROR(map(lhs, &lhs_mapping));
  iree_status_t status = map(rhs, &rhs_mapping);
  if (iree_status_is_ok(status)) {
    status = check_contents(lhs, rhs, lhs_mapping.contents.data, rhs_mapping.contents.data,
                            tolerances, message);
    status = iree_status_join(status, iree_hal_buffer_unmap_range(&rhs_mapping));
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&lhs_mapping));
}

//===--------------------------------------------------------------------------------------------===//
// expect_all_true
//===--------------------------------------------------------------------------------------------===//

static iree_status_t check_elements(const iree_hal_buffer_view_t* view, const uint8_t* data,
                                    iree_string_builder_t* message) {
  const iree_hal_element_type_t type = iree_hal_buffer_view_element_type(view);
  const iree_host_size_t size = iree_hal_element_dense_byte_count(type);
  const iree_host_size_t count = iree_hal_buffer_view_element_count(view);
  iree_host_size_t i = 0;
  while (i < count && !tenon_hal_element_is_zero(data + i * size, type)) ++i;
  if (i == count) return iree_ok_status();
  IREE_RETURN_IF_ERROR(append_view("Expected all elements of this to be true:\n  ", view, message));
  IREE_RETURN_IF_ERROR(append_place(view, i, message));
  return append_element(data + i * size, type, message);
}

iree_status_t tenon_check_all_true(const iree_hal_buffer_view_t* view,
                                   iree_string_builder_t* message) {
  iree_hal_buffer_mapping_t mapping;
  IREE_RETURN_IF_ERROR(map(view, &mapping));
  iree_status_t status = check_elements(view, mapping.contents.data, message);
  return iree_status_join(status, iree_hal_buffer_unmap_range(&mapping));
}
