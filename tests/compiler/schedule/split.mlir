// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=async-external --compile-to=schedule %s | FileCheck %s
//
// An export that may wait returns at once: what comes from the first wait on is a function that is spawned.

module {
  func.func private @ext.sync(tensor<?xi32>) -> tensor<?xi32>
  func.func private @ext.tick(i32) -> i32
  func.func private @ext.effect(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences"}

  // The rest copies what comes from elsewhere to the buffer of the result.
  // CHECK-LABEL: func.func public @sync(
  // CHECK-SAME: %arg0: !tenon.view, %[[WAIT:.+]]: !tenon.timepoint, %[[SIGNAL:.+]]: !tenon.fence) -> !tenon.view
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK-NOT: tenon.wait
  // CHECK: %[[T:.+]]:2 = "tenon.alloc"(%{{.+}}) {type = tensor<4xi32>}
  // CHECK: %[[V:.+]] = "tenon.tensor_export"(%[[T]]#0) {context = "result 0 of @sync"
  // CHECK: "tenon.spawn"(%[[SIGNAL]], %[[A]]#0, %[[T]]#0, %[[WAIT]], %[[A]]#1) {callee = @sync$async}
  // CHECK-SAME: (!tenon.fence, !tenon.buffer, !tenon.buffer, !tenon.timepoint, index) -> ()
  // CHECK: return %[[V]]
  // CHECK: func.func private @sync$async(%arg0: !tenon.fence, %arg1: !tenon.buffer, %arg2: !tenon.buffer, %arg3: !tenon.timepoint, %arg4: index)
  // CHECK-SAME: tenon.source_name = "sync"
  // CHECK: %[[NOW:.+]] = "tenon.immediate"
  // CHECK: "tenon.wait"(%arg3)
  // CHECK: %[[W:.+]] = "tenon.tensor_export"(%arg1, %arg4)
  // CHECK: %[[R:.+]] = call @ext.sync(%[[W]])
  // CHECK: %[[B:.+]]:2 = "tenon.tensor_import"(%[[R]])
  // CHECK: "tenon.check_eq"(%[[B]]#1, %c4
  // CHECK: %[[P:.+]] = "tenon.copy"(%[[NOW]], %[[B]]#0, %arg2) {type = tensor<4xi32>}
  // CHECK: "tenon.signal"(%[[P]], %arg0)
  // CHECK-NEXT: return
  func.func @sync(%x: tensor<?xi32>) -> tensor<4xi32> {
    %0 = call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = tensor.cast %0 : tensor<?xi32> to tensor<4xi32>
    return %1 : tensor<4xi32>
  }

  // What comes before the first wait is done at once, also calls that need not wait; a result made there is returned itself.
  // A dispatch before the return writes the result in place.
  // CHECK-LABEL: func.func public @before(
  // CHECK: call @ext.tick
  // CHECK: %[[P:.+]] = "tenon.execute"(%{{.+}}, %{{.+}}, %[[B:.+]]#0, %{{.+}}) {callee = @before_dispatch_0
  // CHECK: %[[V:.+]] = "tenon.tensor_export"(%[[B]]#0, %{{.+}}) {context = "result 0 of @before"
  // CHECK: %[[T:.+]]:2 = "tenon.alloc"
  // CHECK: %[[W:.+]] = "tenon.tensor_export"(%[[T]]#0, %{{.+}}) {context = "result 1 of @before"
  // CHECK: "tenon.spawn"(%{{.+}}, %[[B]]#0, %{{.+}}, %[[T]]#0, %[[P]], %{{.+}}) {callee = @before$async}
  // CHECK: return %[[V]], %[[W]]
  // CHECK: func.func private @before$async(%[[F:.+]]: !tenon.fence, %[[MADE:.+]]: !tenon.buffer, %{{.+}}: !tenon.buffer, %[[TARGET:.+]]: !tenon.buffer, %[[POINT:.+]]: !tenon.timepoint, %[[ARGS:.+]]: !tenon.timepoint
  // CHECK: "tenon.wait"(%[[POINT]])
  // CHECK: call @ext.sync
  // CHECK-NOT: tenon.alloc
  // CHECK: %[[Q:.+]] = "tenon.execute"(%[[ARGS]], %{{.+}}, %[[TARGET]],
  // CHECK-NOT: tenon.copy
  // CHECK: "tenon.signal"(%[[Q]], %[[F]])
  func.func @before(%x: tensor<?xi32>, %y: tensor<?xi32>, %k: i32) -> (tensor<?xi32>, tensor<?xi32>) {
    %t = call @ext.tick(%k) : (i32) -> i32
    %0 = arith.muli %x, %x : tensor<?xi32>
    %1 = call @ext.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.addi %y, %y : tensor<?xi32>
    return %0, %2 : tensor<?xi32>, tensor<?xi32>
  }

  // A call with fences is made at once; what it returns has a size.
  // CHECK-LABEL: func.func public @effect(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: %[[R:.+]] = call @ext.effect(%{{.+}}, %arg1, %[[F]]#0)
  // CHECK: %[[B:.+]]:2 = "tenon.tensor_import"(%[[R]])
  // CHECK: %[[T:.+]]:2 = "tenon.alloc"(%{{.+}}, %[[B]]#1)
  // CHECK: "tenon.spawn"(%arg2, %[[B]]#0, %[[T]]#0, %[[F]]#1, %[[B]]#1) {callee = @effect$async}
  // CHECK: func.func private @effect$async
  // CHECK: "tenon.wait"(%arg3)
  // CHECK-NEXT: "tenon.execute"(%0, %arg1, %arg2, %arg4)
  func.func @effect(%x: tensor<?xi32>) -> tensor<?xi32> {
    %1 = call @ext.effect(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.addi %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // Nobody has to wait for the last call: its end is the export's.
  // CHECK-LABEL: func.func public @last(
  // CHECK: %[[F:.+]]:2 = "tenon.fence"
  // CHECK: call @ext.effect
  // CHECK-NOT: tenon.wait
  // CHECK-NOT: tenon.spawn
  // CHECK: "tenon.signal"(%[[F]]#1, %arg2)
  func.func @last(%x: tensor<?xi32>) {
    %1 = call @ext.effect(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return
  }

  // The size stays the same around the loop. Numbers travel as indices.
  // CHECK-LABEL: func.func public @loop(
  // CHECK-SAME: %arg0: !tenon.view, %arg1: index, %arg2: f32, %arg3: i1,
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: %[[S:.+]] = arith.addi %[[A]]#1, %c1
  // CHECK: %[[K:.+]] = arith.mulf %arg2, %arg2
  // CHECK: %[[I:.+]] = arith.index_cast %arg3 : i1 to index
  // CHECK: tenon.spawn
  // CHECK: return %{{.+}}, %[[S]], %[[K]], %arg3 : !tenon.view, index, f32, i1
  // CHECK: func.func private @loop$async
  // CHECK: %[[C:.+]] = arith.index_cast %{{.+}} : index to i1
  // CHECK: "tenon.load"
  // CHECK: cf.cond_br %[[C]]
  // CHECK: "tenon.copy"
  func.func @loop(%x: tensor<?xf32>, %n: index, %f: f32, %c: i1) -> (tensor<?xf32>, index, f32, i1) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf32> {
      %e = tensor.extract %t[%c0] : tensor<?xf32>
      %d = tensor.dim %t, %c0 : tensor<?xf32>
      %s = tensor.splat %e[%d] : tensor<?xf32>
      %u = scf.if %c -> tensor<?xf32> {
        scf.yield %s : tensor<?xf32>
      } else {
        %a = arith.addf %t, %t : tensor<?xf32>
        scf.yield %a : tensor<?xf32>
      }
      scf.yield %u : tensor<?xf32>
    }
    %d = tensor.dim %r, %c0 : tensor<?xf32>
    %s = arith.addi %d, %c1 : index
    %k = arith.mulf %f, %f : f32
    return %r, %s, %k, %c : tensor<?xf32>, index, f32, i1
  }

  // A function of the program that waits: the export splits before its call.
  func.func private @helper(%x: tensor<?xi32>) -> tensor<2xi32> {
    %0 = call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = tensor.cast %0 : tensor<?xi32> to tensor<2xi32>
    return %1 : tensor<2xi32>
  }
  // CHECK-LABEL: func.func public @calls(
  // CHECK: tenon.spawn
  // CHECK: func.func private @calls$async
  // CHECK: %[[R:.+]]:2 = call @helper
  // CHECK: "tenon.copy"(%[[R]]#1, %[[R]]#0,
  func.func @calls(%x: tensor<?xi32>) -> tensor<2xi32> {
    %0 = call @helper(%x) : (tensor<?xi32>) -> tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // Its arguments say how large its result is.
  func.func private @pick(%x: tensor<?xi32>, %y: tensor<?xi32>, %n: index) -> (tensor<?xi32>, index) {
    %c0 = arith.constant 0 : index
    %e = tensor.extract %x[%c0] : tensor<?xi32>
    %m = arith.addi %n, %n : index
    %s = tensor.splat %e[%m] : tensor<?xi32>
    %d = tensor.dim %y, %c0 : tensor<?xi32>
    return %s, %d : tensor<?xi32>, index
  }
  // CHECK-LABEL: func.func public @sizes(
  // CHECK: %[[X:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: %[[Y:.+]]:2 = "tenon.tensor_import"(%arg1)
  // CHECK: %[[M:.+]] = arith.addi %[[X]]#1, %[[X]]#1
  // CHECK: "tenon.alloc"(%{{.+}}, %[[M]])
  // CHECK: tenon.spawn
  // CHECK: return %{{.+}}, %[[Y]]#1
  func.func @sizes(%x: tensor<?xi32>, %y: tensor<?xi32>) -> (tensor<?xi32>, index) {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %x, %c0 : tensor<?xi32>
    %0:2 = call @pick(%x, %y, %n) : (tensor<?xi32>, tensor<?xi32>, index) -> (tensor<?xi32>, index)
    return %0#0, %0#1 : tensor<?xi32>, index
  }

  // The addition says that both are of one size, and is checked before anything is returned.
  // CHECK-LABEL: func.func public @checked(
  // CHECK: %[[X:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: "tenon.alloc"(%{{.+}}, %[[X]]#1)
  // CHECK: tenon.spawn
  // CHECK: func.func private @checked$async
  // CHECK: "tenon.check_eq"
  func.func @checked(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = arith.addi %0, %x : tensor<?xi32>
    return %1 : tensor<?xi32>
  }

  // ... or only where that is computed: in the body of a loop, and after it.
  // CHECK-LABEL: func.func public @rounds(
  // CHECK: %[[X:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: "tenon.alloc"(%{{.+}}, %[[X]]#1)
  // CHECK: "tenon.alloc"(%{{.+}}, %[[X]]#1)
  // CHECK: tenon.spawn
  func.func @rounds(%x: tensor<?xi32>, %n: index) -> (tensor<?xi32>, tensor<?xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x) -> (tensor<?xi32>, tensor<?xi32>) {
      %0 = func.call @ext.sync(%a) : (tensor<?xi32>) -> tensor<?xi32>
      %1 = arith.addi %0, %x : tensor<?xi32>
      scf.yield %1, %0 : tensor<?xi32>, tensor<?xi32>
    }
    %2 = arith.addi %r#1, %x : tensor<?xi32>
    return %r#0, %2 : tensor<?xi32>, tensor<?xi32>
  }

  // An export that is called from within is there twice: once with fences, once without.
  // CHECK-LABEL: func.func public @both(
  // CHECK: "tenon.signal"
  // CHECK: func.func private @both$internal(%arg0: !tenon.buffer, %arg1: index, %arg2: !tenon.timepoint) -> (!tenon.buffer, index, !tenon.timepoint)
  // CHECK-NOT: "tenon.signal"
  // CHECK-LABEL: func.func public @caller
  // CHECK: call @both$internal
  func.func @both(%x: tensor<?xi32>) -> tensor<?xi32> {
    %2 = arith.addi %x, %x : tensor<?xi32>
    return %2 : tensor<?xi32>
  }
  func.func @caller(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @both(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // Nothing to wait for: constants are there.
  // CHECK-LABEL: func.func public @constants(
  // CHECK-NOT: tenon.wait
  // CHECK-NOT: tenon.spawn
  // CHECK: call @ext.sync
  // CHECK: "tenon.signal"
  func.func @constants() {
    %c = arith.constant dense<[1, 2]> : tensor<2xi32>
    %x = tensor.cast %c : tensor<2xi32> to tensor<?xi32>
    %0 = call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return
  }
  // Calls are looked into for the sizes of results, but not sixteen times sixteen times sixteen ...
  // CHECK-LABEL: func.func public @endless(
  // CHECK: tenon.spawn
  func.func private @again(%x: tensor<?xi32>, %c: i1) -> tensor<?xi32> {
    cf.cond_br %c, ^again(%x : tensor<?xi32>), ^end
  ^again(%0: tensor<?xi32>):
    %1 = func.call @again(%0, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %2 = func.call @again(%1, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %3 = func.call @again(%2, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %4 = func.call @again(%3, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %5 = func.call @again(%4, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %6 = func.call @again(%5, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %7 = func.call @again(%6, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %8 = func.call @again(%7, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %9 = func.call @again(%8, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %10 = func.call @again(%9, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %11 = func.call @again(%10, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %12 = func.call @again(%11, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %13 = func.call @again(%12, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %14 = func.call @again(%13, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %15 = func.call @again(%14, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %16 = func.call @again(%15, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    cf.br ^end
  ^end:
    %r = func.call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %r : tensor<?xi32>
  }
  func.func @endless(%x: tensor<?xi32>, %c: i1) -> tensor<2xi32> {
    %0 = call @again(%x, %c) : (tensor<?xi32>, i1) -> tensor<?xi32>
    %1 = tensor.cast %0 : tensor<?xi32> to tensor<2xi32>
    return %1 : tensor<2xi32>
  }
}
