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
}
