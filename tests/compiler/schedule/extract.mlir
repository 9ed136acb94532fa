// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// The host waits for a tensor before it reads an element, by its number in row-major order.

module {
  // CHECK-LABEL: func.func public @element
  // CHECK: %[[X:.+]]:3 = "tenon.tensor_import"
  // CHECK: %[[P:.+]] = "tenon.execute"(%{{.+}}, %[[X]]#0, %[[B:.+]]#0,
  // CHECK: %[[M:.+]] = arith.muli %arg1, %[[X]]#2
  // CHECK: %[[N:.+]] = arith.addi %[[M]], %arg2
  // CHECK: "tenon.wait"(%[[P]])
  // CHECK: %[[E:.+]] = "tenon.load"(%[[B]]#0, %[[N]]) {type = tensor<?x?xf32>} : (!tenon.buffer, index) -> f32
  // CHECK: return %[[E]]
  func.func @element(%x: tensor<?x?xf32>, %i: index, %j: index) -> f32 {
    %y = arith.addf %x, %x : tensor<?x?xf32>
    %0 = tensor.extract %y[%i, %j] : tensor<?x?xf32>
    return %0 : f32
  }

  // CHECK-LABEL: func.func public @rank0
  // CHECK: %[[E:.+]] = "tenon.load"(%{{.+}}, %c0{{.*}}) {type = tensor<i1>} : (!tenon.buffer, index) -> i1
  // CHECK: cf.cond_br %[[E]]
  func.func @rank0(%x: tensor<i1>, %y: tensor<4xi32>) -> tensor<4xi32> {
    %0 = tensor.extract %x[] : tensor<i1>
    %r = scf.if %0 -> tensor<4xi32> {
      %z = arith.addi %y, %y : tensor<4xi32>
      scf.yield %z : tensor<4xi32>
    } else {
      scf.yield %y : tensor<4xi32>
    }
    return %r : tensor<4xi32>
  }
}
