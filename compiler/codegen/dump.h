// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the dispatches are on their way to machine code, written to files for people to look at: the flags
// --iree-hal-dump-executable-*-to. The files' names follow from the program alone: STEM is the input file's name without
// its last extension, or "stdin".
//
//   sources        STEM.dispatch_N.NAME.mlir     dispatch number N, called NAME, as a module
//   intermediates  STEM.chunk_N.codegen.ll       LLVM IR as it was built from that, some dispatches to a file
//                  STEM.chunk_N.optimized.ll     after LLVM's passes
//                  STEM.chunk_N.s, .o            machine code, as text and as an object file
//   binaries       STEM.so                       the executable that the module file carries

#ifndef TENON_COMPILER_CODEGEN_DUMP_H_
#define TENON_COMPILER_CODEGEN_DUMP_H_

#include "compiler/program.h"

typedef struct tenon_dump_t {
  const char *sources, *intermediates, *binaries;  // folders; NULL: not wanted
  char* stem;
} tenon_dump_t;

// Makes the folders that |options| name, with those above them. Reports a folder that can't be made or written.
MlirLogicalResult tenon_dump_open(const tenon_options_t* options, MlirLocation location,
                                  tenon_dump_t* out_dump);
void tenon_dump_close(tenon_dump_t* dump);

// Write what is wanted, and nothing else. Reported at the dispatch, or |location|.
MlirLogicalResult tenon_dump_source(const tenon_dump_t* dump, size_t ordinal,
                                    MlirOperation function);
MlirLogicalResult tenon_dump_binary(const tenon_dump_t* dump, MlirLocation location,
                                    tenon_bytes_t executable);
// ... from any thread: returns what went wrong (free()), or NULL.
char* tenon_dump_intermediate(const tenon_dump_t* dump, size_t chunk, const char* suffix,
                              const void* data, size_t length);

#endif  // TENON_COMPILER_CODEGEN_DUMP_H_
