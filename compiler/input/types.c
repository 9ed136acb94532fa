// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/types.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/dialects/dialects.h"
#include "compiler/support/mlir_util.h"

bool tenon_is_number(MlirType type) {
  if (mlirTypeIsAIndex(type) || mlirTypeIsAF16(type) || mlirTypeIsABF16(type) ||
      mlirTypeIsAF32(type) || mlirTypeIsAF64(type)) {
    return true;
  }
  if (!mlirTypeIsAInteger(type) || !mlirIntegerTypeIsSignless(type)) return false;
  switch (mlirIntegerTypeGetWidth(type)) {
    case 1:
    case 4:
    case 8:
    case 16:
    case 32:
    case 64:
      return true;
    default:
      return false;
  }
}

bool tenon_is_element(MlirType type) {
  if (!mlirTypeIsAComplex(type)) return tenon_is_number(type);
  MlirType part = mlirComplexTypeGetElementType(type);
  return mlirTypeIsAF32(part) || mlirTypeIsAF64(part);
}

// Whether the static dimensions alone make a tensor of more bytes than can be counted.
static bool is_too_large(MlirType type) {
  int64_t bytes = 16;  // the largest element
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d) {
    if (mlirShapedTypeIsDynamicDim(type, d)) continue;
    int64_t size = mlirShapedTypeGetDimSize(type, d);
    if (size == 0) return false;
    if (__builtin_mul_overflow(bytes, size, &bytes)) return true;
  }
  return false;
}

// The name that a ref type is registered by: letters, digits, '_', '.', '$' and '-'.
static bool is_ref_type_name(MlirStringRef name) {
  for (size_t i = 0; i < name.length; ++i) {
    char c = name.data[i];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_letter && !(c >= '0' && c <= '9') && !strchr("_.$-", c)) return false;
  }
  return name.length > 0;
}

static const char* ref_problem(MlirType type) {
  while (tenon_type_is_list(type)) {  // of what the dialect allows in it
    type = tenon_list_element_type(type);
    if (mlirTypeIsNull(type)) return NULL;
  }
  if (!mlirTypeIsAOpaque(type) || is_ref_type_name(mlirOpaqueTypeGetData(type))) return NULL;
  return "expected a type that is only a name, like !custom.string";
}

// What is wrong with |type|; NULL if nothing.
static const char* type_problem(MlirType type) {
  if (tenon_is_number(type)) return NULL;
  if (tenon_type_is_ref(type)) return ref_problem(type);
  if (!mlirTypeIsARankedTensor(type)) {
    return "expected i1, i4, i8, i16, i32, i64, f16, bf16, f32, f64, index or a ranked tensor";
  }
  if (!tenon_is_element(mlirShapedTypeGetElementType(type))) {
    return "expected elements of i1, i4, i8, i16, i32, i64, f16, bf16, f32, f64, index, "
           "complex<f32> "
           "or complex<f64>";
  }
  if (!mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type))) {
    return "expected a tensor without an encoding";
  }
  if (mlirShapedTypeGetRank(type) > TENON_MAX_RANK) return "expected a rank of 6 or less";
  if (is_too_large(type)) return "its size in bytes does not fit 64 bits";
  return NULL;
}

bool tenon_check_type(MlirLocation location, MlirType type, MlirStringRef name,
                      const tenon_options_t* options) {
  const char* problem = type_problem(type);
  if (!problem && options->execution_model == TENON_MODEL_HOST_ONLY && mlirTypeIsATensor(type)) {
    problem =
        "tensors are of a device, and a program of --iree-execution-model=host-only has none; use "
        "!util.buffer, or another execution model";
  }
  if (!problem) return true;
  tenon_text_t text = {0};
  mlirTypePrint(type, tenon_text_callback, &text);
  tenon_error_at(location, "'%.*s': type %s is not supported: %s", (int)name.length, name.data,
                 text.data, problem);
  free(text.data);
  return false;
}
