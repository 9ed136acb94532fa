// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s --check-prefixes=CHECK,INSIDE
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %s | FileCheck %s --check-prefixes=CHECK,OUTSIDE
//
// Exports that touch globals which change take turns: at their entry, or, where they return at once, in what they spawn.

module {
  // CHECK: util.global private mutable @count = 1 : i32
  util.global private mutable @count = 1 : i32
  util.global private @limit = 10 : i32
  // Nobody stores to this one, so it doesn't change.
  util.global private mutable @step = 2 : i32
  util.global private @texts : !util.list<!util.buffer>
  util.global private @thing : !custom.thing

  func.func private @ext.fenced(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  func.func private @ext.notify()

  // CHECK-LABEL: func.func private @add
  // CHECK-NOT: tenon.turn
  // CHECK: return
  func.func private @add(%x: i32) -> i32 {
    %0 = util.global.load @count : i32
    %1 = arith.addi %0, %x : i32
    util.global.store %1, @count : i32
    return %0 : i32
  }

  // CHECK-LABEL: func.func public @get_count(
  // CHECK-NEXT: "tenon.turn_begin"() : () -> ()
  // CHECK-NEXT: util.global.load @count
  func.func @get_count() -> i32 attributes {iree.abi.model = "sync"} {
    %0 = util.global.load @count : i32
    return %0 : i32
  }

  // CHECK-LABEL: func.func public @get_limit(
  // CHECK-NOT: tenon.turn
  // CHECK: return
  func.func @get_limit() -> (i32, i32) {
    %0 = util.global.load immutable @limit : i32
    %1 = util.global.load @step : i32
    return %0, %1 : i32, i32
  }

  // What an immutable global holds may change.
  // CHECK-LABEL: func.func public @get_texts(
  // CHECK-NEXT: "tenon.turn_begin"() : () -> ()
  func.func @get_texts() -> !util.list<!util.buffer> attributes {iree.abi.model = "sync"} {
    %0 = util.global.load immutable @texts : !util.list<!util.buffer>
    return %0 : !util.list<!util.buffer>
  }

  // Your own types are yours to order.
  // CHECK-LABEL: func.func public @get_thing(
  // CHECK-NOT: tenon.turn
  // CHECK: return
  func.func @get_thing() -> !custom.thing attributes {iree.abi.model = "sync"} {
    %0 = util.global.load immutable @thing : !custom.thing
    return %0 : !custom.thing
  }

  // Everything that is called comes before the turn is taken, and so does what doesn't wait for it.
  // INSIDE-LABEL: func.func public @next(
  // INSIDE: "tenon.turn_begin"() : () -> ()
  // OUTSIDE-LABEL: func.func public @next(%arg0: !tenon.view, %arg1: i32, %arg2: !tenon.timepoint, %arg3: !tenon.fence)
  // OUTSIDE-NOT: tenon.turn_begin
  // OUTSIDE: call @ext.notify
  // OUTSIDE: "tenon.tensor_export"
  // OUTSIDE: %[[TURN:.+]]:2 = "tenon.turn_take"() : () -> (!tenon.turn, !tenon.timepoint)
  // OUTSIDE-NEXT: "tenon.spawn"(%arg3, {{.+}}, %arg2, %[[TURN]]#1, %[[TURN]]#0, %{{.+}}) {callee = @next$async}
  // OUTSIDE-NEXT: return
  // OUTSIDE: func.func private @next$async({{.+}}%[[WAIT:[^ ]+]]: !tenon.timepoint, %[[POINT:[^ ]+]]: !tenon.timepoint, %[[HELD:[^ ]+]]: !tenon.turn, %{{.+}}: index)
  // OUTSIDE: "tenon.turn_enter"(%[[HELD]], %[[POINT]]) : (!tenon.turn, !tenon.timepoint) -> ()
  // OUTSIDE-NEXT: call @add
  func.func @next(%x: tensor<4xi32>, %n: i32) -> tensor<4xi32> {
    call @ext.notify() : () -> ()
    %0 = call @add(%n) : (i32) -> i32
    %1 = tensor.splat %0 : tensor<4xi32>
    %2 = arith.addi %x, %1 : tensor<4xi32>
    return %2 : tensor<4xi32>
  }

  // An export that is split for another reason takes its turn there.
  // OUTSIDE-LABEL: func.func public @effect(
  // OUTSIDE: call @ext.fenced
  // OUTSIDE: tenon.turn_take
  // OUTSIDE-NEXT: tenon.spawn
  // OUTSIDE: func.func private @effect$async
  // OUTSIDE: tenon.turn_enter
  // OUTSIDE-NEXT: tenon.wait
  // OUTSIDE-NEXT: util.global.load
  func.func @effect(%x: tensor<4xi32>) -> tensor<4xi32> {
    %0 = call @ext.fenced(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %1 = util.global.load @count : i32
    %2 = tensor.splat %1 : tensor<4xi32>
    return %2 : tensor<4xi32>
  }

  // An export that others call is a wrapper.
  // CHECK-LABEL: func.func public @outer(
  // CHECK: "tenon.turn_begin"() : () -> ()
  // CHECK: call @outer$internal
  func.func @outer(%n: i32) -> i32 attributes {iree.abi.model = "sync"} {
    %c0 = arith.constant 0 : i32
    %done = arith.cmpi eq, %n, %c0 : i32
    cf.cond_br %done, ^end(%n : i32), ^again
  ^again:
    %c1 = arith.constant 1 : i32
    %m = arith.subi %n, %c1 : i32
    %0 = call @outer(%m) : (i32) -> i32
    %1 = call @add(%0) : (i32) -> i32
    cf.br ^end(%1 : i32)
  ^end(%r: i32):
    return %r : i32
  }

  // Initializers run before anybody else.
  // CHECK-LABEL: func.func public @__init()
  // CHECK-NOT: tenon.turn
  // CHECK: util.global.store
  util.initializer {
    %c3 = arith.constant 3 : i32
    util.global.store %c3, @count : i32
    util.global.store %c3, @limit : i32
    util.global.store %c3, @step : i32
    util.return
  }
}
