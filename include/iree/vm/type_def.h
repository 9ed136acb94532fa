// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The type of a list element or of one value in a list of anything: a scalar type, a reference
// type, or "variant".
#ifndef IREE_VM_TYPE_DEF_H_
#define IREE_VM_TYPE_DEF_H_

#include "iree/base/api.h"
#include "iree/vm/ref.h"
#include "iree/vm/value.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Exactly one of the two is set, or neither: a variant (as an element type), or empty (as the type
// of a variant's content).
typedef struct iree_vm_type_def_t {
  iree_vm_value_type_t value_type : 8;
  iree_vm_ref_type_t ref_type : 24;
} iree_vm_type_def_t;

static inline iree_vm_type_def_t iree_vm_type_def_make_variant_type(void) {
  iree_vm_type_def_t type_def;
  type_def.value_type = IREE_VM_VALUE_TYPE_NONE;
  type_def.ref_type = IREE_VM_REF_TYPE_NULL;
  return type_def;
}

static inline iree_vm_type_def_t iree_vm_type_def_make_value_type(iree_vm_value_type_t value_type) {
  iree_vm_type_def_t type_def = iree_vm_type_def_make_variant_type();
  type_def.value_type = value_type;
  return type_def;
}

// IREE_VM_REF_TYPE_ANY makes the type of lists whose references may be of different types.
static inline iree_vm_type_def_t iree_vm_type_def_make_ref_type(iree_vm_ref_type_t ref_type) {
  iree_vm_type_def_t type_def = iree_vm_type_def_make_variant_type();
  type_def.ref_type = ref_type & 0x00FFFFFFu;
  return type_def;
}

#define iree_vm_type_def_is_value(v) ((v)->value_type != IREE_VM_VALUE_TYPE_NONE)
#define iree_vm_type_def_is_ref(v) ((v)->ref_type != IREE_VM_REF_TYPE_NULL)
#define iree_vm_type_def_is_variant(v) \
  ((v)->value_type == IREE_VM_VALUE_TYPE_NONE && (v)->ref_type == IREE_VM_REF_TYPE_NULL)

// A scalar or a reference with its type. A variant with a reference owns one count of it unless
// said otherwise.
typedef struct iree_vm_variant_t {
  iree_vm_type_def_t type;
  union {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    iree_vm_ref_t ref;
    uint8_t value_storage[IREE_VM_VALUE_STORAGE_SIZE];
  };
} iree_vm_variant_t;

// The variant that holds nothing: what zeroed memory is, too.
static inline iree_vm_variant_t iree_vm_variant_empty(void) {
  iree_vm_variant_t variant;
  variant.type = iree_vm_type_def_make_variant_type();
  variant.ref = iree_vm_ref_null();
  return variant;
}

#define iree_vm_variant_is_value(v) iree_vm_type_def_is_value(&(v).type)
#define iree_vm_variant_is_ref(v) iree_vm_type_def_is_ref(&(v).type)
#define iree_vm_variant_is_empty(v) iree_vm_type_def_is_variant(&(v).type)

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_TYPE_DEF_H_
