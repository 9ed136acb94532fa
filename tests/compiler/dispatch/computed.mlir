// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// Elementwise work goes into slices, padding, updates, and below reshapes.

module {
  // CHECK-LABEL: func.func @slice
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @slice(%a: tensor<?xf32>, %at: index) -> tensor<4xf32> {
    %0 = arith.negf %a : tensor<?xf32>
    %1 = tensor.extract_slice %0[%at] [4] [1] : tensor<?xf32> to tensor<4xf32>
    %2 = arith.addf %1, %1 : tensor<4xf32>
    return %2 : tensor<4xf32>
  }

  // CHECK-LABEL: func.func @pad
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @pad(%a: tensor<4xf32>) -> tensor<7xf32> {
    %c = arith.constant 5.0 : f32
    %0 = arith.negf %a : tensor<4xf32>
    %1 = tensor.pad %0 low[1] high[2] {
    ^bb0(%i: index):
      tensor.yield %c : f32
    } : tensor<4xf32> to tensor<7xf32>
    return %1 : tensor<7xf32>
  }

  // CHECK-LABEL: func.func @insert
  // CHECK-COUNT-1: "tenon.dispatch"(%arg1, %arg0, {{.*}}) {callee = @insert_dispatch_0, updates}
  // CHECK-NOT: tenon.dispatch
  func.func @insert(%a: tensor<4xf32>, %b: tensor<?xf32>, %at: index) -> tensor<?xf32> {
    %0 = arith.negf %a : tensor<4xf32>
    %1 = tensor.insert_slice %0 into %b[%at] [4] [1] : tensor<4xf32> into tensor<?xf32>
    return %1 : tensor<?xf32>
  }

  // CHECK-LABEL: func.func @reshape
  // CHECK: %[[R:.+]] = "tenon.reshape"(%arg0) : (tensor<4x6xf32>) -> tensor<24xf32>
  // CHECK: "tenon.dispatch"(%[[R]]) {callee = @reshape_dispatch_0} : (tensor<24xf32>) -> tensor<24xf32>
  // CHECK-NOT: tenon.dispatch
  func.func @reshape(%a: tensor<4x6xf32>) -> tensor<24xf32> {
    %0 = arith.negf %a : tensor<4x6xf32>
    %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
    %2 = arith.mulf %1, %1 : tensor<24xf32>
    return %2 : tensor<24xf32>
  }

  // A reduction's work is not done again where it is read.
  // CHECK-LABEL: func.func @sum_of_slice
  // CHECK-COUNT-2: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @sum_of_slice(%a: tensor<?x?xf32>, %b: tensor<?xf32>, %at: index) -> tensor<4xf32> {
    %0 = linalg.reduce { arith.addf } ins(%a : tensor<?x?xf32>) outs(%b : tensor<?xf32>) dimensions = [1]
    %1 = tensor.extract_slice %0[%at] [4] [1] : tensor<?xf32> to tensor<4xf32>
    return %1 : tensor<4xf32>
  }

  // CHECK-LABEL: module @tenon_dispatches

  // The element where the index is inside of the tensor, else the default.
  // CHECK: func.func @pad_dispatch_0
  // CHECK: %[[C:.+]] = arith.constant 5.000000e+00 : f32
  // CHECK: %[[X:.+]] = "tenon.read"(%[[C]], %arg0, %[[I:[0-9]+]])
  // CHECK: %[[Y:.+]] = arith.negf %[[X]]
  // CHECK: %[[IN:.+]] = arith.cmpi ult, %[[I]], %{{.+}} : index
  // CHECK: %[[Z:.+]] = arith.select %[[IN]], %[[Y]], %[[C]]
  // CHECK: linalg.yield %[[Z]]

  // CHECK: func.func @insert_dispatch_0
  // CHECK: tenon.update
  // CHECK: tenon.read
  // CHECK: arith.negf
  // CHECK: tenon.yield
}
