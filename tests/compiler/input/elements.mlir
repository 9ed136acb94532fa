// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Tensors made of numbers, of padding, and of elements at computed places.

module {
  // CHECK-DAG: #[[SECOND:.+]] = affine_map<(d0, d1) -> (d0, 0)>
  // CHECK-LABEL: func.func @constants
  // CHECK: arith.constant dense<[1, 2]> : tensor<2xi32>
  // CHECK-NOT: linalg
  func.func @constants() -> tensor<2xi32> {
    %c1 = arith.constant 1 : i32
    %c2 = arith.constant 2 : i32
    %0 = tensor.from_elements %c1, %c2 : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // CHECK-LABEL: func.func @few
  // CHECK: linalg.generic
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[IS:.+]] = arith.cmpi eq, %[[I]], %c0
  // CHECK: %[[V:.+]] = arith.select %[[IS]], %arg0, %arg1
  // CHECK: linalg.yield %[[V]]
  func.func @few(%a: f32, %b: f32) -> tensor<2xf32> {
    %0 = tensor.from_elements %a, %b : tensor<2xf32>
    return %0 : tensor<2xf32>
  }

  // More than a dispatch takes: those that are constants come with the constant that the others are put into.
  // CHECK-LABEL: func.func @many
  // CHECK: %[[C:.+]] = arith.constant dense<[0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 2, 2]> : tensor<18xi8>
  // CHECK: %[[U:.+]] = "tenon.update"(%[[C]], %c18)
  // CHECK-NOT: tenon.update
  // CHECK: "tenon.reshape"(%[[U]]) : (tensor<18xi8>) -> tensor<3x6xi8>
  func.func @many(%a: i8) -> tensor<3x6xi8> {
    %c = arith.constant 2 : i8
    %0 = tensor.from_elements %a, %c, %a, %c, %a, %c, %a, %c, %a, %c, %a, %c, %a, %c, %a, %c, %c, %c : tensor<3x6xi8>
    return %0 : tensor<3x6xi8>
  }

  // CHECK-LABEL: func.func @generate
  // CHECK: "tenon.check_ge"(%arg0, %c0) {message = "tensor.generate: size 1 is {0}, expected {1} or more"}
  // CHECK: tensor.empty(%arg0) : tensor<3x?xindex>
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[J:.+]] = linalg.index 1
  // CHECK: %[[V:.+]] = arith.muli %[[I]], %[[J]]
  // CHECK: linalg.yield %[[V]]
  func.func @generate(%n: index) -> tensor<3x?xindex> {
    %0 = tensor.generate %n {
    ^bb0(%i: index, %j: index):
      %1 = arith.muli %i, %j : index
      tensor.yield %1 : index
    } : tensor<3x?xindex>
    return %0 : tensor<3x?xindex>
  }

  // CHECK-LABEL: func.func @pad
  // CHECK: "tenon.check_ge"(%arg1, %c0) {message = "tensor.pad: low padding 0 is {0}, expected {1} or more"}
  // CHECK: tensor.empty(%{{.+}}) : tensor<?xf32>
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[AT:.+]] = arith.subi %[[I]], %arg1
  // CHECK: "tenon.read"(%arg2, %arg0, %[[AT]])
  func.func @pad(%a: tensor<4xf32>, %low: index, %value: f32) -> tensor<?xf32> {
    %0 = tensor.pad %a low[%low] high[2] {
    ^bb0(%i: index):
      tensor.yield %value : f32
    } : tensor<4xf32> to tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // CHECK-LABEL: func.func @gather
  // CHECK: linalg.generic {indexing_maps = [#[[SECOND]], #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%arg1
  // CHECK: %[[I:.+]] = arith.index_cast %{{.+}} : i32 to index
  // CHECK: tensor.extract %arg0[%{{.+}}, %[[I]]]
  func.func @gather(%a: tensor<7x8xf32>, %at: tensor<?x1xi32>) -> tensor<?x7xf32> {
    %0 = tensor.gather %a[%at] gather_dims([1]) : (tensor<7x8xf32>, tensor<?x1xi32>) -> tensor<?x7xf32>
    return %0 : tensor<?x7xf32>
  }

  // CHECK-LABEL: func.func @scatter
  // CHECK: "tenon.check_eq"(%{{.+}}, %{{.+}}) {message = "tensor.scatter: dimension 0 is {0}, expected {1}"}
  // CHECK: "tenon.update"(%arg1, %{{.+}}, %c1, %c8) ({
  // CHECK-NEXT: ^bb0(%[[I:.+]]: index, %[[J:.+]]: index, %[[K:.+]]: index):
  // CHECK: %[[V:.+]] = "tenon.read"(%{{.+}}, %arg0, %[[I]], %[[J]], %[[K]])
  // CHECK: %[[AT:.+]] = "tenon.read"(%c0, %arg2, %[[I]], %c0)
  // CHECK: "tenon.yield"(%[[V]], %[[AT]], %[[K]])
  func.func @scatter(%a: tensor<?x1x8xf32>, %b: tensor<7x8xf32>, %at: tensor<?x1xindex>) -> tensor<7x8xf32> {
    %0 = tensor.scatter %a into %b[%at] scatter_dims([0]) unique : (tensor<?x1x8xf32>, tensor<7x8xf32>, tensor<?x1xindex>) -> tensor<7x8xf32>
    return %0 : tensor<7x8xf32>
  }

  // CHECK-LABEL: func.func @empty
  // CHECK: "tenon.check_ge"(%arg0, %c0) {message = "tensor.empty: size 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%arg1, %c0) {message = "tensor.splat: size 0 is {0}, expected {1} or more"}
  func.func @empty(%m: index, %n: index, %v: i64) -> (tensor<?xi64>, tensor<?xi64>) {
    %0 = tensor.empty(%m) : tensor<?xi64>
    %1 = tensor.splat %v[%n] : tensor<?xi64>
    return %0, %1 : tensor<?xi64>, tensor<?xi64>
  }

  // CHECK-LABEL: func.func @rest
  // CHECK-DAG: %[[RANK:.+]] = arith.constant 2 : index
  // CHECK: arith.bitcast %{{.+}} : f32 to i32
  // CHECK: return %{{.+}}, %[[RANK]]
  func.func @rest(%a: tensor<?x4xf32>) -> (tensor<?x4xi32>, index) {
    %0 = tensor.bitcast %a : tensor<?x4xf32> to tensor<?x4xi32>
    %1 = tensor.rank %a : tensor<?x4xf32>
    return %0, %1 : tensor<?x4xi32>, index
  }
}
