// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// math on tensors is math in the body of a linalg.generic, and there the library's functions are put in place of the operations.

// CHECK-NOT: __tenon_
// CHECK-LABEL: func.func @elementwise
// CHECK: linalg.generic
// CHECK: ^bb0(%[[X:.+]]: f32, %{{.+}}: f32):
// CHECK: %[[WIDE:.+]] = arith.extf %[[X]] : f32 to f64
// CHECK: arith.mulf
// CHECK: %[[RESULT:.+]] = arith.truncf %{{.+}} : f64 to f32
// CHECK-NEXT: linalg.yield %[[RESULT]]
// CHECK-NOT: __tenon_
func.func @elementwise(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = math.exp %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// The other arguments of fpowi are widened; both results of sincos are there.
// CHECK-LABEL: func.func @more
// CHECK: linalg.generic
// CHECK: arith.extsi %{{.+}} : i16 to i64
// CHECK: linalg.generic
// CHECK: linalg.yield %{{.+}}, %{{.+}} : f32, f32
func.func @more(%x: tensor<?xf32>, %n: tensor<?xi16>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = math.fpowi %x, %n : tensor<?xf32>, tensor<?xi16>
  %s, %c = math.sincos %0 : tensor<?xf32>
  return %s, %c : tensor<?xf32>, tensor<?xf32>
}

// Named operations, and one that dispatches have.
// CHECK-LABEL: func.func @named
// CHECK: linalg.generic
// CHECK: math.sqrt
// CHECK: linalg.generic
// CHECK-NOT: math.tanh
// CHECK: return
func.func @named(%x: tensor<4xf64>) -> tensor<4xf64> {
  %e = tensor.empty() : tensor<4xf64>
  %0 = linalg.sqrt ins(%x : tensor<4xf64>) outs(%e : tensor<4xf64>) -> tensor<4xf64>
  %1 = linalg.tanh ins(%0 : tensor<4xf64>) outs(%e : tensor<4xf64>) -> tensor<4xf64>
  return %1 : tensor<4xf64>
}

// CHECK-NOT: __tenon_
