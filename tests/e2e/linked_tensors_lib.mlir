// What linked_tensors_user.mlir imports: the same function with fences, where the program is compiled to have them, and without.
module @lib {
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // 2 * (x + 1) + by, the sum of which the native function makes later.
  func.func @later(%x: tensor<?xi32>, %by: i32) -> tensor<?xi32> {
    %0 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @combine(%0, %by) : (tensor<?xi32>, i32) -> tensor<?xi32>
    return %1 : tensor<?xi32>
  }
  func.func @now(%x: tensor<?xi32>, %by: i32) -> tensor<?xi32> attributes {iree.abi.model = "sync"} {
    %0 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @combine(%0, %by) : (tensor<?xi32>, i32) -> tensor<?xi32>
    return %1 : tensor<?xi32>
  }
  // x + 1 + how often this was called before.
  func.func private @custom.effect(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  util.global private mutable @calls : i32
  func.func @counted(%x: tensor<4xi32>) -> tensor<4xi32> {
    %n = util.global.load @calls : i32
    %one = arith.constant 1 : i32
    %more = arith.addi %n, %one : i32
    util.global.store %more, @calls : i32
    %0 = call @custom.effect(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %t = tensor.splat %n : tensor<4xi32>
    %1 = arith.addi %0, %t : tensor<4xi32>
    return %1 : tensor<4xi32>
  }
  func.func private @combine(%x: tensor<?xi32>, %by: i32) -> tensor<?xi32> {
    %zero = arith.constant 0 : index
    %size = tensor.dim %x, %zero : tensor<?xi32>
    %amount = tensor.splat %by[%size] : tensor<?xi32>
    %doubled = arith.addi %x, %x : tensor<?xi32>
    %result = arith.addi %doubled, %amount : tensor<?xi32>
    return %result : tensor<?xi32>
  }
}
