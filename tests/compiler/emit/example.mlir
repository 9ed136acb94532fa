// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.again.vmfb
// RUN: cmp %t.vmfb %t.again.vmfb
//
// The bytecode of the whole way: refs move at their last use, every call that can fail says where it comes from, constants are
// made once, the executable is loaded once and looked up once.

// CHECK: Module @example,
module @example {
  func.func private @custom.call.sync(tensor<?xi32>) -> tensor<?xi32>
  func.func @main(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    %1 = call @custom.call.sync(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }
}

// CHECK: Imports: 6
// CHECK-NEXT: custom.call.sync 0r_r
// CHECK-NEXT: iree.abi.declaration: sync func @custom.call.sync(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)
// CHECK-DAG: hal.buffer.allocate 0iCID_r
// CHECK-DAG: hal.buffer_view.create 0riCID_r
// CHECK-DAG: hal.buffer_view.import.1 0riCID_rI
// CHECK-DAG: hal.dispatch 0riCrDCID_v
// CHECK-DAG: hal.executable.create 0r_r
// CHECK: Exports: 2
// CHECK-DAG: __init 0v_v
// CHECK-DAG: main 0r_r
// CHECK: iree.abi.declaration: sync func @main(%input0: tensor<?xi32>) -> (%output0: tensor<?xi32>)

// CHECK: @main (0r_r): i32 2, i64 2, f32 0, f64 0, ref 3
// CHECK-NEXT: const.i32 i0, 268435488
// CHECK-NEXT: const.i64 l0, -1
// CHECK-NEXT: hal.buffer_view.import.1(move r0, i0, [l0]) -> (r0, l1) ; {{.*}}example.mlir:13:19 argument 0 of @main
// CHECK-NEXT: hal.buffer.allocate(i0, [l1]) -> (r1) ; {{.*}}example.mlir:14:10 allocating tensor<?xi32>
// CHECK-NEXT: global.load.ref r2, global 0
// CHECK-NEXT: const.i32 i1, 0
// CHECK-NEXT: hal.dispatch(r2, i1, [move r0, r1], [l1]) -> () ; {{.*}}example.mlir:14:10 dispatch @main_dispatch_0
// CHECK-NEXT: hal.buffer_view.create(move r1, i0, [l1]) -> (r0) ; {{.*}}example.mlir:15:10 argument 0 of custom.call.sync
// CHECK-NEXT: custom.call.sync(move r0) -> (r0) ; {{.*}}example.mlir:15:10 calling custom.call.sync
// CHECK-NEXT: hal.buffer_view.import.1(move r0, i0, [l0]) -> (r0, l0) ; {{.*}}example.mlir:15:10 result 0 of custom.call.sync
// CHECK-NEXT: hal.buffer.allocate(i0, [l0]) -> (r1)
// CHECK-NEXT: hal.dispatch(move r2, i1, [move r0, r1], [l0]) -> ()
// CHECK-NEXT: hal.buffer_view.create(move r1, i0, [l0]) -> (r0) ; {{.*}}example.mlir:17:5 result 0 of @main
// CHECK-NEXT: return (r0)

// CHECK: @__init (0v_v)
// CHECK-NEXT: rodata r0, #0 "executable"
// CHECK-NEXT: hal.executable.create(move r0) -> (r0)
// CHECK-NEXT: global.store.ref move r0, global 0
// CHECK-NEXT: return ()
