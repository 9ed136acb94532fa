// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// Every piece of work waits on a point and makes one; the host waits only where it must.

module @example {
  // CHECK: func.func private @custom.call.sync(!tenon.view) -> !tenon.view
  // CHECK-SAME: tenon.declaration = "sync func @custom.call.sync(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)"
  func.func private @custom.call.sync(tensor<?xi32>) -> tensor<?xi32>

  // CHECK-LABEL: func.func public @main(%arg0: !tenon.view) -> !tenon.view
  // CHECK-SAME: tenon.declaration = "sync func @main(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)"
  // CHECK: %[[NOW:.+]] = "tenon.immediate"()
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0) {context = "argument 0 of @main", type = tensor<?xi32>}
  // CHECK: %[[B:.+]]:2 = "tenon.alloc"(%[[NOW]], %[[A]]#1) {type = tensor<?xi32>}
  // CHECK: %[[P:.+]] = "tenon.execute"(%[[B]]#1, %[[A]]#0, %[[B]]#0, %[[A]]#1) {callee = @main_dispatch_0, ordinal = 0 : i64}
  // CHECK: "tenon.wait"(%[[P]])
  // CHECK: %[[V:.+]] = "tenon.tensor_export"(%[[B]]#0, %[[A]]#1) {context = "argument 0 of custom.call.sync"
  // CHECK: %[[R:.+]] = call @custom.call.sync(%[[V]]) : (!tenon.view) -> !tenon.view
  // CHECK: %[[C:.+]]:2 = "tenon.tensor_import"(%[[R]]) {context = "result 0 of custom.call.sync"
  // CHECK: %[[D:.+]]:2 = "tenon.alloc"(%[[NOW]], %[[C]]#1)
  // CHECK: %[[Q:.+]] = "tenon.execute"(%[[D]]#1, %[[C]]#0, %[[D]]#0, %[[C]]#1) {callee = @main_dispatch_0, ordinal = 0 : i64}
  // CHECK: "tenon.wait"(%[[Q]])
  // CHECK: %[[W:.+]] = "tenon.tensor_export"(%[[D]]#0, %[[C]]#1) {context = "result 0 of @main"
  // CHECK: return %[[W]] : !tenon.view
  func.func @main(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    %1 = call @custom.call.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // Work on different tensors waits on different points; the one wait is for both.
  // CHECK-LABEL: func.func public @independent
  // CHECK: %[[NOW:.+]] = "tenon.immediate"()
  // CHECK: %[[A:.+]]:2 = "tenon.alloc"(%[[NOW]]) {type = tensor<4xf32>}
  // CHECK: %[[P:.+]] = "tenon.execute"(%[[A]]#1,
  // CHECK-NOT: tenon.wait
  // CHECK: %[[B:.+]]:2 = "tenon.alloc"(%[[NOW]]) {type = tensor<3xf32>}
  // CHECK: %[[Q:.+]] = "tenon.execute"(%[[B]]#1,
  // CHECK: %[[J:.+]] = "tenon.join"(%[[P]], %[[Q]])
  // CHECK-NEXT: "tenon.wait"(%[[J]])
  func.func @independent(%x: tensor<4xf32>, %y: tensor<3xf32>) -> (tensor<4xf32>, tensor<3xf32>) {
    %a = arith.mulf %x, %x : tensor<4xf32>
    %b = arith.subf %y, %y : tensor<3xf32>
    return %a, %b : tensor<4xf32>, tensor<3xf32>
  }

  // Scalars need no point.
  // CHECK-LABEL: func.func public @scalars(%arg0: i32, %arg1: f64) -> (f64, i32)
  // CHECK-NEXT: return %arg1, %arg0
  func.func @scalars(%x: i32, %y: f64) -> (f64, i32) {
    return %y, %x : f64, i32
  }
}
