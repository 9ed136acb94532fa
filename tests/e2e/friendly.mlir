// The programs of friendly_test.c: calls of a module made of plain C functions (tenon/async_module.h). Line numbers matter
// there: the call in @wrong is on line 61.
module @friendly {
  func.func private @user.mix(tensor<?xf32>, i1, i8, i32, i64, index, f32, f64) -> (tensor<?xf32>, tensor<f64>)
      attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @user.invert(tensor<?xi1>) -> tensor<?xi1>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @user.log(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  func.func private @user.fail(tensor<?xi32>) -> tensor<?xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @user.gate(tensor<?xi32>) -> tensor<?xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @user.wrong(tensor<?xi32>) -> tensor<?xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // Every kind of number, and two results.
  func.func @mix(%x: tensor<?xf32>, %a: i32, %b: i64, %c: f64) -> (tensor<?xf32>, tensor<f64>) {
    %true = arith.constant true
    %narrow = arith.constant -3 : i8
    %index = arith.index_cast %b : i64 to index
    %single = arith.truncf %c : f64 to f32
    %0 = arith.addf %x, %x : tensor<?xf32>
    %1:2 = call @user.mix(%0, %true, %narrow, %a, %b, %index, %single, %c)
        : (tensor<?xf32>, i1, i8, i32, i64, index, f32, f64) -> (tensor<?xf32>, tensor<f64>)
    %2 = arith.addf %1#1, %1#1 : tensor<f64>
    return %1#0, %2 : tensor<?xf32>, tensor<f64>
  }

  // The failing call is in the middle.
  func.func @fails(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %x : tensor<?xi32>

    %1 = call @user.fail(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    %3 = call @user.gate(%2) : (tensor<?xi32>) -> tensor<?xi32>
    return %3 : tensor<?xi32>
  }

  func.func @invert(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi1> {
    %0 = arith.cmpi slt, %x, %y : tensor<?xi32>
    %1 = call @user.invert(%0) : (tensor<?xi1>) -> tensor<?xi1>
    return %1 : tensor<?xi1>
  }

  // In this order, though nothing but the function's effects says so.
  func.func @log(%x: tensor<4xi32>, %y: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>) {
    %0 = call @user.log(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %1 = call @user.log(%y) : (tensor<4xi32>) -> tensor<4xi32>
    return %0, %1 : tensor<4xi32>, tensor<4xi32>
  }

  func.func @gate(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %x : tensor<?xi32>
    %1 = call @user.gate(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // The module says that the function takes floats.
  func.func @wrong(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = call @user.wrong(%x) : (tensor<?xi32>) -> tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}
