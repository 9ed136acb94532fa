// Calls functions of linked_tensors_lib.mlir on tensors that it has made and goes on with what they give.
module @user {
  func.func private @lib.later(tensor<?xi32>, i32) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @lib.now(tensor<?xi32>, i32) -> tensor<?xi32>

  func.func @chain(%x: tensor<?xi32>) -> tensor<?xi32> {
    %one = arith.constant 1 : i32
    %hundred = arith.constant 100 : i32
    %squared = arith.muli %x, %x : tensor<?xi32>
    %0 = call @lib.later(%squared, %one) : (tensor<?xi32>, i32) -> tensor<?xi32>
    %1 = call @lib.later(%0, %hundred) : (tensor<?xi32>, i32) -> tensor<?xi32>
    %result = arith.subi %1, %x : tensor<?xi32>
    return %result : tensor<?xi32>
  }
  func.func @mixed(%x: tensor<?xi32>) -> tensor<?xi32> {
    %one = arith.constant 1 : i32
    %0 = call @lib.later(%x, %one) : (tensor<?xi32>, i32) -> tensor<?xi32>
    %1 = call @lib.now(%0, %one) : (tensor<?xi32>, i32) -> tensor<?xi32>
    %result = arith.addi %1, %x : tensor<?xi32>
    return %result : tensor<?xi32>
  }

  // Waits in its turn, for its sum, for two calls of a function that takes turns, too.
  func.func private @lib.counted(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  util.global private mutable @sum : i32
  func.func @turns(%x: tensor<4xi32>) -> tensor<4xi32> {
    %zero = arith.constant 0 : index
    %old = util.global.load @sum : i32
    %0 = call @lib.counted(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %1 = call @lib.counted(%0) : (tensor<4xi32>) -> tensor<4xi32>
    %first = tensor.extract %1[%zero] : tensor<4xi32>
    %new = arith.addi %old, %first : i32
    util.global.store %new, @sum : i32
    %t = tensor.splat %new : tensor<4xi32>
    %2 = arith.addi %1, %t : tensor<4xi32>
    return %2 : tensor<4xi32>
  }
}
