// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
// RUN: not iree-run-module --module=%t.vmfb --function=placeholders --input=0 2>&1 | FileCheck %s --check-prefix=FAILS
// RUN: iree-run-module --module=%t.vmfb --function=placeholders --input=1
// RUN: not iree-run-module --module=%t.vmfb --function=condition --input=0 2>&1 | FileCheck %s --check-prefix=CONDITION
// RUN: iree-run-module --module=%t.vmfb --function=condition --input=1

// A message is no format.
// CHECK-LABEL: @placeholders (0i_v)
// CHECK: br.ne.i32 {{.*}}, [[HOLDS:L[0-9]+]]
// CHECK-NEXT: fail FAILED_PRECONDITION, "value is {0}, not {1} %s"
// CHECK-NEXT: [[HOLDS]]:
// FAILS: FAILED_PRECONDITION; value is {0}, not {1} %s; at
func.func @placeholders(%x: i32) {
  %zero = arith.constant 0 : i32
  %ok = arith.cmpi ne, %x, %zero : i32
  cf.assert %ok, "value is {0}, not {1} %s"
  return
}

// CHECK-LABEL: @condition (0i_v)
// CHECK: br.if {{.*}}, [[HOLDS:L[0-9]+]]
// CHECK-NEXT: fail FAILED_PRECONDITION, "no"
// CONDITION: FAILED_PRECONDITION; no; at
func.func @condition(%x: i1) {
  cf.assert %x, "no"
  return
}
