// RUN: iree-compile %s --compile-to=input | FileCheck %s

// Upstream's canonicalisation of this would never end: it rewrites a loop that a folded branch cut off.
// CHECK-LABEL: func.func @f22
module @m {
func.func @f22(%a0: i64, %a1: i64, %a2: i64, %t0: tensor<?xi32>, %t1: tensor<?xi32>, %t2: tensor<?xi32>) -> (i64, i64, tensor<?xi32>) {
  %one = arith.constant 1 : i64
  %zero = arith.constant 0 : i64
  %fuel = arith.constant 27 : i64
  cf.br ^b0(%fuel, %a2 : i64, i64)
^b0(%f0: i64, %n0_0: i64):
  %r0_0 = arith.muli %a1, %a0 : i64
  %r0_1 = arith.subi %a0, %a2 : i64
  %r0_2 = arith.subi %a2, %n0_0 : i64
  %r0_3 = arith.subi %n0_0, %a1 : i64
  %c0 = arith.cmpi slt, %r0_2, %a2 : i64
  %s0 = arith.select %c0, %t1, %t0 : tensor<?xi32>
  %g0 = arith.subi %f0, %one : i64
  %e0 = arith.cmpi sle, %g0, %zero : i64
  cf.cond_br %e0, ^exit(%r0_3, %a0, %t0 : i64, i64, tensor<?xi32>), ^go0
^go0:
  %d0 = arith.cmpi slt, %r0_2, %r0_2 : i64
  cf.cond_br %d0, ^b1(%g0, %r0_2, %t2, %s0, %t0 : i64, i64, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>), ^b0(%g0, %a2 : i64, i64)
^b1(%f1: i64, %n1_0: i64, %p1_0: tensor<?xi32>, %p1_1: tensor<?xi32>, %p1_2: tensor<?xi32>):
  %g1 = arith.subi %f1, %one : i64
  %e1 = arith.cmpi sle, %g1, %zero : i64
  cf.cond_br %e1, ^exit(%a0, %a1, %t2 : i64, i64, tensor<?xi32>), ^go1
^go1:
  %d1 = arith.cmpi slt, %a1, %a1 : i64
  cf.cond_br %d1, ^b0(%g1, %n1_0 : i64, i64), ^b1(%g1, %n1_0, %t0, %p1_0, %t0 : i64, i64, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>)
^exit(%x: i64, %y: i64, %z: tensor<?xi32>):
  return %x, %y, %z : i64, i64, tensor<?xi32>
}
}
