// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of native functions that take any number of values: spans_test.c has them.

vm.import private @spans.sum(%scale : f64, %values : i32 ...) -> f64
vm.import private @spans.pairs(%pairs : tuple<i32, !util.buffer> ...) -> i64
vm.import private optional @spans.absent(%values : i64 ...) -> i64

// The scaled sums of no, one and three values.
func.func @sums(%scale: f64, %a: i32, %b: i32, %c: i32) -> (f64, f64, f64) {
  %none = vm.call.variadic @spans.sum(%scale, []) : (f64, i32 ...) -> f64
  %one = vm.call.variadic @spans.sum(%scale, [%a]) : (f64, i32 ...) -> f64
  %three = vm.call.variadic @spans.sum(%scale, [%a, %b, %c]) : (f64, i32 ...) -> f64
  return %none, %one, %three : f64, f64, f64
}

// The sum of numbers times lengths of buffers, of which one is passed twice.
func.func @pairs(%n: i32, %buffer: !util.buffer) -> i64 {
  %c3 = arith.constant 3 : i32
  %text = util.buffer.constant : !util.buffer = "four"
  %sum = vm.call.variadic @spans.pairs([(%n, %buffer), (%c3, %text), (%c3, %buffer)]) : (tuple<i32, !util.buffer> ...) -> i64
  return %sum : i64
}

func.func @absent(%a: i64) -> i64 {
  %is_there = vm.import.resolved @spans.absent : i1
  %r = scf.if %is_there -> i64 {
    %found = vm.call.variadic @spans.absent([%a, %a]) : (i64 ...) -> i64
    scf.yield %found : i64
  } else {
    scf.yield %a : i64
  }
  return %r : i64
}
