// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Which functions stay: the public ones and what they call.

module @m {
  // CHECK: func.func private @custom.used
  // CHECK-NOT: @custom.unused
  // CHECK-NOT: @never_called
  // CHECK: func.func private @called
  // CHECK: func.func @public
  func.func private @custom.used(tensor<?xi32>, i1, f64) -> (index, tensor<2x?xi8>)
  func.func private @custom.unused(i32)
  func.func private @never_called(%a: i32) -> i32 {
    %0 = call @never_called(%a) : (i32) -> i32
    return %0 : i32
  }
  func.func private @called(%a: tensor<?xi32>) -> tensor<2x?xi8> {
    %c = arith.constant true
    %d = arith.constant 0.5 : f64
    %0:2 = call @custom.used(%a, %c, %d) : (tensor<?xi32>, i1, f64) -> (index, tensor<2x?xi8>)
    return %0#1 : tensor<2x?xi8>
  }
  func.func @public(%a: tensor<?xi32>) -> tensor<2x?xi8> {
    %0 = call @called(%a) : (tensor<?xi32>) -> tensor<2x?xi8>
    return %0 : tensor<2x?xi8>
  }
}
