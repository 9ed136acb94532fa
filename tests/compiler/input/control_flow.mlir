// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s

module {
  // CHECK-NOT: scf.
  // CHECK-NOT: cf.switch

  // CHECK-LABEL: func.func @for
  // CHECK: cf.br ^bb1(%{{.+}}, %arg1 : index, tensor<?xf32>)
  // CHECK: cf.cond_br
  func.func @for(%n: index, %a: tensor<?xf32>) -> tensor<?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<?xf32> {
      %y = arith.addf %x, %a : tensor<?xf32>
      scf.yield %y : tensor<?xf32>
    }
    return %0 : tensor<?xf32>
  }

  // CHECK-LABEL: func.func @while
  // CHECK: cf.cond_br
  func.func @while(%n: i64) -> i64 {
    %c1 = arith.constant 1 : i64
    %0 = scf.while (%i = %n) : (i64) -> i64 {
      %c = arith.cmpi slt, %i, %n : i64
      scf.condition(%c) %i : i64
    } do {
    ^bb0(%i: i64):
      %j = arith.shli %i, %c1 : i64
      scf.yield %j : i64
    }
    return %0 : i64
  }

  // CHECK-LABEL: func.func @switch
  // CHECK: %[[A:.+]] = arith.cmpi eq, %arg0, %c42
  // CHECK: cf.cond_br %[[A]], ^[[ONE:.+]](%arg1 : i32), ^[[NEXT:[a-z0-9]+]]
  // CHECK: ^[[NEXT]]:
  // CHECK: %[[B:.+]] = arith.cmpi eq, %arg0, %c-1
  // CHECK: cf.cond_br %[[B]], ^[[TWO:.+]], ^[[ONE]](%arg0 : i32)
  func.func @switch(%f: i32, %a: i32) -> i32 {
    cf.switch %f : i32, [default: ^bb1(%f : i32), 42: ^bb1(%a : i32), -1: ^bb2]
  ^bb1(%x: i32):
    return %x : i32
  ^bb2:
    %0 = arith.muli %a, %f : i32
    return %0 : i32
  }

  // CHECK-LABEL: func.func @recursive
  // CHECK: call @recursive
  func.func @recursive(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c = arith.cmpi sle, %n, %c0 : i32
    %0 = scf.if %c -> i32 {
      scf.yield %c0 : i32
    } else {
      %c1 = arith.constant 1 : i32
      %1 = arith.subi %n, %c1 : i32
      %2 = func.call @recursive(%1) : (i32) -> i32
      %3 = arith.addi %2, %n : i32
      scf.yield %3 : i32
    }
    return %0 : i32
  }
}
