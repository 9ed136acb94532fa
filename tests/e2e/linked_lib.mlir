// What the programs linked_user.mlir and linked_host_user.mlir import. On its own it needs the module `gates`.
module @lib {
  func.func private @gates.wait(!test.gate)

  // Numbers of every size, in another order.
  func.func @mix(%a: i32, %b: i64, %c: f32, %d: f64) -> (f64, f32, i64, i32) attributes {iree.abi.model = "sync"} {
    %0 = arith.addf %d, %d : f64
    %1 = arith.addf %c, %c : f32
    %2 = arith.addi %b, %b : i64
    %3 = arith.addi %a, %a : i32
    return %0, %1, %2, %3 : f64, f32, i64, i32
  }
  // References back as they came, and nothing where nothing came.
  func.func @swap(%gate: !test.gate, %bytes: !util.buffer) -> (!util.buffer, !test.gate) attributes {iree.abi.model = "sync"} {
    return %bytes, %gate : !util.buffer, !test.gate
  }
  // Adds a number to the caller's list.
  func.func @append(%list: !util.list<i32>, %value: i32) -> index attributes {iree.abi.model = "sync"} {
    %c1 = arith.constant 1 : index
    %size = util.list.size %list : !util.list<i32>
    %more = arith.addi %size, %c1 : index
    util.list.resize %list, %more : !util.list<i32>
    util.list.set %list[%size], %value : !util.list<i32>
    return %more : index
  }
  func.func @text() -> !util.buffer attributes {iree.abi.model = "sync"} {
    %0 = util.buffer.constant : !util.buffer = "linked"
    return %0 : !util.buffer
  }
  func.func @divide(%a: i32, %b: i32) -> i32 attributes {iree.abi.model = "sync"} {
    %0 = arith.divsi %a, %b : i32
    return %0 : i32
  }
  // Suspends itself until the gate is open.
  func.func @pass(%gate: !test.gate, %x: i32) -> i32 attributes {iree.abi.model = "sync"} {
    call @gates.wait(%gate) : (!test.gate) -> ()
    %0 = arith.addi %x, %x : i32
    return %0 : i32
  }
}
