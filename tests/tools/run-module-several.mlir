// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Several compiled programs in one call: later ones import from earlier ones, and the last one is run.
// RUN: sed -n '/^\/\/ FIRST/,/^\/\/ SECOND/p' %s > %t.first.mlir
// RUN: sed -n '/^\/\/ SECOND/,$p' %s > %t.second.mlir
// RUN: iree-compile %t.first.mlir --iree-hal-target-backends=llvm-cpu -o %t.first.vmfb
// RUN: iree-compile %t.second.mlir --iree-hal-target-backends=llvm-cpu -o %t.second.vmfb

// RUN: iree-run-module --module=%t.first.vmfb --module=%t.second.vmfb --function=main --input=3xi32=1,2,3 --input=10 | FileCheck %s --match-full-lines
//      CHECK: EXEC @main
// CHECK-NEXT: result[0]: hal.buffer_view
// CHECK-NEXT: 3xi32=22 24 26

// RUN: iree-run-module --module=%t.first.vmfb --module=- --function=second.main --input=3xi32=1,2,3 --input=10 < %t.second.vmfb | FileCheck %s --match-full-lines

// Functions of the others are not looked at, and the order counts.
// RUN: not iree-run-module --module=%t.first.vmfb --module=%t.second.vmfb --function=shift --input=3xi32=1,2,3 --input=10 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: NOT_FOUND; module 'second' has no exported function 'shift'
// RUN: not iree-run-module --module=%t.second.vmfb --module=%t.first.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: module 'second' imports 'first.shift', but no module 'first' is registered before it{{.*}}loading module '{{.*}}second.vmfb'

// Both with fences; and what is said where the one has them and the other does not, or the function is not there.
// RUN: iree-compile %t.first.mlir --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t.later.vmfb
// RUN: sed '/func.func private/s/$/ attributes {iree.abi.model = "coarse-fences"}/' %t.second.mlir > %t.fences.mlir
// RUN: iree-compile %t.fences.mlir --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t.fences.vmfb
// RUN: iree-run-module --module=%t.later.vmfb --module=%t.fences.vmfb --function=main --input=3xi32=1,2,3 --input=10 | FileCheck %s --match-full-lines
// RUN: not iree-run-module --module=%t.later.vmfb --module=%t.second.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=MODEL
// MODEL: module 'second' imports 'first.shift' as 0ri_r: sync func @first.shift({{.*}}, but the module that was registered has it as 0rirr_r: async func @shift({{.*}}; change the declaration
// RUN: sed 's/@shift/@move/' %t.first.mlir > %t.moved.mlir
// RUN: iree-compile %t.moved.mlir --iree-hal-target-backends=llvm-cpu -o %t.moved.vmfb
// RUN: not iree-run-module --module=%t.moved.vmfb --module=%t.second.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: module 'first' has no exported function 'shift'; it exports: {{.*}}move{{.*}} module 'second' imports 'first.shift'

// FIRST
module @first {
  func.func @shift(%value: tensor<?xi32>, %by: i32) -> tensor<?xi32> {
    %zero = arith.constant 0 : index
    %size = tensor.dim %value, %zero : tensor<?xi32>
    %amount = tensor.splat %by[%size] : tensor<?xi32>
    %result = arith.addi %value, %amount : tensor<?xi32>
    return %result : tensor<?xi32>
  }
}
// SECOND
module @second {
  func.func private @first.shift(tensor<?xi32>, i32) -> tensor<?xi32>
  func.func @main(%value: tensor<?xi32>, %by: i32) -> tensor<?xi32> {
    %shifted = call @first.shift(%value, %by) : (tensor<?xi32>, i32) -> tensor<?xi32>
    %result = arith.addi %shifted, %shifted : tensor<?xi32>
    return %result : tensor<?xi32>
  }
}
