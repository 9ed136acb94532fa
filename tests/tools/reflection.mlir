// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reflection sample prints all there is to call in a context.
// RUN: sed -n '/^\/\/ FIRST/,/^\/\/ SECOND/p' %s > %t.first.mlir
// RUN: sed -n '/^\/\/ SECOND/,$p' %s > %t.second.mlir
// RUN: iree-compile %t.first.mlir --iree-execution-model=host-only -o %t.first.vmfb
// RUN: iree-compile %t.second.mlir --iree-execution-model=host-only -o %t.second.vmfb
// RUN: %reflection_sample %t.first.vmfb %t.second.vmfb | FileCheck %s
// RUN: not %reflection_sample %t.second.vmfb 2>&1 | FileCheck %s --check-prefix=ALONE

// CHECK-LABEL: module hal version 0
//       CHECK:   export fence.create 0v_r
// CHECK-LABEL: module first version 3
//  CHECK-NEXT:   author = somebody
//  CHECK-NEXT:   license = free
//   CHECK-NOT:   depends
//       CHECK:   export twice 0i_i
//  CHECK-NEXT:     iree.abi.declaration = sync func @twice(%input0: i32) -> (%output0: i32)
//  CHECK-NEXT:     note = two times
//       CHECK:   function twice 0i_i
// CHECK-LABEL: module second version 0
//  CHECK-NEXT:   depends on first, version 2 or later{{$}}
//  CHECK-NEXT:   depends on nowhere, if it is there
//       CHECK:   import first.twice 0i_i: export 0 of first version 3
//  CHECK-NEXT:     iree.abi.declaration = sync func @first.twice
//       CHECK:   optional import nowhere.thrice 0i_i: missing
//       CHECK:   export main 0i_i

// RUN: sed 's/vm.version = 3/vm.version = 1/' %t.first.mlir > %t.old.mlir
// RUN: iree-compile %t.old.mlir --iree-execution-model=host-only -o %t.old.vmfb
// RUN: not %reflection_sample %t.old.vmfb %t.second.vmfb 2>&1 | FileCheck %s --check-prefix=OLD
// OLD: it depends on version 2 or later of module 'first', but version 1 is registered{{.*}}while registering module 'second'
// RUN: sed 's/vm.version = 3 : i32/vm.version = -1 : i32/' %t.first.mlir > %t.bad.mlir
// RUN: not iree-compile %t.bad.mlir --iree-execution-model=host-only -o %t.bad.vmfb 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: error: 'vm.version' must be an integer of i32 that is not negative
// RUN: sed 's/"free"/4/' %t.first.mlir > %t.text.mlir
// RUN: not iree-compile %t.text.mlir --iree-execution-model=host-only -o %t.bad.vmfb 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: error: 'license' of 'iree.reflection' must be a string

// ALONE: module 'second' imports 'first.twice', but no module 'first' is registered before it (registered: hal)

// FIRST
module @first attributes {vm.version = 3 : i32, iree.reflection = {author = "somebody", license = "free"}} {
  func.func @twice(%x: i32) -> i32 attributes {iree.reflection = {note = "two times"}} {
    %result = arith.addi %x, %x : i32
    return %result : i32
  }
}
// SECOND
module @second {
  func.func private @first.twice(i32) -> i32 attributes {vm.minimum_version = 2 : i32}
  func.func private @nowhere.thrice(i32) -> i32 attributes {vm.fallback = @thrice}
  func.func private @thrice(%x: i32) -> i32 {
    %three = arith.constant 3 : i32
    %result = arith.muli %x, %three : i32
    return %result : i32
  }
  func.func @main(%x: i32) -> i32 {
    %a = call @first.twice(%x) : (i32) -> i32
    %b = call @nowhere.thrice(%a) : (i32) -> i32
    return %b : i32
  }
}
