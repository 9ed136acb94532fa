// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For tests: compiles modules of dispatches, loads the executable and calls it as the runtime does.

#ifndef TENON_COMPILER_CODEGEN_CODEGEN_TESTING_H_
#define TENON_COMPILER_CODEGEN_CODEGEN_TESTING_H_

#include "compiler/program.h"
#include "hal/local/executable_abi.h"

typedef struct tenon_loaded_t {
  tenon_bytes_t file;
  int descriptor;
  void* handle;
  const tenon_executable_info_t* info;
} tenon_loaded_t;

// Options that ask for the host's triple and its baseline.
tenon_options_t tenon_default_options(void);

// Runs the stage on functions as text, given without the module around them. On failure returns
// false, and the first message is in |out_message| (of 512 bytes).
bool tenon_compile_dispatches(const tenon_options_t* options, const char* functions,
                              tenon_bytes_t* out_file, char* out_message);

// ... and loads the result; both must succeed.
tenon_loaded_t tenon_load_dispatches(const tenon_options_t* options, const char* functions);
void tenon_unload(tenon_loaded_t* loaded);

// Calls dispatch |ordinal| on all its tiles, in |parts| ranges from the last to the first. Checks
// first that the metadata's extents don't ask for more elements than |lengths| gives.
void tenon_call(const tenon_loaded_t* loaded, uint32_t ordinal, void* const* bindings,
                const int64_t* lengths, const int64_t* constants, int parts);
// ... and returns what it returned, the first range's that failed.
int tenon_call_result(const tenon_loaded_t* loaded, uint32_t ordinal, void* const* bindings,
                      const int64_t* lengths, const int64_t* constants, int parts);

#endif  // TENON_COMPILER_CODEGEN_CODEGEN_TESTING_H_
