// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Results compared with what is expected of them.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb
// DEFINE: %{run} = iree-run-module --module=%t.vmfb --function=both --input="3xf32=1 2 3" --input=7

// RUN: %{run} --expected_output="3xf32=2 4 6" --expected_output=7 | FileCheck %s --check-prefix=SAME --match-full-lines
// RUN: %{run} --expected_output="3xf32=2 4 6.00005" --expected_output="(ignored)" | FileCheck %s --check-prefix=SAME --match-full-lines
// RUN: %{run} --expected_output="3xf32=2 4 6.5" --expected_output=i32=7 --expected_f32_threshold=0.6 | FileCheck %s --check-prefix=SAME --match-full-lines
//      SAME: EXEC @both
// SAME-NEXT: [SUCCESS] all function outputs matched their expected values.

// RUN: not %{run} --expected_output="3xf32=2 4 6.5" --expected_output=8 | FileCheck %s --check-prefix=DIFFERENT --match-full-lines
//      DIFFERENT: [FAILED] result[0]: element at index 2 (6) does not match the expected (6.5); expected that the view is equal to contents of a view of 3xf32
// DIFFERENT-NEXT:   expected:
// DIFFERENT-NEXT: 3xf32=2 4 6.5
// DIFFERENT-NEXT:   actual:
// DIFFERENT-NEXT: 3xf32=2 4 6
// DIFFERENT-NEXT: [FAILED] result[1]: value does not match the expected
//  DIFFERENT-NOT: SUCCESS

// RUN: not %{run} --expected_output="1x3xf32=2 4 6" --expected_output=7 | FileCheck %s --check-prefix=SHAPE
// SHAPE: [FAILED] result[0]: metadata is 3xf32; expected that the view matches 1x3xf32
// RUN: not %{run} --expected_output="3xf64=2 4 6" --expected_output=7 | FileCheck %s --check-prefix=TYPE
// TYPE: [FAILED] result[0]: metadata is 3xf32; expected that the view matches 3xf64
// RUN: not %{run} --expected_output="(null)" --expected_output=7 | FileCheck %s --check-prefix=NULL
// NULL: [FAILED] result[0]: variant types mismatch; expected null but got hal.buffer_view
// RUN: not %{run} --expected_output="3xf32=2 4 6" | FileCheck %s --check-prefix=COUNT --match-full-lines
// COUNT: [FAILED] expected 1 list elements but 2 provided
// RUN: not %{run} --expected_output="3xf32=2 4 6" --expected_output=7 --expected_output=8 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: more values than the 2 that the function has; value 2, '8'; reading --expected_output

module @expected {
  func.func @both(%arg0: tensor<?xf32>, %arg1: i32) -> (tensor<?xf32>, i32) {
    %0 = arith.addf %arg0, %arg0 : tensor<?xf32>
    return %0, %arg1 : tensor<?xf32>, i32
  }
}
