// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s --check-prefix=ASYNC
//
// A global that holds a tensor is a buffer, the tensor's dynamic dimensions and the point at which the contents are there.

module {
  // CHECK: util.global private mutable @state : !tenon.buffer
  // CHECK-NEXT: util.global private mutable @state$dim0 : index
  // CHECK-NEXT: util.global private mutable @state$dim1 : index
  // CHECK-NEXT: util.global private mutable @sum : !tenon.buffer
  // CHECK-NOT: util.global
  // ASYNC: util.global private mutable @state : !tenon.buffer
  // ASYNC-NEXT: util.global private mutable @state$dim0 : index
  // ASYNC-NEXT: util.global private mutable @state$dim1 : index
  // ASYNC-NEXT: util.global private mutable @state$point : !tenon.timepoint
  util.global private mutable @state : tensor<?x4x?xf32>
  util.global private mutable @sum = dense<[1, 2]> : tensor<2xi32>
  // Never stored to: a constant.
  util.global private @table = dense<[3, 4]> : tensor<2xi32>

  // What an argument holds is its owner's: it is copied.
  // CHECK-LABEL: func.func public @set
  // CHECK: %[[A:.+]]:3 = "tenon.tensor_import"
  // CHECK: %[[B:.+]]:2 = "tenon.clone"(%{{.+}}, %[[A]]#0, %[[A]]#1, %[[A]]#2)
  // CHECK: util.global.store %[[B]]#0, @state : !tenon.buffer
  // CHECK: util.global.store %[[A]]#1, @state$dim0 : index
  // CHECK: util.global.store %[[A]]#2, @state$dim1 : index
  // ASYNC-LABEL: func.func private @set$async
  // ASYNC: "tenon.turn_enter"
  // ASYNC: %[[B:.+]]:2 = "tenon.clone"
  // ASYNC: util.global.store %[[B]]#0, @state : !tenon.buffer
  // ASYNC: util.global.store %[[B]]#1, @state$point : !tenon.timepoint
  // ASYNC: "tenon.signal"(%[[B]]#1
  func.func @set(%x: tensor<?x4x?xf32>) {
    util.global.store %x, @state : tensor<?x4x?xf32>
    return
  }

  // What is new is stored as it is; what is returned isn't the global's.
  // CHECK-LABEL: func.func public @add
  // CHECK: %[[OLD:.+]] = util.global.load @sum : !tenon.buffer
  // CHECK: %[[NEW:.+]]:2 = "tenon.alloc"
  // CHECK: %[[P:.+]] = "tenon.execute"(%{{.+}}, %[[OLD]], %{{.+}}, %[[NEW]]#0)
  // CHECK-NEXT: util.global.store %[[NEW]]#0, @sum : !tenon.buffer
  // CHECK-NEXT: "tenon.clone"(%[[P]], %[[NEW]]#0)
  // ASYNC-LABEL: func.func private @add$async
  // ASYNC: %[[OLD:.+]] = util.global.load @sum : !tenon.buffer
  // ASYNC: %[[WHEN:.+]] = util.global.load @sum$point : !tenon.timepoint
  // ASYNC: "tenon.join"({{.*}}%[[WHEN]]
  // ASYNC: %[[P:.+]] = "tenon.execute"
  // ASYNC-NEXT: util.global.store %[[NEW:.+]], @sum : !tenon.buffer
  // ASYNC-NEXT: util.global.store %[[P]], @sum$point : !tenon.timepoint
  // ASYNC-NEXT: "tenon.copy"(%[[P]],
  func.func @add(%x: tensor<2xi32>) -> tensor<2xi32> {
    %old = util.global.load @sum : tensor<2xi32>
    %new = arith.addi %old, %x : tensor<2xi32>
    util.global.store %new, @sum : tensor<2xi32>
    return %new : tensor<2xi32>
  }

  // CHECK-LABEL: func.func public @get
  // CHECK: %[[B:.+]] = util.global.load @state : !tenon.buffer
  // CHECK: %[[D0:.+]] = util.global.load @state$dim0 : index
  // CHECK: %[[D1:.+]] = util.global.load @state$dim1 : index
  // CHECK: "tenon.clone"(%{{.+}}, %[[B]], %[[D0]], %[[D1]])
  func.func @get() -> tensor<?x4x?xf32> attributes {iree.abi.model = "sync"} {
    %0 = util.global.load @state : tensor<?x4x?xf32>
    return %0 : tensor<?x4x?xf32>
  }

  // CHECK-LABEL: func.func public @constant
  // CHECK-NOT: tenon.turn
  // CHECK: "tenon.constant"() {value = dense<[3, 4]>
  func.func @constant(%x: tensor<2xi32>) -> tensor<2xi32> {
    %0 = util.global.load @table : tensor<2xi32>
    %1 = arith.addi %0, %x : tensor<2xi32>
    return %1 : tensor<2xi32>
  }
}
