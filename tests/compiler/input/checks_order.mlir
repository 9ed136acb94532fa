// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// That a tensor has 4 elements is known only after the check. Nothing before it may take that as given: not the negation,
// which would else read 4 elements of whatever came.

module {
  func.func private @module.effect()

  // CHECK-LABEL: func.func @negate_then_add
  // CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<?xf32>)
  // CHECK: arith.negf
  // CHECK: call @module.effect
  // CHECK: tenon.check_eq
  // CHECK: tensor.cast {{.*}} tensor<?xf32> to tensor<4xf32>
  // CHECK: arith.addf
  func.func @negate_then_add(%a: tensor<?xf32>) -> (tensor<?xf32>, tensor<4xf32>) {
    %0 = arith.negf %a : tensor<?xf32>
    call @module.effect() : () -> ()
    %1 = tensor.cast %0 : tensor<?xf32> to tensor<4xf32>
    %2 = arith.addf %1, %1 : tensor<4xf32>
    return %0, %2 : tensor<?xf32>, tensor<4xf32>
  }

  // A loop that starts and ends with 4 elements, but whose body makes what it likes of them.
  // CHECK-LABEL: func.func @loop
  // CHECK: ^bb2:
  // CHECK-NOT: tensor.cast {{.*}} to tensor<4xf32>
  // CHECK: ^bb3:
  // CHECK: tenon.check_eq
  // CHECK: tensor.cast {{.*}} to tensor<4xf32>
  func.func private @module.change(tensor<?xf32>) -> tensor<?xf32>
  func.func @loop(%a: tensor<4xf32>, %n: index) -> tensor<4xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = tensor.cast %a : tensor<4xf32> to tensor<?xf32>
    %1 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %0) -> tensor<?xf32> {
      %y = func.call @module.change(%x) : (tensor<?xf32>) -> tensor<?xf32>
      scf.yield %y : tensor<?xf32>
    }
    %2 = tensor.cast %1 : tensor<?xf32> to tensor<4xf32>
    return %2 : tensor<4xf32>
  }
}
