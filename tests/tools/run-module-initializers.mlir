// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An initializer that fails says where, and which module could not be registered.
// RUN: iree-compile --iree-execution-model=host-only %s -o %t.vmfb
// RUN: not iree-run-module --module=%t.vmfb --function=get 2>&1 | FileCheck %s

module @initialized {
  util.global private @limit : i32
  func.func private @check(%x: i32) {
    %c3 = arith.constant 3 : i32
    %ok = arith.cmpi sgt, %x, %c3 : i32
    // CHECK: FAILED_PRECONDITION; the limit is too small; at {{.*}}run-module-initializers.mlir:[[@LINE+1]]:5 in bytecode function initialized.check;
    cf.assert %ok, "the limit is too small"
    return
  }
  util.initializer {
    %c2 = arith.constant 2 : i32
    util.global.store %c2, @limit : i32
    %limit = util.global.load @limit : i32
    // CHECK-SAME: at {{.*}}run-module-initializers.mlir:[[@LINE+1]]:5 (calling @check) in bytecode function initialized.__init;
    func.call @check(%limit) : (i32) -> ()
    util.return
  }
  // CHECK-SAME: while registering module 'initialized'
  func.func @get() -> i32 {
    %limit = util.global.load immutable @limit : i32
    return %limit : i32
  }
}
