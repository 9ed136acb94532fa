// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// The plain form of generics (docs/schedule.md).

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

module {
  // The running value begins with what the output holds.
  // CHECK-LABEL: func.func @sum
  // CHECK: "tenon.check_eq"({{.*}}) {message = "linalg.generic: dimension 0 of operand 1 is {1}, but dimension 0 of operand 0 is {0}"}
  // CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%arg0 : tensor<?x8xf32>) outs(%arg1 : tensor<?xf32>)
  func.func @sum(%a: tensor<?x8xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<?x8xf32>) outs(%o : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // A constant in an output's map becomes a loop of one iteration; a splat as what a reduction begins with, a fill.
  // CHECK-LABEL: func.func @one
  // CHECK: %[[FILL:.+]] = linalg.generic {{.*}}iterator_types = ["parallel"]} outs(
  // CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]} ins(%arg0 : tensor<8xf32>) outs(%[[FILL]] : tensor<1xf32>)
  func.func @one(%a: tensor<8xf32>) -> tensor<1xf32> {
    %o = arith.constant dense<0.0> : tensor<1xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (0)>], iterator_types = ["reduction"]} ins(%a : tensor<8xf32>) outs(%o : tensor<1xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32
    } -> tensor<1xf32>
    return %0 : tensor<1xf32>
  }

  // Its dimension must be 1.
  // CHECK-LABEL: func.func @one_dynamic
  // CHECK: "tenon.check_eq"(%{{.+}}, %c1) {message = "linalg.generic: dimension 0 of operand 1, an output, is {0}, but its indexing map writes {1}"}
  func.func @one_dynamic(%a: tensor<8xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (0)>], iterator_types = ["reduction"]} ins(%a : tensor<8xf32>) outs(%o : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32
    } -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // Outputs that different loops write: two generics.
  // CHECK-LABEL: func.func @two
  // CHECK: linalg.generic {{.*}}outs(%{{.+}} : tensor<4xf32>)
  // CHECK: %[[SUMS:.+]] = linalg.generic {{.*}}["parallel", "reduction"]
  // CHECK-NOT: mulf
  // CHECK: %[[SQUARES:.+]] = linalg.generic {{.*}}["parallel", "parallel"]
  // CHECK: mulf
  // CHECK: return %[[SUMS]], %[[SQUARES]]
  func.func @two(%a: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4x8xf32>) {
    %o = arith.constant dense<0.0> : tensor<4xf32>
    %e = tensor.empty() : tensor<4x8xf32>
    %0:2 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<4x8xf32>) outs(%o, %e : tensor<4xf32>, tensor<4x8xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %s = arith.addf %x, %y : f32
      %t = arith.mulf %x, %x : f32
      linalg.yield %s, %t : f32, f32
    } -> (tensor<4xf32>, tensor<4x8xf32>)
    return %0#0, %0#1 : tensor<4xf32>, tensor<4x8xf32>
  }

  // The last one of no numbers is what the output held.
  // CHECK-LABEL: func.func @last
  // CHECK: linalg.generic {{.*}}outs(%arg1
  // CHECK: %[[I:.+]] = linalg.index 1
  // CHECK: %[[ANY:.+]] = arith.cmpi sge, %[[I]], %c0
  // CHECK: arith.select %[[ANY]], %in, %out
  func.func @last(%a: tensor<4x?xf32>, %o: tensor<4xf32>) -> (tensor<4xf32>) {
    %0 = linalg.reduce ins(%a : tensor<4x?xf32>) outs(%o : tensor<4xf32>) dimensions = [1] (%in: f32, %out: f32) { linalg.yield %in : f32 }
    return %0 : tensor<4xf32>
  }

  // CHECK-LABEL: func.func @reverse
  // CHECK: linalg.generic {{.*}}["parallel"]} outs(
  // CHECK: %[[I:.+]] = linalg.index 0
  // CHECK: %[[J:.+]] = arith.subi %c9, %[[I]]
  // CHECK: tensor.extract %arg0[%[[J]]]
  func.func @reverse(%a: tensor<10xf32>) -> (tensor<10xf32>) {
    %e = tensor.empty() : tensor<10xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (9 - d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<10xf32>) outs(%e : tensor<10xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<10xf32>
    return %0 : tensor<10xf32>
  }

  // What is a sum when it is written out is no computed index.
  // CHECK-LABEL: func.func @sums
  // CHECK-NOT: tensor.extract
  // CHECK: return
  func.func @sums(%a: tensor<20xf32>) -> (tensor<3x4xf32>) {
    %e = tensor.empty() : tensor<3x4xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> ((i + j) * 3 + i - j * 2)>, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<20xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<3x4xf32>
    return %0 : tensor<3x4xf32>
  }

  // A window tells how many iterations there are, and nothing else.
  // CHECK-LABEL: func.func @pool
  // CHECK: linalg.generic {{.*}}"reduction", "reduction"]} ins(%arg0, %cst{{.*}}, %cst{{.*}} : tensor<1x9x9x4xf32>, tensor<3xi8>, tensor<2xi8>)
  func.func @pool(%a: tensor<1x9x9x4xf32>, %o: tensor<1x7x8x4xf32>) -> tensor<1x7x8x4xf32> {
    %w = tensor.empty() : tensor<3x2xf32>
    %0 = linalg.pooling_nhwc_max ins(%a, %w : tensor<1x9x9x4xf32>, tensor<3x2xf32>) outs(%o: tensor<1x7x8x4xf32>) -> tensor<1x7x8x4xf32>
    return %0 : tensor<1x7x8x4xf32>
  }

  // CHECK-LABEL: func.func @convolution
  // CHECK: "tenon.check_ge"({{.*}}) {message = "linalg.conv_1d: dimension 0 of operand 0 is {0}, but its indexing map needs {1}"}
  // CHECK: linalg.generic
  func.func @convolution(%a: tensor<?xf32>, %k: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.conv_1d ins(%a, %k : tensor<?xf32>, tensor<?xf32>) outs(%o: tensor<?xf32>) -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // Both branches are computed, so what isn't to be read must not fail: where there is an element, the first is read instead;
  // else reading fails by an index of a constant, which is outside if the branch is taken.
  // CHECK-LABEL: func.func @branches
  // CHECK: linalg.generic
  // CHECK-NOT: scf.if
  // CHECK: "tenon.read"
  // CHECK: %[[FAILS:.+]] = arith.select %{{.+}}, %c2, %c0
  // CHECK: tensor.extract %{{.+}}[%[[FAILS]]] : tensor<2xi8>
  // CHECK: %[[J:.+]] = arith.select %{{.+}}, %{{.+}}, %c0
  // CHECK: tensor.extract %arg2[%[[J]]]
  func.func @branches(%a: tensor<8xf32>, %b: tensor<?xf32>, %t: tensor<4xf32>) -> tensor<8xf32> {
    %z = arith.constant 0.0 : f32
    %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<8xf32>) outs(%a : tensor<8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %c0 = arith.constant 0 : index
      %c4 = arith.constant 4 : index
      %n = tensor.dim %b, %c0 : tensor<?xf32>
      %i = linalg.index 0 : index
      %c = arith.cmpi slt, %i, %n : index
      %r = scf.if %c -> f32 {
        %v = tensor.extract %b[%i] : tensor<?xf32>
        scf.yield %v : f32
      } else {
        %c2 = arith.cmpi slt, %i, %c4 : index
        %q = scf.if %c2 -> f32 {
          %v = tensor.extract %t[%i] : tensor<4xf32>
          %w = math.exp %v : f32
          scf.yield %w : f32
        } else {
          scf.yield %z : f32
        }
        scf.yield %q : f32
      }
      linalg.yield %r : f32
    } -> tensor<8xf32>
    return %0 : tensor<8xf32>
  }
}
