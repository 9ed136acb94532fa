// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the instructions compute where C alone would leave it undefined or to the processor.

#ifndef TENON_VM_BYTECODE_ARITHMETIC_H_
#define TENON_VM_BYTECODE_ARITHMETIC_H_

#include <stdint.h>

#include "format/ops.h"

// Divisors are not 0.
static inline int32_t tenon_divs_i32(int32_t a, int32_t b) {
  return b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
}
static inline int32_t tenon_rems_i32(int32_t a, int32_t b) { return b == -1 ? 0 : a % b; }
static inline int64_t tenon_divs_i64(int64_t a, int64_t b) {
  return b == -1 ? (int64_t)(0u - (uint64_t)a) : a / b;
}
static inline int64_t tenon_rems_i64(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

static inline uint32_t tenon_shl_i32(uint32_t a, uint32_t n) { return n < 32 ? a << n : 0; }
static inline uint32_t tenon_shru_i32(uint32_t a, uint32_t n) { return n < 32 ? a >> n : 0; }
static inline int32_t tenon_shrs_i32(int32_t a, uint32_t n) { return a >> (n < 32 ? n : 31); }
static inline uint64_t tenon_shl_i64(uint64_t a, uint64_t n) { return n < 64 ? a << n : 0; }
static inline uint64_t tenon_shru_i64(uint64_t a, uint64_t n) { return n < 64 ? a >> n : 0; }
static inline int64_t tenon_shrs_i64(int64_t a, uint64_t n) { return a >> (n < 64 ? n : 63); }

static inline uint32_t tenon_ctlz_i32(uint32_t a) { return a ? (uint32_t)__builtin_clz(a) : 32; }
static inline uint64_t tenon_ctlz_i64(uint64_t a) { return a ? (uint64_t)__builtin_clzll(a) : 64; }

// The processor's instruction: C's sqrt() is a function of libm, called for negative numbers at
// least, whatever the compiler makes of the others.
static inline float tenon_sqrt_f32(float a) {
#if defined(__SSE2__)
  __asm__("sqrtss %1, %0" : "=x"(a) : "x"(a));
  return a;
#elif defined(__aarch64__)
  __asm__("fsqrt %s0, %s1" : "=w"(a) : "w"(a));
  return a;
#else
  return __builtin_sqrtf(a);
#endif
}
static inline double tenon_sqrt_f64(double a) {
#if defined(__SSE2__)
  __asm__("sqrtsd %1, %0" : "=x"(a) : "x"(a));
  return a;
#elif defined(__aarch64__)
  __asm__("fsqrt %d0, %d1" : "=w"(a) : "w"(a));
  return a;
#else
  return __builtin_sqrt(a);
#endif
}

static inline int64_t tenon_mulhs_i64(int64_t a, int64_t b) {
  return (int64_t)(((__int128)a * b) >> 64);
}
static inline uint64_t tenon_mulhu_i64(uint64_t a, uint64_t b) {
  return (uint64_t)(((unsigned __int128)a * b) >> 64);
}

// The relations that each predicate holds for, four bits each: 1 equal, 2 greater, 4 less, 8
// unordered.
#define TENON_FCMP_RELATIONS UINT64_C(0xF8EDCBA976543210)

static inline int32_t tenon_compare_f64(double a, double b, uint32_t predicate) {
  uint64_t relation = a == b ? 1 : a > b ? 2 : a < b ? 4 : 8;
  return (TENON_FCMP_RELATIONS >> (4 * predicate) & relation) != 0;
}

#endif  // TENON_VM_BYTECODE_ARITHMETIC_H_
