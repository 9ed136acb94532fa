// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: not iree-compile --iree-execution-model=async-external --compile-to=schedule %s 2>&1 | FileCheck %s
//
// The results of an asynchronous export can't have a size that is known only later. All such exports are refused in one go.

module {
  func.func private @ext.sync(tensor<?xi32>) -> tensor<?xi32>
  func.func private @ext.number(tensor<?xi32>) -> i32

  // CHECK: refuse_split.mlir:[[@LINE+2]]:3: error: the size of result 1 of 'call' depends on the call of 'ext.sync' at {{.*}}refuse_split.mlir:[[@LINE+3]]:10, which may come after this asynchronous export has returned
  // CHECK-SAME: take the size as an argument, return a tensor of static size, or make the export synchronous with iree.abi.model = "sync"
  func.func @call(%x: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    %0 = func.call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = arith.addi %0, %0 : tensor<?xi32>
    return %x, %1 : tensor<?xi32>, tensor<?xi32>
  }

  // CHECK: refuse_split.mlir:[[@LINE+2]]:3: error: result 0 of 'number' depends on the call of 'ext.number' at {{.*}}refuse_split.mlir:[[@LINE+3]]:10, which may come after
  // CHECK-SAME: return the number in a tensor, or make the export synchronous
  func.func @number(%x: tensor<?xi32>) -> i32 {
    %0 = func.call @ext.number(%x) : (tensor<?xi32>) -> i32
    %1 = arith.addi %0, %0 : i32
    return %1 : i32
  }

  // CHECK: refuse_split.mlir:[[@LINE+1]]:3: error: the size of result 0 of 'element' depends on an element of a tensor (tensor.extract) at {{.*}}refuse_split.mlir:[[@LINE+3]]:10,
  func.func @element(%x: tensor<?xindex>) -> tensor<?xi32> {
    %c0 = arith.constant 0 : index
    %n = tensor.extract %x[%c0] : tensor<?xindex>
    %c = arith.constant 1 : i32
    %s = tensor.splat %c[%n] : tensor<?xi32>
    return %s : tensor<?xi32>
  }

  // CHECK: refuse_split.mlir:[[@LINE+1]]:3: error: the size of result 0 of 'branch' depends on the control flow at {{.*}}refuse_split.mlir:[[@LINE+2]]:10,
  func.func @branch(%x: tensor<?xi32>, %y: tensor<?xi32>, %c: i1) -> tensor<?xi32> {
    %r = scf.if %c -> tensor<?xi32> {
      %0 = func.call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
      scf.yield %x : tensor<?xi32>
    } else {
      scf.yield %y : tensor<?xi32>
    }
    return %r : tensor<?xi32>
  }

  // CHECK: refuse_split.mlir:[[@LINE+1]]:3: error: the size of result 0 of 'calls' depends on the call of 'ext.sync' at {{.*}}refuse_split.mlir:[[@LINE-33]]:10,
  func.func @calls(%x: tensor<?xi32>) -> tensor<?xi32> {
    %r:2 = func.call @call(%x) : (tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>)
    return %r#1 : tensor<?xi32>
  }

  // What is in a list when the export returns is not what will be.
  // CHECK: refuse_split.mlir:[[@LINE+2]]:3: error: result 0 of 'list' depends on 'util.list.get' at {{.*}}refuse_split.mlir:[[@LINE+6]]:10,
  // CHECK-SAME: return the number in a tensor, or make the export synchronous
  func.func @list(%x: tensor<?xi32>, %list: !util.list<i32>) -> i32 {
    %c0 = arith.constant 0 : index
    %0 = func.call @ext.number(%x) : (tensor<?xi32>) -> i32
    util.list.set %list[%c0], %0 : !util.list<i32>
    %1 = util.list.get %list[%c0] : !util.list<i32>
    return %1 : i32
  }

  // What one branch checks, the other doesn't know.
  // CHECK: refuse_split.mlir:[[@LINE+1]]:3: error: the size of result 0 of 'checked' depends on the call of 'ext.sync' at {{.*}}refuse_split.mlir:[[@LINE+3]]:10,
  func.func @checked(%x: tensor<?xi32>, %c: i1) -> tensor<?xi32> {
    %c0 = arith.constant 0 : index
    %0 = func.call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %n = tensor.dim %0, %c0 : tensor<?xi32>
    %r = scf.if %c -> tensor<?xi32> {
      %1 = arith.addi %0, %x : tensor<?xi32>
      scf.yield %1 : tensor<?xi32>
    } else {
      %k = arith.constant 1 : i32
      %2 = tensor.splat %k[%n] : tensor<?xi32>
      scf.yield %2 : tensor<?xi32>
    }
    return %r : tensor<?xi32>
  }

  // What others have stored is known only when the turn has come.
  // CHECK: refuse_split.mlir:[[@LINE+3]]:3: error: result 0 of 'global' depends on the global 'count' at {{.*}}refuse_split.mlir:[[@LINE+4]]:10,
  // CHECK-NOT: error:
  util.global private mutable @count : i32
  func.func @global() -> i32 {
    %0 = util.global.load @count : i32
    util.global.store %0, @count : i32
    return %0 : i32
  }
  util.global private @size = 4 : index
  func.func @constant_global(%k: i32) -> tensor<?xi32> {
    %0 = util.global.load immutable @size : index
    %1 = tensor.splat %k[%0] : tensor<?xi32>
    return %1 : tensor<?xi32>
  }

  // Synchronous ones may.
  func.func @sync(%x: tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "sync"} {
    %0 = func.call @ext.sync(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}
