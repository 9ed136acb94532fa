// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb
// RUN: iree-run-module --module=%t.vmfb --function=sum --input=1 | FileCheck %s --check-prefix=SUM
// RUN: iree-run-module --module=%t.vmfb --function=sum --input=1000 --print_statistics 2>&1 >/dev/null | FileCheck %s --check-prefix=BYTES
// RUN: not iree-run-module --module=%t.vmfb --function=sum --input=1099511627776 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not iree-run-module --module=%t.vmfb --function=sum --input=2305843009213693952 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not iree-run-module --module=%t.vmfb --function=sum --input=4611686018427387904 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not iree-run-module --module=%t.vmfb --function=sum --input=4611686018427387905 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not iree-run-module --module=%t.vmfb --function=sum --input=9223372036854775807 2>&1 | FileCheck %s --check-prefix=RANGE
//
// Memory that only dispatches see: of any size, or an error where there is no such memory or no such number.

// SUM: result[0]: f32=8
// Of 1000 elements, two places of 64-byte multiples.
// BYTES: DEVICE_LOCAL: 8064 B peak / 8064 B allocated / 8064 B freed / 0 B live
// MEMORY: RESOURCE_EXHAUSTED
// MEMORY-SAME: allocating temporary memory
// RANGE: OUT_OF_RANGE
// RANGE-SAME: run-module-temporary.mlir:[[#]]:
func.func @sum(%n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %a0 = tensor.splat %one[%n] : tensor<?xf32>
  %a = util.optimization_barrier %a0 : tensor<?xf32>
  %b0 = arith.addf %a, %a : tensor<?xf32>
  %b = util.optimization_barrier %b0 : tensor<?xf32>
  %c1 = arith.addf %b, %b : tensor<?xf32>
  %c = util.optimization_barrier %c1 : tensor<?xf32>
  %d0 = arith.addf %c, %c : tensor<?xf32>
  %d = util.optimization_barrier %d0 : tensor<?xf32>
  %r = tensor.extract %d[%c0] : tensor<?xf32>
  return %r : f32
}
