// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the HAL's tests share. Included once per test program.

#ifndef TENON_HAL_TESTING_HAL_TESTING_H_
#define TENON_HAL_TESTING_HAL_TESTING_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iree/hal/api.h"

// The status must be a failure of this code whose text contains |part|. Consumes it.
static inline void expect_failure(iree_status_t status, iree_status_code_t code, const char* part) {
  char text[1024] = {0};
  iree_status_format(status, sizeof(text), text, NULL);
  const iree_status_code_t actual = iree_status_consume_code(status);
  if (actual != code || !strstr(text, part)) {
    fail_msg("expected %s with '%s', but got: %s", iree_status_code_string(code), part, text);
  }
}

static inline void expect_ok(iree_status_t status) {
  if (iree_status_is_ok(status)) return;
  char text[1024] = {0};
  iree_status_format(status, sizeof(text), text, NULL);
  iree_status_free(status);
  fail_msg("expected success, but got: %s", text);
}

// A heap allocator over the system's.
static inline iree_hal_allocator_t* create_heap(void) {
  iree_hal_allocator_t* allocator = NULL;
  expect_ok(iree_hal_allocator_create_heap(iree_make_cstring_view("test"), iree_allocator_system(),
                                           iree_allocator_system(), &allocator));
  return allocator;
}

// A buffer of |size| bytes with the default parameters and, unless NULL, contents.
static inline iree_hal_buffer_t* create_buffer(iree_hal_allocator_t* allocator,
                                               iree_device_size_t size, const void* contents) {
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_t* buffer = NULL;
  expect_ok(iree_hal_allocator_allocate_buffer(
      allocator, params, size,
      contents ? iree_make_const_byte_span(contents, size) : iree_const_byte_span_empty(),
      &buffer));
  return buffer;
}

#endif  // TENON_HAL_TESTING_HAL_TESTING_H_
