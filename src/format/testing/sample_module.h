// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small module that has something in every section and uses every kind of operand; for tests and
// fuzzing.

#ifndef TENON_FORMAT_TESTING_SAMPLE_MODULE_H_
#define TENON_FORMAT_TESTING_SAMPLE_MODULE_H_

#include <stddef.h>
#include <stdint.h>

// The module `sample`. It imports `custom.twice` (0i_i) and the optional `custom.sum` (0iCrID_I),
// names the type vm.buffer, and exports
//   __init                   keeps its first segment of constants in a global
//   main (0iIfFr_iIfFr)      returns twice the integers and floats and the global's buffer if the
//   i32 is at least 0; fails
//                            with OUT_OF_RANGE "negative" at sample.mlir:7:3 otherwise
// |out_data| is from malloc and the caller's. Aborts when it can't be made.
void tenon_make_sample_module(uint8_t** out_data, size_t* out_length);

// Writes the checksum that |data| should have into its header, if it is long enough to have one.
void tenon_fix_checksum(uint8_t* data, size_t length);

#endif  // TENON_FORMAT_TESTING_SAMPLE_MODULE_H_
