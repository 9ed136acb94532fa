// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a heap status is made of, for status.c and status_text.c.
#ifndef TENON_BASE_STATUS_OBJECT_H_
#define TENON_BASE_STATUS_OBJECT_H_

#include <stdint.h>

#include "iree/base/status.h"

// One annotation; its NUL-terminated text follows.
typedef struct tenon_annotation_t {
  struct tenon_annotation_t* next;
  char text[];
} tenon_annotation_t;

// The status; its NUL-terminated message follows.
typedef struct iree_status_handle_t {
  const char* file;                 // borrowed, may be null
  tenon_annotation_t* annotations;  // oldest first
  uint32_t line;
  char message[];
} tenon_status_object_t;

// The object behind a status, or null for OK and bare codes.
static inline tenon_status_object_t* tenon_status_object(iree_status_t status) {
  return (tenon_status_object_t*)((uintptr_t)status & ~(uintptr_t)IREE_STATUS_CODE_MASK);
}

#endif  // TENON_BASE_STATUS_OBJECT_H_
