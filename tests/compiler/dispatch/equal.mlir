// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// Equal dispatches are one, also those of different functions and at different places; different ones are not.

module {
  // CHECK-LABEL: func.func @first
  // CHECK: callee = @first_dispatch_0
  // CHECK: callee = @first_dispatch_0
  func.func @first(%a: tensor<?xi32>, %b: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    %0 = arith.muli %a, %a : tensor<?xi32>
    %1 = arith.muli %b, %b : tensor<?xi32>
    return %0, %1 : tensor<?xi32>, tensor<?xi32>
  }
  // CHECK-LABEL: func.func @second
  // CHECK: callee = @first_dispatch_0
  func.func @second(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %x, %x : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  // CHECK-LABEL: func.func @third
  // CHECK: callee = @third_dispatch_0
  // CHECK: callee = @third_dispatch_1
  // CHECK: callee = @third_dispatch_2
  func.func @third(%x: tensor<?xi32>, %y: tensor<?x?xi32>) -> (tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) {
    %0 = arith.muli %x, %x overflow<nsw> : tensor<?xi32>
    %1 = arith.addi %x, %x : tensor<?xi32>
    %2 = arith.muli %y, %y : tensor<?x?xi32>
    return %0, %1, %2 : tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>
  }
  // The same of the same is done once, also through reshapes and at computed places.
  // CHECK-LABEL: func.func @same
  // CHECK-COUNT-1: tenon.reshape
  // CHECK: %[[S:.+]] = "tenon.dispatch"
  // CHECK-NOT: tenon.dispatch
  // CHECK: return %[[S]], %[[S]]
  func.func @same(%a: tensor<?x8xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    %c = arith.constant 1.0 : f32
    %0 = tensor.collapse_shape %a [[0, 1]] : tensor<?x8xf32> into tensor<?xf32>
    %1 = tensor.collapse_shape %a [[0, 1]] : tensor<?x8xf32> into tensor<?xf32>
    %2 = tensor.pad %0 low[1] high[2] {
    ^bb0(%i: index):
      tensor.yield %c : f32
    } : tensor<?xf32> to tensor<?xf32>
    %3 = tensor.pad %1 low[1] high[2] {
    ^bb0(%i: index):
      tensor.yield %c : f32
    } : tensor<?xf32> to tensor<?xf32>
    return %2, %3 : tensor<?xf32>, tensor<?xf32>
  }
  // CHECK-LABEL: module @tenon_dispatches
  // CHECK: func.func @first_dispatch_0
  // CHECK-NOT: @first_dispatch_1
  // CHECK-NOT: @second
  // CHECK: func.func @third_dispatch_0
  // CHECK: func.func @third_dispatch_1
  // CHECK: func.func @third_dispatch_2
}
