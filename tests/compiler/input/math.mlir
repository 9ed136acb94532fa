// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=host-only --compile-to=input %s | FileCheck %s
//
// math on numbers becomes calls of the library's functions, each of which is in the module once.

// CHECK-LABEL: func.func @twice
// CHECK: %[[A:.+]] = call @__tenon_exp_f64(%{{.+}}) : (f64) -> f64
// CHECK: call @__tenon_exp_f64(%[[A]])
func.func @twice(%x: f64) -> f64 {
  %0 = math.exp %x : f64
  %1 = math.exp %0 : f64
  return %1 : f64
}

// Not folded: the result is the library's on every machine.
// CHECK-LABEL: func.func @constant
// CHECK: call @__tenon_log_f32
func.func @constant() -> f32 {
  %two = arith.constant 2.0 : f32
  %0 = math.log %two fastmath<fast> : f32
  return %0 : f32
}

// Instructions of the host.
// CHECK-LABEL: func.func @instructions
// CHECK: math.sqrt
// CHECK: math.ctlz
// CHECK: call @__tenon_ctlz_i8
func.func @instructions(%x: f32, %i: i64, %j: i8) -> (f32, i64, i8) {
  %0 = math.sqrt %x : f32
  %1 = math.ctlz %i : i64
  %2 = math.ctlz %j : i8
  return %0, %1, %2 : f32, i64, i8
}

// CHECK-LABEL: func.func @widened
// CHECK: %[[N:.+]] = arith.extsi %{{.+}} : i16 to i64
// CHECK: call @__tenon_fpowi_f32_i64(%{{.+}}, %[[N]])
// CHECK: %[[I:.+]] = arith.index_cast %{{.+}} : index to i64
// CHECK: %[[P:.+]] = call @__tenon_ctpop_i64(%[[I]])
// CHECK: arith.index_cast %[[P]] : i64 to index
func.func @widened(%x: f32, %n: i16, %i: index) -> (f32, index) {
  %0 = math.fpowi %x, %n : f32, i16
  %1 = math.ctpop %i : index
  return %0, %1 : f32, index
}

// CHECK: func.func private @__tenon_exp_f64(
// CHECK-NOT: @__tenon_exp_f64(
// CHECK: func.func private @__tenon_log_f32(
// CHECK-NOT: @__tenon_exp_f32(
