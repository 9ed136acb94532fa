// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Loops without an order are run in one.

module {
  // CHECK-LABEL: func.func @forall
  // CHECK: cf.br ^[[OUTER:.+]](%c0, %arg1 : index, tensor<?x8xf32>)
  // CHECK: ^[[OUTER]](%[[I:.+]]: index, %[[T:.+]]: tensor<?x8xf32>):
  // CHECK: cf.cond_br %{{.+}}, ^[[INNER:.+]](%c4, %[[T]] : index, tensor<?x8xf32>), ^[[END:.+]]
  // CHECK: ^[[INNER]](%[[J:.+]]: index, %[[U:.+]]: tensor<?x8xf32>):
  // CHECK: %[[V:.+]] = "tenon.update"(%[[U]], %c2) ({
  // CHECK: "tenon.check_ge"
  // CHECK: %[[W:.+]] = "tenon.update"(%[[V]], %c2) ({
  // CHECK: cf.br ^[[INNER]](%{{.+}}, %[[W]] : index, tensor<?x8xf32>)
  // CHECK: ^[[END]]:
  // CHECK: return %[[T]]
  func.func @forall(%a: tensor<2xf32>, %b: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32> {
    %0 = scf.forall (%i, %j) = (0, 4) to (%n, 8) step (1, 2) shared_outs(%out = %b) -> (tensor<?x8xf32>) {
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %a into %out[%i, %j] [1, 2] [1, 1] : tensor<2xf32> into tensor<?x8xf32>
        tensor.parallel_insert_slice %a into %out[%n, %j] [1, 2] [1, 1] : tensor<2xf32> into tensor<?x8xf32>
      }
    }
    return %0 : tensor<?x8xf32>
  }

  // CHECK-LABEL: func.func @parallel
  // CHECK: "tenon.check_ge"(%arg1, %c1) {message = "scf.for: the step is {0}, expected 1 or more"}
  // CHECK: arith.addi %{{.+}}, %{{.+}} : index
  // CHECK: arith.maxsi
  func.func @parallel(%n: index, %step: index, %zero: index) -> (index, index) {
    %0:2 = scf.parallel (%i, %j) = (%zero, %zero) to (%n, %n) step (%step, %step) init (%zero, %zero) -> (index, index) {
      %1 = arith.muli %i, %j : index
      scf.reduce(%1, %i : index, index) {
      ^bb0(%x: index, %y: index):
        %2 = arith.addi %x, %y : index
        scf.reduce.return %2 : index
      }, {
      ^bb0(%x: index, %y: index):
        %2 = arith.maxsi %x, %y : index
        scf.reduce.return %2 : index
      }
    }
    return %0#0, %0#1 : index, index
  }
}
