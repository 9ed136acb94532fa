// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Complex numbers become arithmetic on their parts; those of the host are made in the bodies that use them.

#id = affine_map<(d0) -> (d0)>

module {
  // CHECK-LABEL: func.func @constants
  // CHECK-NOT: complex.constant
  // CHECK: linalg.generic
  // CHECK: %[[FILL:.+]] = complex.create %cst{{.*}}, %cst{{.*}} : complex<f32>
  // CHECK: linalg.yield %[[FILL]]
  // CHECK: linalg.generic
  // CHECK: %[[RE:.+]] = complex.re %in
  // CHECK: %[[BOTH:.+]] = complex.create %cst{{.*}}, %[[RE]]
  // CHECK: linalg.yield %[[BOTH]]
  // CHECK-NOT: complex.constant
  func.func @constants(%a: tensor<4xcomplex<f32>>) -> (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) {
    %k = arith.constant dense<(1.0,2.0)> : tensor<4xcomplex<f32>>
    %c = complex.constant [3.0 : f32, 4.0 : f32] : complex<f32>
    %e = tensor.empty() : tensor<4xcomplex<f32>>
    %f = linalg.fill ins(%c : complex<f32>) outs(%e: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
    %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %k : tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) outs(%e : tensor<4xcomplex<f32>>) {
    ^bb0(%x: complex<f32>, %y: complex<f32>, %z: complex<f32>):
      %r = complex.re %x : complex<f32>
      %i = complex.im %y : complex<f32>
      %s = complex.create %i, %r : complex<f32>
      linalg.yield %s : complex<f32>
    } -> tensor<4xcomplex<f32>>
    return %0, %f : tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>
  }

  // CHECK-LABEL: func.func @arithmetic
  // CHECK: linalg.generic
  // CHECK-DAG: %[[A:.+]] = complex.re %in
  // CHECK-DAG: %[[B:.+]] = complex.im %in
  // CHECK-DAG: %[[AA:.+]] = arith.mulf %[[A]], %[[A]]
  // CHECK-DAG: %[[BB:.+]] = arith.mulf %[[B]], %[[B]]
  // CHECK-DAG: %[[RE:.+]] = arith.subf %[[AA]], %[[BB]]
  // CHECK: %[[SUM:.+]] = arith.addf %[[RE]], %[[A]]
  // CHECK: arith.select %{{.+}}, %[[SUM]], %[[A]]
  // CHECK-NOT: call
  // CHECK: return
  func.func @arithmetic(%a: tensor<4xcomplex<f64>>) -> tensor<4xcomplex<f64>> {
    %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<4xcomplex<f64>>) outs(%a : tensor<4xcomplex<f64>>) {
    ^bb0(%x: complex<f64>, %z: complex<f64>):
      %m = complex.mul %x, %x : complex<f64>
      %s = complex.add %m, %x : complex<f64>
      %q = complex.abs %x : complex<f64>
      %one = arith.constant 1.0 : f64
      %c = arith.cmpf ogt, %q, %one : f64
      %r = scf.if %c -> complex<f64> {
        scf.yield %s : complex<f64>
      } else {
        scf.yield %x : complex<f64>
      }
      linalg.yield %r : complex<f64>
    } -> tensor<4xcomplex<f64>>
    return %0 : tensor<4xcomplex<f64>>
  }
}
