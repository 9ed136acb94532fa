// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Proves that a module's code stays within its registers, its code and the module, whatever values
// it meets.

#ifndef TENON_FORMAT_VERIFIER_H_
#define TENON_FORMAT_VERIFIER_H_

#include "format/reader.h"

// Checks the code of every function of a file that was read. INVALID_ARGUMENT names the function,
// the pc and what is wrong. Takes time in proportion to the length of the code; one scratch block
// of a bit per unit of the longest function comes from |allocator|.
//
// Proved: opcodes exist; operands are registers of their type, strings, segments, globals,
// types, functions, imports that exist; branches go to starts of instructions; code does not run off its
// end; the registers of calls and returns fit the calling conventions; call_storage_size is what
// the calls need; locations rise and belong to instructions. Left to the interpreter: what refs
// hold, division by zero, the depth of calls.
iree_status_t tenon_module_file_verify(const tenon_module_file_t* file, iree_allocator_t allocator);

#endif  // TENON_FORMAT_VERIFIER_H_
