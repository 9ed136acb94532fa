// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'a': type tensor<4xf80> is not supported: expected elements of i1, i4, i8
  func.func @a(%x: tensor<4xf80>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'b': type tensor<*xf32> is not supported
  func.func @b(%x: tensor<*xf32>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'c': type complex<f32> is not supported
  func.func @c(%x: complex<f32>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'd': type tensor<4xf32, "sparse"> is not supported: expected a tensor without an encoding
  func.func @d(%x: tensor<4xf32, "sparse">) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'e': type tensor<1x1x1x1x1x1x1xf32> is not supported: expected a rank of 6 or less
  func.func @e(%x: tensor<1x1x1x1x1x1x1xf32>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'f': type tuple<i32> is not supported
  func.func @f(%x: tuple<i32>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'g': type memref<4xf32> is not supported
  func.func @g(%x: memref<4xf32>) { return }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:16: error: 'h': type tensor<4294967296x4294967296xi8> is not supported: its size in bytes
  func.func @h(%x: tensor<4294967296x4294967296xi8>) { return }
  // A result of a type that was refused of an argument needs no other word, one of another type does.
  // CHECK: refuse_types.mlir:[[@LINE+4]]:16: error: 'k': type tensor<4xf80> is not supported
  // CHECK-NOT: 'k': type tensor<4xf80>
  // CHECK: refuse_types.mlir:[[@LINE+2]]:3: error: 'k': type f80 is not supported
  // CHECK-NOT: 'k':
  func.func @k(%x: tensor<4xf80>) -> (tensor<4xf80>, f80) { cf.br ^a ^a: cf.br ^a }
  // CHECK: refuse_types.mlir:[[@LINE+1]]:3: error: 'custom.i': type f128 is not supported
  func.func private @custom.i() -> f128
  func.func @j() {
    // CHECK: refuse_types.mlir:[[@LINE+1]]:10: error: 'arith.constant': type i5 is not supported
    %0 = arith.constant 1 : i5
    // CHECK: refuse_types.mlir:[[@LINE+1]]:10: error: 'arith.constant': expected a number or dense elements
    %1 = arith.constant sparse<[[0]], [1]> : tensor<4xi32>
    return
  }
}
