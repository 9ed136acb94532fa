// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/values.h"

#include <inttypes.h>

#include "iree/base/internal/file_io.h"
#include "iree/modules/hal/types.h"
#include "support/npy.h"
#include "support/path.h"

#define MAX_RANK 64

static const iree_hal_buffer_params_t input_params = {
    .usage = IREE_HAL_BUFFER_USAGE_DEFAULT,
    .type = IREE_HAL_MEMORY_TYPE_DEVICE_LOCAL,
};

// What a parse goes through.
typedef struct parser_t {
  iree_string_view_t convention;
  iree_hal_allocator_t* device_allocator;
  tenon_values_t* values;
} parser_t;

//===--------------------------------------------------------------------------------------------===//
// Scalars
//===--------------------------------------------------------------------------------------------===//

static const char* letter_type(char letter) {
  switch (letter) {
    case 'i':
      return "i32";
    case 'I':
      return "i64";
    case 'f':
      return "f32";
    case 'F':
      return "f64";
    default:
      return "a tensor or other object";
  }
}

// Cuts the `TYPE=` off that a scalar may have in front, as it has when it is printed. False if it
// is not of |letter|'s type.
static bool consume_scalar_type(iree_string_view_t* text, char letter) {
  iree_string_view_t name, rest;
  if (iree_string_view_split(*text, '=', &name, &rest) < 0) return true;
  iree_hal_element_type_t type = IREE_HAL_ELEMENT_TYPE_NONE;
  iree_status_t status = iree_hal_parse_element_type(name, &type);
  if (!iree_status_is_ok(status)) {
    iree_status_ignore(status);
    return false;
  }
  *text = rest;
  const bool is_integer =
      (iree_hal_element_numerical_type(type) & 0xF0) == IREE_HAL_NUMERICAL_TYPE_INTEGER;
  switch (letter) {
    case 'i':
      return is_integer && iree_hal_element_bit_count(type) <= 32;
    case 'I':
      return is_integer && iree_hal_element_bit_count(type) == 64;
    case 'f':
      // The function itself rounds to what it takes.
      return type == IREE_HAL_ELEMENT_TYPE_FLOAT_32 || type == IREE_HAL_ELEMENT_TYPE_FLOAT_16 ||
             type == IREE_HAL_ELEMENT_TYPE_BFLOAT_16;
    default:
      return type == IREE_HAL_ELEMENT_TYPE_FLOAT_64;
  }
}

// Integers may be written as signed or as unsigned ones.
static bool parse_number(iree_string_view_t text, char letter, iree_vm_value_t* out_value) {
  uint32_t u32 = 0;
  uint64_t u64 = 0;
  switch (letter) {
    case 'i':
      *out_value = iree_vm_value_make_i32(0);
      if (iree_string_view_atoi_int32(text, &out_value->i32)) return true;
      if (!iree_string_view_atoi_uint32(text, &u32)) return false;
      *out_value = iree_vm_value_make_i32((int32_t)u32);
      return true;
    case 'I':
      *out_value = iree_vm_value_make_i64(0);
      if (iree_string_view_atoi_int64(text, &out_value->i64)) return true;
      if (!iree_string_view_atoi_uint64(text, &u64)) return false;
      *out_value = iree_vm_value_make_i64((int64_t)u64);
      return true;
    case 'f':
      *out_value = iree_vm_value_make_f32(0);
      return iree_string_view_atof(text, &out_value->f32);
    default:
      *out_value = iree_vm_value_make_f64(0);
      return iree_string_view_atod(text, &out_value->f64);
  }
}

static iree_status_t parse_scalar(parser_t* parser, iree_string_view_t text, char letter) {
  iree_string_view_t number = text;
  iree_vm_value_t value;
  if (!consume_scalar_type(&number, letter) ||
      !parse_number(iree_string_view_trim(number), letter, &value)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "'%.*s' is no %s", (int)text.size,
                            text.data, letter_type(letter));
  }
  return iree_vm_list_push_value(parser->values->list, &value);
}

//===--------------------------------------------------------------------------------------------===//
// Tensors
//===--------------------------------------------------------------------------------------------===//

// Takes the caller's count of |view|.
static iree_status_t push_view(parser_t* parser, iree_hal_buffer_view_t* view) {
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  iree_status_t status = iree_vm_list_push_ref_move(parser->values->list, &ref);
  iree_vm_ref_release(&ref);
  return status;
}

static iree_status_t read_file(iree_string_view_t name, iree_file_contents_t** out_contents) {
  tenon_path_t path;
  IREE_RETURN_IF_ERROR(tenon_path_make(name, &path));
  return iree_file_read_contents(path.text, iree_allocator_system(), out_contents);
}

// A letter of the convention for the next value, or 0 behind the last.
static char next_letter(const parser_t* parser) {
  const iree_host_size_t count = iree_vm_list_size(parser->values->list);
  return count < parser->convention.size ? parser->convention.data[count] : 0;
}

static iree_status_t make_too_many_error(const parser_t* parser) {
  return iree_make_status(IREE_STATUS_OUT_OF_RANGE,
                          "there are more values than the %" PRIhsz " that the function has",
                          parser->convention.size);
}

static iree_status_t parse_npy(parser_t* parser, iree_string_view_t path) {
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(read_file(path, &contents));
  iree_const_byte_span_t file = contents->const_buffer;
  iree_status_t status = iree_ok_status();
  do {
    if (!next_letter(parser)) {
      status = make_too_many_error(parser);
    } else {
      iree_hal_buffer_view_t* view = NULL;
      status = tenon_npy_read(&file, parser->device_allocator, &view);
      if (iree_status_is_ok(status)) status = push_view(parser, view);
    }
  } while (iree_status_is_ok(status) && file.data_length);
  iree_file_contents_free(contents);
  return status;
}

// |type| is `2x2xi32`, the file has the elements' bytes.
static iree_status_t parse_binary(parser_t* parser, iree_string_view_t type,
                                  iree_string_view_t path) {
  iree_host_size_t rank = 0;
  iree_hal_dim_t dims[MAX_RANK];
  iree_hal_element_type_t element_type = IREE_HAL_ELEMENT_TYPE_NONE;
  IREE_RETURN_IF_ERROR(
      iree_hal_parse_shape_and_element_type(type, MAX_RANK, &rank, dims, &element_type));
  iree_device_size_t size = 0;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_compute_view_size(
      rank, dims, element_type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, &size));
  iree_file_contents_t* contents = NULL;
  IREE_RETURN_IF_ERROR(read_file(path, &contents));
  iree_hal_buffer_view_t* view = NULL;
  iree_status_t status =
      contents->buffer.data_length == size
          ? iree_hal_buffer_view_allocate_buffer(parser->device_allocator, rank, dims, element_type,
                                                 IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
                                                 input_params, contents->const_buffer, &view)
          : iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                             "the file holds %" PRIhsz " bytes but %.*s takes %" PRIdsz,
                             contents->buffer.data_length, (int)type.size, type.data, size);
  iree_file_contents_free(contents);
  return iree_status_is_ok(status) ? push_view(parser, view) : status;
}

static iree_status_t parse_tensor(parser_t* parser, iree_string_view_t text) {
  iree_string_view_t type, elements;
  iree_string_view_split(text, '=', &type, &elements);
  if (iree_string_view_consume_prefix(&elements, iree_make_cstring_view("@"))) {
    return parse_binary(parser, iree_string_view_trim(type), elements);
  }
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_view_parse(text, parser->device_allocator, &view),
      "a tensor is written SHAPExTYPE=VALUES, such as 2x2xf32=1 2 3 4, or @FILE.npy");
  return push_view(parser, view);
}

//===--------------------------------------------------------------------------------------------===//
// Any
//===--------------------------------------------------------------------------------------------===//

static iree_status_t parse_value(parser_t* parser, iree_string_view_t text) {
  const char letter = next_letter(parser);
  if (!letter) return make_too_many_error(parser);
  const iree_host_size_t count = iree_vm_list_size(parser->values->list);
  if (iree_string_view_equal(text, iree_make_cstring_view("(ignored)"))) {
    parser->values->ignored[count] = true;
    return iree_vm_list_resize(parser->values->list, count + 1);
  }
  if (letter != 'r') return parse_scalar(parser, text, letter);
  // An empty element is a null reference.
  if (iree_string_view_equal(text, iree_make_cstring_view("(null)"))) {
    return iree_vm_list_resize(parser->values->list, count + 1);
  }
  if (iree_string_view_consume_prefix(&text, iree_make_cstring_view("@")))
    return parse_npy(parser, text);
  return parse_tensor(parser, text);
}

iree_status_t tenon_values_parse(const tenon_string_list_t* texts, iree_string_view_t convention,
                                 iree_hal_allocator_t* device_allocator,
                                 tenon_values_t* out_values) {
  *out_values = (tenon_values_t){0};
  const iree_allocator_t allocator = iree_allocator_system();
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, convention.size, allocator, &out_values->list));
  IREE_RETURN_IF_ERROR(
      iree_allocator_malloc(allocator, convention.size + 1, (void**)&out_values->ignored));
  parser_t parser = {
      .convention = convention, .device_allocator = device_allocator, .values = out_values};
  for (iree_host_size_t i = 0; i < texts->count; ++i) {
    const iree_string_view_t text = iree_string_view_trim(texts->values[i]);
    IREE_RETURN_IF_ERROR(parse_value(&parser, text), "value %" PRIhsz ", '%.*s'", i, (int)text.size,
                         text.data);
  }
  return iree_ok_status();
}

void tenon_values_deinitialize(tenon_values_t* values) {
  iree_vm_list_release(values->list);
  iree_allocator_free(iree_allocator_system(), values->ignored);
  *values = (tenon_values_t){0};
}

//===--------------------------------------------------------------------------------------------===//
// Printing
//===--------------------------------------------------------------------------------------------===//

static iree_status_t print_ref(FILE* file, iree_vm_ref_t ref, iree_host_size_t max_element_count) {
  if (iree_vm_ref_is_null(&ref)) {
    fprintf(file, "(null)\n");
    return iree_ok_status();
  }
  const iree_string_view_t type_name = iree_vm_ref_type_name(ref.type);
  fprintf(file, "%.*s\n", (int)type_name.size, type_name.data);
  const iree_hal_buffer_view_t* view = iree_hal_buffer_view_deref(ref);
  if (view) {
    IREE_RETURN_IF_ERROR(
        iree_hal_buffer_view_fprint(file, view, max_element_count, iree_allocator_system()));
  } else {
    fprintf(file, "(no printer)");
  }
  fprintf(file, "\n");
  return iree_ok_status();
}

iree_status_t tenon_value_print(FILE* file, const iree_vm_variant_t* value,
                                iree_host_size_t max_element_count) {
  switch (value->type.value_type) {
    case IREE_VM_VALUE_TYPE_I8:
      fprintf(file, "i8=%" PRId8 "\n", value->i8);
      return iree_ok_status();
    case IREE_VM_VALUE_TYPE_I16:
      fprintf(file, "i16=%" PRId16 "\n", value->i16);
      return iree_ok_status();
    case IREE_VM_VALUE_TYPE_I32:
      fprintf(file, "i32=%" PRId32 "\n", value->i32);
      return iree_ok_status();
    case IREE_VM_VALUE_TYPE_I64:
      fprintf(file, "i64=%" PRId64 "\n", value->i64);
      return iree_ok_status();
    case IREE_VM_VALUE_TYPE_F32:
      fprintf(file, "f32=%g\n", value->f32);
      return iree_ok_status();
    case IREE_VM_VALUE_TYPE_F64:
      fprintf(file, "f64=%g\n", value->f64);
      return iree_ok_status();
    default:
      return print_ref(file, value->ref, max_element_count);
  }
}
