// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/support/branches.h"

#include "mlir/CAPI/IR.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace {

bool FoldBranch(mlir::IRRewriter& rewriter, mlir::cf::CondBranchOp branch) {
  mlir::APInt condition;
  if (!mlir::matchPattern(branch.getCondition(), mlir::m_ConstantInt(&condition))) return false;
  bool taken = condition.getBoolValue();
  rewriter.setInsertionPoint(branch);
  rewriter.replaceOpWithNewOp<mlir::cf::BranchOp>(
      branch, taken ? branch.getTrueDest() : branch.getFalseDest(),
      taken ? branch.getTrueDestOperands() : branch.getFalseDestOperands());
  return true;
}

}  // namespace

MlirOperation tenon_block_end(MlirBlock block) {
  mlir::Block* cpp_block = unwrap(block);
  return wrap(cpp_block->empty() ? nullptr : &cpp_block->back());
}

bool tenon_fold_branches(MlirOperation root) {
  mlir::Operation* op = unwrap(root);
  mlir::IRRewriter rewriter(op->getContext());
  bool changed = false;
  op->walk([&](mlir::cf::CondBranchOp branch) { changed |= FoldBranch(rewriter, branch); });
  op->walk([&](mlir::Operation* child) {
    changed |= mlir::succeeded(mlir::eraseUnreachableBlocks(rewriter, child->getRegions()));
  });
  return changed;
}
