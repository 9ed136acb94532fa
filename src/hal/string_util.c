// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/string_util.h"

#include <string.h>

#include "hal/element_text.h"
#include "iree/hal/buffer_view_util.h"

//===--- From a builder to the caller's memory ------------------------------------------------===//

// Measures with the first pass, stores with the second.
#define TENON_FORMAT_WITH(append_call)                                           \
  iree_string_builder_t builder_storage, *builder = &builder_storage;            \
  iree_string_builder_initialize(iree_allocator_null(), builder);                \
  IREE_RETURN_IF_ERROR(append_call);                                             \
  const iree_host_size_t length = iree_string_builder_size(builder);             \
  if (out_buffer_length) *out_buffer_length = length;                            \
  if (!buffer || length >= buffer_capacity)                                      \
    return iree_status_from_code(IREE_STATUS_OUT_OF_RANGE);                      \
  buffer[0] = 0;                                                                 \
  iree_string_builder_initialize_with_storage(buffer, buffer_capacity, builder); \
  return append_call

//===--- Shapes -------------------------------------------------------------------------------===//

static bool tenon_is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads a dimension from the front of |*text|, with the digits only.
static iree_status_t tenon_consume_dim(iree_string_view_t shape, iree_string_view_t* text,
                                       iree_hal_dim_t* out_dim) {
  iree_host_size_t count = 0;
  while (count < text->size && tenon_is_digit(text->data[count])) ++count;
  uint64_t dim = 0;
  const iree_string_view_t digits = iree_string_view_substr(*text, 0, count);
  if (!iree_string_view_atoi_uint64(digits, &dim) || dim > IREE_DEVICE_SIZE_MAX) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT,
        "'%.*s' is not a shape: a dimension must be a number of at most 64 bits, not '%.*s'",
        (int)shape.size, shape.data, (int)text->size, text->data);
  }
  *out_dim = (iree_hal_dim_t)dim;
  *text = iree_string_view_remove_prefix(*text, count);
  return iree_ok_status();
}

static void tenon_store_dim(iree_hal_dim_t dim, iree_host_size_t capacity,
                            iree_host_size_t* inout_rank, iree_hal_dim_t* shape) {
  if (*inout_rank < capacity) shape[*inout_rank] = dim;
  ++*inout_rank;
}

iree_status_t iree_hal_parse_shape(iree_string_view_t value, iree_host_size_t shape_capacity,
                                   iree_host_size_t* out_shape_rank, iree_hal_dim_t* out_shape) {
  *out_shape_rank = 0;
  iree_host_size_t rank = 0;
  iree_string_view_t text = iree_string_view_trim(value);
  while (text.size || rank) {
    iree_hal_dim_t dim = 0;
    IREE_RETURN_IF_ERROR(tenon_consume_dim(value, &text, &dim));
    tenon_store_dim(dim, shape_capacity, &rank, out_shape);
    if (!text.size) break;
    if (!iree_string_view_consume_prefix(&text, IREE_SV("x"))) {
      return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                              "'%.*s' is not a shape: expected 'x' at '%.*s'", (int)value.size,
                              value.data, (int)text.size, text.data);
    }
  }
  *out_shape_rank = rank;
  return rank > shape_capacity ? iree_status_from_code(IREE_STATUS_OUT_OF_RANGE) : iree_ok_status();
}

iree_status_t iree_hal_append_shape_string(iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
                                           iree_string_builder_t* builder) {
  for (iree_host_size_t i = 0; i < shape_rank; ++i) {
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_format(builder, "%s%" PRIdsz, i ? "x" : "", shape[i]));
  }
  return iree_ok_status();
}

iree_status_t iree_hal_format_shape(iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
                                    iree_host_size_t buffer_capacity, char* buffer,
                                    iree_host_size_t* out_buffer_length) {
  TENON_FORMAT_WITH(iree_hal_append_shape_string(shape_rank, shape, builder));
}

//===--- Element types ------------------------------------------------------------------------===//

// By prefix. 'x' is read only; it is printed as '*', which can follow a dimension and its 'x'.
static const struct {
  char prefix[4];
  iree_hal_numerical_type_t numerical_type;
} tenon_numerical_types[] = {
    {"i", IREE_HAL_NUMERICAL_TYPE_INTEGER},
    {"si", IREE_HAL_NUMERICAL_TYPE_INTEGER_SIGNED},
    {"ui", IREE_HAL_NUMERICAL_TYPE_INTEGER_UNSIGNED},
    {"f", IREE_HAL_NUMERICAL_TYPE_FLOAT_IEEE},
    {"bf", IREE_HAL_NUMERICAL_TYPE_FLOAT_BRAIN},
    {"cf", IREE_HAL_NUMERICAL_TYPE_FLOAT_COMPLEX},
    {"*", IREE_HAL_NUMERICAL_TYPE_UNKNOWN},
    {"x", IREE_HAL_NUMERICAL_TYPE_UNKNOWN},
};

static bool tenon_is_known_float(iree_hal_numerical_type_t numerical_type, uint32_t bits) {
  switch (numerical_type) {
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_IEEE:
      return bits == 16 || bits == 32 || bits == 64;
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_BRAIN:
      return bits == 16;
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_COMPLEX:
      return bits == 64 || bits == 128;
    default:
      return true;
  }
}

iree_status_t iree_hal_parse_element_type(iree_string_view_t value,
                                          iree_hal_element_type_t* out_element_type) {
  *out_element_type = IREE_HAL_ELEMENT_TYPE_NONE;
  iree_host_size_t prefix_size = 0;
  while (prefix_size < value.size && !tenon_is_digit(value.data[prefix_size])) ++prefix_size;
  const iree_string_view_t prefix = iree_string_view_substr(value, 0, prefix_size);
  uint32_t bits = 0;
  const bool has_bits =
      iree_string_view_atoi_uint32(iree_string_view_remove_prefix(value, prefix_size), &bits) &&
      bits > 0 && bits <= 0xFFFFFFu;
  for (iree_host_size_t i = 0; has_bits && i < IREE_ARRAYSIZE(tenon_numerical_types); ++i) {
    if (!iree_string_view_equal(prefix, iree_make_cstring_view(tenon_numerical_types[i].prefix)))
      continue;
    const iree_hal_numerical_type_t numerical_type = tenon_numerical_types[i].numerical_type;
    if (!tenon_is_known_float(numerical_type, bits)) break;
    *out_element_type = numerical_type == IREE_HAL_NUMERICAL_TYPE_INTEGER && bits == 1
                            ? (iree_hal_element_type_t)IREE_HAL_ELEMENT_TYPE_BOOL_8
                            : iree_hal_make_element_type(numerical_type, bits);
    return iree_ok_status();
  }
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "'%.*s' is not an element type; there are i1, iN, siN, uiN, f16, f32, f64, bf16, cf64, cf128 "
      "and xN or *N (opaque)",
      (int)value.size, value.data);
}

iree_status_t iree_hal_append_element_type_string(iree_hal_element_type_t element_type,
                                                  iree_string_builder_t* builder) {
  if (element_type == IREE_HAL_ELEMENT_TYPE_BOOL_8)
    return iree_string_builder_append_cstring(builder, "i1");
  const iree_hal_numerical_type_t numerical_type = iree_hal_element_numerical_type(element_type);
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(tenon_numerical_types); ++i) {
    if (numerical_type != tenon_numerical_types[i].numerical_type) continue;
    return iree_string_builder_append_format(builder, "%s%" PRIhsz, tenon_numerical_types[i].prefix,
                                             iree_hal_element_bit_count(element_type));
  }
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "element type 0x%08" PRIx32 " has no name",
                          element_type);
}

iree_status_t iree_hal_format_element_type(iree_hal_element_type_t element_type,
                                           iree_host_size_t buffer_capacity, char* buffer,
                                           iree_host_size_t* out_buffer_length) {
  TENON_FORMAT_WITH(iree_hal_append_element_type_string(element_type, builder));
}

//===--- Both ---------------------------------------------------------------------------------===//

iree_status_t iree_hal_parse_shape_and_element_type(iree_string_view_t value,
                                                    iree_host_size_t shape_capacity,
                                                    iree_host_size_t* out_shape_rank,
                                                    iree_hal_dim_t* out_shape,
                                                    iree_hal_element_type_t* out_element_type) {
  *out_shape_rank = 0;
  *out_element_type = IREE_HAL_ELEMENT_TYPE_NONE;
  iree_host_size_t rank = 0;
  iree_string_view_t text = iree_string_view_trim(value);
  // What starts with a digit is a dimension, as no type does. A '?' or a sign is meant as one, too.
  while (text.size &&
         (tenon_is_digit(text.data[0]) || text.data[0] == '?' || text.data[0] == '-')) {
    iree_hal_dim_t dim = 0;
    IREE_RETURN_IF_ERROR(tenon_consume_dim(value, &text, &dim));
    if (!iree_string_view_consume_prefix(&text, IREE_SV("x"))) {
      return iree_make_status(
          IREE_STATUS_INVALID_ARGUMENT,
          "'%.*s' has no element type: expected 'x' and a type behind the last dimension",
          (int)value.size, value.data);
    }
    tenon_store_dim(dim, shape_capacity, &rank, out_shape);
  }
  IREE_RETURN_IF_ERROR(iree_hal_parse_element_type(text, out_element_type));
  *out_shape_rank = rank;
  return rank > shape_capacity ? iree_status_from_code(IREE_STATUS_OUT_OF_RANGE) : iree_ok_status();
}

iree_status_t iree_hal_append_shape_and_element_type_string(iree_host_size_t shape_rank,
                                                            const iree_hal_dim_t* shape,
                                                            iree_hal_element_type_t element_type,
                                                            iree_string_builder_t* builder) {
  IREE_RETURN_IF_ERROR(iree_hal_append_shape_string(shape_rank, shape, builder));
  if (shape_rank) IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(builder, "x"));
  return iree_hal_append_element_type_string(element_type, builder);
}

//===--- Elements -----------------------------------------------------------------------------===//

static iree_status_t tenon_validate_element_size(iree_hal_element_type_t element_type,
                                                 iree_host_size_t size) {
  const iree_host_size_t expected = iree_hal_element_dense_byte_count(element_type);
  if (expected && size == expected) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "an element of type 0x%08" PRIx32 " has %" PRIhsz " bytes, not %" PRIhsz,
                          element_type, expected, size);
}

iree_status_t iree_hal_parse_element(iree_string_view_t data_str,
                                     iree_hal_element_type_t element_type,
                                     iree_byte_span_t data_ptr) {
  IREE_RETURN_IF_ERROR(tenon_validate_element_size(element_type, data_ptr.data_length));
  return tenon_hal_parse_element(iree_string_view_trim(data_str), element_type, data_ptr.data);
}

iree_status_t iree_hal_format_element(iree_const_byte_span_t data,
                                      iree_hal_element_type_t element_type,
                                      iree_host_size_t buffer_capacity, char* buffer,
                                      iree_host_size_t* out_buffer_length) {
  IREE_RETURN_IF_ERROR(tenon_validate_element_size(element_type, data.data_length));
  TENON_FORMAT_WITH(tenon_hal_append_element(data.data, element_type, builder));
}

static bool tenon_is_separator(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == ',' || c == '[' || c == ']';
}

// Takes the next element's text off the front of |*text|; empty at the end.
static iree_string_view_t tenon_consume_token(iree_string_view_t* text) {
  iree_host_size_t start = 0;
  while (start < text->size && tenon_is_separator(text->data[start])) ++start;
  iree_host_size_t end = start;
  while (end < text->size && !tenon_is_separator(text->data[end])) ++end;
  const iree_string_view_t token = iree_string_view_substr(*text, start, end - start);
  *text = iree_string_view_remove_prefix(*text, end);
  return token;
}

// Repeats the first |size| bytes over all of |data|, twice as much each time.
static void tenon_splat(iree_byte_span_t data, iree_host_size_t size) {
  for (iree_host_size_t done = size; done < data.data_length; done *= 2) {
    const iree_host_size_t left = data.data_length - done;
    memcpy(data.data + done, data.data, done < left ? done : left);
    if (done >= left) break;
  }
}

// |more| goes before the number: "" or "more than ".
static iree_status_t tenon_count_error(const char* more, iree_host_size_t found,
                                       iree_host_size_t expected) {
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "there are %s%" PRIhsz " values for %" PRIhsz
                          " elements; give one for each, one for all, or none for zeros",
                          more, found, expected);
}

iree_status_t iree_hal_parse_buffer_elements(iree_string_view_t data_str,
                                             iree_hal_element_type_t element_type,
                                             iree_byte_span_t data_ptr) {
  const iree_host_size_t size = iree_hal_element_dense_byte_count(element_type);
  if (size == 0 || data_ptr.data_length % size != 0) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "%" PRIhsz
                            " bytes are no whole number of elements of type 0x%08" PRIx32,
                            data_ptr.data_length, element_type);
  }
  const iree_host_size_t capacity = data_ptr.data_length / size;
  iree_host_size_t count = 0;
  for (iree_string_view_t token = tenon_consume_token(&data_str); token.size;
       token = tenon_consume_token(&data_str)) {
    if (count == capacity) return tenon_count_error("more than ", capacity, capacity);
    IREE_RETURN_IF_ERROR(
        tenon_hal_parse_element(token, element_type, data_ptr.data + count * size));
    ++count;
  }
  if (count == 0) {
    if (data_ptr.data_length) memset(data_ptr.data, 0, data_ptr.data_length);
  } else if (count == 1) {
    tenon_splat(data_ptr, size);
  } else if (count < capacity) {
    return tenon_count_error("", count, capacity);
  }
  return iree_ok_status();
}

//===--- Tensors ------------------------------------------------------------------------------===//

// Every row is shown by its brackets, also when its elements are not (or are none), but not
// billions of them.
#define TENON_MAX_EMPTY_GROUPS 65536

typedef struct tenon_tensor_printer_t {
  const uint8_t* data;
  iree_host_size_t element_size;
  iree_hal_element_type_t element_type;
  iree_host_size_t shape_rank;
  const iree_hal_dim_t* shape;
  iree_host_size_t elements_left;      // that may still be printed
  iree_host_size_t empty_groups_left;  // brackets around nothing, or around dots, likewise
  iree_string_builder_t* builder;
} tenon_tensor_printer_t;

// The elements of the last dimension (or the one of rank 0): those that may be printed, and dots
// for others.
static iree_status_t tenon_print_row(tenon_tensor_printer_t* printer) {
  const iree_hal_dim_t count = printer->shape_rank ? printer->shape[printer->shape_rank - 1] : 1;
  const iree_hal_dim_t shown = count < printer->elements_left ? count : printer->elements_left;
  for (iree_hal_dim_t i = 0; i < shown; ++i) {
    if (i) IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(printer->builder, " "));
    IREE_RETURN_IF_ERROR(
        tenon_hal_append_element(printer->data, printer->element_type, printer->builder));
    printer->data += printer->element_size;
  }
  printer->elements_left -= shown;
  if (shown == count) return iree_ok_status();
  return iree_string_builder_append_cstring(printer->builder, "...");
}

static iree_status_t tenon_print_dim(tenon_tensor_printer_t* printer, iree_host_size_t dim) {
  if (dim + 1 >= printer->shape_rank) return tenon_print_row(printer);
  for (iree_hal_dim_t i = 0; i < printer->shape[dim]; ++i) {
    if (printer->elements_left == 0) {
      if (printer->empty_groups_left == 0) {
        return iree_string_builder_append_cstring(printer->builder, "...");
      }
      --printer->empty_groups_left;
    }
    IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(printer->builder, "["));
    IREE_RETURN_IF_ERROR(tenon_print_dim(printer, dim + 1));
    IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(printer->builder, "]"));
  }
  return iree_ok_status();
}

iree_status_t iree_hal_append_buffer_elements_string(iree_const_byte_span_t data,
                                                     iree_host_size_t shape_rank,
                                                     const iree_hal_dim_t* shape,
                                                     iree_hal_element_type_t element_type,
                                                     iree_host_size_t max_element_count,
                                                     iree_string_builder_t* builder) {
  iree_device_size_t needed_length = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(
      shape_rank, shape, element_type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, &needed_length));
  if (data.data_length < needed_length) {
    return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                            "the tensor has %" PRIdsz " bytes, but there are only %" PRIhsz,
                            needed_length, data.data_length);
  }
  tenon_tensor_printer_t printer = {
      .data = data.data,
      .element_size = iree_hal_element_dense_byte_count(element_type),
      .element_type = element_type,
      .shape_rank = shape_rank,
      .shape = shape,
      // An empty tensor has no elements to print, however many would be allowed.
      .elements_left = needed_length ? max_element_count : 0,
      .empty_groups_left = TENON_MAX_EMPTY_GROUPS,
      .builder = builder,
  };
  return tenon_print_dim(&printer, 0);
}

iree_status_t iree_hal_format_buffer_elements(
    iree_const_byte_span_t data, iree_host_size_t shape_rank, const iree_hal_dim_t* shape,
    iree_hal_element_type_t element_type, iree_host_size_t max_element_count,
    iree_host_size_t buffer_capacity, char* buffer, iree_host_size_t* out_buffer_length) {
  TENON_FORMAT_WITH(iree_hal_append_buffer_elements_string(data, shape_rank, shape, element_type,
                                                           max_element_count, builder));
}
