// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  func.func @f(%a: tensor<4x4xf32>, %b: tensor<4xf32>, %c: tensor<?xf32>) {
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': reduction iterators are not supported yet
    %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                         iterator_types = ["parallel", "reduction"]} ins(%a : tensor<4x4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    // Several iterations would write one element.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': the indexing map of every output must be a permutation
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
                         iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4x4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<4xf32>
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': the indexing map of operand 0
    %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i * 40000)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%c : tensor<?xf32>) outs(%c : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?xf32>
    // Backwards.
    // CHECK: refuse_generic.mlir:[[@LINE+1]]:10: error: 'linalg.generic': the indexing map of operand 0 is not supported: expected sums
    %4 = linalg.generic {indexing_maps = [affine_map<(i) -> (3 - i)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<4xf32>
    %3 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%b : tensor<4xf32>) outs(%b : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      %i = linalg.index 0 : index
      // CHECK: refuse_generic.mlir:[[@LINE+1]]:12: error: 'tensor.extract' is not supported in the body of 'linalg.generic'
      %e = tensor.extract %b[%i] : tensor<4xf32>
      linalg.yield %e : f32
    } -> tensor<4xf32>
    return
  }
}
