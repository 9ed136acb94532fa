// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each part with an error of the parser or the verifier stands alone: they stop at the first.
// RUN: split-file --leading-lines %s %t
// RUN: not iree-compile --compile-to=input %t/unknown.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not iree-compile --compile-to=input %t/function.mlir 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not iree-compile --compile-to=input %t/load.mlir 2>&1 | FileCheck %s --check-prefix=LOAD
// RUN: not iree-compile --compile-to=input %t/store.mlir 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: not iree-compile --compile-to=input %t/constant.mlir 2>&1 | FileCheck %s --check-prefix=CONSTANT
// RUN: not iree-compile --compile-to=input %t/mutable.mlir 2>&1 | FileCheck %s --check-prefix=MUTABLE
// RUN: not iree-compile --compile-to=input %t/twice.mlir 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not iree-compile --compile-to=input %t/value.mlir 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not iree-compile --compile-to=input %t/return.mlir 2>&1 | FileCheck %s --check-prefix=RETURN
// RUN: not iree-compile --compile-to=input %t/empty.mlir 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not iree-compile --compile-to=input %t/language.mlir 2>&1 | FileCheck %s --check-prefix=LANGUAGE

//--- unknown.mlir
func.func @f() -> i32 {
  // UNKNOWN: unknown.mlir:[[@LINE+1]]:8: error: 'util.global.load' op there is no util.global @missing
  %0 = util.global.load @missing : i32
  // UNKNOWN-NOT: note:
  return %0 : i32
}

//--- function.mlir
func.func @f(%x: i32) {
  // FUNCTION: function.mlir:[[@LINE+1]]:3: error: 'util.global.store' op there is no util.global @f
  util.global.store %x, @f : i32
  return
}

//--- load.mlir
util.global @g : i32
func.func @f() -> i64 {
  // LOAD: load.mlir:[[@LINE+1]]:8: error: 'util.global.load' op the global @g is 'i32', not 'i64'
  %0 = util.global.load @g : i64
  return %0 : i64
}

//--- store.mlir
util.global mutable @g : i32
func.func @f(%x: f32) {
  // STORE: store.mlir:[[@LINE+1]]:3: error: 'util.global.store' op the global @g is 'i32', not 'f32'
  util.global.store %x, @g : f32
  return
}

//--- constant.mlir
util.global @g : i32
util.initializer {
  %c1 = arith.constant 1 : i32
  %true = arith.constant true
  scf.if %true {
    util.global.store %c1, @g : i32
  }
  util.return
}
func.func @f(%x: i32) {
  // CONSTANT: constant.mlir:[[@LINE+1]]:3: error: 'util.global.store' op the global @g is not mutable: only a util.initializer stores to it; write 'util.global mutable' to change it elsewhere
  util.global.store %x, @g : i32
  return
}

//--- mutable.mlir
util.global mutable @g : i32
func.func @f() -> i32 {
  // MUTABLE: mutable.mlir:[[@LINE+1]]:8: error: 'util.global.load' op the global @g is mutable
  %0 = util.global.load immutable @g : i32
  return %0 : i32
}

//--- twice.mlir
util.global @g : i32
// TWICE: twice.mlir:[[@LINE+1]]:1: error: redefinition of symbol named 'g'
util.global mutable @g : i64

//--- value.mlir
// VALUE: value.mlir:{{.*}}: error: floating point value not valid for specified type
util.global @g = 1.0 : i32

//--- return.mlir
util.initializer {
  %c1 = arith.constant 1 : i32
  // RETURN: return.mlir:[[@LINE+1]]:{{.*}}: error:
  util.return %c1 : i32
}

//--- empty.mlir
// EMPTY: empty.mlir:[[@LINE+1]]:1: error: custom op 'util.initializer' expected a body that ends with util.return
util.initializer {}

//--- language.mlir
// LANGUAGE: language.mlir:[[@LINE+1]]:1: error: 't': type tensor<*xi32> is not supported
util.global @t : tensor<*xi32>
// LANGUAGE: language.mlir:[[@LINE+1]]:1: error: 'c': type complex<f32> is not supported
util.global @c : complex<f32>
// LANGUAGE: language.mlir:[[@LINE+1]]:1: error: the global 'b': the initial value is not supported: expected a number; store others in a util.initializer
util.global @b = "text" : !util.buffer
// LANGUAGE: language.mlir:[[@LINE+2]]:3: error: unknown operation 'custom.work'
util.initializer {
  "custom.work"() : () -> ()
  util.return
}
