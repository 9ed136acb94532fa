// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Checks of linalg operations, by their indexing maps.

module {
  // CHECK-LABEL: func.func @transposed
  // CHECK: "linalg.generic: dimension 0 of operand 1 is {1}, but dimension 1 of operand 0 is {0}"
  // CHECK: "linalg.generic: dimension 1 of operand 1 is {1}, but dimension 0 of operand 0 is {0}"
  // CHECK-NOT: tenon.check
  func.func @transposed(%a: tensor<?x?xf32>, %o: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]} ins(%a : tensor<?x?xf32>) outs(%o : tensor<?x?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  }

  // Strided: the last element read must be there, if any is. The output's size is the loop's.
  // CHECK-LABEL: func.func @strided
  // CHECK: %[[N:.+]] = tensor.dim %arg1, %c0
  // CHECK: %[[LAST:.+]] = arith.subi %[[N]], %c1
  // CHECK: arith.muli %[[LAST]], %c2
  // CHECK: %[[EMPTY:.+]] = arith.cmpi eq, %[[N]], %c0
  // CHECK: %[[NEEDED:.+]] = arith.select %[[EMPTY]], %c0, %{{.+}}
  // CHECK: %[[A:.+]] = tensor.dim %arg0, %c0
  // CHECK: "tenon.check_ge"(%[[A]], %[[NEEDED]]) {message = "linalg.generic: dimension 0 of operand 0 is {0}, but its indexing map needs {1}"}
  func.func @strided(%a: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i * 2 + 1)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }

  // Known to be right when compiled: the largest index is 7.
  // CHECK-LABEL: func.func @static
  // CHECK-NOT: tenon.check
  // CHECK: return
  func.func @static(%a: tensor<8xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
    %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i * 2 + 1)>, affine_map<(i) -> (i)>],
                         iterator_types = ["parallel"]} ins(%a : tensor<8xf32>) outs(%o : tensor<4xf32>) {
    ^bb0(%x: f32, %y: f32):
      linalg.yield %x : f32
    } -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }

  // CHECK-LABEL: func.func @named
  // CHECK: "linalg.sub: dimension 0 of operand 1 is {1}, but dimension 0 of operand 0 is {0}"
  // CHECK: "linalg.sub: dimension 0 of operand 2 is {1}, but dimension 0 of operand 0 is {0}"
  // CHECK: linalg.generic
  func.func @named(%a: tensor<?xf32>, %b: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
    %0 = linalg.sub ins(%a, %b : tensor<?xf32>, tensor<?xf32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
    return %0 : tensor<?xf32>
  }
}
