// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the command line of iree-compile asks for.

#ifndef TENON_COMPILER_OPTIONS_H_
#define TENON_COMPILER_OPTIONS_H_

#include <stdbool.h>

typedef enum tenon_stage_e {
  TENON_STAGE_INPUT = 0,
  TENON_STAGE_DISPATCH,
  TENON_STAGE_SCHEDULE,
  TENON_STAGE_CODEGEN,
  TENON_STAGE_EMIT,
  TENON_STAGE_COUNT,
} tenon_stage_t;

typedef enum tenon_execution_model_e {
  TENON_MODEL_ASYNC_INTERNAL = 0,  // exports are synchronous; what happens inside may overlap
  TENON_MODEL_ASYNC_EXTERNAL,      // exports take a wait and a signal fence and return at once
  TENON_MODEL_HOST_ONLY,           // no device and so no tensors
} tenon_execution_model_t;

// All strings are borrowed from the command line, never NULL unless said so.
typedef struct tenon_options_t {
  const char* input_path;    // "-" is standard input
  const char* output_path;   // "-" is standard output
  tenon_stage_t last_stage;  // stop after this stage; before EMIT the module is printed as text
  bool targets_cpu;  // a backend or device for dispatches was named: llvm-cpu is the only one
  const char* target_triple;  // NULL: the host's
  const char* target_cpu;     // "generic": the triple's baseline; "host"; or a name LLVM knows
  const char* target_cpu_features;  // "", "host", or "+a,-b"
  tenon_execution_model_t execution_model;
  int codegen_threads;  // threads that make machine code; 0: as many as there are processors
  // Folders for what the dispatches are on their way, made if missing; NULL: not wanted.
  const char *dump_sources, *dump_intermediates, *dump_binaries;
  const char* dump_schedule;  // where a picture of the schedule goes, .dot or .svg; NULL: nowhere
  bool print_ir_after_all;
  bool timing;
} tenon_options_t;

#endif  // TENON_COMPILER_OPTIONS_H_
