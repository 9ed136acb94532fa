// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s
// RUN: iree-compile --compile-to=schedule --iree-hal-target-backends=llvm-cpu %s | FileCheck %s --check-prefix=SYNC
//
// References beside tensors: they cross every border as they are, and what runs later gets those that it needs.

module {
  func.func private @custom.make(i32) -> !custom.thing
  func.func private @custom.start(tensor<4xi32>) -> tensor<4xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @custom.use(tensor<4xi32>, !custom.thing) -> tensor<4xi32>

  // CHECK: func.func public @main(%[[X:.*]]: !tenon.view, %[[N:.*]]: i32, %{{.*}}: !tenon.timepoint, %[[SIGNAL:.*]]: !tenon.fence) -> (!tenon.view, !custom.thing)
  // CHECK: %[[THING:.*]] = call @custom.make(%[[N]])
  // CHECK: %[[POINT:.*]]:2 = "tenon.fence"()
  // CHECK: "tenon.spawn"(%[[SIGNAL]], %{{.*}}, %{{.*}}, %[[POINT]]#1, %[[THING]]) {callee = @main$async}
  // CHECK: func.func private @main$async({{.*}}, %[[LATER:.*]]: !custom.thing)
  // CHECK: call @custom.use(%{{.*}}, %[[LATER]])
  // SYNC: func.func public @main(%{{.*}}: !tenon.view, %[[N:.*]]: i32) -> (!tenon.view, !custom.thing)
  func.func @main(%x: tensor<4xi32>, %n: i32) -> (tensor<4xi32>, !custom.thing) {
    %thing = call @custom.make(%n) : (i32) -> !custom.thing
    %started = call @custom.start(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %used = call @custom.use(%started, %thing) : (tensor<4xi32>, !custom.thing) -> tensor<4xi32>
    return %used, %thing : tensor<4xi32>, !custom.thing
  }

  // Nothing is fused across a barrier, nor moved; the tensor is the same.
  // CHECK: func.func public @barrier
  // CHECK: "tenon.execute"
  // CHECK: "tenon.execute"
  // SYNC: func.func public @barrier
  // SYNC: %[[A:.*]]:2 = "tenon.alloc"
  // SYNC: "tenon.execute"(%{{.*}}, %{{.*}}, %[[A]]#0, %{{.*}})
  // SYNC: "tenon.execute"(%{{.*}}, %[[A]]#0, %{{.*}}, %{{.*}})
  func.func @barrier(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %x : tensor<?xi32>
    %1 = util.optimization_barrier %0 : tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }
}
