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
// CHECK-LABEL: module first version 0
//   CHECK-NOT:   depends
//       CHECK:   export twice 0i_i
//  CHECK-NEXT:     iree.abi.declaration = sync func @twice(%input0: i32) -> (%output0: i32)
//       CHECK:   function twice 0i_i
// CHECK-LABEL: module second version 0
//  CHECK-NEXT:   depends on first{{$}}
//  CHECK-NEXT:   depends on nowhere, if it is there
//       CHECK:   import first.twice 0i_i: export 0 of first version 0
//  CHECK-NEXT:     iree.abi.declaration = sync func @first.twice
//       CHECK:   optional import nowhere.thrice 0i_i: missing
//       CHECK:   export main 0i_i

// ALONE: module 'second' imports 'first.twice', but no module 'first' is registered before it (registered: hal)

// FIRST
module @first {
  func.func @twice(%x: i32) -> i32 {
    %result = arith.addi %x, %x : i32
    return %result : i32
  }
}
// SECOND
module @second {
  func.func private @first.twice(i32) -> i32
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
