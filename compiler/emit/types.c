// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR types as registers, elements of buffers and letters of calling conventions.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/emit/emit.h"
#include "iree/hal/element_type.h"

bool tenon_kind_of(MlirType type, tenon_kind_t* out_kind) {
  *out_kind = (tenon_kind_t){.register_class = TENON_CLASS_REF};
  if (mlirTypeIsAIndex(type)) {
    *out_kind = (tenon_kind_t){TENON_CLASS_I64, 64, TENON_NARROW_NONE};
    return true;
  }
  if (mlirTypeIsAInteger(type) && mlirIntegerTypeIsSignless(type)) {
    unsigned width = mlirIntegerTypeGetWidth(type);
    *out_kind = (tenon_kind_t){width == 64 ? TENON_CLASS_I64 : TENON_CLASS_I32, (int)width,
                               TENON_NARROW_NONE};
    return width == 1 || width == 4 || width == 8 || width == 16 || width == 32 || width == 64;
  }
  if (mlirTypeIsAF32(type) || mlirTypeIsAF64(type)) {
    out_kind->register_class = mlirTypeIsAF32(type) ? TENON_CLASS_F32 : TENON_CLASS_F64;
    return true;
  }
  if (mlirTypeIsAF16(type) || mlirTypeIsABF16(type)) {
    out_kind->register_class = TENON_CLASS_F32;
    out_kind->narrow = mlirTypeIsAF16(type) ? TENON_NARROW_F16 : TENON_NARROW_BF16;
    return true;
  }
  return tenon_type_is_buffer(type) || tenon_type_is_view(type) || tenon_type_is_timepoint(type) ||
         tenon_type_is_fence(type) || tenon_type_is_ref(type) || tenon_type_is_vm(type) ||
         tenon_type_is_turn(type);
}

static uint32_t float_element_type(tenon_kind_t kind) {
  if (kind.register_class == TENON_CLASS_F64) return IREE_HAL_ELEMENT_TYPE_FLOAT_64;
  static const uint32_t types[] = {
      [TENON_NARROW_NONE] = IREE_HAL_ELEMENT_TYPE_FLOAT_32,
      [TENON_NARROW_F16] = IREE_HAL_ELEMENT_TYPE_FLOAT_16,
      [TENON_NARROW_BF16] = IREE_HAL_ELEMENT_TYPE_BFLOAT_16,
  };
  return types[kind.narrow];
}

bool tenon_element_type_of(MlirType type, uint32_t* out_element_type) {
  if (mlirTypeIsAComplex(type)) {
    MlirType part = mlirComplexTypeGetElementType(type);
    *out_element_type = mlirTypeIsAF32(part) ? IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_64
                                             : IREE_HAL_ELEMENT_TYPE_COMPLEX_FLOAT_128;
    return mlirTypeIsAF32(part) || mlirTypeIsAF64(part);
  }
  tenon_kind_t kind;
  if (!tenon_kind_of(type, &kind) || kind.register_class == TENON_CLASS_REF) return false;
  if (kind.width == 1) {
    *out_element_type = IREE_HAL_ELEMENT_TYPE_BOOL_8;
  } else if (kind.width) {
    *out_element_type =
        IREE_HAL_ELEMENT_TYPE_VALUE(IREE_HAL_NUMERICAL_TYPE_INTEGER, (uint32_t)kind.width);
  } else {
    *out_element_type = float_element_type(kind);
  }
  return true;
}

uint32_t tenon_emitter_type(tenon_emitter_t* emitter, MlirType type) {
  if (mlirTypeIsNull(type)) return TENON_TYPE_ANY;
  if (tenon_type_is_object(type)) return TENON_TYPE_ANY_REF;
  tenon_kind_t kind;
  if (!tenon_type_is_ref(type) && tenon_kind_of(type, &kind)) {
    if (kind.register_class == TENON_CLASS_F32) return TENON_TYPE_F32;
    if (kind.register_class == TENON_CLASS_F64) return TENON_TYPE_F64;
    return kind.width == 64   ? TENON_TYPE_I64
           : kind.width == 32 ? TENON_TYPE_I32
           : kind.width == 16 ? TENON_TYPE_I16
                              : TENON_TYPE_I8;
  }
  tenon_text_t name = {0};
  if (mlirTypeIsAOpaque(type)) {
    MlirStringRef dialect = mlirOpaqueTypeGetDialectNamespace(type);
    MlirStringRef data = mlirOpaqueTypeGetData(type);
    tenon_text_appendf(&name, "%.*s.%.*s", (int)dialect.length, dialect.data, (int)data.length,
                       data.data);
  } else {
    tenon_text_appendf(&name, tenon_type_is_list(type) ? "vm.list" : "vm.buffer");
  }
  uint32_t text = tenon_writer_string(emitter->writer, name.data, name.length);
  free(name.data);
  return TENON_TYPE_REF(tenon_writer_add_type(emitter->writer, text));
}

bool tenon_is_erased(const tenon_emitter_t* emitter, MlirType type) {
  return !emitter->asynchronous && tenon_type_is_timepoint(type);
}

// The letters of |count| values, 'v' for none.
static bool append_letters(const tenon_emitter_t* emitter, tenon_text_t* text, MlirType type,
                           intptr_t count, MlirType (*get)(MlirType, intptr_t)) {
  static const char letters[] = {[TENON_CLASS_I32] = 'i',
                                 [TENON_CLASS_I64] = 'I',
                                 [TENON_CLASS_F32] = 'f',
                                 [TENON_CLASS_F64] = 'F',
                                 [TENON_CLASS_REF] = 'r'};
  size_t start = text->length;
  for (intptr_t i = 0; i < count; ++i) {
    tenon_kind_t kind;
    if (tenon_is_erased(emitter, get(type, i))) continue;
    if (!tenon_kind_of(get(type, i), &kind)) return false;
    tenon_text_append(text, &letters[kind.register_class], 1);
  }
  if (text->length == start) tenon_text_append(text, "v", 1);
  return true;
}

MlirLogicalResult tenon_calling_convention(const tenon_emitter_t* emitter, MlirOperation op,
                                           MlirType type, uint32_t* out_string) {
  tenon_text_t text = {0};
  tenon_text_append(&text, "0", 1);
  bool ok = append_letters(emitter, &text, type, mlirFunctionTypeGetNumInputs(type),
                           mlirFunctionTypeGetInput);
  tenon_text_append(&text, "_", 1);
  ok = ok && append_letters(emitter, &text, type, mlirFunctionTypeGetNumResults(type),
                            mlirFunctionTypeGetResult);
  if (ok) *out_string = tenon_writer_string(emitter->writer, text.data, text.length);
  free(text.data);
  if (ok) return mlirLogicalResultSuccess();
  return tenon_error(
      op,
      "the function has an argument or result of a type that is not supported; "
      "supported are i1, i4, i8, i16, i32, i64, index, f16, bf16, f32, f64 and tensors "
      "of them and of complex<f32> and complex<f64>");
}
