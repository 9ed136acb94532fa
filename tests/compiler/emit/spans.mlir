// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb && iree-dump-module %t.vmfb | FileCheck %s
// RUN: iree-compile --iree-execution-model=async-external --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb && iree-dump-module %t.vmfb | FileCheck %s
//
// Imports that take any number of values: one import in the file, whatever its calls have.

vm.import private @custom.sum(%scale : f32, %values : i32 ...) -> i32
vm.import private optional @custom.print(%format : !util.buffer, %pairs : tuple<i32, f64> ..., %last : i64)
vm.import private @custom.wide(!vm.ref<!custom.string>, i64) -> i64

// CHECK: Imports: {{[34]$}}
// CHECK: custom.sum 0fCiD_i
// CHECK-NEXT: sync func @custom.sum(%input0: f32, %input1: i32 ...) -> (%output0: i32)
// CHECK: custom.print 0rCiFDI_v optional
// CHECK-NEXT: sync func @custom.print(%input0: !util.buffer, %input1: tuple<i32, f64> ..., %input2: i64) -> ()
// CHECK: custom.wide 0rI_I

// CHECK: @main
func.func @main(%a: i32, %s: f32, %d: f64, %n: i64) -> (i32, i32) {
  // CHECK: call.import      custom.sum({{[^,]*}}, [{{[^],]*}}, {{[^],]*}}, {{[^],]*}}]) -> ({{.*}}) ; {{.*}}spans.mlir:[[@LINE+1]]:10 calling custom.sum
  %sum = vm.call.variadic @custom.sum(%s, [%a, %a, %a]) : (f32, i32 ...) -> i32
  // CHECK: call.import      custom.sum({{[^,]*}}, []) -> ({{.*}})
  %none = vm.call.variadic @custom.sum(%s, []) : (f32, i32 ...) -> i32
  // CHECK: import.exists    {{.*}}, custom.print
  %there = vm.import.resolved @custom.print : i32
  %zero = arith.constant 0 : i32
  %is_there = arith.cmpi ne, %there, %zero : i32
  scf.if %is_there {
    %format = util.buffer.constant : !util.buffer = "hi"
    // CHECK: call.import      custom.print({{[^,]*}}, [{{[^],]*}}, {{[^],]*}}, {{[^],]*}}, {{[^],]*}}], {{[^,]*}}) -> ()
    vm.call.variadic @custom.print(%format, [(%a, %d), (%sum, %d)], %n) : (!util.buffer, tuple<i32, f64> ..., i64)
  }
  return %sum, %none : i32, i32
}

// An index goes where an import takes an i64, a string where it takes the reference.
// CHECK: @plain
func.func @plain(%string: !custom.string, %i: index) -> index {
  // CHECK: call.import      custom.wide({{.*}}, {{.*}}) -> ({{.*}})
  %0 = vm.call @custom.wide(%string, %i) : (!custom.string, index) -> index
  return %0 : index
}
