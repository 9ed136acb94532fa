// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TESTS_FUZZ_PROGRAM_GENERATOR_H_
#define TENON_TESTS_FUZZ_PROGRAM_GENERATOR_H_

#include <stddef.h>
#include <stdint.h>

// A module file whose functions do what |bytes| say: well-formed whatever these are, with loops,
// calls in all directions and the imports of the test harness. |out_data| is from malloc and the
// caller's; NULL if memory runs out.
void tenon_generate_program(const uint8_t* bytes, size_t size, uint8_t** out_data,
                            size_t* out_length);

#endif  // TENON_TESTS_FUZZ_PROGRAM_GENERATOR_H_
