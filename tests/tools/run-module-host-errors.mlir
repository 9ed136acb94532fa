// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a host program does wrong is said with the function and the line.
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb
// RUN: not iree-run-module --module=%t.vmfb --function=index --input=3 2>&1 | FileCheck %s --check-prefix=HIGH
// RUN: not iree-run-module --module=%t.vmfb --function=index --input=-1 2>&1 | FileCheck %s --check-prefix=LOW
// RUN: not iree-run-module --module=%t.vmfb --function=create --input=-1 2>&1 | FileCheck %s --check-prefix=CAPACITY
// RUN: not iree-run-module --module=%t.vmfb --function=create --input=9000000000000000000 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not iree-run-module --module=%t.vmfb --function=resize --input=-1 2>&1 | FileCheck %s --check-prefix=RESIZE
// RUN: not iree-run-module --module=%t.vmfb --function=null_list 2>&1 | FileCheck %s --check-prefix=NULL-LIST
// RUN: not iree-run-module --module=%t.vmfb --function=null_buffer 2>&1 | FileCheck %s --check-prefix=NULL-BUFFER
// RUN: not iree-run-module --module=%t.vmfb --function=cast 2>&1 | FileCheck %s --check-prefix=CAST
// RUN: not iree-run-module --module=%t.vmfb --function=set 2>&1 | FileCheck %s --check-prefix=SET
// RUN: not iree-run-module --module=%t.vmfb --function=number 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not iree-run-module --module=%t.vmfb --function=reference 2>&1 | FileCheck %s --check-prefix=REFERENCE
// RUN: not iree-run-module --module=%t.vmfb --function=object 2>&1 | FileCheck %s --check-prefix=OBJECT
// RUN: not iree-run-module --module=%t.vmfb --function=read_only 2>&1 | FileCheck %s --check-prefix=READ-ONLY
// RUN: not iree-run-module --module=%t.vmfb --function=load --input=-3 --input=0 2>&1 | FileCheck %s --check-prefix=ALLOC
// RUN: not iree-run-module --module=%t.vmfb --function=load --input=3 --input=2 2>&1 | FileCheck %s --check-prefix=LOAD
// RUN: not iree-run-module --module=%t.vmfb --function=length --input=3 2>&1 | FileCheck %s --check-prefix=LENGTH
// RUN: not iree-run-module --module=%t.vmfb --function=unreachable 2>&1 | FileCheck %s --check-prefix=UNREACHABLE
// RUN: not iree-run-module --module=%t.vmfb --function=step --input=0 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: not iree-run-module --module=%t.vmfb --function=step --input=-4 2>&1 | FileCheck %s --check-prefix=BACK
// RUN: not iree-run-module --module=%t.vmfb --function=division --input=0 2>&1 | FileCheck %s --check-prefix=DIVISION
// RUN: not iree-run-module --module=%t.vmfb --function=outer --input=7 2>&1 | FileCheck %s --check-prefix=INSIDE

module @host {
func.func private @one() -> !util.list<?> {
  %c1 = arith.constant 1 : index
  %0 = util.list.create : !util.list<?>
  util.list.resize %0, %c1 : !util.list<?>
  return %0 : !util.list<?>
}
func.func @index(%i: index) -> i32 {
  %c3 = arith.constant 3 : index
  %0 = util.list.create : !util.list<i32>
  util.list.resize %0, %c3 : !util.list<i32>
  // HIGH: OUT_OF_RANGE; index 3 is outside of a list of 3 elements; at {{.*}}.mlir:[[@LINE+2]]:8 in bytecode function host.index
  // LOW: OUT_OF_RANGE; index -1 is outside of a list of 3 elements; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.index
  %1 = util.list.get %0[%i] : !util.list<i32>
  return %1 : i32
}
func.func @create(%n: index) -> !util.list<i32> {
  // CAPACITY: INVALID_ARGUMENT; the size -1 is negative; at {{.*}}.mlir:[[@LINE+2]]:8 in bytecode function host.create
  // MEMORY: RESOURCE_EXHAUSTED; a list of 9000000000000000000 elements is larger than memory can be; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.create
  %0 = util.list.create %n : !util.list<i32>
  return %0 : !util.list<i32>
}
func.func @resize(%n: index) -> !util.list<i32> {
  %0 = util.list.create : !util.list<i32>
  // RESIZE: INVALID_ARGUMENT; the size -1 is negative; at {{.*}}.mlir:[[@LINE+1]]:3 in bytecode function host.resize
  util.list.resize %0, %n : !util.list<i32>
  return %0 : !util.list<i32>
}
func.func @null_list() -> index {
  %0 = util.null : !util.list<i32>
  // NULL-LIST: INVALID_ARGUMENT; expected a vm.list but the reference is null; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.null_list
  %1 = util.list.size %0 : !util.list<i32>
  return %1 : index
}
func.func @null_buffer() -> i32 {
  %c0 = arith.constant 0 : index
  %0 = util.null : !util.buffer
  // NULL-BUFFER: INVALID_ARGUMENT; expected a vm.buffer but the reference is null; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.null_buffer
  %1 = util.buffer.load %0[%c0] : !util.buffer{%c0} -> i32
  return %1 : i32
}
func.func @cast() -> !util.buffer {
  %0 = util.list.create : !util.list<i32>
  %1 = util.cast %0 : !util.list<i32> to !util.object
  // CAST: INVALID_ARGUMENT; expected a vm.buffer but the reference is a vm.list; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.cast
  %2 = util.cast %1 : !util.object to !util.buffer
  return %2 : !util.buffer
}
// The list is of buffers, whatever it is taken for.
func.func @set() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = util.list.create : !util.list<!util.buffer>
  util.list.resize %0, %c1 : !util.list<!util.buffer>
  %1 = util.cast %0 : !util.list<!util.buffer> to !util.list<?>
  // SET: INVALID_ARGUMENT; expected a vm.buffer but the reference is a vm.list; at {{.*}}.mlir:[[@LINE+1]]:3 in bytecode function host.set
  util.list.set %1[%c0], %1 : !util.list<?> -> !util.list<?>
  return
}
func.func @number() -> i32 {
  %c0 = arith.constant 0 : index
  %0 = call @one() : () -> !util.list<?>
  %1 = util.list.create : !util.list<i32>
  util.list.set %0[%c0], %1 : !util.list<i32> -> !util.list<?>
  // NUMBER: FAILED_PRECONDITION; expected a scalar but the element is a reference; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.number
  %2 = util.list.get %0[%c0] : !util.list<?> -> i32
  return %2 : i32
}
func.func @reference() -> !util.buffer {
  %c0 = arith.constant 0 : index
  %0 = call @one() : () -> !util.list<?>
  util.list.set %0[%c0], %c0 : index -> !util.list<?>
  // REFERENCE: FAILED_PRECONDITION; expected a reference but the element is i64; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.reference
  %1 = util.list.get %0[%c0] : !util.list<?> -> !util.buffer
  return %1 : !util.buffer
}
func.func @object() -> !util.buffer {
  %c0 = arith.constant 0 : index
  %0 = call @one() : () -> !util.list<?>
  %1 = util.list.create : !util.list<i32>
  util.list.set %0[%c0], %1 : !util.list<i32> -> !util.list<?>
  // OBJECT: INVALID_ARGUMENT; expected a vm.buffer but the reference is a vm.list; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.object
  %2 = util.list.get %0[%c0] : !util.list<?> -> !util.buffer
  return %2 : !util.buffer
}
func.func @read_only() {
  %c0 = arith.constant 0 : index
  %0 = arith.constant 7 : i32
  %1 = util.buffer.constant : !util.buffer = "hello"
  %2 = util.buffer.size %1 : !util.buffer
  // READ-ONLY: PERMISSION_DENIED; the buffer is read-only; at {{.*}}.mlir:[[@LINE+1]]:3 in bytecode function host.read_only
  util.buffer.store %0, %1[%c0] : i32 -> !util.buffer{%2}
  return
}
func.func @load(%n: index, %o: index) -> i16 {
  // ALLOC: INVALID_ARGUMENT; the size -3 is negative; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.load
  %0 = util.buffer.alloc uninitialized : !util.buffer{%n}
  // LOAD: OUT_OF_RANGE; 2 bytes at offset 2 leave a buffer of 3 bytes; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.load
  %1 = util.buffer.load %0[%o] : !util.buffer{%n} -> i16
  return %1 : i16
}
func.func @length(%n: index) -> i16 {
  %c0 = arith.constant 0 : index
  %0 = util.buffer.alloc uninitialized : !util.buffer{%n}
  // LENGTH: INVALID_ARGUMENT; util.buffer.load: the length is 3, expected 2, the size of the value; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.length
  %1 = util.buffer.load %0[%c0 for %n] : !util.buffer{%n} -> i16
  return %1 : i16
}
func.func @unreachable() -> i32 {
  // UNREACHABLE: UNKNOWN; no way there; at {{.*}}.mlir:[[@LINE+1]]:3 in bytecode function host.unreachable
  util.unreachable "no way there"
}
func.func @step(%s: i32) -> i32 {
  %c1 = arith.constant 1 : i32
  // STEP: INVALID_ARGUMENT; scf.for: the step is 0, expected 1 or more; at {{.*}}.mlir:[[@LINE+2]]:8 in bytecode function host.step
  // BACK: INVALID_ARGUMENT; scf.for: the step is -4, expected 1 or more; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.step
  %0 = scf.for %i = %c1 to %s step %s iter_args(%x = %c1) -> i32 : i32 {
    scf.yield %i : i32
  }
  return %0 : i32
}
func.func @division(%s: i8) -> i8 {
  %c1 = arith.constant 1 : i8
  // DIVISION: INVALID_ARGUMENT; integer division by zero; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.division
  %0 = arith.divsi %c1, %s : i8
  return %0 : i8
}
// Through a call, and of a private function.
func.func @outer(%i: index) -> i32 {
  %0 = call @inner(%i) : (index) -> i32
  return %0 : i32
}
func.func private @inner(%i: index) -> i32 {
  %c3 = arith.constant 3 : index
  %0 = util.list.create : !util.list<i32>
  util.list.resize %0, %c3 : !util.list<i32>
  // INSIDE: OUT_OF_RANGE; index 7 is outside of a list of 3 elements; at {{.*}}.mlir:[[@LINE+1]]:8 in bytecode function host.inner
  %1 = util.list.get %0[%i] : !util.list<i32>
  return %1 : i32
}
}
