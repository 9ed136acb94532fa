// Calls functions of linked_lib.mlir.
module @user {
  func.func private @lib.mix(i32, i64, f32, f64) -> (f64, f32, i64, i32)
  func.func private @lib.swap(!test.gate, !util.buffer) -> (!util.buffer, !test.gate)
  func.func private @lib.append(!util.list<i32>, i32) -> index
  func.func private @lib.text() -> !util.buffer
  func.func private @lib.divide(i32, i32) -> i32
  func.func private @lib.pass(!test.gate, i32) -> i32

  func.func @numbers(%a: i32, %b: i64, %c: f32, %d: f64) -> (i32, i64, f32, f64) {
    %0:4 = call @lib.mix(%a, %b, %c, %d) : (i32, i64, f32, f64) -> (f64, f32, i64, i32)
    return %0#3, %0#2, %0#1, %0#0 : i32, i64, f32, f64
  }
  func.func @references(%gate: !test.gate) -> (!test.gate, !util.buffer, index) {
    %text = call @lib.text() : () -> !util.buffer
    %0:2 = call @lib.swap(%gate, %text) : (!test.gate, !util.buffer) -> (!util.buffer, !test.gate)
    %size = util.buffer.size %0#0 : !util.buffer
    return %0#1, %0#0, %size : !test.gate, !util.buffer, index
  }
  // 0, 1, ... in a list that the other module makes longer.
  func.func @lists(%count: i32) -> (!util.list<i32>, index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %list = util.list.create %c0 : !util.list<i32>
    %end = arith.index_cast %count : i32 to index
    %size = scf.for %i = %c0 to %end step %c1 iter_args(%last = %c0) -> index {
      %value = arith.index_cast %i : index to i32
      %size = func.call @lib.append(%list, %value) : (!util.list<i32>, i32) -> index
      scf.yield %size : index
    }
    return %list, %size : !util.list<i32>, index
  }
  func.func @divided(%a: i32, %b: i32) -> i32 {
    %0 = call @inner(%a, %b) : (i32, i32) -> i32
    return %0 : i32
  }
  func.func private @inner(%a: i32, %b: i32) -> i32 {
    %0 = call @lib.divide(%a, %b) : (i32, i32) -> i32
    %1 = arith.addi %0, %a : i32
    return %1 : i32
  }
  // Waits in the other module, twice, and then divides.
  func.func @waits(%gate: !test.gate, %x: i32, %by: i32) -> i32 {
    %0 = call @lib.pass(%gate, %x) : (!test.gate, i32) -> i32
    %1 = call @lib.pass(%gate, %0) : (!test.gate, i32) -> i32
    %2 = call @lib.divide(%1, %by) : (i32, i32) -> i32
    return %2 : i32
  }
}
