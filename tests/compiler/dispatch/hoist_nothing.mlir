// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s --implicit-check-not=__init --implicit-check-not=util.global
//
// A program has no initializers for constants that it uses as they are.

// CHECK-LABEL: func.func @f
func.func @f(%x: tensor<4xi32>) -> (tensor<4xi32>, tensor<2x2xi32>) {
  %a = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %0 = arith.addi %x, %a : tensor<4xi32>
  %shape = arith.constant dense<2> : tensor<2xindex>
  %1 = tensor.reshape %a(%shape) : (tensor<4xi32>, tensor<2xindex>) -> tensor<2x2xi32>
  return %0, %1 : tensor<4xi32>, tensor<2x2xi32>
}
