// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module and its functions tell of themselves in the file: attributes and versions.

#include <stdint.h>

#include "compiler/emit/emit.h"

// Attributes of a function that are told under these names.
static const char* const reflected[][2] = {
    {"tenon.declaration", "iree.abi.declaration"},
    {"iree.abi.model", "iree.abi.model"},
};
#define REFLECTED_COUNT (sizeof(reflected) / sizeof(reflected[0]))

MlirLogicalResult tenon_emitter_reflect(tenon_emitter_t* emitter, MlirOperation op,
                                        tenon_attribute_t** out_attributes, size_t* out_count) {
  tenon_writer_t* writer = emitter->writer;
  // What the program's author wants to be told.
  MlirAttribute own = mlirOperationGetAttributeByName(op, tenon_str("iree.reflection"));
  const bool has_own = !mlirAttributeIsNull(own);
  if (has_own && !mlirAttributeIsADictionary(own)) {
    return tenon_error(op, "'iree.reflection' must be a dictionary of strings");
  }
  const size_t own_count = has_own ? (size_t)mlirDictionaryAttrGetNumElements(own) : 0;
  tenon_attribute_t* attributes =
      tenon_arena_alloc(&emitter->arena, REFLECTED_COUNT + own_count, sizeof(tenon_attribute_t));
  size_t count = 0;
  for (size_t i = 0; i < REFLECTED_COUNT; ++i) {
    MlirAttribute text = mlirOperationGetAttributeByName(op, tenon_str(reflected[i][0]));
    if (mlirAttributeIsNull(text) || !mlirAttributeIsAString(text)) continue;
    MlirStringRef value = mlirStringAttrGetValue(text);
    attributes[count].key = tenon_writer_cstring(writer, reflected[i][1]);
    attributes[count++].value = tenon_writer_string(writer, value.data, value.length);
  }
  for (size_t i = 0; i < own_count; ++i) {
    MlirNamedAttribute entry = mlirDictionaryAttrGetElement(own, (intptr_t)i);
    MlirStringRef key = mlirIdentifierStr(entry.name);
    if (!mlirAttributeIsAString(entry.attribute)) {
      return tenon_error(op, "'%.*s' of 'iree.reflection' must be a string", (int)key.length,
                         key.data);
    }
    MlirStringRef value = mlirStringAttrGetValue(entry.attribute);
    attributes[count].key = tenon_writer_string(writer, key.data, key.length);
    attributes[count++].value = tenon_writer_string(writer, value.data, value.length);
  }
  *out_attributes = attributes;
  *out_count = count;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult tenon_emitter_version(MlirOperation op, const char* name, uint32_t* out_version) {
  *out_version = 0;
  MlirAttribute version = mlirOperationGetAttributeByName(op, tenon_str(name));
  if (mlirAttributeIsNull(version)) return mlirLogicalResultSuccess();
  const int64_t value = mlirAttributeIsAInteger(version) ? mlirIntegerAttrGetValueInt(version) : -1;
  if (value < 0 || value > INT32_MAX) {
    return tenon_error(op, "'%s' must be an integer of i32 that is not negative", name);
  }
  *out_version = (uint32_t)value;
  return mlirLogicalResultSuccess();
}
