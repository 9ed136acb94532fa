// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of the VM share: checks of statuses, and a counted type `test.thing` that knows
// how many of it live.
#ifndef TENON_VM_TESTING_VM_TEST_H_
#define TENON_VM_TESTING_VM_TEST_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
#include <cmocka.h>
#ifdef __cplusplus
}  // extern "C"
#endif

#include "iree/vm/api.h"

typedef struct test_thing_t {
  iree_vm_ref_object_t ref_object;
  iree_allocator_t allocator;
  int value;
} test_thing_t;

IREE_VM_DECLARE_TYPE_ADAPTERS(test_thing, test_thing_t);

#ifdef __cplusplus
extern "C" {
#endif

// Registers the type; may be called any number of times.
iree_status_t test_thing_register(void);
iree_status_t test_thing_create(int value, iree_allocator_t allocator, test_thing_t** out_thing);
// How many things exist.
int test_thing_live_count(void);

#ifdef __cplusplus
}  // extern "C"
#endif

static inline void expect_ok(iree_status_t status) {
  if (iree_status_is_ok(status)) return;
  iree_status_fprint(stderr, status);
  iree_status_ignore(status);
  fail_msg("expected OK");
}

static inline void expect_code(iree_status_code_t code, iree_status_t status) {
  assert_int_equal(iree_status_consume_code(status), code);
}

// |code| with a message that has |text| in it.
static inline void expect_message(iree_status_code_t code, const char* text, iree_status_t status) {
  char buffer[4096];
  iree_host_size_t length = 0;
  iree_status_format(status, sizeof(buffer), buffer, &length);
  assert_int_equal(iree_status_consume_code(status), code);
  if (!strstr(buffer, text)) fail_msg("expected '%s' in '%s'", text, buffer);
}

#endif  // TENON_VM_TESTING_VM_TEST_H_
