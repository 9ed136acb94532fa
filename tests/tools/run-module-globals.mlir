// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What globals hold when the program runs: initial values first, then what the initializers do, in the order of the source.
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb
// RUN: iree-run-module --module=%t.vmfb --function=values | FileCheck %s --check-prefix=VALUES --match-full-lines
// VALUES: result[0]: i32=1
// VALUES: result[1]: i32=-3
// VALUES: result[2]: i64=-5
// VALUES: result[3]: f32=0.25
// VALUES: result[4]: f64=-1.5
// VALUES: result[5]: i64=0
// RUN: iree-run-module --module=%t.vmfb --function=trail_of --input=7 | FileCheck %s --check-prefix=TRAIL --match-full-lines
// TRAIL: result[0]: i64=1237
// RUN: iree-run-module --module=%t.vmfb --function=failing 2>&1 | FileCheck %s --check-prefix=FAILING --match-full-lines
// FAILING: result[0]: i64=15

module @globals {
  util.global private @bit = true
  util.global private mutable @byte = -3 : i8
  util.global private @wide = -5 : i64
  util.global private @single = 0.25 : f32
  util.global private @double = -1.5 : f64
  util.global private @nothing : i64
  func.func @values() -> (i1, i8, i64, f32, f64, i64) {
    %0 = util.global.load immutable @bit : i1
    %1 = util.global.load @byte : i8
    %2 = util.global.load immutable @wide : i64
    %3 = util.global.load immutable @single : f32
    %4 = util.global.load immutable @double : f64
    %5 = util.global.load immutable @nothing : i64
    util.global.store %1, @byte : i8
    return %0, %1, %2, %3, %4, %5 : i1, i8, i64, f32, f64, i64
  }

  // Each appends its digit.
  util.global private mutable @trail : i64
  func.func private @append(%digit: i64) -> i64 {
    %ten = arith.constant 10 : i64
    %old = util.global.load @trail : i64
    %0 = arith.muli %old, %ten : i64
    %1 = arith.addi %0, %digit : i64
    util.global.store %1, @trail : i64
    return %1 : i64
  }
  util.initializer {
    %c = util.global.load @first : i64
    %0 = func.call @append(%c) : (i64) -> i64
    util.return
  }
  util.global private @first = 1 : i64
  util.initializer {
    %c2 = arith.constant 2 : i64
    %bit = util.global.load @bit : i1
    cf.cond_br %bit, ^then, ^else
  ^then:
    %0 = func.call @append(%c2) : (i64) -> i64
    util.return
  ^else:
    util.return
  }
  util.initializer {
    %c3 = arith.constant 3 : i64
    %0 = func.call @append(%c3) : (i64) -> i64
    util.return
  }
  func.func @trail_of(%x: i64) -> i64 {
    %0 = call @append(%x) : (i64) -> i64
    return %0 : i64
  }

  // A turn that fails is over, and one function's stores are there for those that it calls.
  func.func @failing() -> i64 {
    %c0 = arith.constant 0 : i64
    %c15 = arith.constant 15 : i64
    util.global.store %c0, @trail : i64
    %0 = call @append(%c15) : (i64) -> i64
    %1 = util.global.load @trail : i64
    return %1 : i64
  }
}
