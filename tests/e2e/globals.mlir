// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What globals_test.c runs, compiled with --iree-execution-model=async-external and without.
module @globals {
  func.func private @custom.effect(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  func.func private @custom.sync(tensor<4xi32>) -> tensor<4xi32>
  util.global private mutable @count : i32
  util.global private @step = 1 : i32

  util.initializer {
    %hundred = arith.constant 100 : i32
    util.global.store %hundred, @count : i32
    util.return
  }

  func.func private @advance() -> i32 {
    %old = util.global.load @count : i32
    %step = util.global.load immutable @step : i32
    %new = arith.addi %old, %step : i32
    util.global.store %new, @count : i32
    return %old : i32
  }

  // x + the count, which it advances.
  func.func @next(%x: tensor<4xi32>) -> tensor<4xi32> {
    %n = call @advance() : () -> i32
    %t = tensor.splat %n : tensor<4xi32>
    %0 = arith.addi %x, %t : tensor<4xi32>
    return %0 : tensor<4xi32>
  }

  // Advances before it waits and afterwards, and sets the count to 1000 in between: only its own stores come between its loads.
  func.func @slow(%x: tensor<4xi32>) -> tensor<4xi32> {
    %n = call @advance() : () -> i32
    %0 = call @custom.effect(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %m = call @advance() : () -> i32
    %1 = arith.subi %m, %n : i32
    %one = arith.constant 1 : i32
    %alone = arith.cmpi eq, %1, %one : i32
    %far = arith.constant 1000 : i32
    util.global.store %far, @count : i32
    cf.assert %alone, "somebody counted meanwhile"
    %t = tensor.splat %n : tensor<4xi32>
    %2 = arith.addi %0, %t : tensor<4xi32>
    return %2 : tensor<4xi32>
  }

  // Waits for its argument with the turn, in a function that is called when that is there.
  func.func @late(%x: tensor<4xi32>) -> tensor<4xi32> {
    %n = call @advance() : () -> i32
    %0 = call @custom.sync(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %t = tensor.splat %n : tensor<4xi32>
    %1 = arith.addi %0, %t : tensor<4xi32>
    return %1 : tensor<4xi32>
  }

  // These return when they have their turn.
  func.func @now() -> i32 attributes {iree.abi.model = "sync"} {
    %n = call @advance() : () -> i32
    return %n : i32
  }
  func.func @add(%n: i32) attributes {iree.abi.model = "sync"} {
    %old = util.global.load @count : i32
    %new = arith.addi %old, %n : i32
    util.global.store %new, @count : i32
    return
  }
}
