// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module file as the compiler would make it, built by hand: for tests without a compiler.

#ifndef TENON_RUNTIME_TESTING_PROGRAM_H_
#define TENON_RUNTIME_TESTING_PROGRAM_H_

#include "iree/base/api.h"

// Module @test with
//   square(tensor<?xi32>) -> tensor<?xi32>   through the executable of modules/hal/testing
//   add(i32, i32) -> i32
//   twice(i32) -> i32                        the import custom.twice, if |with_custom|
// The bytes are from malloc; the caller frees them.
iree_byte_span_t tenon_test_program(bool with_custom);

#endif  // TENON_RUNTIME_TESTING_PROGRAM_H_
