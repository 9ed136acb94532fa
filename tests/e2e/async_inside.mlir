// Synchronous outside, asynchronous inside: compiled with the default execution model for async_test.c.
module @inside {
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}

  func.func @main(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %x, %x : tensor<?xi32>
    %1 = call @custom.call(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // A number that depends on a call: the invocation waits for it inside.
  func.func @first(%x: tensor<?xi32>) -> i32 {
    %c0 = arith.constant 0 : index
    %0 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %v = tensor.extract %0[%c0] : tensor<?xi32>
    return %v : i32
  }
}
