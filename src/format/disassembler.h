// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code as text, for iree-dump-module and tests; not part of the runtime.

#ifndef TENON_FORMAT_DISASSEMBLER_H_
#define TENON_FORMAT_DISASSEMBLER_H_

#include "format/reader.h"

// Appends a function's code, one instruction per line, and a label before each that is branched to.
// The file has been read and verified. Registers are named by their class and their number within
// it: i0, l0 (i64), f0, d0 (f64), r0; a ref that is given away is `move r0`. Locations stand behind
// `;`. Scratch memory comes from |allocator|.
//
//   @main (0i_i): i32 2, i64 0, f32 0, f64 0, ref 0, call storage 32
//   L4:
//        4  call.import  custom.twice(i0) -> (i1)  ; example.mlir:3:8
//       11  return       (i1)
iree_status_t tenon_disassemble_function(const tenon_module_file_t* file, uint32_t function,
                                         iree_allocator_t allocator,
                                         iree_string_builder_t* builder);

#endif  // TENON_FORMAT_DISASSEMBLER_H_
