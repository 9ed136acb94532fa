// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// Imports with spans that are not right, and calls that don't fit them.

vm.import private @a.sum(%scale : f32, %values : i32 ...) -> i32
vm.import private @a.pairs(%pairs : tuple<i32, f64> ...)
vm.import private @a.plain(i32) -> i32
// CHECK: refuse_vm.mlir:[[@LINE+1]]:1: error: 'vm.import': 'nodot' is not the name of an import: these are named module.function
vm.import private @nodot(i32)
// CHECK: refuse_vm.mlir:[[@LINE+1]]:1: error: the import 'a.tensor': type tensor<4xi32> is not supported in 'vm.import': expected i1, i8, i16, i32, i64, f32, f64, index or a reference (an import of tensors is declared with func.func)
vm.import private @a.tensor(tensor<4xi32>)
// CHECK: refuse_vm.mlir:[[@LINE+1]]:1: error: the import 'a.tuple': type tuple<i32, f64> is not supported in 'vm.import': {{.*}} (tuples are for spans: `tuple<...> ...`, of at least one value each)
vm.import private @a.tuple(tuple<i32, f64>)
// CHECK: refuse_vm.mlir:[[@LINE+1]]:1: error: the import 'a.none': type tuple<> is not supported in 'vm.import'
vm.import private @a.none(tuple<> ...)
// CHECK: refuse_vm.mlir:[[@LINE+1]]:1: error: the import 'a.narrow': type i7 is not supported in 'vm.import'
vm.import private @a.narrow(i7 ...)

func.func @calls(%a: i32, %s: f32, %d: f64) {
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:3: error: 'vm.call.variadic' names no 'vm.import' of the program
  vm.call.variadic @a.absent([%a]) : (i32 ...) -> ()
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:8: error: 'vm.call.variadic': 1 arguments, but the import 'a.sum' has 2
  %0 = vm.call.variadic @a.sum(%s) : (f32) -> i32
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:8: error: 'vm.call': argument 1 is one value, but that of the import 'a.sum' is a span: use 'vm.call.variadic' with [...]
  %1 = vm.call @a.sum(%s, %a) : (f32, i32) -> i32
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:8: error: 'vm.call.variadic': argument 0 is a span, but that of the import 'a.plain' is one value
  %2 = vm.call.variadic @a.plain([%a]) : (i32 ...) -> i32
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:8: error: 'vm.call.variadic': argument 1 is f32, but the import has i32
  %3 = vm.call.variadic @a.sum(%s, [%s, %s]) : (f32, f32 ...) -> i32
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:3: error: 'vm.call.variadic': argument 0 is tuple<f64, i32>, but the import has tuple<i32, f64>
  vm.call.variadic @a.pairs([(%d, %a)]) : (tuple<f64, i32> ...) -> ()
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:8: error: 'vm.call.variadic': result 0 is f64, but the import has i32
  %4 = vm.call.variadic @a.sum(%s, []) : (f32, i32 ...) -> f64
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:3: error: 'vm.call.variadic': 0 results, but the import 'a.sum' has 1
  vm.call.variadic @a.sum(%s, []) : (f32, i32 ...) -> ()
  // CHECK: refuse_vm.mlir:[[@LINE+1]]:3: error: 'vm.import' is not supported
  vm.import private @a.inside(i32)
  return
}
