// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each part with an error of the parser or the verifier stands alone: they stop at the first.
// RUN: split-file --leading-lines %s %t
// RUN: not iree-compile --compile-to=input %t/element.mlir 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: not iree-compile --compile-to=input %t/get.mlir 2>&1 | FileCheck %s --check-prefix=GET
// RUN: not iree-compile --compile-to=input %t/tensor.mlir 2>&1 | FileCheck %s --check-prefix=TENSOR
// RUN: not iree-compile --compile-to=input %t/set.mlir 2>&1 | FileCheck %s --check-prefix=SET
// RUN: not iree-compile --compile-to=input %t/variant.mlir 2>&1 | FileCheck %s --check-prefix=VARIANT
// RUN: not iree-compile --compile-to=input %t/no_list.mlir 2>&1 | FileCheck %s --check-prefix=NO-LIST
// RUN: not iree-compile --compile-to=input %t/cast.mlir 2>&1 | FileCheck %s --check-prefix=CAST
// RUN: not iree-compile --compile-to=input %t/compare.mlir 2>&1 | FileCheck %s --check-prefix=COMPARE
// RUN: not iree-compile --compile-to=input %t/pattern.mlir 2>&1 | FileCheck %s --check-prefix=PATTERN
// RUN: not iree-compile --compile-to=input %t/unknown.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not iree-compile --compile-to=input %t/language.mlir 2>&1 | FileCheck %s --check-prefix=LANGUAGE
// RUN: not iree-compile --compile-to=input --iree-execution-model=host-only %t/host_only.mlir 2>&1 | FileCheck %s --check-prefix=HOST-ONLY

//--- element.mlir
// ELEMENT: element.mlir:[[@LINE+1]]:29: error: a list of 'tensor<4xi32>' is not supported: expected i1, i8, i16, i32, i64, index, f32, f64, ?, or a reference like !util.buffer
func.func @a(%x: !util.list<tensor<4xi32>>) { return }

//--- get.mlir
func.func @a(%l: !util.list<i32>, %i: index) -> i64 {
  // GET: get.mlir:[[@LINE+1]]:8: error: 'util.list.get' op of 'i64' on '!util.list<i32>', expected 'i32'
  %0 = util.list.get %l[%i] : !util.list<i32> -> i64
  return %0 : i64
}

//--- tensor.mlir
func.func @a(%l: !util.list<?>, %i: index) -> tensor<4xi32> {
  // TENSOR: tensor.mlir:[[@LINE+1]]:8: error: 'util.list.get' op result #0 must be a number or a reference, but got 'tensor<4xi32>'
  %0 = util.list.get %l[%i] : !util.list<?> -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

//--- set.mlir
func.func @a(%l: !util.list<!util.buffer>, %i: index, %v: !custom.string) {
  // SET: set.mlir:[[@LINE+1]]:3: error: 'util.list.set' op of '!custom.string' on '!util.list<!util.buffer>', expected '!util.buffer'
  util.list.set %l[%i], %v : !custom.string -> !util.list<!util.buffer>
  return
}

//--- variant.mlir
func.func @a(%l: !util.list<?>, %i: index, %v: i32) {
  // VARIANT: variant.mlir:[[@LINE+1]]:30: error: custom op 'util.list.set' expected the type of the value, as in `i32 -> !util.list<?>`
  util.list.set %l[%i], %v : !util.list<?>
  return
}

//--- no_list.mlir
func.func @a(%l: !util.buffer, %i: index) {
  // NO-LIST: no_list.mlir:[[@LINE+1]]:31: error: custom op 'util.list.get' expected a !util.list, found '!util.buffer'
  %0 = util.list.get %l[%i] : !util.buffer -> i32
  return
}

//--- cast.mlir
func.func @a(%b: !util.buffer) -> !custom.string {
  // CAST: cast.mlir:[[@LINE+1]]:8: error: 'util.cast' op can't make '!custom.string' of '!util.buffer': expected the same type, lists, or !util.object as one of the two
  %0 = util.cast %b : !util.buffer to !custom.string
  return %0 : !custom.string
}

//--- compare.mlir
func.func @a(%x: i32) -> i1 {
  // COMPARE: compare.mlir:[[@LINE+1]]:8: error: 'util.cmp.eq' op operand #0 must be a reference (!util.buffer, !util.list, !util.object or a type like !custom.string), but got 'i32'
  %0 = util.cmp.eq %x, %x : i32
  return %0 : i1
}

//--- pattern.mlir
func.func @a(%x: f16, %b: !util.buffer, %n: index) {
  // PATTERN: pattern.mlir:[[@LINE+1]]:3: error: 'util.buffer.fill' op operand #0 must be i1, i8, i16, i32, i64, index, f32 or f64, but got 'f16'
  util.buffer.fill %x, %b[%n for %n] : f16 -> !util.buffer{%n}
  return
}

//--- unknown.mlir
func.func @a(%b: !util.buffer, %n: index) {
  // UNKNOWN: unknown.mlir:[[@LINE+1]]:8: error: custom op 'util.buffer.hash' is unknown
  %0 = util.buffer.hash %b[%n for %n] : !util.buffer{%n} -> i64
  return
}

//--- language.mlir
// LANGUAGE: language.mlir:[[@LINE+1]]:14: error: 'a': type !util.list<!util.list<!custom.map<i32>>> is not supported: expected a type that is only a name, like !custom.string
func.func @a(%x: !util.list<!util.list<!custom.map<i32>>>) { return }
func.func @b(%b: !util.buffer, %n: index, %f: f64) {
  // LANGUAGE: language.mlir:[[@LINE+1]]:8: error: unknown operation 'util.buffer.hash'
  %0 = "util.buffer.hash"(%b, %n, %n, %n) : (!util.buffer, index, index, index) -> i64
  // LANGUAGE: language.mlir:[[@LINE+1]]:8: error: 'util.buffer.alloc': an alignment of 64 is not supported, expected 1, 2, 4, 8 or 16
  %1 = util.buffer.alloc uninitialized {alignment = 64 : index} : !util.buffer{%n}
  %c4 = arith.constant 4 : index
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'util.buffer.store': the length is 4, expected 8, the size of the value
  util.buffer.store %f, %b[%n for %c4] : f64 -> !util.buffer{%n}
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'util.unreachable': expected it to end a block of a function
  "util.unreachable"() : () -> ()
  return
}
func.func @c(%n: index) {
  %c0 = arith.constant 0 : index
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'scf.for': the step is 0, expected 1 or more
  scf.for %i = %c0 to %n step %c0 {
  }
  %m = arith.constant -2 : index
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'scf.for': the step is -2, expected 1 or more
  scf.for %i = %c0 to %n step %m {
  }
  return
}
func.func @d(%c: i1) {
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'cf.assert': its text, which begins with 'a', contains a NUL
  cf.assert %c, "a\00b"
  // LANGUAGE: language.mlir:[[@LINE+1]]:3: error: 'util.unreachable': its text, which begins with 'c', contains a NUL
  util.unreachable "c\00d"
}
// LANGUAGE: language.mlir:[[@LINE+1]]:6: error: 'util.null' is not supported at the top of a module
%x = util.null : !util.buffer

//--- host_only.mlir
func.func @a(%n: index, %l: !util.list<?>) {
  // HOST-ONLY: host_only.mlir:[[@LINE+1]]:8: error: 'tensor.empty': type tensor<?xi32> is not supported: tensors are of a device, and a program of --iree-execution-model=host-only has none
  %0 = tensor.empty(%n) : tensor<?xi32>
  return
}
