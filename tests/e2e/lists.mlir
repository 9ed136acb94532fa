// Lists and buffers of the caller, of a native module and of the program, beside tensors.
module @lists {
  // Twice the numbers, then the buffer.
  func.func private @ext.twice(!util.list<i32>, !util.buffer) -> !util.list<?>
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // The numbers below %limit, in a list of their own and how many there are; they are taken out of the caller's.
  func.func @below(%list: !util.list<i32>, %limit: i32) -> (!util.list<i32>, index) attributes {iree.abi.model = "sync"} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = util.list.size %list : !util.list<i32>
    %taken = util.list.create %n : !util.list<i32>
    %0:2 = scf.for %i = %c0 to %n step %c1 iter_args(%kept = %c0, %count = %c0) -> (index, index) {
      %value = util.list.get %list[%i] : !util.list<i32>
      %is_below = arith.cmpi slt, %value, %limit : i32
      %1:2 = scf.if %is_below -> (index, index) {
        %more = arith.addi %count, %c1 : index
        util.list.resize %taken, %more : !util.list<i32>
        util.list.set %taken[%count], %value : !util.list<i32>
        scf.yield %kept, %more : index, index
      } else {
        util.list.set %list[%kept], %value : !util.list<i32>
        %more = arith.addi %kept, %c1 : index
        scf.yield %more, %count : index, index
      }
      scf.yield %1#0, %1#1 : index, index
    }
    util.list.resize %list, %0#0 : !util.list<i32>
    return %taken, %0#1 : !util.list<i32>, index
  }

  // What the native function makes of them: its last element, the buffer, gets the sum of the others.
  func.func @native(%list: !util.list<i32>, %buffer: !util.buffer) -> (!util.list<?>, i32, i1) attributes {iree.abi.model = "sync"} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0 : i32
    %twice = call @ext.twice(%list, %buffer) : (!util.list<i32>, !util.buffer) -> !util.list<?>
    %size = util.list.size %twice : !util.list<?>
    %last = arith.subi %size, %c1 : index
    %sum = call @sum(%twice, %c0, %last) : (!util.list<?>, index, index) -> i32
    %same = util.list.get %twice[%last] : !util.list<?> -> !util.buffer
    %length = util.buffer.size %same : !util.buffer
    util.buffer.store %sum, %same[%c0] : i32 -> !util.buffer{%length}
    %is_same = util.cmp.eq %same, %buffer : !util.buffer
    return %twice, %sum, %is_same : !util.list<?>, i32, i1
  }
  func.func private @sum(%list: !util.list<?>, %i: index, %end: index) -> i32 {
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0 : i32
    %some = arith.cmpi slt, %i, %end : index
    %0 = scf.if %some -> i32 {
      %value = util.list.get %list[%i] : !util.list<?> -> i32
      %next = arith.addi %i, %c1 : index
      %rest = func.call @sum(%list, %next, %end) : (!util.list<?>, index, index) -> i32
      %sum = arith.addi %value, %rest : i32
      scf.yield %sum : i32
    } else {
      scf.yield %zero : i32
    }
    return %0 : i32
  }

  // x + 1 from elsewhere; its elements go to the list, the last to the buffer. x + the sum of the list.
  func.func @later(%x: tensor<4xi32>, %list: !util.list<i32>, %buffer: !util.buffer) -> tensor<4xi32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %own = util.list.create : !util.list<?>
    util.list.resize %own, %c1 : !util.list<?>
    util.list.set %own[%c0], %list : !util.list<i32> -> !util.list<?>
    %length = util.buffer.size %buffer : !util.buffer
    %any = tensor.cast %x : tensor<4xi32> to tensor<?xi32>
    %called = call @custom.call(%any) : (tensor<?xi32>) -> tensor<?xi32>
    %first = util.list.size %list : !util.list<i32>
    %end = arith.addi %first, %c4 : index
    util.list.resize %list, %end : !util.list<i32>
    scf.for %i = %c0 to %c4 step %c1 {
      %element = tensor.extract %called[%i] : tensor<?xi32>
      %position = arith.addi %first, %i : index
      util.list.set %list[%position], %element : !util.list<i32>
      util.buffer.store %element, %buffer[%c0] : i32 -> !util.buffer{%length}
    }
    %held = util.list.get %own[%c0] : !util.list<?> -> !util.list<i32>
    %as_any = util.cast %held : !util.list<i32> to !util.list<?>
    %sum = call @sum(%as_any, %c0, %end) : (!util.list<?>, index, index) -> i32
    %sums = tensor.splat %sum : tensor<4xi32>
    %0 = arith.addi %x, %sums : tensor<4xi32>
    return %0 : tensor<4xi32>
  }
}
