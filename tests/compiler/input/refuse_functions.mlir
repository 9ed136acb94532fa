// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --compile-to=input %s 2>&1 | FileCheck %s

module {
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'foo' has no body, and its name is not that of an import: imports are named module.function
  func.func private @foo(tensor<?xf32>) -> tensor<?xf32>
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'a': iree.abi.model = "coarse-fences" of an export needs --iree-execution-model=async-external
  func.func @a() attributes {iree.abi.model = "coarse-fences"} { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'custom.b': iree.abi.model = "fine-fences" is not supported: expected "sync" or "coarse-fences"
  func.func private @custom.b() attributes {iree.abi.model = "fine-fences"}
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'custom.c': the attribute 'nosideeffects' takes no value
  func.func private @custom.c() attributes {nosideeffects = true}
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'h': iree.abi.model = "coarse-fences" is for imports and exports, and this is neither
  func.func private @h() attributes {iree.abi.model = "coarse-fences"} { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: function 'c': the attribute 'iree.abi.output' is not supported
  func.func @c(%x: i32 {iree.abi.output = 0 : i32}) { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: the name 'tenon_dispatches' is reserved
  func.func @tenon_dispatches() { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: the name '__init' is reserved
  func.func @__init() { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: the name '__tenon_sin_f32' is reserved, as all that begin with __tenon_
  func.func @__tenon_sin_f32() { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: a function needs a name that isn't empty
  func.func @""() { return }
  // CHECK: refuse_functions.mlir:[[@LINE+1]]:3: error: the name that begins with 'd' contains a NUL
  func.func @"d\00e"() { return }
}
