// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Alignment, arithmetic on sizes that can't wrap unnoticed, and little-endian access to unaligned
// memory.
#ifndef IREE_BASE_ALIGNMENT_H_
#define IREE_BASE_ALIGNMENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "iree/base/attributes.h"
#include "iree/base/config.h"

#ifdef __cplusplus
#define iree_alignas(x) alignas(x)
#define iree_alignof(x) alignof(x)
#else
#define iree_alignas(x) _Alignas(x)
#define iree_alignof(x) _Alignof(x)
#endif

// The alignment that malloc promises.
#define iree_max_align_t (sizeof(long double))

//===--- Alignment ---------------------------------------------------------------------------===//
// Every alignment must be a power of two. `align` rounds up and wraps to a small value near the
// maximum: on sizes that a caller or a file chose, use the checked form below.

static inline iree_host_size_t iree_host_align(iree_host_size_t value, iree_host_size_t alignment) {
  return (value + (alignment - 1)) & ~(alignment - 1);
}
static inline bool iree_host_size_has_alignment(iree_host_size_t value,
                                                iree_host_size_t alignment) {
  return (value & (alignment - 1)) == 0;
}
static inline iree_device_size_t iree_device_align(iree_device_size_t value,
                                                   iree_device_size_t alignment) {
  return (value + (alignment - 1)) & ~(alignment - 1);
}
static inline bool iree_device_size_has_alignment(iree_device_size_t value,
                                                  iree_device_size_t alignment) {
  return (value & (alignment - 1)) == 0;
}
static inline bool iree_host_size_is_power_of_two(iree_host_size_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// The size of a structure when other data follows it: rounded up so that what follows has malloc's
// alignment.
#define iree_sizeof_struct(type) iree_host_align(sizeof(type), iree_max_align_t)

//===--- Checked arithmetic ------------------------------------------------------------------===//
// Each returns true and stores the result when it is representable; otherwise it returns false and
// *out is unspecified.

static inline bool iree_host_size_checked_add(iree_host_size_t a, iree_host_size_t b,
                                              iree_host_size_t* out) {
  return !__builtin_add_overflow(a, b, out);
}
static inline bool iree_host_size_checked_mul(iree_host_size_t a, iree_host_size_t b,
                                              iree_host_size_t* out) {
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool iree_host_size_checked_align(iree_host_size_t value, iree_host_size_t alignment,
                                                iree_host_size_t* out) {
  *out = iree_host_align(value, alignment);
  return *out >= value;
}
static inline bool iree_device_size_checked_add(iree_device_size_t a, iree_device_size_t b,
                                                iree_device_size_t* out) {
  return !__builtin_add_overflow(a, b, out);
}
static inline bool iree_device_size_checked_mul(iree_device_size_t a, iree_device_size_t b,
                                                iree_device_size_t* out) {
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool iree_device_size_checked_align(iree_device_size_t value,
                                                  iree_device_size_t alignment,
                                                  iree_device_size_t* out) {
  *out = iree_device_align(value, alignment);
  return *out >= value;
}

//===--- Unaligned little-endian access ------------------------------------------------------===//
// The pointers need no alignment. The compiler turns each into one load or store.

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "Tenon supports little-endian targets only"
#endif

#define TENON_DEFINE_UNALIGNED_LE(suffix, type)                                \
  static inline type iree_unaligned_load_le_##suffix(const void* ptr) {        \
    type value;                                                                \
    memcpy(&value, ptr, sizeof(value));                                        \
    return value;                                                              \
  }                                                                            \
  static inline void iree_unaligned_store_le_##suffix(void* ptr, type value) { \
    memcpy(ptr, &value, sizeof(value));                                        \
  }
TENON_DEFINE_UNALIGNED_LE(u8, uint8_t)
TENON_DEFINE_UNALIGNED_LE(u16, uint16_t)
TENON_DEFINE_UNALIGNED_LE(u32, uint32_t)
TENON_DEFINE_UNALIGNED_LE(u64, uint64_t)
TENON_DEFINE_UNALIGNED_LE(f32, float)
TENON_DEFINE_UNALIGNED_LE(f64, double)
#undef TENON_DEFINE_UNALIGNED_LE

#endif  // IREE_BASE_ALIGNMENT_H_
