// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sample that has a thousand suspended calls in flight on one thread.
// RUN: iree-compile --iree-execution-model=host-only %S/../../samples/async_invoke/example.mlir -o %t.vmfb
// RUN: %async_invoke_sample %t.vmfb | FileCheck %s
// CHECK: 1000 calls, the sum of their results: 1001000

// A failure ends them all and is told.
// RUN: sed 's/ 10 : i64/ 1 : i64/; s/muli \(.\)0, .two/divsi \10, \1x/' %S/../../samples/async_invoke/example.mlir > %t.fails.mlir
// RUN: iree-compile --iree-execution-model=host-only %t.fails.mlir -o %t.fails.vmfb
// RUN: not %async_invoke_sample %t.fails.vmfb 2>&1 | FileCheck %s --check-prefix=FAILS
// FAILS: division by zero{{.*}}example.main

// RUN: sed 's/timer.sleep/timer.sleeep/' %S/../../samples/async_invoke/example.mlir > %t.missing.mlir
// RUN: iree-compile --iree-execution-model=host-only %t.missing.mlir -o %t.missing.vmfb
// RUN: not %async_invoke_sample %t.missing.vmfb 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: module 'timer' has no exported function 'sleeep'; it exports: sleep
