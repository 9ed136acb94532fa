// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=host-only %s | iree-dump-module - | FileCheck %s
//
// Operations on lists, buffers and references, each an instruction that the types pick. The sizes of buffers that a program states
// are not read. What may fail knows its line.

// The types that the code names, once each.
// CHECK: Types: 3
// CHECK-NEXT: !custom.string
// CHECK-NEXT: !vm.list
// CHECK-NEXT: !vm.buffer

func.func private @custom.twice(!util.list<i32>, !util.buffer) -> !util.list<?>
// Types as they are at run time; of any type; a list of anything.
// CHECK: custom.signed 0rrr_r
func.func private @custom.signed(!util.object, !util.list<!util.list<!custom.string>>, !util.list<index>) -> !util.list<!util.buffer>
    attributes {vm.signature = (!vm.ref<?>, !vm.ref<!vm.list<!vm.list<!vm.ref<!custom.string>>>>, !vm.list<?>) -> !vm.list<!vm.buffer>}

// CHECK: @create
// CHECK: list.alloc r{{[0-9]+}}, i32, l0 ; {{.*}}util.mlir:[[@LINE+12]]:8
// CHECK: list.alloc r{{[0-9]+}}, i8, l{{[0-9]+}}
// CHECK: list.alloc r{{[0-9]+}}, i64, l
// CHECK: list.alloc r{{[0-9]+}}, f64, l
// CHECK: list.alloc r{{[0-9]+}}, any, l
// CHECK: list.alloc r{{[0-9]+}}, ref, l
// CHECK: list.alloc r{{[0-9]+}}, !vm.list, l
// CHECK: list.alloc r{{[0-9]+}}, !vm.buffer, l
// CHECK: list.alloc r{{[0-9]+}}, !custom.string, l
// CHECK: call.import custom.twice(
// CHECK: call.import custom.signed(
func.func @create(%n: index, %s: !custom.string, %b: !util.buffer) -> (!util.list<?>, !util.list<i1>, !util.list<index>, !util.list<f64>, !util.list<?>, !util.list<!util.object>, !util.list<!util.list<?>>, !util.list<!util.buffer>, !util.list<!util.buffer>, !util.list<!custom.string>) {
  %0 = util.list.create %n : !util.list<i32>
  %1 = util.list.create : !util.list<i1>
  %2 = util.list.create : !util.list<index>
  %3 = util.list.create : !util.list<f64>
  %4 = util.list.create : !util.list<?>
  %5 = util.list.create : !util.list<!util.object>
  %6 = util.list.create : !util.list<!util.list<?>>
  %7 = util.list.create : !util.list<!util.buffer>
  %8 = util.list.create : !util.list<!custom.string>
  %9 = call @custom.twice(%0, %b) : (!util.list<i32>, !util.buffer) -> !util.list<?>
  %o = util.cast %b : !util.buffer to !util.object
  %deep = util.null : !util.list<!util.list<!custom.string>>
  %10 = call @custom.signed(%o, %deep, %2) : (!util.object, !util.list<!util.list<!custom.string>>, !util.list<index>) -> !util.list<!util.buffer>
  return %9, %1, %2, %3, %4, %5, %6, %7, %10, %8 : !util.list<?>, !util.list<i1>, !util.list<index>, !util.list<f64>, !util.list<?>, !util.list<!util.object>, !util.list<!util.list<?>>, !util.list<!util.buffer>, !util.list<!util.buffer>, !util.list<!custom.string>
}

// CHECK: @elements
// CHECK: list.get.i32 [[NARROW:i[0-9]+]], r0, l0 ; {{.*}}util.mlir:[[@LINE+15]]:8
// CHECK-NEXT: exts.i8.i32 {{i[0-9]+}}, [[NARROW]]
// CHECK-NEXT: list.get.i64 l
// CHECK-NEXT: list.get.f32 f
// CHECK-NEXT: list.get.f64 d
// CHECK-NEXT: list.get.ref r{{[0-9]+}}, r0, l0, !custom.string
// CHECK-NEXT: list.get.ref r{{[0-9]+}}, r0, l0, ref
// CHECK-NEXT: list.set.i32 r0, l0, i
// CHECK-NEXT: list.set.i64 r0, l0, l0
// CHECK-NEXT: list.set.f32 r0, l0, f
// CHECK-NEXT: list.set.f64 r0, l0, d
// CHECK-NEXT: list.set.ref r0, l0, move r
// CHECK-NEXT: list.resize r0, l0
// CHECK-NEXT: list.size l{{[0-9]+}}, move r0
func.func @elements(%l: !util.list<?>, %n: index) -> (index, i8, f32, f64, !custom.string) {
  %0 = util.list.get %l[%n] : !util.list<?> -> i8
  %1 = util.list.get %l[%n] : !util.list<?> -> i64
  %2 = util.list.get %l[%n] : !util.list<?> -> f32
  %3 = util.list.get %l[%n] : !util.list<?> -> f64
  %4 = util.list.get %l[%n] : !util.list<?> -> !custom.string
  %5 = util.list.get %l[%n] : !util.list<?> -> !util.object
  util.list.set %l[%n], %0 : i8 -> !util.list<?>
  util.list.set %l[%n], %n : index -> !util.list<?>
  util.list.set %l[%n], %2 : f32 -> !util.list<?>
  util.list.set %l[%n], %3 : f64 -> !util.list<?>
  util.list.set %l[%n], %5 : !util.object -> !util.list<?>
  util.list.resize %l, %n : !util.list<?>
  %6 = util.list.size %l : !util.list<?>
  return %6, %0, %2, %3, %4 : index, i8, f32, f64, !custom.string
}

// CHECK: @buffers
// CHECK: buffer.length l{{[0-9]+}}, r0
// CHECK-NEXT: buffer.alloc [[A:r[0-9]+]], l0 ; {{.*}}util.mlir:[[@LINE+8]]:8
// CHECK-NEXT: buffer.clone r{{[0-9]+}}, r0, l1, l0
// CHECK-NEXT: buffer.compare i{{[0-9]+}}, [[A]], l0, r0, l1, l0
// CHECK-NEXT: buffer.copy move [[A]], l0, move r0, l1, l0
// CHECK-NEXT: return
func.func @buffers(%b: !util.buffer, %n: index, %o: index) -> (index, i1, !util.buffer) {
  %size = util.buffer.size %b : !util.buffer
  %unread = util.buffer.size %b : !util.buffer
  %0 = util.buffer.alloc uninitialized : !util.buffer{%n}
  %1 = util.buffer.slice %b[%o] : !util.buffer{%unread} -> !util.buffer{%n}
  %2 = util.buffer.compare %0[%n], %b[%o], %n : !util.buffer{%n}, !util.buffer{%unread}
  util.buffer.copy %0[%n], %b[%o], %n : !util.buffer{%n} -> !util.buffer{%unread}
  return %size, %2, %1 : index, i1, !util.buffer
}

// CHECK: @storage
// CHECK: buffer.load.i8 [[BYTE:i[0-9]+]], r0, l0
// CHECK: cmp.ne.i32 [[BIT:i[0-9]+]], [[BYTE]], i
// CHECK-NEXT: buffer.load.i8 i
// CHECK-NEXT: buffer.load.i16 i
// CHECK-NEXT: buffer.load.i32 i
// CHECK-NEXT: buffer.load.i64 l
// CHECK-NEXT: buffer.load.f32 [[F:f[0-9]+]]
// CHECK-NEXT: buffer.load.f64 [[D:d[0-9]+]]
// CHECK-NEXT: buffer.store.i8 r0, l0, [[BIT]]
// CHECK-NEXT: buffer.store.i8 r0
// CHECK-NEXT: buffer.store.i16 r0
// CHECK-NEXT: buffer.store.i32 r0
// CHECK-NEXT: buffer.store.i64 r0
// CHECK-NEXT: buffer.store.f32 r0
// CHECK-NEXT: buffer.store.f64 r0
// CHECK-NEXT: buffer.fill.i8 r0, l0, l0, [[BIT]]
// CHECK-NEXT: buffer.fill.i16 r0, l0, l0, i
// CHECK-NEXT: buffer.fill.i64 r0, l0, l0, l0
// CHECK-NEXT: bits.f32.i32 [[BITS:i[0-9]+]], [[F]]
// CHECK-NEXT: buffer.fill.i32 r0, l0, l0, [[BITS]]
// CHECK-NEXT: bits.f64.i64 [[LONG:l[0-9]+]], [[D]]
// CHECK-NEXT: buffer.fill.i64 move r0, l0, l0, [[LONG]]
func.func @storage(%b: !util.buffer, %n: index) {
  %0 = util.buffer.load %b[%n] : !util.buffer{%n} -> i1
  %1 = util.buffer.load %b[%n] : !util.buffer{%n} -> i8
  %2 = util.buffer.load %b[%n] : !util.buffer{%n} -> i16
  %3 = util.buffer.load %b[%n] : !util.buffer{%n} -> i32
  %4 = util.buffer.load %b[%n] : !util.buffer{%n} -> index
  %5 = util.buffer.load %b[%n] : !util.buffer{%n} -> f32
  %6 = util.buffer.load %b[%n] : !util.buffer{%n} -> f64
  util.buffer.store %0, %b[%n] : i1 -> !util.buffer{%n}
  util.buffer.store %1, %b[%n] : i8 -> !util.buffer{%n}
  util.buffer.store %2, %b[%n] : i16 -> !util.buffer{%n}
  util.buffer.store %3, %b[%n] : i32 -> !util.buffer{%n}
  util.buffer.store %4, %b[%n] : index -> !util.buffer{%n}
  util.buffer.store %5, %b[%n] : f32 -> !util.buffer{%n}
  util.buffer.store %6, %b[%n] : f64 -> !util.buffer{%n}
  util.buffer.fill %0, %b[%n for %n] : i1 -> !util.buffer{%n}
  util.buffer.fill %2, %b[%n for %n] : i16 -> !util.buffer{%n}
  util.buffer.fill %n, %b[%n for %n] : index -> !util.buffer{%n}
  util.buffer.fill %5, %b[%n for %n] : f32 -> !util.buffer{%n}
  util.buffer.fill %6, %b[%n for %n] : f64 -> !util.buffer{%n}
  return
}

// CHECK: @references
// CHECK: cmp.eq.ref [[EQ:i[0-9]+]]
// CHECK: xor.i32 {{i[0-9]+}}, {{i[0-9]+}}, {{i[0-9]+}}
// CHECK: cast.ref r{{[0-9]+}}, move r1, !custom.string ; {{.*}}util.mlir:[[@LINE+8]]:8
// CHECK: select.ref
// CHECK: fail UNKNOWN, "not there" ; {{.*}}util.mlir:[[@LINE+17]]:3
// CHECK: fail UNKNOWN, "util.unreachable was reached"
func.func @references(%b: !util.buffer, %o: !util.object, %l: !util.list<?>, %c: i1) -> (i1, i1, !custom.string, !util.list<i32>, !util.object, !util.buffer) {
  %0 = util.null : !util.buffer
  %1 = util.cmp.eq %0, %b : !util.buffer
  %2 = util.cmp.ne %0, %b : !util.buffer
  %3 = util.cast %o : !util.object to !custom.string
  // Lists know their elements' types: nothing is done for that.
  %4 = util.cast %l : !util.list<?> to !util.list<i32>
  %5 = util.cast %b : !util.buffer to !util.object
  %6 = arith.select %c, %b, %0 : !util.buffer
  cf.cond_br %c, ^x, ^y
^x:
  return %1, %2, %3, %4, %5, %6 : i1, i1, !custom.string, !util.list<i32>, !util.object, !util.buffer
^y:
  cf.cond_br %1, ^z, ^w
^z:
  util.unreachable "not there"
^w:
  util.unreachable
}
