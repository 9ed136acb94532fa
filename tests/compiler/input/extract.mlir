// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// The host may read an element of a tensor; its indices are checked first.

module {
  // CHECK-LABEL: func.func @dynamic(%arg0: tensor<?x3xf64>, %arg1: index, %arg2: index)
  // CHECK: "tenon.check_ge"(%arg1, %c0{{[^)]*}}) {message = "tensor.extract: index 0 is {0}, expected {1} or more"}
  // CHECK: %[[D:.+]] = tensor.dim %arg0
  // CHECK: %[[L:.+]] = arith.subi %[[D]], %c1
  // CHECK: "tenon.check_ge"(%[[L]], %arg1) {message = "tensor.extract: index 0 is {1}, expected {0} or less"}
  // CHECK: "tenon.check_ge"(%arg2, %c0{{[^)]*}}) {message = "tensor.extract: index 1 is {0}, expected {1} or more"}
  // CHECK: "tenon.check_ge"(%c2{{[^,]*}}, %arg2) {message = "tensor.extract: index 1 is {1}, expected {0} or less"}
  // CHECK: tensor.extract %arg0[%arg1, %arg2] : tensor<?x3xf64>
  func.func @dynamic(%x: tensor<?x3xf64>, %i: index, %j: index) -> f64 {
    %0 = tensor.extract %x[%i, %j] : tensor<?x3xf64>
    return %0 : f64
  }

  // What is always in range needs no check.
  // CHECK-LABEL: func.func @static
  // CHECK-NOT: check
  // CHECK: tensor.extract
  // CHECK: tensor.extract
  // CHECK-NOT: check
  // CHECK-LABEL: func.func @outside
  func.func @static(%x: tensor<3xi8>, %y: tensor<i1>) -> (i8, i1) {
    %c2 = arith.constant 2 : index
    %0 = tensor.extract %x[%c2] : tensor<3xi8>
    %1 = tensor.extract %y[] : tensor<i1>
    return %0, %1 : i8, i1
  }

  // The check stays although nobody uses the element.
  // CHECK: "tenon.check_ge"(%c2{{[^,]*}}, %c3{{[^)]*}})
  func.func @outside(%x: tensor<3xi8>) {
    %c3 = arith.constant 3 : index
    %0 = tensor.extract %x[%c3] : tensor<3xi8>
    return
  }

  // What a dispatch makes is read like anything else, and may decide a branch.
  // CHECK-LABEL: func.func @loop
  // CHECK: linalg.generic
  // CHECK: arith.cmpf
  // CHECK: %[[C:.+]] = tensor.extract %{{.+}}[] : tensor<i1>
  // CHECK: cf.cond_br %[[C]]
  func.func @loop(%x: tensor<f32>, %limit: f32) -> tensor<f32> {
    %r = scf.while (%t = %x) : (tensor<f32>) -> tensor<f32> {
      %l = tensor.splat %limit : tensor<f32>
      %c = arith.cmpf olt, %t, %l : tensor<f32>
      %b = tensor.extract %c[] : tensor<i1>
      scf.condition(%b) %t : tensor<f32>
    } do {
    ^bb0(%t: tensor<f32>):
      %u = arith.addf %t, %t : tensor<f32>
      scf.yield %u : tensor<f32>
    }
    return %r : tensor<f32>
  }
}
