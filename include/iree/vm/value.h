// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalars, tagged with their type. Plain data: copied freely, owned by nobody.
//
// i8 and i16 exist in lists only: across calls they travel as i32.
#ifndef IREE_VM_VALUE_H_
#define IREE_VM_VALUE_H_

#include "iree/base/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef enum iree_vm_value_type_e {
  // Not a scalar: nothing, or (in a type definition) a reference or a variant.
  IREE_VM_VALUE_TYPE_NONE = 0,
  IREE_VM_VALUE_TYPE_I8 = 1,
  IREE_VM_VALUE_TYPE_I16 = 2,
  IREE_VM_VALUE_TYPE_I32 = 3,
  IREE_VM_VALUE_TYPE_I64 = 4,
  IREE_VM_VALUE_TYPE_F32 = 5,
  IREE_VM_VALUE_TYPE_F64 = 6,
  IREE_VM_VALUE_TYPE_MAX = IREE_VM_VALUE_TYPE_F64,
  IREE_VM_VALUE_TYPE_COUNT = IREE_VM_VALUE_TYPE_MAX + 1,
} iree_vm_value_type_t;

// Bytes of the widest scalar.
#define IREE_VM_VALUE_STORAGE_SIZE 8

// The unused bytes of the storage are unspecified.
typedef struct iree_vm_value_t {
  iree_vm_value_type_t type;
  union {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    uint8_t value_storage[IREE_VM_VALUE_STORAGE_SIZE];
  };
} iree_vm_value_t;

static inline iree_vm_value_t iree_vm_value_make_none(void) {
  iree_vm_value_t value;
  value.type = IREE_VM_VALUE_TYPE_NONE;
  value.i64 = 0;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_i8(int8_t v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_I8;
  value.i8 = v;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_i16(int16_t v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_I16;
  value.i16 = v;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_i32(int32_t v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_I32;
  value.i32 = v;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_i64(int64_t v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_I64;
  value.i64 = v;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_f32(float v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_F32;
  value.f32 = v;
  return value;
}

static inline iree_vm_value_t iree_vm_value_make_f64(double v) {
  iree_vm_value_t value = iree_vm_value_make_none();
  value.type = IREE_VM_VALUE_TYPE_F64;
  value.f64 = v;
  return value;
}

// Read the storage as that type; the caller has looked at value->type.
static inline int32_t iree_vm_value_get_i32(const iree_vm_value_t* value) { return value->i32; }
static inline int64_t iree_vm_value_get_i64(const iree_vm_value_t* value) { return value->i64; }
static inline float iree_vm_value_get_f32(const iree_vm_value_t* value) { return value->f32; }
static inline double iree_vm_value_get_f64(const iree_vm_value_t* value) { return value->f64; }

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_VALUE_H_
