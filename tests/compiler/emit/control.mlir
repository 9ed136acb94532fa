// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile %s | iree-dump-module - | FileCheck %s
//
// Branches and calls between functions.

module {
  // CHECK: Imports: 0
  // CHECK: Exports: 8
  // CHECK-NOT: __init

  // What a loop carries is computed in place; comparisons are part of the branch; the loop tests at its end whether it goes on.
  // CHECK: @factorial (0I_I): i32 0, i64 3,
  // CHECK: mov.i64 l2, l1
  // CHECK-NEXT: br.slt.i64 l1, l0, L[[BODY:[0-9]+]]
  // CHECK-NEXT: return (l2)
  // CHECK-NEXT: L[[BODY]]:
  // CHECK-NEXT: mul.i64 l2, l2, l0
  // CHECK-NEXT: sub.i64 l0, l0, l1
  // CHECK-NEXT: br.slt.i64 l1, l0, L[[BODY]]
  // CHECK-NEXT: return (l2)
  func.func @factorial(%n: i64) -> i64 {
    %c1 = arith.constant 1 : i64
    cf.br ^head(%c1, %n : i64, i64)
  ^head(%product: i64, %i: i64):
    %more = arith.cmpi sgt, %i, %c1 : i64
    cf.cond_br %more, ^body, ^end
  ^body:
    %p = arith.muli %product, %i : i64
    %j = arith.subi %i, %c1 : i64
    cf.br ^head(%p, %j : i64, i64)
  ^end:
    return %product : i64
  }

  // Also what is read after the loop, and where nothing is left to do on the way back. Counting and comparing are one instruction.
  // CHECK: @sum (0i_i): i32 4,
  // CHECK: L[[BODY:[0-9]+]]:
  // CHECK-NEXT: add.i32 [[SUM:i[0-9]+]], [[SUM]], [[I:i[0-9]+]]
  // CHECK-NEXT: add.br.slt.i32 [[I]], [[I]], i{{[0-9]+}}, i0, L[[BODY]]
  // CHECK-NEXT: return ([[SUM]])
  func.func @sum(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^body(%c0, %c0 : i32, i32)
  ^body(%i: i32, %sum: i32):
    %s = arith.addi %sum, %i : i32
    %j = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %j, %n : i32
    cf.cond_br %more, ^body(%j, %s : i32, i32), ^end
  ^end:
    return %s : i32
  }

  // A value whose copy outlives it stays apart; of two ways the one back is taken by one branch.
  // CHECK: @last_two (0i_ii)
  // CHECK: L[[BODY:[0-9]+]]:
  // CHECK-NEXT: mov.i32 [[OLD:i[0-9]+]], [[NEW:i[0-9]+]]
  // CHECK-NEXT: mul.i32 [[NEW]], [[OLD]], [[OLD]]
  // CHECK-NEXT: br.slt.i32 [[NEW]], i0, L[[BODY]]
  // CHECK: return ([[OLD]], [[NEW]])
  func.func @last_two(%n: i32) -> (i32, i32) {
    %c2 = arith.constant 2 : i32
    cf.br ^body(%c2 : i32)
  ^body(%x: i32):
    %y = arith.muli %x, %x : i32
    %more = arith.cmpi sge, %y, %n : i32
    cf.cond_br %more, ^end, ^body(%y : i32)
  ^end:
    return %x, %y : i32, i32
  }

  // The addition moves to the branch past what doesn't name its result.
  // CHECK: @triangle (0I_I): i32 0, i64 5,
  // CHECK: L[[BODY:[0-9]+]]:
  // CHECK-NEXT: mul.i64 [[SQUARE:l[0-9]+]], [[I:l[0-9]+]], [[I]]
  // CHECK-NEXT: add.i64 [[SUM:l[0-9]+]], [[SUM]], [[SQUARE]]
  // CHECK-NEXT: add.br.slt.i64 [[I]], [[I]], l{{[0-9]+}}, l0, L[[BODY]]
  func.func @triangle(%n: i64) -> i64 {
    %c0 = arith.constant 0 : i64
    %c1 = arith.constant 1 : i64
    cf.br ^head(%c0, %c0 : i64, i64)
  ^head(%i: i64, %sum: i64):
    %more = arith.cmpi sgt, %n, %i : i64
    cf.cond_br %more, ^body, ^end
  ^body:
    %square = arith.muli %i, %i : i64
    %next = arith.addi %i, %c1 : i64
    %s = arith.addi %sum, %square : i64
    cf.br ^head(%next, %s : i64, i64)
  ^end:
    return %sum : i64
  }

  // Arguments of a block that are exchanged go through a third register.
  // CHECK: @rotate (0iii_ii)
  // CHECK: mov.i32 i5, i2
  // CHECK-NEXT: mov.i32 i2, i1
  // CHECK-NEXT: mov.i32 i1, i5
  // CHECK: return (i1, i2)
  func.func @rotate(%n: i32, %a: i32, %b: i32) -> (i32, i32) {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^head(%c0, %a, %b : i32, i32, i32)
  ^head(%i: i32, %x: i32, %y: i32):
    %next = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %i, %n : i32
    cf.cond_br %more, ^head(%next, %y, %x : i32, i32, i32), ^end
  ^end:
    return %x, %y : i32, i32
  }

  // CHECK: @twice (0i_i)
  // CHECK-NEXT: call @triple(i0) -> (i0) ; {{.*}}calling @triple
  // CHECK-NEXT: call @triple(i0) -> (i0) ; {{.*}}calling @triple
  // CHECK-NEXT: return (i0)
  func.func @twice(%x: i32) -> i32 {
    %y = call @triple(%x) : (i32) -> i32
    %z = call @triple(%y) : (i32) -> i32
    return %z : i32
  }
  func.func private @triple(%x: i32) -> i32 {
    %c3 = arith.constant 3 : i32
    %y = arith.muli %x, %c3 : i32
    return %y : i32
  }

  // What a case only passes on is where its target reads it; a branch to a return is one.
  // CHECK: @switch (0i_i)
  // CHECK: const.i32 i1, -2
  // CHECK-NEXT: const.i32 i2, 10
  // CHECK: br.eq.i32 i0, i{{[0-9]+}}, L[[RETURN:[0-9]+]]
  // CHECK-NEXT: br.eq.i32 i0, i1, L[[SECOND:[0-9]+]]
  // CHECK-NEXT: mov.i32 i2, i0
  // CHECK-NEXT: return (i2)
  // CHECK-NEXT: L[[SECOND]]:
  // CHECK-NEXT: mov.i32 i2, i3
  // CHECK-NEXT: L[[RETURN]]:
  // CHECK-NEXT: return (i2)
  func.func @switch(%x: i32) -> i32 {
    %c10 = arith.constant 10 : i32
    %c20 = arith.constant 20 : i32
    cf.switch %x : i32, [default: ^end(%x : i32), 1: ^end(%c10 : i32), -2: ^end(%c20 : i32)]
  ^end(%r: i32):
    return %r : i32
  }

  // An addition does not move behind a branch to where its result is read.
  // CHECK: @read_elsewhere (0iii_i)
  // CHECK: add.i32 [[X:i[0-9]+]], i1, i{{[0-9]+}}
  // CHECK-NEXT: br.eq.i32 i0, i{{[0-9]+}}, L[[ELSEWHERE:[0-9]+]]
  // CHECK-NEXT: br.slt.i32 [[X]], i2
  // CHECK: L[[ELSEWHERE]]:
  // CHECK-NEXT: mul.i32 i{{[0-9]+}}, [[X]], [[X]]
  func.func @read_elsewhere(%v: i32, %a: i32, %n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %x = arith.addi %a, %c1 : i32
    %is_zero = arith.cmpi eq, %v, %c0 : i32
    cf.cond_br %is_zero, ^elsewhere, ^test
  ^elsewhere:
    %product = arith.muli %x, %x : i32
    %0 = call @triple(%product) : (i32) -> i32
    cf.br ^end(%0 : i32)
  ^test:
    %less = arith.cmpi slt, %x, %n : i32
    cf.cond_br %less, ^less, ^not_less
  ^less:
    %1 = call @triple(%x) : (i32) -> i32
    cf.br ^end(%1 : i32)
  ^not_less:
    %2 = arith.subi %x, %n : i32
    cf.br ^end(%2 : i32)
  ^end(%r: i32):
    return %r : i32
  }
}
