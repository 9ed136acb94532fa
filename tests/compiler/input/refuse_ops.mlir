// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// Every operation outside the language is refused by name, at its place; all of them in one go.

module {
  func.func @f(%a: tensor<4xf32>, %b: tensor<4x4xf32>, %i: index, %f: f32, %w: tensor<2x3x3x2xf32>, %v: tensor<4x4x2x2xf32>, %n: tensor<4xi32>) {
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:5: error: unknown operation 'foo.bar': the language is func, arith, math, complex, linalg, {{.*}}; lower other dialects to these
    "foo.bar"(%a) : (tensor<4xf32>) -> ()
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: 'tensor.extract_slice': stride 0 is -1, expected 1 or more
    %1 = tensor.extract_slice %a[3] [4] [-1] : tensor<4xf32> to tensor<4xf32>
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: unknown operation 'tenon.alloc'
    %2 = "tenon.alloc"(%i) : (index) -> tensor<4xf32>
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: 'linalg.winograd_filter_transform' is not supported
    %5 = linalg.winograd_filter_transform fmr(F_2_3) ins(%w : tensor<2x3x3x2xf32>) outs(%v : tensor<4x4x2x2xf32>) -> tensor<4x4x2x2xf32>
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: 'linalg.softmax' is not supported: expected elements of a floating-point type
    %6 = linalg.softmax dimension(0) ins(%n : tensor<4xi32>) outs(%n : tensor<4xi32>) -> tensor<4xi32>
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: 'tensor.pad': low padding 0 is -1, expected 0 or more
    %4 = tensor.pad %a low[-1] high[0] {
    ^bb0(%j: index):
      tensor.yield %f : f32
    } : tensor<4xf32> to tensor<3xf32>
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:5: error: 'scf.forall': expected at least one loop
    scf.forall () in () {
    }
    %c1 = arith.constant 1 : index
    // CHECK: refuse_ops.mlir:[[@LINE+1]]:10: error: 'tensor.dim': dimension 1 of a tensor of rank 1
    %7 = tensor.dim %a, %c1 : tensor<4xf32>
    return
  }
  // CHECK: refuse_ops.mlir:[[@LINE+1]]:3: error: 'builtin.module' is not supported at the top of a module
  module @nested {
  }
}
