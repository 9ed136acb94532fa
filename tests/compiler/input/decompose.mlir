// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// linalg operations without a body.

module {
  // f16 and bf16 are added up as f32.
  // CHECK-LABEL: func.func @softmax
  // CHECK: "tenon.check_eq"({{.*}}) {message = "linalg.softmax: dimension 1 of the output is {1}, but that of the input is {0}"}
  // CHECK: %[[MAX:.+]] = linalg.generic {{.*}}["parallel", "reduction"]} ins(%arg0 : tensor<4x?xbf16>) outs(%{{.+}} : tensor<4xbf16>)
  // CHECK: arith.maximumf
  // CHECK: %[[EXP:.+]] = linalg.generic {{.*}}["parallel", "parallel"]} ins(%arg0, %[[MAX]] : {{.*}}) outs(%{{.+}} : tensor<4x?xf32>)
  // CHECK: %[[SUM:.+]] = linalg.generic {{.*}}["parallel", "reduction"]} ins(%[[EXP]] : {{.*}}) outs(%{{.+}} : tensor<4xf32>)
  // CHECK: %[[RESULT:.+]] = linalg.generic {{.*}}["parallel", "parallel"]} ins(%[[EXP]], %[[SUM]] : {{.*}}) outs(%{{.+}} : tensor<4x?xbf16>)
  // CHECK: arith.divf
  // CHECK: return %[[RESULT]]
  func.func @softmax(%a: tensor<4x?xbf16>, %o: tensor<4x?xbf16>) -> tensor<4x?xbf16> {
    %0 = linalg.softmax dimension(1) ins(%a : tensor<4x?xbf16>) outs(%o : tensor<4x?xbf16>) -> tensor<4x?xbf16>
    return %0 : tensor<4x?xbf16>
  }

  // CHECK-LABEL: func.func @pack
  // CHECK: "tenon.check_ge"(%arg2, %c1) {message = "linalg.pack: a tile's size is {0}, expected {1} or more"}
  // CHECK: "tenon.check_eq"({{.*}}) {message = "linalg.pack: dimension 0 of the packed tensor is {0}, expected {1}"}
  // CHECK: "tenon.read"(%arg3, %arg0
  func.func @pack(%s: tensor<?x16xf32>, %d: tensor<?x2x8x?xf32>, %t: index, %p: f32) -> tensor<?x2x8x?xf32> {
    %0 = linalg.pack %s padding_value(%p : f32) inner_dims_pos = [1, 0] inner_tiles = [8, %t] into %d : tensor<?x16xf32> -> tensor<?x2x8x?xf32>
    return %0 : tensor<?x2x8x?xf32>
  }

  // CHECK-LABEL: func.func @exact
  // CHECK: "tenon.check_eq"({{.*}}) {message = "linalg.pack: {0} elements are left over, which need a padding_value"}
  // CHECK: tensor.extract %arg0
  func.func @exact(%s: tensor<?xf32>, %d: tensor<?x8xf32>) -> tensor<?x8xf32> {
    %0 = linalg.pack %s inner_dims_pos = [0] inner_tiles = [8] into %d : tensor<?xf32> -> tensor<?x8xf32>
    return %0 : tensor<?x8xf32>
  }

  // CHECK-LABEL: func.func @unpack
  // CHECK: "tenon.check_eq"({{.*}}) {message = "linalg.unpack: dimension 0 of the packed tensor is {0}, expected {1}"}
  // CHECK: %[[TILE:.+]] = arith.divui
  // CHECK: %[[REST:.+]] = arith.remui
  // CHECK: tensor.extract %arg0[%[[TILE]], %[[REST]]]
  func.func @unpack(%s: tensor<?x8xf32>, %d: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.unpack %s inner_dims_pos = [0] inner_tiles = [8] into %d : tensor<?x8xf32> -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }
}
