// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s
//
// vm.signature and vm.fallback that don't fit.

module {
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.narrow': argument 0 of vm.signature is i64, expected i32
  func.func private @a.narrow(i8) attributes {vm.signature = (i64) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.index': result 0 of vm.signature is f32, expected i32 or i64
  func.func private @a.index() -> index attributes {vm.signature = () -> f32}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.float': argument 0 of vm.signature is f64, expected f32
  func.func private @a.float(f32) attributes {vm.signature = (f64) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.list': argument 1 of vm.signature is !vm.list<!vm.ref<!a.c>>, expected !vm.ref<!vm.list<!a.b>>
  func.func private @a.list(!util.list<i32>, !util.list<!a.b>) attributes {vm.signature = (!vm.list<?>, !vm.list<!vm.ref<!a.c>>) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.ref': argument 0 of vm.signature is !vm.ref<!a.c>, expected !vm.ref<!a.b>
  func.func private @a.ref(!a.b) attributes {vm.signature = (!vm.ref<!a.c>) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.tensor': argument 0 of vm.signature is i64, expected !vm.ref<!hal.buffer_view>
  func.func private @a.tensor(tensor<4xi32>) attributes {vm.signature = (i64) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.buffer': argument 0 of vm.signature is !vm.ref<!a.b>, expected !vm.ref<!vm.buffer>
  func.func private @a.buffer(!util.buffer) attributes {vm.signature = (!vm.ref<!a.b>) -> ()}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.count': vm.signature has 1 arguments and 1 results, expected 1 and 0
  func.func private @a.count(i32) attributes {vm.signature = (i32) -> i32}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.number': vm.signature must be a type of functions, like (!vm.ref<!custom.string>) -> i64
  func.func private @a.number(i32) attributes {vm.signature = 5 : i32}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.fenced': vm.signature is not supported of a function with fences
  func.func private @a.fenced(i32) attributes {vm.signature = (i32) -> (), iree.abi.model = "coarse-fences"}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: function 'signed': 'vm.signature' is for imports, and this has a body
  func.func private @signed(%x: i32) attributes {vm.signature = (i32) -> ()} { return }

  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.text': vm.fallback must name a function, like @name
  func.func private @a.text(i32) attributes {vm.fallback = "body"}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.unknown': vm.fallback names @nobody, which is no function of the program
  func.func private @a.unknown(i32) attributes {vm.fallback = @nobody}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.import': vm.fallback names @a.text, which has no body
  func.func private @a.import(i32) attributes {vm.fallback = @a.text}
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: the import 'a.type': its fallback @body is of type (!a.b) -> (), expected (i32) -> ()
  func.func private @a.type(i32) attributes {vm.fallback = @body}
  func.func private @body(%x: !a.b) { return }
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: function 'own': 'vm.fallback' is for imports, and this has a body
  func.func private @own(%x: !a.b) attributes {vm.fallback = @body} { return }
  // CHECK: refuse_imports.mlir:[[@LINE+1]]:3: error: function 'a.other': the attribute 'vm.import.module' is not supported
  func.func private @a.other() attributes {vm.import.module = "custom"}
}
