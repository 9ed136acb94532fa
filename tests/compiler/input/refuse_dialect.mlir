// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// A dialect that MLIR's parser does not find here: beside its message stands what to do.

func.func @f(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: refuse_dialect.mlir:[[@LINE+3]]:8: error: Dialect `stablehlo' not found for custom op 'stablehlo.add'
  // CHECK: note: the language is func, arith, {{.*}}; lower other dialects to these
  // CHECK-NOT: Available dialects
  %0 = stablehlo.add %a, %a : tensor<4xf32>
  return %0 : tensor<4xf32>
}
