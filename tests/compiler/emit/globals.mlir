// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile %s | iree-dump-module - | FileCheck %s
// RUN: iree-compile --iree-execution-model=async-external %s | iree-dump-module - | FileCheck %s --check-prefix=OUTSIDE
//
// Globals have places of 64 bits, or are references; those that nothing uses have none.

// CHECK: Module @globals, {{.*}} 1 ref globals, 7 value globals
module @globals {
  util.global private mutable @unused = 9 : i64
  util.global mutable @unused_too : !util.buffer
  util.global private mutable @bit = true
  util.global private mutable @byte = -3 : i8
  util.global private mutable @number = 40000 : i32
  util.global private mutable @wide = 4294967296 : i64
  util.global private mutable @index : index
  util.global private mutable @single = 1.5 : f32
  util.global private mutable @double = 2.5 : f64
  util.global private mutable @buffer : !util.buffer

  func.func private @ext.give() -> !util.buffer

  // CHECK: @integers (0iiiII_iiiII)
  // CHECK: turn.begin ; {{.*}}globals.mlir:[[@LINE+1]]:3 waiting for its turn
  func.func @integers(%a: i1, %b: i8, %c: i32, %d: i64, %e: index) -> (i1, i8, i32, i64, index) attributes {iree.abi.model = "sync"} {
    // CHECK: global.load.i32 [[A:i[0-9]+]], value [[BIT:[0-9]+]]
    %0 = util.global.load @bit : i1
    // CHECK: global.load.i32 [[B:i[0-9]+]], value [[BYTE:[0-9]+]]
    %1 = util.global.load @byte : i8
    // CHECK: global.load.i32 [[C:i[0-9]+]], value [[NUMBER:[0-9]+]]
    %2 = util.global.load @number : i32
    // CHECK: global.load.i64 [[D:l[0-9]+]], value [[WIDE:[0-9]+]]
    %3 = util.global.load @wide : i64
    // CHECK: global.load.i64 [[E:l[0-9]+]], value [[INDEX:[0-9]+]]
    %4 = util.global.load @index : index
    // CHECK: global.store.i32 i0, value [[BIT]]
    util.global.store %a, @bit : i1
    // CHECK: global.store.i32 i1, value [[BYTE]]
    util.global.store %b, @byte : i8
    // CHECK: global.store.i32 i2, value [[NUMBER]]
    util.global.store %c, @number : i32
    // CHECK: global.store.i64 l0, value [[WIDE]]
    util.global.store %d, @wide : i64
    // CHECK: global.store.i64 l1, value [[INDEX]]
    util.global.store %e, @index : index
    // CHECK: return ([[A]], [[B]], [[C]], [[D]], [[E]])
    return %0, %1, %2, %3, %4 : i1, i8, i32, i64, index
  }

  // CHECK: @others
  func.func @others(%a: f32, %b: f64, %c: !util.buffer) -> (f32, f64, !util.buffer) attributes {iree.abi.model = "sync"} {
    // CHECK: global.load.f32 [[A:f[0-9]+]], value [[SINGLE:[0-9]+]]
    %0 = util.global.load @single : f32
    // CHECK: global.load.f64 [[B:d[0-9]+]], value [[DOUBLE:[0-9]+]]
    %1 = util.global.load @double : f64
    // CHECK: global.load.ref [[C:r[0-9]+]], global [[BUFFER:[0-9]+]]
    %2 = util.global.load @buffer : !util.buffer
    // CHECK: global.store.f32 f0, value [[SINGLE]]
    util.global.store %a, @single : f32
    // CHECK: global.store.f64 d0, value [[DOUBLE]]
    util.global.store %b, @double : f64
    // CHECK: global.store.ref move r0, global [[BUFFER]]
    util.global.store %c, @buffer : !util.buffer
    // CHECK: return ([[A]], [[B]], [[C]])
    return %0, %1, %2 : f32, f64, !util.buffer
  }

  util.initializer {
    %0 = func.call @ext.give() : () -> !util.buffer
    util.global.store %0, @buffer : !util.buffer
    util.return
  }

  // OUTSIDE: @set (0irr_v)
  // OUTSIDE: turn.take [[TURN:r[0-9]+]], [[FENCE:r[0-9]+]] ; {{.*}} waiting for its turn
  // OUTSIDE: call.import hal.invoke({{.*}}move [[FENCE]], move [[TURN]]]
  // OUTSIDE: @set (0rrrrI_v)
  // OUTSIDE: call.import hal.fence.await(move r2) -> () ; {{.*}} waiting for its turn
  // OUTSIDE: turn.enter move r3
  // OUTSIDE: global.store.i32
  func.func @set(%x: i32) {
    util.global.store %x, @number : i32
    return
  }

  // Constants first, then the program's own.
  // CHECK: @__init (0v_v)
  // CHECK: call.import ext.give() -> (r0)
  // CHECK-NEXT: global.store.ref move r0, global [[BUFFER]]
  // CHECK: @__init (0v_v)
  // CHECK-NEXT: const.i32 i0, 1
  // CHECK-NEXT: global.store.i32 i0, value [[BIT]]
  // CHECK-NEXT: const.i32 i0, -3
  // CHECK-NEXT: global.store.i32 i0, value [[BYTE]]
  // CHECK-NEXT: const.i32 i0, 40000
  // CHECK-NEXT: global.store.i32 i0, value [[NUMBER]]
  // CHECK-NEXT: const.i64 l0, 4294967296
  // CHECK-NEXT: global.store.i64 l0, value [[WIDE]]
  // CHECK-NEXT: const.f32 f0, 1.5
  // CHECK-NEXT: global.store.f32 f0, value [[SINGLE]]
  // CHECK-NEXT: const.f64 d0, 2.5
  // CHECK-NEXT: global.store.f64 d0, value [[DOUBLE]]
  // CHECK-NEXT: call @__init() -> ()
  // CHECK-NEXT: return ()
}
