// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
//
// Constants of the same bytes are one, whatever their types and wherever they are; each is made once per context.
// CHECK: 2 ref globals
// CHECK: __init
// CHECK-COUNT-2: hal.buffer.constant(
// CHECK-NOT: hal.buffer.constant(

module {
  func.func @a() -> (tensor<2xi32>, tensor<1xi64>) {
    %0 = arith.constant dense<[1, 0]> : tensor<2xi32>
    %1 = arith.constant dense<[1]> : tensor<1xi64>
    return %0, %1 : tensor<2xi32>, tensor<1xi64>
  }
  func.func @b() -> (tensor<2xi32>, tensor<2xf32>) {
    %0 = arith.constant dense<[1, 0]> : tensor<2xi32>
    %1 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    return %0, %1 : tensor<2xi32>, tensor<2xf32>
  }
}
