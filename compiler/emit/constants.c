// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of constant tensors: dense, little-endian, i1 as a byte of 0 or 1, index as 64 bits.

#include "compiler/emit/emit.h"

// How MLIR packs i1 is its own affair.
static void copy_booleans(MlirAttribute value, size_t count, uint8_t* data) {
  bool is_splat = mlirDenseElementsAttrIsSplat(value);
  bool splat = is_splat && mlirDenseElementsAttrGetBoolSplatValue(value);
  for (size_t i = 0; i < count; ++i) {
    data[i] = is_splat ? splat : mlirDenseElementsAttrGetBoolValue(value, (intptr_t)i);
  }
}

bool tenon_constant_bytes(tenon_arena_t* arena, MlirAttribute value, const uint8_t** out_data,
                          size_t* out_length) {
  if (!mlirAttributeIsADenseElements(value)) return false;
  MlirType type = mlirShapedTypeGetElementType(mlirAttributeGetType(value));
  tenon_kind_t kind;
  if (!tenon_kind_of(type, &kind) || kind.register_class == TENON_CLASS_REF) return false;
  bool is_double = kind.register_class == TENON_CLASS_F64;
  size_t element_size = kind.width ? (size_t)(kind.width + 7) / 8 : is_double ? 8 : 4;
  size_t count = (size_t)mlirElementsAttrGetNumElements(value);
  *out_length = count * element_size;
  // MLIR keeps elements of whole bytes as they lie in a buffer, a splat just once.
  const uint8_t* raw = mlirDenseElementsAttrGetRawData(value);
  bool is_splat = mlirDenseElementsAttrIsSplat(value);
  *out_data = raw;
  if (kind.width != 1 && !is_splat && count > 0) return true;
  uint8_t* data = tenon_arena_alloc(arena, count, element_size);
  *out_data = data;
  if (kind.width == 1) {
    copy_booleans(value, count, data);
  } else {
    for (size_t i = 0; i < count; ++i) memcpy(data + i * element_size, raw, element_size);
  }
  return true;
}
