// The loop of host.mlir's @mix_by_call, with the callee compiled ahead of time and imported.
module @aot_experiment {
  func.func private @aot.mix(i32, i32) -> i32
  func.func @mix_by_import(%n: i32) -> i32 {
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    cf.br ^round(%c0, %c0 : i32, i32)
  ^round(%i: i32, %x: i32):
    %next_x = func.call @aot.mix(%x, %i) : (i32, i32) -> i32
    %next = arith.addi %i, %c1 : i32
    %more = arith.cmpi slt, %next, %n : i32
    cf.cond_br %more, ^round(%next, %next_x : i32, i32), ^end
  ^end:
    return %next_x : i32
  }
}
