// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=schedule %s | FileCheck %s
//
// A result shares no storage with an argument, a constant or another result. A copy is made only where that can't be excluded.

module {
  func.func private @ext.f(tensor<?xf32>) -> tensor<?xf32>
  func.func private @ext.two() -> (tensor<?xf32>, tensor<?xf32>)

  // CHECK-LABEL: func.func public @argument
  // CHECK: %[[A:.+]]:2 = "tenon.tensor_import"(%arg0)
  // CHECK: %[[B:.+]]:2 = "tenon.clone"(%{{.+}}, %[[A]]#0, %[[A]]#1) {type = tensor<?xf32>}
  // CHECK: "tenon.wait"(%[[B]]#1)
  // CHECK: "tenon.tensor_export"(%[[B]]#0, %[[A]]#1)
  func.func @argument(%x: tensor<?xf32>) -> tensor<?xf32> {
    return %x : tensor<?xf32>
  }

  // CHECK-LABEL: func.func public @constant
  // CHECK: %[[C:.+]] = "tenon.constant"() {value = dense<[1, 2]> : tensor<2xi32>}
  // CHECK: "tenon.clone"(%{{.+}}, %[[C]])
  func.func @constant() -> tensor<2xi32> {
    %0 = arith.constant dense<[1, 2]> : tensor<2xi32>
    return %0 : tensor<2xi32>
  }

  // The first result is the tensor itself, the second a copy.
  // CHECK-LABEL: func.func public @twice
  // CHECK: %[[A:.+]]:2 = "tenon.alloc"
  // CHECK: %[[B:.+]]:2 = "tenon.clone"(%{{.+}}, %[[A]]#0
  // CHECK-NOT: tenon.clone
  // CHECK: "tenon.tensor_export"(%[[A]]#0
  // CHECK: "tenon.tensor_export"(%[[B]]#0
  func.func @twice(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    %y = arith.addf %x, %x : tensor<?xf32>
    return %y, %y : tensor<?xf32>, tensor<?xf32>
  }

  // An import may return what it was given.
  // CHECK-LABEL: func.func public @import_of_argument
  // CHECK: tenon.clone
  func.func @import_of_argument(%x: tensor<?xf32>) -> tensor<?xf32> {
    %r = call @ext.f(%x) : (tensor<?xf32>) -> tensor<?xf32>
    return %r : tensor<?xf32>
  }

  // What the program made itself and nobody else has: may be returned by the import, is no argument.
  // CHECK-LABEL: func.func public @import_of_fresh
  // CHECK-NOT: tenon.clone
  // CHECK: return
  func.func @import_of_fresh(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = arith.addf %x, %x : tensor<?xf32>
    %r = call @ext.f(%y) : (tensor<?xf32>) -> tensor<?xf32>
    return %r : tensor<?xf32>
  }

  // ... but then it is the same as what was given.
  // CHECK-LABEL: func.func public @import_and_its_argument
  // CHECK: tenon.clone
  // CHECK: return
  func.func @import_and_its_argument(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
    %y = arith.addf %x, %x : tensor<?xf32>
    %r = call @ext.f(%y) : (tensor<?xf32>) -> tensor<?xf32>
    return %r, %y : tensor<?xf32>, tensor<?xf32>
  }

  // An import may return what it was given by an earlier call.
  // CHECK-LABEL: func.func public @import_remembers
  // CHECK: %[[R:.+]] = call @ext.f
  // CHECK: %[[S:.+]] = call @ext.f
  // CHECK: %[[B:.+]]:2 = "tenon.tensor_import"(%[[S]])
  // CHECK: "tenon.clone"(%{{.+}}, %[[B]]#0
  func.func @import_remembers(%x: tensor<?xf32>) -> tensor<?xf32> {
    %r = call @ext.f(%x) : (tensor<?xf32>) -> tensor<?xf32>
    %y = arith.addf %r, %r : tensor<?xf32>
    %s = call @ext.f(%y) : (tensor<?xf32>) -> tensor<?xf32>
    return %s : tensor<?xf32>
  }

  // Two results of imports may be one.
  // CHECK-LABEL: func.func public @import_returns_two
  // CHECK: tenon.clone
  // CHECK-NOT: tenon.clone
  // CHECK: return
  func.func @import_returns_two() -> (tensor<?xf32>, tensor<?xf32>) {
    %r:2 = call @ext.two() : () -> (tensor<?xf32>, tensor<?xf32>)
    return %r#0, %r#1 : tensor<?xf32>, tensor<?xf32>
  }

  // What internal functions do with their arguments is looked at.
  func.func private @fresh(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = arith.addf %x, %x : tensor<?xf32>
    return %y : tensor<?xf32>
  }
  func.func private @same(%x: tensor<?xf32>) -> tensor<?xf32> {
    return %x : tensor<?xf32>
  }
  func.func private @leak(%x: tensor<?xf32>) {
    %r = call @ext.f(%x) : (tensor<?xf32>) -> tensor<?xf32>
    return
  }

  // CHECK-LABEL: func.func public @call_fresh
  // CHECK-NOT: tenon.clone
  // CHECK: return
  func.func @call_fresh(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = call @fresh(%x) : (tensor<?xf32>) -> tensor<?xf32>
    return %y : tensor<?xf32>
  }

  // CHECK-LABEL: func.func public @call_same
  // CHECK: tenon.clone
  func.func @call_same(%x: tensor<?xf32>) -> tensor<?xf32> {
    %y = call @same(%x) : (tensor<?xf32>) -> tensor<?xf32>
    return %y : tensor<?xf32>
  }

  // CHECK-LABEL: func.func public @call_leak
  // CHECK: tenon.clone
  func.func @call_leak(%x: tensor<?xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
    call @leak(%x) : (tensor<?xf32>) -> ()
    %y = call @fresh(%z) : (tensor<?xf32>) -> tensor<?xf32>
    %r = call @ext.f(%y) : (tensor<?xf32>) -> tensor<?xf32>
    return %r : tensor<?xf32>
  }

  // One of an argument and a new tensor.
  // CHECK-LABEL: func.func public @branches
  // CHECK: tenon.clone
  func.func @branches(%c: i1, %x: tensor<?xf32>) -> tensor<?xf32> {
    %r = scf.if %c -> tensor<?xf32> {
      %y = arith.addf %x, %x : tensor<?xf32>
      scf.yield %y : tensor<?xf32>
    } else {
      scf.yield %x : tensor<?xf32>
    }
    return %r : tensor<?xf32>
  }
}
