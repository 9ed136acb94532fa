// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stage 1: brings every dialect of the language to functions, cf, arith on numbers, linalg.generic
// on tensors and checks of sizes.

#include <stdlib.h>

#include "compiler/dialects/dialects.h"
#include "compiler/input/checks.h"
#include "compiler/input/complex.h"
#include "compiler/input/constants.h"
#include "compiler/input/decompose.h"
#include "compiler/input/expectations.h"
#include "compiler/input/foralls.h"
#include "compiler/input/flatten.h"
#include "compiler/input/globals.h"
#include "compiler/input/host_ops.h"
#include "compiler/input/imports.h"
#include "compiler/input/ir.h"
#include "compiler/input/language.h"
#include "compiler/input/linalg_rules.h"
#include "compiler/input/math.h"
#include "compiler/input/plain.h"
#include "compiler/input/scf_ops.h"
#include "compiler/input/tensor_ops.h"
#include "compiler/input/to_linalg.h"
#include "compiler/input/vm_imports.h"
#include "compiler/input/util_ops.h"
#include "compiler/program.h"
#include "compiler/support/branches.h"
#include "compiler/support/mlir_util.h"

// Upstream's canonicalisation makes a tensor's type static because of what is done with the tensor
// *later*, before the check that it is so has run. The pattern that carries this backwards is left
// out, by its name; those of scf do the same, so scf is gone before. (Were the name another in some
// LLVM, tests/compiler/input/checks_order.mlir would fail.)
//
// Nor does it fold branches, or those that the branch before has decided: that is
// tenon_fold_branches', between rounds. In a loop that a folded branch cuts off from the entry,
// upstream's patterns for `x - 1` feed one another for ever.
//
// The last four are wrong. One extends an i1 to the type of a product, which extsi doesn't take if
// that is index; two drop a cast from index to a narrow integer and back; one crashes where a number
// that was an integer is compared by `true` or `false`.
#define CANONICALIZE                                                                \
  "canonicalize{disable-patterns={(anonymous namespace)::FoldTensorCastConsumerOp," \
  "(anonymous namespace)::SimplifyConstCondBranchPred,"                             \
  "(anonymous namespace)::SimplifyCondBranchFromCondBranchOnSameCondition,"         \
  "(anonymous namespace)::MulSIExtendedRHSOne,"                                     \
  "(anonymous namespace)::IndexCastOfIndexCast,"                                    \
  "(anonymous namespace)::IndexCastUIOfIndexCastUI,"                                \
  "CmpFIntToFPConst}}"

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

// Every round folds at least one branch, so they end.
static MlirLogicalResult canonicalize(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  tenon_fold_branches(module);
  do {
    if (mlirLogicalResultIsFailure(
            tenon_run_passes(program, module, "builtin.module(symbol-dce," CANONICALIZE ",cse)"))) {
      return mlirLogicalResultFailure();
    }
  } while (tenon_fold_branches(module));
  return mlirLogicalResultSuccess();
}

// Of what is in a body the indices are checked where it runs.
static bool is_outside_of_bodies(MlirOperation op) {
  return mlirOperationIsNull(tenon_enclosing_body(op));
}

// One operation after the other, so that sizes are taken from what is rewritten already.
static void lower_ops(MlirOperation module) {
  tenon_op_list_t ops = tenon_collect_ops(module, is_outside_of_bodies);
  for (size_t i = 0; i < ops.count; ++i) {
    MlirOperation op = ops.data[i];
    if (tenon_op_is(op, "cf.assert")) {
      tenon_lower_assert(op);
    } else if (tenon_op_is(op, "cf.switch")) {
      tenon_lower_switch(op);
    } else if (tenon_op_is(op, "scf.index_switch")) {
      tenon_lower_index_switch(op);
    } else if (tenon_op_is(op, "scf.for")) {
      tenon_lower_for(op);
    } else if (tenon_op_is(op, "func.call")) {
      tenon_lower_optional_call(op);
    } else if (tenon_has_prefix(tenon_op_name(op), "util.")) {
      tenon_lower_util_op(op);
    } else if (tenon_op_is(op, "tensor.dim")) {
      tenon_lower_dim(op);
    } else if (tenon_is_decomposable(op)) {
      tenon_decompose(op);
    } else if (tenon_is_linalg(op)) {
      tenon_insert_checks(op);
      tenon_flatten_body(op, mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)));
      tenon_make_plain(op);
    } else if (!tenon_lower_tensor_op(op)) {
      tenon_insert_checks(op);
      tenon_convert_to_linalg(op);
    }
  }
  free(ops.data);
  tenon_lower_elements(module);
}

// What upstream's passes leave of work that nobody needs, since they don't know the tenon dialect.
static bool is_droppable(MlirOperation op) {
  static const char* const names[] = {"linalg.generic", "tenon.update", "tenon.reshape",
                                      "tensor.empty",   "tensor.dim",   "arith.constant"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (tenon_op_is(op, names[i])) return true;
  }
  return false;
}

static bool is_unused(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    if (!mlirOpOperandIsNull(mlirValueGetFirstUse(mlirOperationGetResult(op, i)))) return false;
  }
  return true;
}

static void drop_unused(MlirOperation module) {
  tenon_op_list_t ops = tenon_collect_ops(module, is_droppable);
  for (size_t i = ops.count; i-- > 0;) {  // users first
    if (is_unused(ops.data[i])) mlirOperationDestroy(ops.data[i]);
  }
  free(ops.data);
}

MlirLogicalResult tenon_stage_input(tenon_program_t* program) {
  MlirOperation module = mlirModuleGetOperation(program->module);
  if (!tenon_load_resources(module) ||
      mlirLogicalResultIsFailure(tenon_check_language(module, program->options))) {
    return mlirLogicalResultFailure();
  }
  if (mlirLogicalResultIsFailure(tenon_link_math(program))) return mlirLogicalResultFailure();
  tenon_lower_vm_imports(module);
  tenon_lower_expectations(module);
  tenon_lower_initializers(module);
  tenon_lower_foralls(module);
  lower_ops(module);
  tenon_shorten_dims(module);
  tenon_lower_complex(module);
  if (mlirLogicalResultIsFailure(tenon_inline_math(program))) return mlirLogicalResultFailure();
  tenon_lower_ifs(module);
  if (mlirLogicalResultIsFailure(
          run_if_any(program, is_scf, "builtin.module(convert-scf-to-cf)")) ||
      mlirLogicalResultIsFailure(canonicalize(program))) {
    return mlirLogicalResultFailure();
  }
  // Canonicalisation may have found outputs whose sizes are constant.
  tenon_make_all_plain(module);
  tenon_fill_splats(module);
  tenon_lower_complex(module);  // constants of bodies
  drop_unused(module);
  tenon_tidy_checks(module);
  return tenon_verify_ops(module);
}
