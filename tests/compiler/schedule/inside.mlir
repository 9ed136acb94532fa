// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// async-internal: with an import that takes fences the program is asynchronous inside, and its exports wait.

// CHECK: module attributes {tenon.asynchronous}
module {
  func.func private @ext.f(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @ext.effect(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences"}
  func.func private @ext.sync(tensor<?xi32>) -> tensor<?xi32>

  // Two calls that may overlap.
  // CHECK-LABEL: func.func public @overlap(%arg0: !tenon.view) -> !tenon.view
  // CHECK-SAME: tenon.declaration = "sync func @overlap(
  // CHECK: %[[NOW:.+]] = "tenon.immediate"
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.f(%{{.+}}, %[[NOW]], %[[F]]#0)
  // CHECK-NOT: tenon.wait
  // CHECK: %[[G:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.f(%{{.+}}, %[[NOW]], %[[G]]#0)
  // CHECK: %[[J:.+]] = "tenon.join"(%[[F]]#1, %[[G]]#1,
  // CHECK: %[[P:.+]] = "tenon.execute"(%[[J]]
  // CHECK: "tenon.wait"(%[[P]])
  // CHECK: tenon.tensor_export
  // CHECK: return
  func.func @overlap(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.addi %0, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // After a wait its point, and what that implies, is the immediate one.
  // CHECK-LABEL: func.func public @waits(
  // CHECK: %[[NOW:.+]] = "tenon.immediate"
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.f
  // CHECK: %[[P:.+]] = "tenon.execute"
  // CHECK: "tenon.wait"(%[[P]])
  // CHECK: call @ext.sync
  // CHECK: %[[C:.+]]:2 = "tenon.clone"(%[[NOW]],
  // CHECK: "tenon.wait"(%[[C]]#1)
  func.func @waits(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = arith.addi %0, %0 : tensor<?xi32>
    %2 = call @ext.sync(%1) : (tensor<?xi32>) -> tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // Without nosideeffects the program waits after the call.
  // CHECK-LABEL: func.func public @effect(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.effect
  // CHECK: "tenon.wait"(%[[F]]#1)
  // CHECK: %[[G:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.effect
  // CHECK: "tenon.wait"(%[[G]]#1)
  func.func @effect(%x: tensor<?xi32>) {
    %0 = call @ext.effect(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @ext.effect(%0) : (tensor<?xi32>) -> tensor<?xi32>
    return
  }

  // Nobody uses the result; the export waits all the same.
  // CHECK-LABEL: func.func public @unused(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: "tenon.wait"(%[[F]]#1)
  func.func @unused(%x: tensor<?xi32>) {
    %0 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return
  }

  // An import may return what it was given.
  // CHECK-LABEL: func.func public @alias(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: %[[C:.+]]:2 = "tenon.clone"(%[[F]]#1,
  // CHECK: "tenon.wait"(%[[C]]#1)
  func.func @alias(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // A wait counts where its block comes before, not beside.
  // CHECK-LABEL: func.func public @branches(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: ^bb1:
  // CHECK: "tenon.wait"(%[[F]]#1)
  // CHECK: ^bb2:
  // CHECK: "tenon.wait"(%[[F]]#1)
  // CHECK: call @ext.sync
  // CHECK: "tenon.tensor_export"
  // CHECK-NEXT: call @ext.sync
  func.func @branches(%x: tensor<?xi32>, %c: i1) {
    %0 = call @ext.f(%x) : (tensor<?xi32>) -> tensor<?xi32>
    scf.if %c {
      %1 = func.call @ext.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    }
    %2 = call @ext.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %3 = call @ext.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    return
  }
}
