// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=host-only %s | iree-dump-module - | FileCheck %s
// RUN: iree-compile --iree-execution-model=host-only --compile-to=input %s | FileCheck %s --check-prefix=INPUT
//
// Programs without tensors: nothing of the hal module is imported; types that programs only hold are listed in the file; imports may be
// missing, and may state the types of their calls.

// CHECK: Types: 2
// CHECK-NEXT: !custom.string
// CHECK-NEXT: !other.thing
// CHECK-EMPTY:
// CHECK-NEXT: Imports: 5
// CHECK: custom.make 0r_r
// CHECK: custom.length 0r_I
// CHECK: custom.maybe 0rI_i optional
// CHECK: custom.narrow 0iI_iI
// CHECK: custom.take 0rr_v
// CHECK: Functions:
// CHECK-NOT: hal.
module @example {
  func.func private @custom.make(!util.buffer) -> !custom.string
  func.func private @custom.length(!custom.string) -> index
      attributes {vm.signature = (!vm.ref<!custom.string>) -> i64}
  func.func private @custom.maybe(!custom.string, i64) -> i32 attributes {vm.fallback = @instead}
  func.func private @instead(%s: !custom.string, %n: i64) -> i32 {
    %r = arith.trunci %n : i64 to i32
    return %r : i32
  }
  func.func private @custom.narrow(index, i32) -> (index, i32)
      attributes {vm.signature = (i32, i64) -> (i32, i64)}
  func.func private @custom.take(!other.thing, !util.buffer)
      attributes {vm.signature = (!vm.ref<!other.thing>, !vm.buffer) -> ()}

  // Equal strings are one segment. A barrier is no instruction.
  // CHECK: @constants (0v_rr)
  // CHECK-NEXT: rodata [[A:r[0-9]+]], [[HELLO:#[0-9]+]] "text"
  // CHECK-NEXT: mov.ref [[B:r[0-9]+]], [[A]]
  // CHECK-NEXT: return ([[A]], [[B]])
  // INPUT: util.buffer.constant : !util.buffer = "hello"
  // INPUT: util.buffer.constant : !util.buffer = ""
  // INPUT-DAG: util.optimization_barrier %{{.*}} : !util.buffer
  func.func @constants() -> (!util.buffer, !util.buffer) {
    %a = util.buffer.constant : !util.buffer = "hello"
    %b, %c = util.optimization_barrier %a, %a : !util.buffer, !util.buffer
    %d = util.buffer.constant : !util.buffer = ""
    %e = util.optimization_barrier %d : !util.buffer
    util.optimization_barrier
    return %b, %c : !util.buffer, !util.buffer
  }

  // Refs go through branches, selections and functions, and are released at their last use.
  // CHECK: @refs (0irr_r)
  // CHECK: rodata r{{[0-9]+}}, [[HELLO]] "text"
  // CHECK: select.ref
  // CHECK: custom.length(
  // CHECK: custom.make(
  func.func @refs(%c: i1, %x: !custom.string, %b: !util.buffer) -> !custom.string {
    %a = util.buffer.constant : !util.buffer = "hello"
    %made = call @custom.make(%a) : (!util.buffer) -> !custom.string
    %y = arith.select %c, %x, %made : !custom.string
    %n = call @custom.length(%y) : (!custom.string) -> index
    %zero = arith.constant 0 : index
    %empty = arith.cmpi eq, %n, %zero : index
    cf.cond_br %empty, ^again, ^end(%y : !custom.string)
  ^again:
    %z = func.call @custom.make(%b) : (!util.buffer) -> !custom.string
    cf.br ^end(%z : !custom.string)
  ^end(%r: !custom.string):
    return %r : !custom.string
  }

  // CHECK: @optional (0rI_i)
  // CHECK-NEXT: import.exists [[E:i[0-9]+]], custom.maybe
  // CHECK-NEXT: br.if [[E]], [[THERE:L[0-9]+]]
  // CHECK: [[THERE]]:
  // CHECK-NEXT: call.import custom.maybe(move r0, l0) -> (i0)
  // CHECK: call @instead(move r0, l0) -> (i0)
  // INPUT: "tenon.import_exists"() {callee = @custom.maybe} : () -> i1
  func.func @optional(%s: !custom.string, %n: i64) -> i32 {
    %r = call @custom.maybe(%s, %n) : (!custom.string, i64) -> i32
    return %r : i32
  }

  // CHECK: @narrow (0Ii_Ii)
  // CHECK-DAG: trunc.i64.i32
  // CHECK-DAG: exts.i32.i64
  // CHECK: custom.narrow(i{{[0-9]+}}, l{{[0-9]+}}) -> (i{{[0-9]+}}, l{{[0-9]+}})
  // CHECK-DAG: exts.i32.i64
  // CHECK-DAG: trunc.i64.i32
  // CHECK: return
  func.func @narrow(%a: index, %b: i32) -> (index, i32) {
    %r:2 = call @custom.narrow(%a, %b) : (index, i32) -> (index, i32)
    return %r#0, %r#1 : index, i32
  }

  func.func @take(%x: !other.thing, %y: !util.buffer) {
    call @custom.take(%x, %y) : (!other.thing, !util.buffer) -> ()
    return
  }
}
