// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=dispatch %s | FileCheck %s
//
// What becomes one dispatch, and what doesn't.

module {
  func.func private @custom.call(tensor<?xf32>) -> tensor<?xf32>
  func.func private @custom.effect()

  // CHECK-LABEL: func.func @chain
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @chain(%a: tensor<?xf32>) -> tensor<?xi32> {
    %0 = arith.negf %a : tensor<?xf32>
    %1 = arith.mulf %0, %a : tensor<?xf32>
    %2 = arith.fptosi %1 : tensor<?xf32> to tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // Everything in between is used again, and returned.
  // CHECK-LABEL: func.func @diamond
  // CHECK: %[[R:.+]]:3 = "tenon.dispatch"(%arg0, %{{.+}}) {callee = @diamond_dispatch_0} : (tensor<?xf32>, index) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
  // CHECK-NOT: tenon.dispatch
  // CHECK: return %[[R]]#0, %[[R]]#1, %[[R]]#2
  func.func @diamond(%a: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
    %0 = arith.mulf %a, %a : tensor<?xf32>
    %1 = arith.negf %0 : tensor<?xf32>
    %2 = arith.subf %0, %a : tensor<?xf32>
    %3 = arith.addf %1, %2 : tensor<?xf32>
    return %0, %2, %3 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
  }

  // The call needs what the first makes, so the second has to wait.
  // CHECK-LABEL: func.func @across_a_call
  // CHECK: %[[P:.+]] = "tenon.dispatch"(%arg0,
  // CHECK: %[[C:.+]] = call @custom.call(%[[P]])
  // CHECK: "tenon.dispatch"(%[[P]], %[[C]],
  func.func @across_a_call(%a: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.mulf %a, %a : tensor<?xf32>
    %1 = call @custom.call(%0) : (tensor<?xf32>) -> tensor<?xf32>
    %2 = arith.addf %0, %1 : tensor<?xf32>
    return %2 : tensor<?xf32>
  }

  // The call needs what the first makes, but the second needs nothing of the call: it moves before it.
  // CHECK-LABEL: func.func @before_a_call
  // CHECK: %[[R:.+]]:2 = "tenon.dispatch"(%arg0,
  // CHECK: call @custom.call(%[[R]]#0)
  // CHECK-NOT: tenon.dispatch
  // CHECK: return %[[R]]#1
  func.func @before_a_call(%a: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.mulf %a, %a : tensor<?xf32>
    %1 = call @custom.call(%0) : (tensor<?xf32>) -> tensor<?xf32>
    %2 = arith.addf %0, %a : tensor<?xf32>
    return %2 : tensor<?xf32>
  }

  // ... unless a check is in the way, which the second needs.
  // CHECK-LABEL: func.func @not_before_a_check
  // CHECK: tenon.dispatch
  // CHECK: call @custom.call
  // CHECK: tenon.check_eq
  // CHECK: tenon.dispatch
  func.func @not_before_a_check(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.mulf %a, %a : tensor<?xf32>
    %1 = call @custom.call(%0) : (tensor<?xf32>) -> tensor<?xf32>
    %2 = arith.addf %0, %b : tensor<?xf32>
    return %2 : tensor<?xf32>
  }

  // A broadcast and a transposition of what nobody else reads: done where it is read.
  // CHECK-LABEL: func.func @other_maps
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @other_maps(%a: tensor<4xf32>, %b: tensor<4x8xf32>, %o: tensor<8x4xf32>) -> tensor<8x4xf32> {
    %0 = arith.negf %a : tensor<4xf32>
    %1 = arith.negf %b : tensor<4x8xf32>
    %2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]}
        ins(%0, %1 : tensor<4xf32>, tensor<4x8xf32>) outs(%o : tensor<8x4xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %3 = arith.addf %x, %y : f32
      linalg.yield %3 : f32
    } -> tensor<8x4xf32>
    return %2 : tensor<8x4xf32>
  }

  // So is what is read at some elements only, dynamic dimensions or not.
  // CHECK-LABEL: func.func @windows
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @windows(%a: tensor<?x?xf32>, %o: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %0 = arith.negf %a : tensor<?x?xf32>
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i * 2, j * 3 + 1)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]}
        ins(%0 : tensor<?x?xf32>) outs(%o : tensor<?x?xf32>) {
    ^bb0(%x: f32, %z: f32):
      linalg.yield %x : f32
    } -> tensor<?x?xf32>
    return %1 : tensor<?x?xf32>
  }

  // Read in two ways: done for each of them, since it is cheap.
  // CHECK-LABEL: func.func @read_twice
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @read_twice(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
    %0 = arith.negf %a : tensor<4x4xf32>
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]}
        ins(%0, %0 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %3 = arith.addf %x, %y : f32
      linalg.yield %3 : f32
    } -> tensor<4x4xf32>
    return %1 : tensor<4x4xf32>
  }

  // A body that asks where it is gets the place that is read.
  // CHECK-LABEL: func.func @index
  // CHECK-COUNT-1: tenon.dispatch
  // CHECK-NOT: tenon.dispatch
  func.func @index(%o: tensor<4x4xindex>) -> tensor<4x4xindex> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        outs(%o : tensor<4x4xindex>) {
    ^bb0(%x: index):
      %i = linalg.index 0 : index
      linalg.yield %i : index
    } -> tensor<4x4xindex>
    %1 = linalg.transpose ins(%0 : tensor<4x4xindex>) outs(%o : tensor<4x4xindex>) permutation = [1, 0]
    return %1 : tensor<4x4xindex>
  }

  // A reduction whose body gives back what its output held: an argument of the merged body, not of the one before.
  // CHECK-LABEL: func.func @keeps_output(
  // CHECK-COUNT-1: "tenon.dispatch"
  func.func @keeps_output(%n: index, %x: tensor<?xi8>) -> tensor<32x?xi8> {
    %five = arith.constant 5 : i8
    %zero = arith.constant 0 : i8
    %e0 = tensor.empty(%n) : tensor<64x?xi8>
    %e1 = tensor.empty(%n) : tensor<32x?xi8>
    %a = linalg.fill ins(%five : i8) outs(%e0 : tensor<64x?xi8>) -> tensor<64x?xi8>
    %b = linalg.fill ins(%zero : i8) outs(%e1 : tensor<32x?xi8>) -> tensor<32x?xi8>
    %w = arith.constant dense<0> : tensor<1xi8>
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 * 2 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %w : tensor<64x?xi8>, tensor<1xi8>) outs(%b : tensor<32x?xi8>) {
    ^bb0(%p: i8, %q: i8, %o: i8):
      %m = arith.muli %p, %q : i8
      %s = arith.addi %o, %m : i8
      linalg.yield %s : i8
    } -> tensor<32x?xi8>
    return %r : tensor<32x?xi8>
  }

  // CHECK-LABEL: module @tenon_dispatches

  // CHECK: func.func @diamond_dispatch_0
  // CHECK: tensor.empty
  // CHECK-NEXT: tensor.empty
  // CHECK-NEXT: tensor.empty
  // CHECK-NEXT: linalg.generic
  // CHECK: linalg.yield %{{.+}}, %{{.+}}, %{{.+}} : f32, f32, f32

  // CHECK: func.func @other_maps_dispatch_0
  // CHECK: linalg.generic
  // CHECK-COUNT-2: arith.negf
  // CHECK: arith.addf

  // CHECK: func.func @windows_dispatch_0({{.*}}tenon.dims = [array<i64: 0, 0, 3>, array<i64: 0, 1, 4>]
  // CHECK: arith.negf

  // CHECK: func.func @read_twice_dispatch_0
  // CHECK: ^bb0(%[[X:.+]]: f32, %[[Y:.+]]: f32, %{{.+}}: f32):
  // CHECK-DAG: arith.negf %[[X]]
  // CHECK-DAG: arith.negf %[[Y]]

  // CHECK: func.func @index_dispatch_0
  // CHECK: %[[J:.+]] = linalg.index 1
  // CHECK-NEXT: linalg.yield %[[J]]
}
