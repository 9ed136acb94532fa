// RUN: iree-compile --iree-execution-model=host-only --compile-to=input %s | FileCheck %s

// Upstream's canonicalisation of the high half of x * 1 is an arith.extsi to index, which there is not.
// CHECK-LABEL: func.func @high
// CHECK: arith.mulsi_extended
func.func @high(%x: index) -> i64 {
  %one = arith.constant 1 : index
  %low, %high = arith.mulsi_extended %x, %one : index
  %0 = arith.index_cast %high : index to i64
  return %0 : i64
}
