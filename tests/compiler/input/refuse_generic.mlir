// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  func.func @f(%a: tensor<4x4xf32>, %b: tensor<4xf32>, %c: tensor<?xf32>) {
    // Several iterations would write one element.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': loop d1 is parallel, but no output's indexing map has it
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                         iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4x4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<4xf32>
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': result 0 of the indexing map of operand 0 is not supported: its value may not fit 64 bits
    %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i * 40000000)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%c : tensor<?xf32>) outs(%c : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?xf32>
    // A diagonal.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic' is not supported: an output's indexing map has a loop twice
    %5 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i, i)>],
                         iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%a : tensor<4x4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<4x4xf32>
    // A part, from 1 on.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic' is not supported: every result of an output's indexing map must be one loop, or 0
    %6 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i + 1)>],
                         iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%c : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?xf32>
    // Running sums, all of them: an order of iterations that generics don't have.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:12: error: 'linalg.generic' is not supported: an output depends on the running value of another one
    %7:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "reduction"]} ins(%a : tensor<4x4xf32>) outs(%b, %a : tensor<4xf32>, tensor<4x4xf32>) {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s, %s : f32, f32
    } -> (tensor<4xf32>, tensor<4x4xf32>)
    %3 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      %i = linalg.index 0 : index
      // CHECK: refuse_generic.mlir:[[@LINE+1]]:12: error: 'tensor.dim': expected the constant number of a dimension here, from 0 to 0
      %d = tensor.dim %b, %i : tensor<4xf32>
      // CHECK: refuse_generic.mlir:[[@LINE+1]]:12: error: 'tensor.splat' is not supported in the body of 'linalg.generic'
      %e = tensor.splat %x : tensor<4xf32>
      // CHECK: refuse_generic.mlir:[[@LINE+1]]:12: error: 'scf.for' is not supported in the body of 'linalg.generic'
      %l = scf.for %k = %i to %i step %i iter_args(%v = %x) -> f32 {
        scf.yield %v : f32
      }
      linalg.yield %l : f32
    } -> tensor<4xf32>
    return
  }
}
