// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every bit of a module file changed in turn, with the checksum made good: refused, or run without
// harm.

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs those before it.
#include <cmocka.h>

#include "format/testing/sample_module.h"
#include "vm/bytecode/testing/run_anything.h"

static void test_every_bit(void** state) {
  uint8_t* sample = NULL;
  size_t length = 0;
  tenon_make_sample_module(&sample, &length);
  assert_true(tenon_run_anything(sample, length, 1000));
  size_t accepted = 0, refused = 0;
  for (size_t i = 0; i < length; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      // In a block of its own, for the sanitizer.
      uint8_t* copy = malloc(length);
      memcpy(copy, sample, length);
      copy[i] ^= (uint8_t)(1 << bit);
      tenon_fix_checksum(copy, length);
      if (tenon_run_anything(copy, length, 1000)) {
        ++accepted;
      } else {
        ++refused;
      }
      free(copy);
    }
  }
  // Names, numbers and constants may change; structure may not.
  assert_true(accepted > length / 4);
  assert_true(refused > length);
  free(sample);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_bit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
