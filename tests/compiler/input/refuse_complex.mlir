// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// The host has no complex numbers.

module {
  func.func @f(%a: tensor<4xcomplex<f32>>, %x: f32, %p: i1) -> tensor<4xcomplex<f32>> {
    // CHECK: refuse_complex.mlir:[[@LINE+1]]:10: error: 'complex.constant' is not supported here: complex numbers are elements of tensors
    %0 = complex.constant [3.0 : f32, 4.0 : f32] : complex<f32>
    // CHECK: refuse_complex.mlir:[[@LINE+1]]:10: error: 'complex.create' is not supported here
    %1 = complex.create %x, %x : complex<f32>
    // CHECK: refuse_complex.mlir:[[@LINE+1]]:10: error: 'complex.mul' is not supported here
    %2 = complex.mul %0, %1 : complex<f32>
    %3 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4xcomplex<f32>>) outs(%a : tensor<4xcomplex<f32>>) {
    ^bb0(%u: complex<f32>, %v: complex<f32>):
      // CHECK: refuse_complex.mlir:[[@LINE+1]]:12: error: 'complex.bitcast' is not supported in the body of 'linalg.generic'
      %b = complex.bitcast %u : complex<f32> to i64
      linalg.yield %u : complex<f32>
    } -> tensor<4xcomplex<f32>>
    return %3 : tensor<4xcomplex<f32>>
  }
}
