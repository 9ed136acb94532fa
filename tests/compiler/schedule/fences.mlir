// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=async-external --compile-to=schedule %s | FileCheck %s
//
// Exports and imports with fences: work is chained on points, and nothing waits.

// CHECK: module @example attributes {tenon.asynchronous}
module @example {
  // CHECK: func.func private @custom.call.async(!tenon.view, !tenon.timepoint, !tenon.fence) -> !tenon.view
  // CHECK-SAME: iree.abi.model = "coarse-fences", nosideeffects
  // CHECK-SAME: tenon.declaration = "async func @custom.call.async(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)"
  func.func private @custom.call.async(tensor<?xi32>) -> tensor<?xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // CHECK-LABEL: func.func public @main(
  // CHECK-SAME: %arg0: !tenon.view, %[[WAIT:.+]]: !tenon.timepoint, %[[SIGNAL:.+]]: !tenon.fence) -> !tenon.view
  // CHECK-SAME: iree.abi.model = "coarse-fences"
  // CHECK-SAME: tenon.declaration = "async func @main(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)"
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: %[[B:.+]]:2 = "tenon.alloc"
  // CHECK: %[[J:.+]] = "tenon.join"(%[[WAIT]], %[[B]]#1)
  // CHECK: %[[P:.+]] = "tenon.execute"(%[[J]], %[[A]]#0, %[[B]]#0
  // CHECK: %[[V:.+]] = "tenon.tensor_export"(%[[B]]#0
  // CHECK: %[[F:.+]]:2 = "tenon.fence"()
  // CHECK: %[[R:.+]] = call @custom.call.async(%[[V]], %[[P]], %[[F]]#0)
  // CHECK-NOT: tenon.wait
  // CHECK: %[[C:.+]]:2 = "tenon.tensor_import"(%[[R]])
  // CHECK: %[[D:.+]]:2 = "tenon.alloc"
  // CHECK: %[[K:.+]] = "tenon.join"(%[[F]]#1, %[[D]]#1)
  // CHECK: %[[Q:.+]] = "tenon.execute"(%[[K]], %[[C]]#0, %[[D]]#0
  // CHECK: %[[W:.+]] = "tenon.tensor_export"(%[[D]]#0
  // CHECK: "tenon.signal"(%[[Q]], %[[SIGNAL]])
  // CHECK: return %[[W]] : !tenon.view
  func.func @main(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    %1 = call @custom.call.async(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // A call waits for the one before, whose result it takes.
  // CHECK-LABEL: func.func public @chain
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: call @custom.call.async(%{{.+}}, %arg1, %[[F]]#0)
  // CHECK: %[[G:.+]]:2 = "tenon.fence"
  // CHECK: call @custom.call.async(%{{.+}}, %[[F]]#1, %[[G]]#0)
  // CHECK: %[[P:.+]] = "tenon.execute"
  // CHECK: "tenon.signal"(%[[P]], %arg2)
  func.func @chain(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @custom.call.async(%arg0) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @custom.call.async(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // An argument, which is there at %wait, is copied when it is.
  // CHECK-LABEL: func.func public @same
  // CHECK: %[[C:.+]]:2 = "tenon.clone"(%arg1,
  // CHECK: "tenon.signal"(%[[C]]#1, %arg2)
  func.func @same(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    return %arg0 : tensor<?xi32>
  }

  // Nothing to do: signals when it might have begun, no sooner.
  // CHECK-LABEL: func.func public @nothing(%arg0: i32, %arg1: !tenon.timepoint, %arg2: !tenon.fence) -> i32
  // CHECK-NEXT: "tenon.signal"(%arg1, %arg2)
  // CHECK-NEXT: return %arg0
  func.func @nothing(%arg0: i32) -> i32 {
    return %arg0 : i32
  }

  // CHECK-LABEL: func.func public @constant
  // CHECK: %[[C:.+]]:2 = "tenon.clone"
  // CHECK: %[[J:.+]] = "tenon.join"(%[[C]]#1, %arg0)
  // CHECK: "tenon.signal"(%[[J]], %arg1)
  func.func @constant() -> tensor<2xi32> {
    %0 = arith.constant dense<[1, 2]> : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // An export that wants to be called synchronously waits, as in the other model.
  // CHECK-LABEL: func.func public @waits(%arg0: !tenon.view) -> !tenon.view
  // CHECK-NOT: iree.abi.model
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: %[[C:.+]]:2 = "tenon.clone"(%[[F]]#1
  // CHECK: "tenon.wait"(%[[C]]#1)
  func.func @waits(%arg0: tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "sync"} {
    %1 = call @custom.call.async(%arg0) : (tensor<?xi32>) -> tensor<?xi32>
    return %1 : tensor<?xi32>
  }
}
