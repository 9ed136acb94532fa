// RUN: iree-compile %s --iree-execution-model=host-only | custom-module-basic-run - example.main | FileCheck %s --check-prefixes=CHECK,DEBUG
// RUN: iree-compile %s --iree-execution-model=host-only | custom-module-basic-run-cc - example.main | FileCheck %s --check-prefixes=CHECK,DEBUG
// RUN: iree-compile %s --iree-execution-model=host-only | custom-module-basic-run-optimized - example.main | FileCheck %s --check-prefixes=CHECK,OPTIMIZED

module @example {
  // Imports: `custom` is the module. A type of a dialect that nobody knows is one of the module's own: the program holds it
  // and hands it on. !util.buffer is bytes in the host's memory.
  func.func private @custom.string.create(!util.buffer) -> !custom.string

  // The runtime's calls know i32, i64, f32, f64 and references. An index is an i64, unless the import says otherwise.
  func.func private @custom.string.length(!custom.string) -> index attributes {
    vm.signature = (!vm.ref<!custom.string>) -> i64
  }

  func.func private @custom.string.print(!custom.string)

  // This one may be missing: only the module's debug build has it. Without it the fallback is called.
  func.func private @custom.string.dprint(!custom.string) attributes {
    vm.fallback = @print_optimized
  }
  func.func private @print_optimized(%unused: !custom.string) {
    %bytes = util.buffer.constant : !util.buffer = "optimized"
    %string = call @custom.string.create(%bytes) : (!util.buffer) -> !custom.string
    call @custom.string.print(%string) : (!custom.string) -> ()
    return
  }

  // CHECK: INVOKE BEGIN example.main
  func.func @main() {
    // CHECK-NEXT: CREATE hello
    %hello_bytes = util.buffer.constant : !util.buffer = "hello"
    %hello = call @custom.string.create(%hello_bytes) : (!util.buffer) -> !custom.string
    // CHECK-NEXT: PRINT hello
    call @custom.string.print(%hello) : (!custom.string) -> ()
    // CHECK-NEXT: LENGTH hello = 5
    %length = call @custom.string.length(%hello) : (!custom.string) -> index
    // A barrier gives its operands back, and the compiler takes nothing as known of them.
    util.optimization_barrier %length : index
    // CHECK-NEXT: CREATE debug
    // DEBUG-NEXT: PRINT debug
    // OPTIMIZED-NEXT: CREATE optimized
    // OPTIMIZED-NEXT: PRINT optimized
    %debug_bytes = util.buffer.constant : !util.buffer = "debug"
    %debug = call @custom.string.create(%debug_bytes) : (!util.buffer) -> !custom.string
    call @custom.string.dprint(%debug) : (!custom.string) -> ()
    return
  }
  // CHECK-NEXT: INVOKE END
}
