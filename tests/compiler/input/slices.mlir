// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Parts of tensors: what they become, and what is checked of their offsets, sizes and strides.

module {
  // Constant offsets and strides are in the map; nothing is left to check.
  // CHECK-DAG: #[[STATIC:.+]] = affine_map<(d0, d1) -> (d0 * 2 + 1, 3, d1)>
  // CHECK-LABEL: func.func @static
  // CHECK-NOT: tenon.check
  // CHECK: linalg.generic {indexing_maps = [#[[STATIC]], #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%arg0
  // CHECK-NEXT: ^bb0(%[[IN:.+]]: f32, %{{.+}}: f32):
  // CHECK-NEXT: linalg.yield %[[IN]] : f32
  func.func @static(%a: tensor<8x4x5xf32>) -> tensor<3x5xf32> {
    %0 = tensor.extract_slice %a[1, 3, 0] [3, 1, 5] [2, 1, 1] : tensor<8x4x5xf32> to tensor<3x5xf32>
    return %0 : tensor<3x5xf32>
  }

  // CHECK-LABEL: func.func @dynamic
  // CHECK: "tenon.check_ge"(%arg1, %c0) {message = "tensor.extract_slice: offset 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%arg2, %c0) {message = "tensor.extract_slice: size 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%arg3, %c1) {message = "tensor.extract_slice: stride 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%[[DIM:.+]], %arg1) {message = "tensor.extract_slice: offset 0 is {1}, but the dimension's size is {0}"}
  // CHECK: %[[ROOM:.+]] = arith.subi %[[DIM]], %arg1
  // CHECK: %[[COUNT:.+]] = arith.ceildivsi %[[ROOM]], %arg3
  // CHECK: "tenon.check_ge"(%[[COUNT]], %arg2) {message = "tensor.extract_slice: size 0 is {1}, but from the offset on there are {0} such elements"}
  // CHECK: tensor.empty(%arg2)
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[SCALED:.+]] = arith.muli %[[I]], %arg3
  // CHECK: %[[AT:.+]] = arith.addi %[[SCALED]], %arg1
  // CHECK: "tenon.read"(%{{.+}}, %arg0, %[[AT]]) : (i8, tensor<?xi8>, index) -> i8
  func.func @dynamic(%a: tensor<?xi8>, %offset: index, %size: index, %stride: index) -> tensor<?xi8> {
    %0 = tensor.extract_slice %a[%offset] [%size] [%stride] : tensor<?xi8> to tensor<?xi8>
    return %0 : tensor<?xi8>
  }

  // All of a tensor is the tensor, or the tensor in another shape.
  // CHECK-LABEL: func.func @all
  // CHECK-NOT: tenon.check
  // CHECK-NOT: linalg
  // CHECK: %[[R:.+]] = "tenon.reshape"(%arg1, %{{.+}}) : (tensor<?x1xf32>, index) -> tensor<?xf32>
  // CHECK: return %arg0, %[[R]]
  func.func @all(%a: tensor<4xf32>, %b: tensor<?x1xf32>) -> (tensor<4xf32>, tensor<?xf32>) {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %b, %c0 : tensor<?x1xf32>
    %0 = tensor.extract_slice %a[0] [4] [1] : tensor<4xf32> to tensor<4xf32>
    %1 = tensor.extract_slice %b[0, 0] [%n, 1] [1, 1] : tensor<?x1xf32> to tensor<?xf32>
    return %0, %1 : tensor<4xf32>, tensor<?xf32>
  }

  // CHECK-LABEL: func.func @insert_slice
  // CHECK: "tenon.check_ge"(%arg2, %c0) {message = "tensor.insert_slice: offset 1 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_eq"(%{{.+}}, %arg3) {message = "tensor.insert_slice: dimension 0 is {0}, expected {1}"}
  // CHECK: "tenon.update"(%arg1, %arg3) ({
  // CHECK-NEXT: ^bb0(%[[I:.+]]: index):
  // CHECK-NEXT: %[[V:.+]] = "tenon.read"(%{{.+}}, %arg0, %[[I]])
  // CHECK-NEXT: %[[AT:.+]] = arith.addi %[[I]], %arg2
  // CHECK-NEXT: "tenon.yield"(%[[V]], %c1, %[[AT]])
  func.func @insert_slice(%a: tensor<?xf64>, %b: tensor<4x9xf64>, %offset: index, %size: index) -> tensor<4x9xf64> {
    %0 = tensor.insert_slice %a into %b[1, %offset] [1, %size] [1, 1] : tensor<?xf64> into tensor<4x9xf64>
    return %0 : tensor<4x9xf64>
  }

  // CHECK-LABEL: func.func @insert
  // CHECK: "tenon.check_ge"(%arg2, %c0) {message = "tensor.insert: index 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%c3, %arg2) {message = "tensor.insert: index 0 is {1}, expected {0} or less"}
  // CHECK: "tenon.update"(%arg1) ({
  // CHECK-NEXT: "tenon.yield"(%arg0, %arg2) : (i1, index) -> ()
  func.func @insert(%a: i1, %b: tensor<4xi1>, %i: index) -> tensor<4xi1> {
    %0 = tensor.insert %a into %b[%i] : tensor<4xi1>
    return %0 : tensor<4xi1>
  }

  // CHECK-LABEL: func.func @concat
  // CHECK: "tenon.check_eq"(%{{.+}}, %{{.+}}) {message = "tensor.concat: dimension 0 of operand 1 is {0}, expected {1}"}
  // CHECK: tensor.empty(%{{.+}}) : tensor<?x8xi32>
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[J:.+]] = linalg.index 1
  // CHECK: %[[AT:.+]] = arith.subi %[[J]], %c3
  // CHECK: %[[SECOND:.+]] = "tenon.read"(%{{.+}}, %arg1, %[[I]], %[[AT]])
  // CHECK: %[[FIRST:.+]] = "tenon.read"(%[[SECOND]], %arg0, %[[I]], %[[J]])
  // CHECK: linalg.yield %[[FIRST]]
  func.func @concat(%a: tensor<?x3xi32>, %b: tensor<?x5xi32>) -> tensor<?x8xi32> {
    %0 = tensor.concat dim(1) %a, %b : (tensor<?x3xi32>, tensor<?x5xi32>) -> tensor<?x8xi32>
    return %0 : tensor<?x8xi32>
  }

  // Of many tensors each is copied by its own.
  // CHECK-LABEL: func.func @concat_many
  // CHECK: %[[EMPTY:.+]] = tensor.empty()
  // CHECK: "tenon.update"(%[[EMPTY]], %c2)
  // CHECK-COUNT-4: tenon.update
  // CHECK-NOT: tenon.update
  func.func @concat_many(%a: tensor<2xi32>) -> tensor<10xi32> {
    %0 = tensor.concat dim(0) %a, %a, %a, %a, %a : (tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) -> tensor<10xi32>
    return %0 : tensor<10xi32>
  }
}
