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

  // All 64 bits of the index count.
  // CHECK-LABEL: func.func @index_switch
  // CHECK: %[[A:.+]] = arith.cmpi eq, %arg0, %c4294967297
  // CHECK: cf.cond_br %[[A]], ^[[END:.+]](%{{.+}}, %arg2 : i32, !util.buffer), ^[[NEXT:[a-z0-9]+]]
  // CHECK: ^[[NEXT]]:
  // CHECK: %[[B:.+]] = arith.cmpi eq, %arg0, %c-3
  // CHECK: cf.cond_br %[[B]], ^{{.+}}, ^[[END]](%arg1, %arg2 : i32, !util.buffer)
  func.func @index_switch(%i: index, %a: i32, %b: !util.buffer) -> (i32, !util.buffer) {
    %0:2 = scf.index_switch %i -> i32, !util.buffer
    case 4294967297 {
      %1 = arith.constant 7 : i32
      scf.yield %1, %b : i32, !util.buffer
    }
    case -3 {
      %1 = arith.addi %a, %a : i32
      %2 = util.null : !util.buffer
      scf.yield %1, %2 : i32, !util.buffer
    }
    default {
      scf.yield %a, %b : i32, !util.buffer
    }
    return %0#0, %0#1 : i32, !util.buffer
  }

  // CHECK-LABEL: func.func @only_default
  // CHECK-NEXT: return %arg1
  func.func @only_default(%i: index, %a: i32) -> i32 {
    %0 = scf.index_switch %i -> i32
    default {
      scf.yield %a : i32
    }
    return %0 : i32
  }

  // CHECK-LABEL: func.func @execute_region
  // CHECK: cf.cond_br %arg0, ^[[END:.+]](%arg1 : i32), ^
  // CHECK: ^[[END]](%[[R:.+]]: i32):
  // CHECK: return %[[R]]
  func.func @execute_region(%c: i1, %a: i32) -> i32 {
    %0 = scf.execute_region -> i32 {
      cf.cond_br %c, ^a, ^b
    ^a:
      scf.yield %a : i32
    ^b:
      %1 = arith.muli %a, %a : i32
      scf.yield %1 : i32
    }
    return %0 : i32
  }

  // A loop whose step may not be positive says so instead of going on for ever.
  // CHECK-LABEL: func.func @step
  // CHECK: "tenon.check_ge"(%arg2, %c1) {message = "scf.for: the step is {0}, expected 1 or more"}
  // CHECK: %[[NARROW:.+]] = arith.index_cast %arg3 : i8 to index
  // CHECK: "tenon.check_ge"(%[[NARROW]], %c1) {message = "scf.for: the step is {0}, expected 1 or more"}
  // Of unsigned numbers only 0 is none.
  // CHECK: %[[ONE:.+]] = arith.minui %arg3, %c1_i8 : i8
  // CHECK: %[[INDEX:.+]] = arith.index_cast %[[ONE]] : i8 to index
  // CHECK: "tenon.check_ge"(%[[INDEX]], %c1)
  // CHECK-NOT: tenon.check_ge
  // CHECK: return
  func.func @step(%a: index, %b: index, %s: index, %t: i8) {
    %c2 = arith.constant 2 : index
    %m = arith.constant -2 : i8
    scf.for %i = %a to %b step %s {
      util.optimization_barrier %i : index
    }
    scf.for %i = %t to %t step %t : i8 {
      util.optimization_barrier %i : i8
    }
    scf.for unsigned %i = %t to %t step %t : i8 {
      util.optimization_barrier %i : i8
    }
    scf.for unsigned %i = %t to %t step %m : i8 {
      util.optimization_barrier %i : i8
    }
    scf.for %i = %a to %b step %c2 {
      util.optimization_barrier %i : index
    }
    return
  }

  // Where the index plus the step may be more than the type holds, rounds are counted; not where it can't.
  // CHECK-LABEL: func.func @rounds
  // CHECK: %[[ANY:.+]] = arith.cmpi slt, %arg0, %arg1 : i8
  // CHECK: %[[LAST:.+]] = arith.subi %arg1, %c1_i8 : i8
  // CHECK: %[[SPAN:.+]] = arith.subi %[[LAST]], %arg0 : i8
  // CHECK: %[[STEPS:.+]] = arith.divui %[[SPAN]], %c100_i8 : i8
  // CHECK: %[[MORE:.+]] = arith.addi %[[STEPS]], %c1_i8 : i8
  // CHECK: %[[COUNT:.+]] = arith.select %[[ANY]], %[[MORE]], %c0_i8 : i8
  // CHECK: cf.br ^[[LOOP:.+]](%c0_i8, %arg0, %arg0 : i8, i8, i8)
  // CHECK: ^[[LOOP]](%[[ROUND:.+]]: i8, %[[INDEX:.+]]: i8, %{{.+}}: i8):
  // CHECK: arith.cmpi ult, %[[ROUND]], %[[COUNT]] : i8
  // CHECK: %[[NEXT:.+]] = arith.addi %[[INDEX]], %c100_i8 : i8
  // CHECK: %[[ONE_MORE:.+]] = arith.addi %[[ROUND]], %c1_i8 : i8
  // CHECK: cf.br ^[[LOOP]](%[[ONE_MORE]], %[[NEXT]], %[[INDEX]] : i8, i8, i8)
  func.func @rounds(%a: i8, %b: i8) -> i8 {
    %c100 = arith.constant 100 : i8
    %0 = scf.for %i = %a to %b step %c100 iter_args(%last = %a) -> i8 : i8 {
      scf.yield %i : i8
    }
    return %0 : i8
  }
  // CHECK-LABEL: func.func @safe
  // CHECK: ^{{.+}}(%[[INDEX:[a-z0-9]+]]: i8):
  // CHECK: arith.cmpi slt, %[[INDEX]], %c28_i8 : i8
  // CHECK: ^{{.+}}(%[[INDEX:[a-z0-9]+]]: i8):
  // CHECK: arith.cmpi slt, %[[INDEX]], %arg1 : i8
  // CHECK: ^{{.+}}(%{{.+}}: i8, %[[INDEX:[a-z0-9]+]]: i8):
  // CHECK: arith.cmpi ult
  func.func @safe(%a: i8, %b: i8) {
    %c1 = arith.constant 1 : i8
    %c28 = arith.constant 28 : i8
    %c29 = arith.constant 29 : i8
    %c100 = arith.constant 100 : i8
    scf.for %i = %a to %c28 step %c100 : i8 {
      util.optimization_barrier %i : i8
    }
    scf.for %i = %a to %b step %c1 : i8 {
      util.optimization_barrier %i : i8
    }
    scf.for %i = %a to %c29 step %c100 : i8 {
      util.optimization_barrier %i : i8
    }
    return
  }
}
