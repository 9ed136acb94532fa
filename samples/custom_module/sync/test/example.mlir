// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu | custom-module-sync-run - example.main | FileCheck %s
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu | custom-module-sync-run-cc - example.main | FileCheck %s

// The program's name is the first half of the name of its functions: example.main.
module @example {
  // A function without a body is an import: `custom` is the module, `call.sync` its function. It is called when its
  // argument is ready, and its result is taken as ready when it returns.
  func.func private @custom.call.sync(tensor<?xi32>) -> tensor<?xi32>

  // CHECK: INVOKE BEGIN example.main
  func.func @main(%input: tensor<?xi32>) -> tensor<?xi32> {
    %squared = arith.muli %input, %input : tensor<?xi32>
    %doubled = call @custom.call.sync(%squared) : (tensor<?xi32>) -> tensor<?xi32>
    %result = arith.muli %doubled, %doubled : tensor<?xi32>
    // CHECK-NEXT: MATCHED!
    return %result : tensor<?xi32>
  }
  // CHECK-NEXT: INVOKE END
}
