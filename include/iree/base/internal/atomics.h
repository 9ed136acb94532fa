// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomic integers and reference counts, the same in C11 and C++.
//
// The types are plain integers, so that they may be fields of structures that both languages see
// and be assigned before they are shared; all access to a shared one goes through these functions.
// Each function is one instruction or a short loop.
#ifndef IREE_BASE_INTERNAL_ATOMICS_H_
#define IREE_BASE_INTERNAL_ATOMICS_H_

#include <stdbool.h>
#include <stdint.h>

#include "iree/base/attributes.h"

#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define TENON_HAVE_SINGLE_THREADED 1
#endif
#endif

typedef enum iree_memory_order_e {
  iree_memory_order_relaxed = __ATOMIC_RELAXED,
  iree_memory_order_consume = __ATOMIC_CONSUME,
  iree_memory_order_acquire = __ATOMIC_ACQUIRE,
  iree_memory_order_release = __ATOMIC_RELEASE,
  iree_memory_order_acq_rel = __ATOMIC_ACQ_REL,
  iree_memory_order_seq_cst = __ATOMIC_SEQ_CST,
} iree_memory_order_t;

typedef int32_t iree_atomic_int32_t;
typedef int64_t iree_atomic_int64_t;
typedef intptr_t iree_atomic_intptr_t;

// The initial value, in an initialiser or an assignment.
#define IREE_ATOMIC_VAR_INIT(value) (value)

// `order` is a constant. fetch_* and exchange return the value before. compare_exchange stores
// `desired` and returns true when the value is *expected; otherwise it sets *expected to the value
// and returns false (weak: may fail without cause).
#define iree_atomic_load(object, order) __atomic_load_n(object, order)
#define iree_atomic_store(object, desired, order) __atomic_store_n(object, desired, order)
#define iree_atomic_fetch_add(object, operand, order) __atomic_fetch_add(object, operand, order)
#define iree_atomic_fetch_sub(object, operand, order) __atomic_fetch_sub(object, operand, order)
#define iree_atomic_fetch_and(object, operand, order) __atomic_fetch_and(object, operand, order)
#define iree_atomic_fetch_or(object, operand, order) __atomic_fetch_or(object, operand, order)
#define iree_atomic_fetch_xor(object, operand, order) __atomic_fetch_xor(object, operand, order)
#define iree_atomic_exchange(object, desired, order) __atomic_exchange_n(object, desired, order)
#define iree_atomic_compare_exchange_strong(object, expected, desired, order_succeed, order_fail) \
  __atomic_compare_exchange_n(object, expected, desired, false, order_succeed, order_fail)
#define iree_atomic_compare_exchange_weak(object, expected, desired, order_succeed, order_fail) \
  __atomic_compare_exchange_n(object, expected, desired, true, order_succeed, order_fail)
#define iree_atomic_thread_fence(order) __atomic_thread_fence(order)

// The same by the type's name.
#define iree_atomic_load_int32(object, order) iree_atomic_load(object, order)
#define iree_atomic_store_int32(object, desired, order) iree_atomic_store(object, desired, order)
#define iree_atomic_fetch_add_int32(object, operand, order) \
  iree_atomic_fetch_add(object, operand, order)
#define iree_atomic_fetch_sub_int32(object, operand, order) \
  iree_atomic_fetch_sub(object, operand, order)
#define iree_atomic_exchange_int32(object, desired, order) \
  iree_atomic_exchange(object, desired, order)
#define iree_atomic_load_int64(object, order) iree_atomic_load(object, order)
#define iree_atomic_store_int64(object, desired, order) iree_atomic_store(object, desired, order)
#define iree_atomic_fetch_add_int64(object, operand, order) \
  iree_atomic_fetch_add(object, operand, order)
#define iree_atomic_fetch_sub_int64(object, operand, order) \
  iree_atomic_fetch_sub(object, operand, order)
#define iree_atomic_exchange_int64(object, desired, order) \
  iree_atomic_exchange(object, desired, order)
#define iree_atomic_load_intptr(object, order) iree_atomic_load(object, order)
#define iree_atomic_store_intptr(object, desired, order) iree_atomic_store(object, desired, order)
#define iree_atomic_fetch_add_intptr(object, operand, order) \
  iree_atomic_fetch_add(object, operand, order)
#define iree_atomic_fetch_sub_intptr(object, operand, order) \
  iree_atomic_fetch_sub(object, operand, order)
#define iree_atomic_exchange_intptr(object, desired, order) \
  iree_atomic_exchange(object, desired, order)

//===--- Reference counts --------------------------------------------------------------------===//
// While the process has one thread (the C library knows) a count is an ordinary integer: an atomic
// operation costs some 20 cycles, and the runtime counts on every call. The C library clears the
// flag before a second thread starts.

typedef iree_atomic_int32_t iree_atomic_ref_count_t;

#if defined(TENON_HAVE_SINGLE_THREADED)
#define TENON_IS_SINGLE_THREADED (__libc_single_threaded)
#else
#define TENON_IS_SINGLE_THREADED 0
#endif

// Sets a new object's count to 1 (to `value`), before it is shared.
static inline void iree_atomic_ref_count_init_value(iree_atomic_ref_count_t* ref_count,
                                                    int32_t value) {
  __atomic_store_n(ref_count, value, __ATOMIC_RELAXED);
}
static inline void iree_atomic_ref_count_init(iree_atomic_ref_count_t* ref_count) {
  iree_atomic_ref_count_init_value(ref_count, 1);
}
static inline void iree_atomic_ref_count_inc(iree_atomic_ref_count_t* ref_count) {
  if (IREE_LIKELY(TENON_IS_SINGLE_THREADED)) {
    *ref_count += 1;
  } else {
    __atomic_fetch_add(ref_count, 1, __ATOMIC_RELAXED);
  }
}
// Returns the count *before*: 1 means that the caller held the last reference and destroys the
// object, and sees all that other threads did to it before they let go.
static inline int32_t iree_atomic_ref_count_dec(iree_atomic_ref_count_t* ref_count) {
  if (IREE_LIKELY(TENON_IS_SINGLE_THREADED)) {
    return (*ref_count)--;
  }
  return __atomic_fetch_sub(ref_count, 1, __ATOMIC_ACQ_REL);
}
// For assertions and for "am I the only owner": 1 stays true for the owner who asks.
static inline int32_t iree_atomic_ref_count_load(const iree_atomic_ref_count_t* ref_count) {
  return __atomic_load_n(ref_count, __ATOMIC_ACQUIRE);
}

#endif  // IREE_BASE_INTERNAL_ATOMICS_H_
