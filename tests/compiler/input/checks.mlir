// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// The checks that sizes agree: which are made, which are left out, and what they say.

module {
  // CHECK-LABEL: func.func @two_dynamic
  // CHECK-DAG: %[[A:.+]] = tensor.dim %arg0, %c0
  // CHECK-DAG: %[[B:.+]] = tensor.dim %arg1, %c0
  // CHECK: "tenon.check_eq"(%[[A]], %[[B]]) {message = "arith.addi: dimension 0 of operand 1 is {1}, but that of operand 0 is {0}"}
  // CHECK: tensor.empty(%[[A]])
  // CHECK: linalg.generic
  func.func @two_dynamic(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %a, %b : tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // One operand with itself, and static sizes: nothing to check.
  // CHECK-LABEL: func.func @none
  // CHECK-NOT: tenon.check
  func.func @none(%a: tensor<?xi32>, %b: tensor<2x3xi32>, %c: tensor<2x3xi32>) -> (tensor<?xi32>, tensor<2x3xi32>) {
    %0 = arith.addi %a, %a : tensor<?xi32>
    %1 = arith.addi %0, %a : tensor<?xi32>
    %2 = arith.addi %b, %c : tensor<2x3xi32>
    return %1, %2 : tensor<?xi32>, tensor<2x3xi32>
  }

  // The third follows from the others; each of the others is needed.
  // CHECK-LABEL: func.func @implied
  // CHECK-COUNT-2: tenon.check_eq
  // CHECK-NOT: tenon.check
  func.func @implied(%a: tensor<?xi32>, %b: tensor<?xi32>, %c: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) {
    %0 = arith.addi %a, %b : tensor<?xi32>
    %1 = arith.subi %b, %c : tensor<?xi32>
    %2 = arith.muli %a, %c : tensor<?xi32>
    return %0, %1, %2 : tensor<?xi32>, tensor<?xi32>, tensor<?xi32>
  }

  // What one branch has checked says nothing about the other.
  // CHECK-LABEL: func.func @branches
  // CHECK-COUNT-2: tenon.check_eq
  // CHECK-NOT: tenon.check
  func.func @branches(%c: i1, %a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<?xi32> {
    %0 = scf.if %c -> tensor<?xi32> {
      %1 = arith.addi %a, %b : tensor<?xi32>
      scf.yield %1 : tensor<?xi32>
    } else {
      %1 = arith.subi %a, %b : tensor<?xi32>
      scf.yield %1 : tensor<?xi32>
    }
    return %0 : tensor<?xi32>
  }

  // CHECK-LABEL: func.func @select
  // CHECK: "arith.select: dimension 0 of operand 1 is {1}, but that of operand 0 is {0}"
  // CHECK: "arith.select: dimension 0 of operand 2 is {1}, but that of operand 0 is {0}"
  func.func @select(%c: tensor<?xi1>, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.select %c, %a, %b : tensor<?xi1>, tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // CHECK-LABEL: func.func @only_dynamic_dimensions
  // CHECK: "arith.mulf: dimension 1 of operand 1 is {1}, but that of operand 0 is {0}"
  // CHECK-NOT: tenon.check
  func.func @only_dynamic_dimensions(%a: tensor<2x?x3xf32>, %b: tensor<2x?x3xf32>) -> tensor<2x?x3xf32> {
    %0 = arith.mulf %a, %b : tensor<2x?x3xf32>
    return %0 : tensor<2x?x3xf32>
  }

  // CHECK-LABEL: func.func @casts
  // CHECK: %[[D:.+]] = tensor.dim %arg0, %c1
  // CHECK: "tenon.check_eq"(%[[D]], %c4) {message = "tensor.cast: dimension 1 is {0}, expected {1}"}
  // CHECK-NOT: tenon.check
  func.func @casts(%a: tensor<?x?xi8>, %b: tensor<2xi8>) -> (tensor<?x4xi8>, tensor<?xi8>) {
    %0 = tensor.cast %a : tensor<?x?xi8> to tensor<?x4xi8>
    %1 = tensor.cast %b : tensor<2xi8> to tensor<?xi8>
    return %0, %1 : tensor<?x4xi8>, tensor<?xi8>
  }

  // A check stands, even if what needs it is not used.
  // CHECK-LABEL: func.func @unused
  // CHECK: tenon.check_eq
  func.func @unused(%a: tensor<?xi8>, %b: tensor<?xi8>) {
    %0 = arith.addi %a, %b : tensor<?xi8>
    return
  }

  // Sizes of one operand that differ from those of another by static type only.
  // CHECK-LABEL: func.func @mixed
  // CHECK: "tenon.check_eq"(%{{.+}}, %c5) {message = "arith.addi: dimension 0 of operand 1 is {1}, but that of operand 0 is {0}"}
  func.func @mixed(%a: tensor<?xi8>, %b: tensor<5xi8>) -> tensor<?xi8> {
    %0 = "arith.addi"(%a, %b) : (tensor<?xi8>, tensor<5xi8>) -> tensor<?xi8>
    return %0 : tensor<?xi8>
  }

  // CHECK-LABEL: func.func @assert
  // CHECK: "tenon.assert"(%arg0) {message = "no good"}
  // CHECK-NOT: always
  func.func @assert(%c: i1) {
    %true = arith.constant true
    cf.assert %true, "always"
    cf.assert %c, "no good"
    return
  }

  // CHECK-LABEL: func.func @dim_by_number
  // CHECK: "tenon.check_ge"(%arg1, %c0)
  // CHECK: "tenon.check_ge"(%c1, %arg1)
  // CHECK-NOT: tensor.dim %arg0, %arg1
  func.func @dim_by_number(%a: tensor<?x?xi8>, %i: index) -> index {
    %0 = tensor.dim %a, %i : tensor<?x?xi8>
    return %0 : index
  }
}
