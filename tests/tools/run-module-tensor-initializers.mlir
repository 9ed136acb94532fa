// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Initializers that run dispatches: one that fails says where, and the module is not registered.
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu %s -o %t.vmfb
// RUN: not iree-run-module --module=%t.vmfb --function=get 2>&1 | FileCheck %s
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external %s -o %t.vmfb
// RUN: not iree-run-module --module=%t.vmfb --function=get 2>&1 | FileCheck %s
module @initialized {
  util.global private @table : tensor<?xi32>
  util.initializer {
    %c0 = arith.constant 0 : index
    %c5 = arith.constant 5 : i32
    %size = arith.constant 4 : index
    %0 = tensor.splat %c5[%size] : tensor<?xi32>
    %1 = util.optimization_barrier %0 : tensor<?xi32>
    %2 = arith.muli %1, %1 : tensor<?xi32>
    util.global.store %2, @table : tensor<?xi32>
    %3 = util.global.load @table : tensor<?xi32>
    %4 = tensor.extract %3[%c0] : tensor<?xi32>
    %ok = arith.cmpi slt, %4, %c5 : i32
    // CHECK: FAILED_PRECONDITION; 25 is too large; at {{.*}}:[[@LINE+1]]:5 in bytecode function initialized.__init;
    cf.assert %ok, "25 is too large"
    util.return
  }
  // CHECK-SAME: while registering module 'initialized'
  func.func @get() -> tensor<?xi32> {
    %0 = util.global.load @table : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
}
