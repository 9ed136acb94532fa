// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: split-file --leading-lines %s %t
// RUN: iree-compile %t/passing.mlir --iree-hal-target-backends=llvm-cpu -o %t/passing.vmfb
// RUN: iree-compile %t/passing.mlir --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t/passing_async.vmfb
// RUN: iree-compile %t/failing.mlir --iree-hal-target-backends=llvm-cpu -o %t/failing.vmfb
// RUN: iree-compile %t/failing.mlir --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t/failing_async.vmfb
// RUN: iree-compile %t/host.mlir --iree-execution-model=host-only -o %t/host.vmfb
// RUN: iree-compile %t/signature.mlir --iree-hal-target-backends=llvm-cpu -o %t/signature.vmfb
// RUN: iree-compile %t/empty.mlir --iree-hal-target-backends=llvm-cpu -o %t/empty.vmfb

// On every device, at once or behind fences; the tests have a context each.
// RUN: iree-check-module %t/passing.vmfb | FileCheck %s --check-prefix=PASSING
// RUN: iree-check-module --device=local-sync - < %t/passing.vmfb | FileCheck %s --check-prefix=PASSING
// RUN: iree-check-module --device=local-task --task_topology_group_count=2 %t/passing_async.vmfb | FileCheck %s --check-prefix=PASSING
// RUN: iree-check-module --device=local-sync %t/passing_async.vmfb | FileCheck %s --check-prefix=PASSING
// RUN: iree-check-module %t/host.vmfb | FileCheck %s --check-prefix=HOST
// PASSING: [==========] Running 3 tests from 1 test suite.
// PASSING: [ RUN      ] passing.addition
// PASSING: [       OK ] passing.addition
// PASSING: [ RUN      ] passing.first_count
// PASSING: [       OK ] passing.first_count
// PASSING: [ RUN      ] passing.second_count
// PASSING: [       OK ] passing.second_count
// PASSING: [  PASSED  ] 3 tests.
// HOST: [  PASSED  ] 1 test.

// A failure says where, and of what; the test goes on, and so do the others.
// RUN: not iree-check-module --device=local-sync %t/failing.vmfb > %t/failing.txt 2>&1
// RUN: FileCheck %s --check-prefix=FAILING < %t/failing.txt
// RUN: not iree-check-module --device=local-task %t/failing_async.vmfb > %t/failing_async.txt 2>&1
// RUN: FileCheck %s --check-prefix=FAILING < %t/failing_async.txt
// FAILING: [       OK ] failing.passes
// FAILING: [ RUN      ] failing.status
// FAILING: Failure
// FAILING-NEXT: FAILED_PRECONDITION; not there yet
// FAILING: [  FAILED  ] failing.status
// FAILING: [ RUN      ] failing.values
// FAILING-NEXT: failing.mlir:[[#VALUES:]]: Failure
// FAILING-NEXT: Expected equality of these values:
// FAILING-NEXT:   lhs: 3xi32=2 4 6
// FAILING-NEXT:   rhs: 3xi32=2 4 7
// FAILING-NEXT: Element [2] is 6, expected 7
// FAILING-NEXT: failing.mlir:[[#VALUES+2]]: Failure
// FAILING-NEXT: Expected this value to be true:
// FAILING-NEXT:   0
// FAILING-NEXT: [  FAILED  ] failing.values
// FAILING: [  PASSED  ] 1 test.
// FAILING: [  FAILED  ] 2 tests, listed below:

// Failures that are wanted.
// RUN: iree-check-module --expect_failure %t/failing.vmfb | FileCheck %s --check-prefix=EXPECTED
// EXPECTED: Test failed as expected
// RUN: not iree-check-module --expect_failure %t/passing.vmfb | FileCheck %s --check-prefix=UNEXPECTED
// UNEXPECTED: Test passed but expected failure

// googletest's flags.
// RUN: iree-check-module %t/failing.vmfb --gtest_filter=*.pass* | FileCheck %s --check-prefix=FILTER
// FILTER: [  PASSED  ] 1 test.
// RUN: iree-check-module %t/failing.vmfb --gtest_list_tests | FileCheck %s --check-prefix=LIST
// LIST: failing.
// LIST-NEXT:   passes
// LIST-NEXT:   status
// LIST-NEXT:   values
// RUN: not iree-check-module %t/failing.vmfb --gtest_output=xml:%t/out.xml
// RUN: FileCheck %s --check-prefix=XML < %t/out.xml
// XML: <testsuites tests="3" failures="2"
// XML: <failure message="{{.*}}failing.mlir:{{[0-9]+}}&#x0A;Expected equality of these values:

// The command line.
// RUN: iree-check-module > %t/usage.txt 2>&1; test $? = 255
// RUN: FileCheck %s --check-prefix=USAGE < %t/usage.txt
// USAGE: Usage: iree-check-module FILE
// RUN: iree-check-module --help | FileCheck %s --check-prefix=HELP
// HELP: --gtest_filter=
// HELP: Usage: iree-check-module FILE
// HELP: --expect_failure
// RUN: iree-check-module --version | FileCheck %s --check-prefix=VERSION
// VERSION: iree-check-module (Tenon)
// RUN: not iree-check-module %t/passing.vmfb %t/failing.vmfb 2>&1 | FileCheck %s --check-prefix=TWO
// TWO: iree-check-module: INVALID_ARGUMENT; 2 modules were given; expected one
// RUN: not iree-check-module %t/passing.vmfb --gtest_filtre=a 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: unknown flag '--gtest_filtre'
// RUN: not iree-check-module %t/nothing.vmfb 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: iree-check-module: NOT_FOUND; {{.*}}nothing.vmfb'
// RUN: not iree-check-module %t/signature.vmfb 2>&1 | FileCheck %s --check-prefix=SIGNATURE
// SIGNATURE: INVALID_ARGUMENT; the function 'takes' takes 1 argument and returns 0 results; expected exports to be tests
// RUN: iree-check-module %t/empty.vmfb 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: iree-check-module: the module exports no function to test
// What the program imports besides.
// RUN: iree-compile %t/import.mlir --iree-hal-target-backends=llvm-cpu | not iree-check-module - 2>&1 | FileCheck %s --check-prefix=IMPORT
// IMPORT: [ RUN      ] module.a
// IMPORT: NOT_FOUND;{{.*}}custom.call
// IMPORT: [  FAILED  ] module.a

//--- passing.mlir
module @passing {
  func.func @addition() {
    %0 = util.unfoldable_constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %1 = arith.addf %0, %0 : tensor<3xf32>
    check.expect_almost_eq_const(%1, dense<[2.0, 4.0, 6.0]> : tensor<3xf32>) : tensor<3xf32>
    %2 = arith.cmpf oeq, %1, %1 : tensor<3xf32>
    check.expect_all_true(%2) : tensor<3xi1>
    %3 = tensor.cast %1 : tensor<3xf32> to tensor<?xf32>
    check.expect_eq(%3, %3) : tensor<?xf32>
    return
  }
  util.global private mutable @count = 0 : i32
  func.func private @raise() -> i32 {
    %0 = util.global.load @count : i32
    %1 = arith.constant 1 : i32
    %2 = arith.addi %0, %1 : i32
    util.global.store %2, @count : i32
    return %2 : i32
  }
  func.func @first_count() {
    %0 = call @raise() : () -> i32
    check.expect_eq_const(%0, 1 : i32) : i32
    return
  }
  func.func @second_count() {
    %0 = call @raise() : () -> i32
    check.expect_eq_const(%0, 1 : i32) : i32
    return
  }
}

//--- failing.mlir
module @failing {
  func.func @values() {
    %0 = util.unfoldable_constant dense<[1, 2, 3]> : tensor<3xi32>
    %1 = arith.addi %0, %0 : tensor<3xi32>
    check.expect_eq_const(%1, dense<[2, 4, 7]> : tensor<3xi32>) : tensor<3xi32>
    %2 = util.unfoldable_constant false
    check.expect_true(%2) : i1
    return
  }
  func.func @status() {
    %0 = util.unfoldable_constant false
    cf.assert %0, "not there yet"
    return
  }
  func.func @passes() {
    %0 = util.unfoldable_constant 0 : i64
    check.expect_false(%0) : i64
    return
  }
}

//--- host.mlir
func.func @numbers() {
  %0 = util.unfoldable_constant 2.5 : f64
  %1 = arith.addf %0, %0 : f64
  check.expect_eq_const(%1, 5.0 : f64) : f64
  check.expect_almost_eq_const(%1, 5.05 : f64, rtol 0.01) : f64
  %2 = util.unfoldable_constant 7 : i8
  check.expect_eq_const(%2, 7 : i8) : i8
  check.expect_true(%2) : i8
  return
}

//--- signature.mlir
func.func @takes(%x: i32) { return }

//--- empty.mlir
module @empty {
}

//--- import.mlir
func.func private @custom.call(i32)
func.func @a() {
  %0 = arith.constant 1 : i32
  call @custom.call(%0) : (i32) -> ()
  return
}
