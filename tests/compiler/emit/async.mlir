// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external %s -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external %s -o %t.again.vmfb
// RUN: cmp %t.vmfb %t.again.vmfb
//
// Points are references, null once they are known to be reached; what makes and waits for them are calls of the hal module, each
// with its place.

module @example {
  // CHECK: custom.call 0rrr_r
  // CHECK-NEXT: iree.abi.declaration: async func @custom.call
  // CHECK-NEXT: iree.abi.model: coarse-fences
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @custom.effect(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}

  // CHECK: Exports:
  // CHECK: main 0rrr_r
  // CHECK-NEXT: iree.abi.declaration: async func @main
  // CHECK-NEXT: iree.abi.model: coarse-fences

  // The allocations' points are known to be reached: nothing is joined. A fence and its point are one.
  // CHECK: @main (0rrr_r): i32 2, i64 2, f32 0, f64 0, ref 5,
  // CHECK: hal.buffer_view.import.1(move r0, i0, [l0]) -> (r0, l1) ; {{.*}} argument 0 of @main
  // CHECK-NEXT: hal.buffer.allocate(i0, [l1]) -> (r3)
  // CHECK-NEXT: global.load.ref r4, global 0
  // CHECK-NEXT: const.i32 i1, 0
  // CHECK-NEXT: hal.queue.dispatch(r4, i1, move r1, [move r0, r3], [l1]) -> (r0) ; {{.*}}async.mlir:[[@LINE+9]]:10 dispatch @main_dispatch_0
  // CHECK-NEXT: hal.buffer_view.create(move r3, i0, [l1]) -> (r1)
  // CHECK-NEXT: hal.fence.create() -> (r3) ; {{.*}} making a fence
  // CHECK-NEXT: custom.call(move r1, move r0, r3) -> (r0) ; {{.*}}async.mlir:[[@LINE+7]]:10 calling custom.call
  // CHECK: hal.queue.dispatch(move r4, i1, move r3, [move r0, r1], [l0]) -> (r0)
  // CHECK-NEXT: hal.buffer_view.create(move r1, i0, [l0]) -> (r1)
  // CHECK-NEXT: hal.queue.barrier(move r0, move r2) -> () ; {{.*}} signaling
  // CHECK-NEXT: return (r1)
  func.func @main(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    %1 = call @custom.call(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // Points are arguments and results of internal functions, arguments of blocks and selected ones.
  // CHECK: @twice (0rIr_rIrrIr)
  // CHECK: hal.buffer_view.create(r0,
  // CHECK: custom.call(move [[W:r[0-9]+]], r1, [[F1:r[0-9]+]]) -> ([[W]])
  // CHECK: custom.call(move r0, move r1, [[F2:r[0-9]+]]) -> (r0)
  // CHECK: return ([[W]], l{{[0-9]+}}, [[F1]], r0, l{{[0-9]+}}, [[F2]])
  func.func private @twice(%x: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    %0 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %0, %1 : tensor<?xi32>, tensor<?xi32>
  }
  // CHECK: @loop (0rirr_r)
  // CHECK: call @twice(move r0, l1, r1) -> (r0, l1, r3, r4, l2, r5)
  // CHECK: hal.fence.create() -> ([[F3:r[0-9]+]])
  // CHECK: custom.call(
  // CHECK: mov.ref r4, move [[F3]]
  // CHECK: hal.queue.clone(move r4,
  func.func @loop(%x: tensor<?xi32>, %n: i32) -> tensor<?xi32> {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %0:2 = call @twice(%x) : (tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>)
    cf.br ^head(%n, %0#0 : i32, tensor<?xi32>)
  ^head(%i: i32, %t: tensor<?xi32>):
    %more = arith.cmpi sgt, %i, %c0 : i32
    cf.cond_br %more, ^body, ^end
  ^body:
    %u = call @custom.call(%t) : (tensor<?xi32>) -> tensor<?xi32>
    %j = arith.subi %i, %c1 : i32
    cf.br ^head(%j, %u : i32, tensor<?xi32>)
  ^end:
    return %t : tensor<?xi32>
  }

  // What comes after the wait goes on by itself: references, then numbers as 64-bit slots; if it fails, so does the fence. Nothing that
  // is not used any more is held while it waits.
  // CHECK: @pick (0rIirr_r)
  // CHECK: hal.buffer_view.create(r3, i1, [l2]) -> (r4)
  // CHECK-NEXT: exts.i32.i64 l2, i0
  // CHECK-NEXT: const.i32 i0, [[#N:]]
  // CHECK-NEXT: hal.invoke(i0, r2, [move r2, move r0, move r3, move r1], [l1, l0, l2]) -> () ; {{.*}} beginning @pick
  // CHECK-NEXT: return (r4)
  // CHECK: [[[#N]]] @pick (0rrrrIII_v)
  // CHECK: trunc.i64.i32 i0, l2
  // CHECK-NEXT: hal.fence.await(move r3) -> () ; {{.*}}async.mlir:[[@LINE+6]]:10 waiting for the contents of tensors
  // CHECK: hal.buffer.load(move r1, l1, i1) -> (l0) ; {{.*}} an element of tensor<?xi32>
  // CHECK-NEXT: trunc.i64.i32 i1, l0
  // CHECK-NEXT: add.i32 i0, i1, i0
  // CHECK: hal.queue.barrier(move r1, move r0) -> ()
  func.func @pick(%x: tensor<?xi32>, %i: index, %k: i32) -> tensor<2xi32> {
    %v = tensor.extract %x[%i] : tensor<?xi32>
    %s = arith.addi %v, %k : i32
    %0 = tensor.splat %s : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // The program waits for a call with effects, and says for whom. Copies go to the result that was handed out.
  // CHECK: @effect (0rirr_r)
  // CHECK: hal.invoke(
  // CHECK: @effect (0rr
  // CHECK: custom.effect(move r{{[0-9]+}}, move r{{[0-9]+}}, [[E:r[0-9]+]]) ->
  // CHECK: hal.fence.await(move [[E]]) -> () ; {{.*}} waiting for custom.effect
  // CHECK: hal.queue.copy(
  // CHECK: hal.queue.barrier(
  func.func @effect(%x: tensor<4xi32>, %n: i32) -> tensor<4xi32> {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<4xi32> : i32 {
      %e = func.call @custom.effect(%t) : (tensor<4xi32>) -> tensor<4xi32>
      scf.yield %e : tensor<4xi32>
    }
    return %r : tensor<4xi32>
  }

  // Here the wait is in the other function: it still says for whom.
  // CHECK: @start (0rrr_r)
  // CHECK: hal.invoke(
  // CHECK: @start (0rrrr_v)
  // CHECK: hal.fence.await(move r3) -> () ; {{.*}} waiting for custom.effect
  func.func @start(%x: tensor<4xi32>) -> tensor<4xi32> {
    %e = func.call @custom.effect(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %r = arith.muli %e, %e : tensor<4xi32>
    return %r : tensor<4xi32>
  }
}
