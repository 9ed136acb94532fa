// Twice x + 1, after 20 ms in two parts.
module @example {
  func.func private @timer.sleep(i64)
  func.func @main(%x: i64) -> i64 {
    %time = arith.constant 10 : i64
    %two = arith.constant 2 : i64
    %one = arith.constant 1 : i64
    call @timer.sleep(%time) : (i64) -> ()
    %0 = arith.addi %x, %one : i64
    call @timer.sleep(%time) : (i64) -> ()
    %1 = arith.muli %0, %two : i64
    return %1 : i64
  }
}
