// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile %s | iree-dump-module - | FileCheck %s
//
// Buffers are released at their last use; constants with equal bytes are one; internal functions pass buffers and sizes; checks say
// where they come from.

module {
  func.func private @ext.f(tensor<?xf32>) -> tensor<?xf32>
  func.func private @ext.g(tensor<?xf32>) -> tensor<?xf32>

  // A buffer that only one branch reads is dropped on the other.
  // CHECK: @choose (0irr_r)
  // CHECK: hal.buffer_view.import.1(move r0, {{.*}}) -> ([[A:r[0-9]+]],
  // CHECK: hal.buffer_view.import.1(move r1, {{.*}}) -> ([[B:r[0-9]+]],
  // CHECK: br.if i0, L
  // CHECK-NEXT: null.ref [[A]]
  // CHECK-NEXT: br L
  // CHECK: null.ref [[B]]
  // CHECK: ext.f(
  // CHECK: ext.g(
  func.func @choose(%c: i1, %x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
    cf.cond_br %c, ^first, ^second
  ^first:
    %f = call @ext.f(%x) : (tensor<?xf32>) -> tensor<?xf32>
    cf.br ^end(%f : tensor<?xf32>)
  ^second:
    %g = call @ext.g(%y) : (tensor<?xf32>) -> tensor<?xf32>
    cf.br ^end(%g : tensor<?xf32>)
  ^end(%r: tensor<?xf32>):
    return %r : tensor<?xf32>
  }

  // An argument that isn't read is checked, and dropped; nobody asks for its size.
  // CHECK: @unread (0ri_i)
  // CHECK: hal.buffer_view.import(move r0, {{.*}}) -> (r0)
  // CHECK-NEXT: null.ref r0
  // CHECK-NEXT: return (i0)
  func.func @unread(%x: tensor<?xf32>, %n: i32) -> i32 {
    return %n : i32
  }

  // A check, with the message and the line.
  // CHECK: @check (0r_r)
  // CHECK: check.eq.i64 l{{[0-9]+}}, l{{[0-9]+}}, "tensor.cast: {{.*}}" ; {{.*}}refs.mlir:[[@LINE+2]]:
  func.func @check(%x: tensor<?xi32>) -> tensor<4xi32> {
    %y = tensor.cast %x : tensor<?xi32> to tensor<4xi32>
    return %y : tensor<4xi32>
  }

  // Equal bytes, whatever the type.
  // CHECK: @constants (0v_rrr)
  // CHECK: global.load.ref r0, global 0
  // CHECK-NEXT: global.load.ref r1, global 1
  // CHECK-NOT: global.load.ref
  // CHECK: return
  func.func @constants() -> (tensor<2x2xi32>, tensor<4xi32>, tensor<3xi1>) {
    %a = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
    %b = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
    %c = arith.constant dense<[true, false, true]> : tensor<3xi1>
    return %a, %b, %c : tensor<2x2xi32>, tensor<4xi32>, tensor<3xi1>
  }

  // A ref that is returned twice is given away once.
  // CHECK: @both (0rI_rIrI)
  // CHECK-NEXT: mov.ref r1, r0
  // CHECK-NEXT: return (r0, l0, r1, l0)
  func.func private @both(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    return %x, %x : tensor<?xf32>, tensor<?xf32>
  }
  // CHECK: @call_both (0r_rr)
  // CHECK: call @both(move r0, l0) -> (r0, l0, r1, l{{[0-9]+}})
  func.func @call_both(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    %a:2 = call @both(%x) : (tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>)
    return %a#0, %a#1 : tensor<?xf32>, tensor<?xf32>
  }
}

// CHECK: @__init (0v_v)
// CHECK: hal.buffer.constant(move r0) -> (r0)
// CHECK: hal.buffer.constant(move r0) -> (r0)
// CHECK-NOT: hal.buffer.constant
// CHECK: Rodata: 2
// CHECK-NEXT: data 16 bytes
// CHECK-NEXT: data 3 bytes {{.*}} 01 00 01
