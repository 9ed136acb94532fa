// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  // CHECK: refuse_syntax.mlir:[[@LINE+1]]:18: error: expected
  func.func @f(%a -> i32 {
}
