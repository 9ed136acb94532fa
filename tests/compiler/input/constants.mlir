// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t && test $(wc -c < %t) -lt 20000
//
// Constants of every kind are dense elements; large splats are made where they are used.

module {
  // CHECK-LABEL: func.func @resources
  // CHECK-DAG: dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
  // CHECK-DAG: dense<[true, false, true, true]> : tensor<4xi1>
  // CHECK-DAG: dense<> : tensor<0xf32>
  // CHECK-DAG: dense<[5.960460e-08, 1.531840e-05]> : tensor<2xf16>
  // CHECK-DAG: dense<[1, -1, -8]> : tensor<3xi4>
  // CHECK-DAG: dense<[(1.000000e+00,2.000000e+00), (3.000000e+00,4.000000e+00)]> : tensor<2xcomplex<f32>>
  // CHECK-DAG: dense<5> : tensor<1x1xindex>
  func.func @resources() -> (tensor<4xf32>, tensor<4xi1>, tensor<0xf32>, tensor<2xf16>, tensor<3xi4>, tensor<2xcomplex<f32>>, tensor<1x1xindex>) {
    %0 = arith.constant dense_resource<a> : tensor<4xf32>
    %1 = arith.constant dense_resource<b> : tensor<4xi1>
    %2 = arith.constant dense_resource<c> : tensor<0xf32>
    %3 = arith.constant dense_resource<b> : tensor<2xf16>
    %4 = arith.constant dense_resource<d> : tensor<3xi4>
    %5 = arith.constant dense_resource<a> : tensor<2xcomplex<f32>>
    %6 = arith.constant dense_resource<e> : tensor<1x1xindex>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<4xf32>, tensor<4xi1>, tensor<0xf32>, tensor<2xf16>, tensor<3xi4>, tensor<2xcomplex<f32>>, tensor<1x1xindex>
  }

  // CHECK-LABEL: func.func @splat
  // CHECK-NOT: tensor<1000000xf32>{{$}}
  // CHECK: %[[ONE:.+]] = arith.constant 1.500000e+00 : f32
  // CHECK: linalg.generic
  // CHECK: linalg.yield %[[ONE]]
  // CHECK-NOT: dense<1.5
  func.func @splat() -> tensor<1000000xf32> {
    %0 = arith.constant dense<1.5> : tensor<1000000xf32>
    return %0 : tensor<1000000xf32>
  }
}

{-#
  dialect_resources: {
    builtin: {
      a: "0x040000000000803F000000400000404000008040",
      b: "0x0100000001000101",
      c: "0x04000000",
      d: "0x01000000010F88",
      e: "0x080000000500000000000000"
    }
  }
#-}
