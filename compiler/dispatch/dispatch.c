// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 2: fuses the work on tensors' elements and outlines it into dispatches.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/dispatch/choose.h"
#include "compiler/dispatch/merge.h"
#include "compiler/dispatch/outline.h"
#include "compiler/input/generic.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"

// Fusing pays from two on.
static MlirLogicalResult fuse(tenon_program_t* program, MlirOperation module) {
  tenon_op_list_t generics = tenon_collect_ops(module, tenon_is_generic);
  free(generics.data);
  if (generics.count < 2) return mlirLogicalResultSuccess();
  return tenon_run_passes(program, module,
                          "builtin.module(linalg-fuse-elementwise-ops,canonicalize,cse)");
}

MlirLogicalResult tenon_stage_dispatch(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  if (mlirLogicalResultIsFailure(fuse(program, module))) return mlirLogicalResultFailure();
  tenon_normalize_generics(module);
  tenon_merge_generics(module);
  tenon_outline_dispatches(module);
  tenon_lower_choices(module);
  // Drops what only the outlined operations used.
  if (mlirLogicalResultIsFailure(tenon_run_passes(program, module, "builtin.module(cse)"))) {
    return mlirLogicalResultFailure();
  }
  return tenon_verify_ops(module);
}
