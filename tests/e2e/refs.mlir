// References beside tensors, and imports that may be missing. `things` is the test's own module, `custom` that of async_support.h.
module @refs {
  func.func private @things.make(i32) -> !test.thing
  func.func private @things.value(!test.thing) -> index attributes {vm.signature = (!vm.ref<!test.thing>) -> i32}
  func.func private @things.there(!test.thing, i32) -> !test.thing attributes {vm.fallback = @instead}
  func.func private @things.absent(!test.thing, i32) -> !test.thing attributes {vm.fallback = @instead}
  func.func private @nowhere.absent(tensor<4xi32>) -> tensor<4xi32> attributes {vm.fallback = @double}
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
  func.func private @custom.sync(tensor<4xi32>) -> tensor<4xi32>

  // 100 more than it was.
  func.func private @instead(%thing: !test.thing, %n: i32) -> !test.thing {
    %more = arith.constant 100 : i32
    %value = call @things.value(%thing) : (!test.thing) -> index
    %0 = arith.index_cast %value : index to i32
    %1 = arith.addi %0, %n : i32
    %2 = arith.addi %1, %more : i32
    %made = call @things.make(%2) : (i32) -> !test.thing
    return %made : !test.thing
  }
  func.func private @double(%x: tensor<4xi32>) -> tensor<4xi32> {
    %0 = arith.addi %x, %x : tensor<4xi32>
    return %0 : tensor<4xi32>
  }

  // things.there gives the thing made of n; the fallback another.
  func.func @optional(%n: i32) -> (index, index) attributes {iree.abi.model = "sync"} {
    %thing = call @things.make(%n) : (i32) -> !test.thing
    %there = call @things.there(%thing, %n) : (!test.thing, i32) -> !test.thing
    %absent = call @things.absent(%thing, %n) : (!test.thing, i32) -> !test.thing
    %0 = call @things.value(%there) : (!test.thing) -> index
    %1 = call @things.value(%absent) : (!test.thing) -> index
    return %0, %1 : index, index
  }

  // A thing carried by a loop, replaced in each round by the fallback; the last is returned, with three bytes.
  func.func @loop(%count: index, %first: !test.thing) -> (!test.thing, !util.buffer) attributes {iree.abi.model = "sync"} {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %step = arith.constant 1 : i32
    %last = scf.for %i = %zero to %count step %one iter_args(%thing = %first) -> !test.thing {
      %next = func.call @things.absent(%thing, %step) : (!test.thing, i32) -> !test.thing
      scf.yield %next : !test.thing
    }
    %text = util.buffer.constant : !util.buffer = "a\00b"
    return %last, %text : !test.thing, !util.buffer
  }

  // Of a thing that was made before the wait, the rest needs the value: x + 1 + 1 doubled, and the value added.
  func.func @later(%x: tensor<4xi32>, %n: i32) -> tensor<4xi32> {
    %thing = call @things.make(%n) : (i32) -> !test.thing
    %any = tensor.cast %x : tensor<4xi32> to tensor<?xi32>
    %called = call @custom.call(%any) : (tensor<?xi32>) -> tensor<?xi32>
    %four = tensor.cast %called : tensor<?xi32> to tensor<4xi32>
    %synced = call @custom.sync(%four) : (tensor<4xi32>) -> tensor<4xi32>
    %doubled = call @nowhere.absent(%synced) : (tensor<4xi32>) -> tensor<4xi32>
    %barred, %held = util.optimization_barrier %doubled, %thing : tensor<4xi32>, !test.thing
    %index = call @things.value(%held) : (!test.thing) -> index
    %value = arith.index_cast %index : index to i32
    %values = tensor.splat %value : tensor<4xi32>
    %sum = arith.addi %barred, %values : tensor<4xi32>
    return %sum : tensor<4xi32>
  }
}
