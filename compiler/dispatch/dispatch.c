// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 2: merges the work on tensors' elements and outlines it into dispatches.

#include "compiler/dialects/dialects.h"
#include "compiler/dispatch/calls.h"
#include "compiler/dispatch/hoist.h"
#include "compiler/dispatch/merge.h"
#include "compiler/dispatch/outline.h"
#include "compiler/dispatch/outputs.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"

MlirLogicalResult tenon_stage_dispatch(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  if (mlirLogicalResultIsFailure(tenon_hoist_constants(program))) return mlirLogicalResultFailure();
  tenon_separate_beginnings(module);
  tenon_merge_generics(module);
  tenon_drop_unused_results(module);
  tenon_outline_dispatches(module);
  // Drops what only the outlined operations used. (The dispatches stay as they are: each output has
  // its own tensor.empty.)
  if (mlirLogicalResultIsFailure(
          tenon_run_passes(program, module, "builtin.module(func.func(cse))"))) {
    return mlirLogicalResultFailure();
  }
  tenon_drop_same_calls(module);
  return tenon_verify_ops(module);
}
