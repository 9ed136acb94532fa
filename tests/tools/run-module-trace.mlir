// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --trace_execution prints each instruction with the values that it reads, to standard error only.
// RUN: iree-compile %s --iree-execution-model=host-only -o %t.vmfb

// RUN: iree-run-module --module=%t.vmfb --function=main --input=5 --input=7 --trace_execution 2>&1 >%t.out | FileCheck %s --match-full-lines --strict-whitespace
// RUN: FileCheck %s --check-prefix=OUT --match-full-lines < %t.out
//      CHECK:[traced.main+00000] add.i32          i1, i0, i1  // i0=5 i1=7
// CHECK-NEXT:[traced.main+00004] mul.i32          i0, i1, i0  // i1=12 i0=5
// CHECK-NEXT:[traced.main+00008] return           (i0)  // i0=60
//  CHECK-NOT:{{.}}
//      OUT: EXEC @main
// OUT-NEXT: result[0]: i32=60

// Without it nothing is printed there.
// RUN: iree-run-module --module=%t.vmfb --function=main --input=5 --input=7 2>%t.err
// RUN: count 0 < %t.err

module @traced {
  func.func @main(%arg0: i32, %arg1: i32) -> i32 {
    %0 = arith.addi %arg0, %arg1 : i32
    %1 = arith.muli %0, %arg0 : i32
    return %1 : i32
  }
}
