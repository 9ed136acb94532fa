// What runtime_bench runs, besides the sync sample.
module @bench {
  func.func private @native.step(i32) -> i32
  func.func private @wrapped.step(i32) -> i32

  func.func @square(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %x, %x : tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  func.func @poly(%x: tensor<?xf32>) -> tensor<?xf32> {
    %three = arith.constant 3.0 : f32
    %empty_dim = arith.constant 0 : index
    %n = tensor.dim %x, %empty_dim : tensor<?xf32>
    %threes = tensor.splat %three[%n] : tensor<?xf32>
    %0 = arith.mulf %x, %x : tensor<?xf32>
    %1 = arith.mulf %0, %threes : tensor<?xf32>
    %2 = arith.addf %1, %x : tensor<?xf32>
    return %2 : tensor<?xf32>
  }

  // The three loops differ in one instruction.
  func.func @loop_empty(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c3 = arith.constant 3 : i32
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %c0) -> i32 : i32 {
      %y = arith.xori %x, %c3 : i32
      scf.yield %y : i32
    }
    return %r : i32
  }
  func.func @loop_native(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c3 = arith.constant 3 : i32
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %c0) -> i32 : i32 {
      %y = arith.xori %x, %c3 : i32
      %z = func.call @native.step(%y) : (i32) -> i32
      scf.yield %z : i32
    }
    return %r : i32
  }
  func.func @loop_wrapped(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c3 = arith.constant 3 : i32
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %c0) -> i32 : i32 {
      %y = arith.xori %x, %c3 : i32
      %z = func.call @wrapped.step(%y) : (i32) -> i32
      scf.yield %z : i32
    }
    return %r : i32
  }
}
