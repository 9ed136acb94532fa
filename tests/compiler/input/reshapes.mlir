// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// The same elements in another shape, whose sizes are checked so that nothing overflows.

module {
  // CHECK-LABEL: func.func @static
  // CHECK-NOT: tenon.check
  // CHECK: "tenon.reshape"(%arg0) : (tensor<12xf32>) -> tensor<3x4xf32>
  // CHECK: "tenon.reshape"(%arg1) : (tensor<1x1xf32>) -> tensor<f32>
  func.func @static(%a: tensor<12xf32>, %b: tensor<1x1xf32>) -> (tensor<3x4xf32>, tensor<f32>) {
    %0 = tensor.expand_shape %a [[0, 1]] output_shape [3, 4] : tensor<12xf32> into tensor<3x4xf32>
    %1 = tensor.collapse_shape %b [] : tensor<1x1xf32> into tensor<f32>
    return %0, %1 : tensor<3x4xf32>, tensor<f32>
  }

  // CHECK-LABEL: func.func @expand
  // CHECK: %[[REST:.+]] = arith.remsi %[[DIM:.+]], %c4
  // CHECK: "tenon.check_eq"(%[[REST]], %c0) {message = "tensor.expand_shape: dimension 0 is not a multiple of 4: the remainder is {0}"}
  // CHECK: %[[SIZE:.+]] = arith.divsi %[[DIM]], %c4
  // CHECK: "tenon.check_eq"(%arg1, %[[SIZE]]) {message = "tensor.expand_shape: size 0 is {0}, expected {1}"}
  // CHECK: "tenon.reshape"(%arg0, %arg1)
  func.func @expand(%a: tensor<?xf32>, %n: index) -> tensor<?x4xf32> {
    %0 = tensor.expand_shape %a [[0, 1]] output_shape [%n, 4] : tensor<?xf32> into tensor<?x4xf32>
    return %0 : tensor<?x4xf32>
  }

  // CHECK-LABEL: func.func @expand_unknown
  // CHECK: "tenon.check_ge"(%arg1, %c0) {message = "tensor.expand_shape: size 0 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%arg2, %c0) {message = "tensor.expand_shape: size 1 is {0}, expected {1} or more"}
  // CHECK: %[[LOW:.+]], %[[HIGH:.+]] = arith.mulsi_extended %arg1, %arg2
  // CHECK: "tenon.check_eq"(%[[HIGH]], %c0) {message = "tensor.expand_shape: the product of the sizes does not fit 64 bits"}
  // CHECK: "tenon.check_ge"(%[[LOW]], %c0) {message = "tensor.expand_shape: the product of the sizes does not fit 64 bits"}
  // CHECK: "tenon.check_eq"(%{{.+}}, %[[LOW]]) {message = "tensor.expand_shape: dimension 0 is {0}, expected {1}"}
  func.func @expand_unknown(%a: tensor<?xf32>, %m: index, %n: index) -> tensor<?x?xf32> {
    %0 = tensor.expand_shape %a [[0, 1]] output_shape [%m, %n] : tensor<?xf32> into tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  }

  // CHECK-LABEL: func.func @collapse
  // CHECK: %[[LOW:.+]], %{{.+}} = arith.mulsi_extended
  // CHECK: "tenon.reshape"(%arg0, %[[LOW]]) : (tensor<2x?x3xi16>, index) -> tensor<2x?xi16>
  func.func @collapse(%a: tensor<2x?x3xi16>) -> tensor<2x?xi16> {
    %0 = tensor.collapse_shape %a [[0], [1, 2]] : tensor<2x?x3xi16> into tensor<2x?xi16>
    return %0 : tensor<2x?xi16>
  }

  // A shape of numbers is not read from memory.
  // CHECK-LABEL: func.func @reshape
  // CHECK-NOT: tensor.extract
  // CHECK: "tenon.check_eq"(%{{.+}}, %{{.+}}) {message = "tensor.reshape: the shape has {0} elements, but the operand has {1}"}
  // CHECK: "tenon.reshape"(%arg0, %arg1, %arg2)
  func.func @reshape(%a: tensor<?xi8>, %m: index, %n: index) -> tensor<?x?xi8> {
    %shape = tensor.from_elements %m, %n : tensor<2xindex>
    %0 = tensor.reshape %a(%shape) : (tensor<?xi8>, tensor<2xindex>) -> tensor<?x?xi8>
    return %0 : tensor<?x?xi8>
  }

  // CHECK-LABEL: func.func @reshape_read
  // CHECK: %[[N:.+]] = tensor.extract %arg1[%c1]
  // CHECK: arith.index_cast %[[N]] : i32 to index
  // CHECK: "tenon.check_eq"(%{{.+}}, %c3) {message = "tensor.reshape: size 1 is {0}, expected {1}"}
  func.func @reshape_read(%a: tensor<?xi8>, %shape: tensor<2xi32>) -> tensor<?x3xi8> {
    %0 = tensor.reshape %a(%shape) : (tensor<?xi8>, tensor<2xi32>) -> tensor<?x3xi8>
    return %0 : tensor<?x3xi8>
  }
}
