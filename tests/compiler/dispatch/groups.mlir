// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// Members of one dispatch: what shares its outer loops. (tests/numeric/fusion_test.py has the values, and more programs.)

module {
  func.func private @custom.call(tensor<?xf32>) -> tensor<?xf32>

  // The maximum, the sum and the division of each row: one dispatch, of which the rows are the outer loops. What exp makes is memory, for it
  // costs too much to be computed twice; the maximum and the sum are not.
  // CHECK-LABEL: func.func @softmax
  // CHECK: %[[R:.+]]:2 = "tenon.dispatch"(%arg0, %{{.+}}, %{{.+}}) {callee = @softmax_dispatch_0} : (tensor<?x?xf32>, index, index) -> (tensor<?x?xf32>, tensor<?x?xf32>)
  // CHECK: return %[[R]]#1
  // CHECK-NOT: tenon.dispatch
  func.func @softmax(%x: tensor<?x?xf32>, %o: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %0 = linalg.softmax dimension(1) ins(%x : tensor<?x?xf32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  }

  // A product with what it begins with and what follows: numbers.
  // CHECK-LABEL: func.func @dense
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @dense(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %bias: tensor<6xf32>) -> tensor<4x6xf32> {
    %zero = arith.constant dense<0.0> : tensor<4x6xf32>
    %e = tensor.empty() : tensor<4x6xf32>
    %0 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x6xf32>) outs(%zero : tensor<4x6xf32>) -> tensor<4x6xf32>
    %1 = linalg.broadcast ins(%bias : tensor<6xf32>) outs(%e : tensor<4x6xf32>) dimensions = [0]
    %2 = arith.addf %0, %1 : tensor<4x6xf32>
    %3 = arith.maximumf %2, %zero : tensor<4x6xf32>
    return %3 : tensor<4x6xf32>
  }

  // Each row of the second product needs all of the first: its loops are not the same.
  // CHECK-LABEL: func.func @products
  // CHECK-COUNT-2: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @products(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>) -> tensor<4x4xf32> {
    %zero = arith.constant dense<0.0> : tensor<4x4xf32>
    %0 = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<4x4xf32>) -> tensor<4x4xf32>
    %1 = linalg.matmul ins(%0, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<4x4xf32>) -> tensor<4x4xf32>
    return %1 : tensor<4x4xf32>
  }

  // What a sum is subtracted from lies in other rows than the sum's.
  // CHECK-LABEL: func.func @other_rows
  // CHECK-COUNT-2: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @other_rows(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
    %zero = arith.constant dense<0.0> : tensor<4xf32>
    %e = tensor.empty() : tensor<4x4xf32>
    %0 = linalg.reduce { arith.addf } ins(%x : tensor<4x4xf32>) outs(%zero : tensor<4xf32>) dimensions = [1]
    %1 = linalg.broadcast ins(%0 : tensor<4xf32>) outs(%e : tensor<4x4xf32>) dimensions = [0]
    %2 = arith.subf %x, %1 : tensor<4x4xf32>
    return %2 : tensor<4x4xf32>
  }

  // The call needs the sum, and the division the call.
  // CHECK-LABEL: func.func @around_a_call
  // CHECK: tenon.dispatch
  // CHECK: call @custom.call
  // CHECK: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @around_a_call(%x: tensor<?x?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.reduce { arith.addf } ins(%x : tensor<?x?xf32>) outs(%b : tensor<?xf32>) dimensions = [1]
    %1 = call @custom.call(%0) : (tensor<?xf32>) -> tensor<?xf32>
    %2 = arith.divf %0, %1 : tensor<?xf32>
    return %2 : tensor<?xf32>
  }

  // A sum's element at a computed place may be another row's.
  // CHECK-LABEL: func.func @gather
  // CHECK-COUNT-2: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @gather(%x: tensor<4x?xf32>, %b: tensor<4xf32>, %at: tensor<4xindex>) -> tensor<4xf32> {
    %0 = linalg.reduce { arith.addf } ins(%x : tensor<4x?xf32>) outs(%b : tensor<4xf32>) dimensions = [1]
    %1 = linalg.map ins(%0, %at : tensor<4xf32>, tensor<4xindex>) outs(%b : tensor<4xf32>) (%y: f32, %i: index, %o: f32) {
      %2 = tensor.extract %0[%i] : tensor<4xf32>
      %3 = arith.addf %2, %y : f32
      linalg.yield %3 : f32
    }
    return %1 : tensor<4xf32>
  }

  // Two reductions of the same rows, neither of which needs the other.
  // CHECK-LABEL: func.func @siblings
  // CHECK: tenon.dispatch
  // CHECK-SAME: -> (tensor<4xf32>, tensor<4xf32>)
  // CHECK-NOT: tenon.dispatch
  func.func @siblings(%x: tensor<4x?xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %0 = linalg.reduce { arith.addf } ins(%x : tensor<4x?xf32>) outs(%b : tensor<4xf32>) dimensions = [1]
    %1 = linalg.reduce { arith.mulf } ins(%x : tensor<4x?xf32>) outs(%b : tensor<4xf32>) dimensions = [1]
    return %0, %1 : tensor<4xf32>, tensor<4xf32>
  }

  // CHECK-LABEL: module @tenon_dispatches

  // CHECK: func.func @softmax_dispatch_0(%{{.+}}: tensor<?x?xf32>, %[[N:.+]]: index, %[[M:.+]]: index) -> (tensor<?x?xf32>, tensor<?x?xf32>)
  // CHECK-SAME: tenon.dims = [array<i64: 0, 1, 2>], tenon.outer = 1 : i64, tenon.results = [array<i64: 1, 2>, array<i64: 1, 2>]
  // CHECK: tensor.empty(%[[N]]) : tensor<?xf32>
  // CHECK: linalg.yield
  // CHECK: iterator_types = ["parallel", "reduction"]
  // CHECK: arith.maximumf
  // CHECK: tensor.empty(%[[N]], %[[M]]) : tensor<?x?xf32>
  // CHECK: %[[E:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]}
  // CHECK: arith.subf
  // CHECK: tensor.empty(%[[N]]) : tensor<?xf32>
  // CHECK: %[[S:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[E]] :
  // CHECK: %[[D:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[E]], %[[S]] :
  // CHECK: arith.divf
  // CHECK: return %[[E]], %[[D]] :

  // CHECK: func.func @dense_dispatch_0
  // CHECK-SAME: tenon.outer = 2
  // CHECK: iterator_types = ["parallel", "parallel"]
  // CHECK: iterator_types = ["parallel", "parallel", "reduction"]
  // CHECK: iterator_types = ["parallel", "parallel"]
  // CHECK: arith.addf
  // CHECK: arith.maximumf
  // CHECK: return

  // CHECK: func.func @siblings_dispatch_0
  // CHECK-SAME: tenon.outer = 1
  // CHECK: arith.addf
  // CHECK: arith.mulf
  // CHECK: return %{{.+}}, %{{.+}}
}
