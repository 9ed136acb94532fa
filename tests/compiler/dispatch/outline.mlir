// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// What a dispatch is given: tensors, then numbers, then sizes, each value once; constants are its own.

module {
  // CHECK-LABEL: func.func @f(
  // CHECK-SAME: %[[A:.+]]: tensor<?x3xf32>, %[[B:.+]]: tensor<?x3xf32>, %[[V:.+]]: f32
  // CHECK: %[[N:.+]] = tensor.dim %[[A]], %c0
  // CHECK: %[[R:.+]] = "tenon.dispatch"(%[[B]], %[[A]], %[[V]], %[[N]]) {callee = @f_dispatch_0} : (tensor<?x3xf32>, tensor<?x3xf32>, f32, index) -> tensor<?x3xf32>
  // CHECK: return %[[R]]
  func.func @f(%a: tensor<?x3xf32>, %b: tensor<?x3xf32>, %v: f32) -> tensor<?x3xf32> {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %a, %c0 : tensor<?x3xf32>
    %s = tensor.splat %v[%n] : tensor<?x3xf32>
    %h = arith.constant 0.5 : f32
    %halves = tensor.splat %h[%n] : tensor<?x3xf32>
    %0 = arith.mulf %a, %s : tensor<?x3xf32>
    %1 = arith.mulf %b, %halves : tensor<?x3xf32>
    %2 = arith.addf %0, %1 : tensor<?x3xf32>
    return %2 : tensor<?x3xf32>
  }

  // A size that is a number of the body as well is passed once.
  // CHECK-LABEL: func.func @size_as_number
  // CHECK: "tenon.dispatch"(%arg0) {callee = @size_as_number_dispatch_0} : (index) -> tensor<?xindex>
  func.func @size_as_number(%n: index) -> tensor<?xindex> {
    %0 = tensor.splat %n[%n] : tensor<?xindex>
    return %0 : tensor<?xindex>
  }

  // The size is that of the loop, though the input is longer than what is read of it: its own is passed after it.
  // CHECK-LABEL: func.func @strided
  // CHECK: %[[N:.+]] = tensor.dim %arg1, %c0
  // CHECK: %[[A:.+]] = tensor.dim %arg0, %c0
  // CHECK: "tenon.dispatch"(%arg0, %[[N]], %[[A]]) {callee = @strided_dispatch_0} : (tensor<?xf32>, index, index)
  func.func @strided(%a: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i * 2)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // Two maps of one tensor: dimension 1 is a loop for the first, a row's length for the second; it is passed once. Static
  // dimensions, and those that only loops index, are not.
  // CHECK-LABEL: func.func @two_maps
  // CHECK-DAG: %[[D0:.+]] = tensor.dim %arg0, %c0
  // CHECK-DAG: %[[D1:.+]] = tensor.dim %arg0, %c1
  // CHECK: "tenon.dispatch"(%arg0, %arg1, %[[D0]], %[[D1]]) {callee = @two_maps_dispatch_0} : (tensor<?x?xf32>, tensor<3xf32>, index, index)
  func.func @two_maps(%a: tensor<?x?xf32>, %b: tensor<3xf32>) -> tensor<?x?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = tensor.dim %a, %c0 : tensor<?x?xf32>
    %m = tensor.dim %a, %c1 : tensor<?x?xf32>
    %e = tensor.empty(%n, %m) : tensor<?x?xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (2)>,
                                          affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a, %a, %b : tensor<?x?xf32>, tensor<?x?xf32>, tensor<3xf32>) outs(%e : tensor<?x?xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32, %o: f32):
      %1 = arith.subf %x, %y : f32
      %2 = arith.mulf %1, %z : f32
      linalg.yield %2 : f32
    } -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  }

  // CHECK-LABEL: module @tenon_dispatches

  // CHECK: func.func @f_dispatch_0(
  // CHECK-SAME: %[[B:.+]]: tensor<?x3xf32>, %[[A:.+]]: tensor<?x3xf32>, %[[V:.+]]: f32, %[[N:.+]]: index) -> tensor<?x3xf32>
  // CHECK-NEXT: %[[H:.+]] = arith.constant 5.000000e-01 : f32
  // CHECK-NEXT: %[[E:.+]] = tensor.empty(%[[N]]) : tensor<?x3xf32>
  // CHECK-NEXT: %[[R:.+]] = linalg.generic {{.*}} ins(%[[B]], %[[A]] : tensor<?x3xf32>, tensor<?x3xf32>) outs(%[[E]] : tensor<?x3xf32>)
  // CHECK-NEXT: ^bb0(%[[Y:.+]]: f32, %[[X:.+]]: f32, %{{.+}}: f32):
  // CHECK-DAG: %[[P:.+]] = arith.mulf %[[X]], %[[V]]
  // CHECK-DAG: %[[Q:.+]] = arith.mulf %[[Y]], %[[H]]
  // CHECK: %[[S:.+]] = arith.addf %[[P]], %[[Q]]
  // CHECK-NEXT: linalg.yield %[[S]]
  // CHECK-NEXT: } -> tensor<?x3xf32>
  // CHECK-NEXT: return %[[R]]

  // CHECK: func.func @size_as_number_dispatch_0(%[[N:.+]]: index) -> tensor<?xindex>
  // CHECK: linalg.yield %[[N]]

  // CHECK: func.func @strided_dispatch_0(%{{.+}}: tensor<?xf32>, %[[N:.+]]: index, %{{.+}}: index)
  // CHECK-SAME: attributes {tenon.dims = [array<i64: 0, 0, 2>], tenon.outer = 1 : i64, tenon.results = [array<i64: 1>]}
  // CHECK: tensor.empty(%[[N]])

  // CHECK: func.func @two_maps_dispatch_0({{.*}}) -> tensor<?x?xf32> attributes {tenon.dims = [array<i64: 0, 1, 3>], tenon.outer = 2 : i64, tenon.results = [array<i64: 2, 3>]}
}
