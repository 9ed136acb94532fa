// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each mistake gets one line that says what is wrong and what is there instead.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb

// Flags.
// RUN: not iree-run-module --fucntion=main 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: iree-run-module: INVALID_ARGUMENT; unknown flag '--fucntion'; did you mean '--function'?
// RUN: not iree-run-module --module 2>&1 | FileCheck %s --check-prefix=NOVALUE
// NOVALUE: flag --module needs a value: --module=FILE
// RUN: not iree-run-module %t.vmfb 2>&1 | FileCheck %s --check-prefix=POSITIONAL
// POSITIONAL: unexpected argument '{{.*}}.vmfb'; modules are given as --module=FILE
// RUN: not iree-run-module --module=%t.vmfb --function=main --device=vulkan 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: NOT_FOUND; {{.*}}'vulkan'; the drivers are: local-sync, local-task; creating device vulkan

// Modules.
// RUN: not iree-run-module --module=%t.missing --function=main 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: NOT_FOUND; {{.*}}.missing'
// RUN: not iree-run-module --module=/dev/null --function=main 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: INVALID_ARGUMENT; {{.*}}loading module '/dev/null'
// RUN: not iree-run-module --module=%s --function=main 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: INVALID_ARGUMENT; not a module file
// RUN: head -c 1000 %t.vmfb > %t.short
// RUN: not iree-run-module --module=%t.short --function=main 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: DATA_LOSS

// Functions and arguments.
// RUN: not iree-run-module --module=%t.vmfb --function=nope 2>&1 | FileCheck %s --check-prefix=FUNCTION
// FUNCTION: NOT_FOUND; module 'errors' has no exported function 'nope'; it exports: {{.*}}main
// RUN: not iree-run-module --module=%t.vmfb 2>&1 | FileCheck %s --check-prefix=UNNAMED
// UNNAMED: --function=NAME must say which function to run; the module exports 2: {{.*}}main
// RUN: not iree-run-module --module=%t.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: the function takes 2 arguments, but 0 --input were given; `{{.*}}@main({{.*}}tensor<?x3xi32>
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=1x3xi32 --input=2 --input=3 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: the function takes 2 arguments, but 3 --input were given; `{{.*}}@main
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=1 --input=2 2>&1 | FileCheck %s --check-prefix=NOTENSOR
// NOTENSOR: a tensor is written SHAPExTYPE=VALUES{{.*}}value 0, '1'; reading --input
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=1x3xi32 --input=2.5 2>&1 | FileCheck %s --check-prefix=NOSCALAR
// NOSCALAR: '2.5' is no i32; value 1, '2.5'; reading --input
// RUN: not iree-run-module --module=%t.vmfb --function=main --input="1x3xi32=1 2" --input=2 2>&1 | FileCheck %s --check-prefix=ELEMENTS
// ELEMENTS: OUT_OF_RANGE; {{.*}}value 0, '1x3xi32=1 2'

// What the program refuses, with the place in it.
// RUN: not iree-run-module --module=%t.vmfb --function=main "--input=(null)" --input=2 2>&1 | FileCheck %s --check-prefix=NULL
// NULL: the view is null; pass an iree_hal_buffer_view_t of type ?x3xi32{{.*}}run-module-errors.mlir:[[#]]:{{.*}}argument 0 of @main
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=1x3xf32 --input=2 2>&1 | FileCheck %s --check-prefix=ELEMENT
// ELEMENT: expected a tensor of ?x3xi32 but the view is 1x3xf32 (element type f32 instead of i32){{.*}}argument 0 of @main
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=3xi32 --input=2 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: expected a tensor of ?x3xi32 but the view is 3xi32 (rank 1 instead of 2){{.*}}argument 0 of @main
// RUN: not iree-run-module --module=%t.vmfb --function=main --input=3x4xi32 --input=2 2>&1 | FileCheck %s --check-prefix=DIMENSION
// DIMENSION: expected a tensor of ?x3xi32 but the view is 3x4xi32 (dimension 1 is 4 instead of 3){{.*}}argument 0 of @main
// RUN: not iree-run-module --module=%t.vmfb --function=add --input=4xi32 --input=3xi32 2>&1 | FileCheck %s --check-prefix=AGREE
// AGREE: INVALID_ARGUMENT; {{.*}}is 3, but {{.*}}is 4; at {{.*}}run-module-errors.mlir:[[#]]

module @errors {
  func.func @main(%arg0: tensor<?x3xi32>, %arg1: i32) -> tensor<?x3xi32> {
    %0 = arith.addi %arg0, %arg0 : tensor<?x3xi32>
    return %0 : tensor<?x3xi32>
  }
  func.func @add(%arg0: tensor<?xi32>, %arg1: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %arg0, %arg1 : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}
