// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s

module {
  // Splat constants become numbers, other constants operands.
  // CHECK-LABEL: func.func @constants
  // CHECK-DAG: %[[SEVEN:.+]] = arith.constant 7 : i32
  // CHECK-DAG: %[[DENSE:.+]] = arith.constant dense<[1, 2]>
  // CHECK: linalg.generic {{.*}} ins(%arg0 :
  // CHECK: arith.addi %{{.+}}, %[[SEVEN]]
  // CHECK: linalg.generic {{.*}} ins(%{{.+}}, %[[DENSE]] :
  func.func @constants(%a: tensor<2xi32>) -> tensor<2xi32> {
    %0 = arith.constant dense<7> : tensor<2xi32>
    %1 = arith.constant dense<[1, 2]> : tensor<2xi32>
    %2 = arith.addi %a, %0 : tensor<2xi32>
    %3 = arith.muli %2, %1 : tensor<2xi32>
    return %3 : tensor<2xi32>
  }

  // Two results, and results of another type than the operands.
  // CHECK-LABEL: func.func @types
  // CHECK: linalg.generic
  // CHECK-NEXT: ^bb0(%{{.+}}: i32, %{{.+}}: i32, %{{.+}}: i1):
  // CHECK-NEXT: arith.addui_extended {{.*}} : i32, i1
  // CHECK: linalg.generic
  // CHECK: arith.cmpf olt, {{.*}} fastmath<nnan> : f32
  // CHECK: linalg.generic
  // CHECK: arith.index_cast {{.*}} : i32 to index
  func.func @types(%a: tensor<3xi32>, %b: tensor<3xf32>) -> (tensor<3xi32>, tensor<3xi1>, tensor<3xi1>, tensor<3xindex>) {
    %0, %1 = arith.addui_extended %a, %a : tensor<3xi32>, tensor<3xi1>
    %2 = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %3 = arith.cmpf olt, %b, %2 fastmath<nnan> : tensor<3xf32>
    %4 = arith.index_cast %a : tensor<3xi32> to tensor<3xindex>
    return %0, %1, %3, %4 : tensor<3xi32>, tensor<3xi1>, tensor<3xi1>, tensor<3xindex>
  }

  // Scalars stay what they are.
  // CHECK-LABEL: func.func @scalars
  // CHECK-NOT: linalg
  // CHECK: arith.ceildivsi
  func.func @scalars(%a: i32, %b: i32) -> i32 {
    %0 = arith.ceildivsi %a, %b : i32
    return %0 : i32
  }

  // CHECK-LABEL: func.func @rank_0
  // CHECK: linalg.generic {{.*}}iterator_types = []
  func.func @rank_0(%a: tensor<f64>) -> tensor<f64> {
    %0 = arith.mulf %a, %a : tensor<f64>
    return %0 : tensor<f64>
  }

  // CHECK-LABEL: func.func @rank_6
  // CHECK: iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]
  func.func @rank_6(%a: tensor<1x?x0x2x3x1xi8>) -> tensor<1x?x0x2x3x1xi8> {
    %0 = arith.muli %a, %a : tensor<1x?x0x2x3x1xi8>
    return %0 : tensor<1x?x0x2x3x1xi8>
  }

  // The number is captured; nothing is read.
  // CHECK-LABEL: func.func @splat
  // CHECK: %[[E:.+]] = tensor.empty(%arg1)
  // CHECK: linalg.generic {{.*}} outs(%[[E]] :
  // CHECK: linalg.yield %arg0
  // CHECK: linalg.generic {{.*}} outs(
  // CHECK: linalg.yield %arg0
  func.func @splat(%v: f32, %n: index) -> (tensor<?xf32>, tensor<2xf32>) {
    %0 = tensor.splat %v[%n] : tensor<?xf32>
    %1 = tensor.empty() : tensor<2xf32>
    %2 = linalg.fill ins(%v : f32) outs(%1 : tensor<2xf32>) -> tensor<2xf32>
    return %0, %2 : tensor<?xf32>, tensor<2xf32>
  }

  // What the body reads of an output becomes an input.
  // CHECK-LABEL: func.func @accumulate
  // CHECK: %[[E:.+]] = tensor.empty
  // CHECK: linalg.generic {{.*}} ins(%arg0, %arg1 : {{.*}}) outs(%[[E]] :
  func.func @accumulate(%a: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
        ins(%a : tensor<4xf32>) outs(%o : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      %1 = arith.addf %x, %y : f32
      linalg.yield %1 : f32
    } -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}
