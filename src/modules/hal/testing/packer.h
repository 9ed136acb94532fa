// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of the hal module share: packed arguments, and failures.

#ifndef TENON_MODULES_HAL_TESTING_PACKER_H_
#define TENON_MODULES_HAL_TESTING_PACKER_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iree/modules/hal/types.h"

// Arguments on their way into storage. One byte in front makes the storage unaligned.
typedef struct packer_t {
  uint8_t bytes[8192];
  iree_host_size_t length;
} packer_t;

static inline void pack(packer_t* packer, const void* value, iree_host_size_t size) {
  assert_true(1 + packer->length + size <= sizeof(packer->bytes));
  memcpy(packer->bytes + 1 + packer->length, value, size);
  packer->length += size;
}
static inline void pack_i32(packer_t* packer, int32_t value) {
  pack(packer, &value, sizeof(value));
}
static inline void pack_i64(packer_t* packer, int64_t value) {
  pack(packer, &value, sizeof(value));
}
// Gives the reference to the callee.
static inline void pack_ref(packer_t* packer, iree_vm_ref_t ref) {
  pack(packer, &ref, sizeof(ref));
}
// `iCID`
static inline void pack_type(packer_t* packer, int32_t element_type, int32_t rank,
                             const int64_t* dims) {
  pack_i32(packer, element_type);
  pack_i32(packer, rank);
  for (int32_t i = 0; i < rank; ++i) pack_i64(packer, dims[i]);
}
#define DIMS(...) \
  (int32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]) { __VA_ARGS__ }

// Releases what a failed callee has left in |count| references at the start of the arguments.
static inline void release_arguments(packer_t* packer, iree_host_size_t count) {
  for (iree_host_size_t i = 0; i < count; ++i) {
    iree_vm_ref_t ref;
    memcpy(&ref, packer->bytes + 1 + i * sizeof(ref), sizeof(ref));
    iree_vm_ref_release(&ref);
  }
}

static inline void assert_failure(iree_status_t status, iree_status_code_t code,
                                  const char* message) {
  char text[1024] = "";
  iree_host_size_t length = 0;
  iree_status_format(status, sizeof(text), text, &length);
  if (!strstr(text, message)) fail_msg("expected '%s' in '%s'", message, text);
  assert_int_equal(iree_status_consume_code(status), code);
}

#endif  // TENON_MODULES_HAL_TESTING_PACKER_H_
