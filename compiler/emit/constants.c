// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of constant tensors: dense, little-endian, i1 as a byte of 0 or 1, i4 as a byte with its
// sign, index as 64 bits.

#include "compiler/emit/emit.h"
#include "iree/hal/element_type.h"

// How MLIR packs i1 is its own affair.
static void copy_booleans(MlirAttribute value, size_t count, uint8_t* data) {
  bool is_splat = mlirDenseElementsAttrIsSplat(value);
  bool splat = is_splat && mlirDenseElementsAttrGetBoolSplatValue(value);
  for (size_t i = 0; i < count; ++i) {
    data[i] = is_splat ? splat : mlirDenseElementsAttrGetBoolValue(value, (intptr_t)i);
  }
}

// MLIR keeps i4 in a byte each, whose upper half says nothing.
static void copy_nibbles(const uint8_t* raw, bool is_splat, size_t count, uint8_t* data) {
  for (size_t i = 0; i < count; ++i) {
    uint8_t nibble = raw[is_splat ? 0 : i] & 0xF;
    data[i] = (uint8_t)((nibble ^ 8) - 8);
  }
}

bool tenon_constant_bytes(tenon_arena_t* arena, MlirAttribute value, const uint8_t** out_data,
                          size_t* out_length) {
  if (!mlirAttributeIsADenseElements(value)) return false;
  MlirType type = mlirShapedTypeGetElementType(mlirAttributeGetType(value));
  uint32_t element_type = 0;
  if (!tenon_element_type_of(type, &element_type)) return false;
  bool is_boolean = element_type == IREE_HAL_ELEMENT_TYPE_BOOL_8;
  bool is_nibble = element_type == IREE_HAL_ELEMENT_TYPE_INT_4;
  size_t element_size = iree_hal_element_dense_byte_count(element_type);
  size_t count = (size_t)mlirElementsAttrGetNumElements(value);
  *out_length = count * element_size;
  // MLIR keeps elements of whole bytes as they lie in a buffer, a splat just once.
  const uint8_t* raw = mlirDenseElementsAttrGetRawData(value);
  bool is_splat = mlirDenseElementsAttrIsSplat(value);
  *out_data = raw;
  if (!is_boolean && !is_nibble && !is_splat && count > 0) return true;
  uint8_t* data = tenon_arena_alloc(arena, count, element_size);
  *out_data = data;
  if (is_boolean) {
    copy_booleans(value, count, data);
  } else if (is_nibble) {
    copy_nibbles(raw, is_splat, count, data);
  } else {
    for (size_t i = 0; i < count; ++i) memcpy(data + i * element_size, raw, element_size);
  }
  return true;
}
