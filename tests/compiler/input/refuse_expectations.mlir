// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file --leading-lines %s %t
// RUN: not iree-compile --compile-to=input %t/language.mlir 2>&1 | FileCheck %s --check-prefix=LANGUAGE
// RUN: not iree-compile --compile-to=input %t/types.mlir 2>&1 | FileCheck %s --check-prefix=TYPES
// RUN: not iree-compile --compile-to=input %t/unknown.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not iree-compile --compile-to=input %t/tolerance.mlir 2>&1 | FileCheck %s --check-prefix=TOLERANCE
// RUN: not iree-compile --compile-to=input %t/condition.mlir 2>&1 | FileCheck %s --check-prefix=CONDITION

//--- language.mlir
func.func @a(%t: tensor<4xf32>, %d: tensor<?x2xi32>, %b: !util.buffer, %i: i32, %v: !hal.buffer_view) {
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_eq': type !util.buffer is not supported: expected a number, a ranked tensor or !hal.buffer_view
  check.expect_eq(%b, %b) : !util.buffer
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_all_true': type i32 is not supported: expected a ranked tensor or !hal.buffer_view
  check.expect_all_true(%i) : i32
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_eq_const': the constant is of type tensor<4xi32>, but what is compared with it of type tensor<4xf32>
  check.expect_eq_const(%t, dense<1> : tensor<4xi32>) : tensor<4xf32>
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_almost_eq_const': the constant is of type tensor<5xf32>
  check.expect_almost_eq_const(%t, dense<1.0> : tensor<5xf32>) : tensor<4xf32>
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_eq_const': the constant is of type tensor<2x3xi32>
  check.expect_eq_const(%d, dense<1> : tensor<2x3xi32>) : tensor<?x2xi32>
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_eq_const': the constant is of type i64, but what is compared with it of type i32
  check.expect_eq_const(%i, 1 : i64) : i32
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_eq_const': the constant is of type i32, but what is compared with it of type !hal.buffer_view
  check.expect_eq_const(%v, 1 : i32) : !hal.buffer_view
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'check.expect_almost_eq': atol is -1, expected a number from 0 up
  check.expect_almost_eq(%t, %t, atol -1.0) : tensor<4xf32>
  // LANGUAGE: language.mlir:[[@LINE+1]]:8: error: 'util.unfoldable_constant': expected a number or dense elements
  %0 = util.unfoldable_constant sparse<[0], [1]> : tensor<4xi32>
  return
}

//--- types.mlir
func.func @a(%t: tensor<4xf32>) {
  // TYPES: types.mlir:[[@LINE+2]]:23: error: use of value '%t' expects different type than prior uses: 'tensor<4xi32>' vs 'tensor<4xf32>'
  %0 = arith.constant dense<1> : tensor<4xi32>
  check.expect_eq(%0, %t) : tensor<4xi32>
  return
}

//--- unknown.mlir
func.func @a(%t: tensor<4xf32>) {
  // UNKNOWN: unknown.mlir:[[@LINE+1]]:3: error: {{.*}}check.expect_ne
  "check.expect_ne"(%t, %t) : (tensor<4xf32>, tensor<4xf32>) -> ()
  return
}

//--- tolerance.mlir
func.func @a(%t: tensor<4xf32>) {
  // TOLERANCE: tolerance.mlir:[[@LINE+1]]:{{.+}}: error: {{.*}}expected `atol` or `rtol`, each at most once
  check.expect_almost_eq(%t, %t, atol 1.0, atol 1.0) : tensor<4xf32>
  return
}

//--- condition.mlir
func.func @a(%x: f32) {
  // CONDITION: condition.mlir:[[@LINE+1]]:{{.+}}: error: 'check.expect_true' op operand #0 must be signless integer or index, but got 'f32'
  check.expect_true(%x) : f32
  return
}
