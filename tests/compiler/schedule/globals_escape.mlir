// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// Where a global's buffer may come from or go to: through imports, calls and branches.

module {
  func.func private @m.keep(tensor<2xi32>) -> ()
  func.func private @m.give() -> tensor<2xi32>
  util.global private mutable @state : tensor<2xi32>

  // CHECK-LABEL: func.func public @lend
  // CHECK-NOT: tenon.clone
  // CHECK: call @m.keep
  func.func @lend() {
    %0 = util.global.load @state : tensor<2xi32>
    call @m.keep(%0) : (tensor<2xi32>) -> ()
    return
  }

  // The import may return what it was lent by the other function.
  // CHECK-LABEL: func.func public @give
  // CHECK: call @m.give
  // CHECK: "tenon.clone"
  func.func @give() -> tensor<2xi32> {
    %0 = call @m.give() : () -> tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // CHECK-LABEL: func.func public @through_call
  // CHECK: call @id
  // CHECK: %[[B:.+]]:2 = "tenon.clone"
  // CHECK: util.global.store %[[B]]#0, @state
  func.func private @id(%x: tensor<2xi32>) -> tensor<2xi32> {
    return %x : tensor<2xi32>
  }
  func.func @through_call(%x: tensor<2xi32>) {
    %0 = call @id(%x) : (tensor<2xi32>) -> tensor<2xi32>
    util.global.store %0, @state : tensor<2xi32>
    return
  }

  // The callee stores what it returns.
  // CHECK-LABEL: func.func public @stored_inside
  // CHECK: %[[R:.+]]:2 = call @advance
  // CHECK: %[[B:.+]]:2 = "tenon.clone"(%[[R]]#1, %[[R]]#0)
  // CHECK: "tenon.tensor_export"(%[[B]]#0)
  // CHECK-LABEL: func.func private @advance
  // CHECK-NOT: tenon.clone
  // CHECK: util.global.store
  func.func @stored_inside(%x: tensor<2xi32>) -> tensor<2xi32> {
    %0 = call @advance(%x) : (tensor<2xi32>) -> tensor<2xi32>
    return %0 : tensor<2xi32>
  }
  func.func private @advance(%x: tensor<2xi32>) -> tensor<2xi32> {
    %old = util.global.load @state : tensor<2xi32>
    %new = arith.addi %old, %x : tensor<2xi32>
    util.global.store %new, @state : tensor<2xi32>
    return %new : tensor<2xi32>
  }
}
