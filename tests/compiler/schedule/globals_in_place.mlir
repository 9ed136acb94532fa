// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file %s %t
// RUN: iree-compile --compile-to=schedule %t/alone.mlir | FileCheck %t/alone.mlir
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %t/alone.mlir | FileCheck %t/alone.mlir --check-prefix=ASYNC
// RUN: iree-compile --compile-to=schedule %t/lent.mlir | FileCheck %t/lent.mlir
// RUN: iree-compile --compile-to=schedule %t/held.mlir | FileCheck %t/held.mlir
// RUN: iree-compile --compile-to=schedule %t/returned.mlir | FileCheck %t/returned.mlir
//
// What a global holds is updated in place where nobody else may have it.

//--- alone.mlir
util.global private mutable @table = dense<[1, 2, 3, 4]> : tensor<4xi32>

// CHECK-LABEL: func.func public @write
// CHECK: %[[B:.+]] = util.global.load @table
// CHECK-NOT: tenon.clone
// CHECK: "tenon.execute"(%{{.+}}, %{{.+}}, %[[B]],
// CHECK-NEXT: util.global.store %[[B]], @table
// In an asynchronous program somebody may still read it.
// ASYNC-LABEL: func.func private @write$async
// ASYNC: tenon.clone
// ASYNC: util.global.store
func.func @write(%i: index, %x: tensor<1xi32>) {
  %old = util.global.load @table : tensor<4xi32>
  %new = tensor.insert_slice %x into %old[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
  util.global.store %new, @table : tensor<4xi32>
  return
}
// A function that fails before it stores has changed nothing.
// CHECK-LABEL: func.func public @write_if
// CHECK: tenon.clone
// CHECK: tenon.assert
// CHECK: util.global.store
func.func @write_if(%i: index, %x: tensor<1xi32>, %ok: i1) {
  %old = util.global.load @table : tensor<4xi32>
  %new = tensor.insert_slice %x into %old[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
  cf.assert %ok, "not now"
  util.global.store %new, @table : tensor<4xi32>
  return
}
// Who returns it returns a copy.
// CHECK-LABEL: func.func public @read
// CHECK: tenon.clone
func.func @read() -> tensor<4xi32> {
  %0 = util.global.load @table : tensor<4xi32>
  return %0 : tensor<4xi32>
}
// A constant is never written to.
// CHECK-LABEL: func.func public @__init
// CHECK: %[[C:.+]] = "tenon.constant"
// CHECK: %[[D:.+]]:2 = "tenon.clone"(%{{.+}}, %[[C]])
// CHECK: util.global.store %[[D]]#0, @table

//--- lent.mlir
func.func private @m.keep(tensor<4xi32>)
util.global private mutable @table : tensor<4xi32>
// CHECK-LABEL: func.func public @write
// CHECK: tenon.clone
func.func @write(%i: index, %x: tensor<1xi32>) {
  %old = util.global.load @table : tensor<4xi32>
  %new = tensor.insert_slice %x into %old[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
  util.global.store %new, @table : tensor<4xi32>
  return
}
func.func @lend() {
  %0 = util.global.load @table : tensor<4xi32>
  call @m.keep(%0) : (tensor<4xi32>) -> ()
  return
}

//--- held.mlir
// The import may call @write.
func.func private @m.wait()
util.global private mutable @table : tensor<4xi32>
// CHECK-LABEL: func.func public @write
// CHECK: tenon.clone
func.func @write(%i: index, %x: tensor<1xi32>) {
  %old = util.global.load @table : tensor<4xi32>
  %new = tensor.insert_slice %x into %old[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
  util.global.store %new, @table : tensor<4xi32>
  return
}
func.func @hold() -> tensor<4xi32> {
  %0 = util.global.load @table : tensor<4xi32>
  call @m.wait() : () -> ()
  %1 = arith.addi %0, %0 : tensor<4xi32>
  return %1 : tensor<4xi32>
}

//--- returned.mlir
util.global private mutable @table : tensor<4xi32>
// CHECK-LABEL: func.func public @write
// CHECK: tenon.clone
func.func @write(%i: index, %x: tensor<1xi32>) {
  %old = util.global.load @table : tensor<4xi32>
  %new = tensor.insert_slice %x into %old[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
  util.global.store %new, @table : tensor<4xi32>
  return
}
func.func private @get() -> tensor<4xi32> {
  %0 = util.global.load @table : tensor<4xi32>
  return %0 : tensor<4xi32>
}
func.func @use() -> tensor<4xi32> {
  %0 = call @get() : () -> tensor<4xi32>
  return %0 : tensor<4xi32>
}
