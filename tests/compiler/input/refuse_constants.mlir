// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  func.func @f() {
    // CHECK: refuse_constants.mlir:[[@LINE+1]]:10: error: 'arith.constant': the module has no resource 'missing'
    %0 = arith.constant dense_resource<missing> : tensor<4xf32>
    // CHECK: refuse_constants.mlir:[[@LINE+1]]:10: error: 'arith.constant': the resource 'short' has 4 bytes, but its type needs 16
    %1 = arith.constant dense_resource<short> : tensor<4xf32>
    // CHECK: refuse_constants.mlir:[[@LINE+1]]:10: error: 'arith.constant': the resource 'short' has 4 bytes, but its type needs 0
    %2 = arith.constant dense_resource<short> : tensor<0xf32>
    // CHECK: refuse_constants.mlir:[[@LINE+1]]:10: error: 'arith.constant': the resource 'short' is of a type that is not supported
    %3 = arith.constant dense_resource<short> : tensor<4294967296x4294967296xf32>
    return
  }
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F"
    }
  }
#-}
