// What runs on the host alone: bytecode, in both compilers.
module @host {
  // The sum of the numbers below %n.
  func.func @sum(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^round(%c0, %c0 : i32, i32)
  ^round(%i: i32, %sum: i32):
    %next_sum = arith.addi %sum, %i : i32
    %next = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %next, %n : i32
    cf.cond_br %more, ^round(%next, %next_sum : i32, i32), ^end
  ^end:
    return %next_sum : i32
  }

  // These differ in that the second calls what the first does itself.
  func.func @mix_here(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^round(%c0, %c0 : i32, i32)
  ^round(%i: i32, %x: i32):
    %next_x = arith.xori %x, %i : i32
    %next = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %next, %n : i32
    cf.cond_br %more, ^round(%next, %next_x : i32, i32), ^end
  ^end:
    return %next_x : i32
  }
  func.func private @mix(%x: i32, %i: i32) -> i32 attributes {noinline} {
    %y = arith.xori %x, %i : i32
    return %y : i32
  }
  func.func @mix_by_call(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^round(%c0, %c0 : i32, i32)
  ^round(%i: i32, %x: i32):
    %next_x = func.call @mix(%x, %i) : (i32, i32) -> i32
    %next = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %next, %n : i32
    cf.cond_br %more, ^round(%next, %next_x : i32, i32), ^end
  ^end:
    return %next_x : i32
  }
}
