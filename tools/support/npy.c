// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/npy.h"

#include <inttypes.h>
#include <string.h>

#include "support/report.h"

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MAX_RANK 64  // NumPy's own limit

typedef struct dtype_t {
  char kind;
  uint8_t size;  // in bytes
  iree_hal_element_type_t element_type;
} dtype_t;

// The first entry that fits is taken, in both directions.
static const dtype_t dtypes[] = {
    {'b', 1, IREE_HAL_ELEMENT_TYPE_BOOL_8},
    {'i', 1, IREE_HAL_ELEMENT_TYPE_INT_8},
    {'i', 2, IREE_HAL_ELEMENT_TYPE_INT_16},
    {'i', 4, IREE_HAL_ELEMENT_TYPE_INT_32},
    {'i', 8, IREE_HAL_ELEMENT_TYPE_INT_64},
    {'i', 1, IREE_HAL_ELEMENT_TYPE_SINT_8},
    {'i', 2, IREE_HAL_ELEMENT_TYPE_SINT_16},
    {'i', 4, IREE_HAL_ELEMENT_TYPE_SINT_32},
    {'i', 8, IREE_HAL_ELEMENT_TYPE_SINT_64},
    {'u', 1, IREE_HAL_ELEMENT_TYPE_UINT_8},
    {'u', 2, IREE_HAL_ELEMENT_TYPE_UINT_16},
    {'u', 4, IREE_HAL_ELEMENT_TYPE_UINT_32},
    {'u', 8, IREE_HAL_ELEMENT_TYPE_UINT_64},
    {'f', 2, IREE_HAL_ELEMENT_TYPE_FLOAT_16},
    {'f', 4, IREE_HAL_ELEMENT_TYPE_FLOAT_32},
    {'f', 8, IREE_HAL_ELEMENT_TYPE_FLOAT_64},
    {'V', 2, IREE_HAL_ELEMENT_TYPE_BFLOAT_16},  // as ml_dtypes has it
    {'i', 1, IREE_HAL_ELEMENT_TYPE_INT_4},
    {'i', 1, IREE_HAL_ELEMENT_TYPE_SINT_4},
    {'u', 1, IREE_HAL_ELEMENT_TYPE_UINT_4},
    {'c', 8, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64},
    {'c', 16, IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128},
};

//===--------------------------------------------------------------------------------------------===//
// Reading
//===--------------------------------------------------------------------------------------------===//

typedef struct npy_header_t {
  iree_string_view_t dtype;  // such as <f4; empty: not seen yet
  bool fortran_order;
  bool has_shape;
  iree_host_size_t rank;
  iree_hal_dim_t dims[NPY_MAX_RANK];
} npy_header_t;

static iree_status_t make_damaged_error(const char* what) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "this is no .npy file: %s", what);
}

static bool take_char(iree_string_view_t* text, char c) {
  *text = iree_string_view_trim(*text);
  if (!text->size || text->data[0] != c) return false;
  *text = iree_string_view_remove_prefix(*text, 1);
  return true;
}

// 'text' or "text"
static bool take_quoted(iree_string_view_t* text, iree_string_view_t* out_value) {
  const char quote = take_char(text, '\'') ? '\'' : '"';
  if (quote == '"' && !take_char(text, '"')) return false;
  return iree_string_view_split(*text, quote, out_value, text) >= 0;
}

static bool take_bool(iree_string_view_t* text, bool* out_value) {
  *text = iree_string_view_trim(*text);
  *out_value = iree_string_view_consume_prefix(text, iree_make_cstring_view("True"));
  return *out_value || iree_string_view_consume_prefix(text, iree_make_cstring_view("False"));
}

// (), (5,) or (2, 3)
static bool take_shape(iree_string_view_t* text, npy_header_t* header) {
  iree_string_view_t shape;
  if (!take_char(text, '(') || iree_string_view_split(*text, ')', &shape, text) < 0) return false;
  while (shape = iree_string_view_trim(shape), shape.size) {
    iree_string_view_t number;
    iree_string_view_split(shape, ',', &number, &shape);
    uint64_t dim = 0;
    if (header->rank == NPY_MAX_RANK ||
        !iree_string_view_atoi_uint64(iree_string_view_trim(number), &dim))
      return false;
    header->dims[header->rank++] = (iree_hal_dim_t)dim;
  }
  header->has_shape = true;
  return true;
}

// The dictionary of Python's that describes the array: {'descr': '<f4', 'fortran_order': False,
// 'shape': (5,), }
static iree_status_t parse_dictionary(iree_string_view_t text, npy_header_t* header) {
  bool good = take_char(&text, '{');
  while (good && !take_char(&text, '}')) {
    iree_string_view_t key;
    good = take_quoted(&text, &key) && take_char(&text, ':');
    if (!good) break;
    if (iree_string_view_equal(key, iree_make_cstring_view("descr"))) {
      if (take_char(&text, '[')) {
        return iree_make_status(IREE_STATUS_UNIMPLEMENTED,
                                "arrays of records are not supported; save one field of it");
      }
      good = take_quoted(&text, &header->dtype);
    } else if (iree_string_view_equal(key, iree_make_cstring_view("fortran_order"))) {
      good = take_bool(&text, &header->fortran_order);
    } else if (iree_string_view_equal(key, iree_make_cstring_view("shape"))) {
      good = take_shape(&text, header);
    } else {
      good = false;
    }
    take_char(&text, ',');
  }
  if (!good || !header->dtype.size || !header->has_shape)
    return make_damaged_error("its header can't be read");
  return iree_ok_status();
}

static iree_status_t find_element_type(iree_string_view_t text,
                                       iree_hal_element_type_t* out_element_type) {
  uint32_t size = 0;
  if (text.size >= 3 &&
      iree_string_view_atoi_uint32(iree_string_view_substr(text, 2, text.size), &size)) {
    if (text.data[0] == '>' && size > 1) {
      return iree_make_status(IREE_STATUS_UNIMPLEMENTED,
                              "its numbers are big-endian (%.*s); save array.astype('<%c%" PRIu32
                              "')",
                              (int)text.size, text.data, text.data[1], size);
    }
    for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(dtypes); ++i) {
      if (dtypes[i].kind != text.data[1] || dtypes[i].size != size) continue;
      *out_element_type = dtypes[i].element_type;
      return iree_ok_status();
    }
  }
  return iree_make_status(
      IREE_STATUS_UNIMPLEMENTED,
      "elements of NumPy type '%.*s' are not supported; booleans, integers, floats, complex "
      "numbers and bfloat16 (as V2) are",
      (int)text.size, text.data);
}

// Finds the dictionary behind magic, version and its own length. |*file| moves past it.
static iree_status_t take_dictionary(iree_const_byte_span_t* file, iree_string_view_t* out_text) {
  const iree_host_size_t magic_length = sizeof(NPY_MAGIC) - 1;
  if (file->data_length < magic_length + 4 || memcmp(file->data, NPY_MAGIC, magic_length) != 0) {
    return make_damaged_error("it doesn't start with \\x93NUMPY");
  }
  const uint8_t version = file->data[magic_length];
  if (version < 1 || version > 3) {
    return iree_make_status(IREE_STATUS_UNIMPLEMENTED,
                            "version %d of the .npy format is not supported; 1, 2 and 3 are",
                            version);
  }
  const iree_host_size_t length_size = version == 1 ? 2 : 4;
  iree_host_size_t offset = magic_length + 2;
  if (file->data_length < offset + length_size) return make_damaged_error("it ends in the header");
  iree_host_size_t length = 0;
  for (iree_host_size_t i = 0; i < length_size; ++i)
    length |= (iree_host_size_t)file->data[offset + i] << (8 * i);
  offset += length_size;
  if (file->data_length - offset < length) return make_damaged_error("it ends in the header");
  *out_text = iree_make_string_view((const char*)file->data + offset, length);
  *file =
      iree_make_const_byte_span(file->data + offset + length, file->data_length - offset - length);
  return iree_ok_status();
}

iree_status_t tenon_npy_read(iree_const_byte_span_t* file, iree_hal_allocator_t* allocator,
                             iree_hal_buffer_view_t** out_view) {
  iree_string_view_t text;
  IREE_RETURN_IF_ERROR(take_dictionary(file, &text));
  npy_header_t header = {.rank = 0};
  IREE_RETURN_IF_ERROR(parse_dictionary(text, &header));
  iree_hal_element_type_t element_type = IREE_HAL_ELEMENT_TYPE_NONE;
  IREE_RETURN_IF_ERROR(find_element_type(header.dtype, &element_type));
  if (header.fortran_order && header.rank > 1) {
    return iree_make_status(IREE_STATUS_UNIMPLEMENTED,
                            "the array is stored column by column (Fortran order); save "
                            "numpy.ascontiguousarray(array)");
  }
  iree_device_size_t size = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(
      header.rank, header.dims, element_type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, &size));
  if (size > file->data_length) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "the .npy file is cut short: the array takes %" PRIdsz
                            " bytes, %" PRIhsz " are there",
                            size, file->data_length);
  }
  const iree_hal_buffer_params_t params = {.usage = IREE_HAL_BUFFER_USAGE_DEFAULT,
                                           .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL};
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      allocator, header.rank, header.dims, element_type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
      params, iree_make_const_byte_span(file->data, size), out_view));
  *file = iree_make_const_byte_span(file->data + size, file->data_length - size);
  return iree_ok_status();
}

//===--------------------------------------------------------------------------------------------===//
// Writing
//===--------------------------------------------------------------------------------------------===//

static iree_status_t append_dictionary(iree_host_size_t rank, const iree_hal_dim_t* dims,
                                       const dtype_t* dtype, iree_string_builder_t* builder) {
  IREE_RETURN_IF_ERROR(iree_string_builder_append_format(
      builder, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (",
      dtype->size == 1 ? '|' : '<', dtype->kind, dtype->size));
  for (iree_host_size_t i = 0; i < rank; ++i) {
    const char* separator = i + 1 < rank ? ", " : rank == 1 ? "," : "";
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_format(builder, "%" PRIdsz "%s", dims[i], separator));
  }
  IREE_RETURN_IF_ERROR(iree_string_builder_append_cstring(builder, "), }"));
  // Blanks and a newline up to the next multiple of 64, so that the contents are aligned.
  const iree_host_size_t head = sizeof(NPY_MAGIC) - 1 + 4;
  const iree_host_size_t end = (head + iree_string_builder_size(builder) + 1 + 63) / 64 * 64;
  return iree_string_builder_append_format(
      builder, "%*s\n", (int)(end - 1 - head - iree_string_builder_size(builder)), "");
}

iree_status_t tenon_npy_write(FILE* file, iree_host_size_t rank, const iree_hal_dim_t* dims,
                              iree_hal_element_type_t element_type,
                              iree_const_byte_span_t contents) {
  const dtype_t* dtype = NULL;
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(dtypes) && !dtype; ++i) {
    if (dtypes[i].element_type == element_type) dtype = &dtypes[i];
  }
  if (!dtype) {
    return iree_make_status(
        IREE_STATUS_UNIMPLEMENTED,
        "NumPy has no type for these elements (0x%08" PRIX32 "); write a .bin file", element_type);
  }
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  iree_status_t status = append_dictionary(rank, dims, dtype, &builder);
  if (iree_status_is_ok(status)) {
    const iree_host_size_t length = iree_string_builder_size(&builder);
    const uint8_t head[] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    status = tenon_write(file, iree_make_const_byte_span(head, sizeof(head)));
    if (iree_status_is_ok(status)) {
      status = tenon_write(file,
                           iree_make_const_byte_span(iree_string_builder_buffer(&builder), length));
    }
    if (iree_status_is_ok(status)) status = tenon_write(file, contents);
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}
