// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The same in a program without tensors, and in those that might have some.
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.host && iree-compile %s -o %t.inside && iree-compile --iree-execution-model=async-external %s -o %t.outside
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=primes --input=30 | FileCheck %s --check-prefix=PRIMES || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=any | FileCheck %s --check-prefix=ANY || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=bytes --input=3 | FileCheck %s --check-prefix=BYTES || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=same --input=1 | FileCheck %s --check-prefix=SAME || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=same --input=0 | FileCheck %s --check-prefix=OTHER || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=tree --input=5 | FileCheck %s --check-prefix=TREE || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=choose --input=4294967297 | FileCheck %s --check-prefix=HIGH || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=choose --input=1 | FileCheck %s --check-prefix=LOW || exit 1; done
// RUN: for m in %t.host %t.inside; do iree-run-module --module=$m --function=choose --input=5 | FileCheck %s --check-prefix=NEITHER || exit 1; done
// RUN: iree-run-module --module=%t.host --function=rounds --input=0 --input=127 --input=100 | FileCheck %s --check-prefix=FAR
// RUN: iree-run-module --module=%t.host --function=rounds --input=-128 --input=127 --input=127 | FileCheck %s --check-prefix=ALL
// RUN: iree-run-module --module=%t.host --function=rounds --input=3 --input=3 --input=2 | FileCheck %s --check-prefix=NONE
// RUN: iree-run-module --module=%t.host --function=narrow --input=200 --input=2 | FileCheck %s --check-prefix=NARROW
// RUN: iree-run-module --module=%t.host --function=narrow --input=-56 --input=-1 | FileCheck %s --check-prefix=NARROW
// RUN: iree-run-module --module=%t.host --function=table --input=2 | FileCheck %s --check-prefix=TABLE
// RUN: iree-run-module --module=%t.outside --function=primes --input=30 | FileCheck %s --check-prefix=PRIMES

// The number of primes below %n, and their sum, with the list carried by a loop.
// PRIMES: result[0]: i64=10
// PRIMES: result[1]: i64=129
func.func @primes(%n: index) -> (index, i64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %false = arith.constant false
  %true = arith.constant true
  %empty = util.list.create : !util.list<i64>
  %primes = scf.for %i = %c2 to %n step %c1 iter_args(%list = %empty) -> !util.list<i64> {
    %size = util.list.size %list : !util.list<i64>
    %candidate = arith.index_cast %i : index to i64
    %divisible = scf.for %j = %c0 to %size step %c1 iter_args(%found = %false) -> i1 {
      %prime = util.list.get %list[%j] : !util.list<i64>
      %rest = arith.remui %candidate, %prime : i64
      %zero = arith.constant 0 : i64
      %divides = arith.cmpi eq, %rest, %zero : i64
      %either = arith.ori %found, %divides : i1
      scf.yield %either : i1
    }
    scf.if %divisible {
    } else {
      %more = arith.addi %size, %c1 : index
      util.list.resize %list, %more : !util.list<i64>
      util.list.set %list[%size], %candidate : !util.list<i64>
    }
    scf.yield %list : !util.list<i64>
  }
  %count = util.list.size %primes : !util.list<i64>
  %zero = arith.constant 0 : i64
  %sum = scf.for %j = %c0 to %count step %c1 iter_args(%s = %zero) -> i64 {
    %prime = util.list.get %primes[%j] : !util.list<i64>
    %next = arith.addi %s, %prime : i64
    scf.yield %next : i64
  }
  return %count, %sum : index, i64
}

// A list of anything gives what was put in, and numbers as others that were asked for.
// ANY: result[0]: i32=-3
// ANY: result[1]: f64=2.5
// ANY: result[2]: i32=1
// ANY: result[3]: i64=5000000000
// ANY: result[4]: i32=-128
// ANY: result[5]: i32=1
func.func @any() -> (i8, f64, i1, i64, i8, i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %list = util.list.create %c6 : !util.list<?>
  util.list.resize %list, %c6 : !util.list<?>
  %i8 = arith.constant -3 : i8
  %f64 = arith.constant 2.5 : f64
  %i1 = arith.constant true
  %i64 = arith.constant 5000000000 : i64
  %i32 = arith.constant 384 : i32
  util.list.set %list[%c0], %i8 : i8 -> !util.list<?>
  util.list.set %list[%c1], %f64 : f64 -> !util.list<?>
  util.list.set %list[%c2], %i1 : i1 -> !util.list<?>
  util.list.set %list[%c3], %i64 : i64 -> !util.list<?>
  util.list.set %list[%c4], %i32 : i32 -> !util.list<?>
  util.list.set %list[%c5], %list : !util.list<?> -> !util.list<?>
  %0 = util.list.get %list[%c0] : !util.list<?> -> i8
  %1 = util.list.get %list[%c1] : !util.list<?> -> f64
  %2 = util.list.get %list[%c2] : !util.list<?> -> i1
  %3 = util.list.get %list[%c3] : !util.list<?> -> i64
  %4 = util.list.get %list[%c4] : !util.list<?> -> i8
  %5 = util.list.get %list[%c5] : !util.list<?> -> !util.list<?>
  %same = util.cmp.eq %5, %list : !util.list<?>
  // A list that held itself would never be freed.
  util.list.resize %list, %c0 : !util.list<?>
  return %0, %1, %2, %3, %4, %same : i8, f64, i1, i64, i8, i1
}

// Bytes written as one type and read as another; at any alignment.
// BYTES: result[0]: i32=287454020
// BYTES: result[1]: i32=68
// BYTES: result[2]: i32=4386
// BYTES: result[3]: i64=1234605616436508552
// BYTES: result[4]: f32=1
// BYTES: result[5]: i32=1
// BYTES: result[6]: i32=-86
// BYTES: result[7]: i64=25
func.func @bytes(%o: index) -> (i32, i8, i16, i64, f32, i1, i8, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %n = arith.constant 25 : index
  %b = util.buffer.alloc zeroinitialized : !util.buffer{%n}
  %word = arith.constant 0x11223344 : i32
  util.buffer.store %word, %b[%o] : i32 -> !util.buffer{%n}
  %0 = util.buffer.load %b[%o for %c4] : !util.buffer{%n} -> i32
  %1 = util.buffer.load %b[%o for %c1] : !util.buffer{%n} -> i8
  %o2 = arith.addi %o, %c2 : index
  %2 = util.buffer.load %b[%o2 for %c2] : !util.buffer{%n} -> i16
  %o4 = arith.addi %o, %c4 : index
  %low = arith.constant 0x55667788 : i32
  util.buffer.store %word, %b[%o4] : i32 -> !util.buffer{%n}
  util.buffer.store %low, %b[%o] : i32 -> !util.buffer{%n}
  %3 = util.buffer.load %b[%o for %c8] : !util.buffer{%n} -> i64
  %one = arith.constant 1.0 : f32
  util.buffer.fill %one, %b[%c8 for %c8] : f32 -> !util.buffer{%n}
  %o12 = arith.addi %c8, %c4 : index
  %4 = util.buffer.load %b[%o12 for %c4] : !util.buffer{%n} -> f32
  %part = util.buffer.slice %b[%c8] : !util.buffer{%n} -> !util.buffer{%c8}
  %5 = util.buffer.compare %part[%c0], %b[%o12], %c4 : !util.buffer{%c8}, !util.buffer{%n}
  %byte = arith.constant 0xAA : i8
  util.buffer.fill %byte, %part[%c1 for %c7] : i8 -> !util.buffer{%c8}
  util.buffer.copy %part[%c0], %b[%c0], %c8 : !util.buffer{%c8} -> !util.buffer{%n}
  %6 = util.buffer.load %b[%c1] : !util.buffer{%n} -> i8
  %size = util.buffer.size %b : !util.buffer
  return %0, %1, %2, %3, %4, %5, %6, %size : i32, i8, i16, i64, f32, i1, i8, index
}

// References carried by branches.
// SAME: result[0]: i32=1
// SAME: result[1]: i32=0
// SAME: result[2]: i32=0
// SAME: result[3]: i64=3
// OTHER: result[0]: i32=0
// OTHER: result[1]: i32=1
// OTHER: result[2]: i32=1
// OTHER: result[3]: i64=5
func.func @same(%c: i1) -> (i1, i1, i1, index) {
  %a = util.buffer.constant : !util.buffer = "abc"
  %b = util.buffer.constant : !util.buffer = "world"
  %0 = scf.if %c -> !util.buffer {
    scf.yield %a : !util.buffer
  } else {
    scf.yield %b : !util.buffer
  }
  %1 = util.cmp.eq %0, %a : !util.buffer
  %2 = util.cmp.ne %0, %a : !util.buffer
  %null = util.null : !util.buffer
  %3 = arith.select %c, %a, %null : !util.buffer
  %4 = util.cmp.eq %3, %null : !util.buffer
  %5 = util.cast %0 : !util.buffer to !util.object
  %6 = util.cast %5 : !util.object to !util.buffer
  %7 = util.buffer.size %6 : !util.buffer
  return %1, %2, %4, %7 : i1, i1, i1, index
}

// A tree of lists, made and counted by functions that call themselves.
// TREE: result[0]: i64=63
func.func @tree(%depth: i32) -> i64 {
  %0 = call @make(%depth) : (i32) -> !util.list<!util.list<?>>
  %1 = call @count(%0) : (!util.list<!util.list<?>>) -> i64
  return %1 : i64
}
func.func private @make(%depth: i32) -> !util.list<!util.list<?>> {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %list = util.list.create %c2 : !util.list<!util.list<?>>
  %inner = arith.cmpi sgt, %depth, %zero : i32
  scf.if %inner {
    %less = arith.subi %depth, %one : i32
    %left = func.call @make(%less) : (i32) -> !util.list<!util.list<?>>
    %right = func.call @make(%less) : (i32) -> !util.list<!util.list<?>>
    util.list.resize %list, %c2 : !util.list<!util.list<?>>
    %l = util.cast %left : !util.list<!util.list<?>> to !util.list<?>
    %r = util.cast %right : !util.list<!util.list<?>> to !util.list<?>
    util.list.set %list[%c0], %l : !util.list<!util.list<?>>
    util.list.set %list[%c1], %r : !util.list<!util.list<?>>
  }
  return %list : !util.list<!util.list<?>>
}
func.func private @count(%list: !util.list<!util.list<?>>) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1 : i64
  %n = util.list.size %list : !util.list<!util.list<?>>
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %one) -> i64 {
    %child = util.list.get %list[%i] : !util.list<!util.list<?>>
    %cast = util.cast %child : !util.list<?> to !util.list<!util.list<?>>
    %more = func.call @count(%cast) : (!util.list<!util.list<?>>) -> i64
    %next = arith.addi %sum, %more : i64
    scf.yield %next : i64
  }
  return %0 : i64
}

// HIGH: result[0]: i64=7
// LOW: result[0]: i64=8
// NEITHER: result[0]: i64=5
func.func @choose(%i: index) -> index {
  %0 = scf.index_switch %i -> index
  case 4294967297 {
    %1 = arith.constant 7 : index
    scf.yield %1 : index
  }
  case 1 {
    %1 = arith.constant 8 : index
    scf.yield %1 : index
  }
  default {
    scf.yield %i : index
  }
  return %0 : index
}

// The last index and the number of rounds, of signed numbers and of unsigned ones: also where the next index would be more than
// the type holds.
// FAR: result[0]: i32=100
// FAR: result[1]: i32=2
// FAR: result[2]: i32=100
// FAR: result[3]: i32=2
// -128 to 127: of unsigned numbers from 128 to 127, which is nothing.
// ALL: result[0]: i32=126
// ALL: result[1]: i32=3
// ALL: result[2]: i32=-1
// ALL: result[3]: i32=0
// NONE: result[0]: i32=-1
// NONE: result[1]: i32=0
// NONE: result[2]: i32=-1
// NONE: result[3]: i32=0
func.func @rounds(%a: i8, %b: i8, %s: i8) -> (i8, i32, i8, i32) {
  %none = arith.constant -1 : i8
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %0:2 = scf.for %i = %a to %b step %s iter_args(%last = %none, %n = %zero) -> (i8, i32) : i8 {
    %more = arith.addi %n, %one : i32
    scf.yield %i, %more : i8, i32
  }
  %1:2 = scf.for unsigned %i = %a to %b step %s iter_args(%last = %none, %n = %zero) -> (i8, i32) : i8 {
    %more = arith.addi %n, %one : i32
    scf.yield %i, %more : i8, i32
  }
  return %0#0, %0#1, %1#0, %1#1 : i8, i32, i8, i32
}

// Constants of numbers: of each its bytes, one after the other.
// TABLE: result[0]: i32=-300
// TABLE: result[1]: f64=0.5
// TABLE: result[2]: i32=7
// TABLE: result[3]: i64=6
// TABLE: result[4]: i64=32
// TABLE: result[5]: i64=12
func.func @table(%i: index) -> (i16, f64, i32, index, index, index) {
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %a = util.buffer.constant : !util.buffer = dense<[100, 200, -300]> : tensor<3xi16>
  %b = util.buffer.constant "named" : !util.buffer = dense<[[1.0, 2.0], [0.5, 4.0]]> : tensor<2x2xf64>
  %c = util.buffer.constant : !util.buffer = dense<7> : tensor<3xi32>
  %n = util.buffer.size %a : !util.buffer
  %m = util.buffer.size %b : !util.buffer
  %k = util.buffer.size %c : !util.buffer
  %o2 = arith.muli %i, %c2 : index
  %o4 = arith.muli %i, %c4 : index
  %o8 = arith.muli %i, %c8 : index
  %0 = util.buffer.load %a[%o2] : !util.buffer{%n} -> i16
  %1 = util.buffer.load %b[%o8] : !util.buffer{%m} -> f64
  %2 = util.buffer.load %c[%o4] : !util.buffer{%k} -> i32
  return %0, %1, %2, %n, %m, %k : i16, f64, i32, index, index, index
}

// Of what comes from outside the bits above a narrow integer don't count.
// NARROW: result[0]: i32=-56
// NARROW-NEXT: result[1]: i32=200
// NARROW-NEXT: result[2]: i32=1
// NARROW-NEXT: result[3]: i32=-56
// NARROW-NEXT: result[4]: i32=1
// NARROW-NEXT: result[5]: i32=0
func.func @narrow(%x: i8, %b: i1) -> (i32, i32, i1, i8, i32, i1) {
  %c0 = arith.constant 0 : i8
  %true = arith.constant true
  %signed = arith.extsi %x : i8 to i32
  %unsigned = arith.extui %x : i8 to i32
  %negative = arith.cmpi slt, %x, %c0 : i8
  %one = arith.extui %b : i1 to i32
  %not = arith.xori %b, %true : i1
  return %signed, %unsigned, %negative, %x, %one, %not : i32, i32, i1, i8, i32, i1
}
