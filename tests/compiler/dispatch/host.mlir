// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// What stays in the host program.

module {
  // Nothing to compute on elements: no dispatches, no module of them.
  // CHECK-NOT: tenon.dispatch
  // CHECK-NOT: @tenon_dispatches

  // CHECK-LABEL: func.func @arguments
  // CHECK-NEXT: return %arg0, %arg0
  func.func @arguments(%a: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    return %a, %a : tensor<?xi32>, tensor<?xi32>
  }

  // CHECK-LABEL: func.func @constants
  // CHECK-DAG: arith.constant dense<7> : tensor<4xi32>
  // CHECK-DAG: arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  func.func @constants() -> (tensor<4xi32>, tensor<2xf32>) {
    %0 = arith.constant dense<7> : tensor<4xi32>
    %1 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    return %0, %1 : tensor<4xi32>, tensor<2xf32>
  }

  // One of two tensors, whose sizes need not agree.
  // CHECK-LABEL: func.func @choose
  // CHECK-NOT: tenon.check
  // CHECK: %[[X:.+]] = arith.select %arg0, %arg2, %arg3 : tensor<?xf32>
  // CHECK: %[[Y:.+]] = arith.select %arg1, %arg3, %[[X]] : tensor<?xf32>
  // CHECK: return %[[X]], %[[Y]]
  func.func @choose(%c: i1, %d: i1, %a: tensor<?xf32>, %b: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    %0 = arith.select %c, %a, %b : tensor<?xf32>
    %1 = scf.if %d -> tensor<?xf32> {
      scf.yield %b : tensor<?xf32>
    } else {
      scf.yield %0 : tensor<?xf32>
    }
    return %0, %1 : tensor<?xf32>, tensor<?xf32>
  }
}
