// RUN: iree-compile %s --iree-execution-model=async-external --iree-hal-target-backends=llvm-cpu -o=%t.vmfb
// RUN: custom-module-pipeline-run %t.vmfb pipeline.main | FileCheck %s
// RUN: custom-module-pipeline-run %t.vmfb pipeline.main local-sync | FileCheck %s

// CHECK: 64 invocations, 8 in flight: {{[0-9.]+}} ms
// CHECK-NEXT: one after another, the slow function alone: {{[0-9.]+}} ms
// CHECK-NEXT: overlap: {{[2-8]}}.
module @pipeline {
  func.func private @slow.step(tensor<?xf32>) -> tensor<?xf32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}

  func.func @main(%input: tensor<?xf32>) -> tensor<?xf32> {
    %doubled = arith.addf %input, %input : tensor<?xf32>
    %next = call @slow.step(%doubled) : (tensor<?xf32>) -> tensor<?xf32>
    %squared = arith.mulf %next, %next : tensor<?xf32>
    return %squared : tensor<?xf32>
  }
}
