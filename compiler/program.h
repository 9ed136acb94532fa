// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The program on its way through the compiler, and the five stages. docs/schedule.md says what the
// module holds after each.
//
// A stage takes the program and changes it in place. It reports every problem as an MLIR diagnostic (mlirEmitError at
// the op's location: what is wrong, what was expected, what to do) and returns failure; the program may then only be
// destroyed. One program is used by one thread at a time.

#ifndef TENON_COMPILER_PROGRAM_H_
#define TENON_COMPILER_PROGRAM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlir-c/IR.h"
#include "mlir-c/Pass.h"
#include "mlir-c/Support.h"

#include "compiler/options.h"

#ifdef __cplusplus
extern "C" {
#endif

// Bytes owned by malloc.
typedef struct tenon_bytes_t {
  uint8_t* data;
  size_t length;
} tenon_bytes_t;

typedef struct tenon_program_t {
  const tenon_options_t* options;
  MlirContext context;
  MlirModule module;  // the host program; after `dispatch` with a nested @tenon_dispatches
  tenon_bytes_t
      executable;  // after `codegen`: the ELF file of all dispatches, empty when there are none
  char*
      dispatch_text;  // after `codegen`, if it is the last stage: the dispatches as LLVM IR; owned by malloc
  tenon_bytes_t file;  // after `emit`: the module file
} tenon_program_t;

// The name of the nested module of dispatches.
#define TENON_DISPATCHES_NAME "tenon_dispatches"

MlirLogicalResult tenon_stage_input(tenon_program_t* program);
MlirLogicalResult tenon_stage_dispatch(tenon_program_t* program);
MlirLogicalResult tenon_stage_schedule(tenon_program_t* program);
MlirLogicalResult tenon_stage_codegen(tenon_program_t* program);
MlirLogicalResult tenon_stage_emit(tenon_program_t* program);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_COMPILER_PROGRAM_H_
