// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module's only function needs no name; the later of two modules is run.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb
// RUN: iree-run-module --module=%t.vmfb --input=21 | FileCheck %s
// RUN: iree-run-module --module=%t.vmfb --module=%t.vmfb --input=21 | FileCheck %s
// CHECK: EXEC @twice
// CHECK-NEXT: result[0]: i32=42
module @one {
  func.func @twice(%arg0: i32) -> i32 {
    %0 = arith.addi %arg0, %arg0 : i32
    return %0 : i32
  }
}
