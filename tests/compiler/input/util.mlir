// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --compile-to=input %s | FileCheck %s

// Lists, of numbers, references, lists, anything.
// CHECK-LABEL: func.func @lists
func.func @lists(%n: index, %l: !util.list<?>, %s: !custom.string) -> (i32, i8, !util.buffer, f64) {
  // CHECK: %[[LIST:.+]] = util.list.create %arg0 : !util.list<i32>
  %0 = util.list.create %n : !util.list<i32>
  // CHECK: %[[DEEP:.+]] = util.list.create : !util.list<!util.list<!custom.string>>
  %1 = util.list.create : !util.list<!util.list<!custom.string>>
  // CHECK: util.list.resize %[[LIST]], %arg0 : !util.list<i32>
  util.list.resize %0, %n : !util.list<i32>
  // CHECK: util.list.size %[[DEEP]] : !util.list<!util.list<!custom.string>>
  %2 = util.list.size %1 : !util.list<!util.list<!custom.string>>
  // CHECK: util.list.get %[[LIST]][%arg0] : !util.list<i32>{{$}}
  %3 = util.list.get %0[%n] : !util.list<i32>
  // CHECK: util.list.get %[[LIST]][%arg0] : !util.list<i32>{{$}}
  %same = util.list.get %0[%n] : !util.list<i32> -> i32
  // CHECK: util.list.get %arg1[%arg0] : !util.list<?> -> i8
  %4 = util.list.get %l[%n] : !util.list<?> -> i8
  // CHECK: util.list.get %arg1[%arg0] : !util.list<?> -> !util.buffer
  %5 = util.list.get %l[%n] : !util.list<?> -> !util.buffer
  // CHECK: util.list.get %arg1[%arg0] : !util.list<?> -> f64
  %6 = util.list.get %l[%n] : !util.list<?> -> f64
  // CHECK: util.list.set %[[LIST]][%arg0], %{{.+}} : !util.list<i32>
  util.list.set %0[%n], %3 : !util.list<i32>
  // CHECK: util.list.set %[[LIST]][%arg0], %{{.+}} : !util.list<i32>
  util.list.set %0[%n], %same : i32 -> !util.list<i32>
  // CHECK: util.list.set %arg1[%arg0], %arg2 : !custom.string -> !util.list<?>
  util.list.set %l[%n], %s : !custom.string -> !util.list<?>
  return %3, %4, %5, %6 : i32, i8, !util.buffer, f64
}

// CHECK-LABEL: func.func @buffers
func.func @buffers(%n: index, %b: !util.buffer, %s: index, %i: i32) -> (i1, i32, f32, !util.buffer) {
  %c4 = arith.constant 4 : index
  // CHECK: %[[A:.+]] = util.buffer.alloc uninitialized : !util.buffer{%arg0}
  %0 = util.buffer.alloc uninitialized : !util.buffer{%n}
  // CHECK: util.buffer.alloc zeroinitialized : !util.buffer{%arg0}
  %1 = util.buffer.alloc zeroinitialized : !util.buffer{%n}
  // The alignment as an attribute and as later releases write it.
  // CHECK: util.buffer.alloc uninitialized{{ *}}<alignment = 16> : !util.buffer{%arg0}
  %2 = util.buffer.alloc uninitialized {alignment = 16 : index} : !util.buffer{%n}
  // CHECK: util.buffer.alloc uninitialized{{ *}}<alignment = 8> : !util.buffer{%arg0}
  %3 = util.buffer.alloc uninitialized <alignment = 8> : !util.buffer{%n}
  // CHECK-NOT: dealloc
  util.buffer.dealloc %0 : !util.buffer{%n}
  // CHECK: util.buffer.slice %arg1[%arg0] : !util.buffer{%arg2} -> !util.buffer{%arg0}
  %4 = util.buffer.slice %b[%n] : !util.buffer{%s} -> !util.buffer{%n}
  // CHECK: %[[SIZE:.+]] = util.buffer.size %arg1 : !util.buffer
  %5 = util.buffer.size %b : !util.buffer
  // CHECK: util.buffer.compare %arg1[%arg0], %[[A]][%arg2], %arg0 : !util.buffer{%[[SIZE]]}, !util.buffer{%arg0}
  %6 = util.buffer.compare %b[%n], %0[%s], %n : !util.buffer{%5}, !util.buffer{%n}
  // CHECK: util.buffer.copy %arg1[%arg0], %[[A]][%arg2], %arg0 : !util.buffer{%[[SIZE]]} -> !util.buffer{%arg0}
  util.buffer.copy %b[%n], %0[%s], %n : !util.buffer{%5} -> !util.buffer{%n}
  // CHECK: util.buffer.fill %arg3, %[[A]][%arg2 for %arg0] : i32 -> !util.buffer{%arg0}
  util.buffer.fill %i, %0[%s for %n] : i32 -> !util.buffer{%n}
  // With a length that is known to be right, and with none. CHECK-NOT: check_eq
  // CHECK: util.buffer.load %arg1[%arg0 for %c4] : !util.buffer{%arg2} -> i32
  %7 = util.buffer.load %b[%n for %c4] : !util.buffer{%s} -> i32
  // CHECK: util.buffer.load %arg1[%arg0] : !util.buffer{%arg2} -> f32
  %8 = util.buffer.load %b[%n] : !util.buffer{%s} -> f32
  // CHECK: "tenon.check_eq"(%arg2, %c4) {message = "util.buffer.store: the length is {0}, expected {1}, the size of the value"}
  // CHECK: util.buffer.store %arg3, %arg1[%arg0 for %arg2] : i32 -> !util.buffer{%arg2}
  util.buffer.store %i, %b[%n for %s] : i32 -> !util.buffer{%s}
  // CHECK: util.buffer.store %{{.+}}, %arg1[%arg0] : f32 -> !util.buffer{%arg2}
  util.buffer.store %8, %b[%n] : f32 -> !util.buffer{%s}
  return %6, %7, %8, %4 : i1, i32, f32, !util.buffer
}

// CHECK-LABEL: func.func @references
func.func @references(%b: !util.buffer, %o: !util.object, %l: !util.list<?>, %c: i1) -> (i1, i1, !custom.string, !util.list<i32>, !util.object, !util.buffer) {
  // CHECK: %[[NULL:.+]] = util.null : !util.buffer
  %0 = util.null : !util.buffer
  // CHECK: util.cmp.eq %[[NULL]], %arg0 : !util.buffer
  %1 = util.cmp.eq %0, %b : !util.buffer
  // CHECK: util.cmp.ne %[[NULL]], %arg0 : !util.buffer
  %2 = util.cmp.ne %0, %b : !util.buffer
  // CHECK: util.cast %arg1 : !util.object to !custom.string
  %3 = util.cast %o : !util.object to !custom.string
  // CHECK: util.cast %arg2 : !util.list<?> to !util.list<i32>
  %4 = util.cast %l : !util.list<?> to !util.list<i32>
  // CHECK: util.cast %arg0 : !util.buffer to !util.object
  %5 = util.cast %b : !util.buffer to !util.object
  // CHECK: arith.select %arg3, %arg0, %[[NULL]] : !util.buffer
  %6 = arith.select %c, %b, %0 : !util.buffer
  return %1, %2, %3, %4, %5, %6 : i1, i1, !custom.string, !util.list<i32>, !util.object, !util.buffer
}

// CHECK-LABEL: func.func @unreachable
func.func @unreachable(%c: i1, %d: i1) -> i32 {
  cf.cond_br %c, ^a, ^b
^a:
  // CHECK: "util.unreachable"() {message = "not there"}
  util.unreachable "not there"
^b:
  %0 = scf.execute_region -> i32 {
    cf.cond_br %d, ^x, ^y
  ^x:
    // CHECK: "util.unreachable"() :
    util.unreachable
  ^y:
    %1 = arith.constant 1 : i32
    scf.yield %1 : i32
  }
  return %0 : i32
}

// CHECK-LABEL: func.func @constants
func.func @constants() -> (!util.buffer, !util.buffer, !util.buffer) {
  // CHECK: util.buffer.constant : !util.buffer = "a\00b"
  %0 = util.buffer.constant : !util.buffer = "a\00b"
  // CHECK: util.buffer.constant "table" {alignment = 8 : index} : !util.buffer = dense<[1, 2]> : tensor<2xi16>
  %1 = util.buffer.constant "table" {alignment = 8 : index} : !util.buffer = dense<[1, 2]> : tensor<2xi16>
  // CHECK: util.buffer.constant {mime_type = "text/plain"} : !util.buffer = "plain"
  %2 = util.buffer.constant {mime_type = "text/plain"} : !util.buffer = "plain"
  return %0, %1, %2 : !util.buffer, !util.buffer, !util.buffer
}
