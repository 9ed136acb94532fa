// The programs of session_test.c. Line numbers matter there: the call in @call_custom is on line 8, the addition in @add on line 13.
module @programs {
  func.func private @custom.call(tensor<?x3xi32>) -> tensor<?x3xi32>
  func.func private @custom.mixed(i32, tensor<?xf32>, f64, i64) -> (tensor<?xf32>, i32)

  // What the import returns is passed on as it is.
  func.func @call_custom(%x: tensor<?x3xi32>) -> tensor<?x3xi32> {
    %0 = call @custom.call(%x) : (tensor<?x3xi32>) -> tensor<?x3xi32>
    return %0 : tensor<?x3xi32>
  }

  func.func @add(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %y : tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  func.func @call_mixed(%x: tensor<?xf32>, %n: i32) -> (tensor<?xf32>, i32) {
    %d = arith.constant 2.5 : f64
    %i = arith.extsi %n : i32 to i64
    %0:2 = call @custom.mixed(%n, %x, %d, %i) : (i32, tensor<?xf32>, f64, i64) -> (tensor<?xf32>, i32)
    return %0#0, %0#1 : tensor<?xf32>, i32
  }

  func.func @identity(%x: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    return %x, %x : tensor<?xi32>, tensor<?xi32>
  }

  func.func @negate_bytes(%x: tensor<?xi8>) -> tensor<?xi8> {
    %c0 = arith.constant 0 : i8
    %c = arith.constant 0 : index
    %n = tensor.dim %x, %c : tensor<?xi8>
    %zero = tensor.splat %c0[%n] : tensor<?xi8>
    %0 = arith.subi %zero, %x : tensor<?xi8>
    return %0 : tensor<?xi8>
  }

  func.func @sum_to(%n: i32) -> i64 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %zero = arith.constant 0 : i64
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> i64 : i32 {
      %i64 = arith.extsi %i : i32 to i64
      %t = arith.addi %s, %i64 : i64
      scf.yield %t : i64
    }
    return %r : i64
  }

  func.func @divide(%a: i32, %b: i32) -> i32 {
    %0 = arith.divsi %a, %b : i32
    return %0 : i32
  }
}
