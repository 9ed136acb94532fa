// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// What tensors in globals begin with is stored before the program's own initializers run. The same number everywhere needs no room in the
// file; what is never stored to is a constant.

module {
  // CHECK-NOT: @table
  util.global private @table = dense<[3, 4]> : tensor<2xi32>
  // CHECK: util.global private mutable @values
  util.global private mutable @values = dense<[1, 2]> : tensor<2xi32>
  util.global private mutable @ones = dense<1> : tensor<100000xi32>
  util.global private mutable @zeros : tensor<100000xf32>
  util.global private mutable @none : tensor<4x?xf32>
  util.global private mutable @complex : tensor<?xcomplex<f32>>

  // CHECK-LABEL: func.func @get
  // CHECK: %[[C:.+]] = arith.constant dense<[3, 4]> : tensor<2xi32>
  // CHECK: return %[[C]]
  func.func @get() -> tensor<2xi32> {
    %0 = util.global.load immutable @table : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  func.func @set(%x: tensor<100000xi32>) {
    util.global.store %x, @ones : tensor<100000xi32>
    return
  }

  // CHECK-LABEL: func.func @__init()
  // CHECK-SAME: tenon.initializer
  // CHECK-NOT: dense<1>
  // CHECK: util.global.store %{{.+}}, @values
  // CHECK: tensor.empty() : tensor<100000xi32>
  // CHECK: util.global.store %{{.+}}, @ones
  // CHECK: tensor.empty() : tensor<100000xf32>
  // CHECK: util.global.store %{{.+}}, @zeros
  // CHECK: tensor.empty() : tensor<4x0xf32>
  // CHECK: util.global.store %{{.+}}, @none
  // CHECK: util.global.store %{{.+}}, @complex
  // CHECK: %[[OWN:.+]] = util.global.load @values
  // CHECK: util.global.store %[[OWN]], @values
  util.initializer {
    %0 = util.global.load @values : tensor<2xi32>
    util.global.store %0, @values : tensor<2xi32>
    util.return
  }
}
