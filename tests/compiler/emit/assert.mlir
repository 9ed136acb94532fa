// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
// RUN: not iree-run-module --module=%t.vmfb --function=placeholders --input=0 2>&1 | FileCheck %s --check-prefix=FAILS
// RUN: iree-run-module --module=%t.vmfb --function=placeholders --input=1

// A message is no format: what instructions for checks would replace is said by `fail`.
// CHECK-LABEL: @placeholders (0i_v)
// CHECK: br.eq.i64 {{.*}}, [[HOLDS:L[0-9]+]]
// CHECK-NEXT: fail INVALID_ARGUMENT, "value is {0}, not {1} %s"
// CHECK-NEXT: [[HOLDS]]:
// FAILS: INVALID_ARGUMENT; value is {0}, not {1} %s; at
func.func @placeholders(%x: i32) {
  %zero = arith.constant 0 : i32
  %ok = arith.cmpi ne, %x, %zero : i32
  cf.assert %ok, "value is {0}, not {1} %s"
  return
}

// CHECK-LABEL: @plain (0i_v)
// CHECK: check.eq.i64 {{.*}}, "wrong {2}"
func.func @plain(%x: i32) {
  %zero = arith.constant 0 : i32
  %ok = arith.cmpi ne, %x, %zero : i32
  cf.assert %ok, "wrong {2}"
  return
}
