// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "modules/hal/check.h"

#include <inttypes.h>

// Texts of messages lie on the stack: a refusal must not need memory. What doesn't fit is left out.
typedef struct text_t {
  iree_string_builder_t builder;
  char storage[256];
} text_t;

static void text_initialize(text_t* text) {
  text->storage[0] = 0;
  iree_string_builder_initialize_with_storage(text->storage, sizeof(text->storage), &text->builder);
}

static IREE_PRINTF_ATTRIBUTE(2, 3) void append(text_t* text, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  IREE_IGNORE_ERROR(iree_string_builder_append_format_va(&text->builder, format, arguments));
  va_end(arguments);
}

static void append_element_type(text_t* text, iree_hal_element_type_t element_type) {
  IREE_IGNORE_ERROR(iree_hal_append_element_type_string(element_type, &text->builder));
}

// `4x?xi32`
static void append_type(text_t* text, const tenon_tensor_type_t* type) {
  for (iree_host_size_t i = 0; i < type->rank; ++i) {
    const int64_t dim = tenon_tensor_dim(type, i);
    if (dim < 0) {
      append(text, "?x");
    } else {
      append(text, "%" PRId64 "x", dim);
    }
  }
  append_element_type(text, type->element_type);
}

static void append_view(text_t* text, const iree_hal_buffer_view_t* view) {
  for (iree_host_size_t i = 0; i < iree_hal_buffer_view_shape_rank(view); ++i) {
    append(text, "%" PRIdsz "x", iree_hal_buffer_view_shape_dim(view, i));
  }
  append_element_type(text, iree_hal_buffer_view_element_type(view));
}

bool tenon_hal_element_types_agree(iree_hal_element_type_t a, iree_hal_element_type_t b) {
  if (a == b) return true;
  if (iree_hal_element_bit_count(a) != iree_hal_element_bit_count(b)) return false;
  const iree_hal_numerical_type_t na = iree_hal_element_numerical_type(a);
  const iree_hal_numerical_type_t nb = iree_hal_element_numerical_type(b);
  const iree_hal_numerical_type_t other = na == IREE_HAL_NUMERICAL_TYPE_INTEGER ? nb : na;
  return (na == IREE_HAL_NUMERICAL_TYPE_INTEGER || nb == IREE_HAL_NUMERICAL_TYPE_INTEGER) &&
         (other == IREE_HAL_NUMERICAL_TYPE_INTEGER_SIGNED ||
          other == IREE_HAL_NUMERICAL_TYPE_INTEGER_UNSIGNED);
}

// Appends the first thing in which the two differ.
static void append_difference(text_t* text, const iree_hal_buffer_view_t* view,
                              const tenon_tensor_type_t* type) {
  const iree_hal_element_type_t element_type = iree_hal_buffer_view_element_type(view);
  const iree_host_size_t rank = iree_hal_buffer_view_shape_rank(view);
  if (!tenon_hal_element_types_agree(element_type, type->element_type)) {
    append(text, "element type ");
    append_element_type(text, element_type);
    append(text, " instead of ");
    append_element_type(text, type->element_type);
  } else if (rank != type->rank) {
    append(text, "rank %" PRIhsz " instead of %" PRIhsz, rank, type->rank);
  } else {
    for (iree_host_size_t i = 0; i < rank; ++i) {
      const iree_hal_dim_t actual = iree_hal_buffer_view_shape_dim(view, i);
      const int64_t expected = tenon_tensor_dim(type, i);
      if (expected < 0 || (iree_hal_dim_t)expected == actual) continue;
      append(text, "dimension %" PRIhsz " is %" PRIdsz " instead of %" PRId64, i, actual, expected);
      break;
    }
  }
}

iree_status_t tenon_hal_make_mismatch_error(const iree_hal_buffer_view_t* view,
                                            tenon_tensor_type_t type) {
  text_t expected, actual, difference;
  text_initialize(&expected);
  append_type(&expected, &type);
  text_initialize(&actual);
  append_view(&actual, view);
  text_initialize(&difference);
  append_difference(&difference, view, &type);
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "expected a tensor of %s but the view is %s (%s)", expected.storage,
                          actual.storage, difference.storage);
}

iree_status_t tenon_hal_make_null_view_error(tenon_tensor_type_t type) {
  text_t expected;
  text_initialize(&expected);
  append_type(&expected, &type);
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "the view is null; pass an iree_hal_buffer_view_t of type %s",
                          expected.storage);
}
