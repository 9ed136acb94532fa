// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// What of tensor and scf is outside of the language, or not as its operation needs it though MLIR's verifier lets it pass.

module {
  func.func private @m.f(index) -> f32

  func.func @f(%a: tensor<4xf32>, %i: index, %f: f32) {
    // CHECK: refuse_tensors.mlir:[[@LINE+3]]:12: error: 'func.call' is not supported in the body of 'tensor.generate'
    %0 = tensor.generate {
    ^bb0(%j: index):
      %v = func.call @m.f(%j) : (index) -> f32
      tensor.yield %v : f32
    } : tensor<4xf32>
    // CHECK: refuse_tensors.mlir:[[@LINE+3]]:12: error: 'tensor.insert' is not supported in the body of 'tensor.pad'
    %1 = tensor.pad %a low[1] high[1] {
    ^bb0(%j: index):
      %s = tensor.insert %f into %a[%j] : tensor<4xf32>
      %v = tensor.extract %s[%j] : tensor<4xf32>
      tensor.yield %v : f32
    } : tensor<4xf32> to tensor<6xf32>
    // CHECK: refuse_tensors.mlir:[[@LINE+1]]:10: error: 'memref.alloc' is not supported
    %3 = memref.alloc() : memref<4xf32>
    // CHECK: refuse_tensors.mlir:[[@LINE+1]]:10: error: 'affine.apply' is not supported
    %4 = affine.apply affine_map<(d0) -> (d0 * 2)>(%i)
    // CHECK: refuse_tensors.mlir:[[@LINE+1]]:10: error: unknown operation 'vector.broadcast'
    %5 = "vector.broadcast"(%f) : (f32) -> vector<4xf32>
    return
  }

  // CHECK: refuse_tensors.mlir:[[@LINE+1]]:{{2[0-9]}}: error: 'unranked': type tensor<*xf32> is not supported
  func.func @unranked(%a: tensor<*xf32>) {
    return
  }

  // CHECK: refuse_tensors.mlir:[[@LINE+1]]:{{2[0-9]}}: error: 'too_many': type tensor<1x1x1x1x1x1x1xf32> is not supported: expected a rank of 6 or less
  func.func @too_many(%a: tensor<1x1x1x1x1x1x1xf32>) {
    return
  }

  // CHECK: refuse_tensors.mlir:[[@LINE+1]]:{{2[0-9]}}: error: 'too_large': type tensor<1099511627776x1099511627776xi1> is not supported: its size in bytes does not fit 64 bits
  func.func @too_large(%a: tensor<1099511627776x1099511627776xi1>) {
    return
  }
}
