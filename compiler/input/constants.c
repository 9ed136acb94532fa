// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/input/constants.h"

#include <stdint.h>
#include <stdlib.h>

#include "compiler/input/body.h"
#include "compiler/support/mlir_util.h"
#include "compiler/support/resources.h"

#define STR(ref) (int)(ref).length, (ref).data

//===--------------------------------------------------------------------===//
// Resources
//===--------------------------------------------------------------------===//

// The bytes that a number takes in a resource; 0 for other types.
static size_t size_of(MlirType type) {
  if (mlirTypeIsAComplex(type)) return 2 * size_of(mlirComplexTypeGetElementType(type));
  if (mlirTypeIsAIndex(type)) return 8;
  if (mlirTypeIsAInteger(type)) return ((size_t)mlirIntegerTypeGetWidth(type) + 7) / 8;
  return mlirTypeIsAFloat(type) ? ((size_t)mlirFloatTypeGetWidth(type) + 7) / 8 : 0;
}

// How many bytes the elements of |type| take; false if that is unknown.
static bool length_of(MlirType type, size_t* length) {
  *length = size_of(mlirShapedTypeGetElementType(type));
  bool is_known = *length > 0;
  for (intptr_t d = 0; is_known && d < mlirShapedTypeGetRank(type); ++d) {
    is_known = !__builtin_mul_overflow(*length, mlirShapedTypeGetDimSize(type, d), length);
  }
  return is_known;
}

static MlirAttribute dense_elements(MlirType type, const void* data, size_t length) {
  if (length == 0) return mlirDenseElementsAttrGet(type, 0, NULL);
  MlirType element = mlirShapedTypeGetElementType(type);
  if (!mlirTypeIsAInteger(element) || mlirIntegerTypeGetWidth(element) != 1) {
    return mlirDenseElementsAttrRawBufferGet(type, length, data);
  }
  int* flags = tenon_xcalloc(length, sizeof(*flags));
  for (size_t i = 0; i < length; ++i) flags[i] = ((const uint8_t*)data)[i] != 0;
  MlirAttribute elements = mlirDenseElementsAttrBoolGet(type, (intptr_t)length, flags);
  free(flags);
  return elements;
}

// The elements of |resource|; null, with a message, if they aren't there.
static MlirAttribute load_resource(MlirOperation op, MlirAttribute resource) {
  MlirType type = mlirAttributeGetType(resource);
  MlirStringRef name;
  const void* data = NULL;
  size_t length = 0, expected = 0;
  if (!tenon_resource_bytes(resource, &name, &data, &length)) {
    tenon_error(op, "'%.*s': the module has no resource '%.*s'", STR(tenon_op_name(op)), STR(name));
    return mlirAttributeGetNull();
  }
  if (!length_of(type, &expected)) {
    tenon_error(op, "'%.*s': the resource '%.*s' is of a type that is not supported",
                STR(tenon_op_name(op)), STR(name));
    return mlirAttributeGetNull();
  }
  if (length == expected) return dense_elements(type, data, length);
  tenon_error(op, "'%.*s': the resource '%.*s' has %zu bytes, but its type needs %zu",
              STR(tenon_op_name(op)), STR(name), length, expected);
  return mlirAttributeGetNull();
}

static MlirWalkResult load_resources(MlirOperation op, void* ok) {
  static const char* const names[] = {"value", "initial_value"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str(names[i]));
    if (mlirAttributeIsNull(attribute) || !mlirAttributeIsADenseResourceElements(attribute)) {
      continue;
    }
    MlirAttribute elements = load_resource(op, attribute);
    if (mlirAttributeIsNull(elements)) {
      *(bool*)ok = false;
    } else {
      mlirOperationSetAttributeByName(op, tenon_str(names[i]), elements);
    }
  }
  return MlirWalkResultAdvance;
}

bool tenon_load_resources(MlirOperation module) {
  bool ok = true;
  mlirOperationWalk(module, load_resources, &ok, MlirWalkPreOrder);
  return ok;
}

//===--------------------------------------------------------------------===//
// Splats
//===--------------------------------------------------------------------===//

// Elements that may take space.
#define MAX_ELEMENTS 256

static bool is_large_splat(MlirOperation op) {
  if (!tenon_op_is(op, "arith.constant")) return false;
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  return mlirAttributeIsADenseElements(value) && mlirDenseElementsAttrIsSplat(value) &&
         mlirElementsAttrGetNumElements(value) > MAX_ELEMENTS;
}

static MlirValue insert_fill(MlirOperation before, MlirType type, MlirAttribute value) {
  tenon_body_t body = tenon_generic_begin(before, mlirShapedTypeGetRank(type));
  MlirValue number = tenon_insert_constant(before, mlirShapedTypeGetElementType(type),
                                           mlirDenseElementsAttrGetSplatValue(value));
  return tenon_generic_end(&body, type, NULL, number);
}

void tenon_fill_splats(MlirOperation module) {
  tenon_op_list_t splats = tenon_collect_ops(module, is_large_splat);
  for (size_t i = 0; i < splats.count; ++i) {
    MlirOperation op = splats.data[i];
    MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
    MlirValue tensor = mlirOperationGetResult(op, 0);
    MlirOpOperand use = mlirValueGetFirstUse(tensor);
    while (!mlirOpOperandIsNull(use)) {
      // A body's tensor is made outside.
      MlirOperation user = mlirOpOperandGetOwner(use), place = user;
      MlirOperation parent = mlirOperationGetParentOperation(place);
      if (tenon_is_linalg(parent) || tenon_op_is(parent, "tenon.update")) place = parent;
      mlirOperationSetOperand(user, mlirOpOperandGetOperandNumber(use),
                              insert_fill(place, mlirValueGetType(tensor), value));
      use = mlirValueGetFirstUse(tensor);
    }
    mlirOperationDestroy(op);
  }
  free(splats.data);
}
