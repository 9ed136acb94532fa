// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 1: brings every dialect of the language to functions, cf, arith on numbers, linalg.generic
// on tensors and checks of sizes.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/checks.h"
#include "compiler/input/generic.h"
#include "compiler/input/language.h"
#include "compiler/input/to_linalg.h"
#include "compiler/program.h"
#include "compiler/support/mlir_util.h"

static bool is_named_linalg(MlirOperation op) {
  return tenon_has_prefix(tenon_op_name(op), "linalg.") && mlirOperationGetNumRegions(op) == 1 &&
         !tenon_is_generic(op);
}

static bool is_scf(MlirOperation op) { return tenon_has_prefix(tenon_op_name(op), "scf."); }

static bool has_any(MlirOperation module, bool (*wanted)(MlirOperation op)) {
  tenon_op_list_t ops = tenon_collect_ops(module, wanted);
  free(ops.data);
  return ops.count > 0;
}

// Runs |pipeline| if there is an operation for it: a pass that has nothing to do isn't free.
static MlirLogicalResult run_if_any(tenon_program_t* program, bool (*wanted)(MlirOperation op),
                                    const char* pipeline) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  if (!has_any(module, wanted)) return mlirLogicalResultSuccess();
  return tenon_run_passes(program, module, pipeline);
}

MlirLogicalResult tenon_stage_input(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  if (mlirLogicalResultIsFailure(tenon_check_language(module))) return mlirLogicalResultFailure();
  tenon_insert_checks(module);
  tenon_convert_to_linalg(module);
  if (mlirLogicalResultIsFailure(run_if_any(
          program, is_named_linalg, "builtin.module(func.func(linalg-generalize-named-ops))"))) {
    return mlirLogicalResultFailure();
  }
  tenon_normalize_generics(module);
  if (mlirLogicalResultIsFailure(
          run_if_any(program, is_scf, "builtin.module(canonicalize,convert-scf-to-cf)")) ||
      mlirLogicalResultIsFailure(
          tenon_run_passes(program, module,
                           "builtin.module(symbol-dce,resolve-shaped-type-result-dims,"
                           "canonicalize,cse)"))) {
    return mlirLogicalResultFailure();
  }
  tenon_tidy_checks(module);
  return tenon_verify_ops(module);
}
