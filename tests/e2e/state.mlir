// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What state_test.c runs, compiled with --iree-execution-model=async-external and without: tensors in globals.
module @state {
  func.func private @custom.call(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}

  util.global private mutable @sum = dense<[1, 2, 3, 4]> : tensor<4xi32>
  util.global private mutable @large = dense<7> : tensor<64xi32>
  util.global private mutable @list : tensor<?xi32>
  util.global private @table = dense<[10, 20, 30, 40]> : tensor<4xi32>
  util.global private @made : tensor<?xi32>

  // Runs dispatches.
  util.initializer {
    %table = util.global.load @table : tensor<4xi32>
    %double = arith.addi %table, %table : tensor<4xi32>
    %cast = tensor.cast %double : tensor<4xi32> to tensor<?xi32>
    util.global.store %cast, @made : tensor<?xi32>
    util.return
  }

  // The sum with x added, kept.
  func.func @add(%x: tensor<4xi32>) -> tensor<4xi32> {
    %old = util.global.load @sum : tensor<4xi32>
    %new = arith.addi %old, %x : tensor<4xi32>
    util.global.store %new, @sum : tensor<4xi32>
    return %new : tensor<4xi32>
  }
  // As they are, without any work.
  func.func @get() -> tensor<4xi32> {
    %0 = util.global.load @sum : tensor<4xi32>
    return %0 : tensor<4xi32>
  }
  func.func @put(%x: tensor<4xi32>) {
    util.global.store %x, @sum : tensor<4xi32>
    return
  }
  // Gives back what it stores, and what was there.
  func.func @exchange(%x: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>) {
    %old = util.global.load @sum : tensor<4xi32>
    util.global.store %x, @sum : tensor<4xi32>
    %new = util.global.load @sum : tensor<4xi32>
    return %old, %new : tensor<4xi32>, tensor<4xi32>
  }
  // The sum with x + 1 added, once a function of the user's has said what that is.
  func.func @later(%x: tensor<4xi32>) -> tensor<4xi32> {
    %0 = call @custom.call(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %old = util.global.load @sum : tensor<4xi32>
    %new = arith.addi %old, %0 : tensor<4xi32>
    util.global.store %new, @sum : tensor<4xi32>
    return %new : tensor<4xi32>
  }
  // Keeps what the user's function has made, which is the user's.
  func.func @keep(%x: tensor<4xi32>) -> tensor<4xi32> {
    %0 = call @custom.call(%x) : (tensor<4xi32>) -> tensor<4xi32>
    util.global.store %0, @sum : tensor<4xi32>
    return %0 : tensor<4xi32>
  }
  // Many rounds of the state in one call.
  func.func @rounds(%x: tensor<4xi32>, %n: index) -> tensor<4xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      %0 = func.call @add(%x) : (tensor<4xi32>) -> tensor<4xi32>
    }
    %1 = util.global.load @sum : tensor<4xi32>
    return %1 : tensor<4xi32>
  }
  func.func @doubled() -> tensor<64xi32> {
    %0 = util.global.load @large : tensor<64xi32>
    %1 = arith.addi %0, %0 : tensor<64xi32>
    util.global.store %1, @large : tensor<64xi32>
    return %0 : tensor<64xi32>
  }
  func.func @set_list(%x: tensor<?xi32>) {
    util.global.store %x, @list : tensor<?xi32>
    return
  }
  // Of a size that the state says: only synchronous exports have such results.
  func.func @get_list() -> tensor<?xi32> attributes {iree.abi.model = "sync"} {
    %0 = util.global.load @list : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  // What never changes has a size that is known from the start.
  func.func @get_made() -> tensor<?xi32> {
    %0 = util.global.load @made : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}
