// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "modules/async/signature.h"

#include <string.h>

#include "iree/hal/string_util.h"

// Where reading stands, and where the next value, dim and letter go.
typedef struct tenon_type_reader_t {
  iree_string_view_t text;
  iree_string_view_t rest;
  tenon_async_type_t* type;
  iree_hal_dim_t* dim;
  char* letter;
} tenon_type_reader_t;

static iree_status_t tenon_expected(const tenon_type_reader_t* reader, const char* what) {
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT, "can't read the type '%.*s': expected %s at '%.*s'",
      (int)reader->text.size, reader->text.data, what, (int)reader->rest.size, reader->rest.data);
}

static bool tenon_consume(tenon_type_reader_t* reader, const char* token) {
  reader->rest = iree_string_view_trim(reader->rest);
  return iree_string_view_consume_prefix(&reader->rest, iree_make_cstring_view(token));
}

// What stands before the first of |ends|, without blanks around it.
static iree_string_view_t tenon_take_until(tenon_type_reader_t* reader, const char* ends) {
  iree_host_size_t length =
      iree_string_view_find_first_of(reader->rest, iree_make_cstring_view(ends), 0);
  if (length > reader->rest.size) length = reader->rest.size;
  const iree_string_view_t token = iree_string_view_substr(reader->rest, 0, length);
  reader->rest = iree_string_view_remove_prefix(reader->rest, length);
  return iree_string_view_trim(token);
}

static bool tenon_read_element_type(iree_string_view_t token, iree_hal_element_type_t* out_type) {
  if (iree_string_view_equal(token, IREE_SV("index"))) {
    *out_type = IREE_HAL_ELEMENT_TYPE_INT_64;
    return true;
  }
  return iree_status_consume_code(iree_hal_parse_element_type(token, out_type)) == IREE_STATUS_OK &&
         iree_hal_element_numerical_type(*out_type) != IREE_HAL_NUMERICAL_TYPE_UNKNOWN;
}

// The part of a tensor's type between < and >.
static iree_status_t tenon_read_tensor(tenon_type_reader_t* reader) {
  tenon_async_type_t* type = reader->type;
  type->letter = 'r';
  type->dims = reader->dim;
  for (;;) {
    iree_string_view_t before = reader->rest;
    iree_hal_dim_t dim = TENON_ASYNC_OPEN_DIM;
    if (!tenon_consume(reader, "?")) {
      reader->rest = iree_string_view_trim(reader->rest);
      if (!reader->rest.size || reader->rest.data[0] < '0' || reader->rest.data[0] > '9') break;
      uint64_t value = 0;
      if (!iree_string_view_atoi_uint64(tenon_take_until(reader, "x>"), &value) ||
          value >= TENON_ASYNC_OPEN_DIM) {
        reader->rest = before;
        return tenon_expected(reader, "a dim, a number or ?,");
      }
      dim = (iree_hal_dim_t)value;
    }
    if (!tenon_consume(reader, "x")) return tenon_expected(reader, "x and an element type");
    *reader->dim++ = dim;
    ++type->rank;
  }
  const iree_string_view_t at = reader->rest;
  if (!tenon_read_element_type(tenon_take_until(reader, ">"), &type->element_type)) {
    reader->rest = at;
    return tenon_expected(reader, "an element type such as f32");
  }
  return tenon_consume(reader, ">") ? iree_ok_status() : tenon_expected(reader, ">");
}

// A number: what it is in storage follows from its size.
static iree_status_t tenon_read_number(tenon_type_reader_t* reader) {
  tenon_async_type_t* type = reader->type;
  const iree_string_view_t at = reader->rest;
  iree_hal_element_type_t read = IREE_HAL_ELEMENT_TYPE_NONE;
  if (tenon_read_element_type(tenon_take_until(reader, ",)->"), &read)) {
    if ((iree_hal_element_numerical_type(read) & IREE_HAL_NUMERICAL_TYPE_INTEGER) &&
        iree_hal_element_bit_count(read) <= 32) {
      type->letter = 'i';
      type->element_type = IREE_HAL_ELEMENT_TYPE_INT_32;
    } else if (read == IREE_HAL_ELEMENT_TYPE_INT_64) {
      type->letter = 'I';
    } else if (read == IREE_HAL_ELEMENT_TYPE_FLOAT_32) {
      type->letter = 'f';
    } else if (read == IREE_HAL_ELEMENT_TYPE_FLOAT_64) {
      type->letter = 'F';
    }
    if (!type->element_type) type->element_type = read;
  }
  if (type->letter) return iree_ok_status();
  reader->rest = at;
  return tenon_expected(reader, "tensor<...>, i1 to i64, index, f32 or f64");
}

static iree_status_t tenon_read_value(tenon_type_reader_t* reader, bool is_result) {
  if (tenon_consume(reader, "tensor")) {
    if (!tenon_consume(reader, "<")) return tenon_expected(reader, "<");
    IREE_RETURN_IF_ERROR(tenon_read_tensor(reader));
  } else if (is_result) {
    return tenon_expected(reader, "tensor<...> (results are tensors)");
  } else {
    IREE_RETURN_IF_ERROR(tenon_read_number(reader));
  }
  *reader->letter++ = reader->type->letter;
  ++reader->type;
  return iree_ok_status();
}

// What stands between the parentheses, and the closing one.
static iree_status_t tenon_read_list(tenon_type_reader_t* reader, bool is_result) {
  if (tenon_consume(reader, ")")) return iree_ok_status();
  do {
    IREE_RETURN_IF_ERROR(tenon_read_value(reader, is_result));
  } while (tenon_consume(reader, ","));
  return tenon_consume(reader, ")") ? iree_ok_status() : tenon_expected(reader, ", or )");
}

static iree_status_t tenon_read_signature(tenon_type_reader_t* reader,
                                          tenon_async_signature_t* signature) {
  char* const letters = reader->letter;
  signature->arguments = reader->type;
  *reader->letter++ = '0';
  if (!tenon_consume(reader, "(")) return tenon_expected(reader, "(");
  IREE_RETURN_IF_ERROR(tenon_read_list(reader, /*is_result=*/false));
  signature->argument_count = (iree_host_size_t)(reader->type - signature->arguments);

  memcpy(reader->letter, "rr_", 3);
  reader->letter += 3;
  const iree_hal_dim_t* const result_dims = reader->dim;
  signature->results = reader->type;
  if (!tenon_consume(reader, "->")) return tenon_expected(reader, "->");
  IREE_RETURN_IF_ERROR(tenon_consume(reader, "(") ? tenon_read_list(reader, /*is_result=*/true)
                                                  : tenon_read_value(reader, /*is_result=*/true));
  reader->rest = iree_string_view_trim(reader->rest);
  if (reader->rest.size) return tenon_expected(reader, "the end");
  signature->result_count = (iree_host_size_t)(reader->type - signature->results);
  signature->result_dim_count = (iree_host_size_t)(reader->dim - result_dims);
  if (!signature->result_count) *reader->letter++ = 'v';
  signature->calling_convention =
      iree_make_string_view(letters, (iree_host_size_t)(reader->letter - letters));
  return iree_ok_status();
}

static iree_host_size_t tenon_count_char(iree_string_view_t text, char c) {
  iree_host_size_t count = 0;
  for (iree_host_size_t i = 0; i < text.size; ++i) count += text.data[i] == c;
  return count;
}

iree_status_t tenon_async_signature_parse(iree_string_view_t text, iree_allocator_t allocator,
                                          tenon_async_signature_t** out_signature) {
  *out_signature = NULL;
  // Every value but the last of each list is followed by a comma, every dim by an x. All sizes are far below those of
  // memory: they are those of a text in memory, times a small constant.
  const iree_host_size_t max_values = tenon_count_char(text, ',') + 2;
  const iree_host_size_t max_dims = tenon_count_char(text, 'x');
  const iree_host_size_t types_size = max_values * sizeof(tenon_async_type_t);
  const iree_host_size_t dims_size = max_dims * sizeof(iree_hal_dim_t);
  uint8_t* memory = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      allocator,
      sizeof(tenon_async_signature_t) + types_size + dims_size + max_values + sizeof("0rr_v"),
      (void**)&memory));
  tenon_async_signature_t* signature = (tenon_async_signature_t*)memory;
  memory += sizeof(*signature);
  tenon_type_reader_t reader = {
      .text = text,
      .rest = text,
      .type = (tenon_async_type_t*)memory,
      .dim = (iree_hal_dim_t*)(memory + types_size),
      .letter = (char*)(memory + types_size + dims_size),
  };
  iree_status_t status = tenon_read_signature(&reader, signature);
  if (iree_status_is_ok(status)) {
    *out_signature = signature;
  } else {
    iree_allocator_free(allocator, signature);
  }
  return status;
}
