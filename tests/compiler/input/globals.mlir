// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s
//
// Globals, and initializers, which become one function in the order of the source.

// CHECK: module @globals
module @globals {
  // CHECK-NEXT: util.global private mutable @count = 5 : i32
  util.global private mutable @count = 5 : i32
  // CHECK-NEXT: util.global private @limit : i64
  util.global private @limit : i64
  // CHECK-NEXT: util.global public mutable @flag = true
  util.global public mutable @flag = true
  // CHECK-NEXT: util.global @half {noinline} = 5.000000e-01 : f32
  util.global @half {noinline} = 0.5 : f32
  // CHECK-NEXT: util.global mutable @texts : !util.list<!util.buffer>
  util.global mutable @texts : !util.list<!util.buffer>
  // CHECK-NEXT: util.global mutable @thing : !custom.thing
  util.global mutable @thing : !custom.thing

  func.func private @custom.log(i64)

  util.initializer {
    %seven = arith.constant 7 : i64
    util.global.store %seven, @limit : i64
    util.return
  }

  // Loads stay where they are: behind stores, and on both sides of calls.
  // CHECK-LABEL: func.func @order(
  // CHECK-SAME: %[[X:.+]]: i32)
  // CHECK: %[[OLD:.+]] = util.global.load @count : i32
  // CHECK: util.global.store %[[X]], @count : i32
  // CHECK: %[[NEW:.+]] = util.global.load @count : i32
  // CHECK: call @custom.log
  // CHECK: %[[LAST:.+]] = util.global.load @count : i32
  // CHECK: return %[[OLD]], %[[NEW]], %[[LAST]]
  func.func @order(%x: i32) -> (i32, i32, i32) {
    %old = util.global.load @count : i32
    util.global.store %x, @count : i32
    %new = util.global.load @count : i32
    %limit = util.global.load immutable @limit : i64
    call @custom.log(%limit) : (i64) -> ()
    %last = util.global.load @count : i32
    return %old, %new, %last : i32, i32, i32
  }

  // What isn't used isn't loaded, and of two loads with nothing between them there is one.
  // CHECK-LABEL: func.func @twice(
  // CHECK-NEXT: %[[A:.+]] = util.global.load @count : i32
  // CHECK-NEXT: arith.addi %[[A]], %[[A]]
  // CHECK-NEXT: return
  func.func @twice() -> i32 {
    %a = util.global.load @count : i32
    %b = util.global.load @count : i32
    %unused = util.global.load @thing : !custom.thing
    %sum = arith.addi %a, %b : i32
    return %sum : i32
  }

  // CHECK-LABEL: func.func @__init()
  // CHECK-SAME: tenon.initializer
  // CHECK-NOT: func.func
  // CHECK: util.global.store %{{.+}}, @limit
  // CHECK: %[[FLAG:.+]] = util.global.load @flag : i1
  // CHECK: cf.cond_br %[[FLAG]], ^[[THEN:.+]], ^[[END:.+]]
  // CHECK: ^[[THEN]]:
  // CHECK: util.global.store %{{.+}}, @count
  // CHECK: cf.br ^[[END]]
  // CHECK: ^[[END]]:
  // CHECK: call @custom.log
  // CHECK-NEXT: return
  util.initializer {
    %flag = util.global.load @flag : i1
    cf.cond_br %flag, ^then, ^end
  ^then:
    %nine = arith.constant 9 : i32
    util.global.store %nine, @count : i32
    cf.br ^end
  ^end:
    util.return
  }
  util.initializer {
    %limit = util.global.load @limit : i64
    func.call @custom.log(%limit) : (i64) -> ()
    util.initializer.return  // as it was named in 2022
  }
}
