// The programs of async_test.c and async_failure_test.c, compiled with --iree-execution-model=async-external. Line numbers matter
// there: the call in @main is on line 12, the addition in @add on line 18, the first call in @effects on line 25.
module @async {
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @custom.effect(tensor<4xi32>) -> tensor<4xi32> attributes {iree.abi.model = "coarse-fences"}
  func.func private @custom.sync(tensor<4xi32>) -> tensor<4xi32>

  // Nothing here needs to wait for anything: the whole timeline is made at once.
  func.func @main(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %x, %x : tensor<?xi32>

    %1 = call @custom.call(%0) : (tensor<?xi32>) -> tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  func.func @add(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %y : tensor<?xi32>
    return %0 : tensor<?xi32>
  }

  // Each of these calls ends before what follows begins.
  func.func @effects(%x: tensor<4xi32>) -> tensor<4xi32> {

    %0 = call @custom.effect(%x) : (tensor<4xi32>) -> tensor<4xi32>
    %1 = arith.muli %0, %0 : tensor<4xi32>
    %2 = call @custom.effect(%1) : (tensor<4xi32>) -> tensor<4xi32>
    %3 = arith.addi %0, %2 : tensor<4xi32>
    return %3 : tensor<4xi32>
  }

  // A function that needs its argument's contents when it is called, and numbers that outlive the wait for them.
  func.func @synchronous(%x: tensor<4xi32>, %k: i32, %h: f64) -> tensor<4xi32> {
    %0 = arith.muli %x, %x : tensor<4xi32>
    %1 = call @custom.sync(%0) : (tensor<4xi32>) -> tensor<4xi32>
    %i = arith.fptosi %h : f64 to i32
    %s = arith.subi %k, %i : i32
    %t = tensor.splat %s : tensor<4xi32>
    %2 = arith.muli %1, %t : tensor<4xi32>
    return %2 : tensor<4xi32>
  }

  // A branch on what a tensor holds; one side calls.
  func.func @branch(%x: tensor<?xi32>, %y: tensor<?xi32>, %i: index) -> tensor<?xi32> {
    %zero = arith.constant 0 : i32
    %v = tensor.extract %x[%i] : tensor<?xi32>
    %positive = arith.cmpi sgt, %v, %zero : i32
    %0 = scf.if %positive -> tensor<?xi32> {
      %1 = func.call @custom.call(%y) : (tensor<?xi32>) -> tensor<?xi32>
      scf.yield %1 : tensor<?xi32>
    } else {
      %1 = arith.addi %y, %y : tensor<?xi32>
      scf.yield %1 : tensor<?xi32>
    }
    %2 = arith.addi %y, %0 : tensor<?xi32>
    return %2 : tensor<?xi32>
  }

  // Points that a loop carries, without a wait.
  func.func @repeat(%x: tensor<4xi32>, %n: i32) -> tensor<4xi32> {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<4xi32> : i32 {
      %d = tensor.cast %t : tensor<4xi32> to tensor<?xi32>
      %e = func.call @custom.call(%d) : (tensor<?xi32>) -> tensor<?xi32>
      %f = tensor.cast %e : tensor<?xi32> to tensor<4xi32>
      %g = arith.muli %f, %x : tensor<4xi32>
      scf.yield %g : tensor<4xi32>
    }
    return %r : tensor<4xi32>
  }

  // ... and a loop that waits in every round, as often as the tensors say.
  func.func @until(%x: tensor<4xi32>, %limit: tensor<i32>) -> tensor<4xi32> {
    %c0 = arith.constant 0 : index
    %r = scf.while (%t = %x) : (tensor<4xi32>) -> tensor<4xi32> {
      %v = tensor.extract %t[%c0] : tensor<4xi32>
      %l = tensor.extract %limit[] : tensor<i32>
      %more = arith.cmpi slt, %v, %l : i32
      scf.condition(%more) %t : tensor<4xi32>
    } do {
    ^bb0(%t: tensor<4xi32>):
      %e = func.call @custom.effect(%t) : (tensor<4xi32>) -> tensor<4xi32>
      scf.yield %e : tensor<4xi32>
    }
    return %r : tensor<4xi32>
  }

  // Two calls in flight at the same time, a choice between them, and a function of the program's own on the way.
  func.func private @helper(%x: tensor<?xi32>, %y: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    %0 = call @custom.call(%x) : (tensor<?xi32>) -> tensor<?xi32>
    %1 = call @custom.call(%y) : (tensor<?xi32>) -> tensor<?xi32>
    return %1, %0 : tensor<?xi32>, tensor<?xi32>
  }
  func.func @both(%x: tensor<?xi32>, %y: tensor<?xi32>, %c: i1) -> (tensor<?xi32>, tensor<?xi32>) {
    %0:2 = call @helper(%x, %y) : (tensor<?xi32>, tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>)
    %1 = arith.select %c, %0#0, %0#1 : tensor<?xi32>
    %2 = arith.addi %1, %x : tensor<?xi32>
    return %2, %0#1 : tensor<?xi32>, tensor<?xi32>
  }

  // Neither may share storage with the argument.
  func.func @identity(%x: tensor<?xi32>) -> (tensor<?xi32>, tensor<?xi32>) {
    return %x, %x : tensor<?xi32>, tensor<?xi32>
  }

  func.func @rank0(%x: tensor<i32>) -> tensor<i32> {
    %0 = arith.muli %x, %x : tensor<i32>
    return %0 : tensor<i32>
  }

  // Every element type: computed with on the device, and taken to the host and back.
  func.func @twice_i1(%x: tensor<?xi1>) -> tensor<?xi1> {
    %0 = arith.addi %x, %x : tensor<?xi1>
    return %0 : tensor<?xi1>
  }
  func.func @pick_i1(%x: tensor<?xi1>, %i: index) -> tensor<2xi1> {
    %v = tensor.extract %x[%i] : tensor<?xi1>
    %0 = tensor.splat %v : tensor<2xi1>
    return %0 : tensor<2xi1>
  }
  func.func @twice_i8(%x: tensor<?xi8>) -> tensor<?xi8> {
    %0 = arith.addi %x, %x : tensor<?xi8>
    return %0 : tensor<?xi8>
  }
  func.func @pick_i8(%x: tensor<?xi8>, %i: index) -> tensor<2xi8> {
    %v = tensor.extract %x[%i] : tensor<?xi8>
    %0 = tensor.splat %v : tensor<2xi8>
    return %0 : tensor<2xi8>
  }
  func.func @twice_i16(%x: tensor<?xi16>) -> tensor<?xi16> {
    %0 = arith.addi %x, %x : tensor<?xi16>
    return %0 : tensor<?xi16>
  }
  func.func @pick_i16(%x: tensor<?xi16>, %i: index) -> tensor<2xi16> {
    %v = tensor.extract %x[%i] : tensor<?xi16>
    %0 = tensor.splat %v : tensor<2xi16>
    return %0 : tensor<2xi16>
  }
  func.func @twice_i32(%x: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %x, %x : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  func.func @pick_i32(%x: tensor<?xi32>, %i: index) -> tensor<2xi32> {
    %v = tensor.extract %x[%i] : tensor<?xi32>
    %0 = tensor.splat %v : tensor<2xi32>
    return %0 : tensor<2xi32>
  }
  func.func @twice_i64(%x: tensor<?xi64>) -> tensor<?xi64> {
    %0 = arith.addi %x, %x : tensor<?xi64>
    return %0 : tensor<?xi64>
  }
  func.func @pick_i64(%x: tensor<?xi64>, %i: index) -> tensor<2xi64> {
    %v = tensor.extract %x[%i] : tensor<?xi64>
    %0 = tensor.splat %v : tensor<2xi64>
    return %0 : tensor<2xi64>
  }
  func.func @twice_index(%x: tensor<?xindex>) -> tensor<?xindex> {
    %0 = arith.addi %x, %x : tensor<?xindex>
    return %0 : tensor<?xindex>
  }
  func.func @pick_index(%x: tensor<?xindex>, %i: index) -> tensor<2xindex> {
    %v = tensor.extract %x[%i] : tensor<?xindex>
    %0 = tensor.splat %v : tensor<2xindex>
    return %0 : tensor<2xindex>
  }
  func.func @twice_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.addf %x, %x : tensor<?xf32>
    return %0 : tensor<?xf32>
  }
  func.func @pick_f32(%x: tensor<?xf32>, %i: index) -> tensor<2xf32> {
    %v = tensor.extract %x[%i] : tensor<?xf32>
    %0 = tensor.splat %v : tensor<2xf32>
    return %0 : tensor<2xf32>
  }
  func.func @twice_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
    %0 = arith.addf %x, %x : tensor<?xf64>
    return %0 : tensor<?xf64>
  }
  func.func @pick_f64(%x: tensor<?xf64>, %i: index) -> tensor<2xf64> {
    %v = tensor.extract %x[%i] : tensor<?xf64>
    %0 = tensor.splat %v : tensor<2xf64>
    return %0 : tensor<2xf64>
  }
}
