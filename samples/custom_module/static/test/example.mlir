// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o=%t.vmfb
// RUN: custom-run-module --module=%t.vmfb --function=main --input=5xi32=1,2,3,4,5 | FileCheck %s
// RUN: custom-run-module-cc --module=%t.vmfb --function=main --input=5xi32=1,2,3,4,5 --device=local-sync | FileCheck %s

module @example {
  func.func private @custom.call.sync(tensor<?xi32>) -> tensor<?xi32>

  // CHECK: EXEC @main
  func.func @main(%input: tensor<?xi32>) -> tensor<?xi32> {
    %squared = arith.muli %input, %input : tensor<?xi32>
    %doubled = call @custom.call.sync(%squared) : (tensor<?xi32>) -> tensor<?xi32>
    %result = arith.muli %doubled, %doubled : tensor<?xi32>
    // CHECK-NEXT: result[0]: hal.buffer_view
    // CHECK-NEXT: 5xi32=4 64 324 1024 2500
    return %result : tensor<?xi32>
  }
}
