// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a function: source text in, module file (or the text of a stage) out.

#ifndef TENON_COMPILER_COMPILE_H_
#define TENON_COMPILER_COMPILE_H_

#include "compiler/program.h"

// Compiles |source|, MLIR as text or bytecode, called |source_name| in messages. The text must be followed by a NUL that
// |source_length| does not count. On success |out_result| holds the module file, or the printed module when
// options->last_stage is an earlier stage; the caller frees its data. On failure everything was reported on stderr as
// `file:line:col: error: ...` and |out_result| is empty. Not thread-safe: one compilation at a time in a process.
bool tenon_compile(const tenon_options_t* options, const char* source, size_t source_length,
                   const char* source_name, tenon_bytes_t* out_result);

// The name of a stage as --compile-to takes it.
const char* tenon_stage_name(tenon_stage_t stage);

#endif  // TENON_COMPILER_COMPILE_H_
