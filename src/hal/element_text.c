// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/element_text.h"

#include <stdio.h>
#include <string.h>

#include "hal/small_float.h"

//===--- Kinds of elements --------------------------------------------------------------------===//
// What a type's text looks like: everything that is not known better is bytes in hexadecimal.

typedef enum tenon_element_kind_e {
  TENON_ELEMENT_BYTES,
  TENON_ELEMENT_BOOLEAN,
  TENON_ELEMENT_SIGNLESS,
  TENON_ELEMENT_SIGNED,
  TENON_ELEMENT_UNSIGNED,
  TENON_ELEMENT_F16,
  TENON_ELEMENT_BF16,
  TENON_ELEMENT_F32,
  TENON_ELEMENT_F64,
  TENON_ELEMENT_COMPLEX,
  TENON_ELEMENT_I4,  // of any signedness
} tenon_element_kind_t;

static tenon_element_kind_t tenon_element_kind(iree_hal_element_type_t element_type) {
  const iree_host_size_t bits = iree_hal_element_bit_count(element_type);
  const iree_hal_numerical_type_t numerical_type = iree_hal_element_numerical_type(element_type);
  if (bits == 4 && (numerical_type & 0xF0) == IREE_HAL_NUMERICAL_TYPE_INTEGER)
    return TENON_ELEMENT_I4;
  const bool is_machine_integer = bits == 8 || bits == 16 || bits == 32 || bits == 64;
  switch (numerical_type) {
    case IREE_HAL_NUMERICAL_TYPE_INTEGER:
      return is_machine_integer ? TENON_ELEMENT_SIGNLESS : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_INTEGER_SIGNED:
      return is_machine_integer ? TENON_ELEMENT_SIGNED : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_INTEGER_UNSIGNED:
      return is_machine_integer ? TENON_ELEMENT_UNSIGNED : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_BOOLEAN:
      return bits == 8 ? TENON_ELEMENT_BOOLEAN : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_IEEE:
      return bits == 16   ? TENON_ELEMENT_F16
             : bits == 32 ? TENON_ELEMENT_F32
             : bits == 64 ? TENON_ELEMENT_F64
                          : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_BRAIN:
      return bits == 16 ? TENON_ELEMENT_BF16 : TENON_ELEMENT_BYTES;
    case IREE_HAL_NUMERICAL_TYPE_FLOAT_COMPLEX:
      return bits == 64 || bits == 128 ? TENON_ELEMENT_COMPLEX : TENON_ELEMENT_BYTES;
    default:
      return TENON_ELEMENT_BYTES;
  }
}

// Little-endian machines only, as all of Tenon: the low bytes come first.
static uint64_t tenon_load_bits(const uint8_t* data, iree_host_size_t size) {
  uint64_t bits = 0;
  memcpy(&bits, data, size);
  return bits;
}

//===--- Formatting ---------------------------------------------------------------------------===//

static iree_status_t tenon_append_double(double value, iree_string_builder_t* builder) {
  char text[40];
  int length = snprintf(text, sizeof(text), "%G", value);
  // The only other thing that %G prints is the locale's decimal point, of one or more bytes.
  int end = 0;
  for (int i = 0; i < length; ++i) {
    const char c = text[i];
    const bool is_own = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-';
    if (is_own || end == 0 || text[end - 1] != '.') text[end++] = is_own ? c : '.';
  }
  return iree_string_builder_append_string(builder,
                                           iree_make_string_view(text, (iree_host_size_t)end));
}

static iree_status_t tenon_append_unsigned(bool is_negative, uint64_t magnitude,
                                           iree_string_builder_t* builder) {
  char text[24];
  char* head = text + sizeof(text);
  do {
    *--head = (char)('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude);
  if (is_negative) *--head = '-';
  return iree_string_builder_append_string(
      builder, iree_make_string_view(head, (iree_host_size_t)(text + sizeof(text) - head)));
}

static iree_status_t tenon_append_signed(uint64_t bits, iree_host_size_t size,
                                         iree_string_builder_t* builder) {
  const uint64_t sign_bit = 1ull << (size * 8 - 1);
  // Sign-extends: for a set sign bit, bits - 2^N.
  const uint64_t value = (bits ^ sign_bit) - sign_bit;
  const bool is_negative = value >> 63;
  return tenon_append_unsigned(is_negative, is_negative ? 0 - value : value, builder);
}

static iree_status_t tenon_append_bytes(const uint8_t* data, iree_host_size_t size,
                                        iree_string_builder_t* builder) {
  static const char digits[] = "0123456789ABCDEF";
  for (iree_host_size_t i = 0; i < size; ++i) {
    const char text[2] = {digits[data[i] >> 4], digits[data[i] & 15]};
    IREE_RETURN_IF_ERROR(
        iree_string_builder_append_string(builder, iree_make_string_view(text, sizeof(text))));
  }
  return iree_ok_status();
}

iree_status_t tenon_hal_append_element(const uint8_t* data, iree_hal_element_type_t element_type,
                                       iree_string_builder_t* builder) {
  const iree_host_size_t size = iree_hal_element_dense_byte_count(element_type);
  switch (tenon_element_kind(element_type)) {
    case TENON_ELEMENT_SIGNLESS:
    case TENON_ELEMENT_SIGNED:
      return tenon_append_signed(tenon_load_bits(data, size), size, builder);
    case TENON_ELEMENT_UNSIGNED:
      return tenon_append_unsigned(false, tenon_load_bits(data, size), builder);
    case TENON_ELEMENT_F16:
      return tenon_append_double(
          tenon_small_float_to_double((uint16_t)tenon_load_bits(data, size), tenon_small_float_f16),
          builder);
    case TENON_ELEMENT_BF16:
      return tenon_append_double(tenon_small_float_to_double((uint16_t)tenon_load_bits(data, size),
                                                             tenon_small_float_bf16),
                                 builder);
    case TENON_ELEMENT_F32:
      return tenon_append_double((double)iree_unaligned_load_le_f32(data), builder);
    case TENON_ELEMENT_F64:
      return tenon_append_double(iree_unaligned_load_le_f64(data), builder);
    default:  // booleans, i4 and complex numbers, too, are shown as the bytes that they are
      return tenon_append_bytes(data, size, builder);
  }
}

//===--- Parsing ------------------------------------------------------------------------------===//

static iree_status_t tenon_parse_error(iree_string_view_t text, const char* expected) {
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "'%.*s' is not %s", (int)text.size,
                          text.data, expected);
}

static iree_status_t tenon_parse_boolean(iree_string_view_t text, uint8_t* data) {
  static const iree_string_view_t spellings[2][3] = {
      {IREE_SVL("0"), IREE_SVL("00"), IREE_SVL("false")},
      {IREE_SVL("1"), IREE_SVL("01"), IREE_SVL("true")},
  };
  for (uint8_t value = 0; value < 2; ++value) {
    for (int i = 0; i < 3; ++i) {
      if (iree_string_view_equal(text, spellings[value][i])) {
        *data = value;
        return iree_ok_status();
      }
    }
  }
  return tenon_parse_error(text, "a boolean (0, 1, false or true)");
}

static iree_status_t tenon_parse_integer(iree_string_view_t text, iree_host_size_t bits,
                                         tenon_element_kind_t kind, uint8_t* data) {
  const bool is_negative = text.size && text.data[0] == '-';
  const iree_string_view_t digits = is_negative ? iree_string_view_remove_prefix(text, 1) : text;
  const bool has_two_signs = is_negative && digits.size && digits.data[0] == '+';
  uint64_t magnitude = 0;
  if (has_two_signs || !iree_string_view_atoi_uint64(digits, &magnitude)) {
    return tenon_parse_error(text, "an integer of at most 64 bits");
  }
  const uint64_t sign_bit = 1ull << (bits - 1);
  const uint64_t all_bits = sign_bit | (sign_bit - 1);
  const uint64_t max_magnitude = is_negative
                                     ? (kind == TENON_ELEMENT_UNSIGNED ? 0 : sign_bit)
                                     : (kind == TENON_ELEMENT_SIGNED ? sign_bit - 1 : all_bits);
  if (magnitude > max_magnitude) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "'%.*s' does not fit in %s integer of %" PRIhsz " bits", (int)text.size,
                            text.data,
                            kind == TENON_ELEMENT_UNSIGNED ? "an unsigned"
                            : kind == TENON_ELEMENT_SIGNED ? "a signed"
                                                           : "a signless",
                            bits);
  }
  const uint64_t value = is_negative ? 0 - magnitude : magnitude;
  memcpy(data, &value, (bits + 7) / 8);
  return iree_ok_status();
}

static iree_status_t tenon_parse_small_float(iree_string_view_t text,
                                             tenon_small_float_format_t format, uint8_t* data) {
  double value = 0;
  if (!iree_string_view_atod(text, &value))
    return tenon_parse_error(text, "a floating-point number");
  const uint16_t bits = tenon_small_float_from_double(value, format);
  memcpy(data, &bits, sizeof(bits));
  return iree_ok_status();
}

static iree_status_t tenon_parse_bytes(iree_string_view_t text, iree_host_size_t size,
                                       uint8_t* data) {
  if (text.size == size * 2 && iree_string_view_parse_hex_bytes(text, size, data))
    return iree_ok_status();
  return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                          "'%.*s' is not an element as bytes: %" PRIhsz " hexadecimal digits",
                          (int)text.size, text.data, size * 2);
}

// 12, -3 or the byte in hexadecimal, which is what is printed: the two agree where both are possible.
// In memory its sign fills the byte.
static iree_status_t tenon_parse_i4(iree_string_view_t text, iree_hal_element_type_t element_type,
                                    uint8_t* data) {
  const bool is_unsigned =
      iree_hal_element_numerical_type(element_type) == IREE_HAL_NUMERICAL_TYPE_INTEGER_UNSIGNED;
  iree_status_t status = tenon_parse_integer(
      text, 4, is_unsigned ? TENON_ELEMENT_UNSIGNED : TENON_ELEMENT_SIGNLESS, data);
  uint8_t byte = 0;
  if (!iree_status_is_ok(status) && text.size == 2 &&
      iree_string_view_parse_hex_bytes(text, 1, &byte) && (byte < 0x10 || byte >= 0xF8)) {
    iree_status_ignore(status);
    status = iree_ok_status();
    *data = byte;
  }
  const uint8_t low = *data & 0xF;
  *data = is_unsigned ? low : (uint8_t)((low ^ 8) - 8);
  return status;
}

// 1.5, 2j, 1.5-2j or the bytes in hexadecimal, which is what is printed.
static iree_status_t tenon_parse_complex(iree_string_view_t text, iree_host_size_t size,
                                         uint8_t* data) {
  if (text.size == 2 * size && iree_string_view_parse_hex_bytes(text, size, data))
    return iree_ok_status();
  const iree_host_size_t part_size = size / 2;
  const iree_hal_element_type_t part =
      iree_hal_make_element_type(IREE_HAL_NUMERICAL_TYPE_FLOAT_IEEE, (uint32_t)part_size * 8);
  memset(data, 0, size);
  if (!text.size || text.data[text.size - 1] != 'j')
    return tenon_hal_parse_element(text, part, data);
  iree_host_size_t split = text.size - 1;
  while (split > 0 && !((text.data[split] == '+' || text.data[split] == '-') &&
                        (text.data[split - 1] | 0x20) != 'e')) {
    --split;
  }
  if (split > 0) {
    IREE_RETURN_IF_ERROR(
        tenon_hal_parse_element(iree_string_view_substr(text, 0, split), part, data));
  }
  return tenon_hal_parse_element(iree_string_view_substr(text, split, text.size - 1 - split), part,
                                 data + part_size);
}

iree_status_t tenon_hal_parse_element(iree_string_view_t text, iree_hal_element_type_t element_type,
                                      uint8_t* data) {
  const iree_host_size_t size = iree_hal_element_dense_byte_count(element_type);
  const tenon_element_kind_t kind = tenon_element_kind(element_type);
  switch (kind) {
    case TENON_ELEMENT_BOOLEAN:
      return tenon_parse_boolean(text, data);
    case TENON_ELEMENT_SIGNLESS:
    case TENON_ELEMENT_SIGNED:
    case TENON_ELEMENT_UNSIGNED:
      return tenon_parse_integer(text, size * 8, kind, data);
    case TENON_ELEMENT_I4:
      return tenon_parse_i4(text, element_type, data);
    case TENON_ELEMENT_COMPLEX:
      return tenon_parse_complex(text, size, data);
    case TENON_ELEMENT_F16:
      return tenon_parse_small_float(text, tenon_small_float_f16, data);
    case TENON_ELEMENT_BF16:
      return tenon_parse_small_float(text, tenon_small_float_bf16, data);
    case TENON_ELEMENT_F32: {
      float value = 0;
      if (!iree_string_view_atof(text, &value))
        return tenon_parse_error(text, "a floating-point number");
      memcpy(data, &value, sizeof(value));
      return iree_ok_status();
    }
    case TENON_ELEMENT_F64: {
      double value = 0;
      if (!iree_string_view_atod(text, &value))
        return tenon_parse_error(text, "a floating-point number");
      memcpy(data, &value, sizeof(value));
      return iree_ok_status();
    }
    default:
      return tenon_parse_bytes(text, size, data);
  }
}
