// RUN: iree-compile %s --iree-execution-model=async-external --iree-hal-target-backends=llvm-cpu -o=%t.vmfb
// RUN: custom-module-async-run %t.vmfb example.main | FileCheck %s
// RUN: custom-module-async-cc-run %t.vmfb example.main | FileCheck %s
// RUN: custom-module-async-friendly-run %t.vmfb example.main | FileCheck %s
// RUN: custom-module-async-late-run %t.vmfb example.main | FileCheck %s --check-prefix=LATE
// RUN: custom-module-async-run %t.vmfb example.main local-sync | FileCheck %s
// RUN: custom-module-async-cc-run %t.vmfb example.main local-sync | FileCheck %s
// RUN: custom-module-async-friendly-run - example.main local-sync < %t.vmfb | FileCheck %s
// RUN: custom-module-async-late-run - example.main local-sync < %t.vmfb | FileCheck %s --check-prefix=LATE

module @example {
  // With `coarse-fences` the function takes two fences more: it waits for one and signals the other. With `nosideeffects`
  // the program goes on after the call without waiting, and what uses the result waits for it.
  func.func private @custom.call.async(tensor<?xi32>) -> tensor<?xi32>
      attributes {iree.abi.model = "coarse-fences", nosideeffects}

  // CHECK: INITIALIZE T=0
  // CHECK: SIGNALED T=1
  // CHECK: VM INVOKE BEGIN example.main
  // LATE: INITIALIZE T=0
  // LATE: VM INVOKE BEGIN example.main
  func.func @main(%input: tensor<?xi32>) -> tensor<?xi32> {
    %squared = arith.muli %input, %input : tensor<?xi32>
    %doubled = call @custom.call.async(%squared) : (tensor<?xi32>) -> tensor<?xi32>
    %result = arith.muli %doubled, %doubled : tensor<?xi32>
    // CHECK: VM INVOKE END
    // LATE: VM INVOKE END
    // LATE: SIGNALED T=1
    return %result : tensor<?xi32>
  }
  // CHECK: REACHED T=2
  // CHECK: MATCHED!
  // LATE: REACHED T=2
  // LATE: MATCHED!
}
