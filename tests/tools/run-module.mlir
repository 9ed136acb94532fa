// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What iree-run-module prints, for every kind of value.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb

// RUN: iree-run-module --module=%t.vmfb --function=square --input="5xi32=1 2 3 4 5" | FileCheck %s --check-prefix=SQUARE --match-full-lines --strict-whitespace
//      SQUARE:EXEC @square
// SQUARE-NEXT:result[0]: hal.buffer_view
// SQUARE-NEXT:5xi32=1 4 9 16 25
//  SQUARE-NOT:{{.}}

// The other spellings of the flags, the module from standard input, the function with its module's name, a device's URI.
// RUN: iree-run-module --module_file=- --entry_function=example.square --function_input="1xi32=-3" --device=local-sync:// < %t.vmfb | FileCheck %s --check-prefix=OLD --match-full-lines
// RUN: iree-run-module --function=square --input=1xi32=-3 < %t.vmfb | FileCheck %s --check-prefix=OLD --match-full-lines
//      OLD: EXEC @square
// OLD-NEXT: result[0]: hal.buffer_view
// OLD-NEXT: 1xi32=9

// RUN: iree-run-module --module=%t.vmfb --function=mixed --input="2x3xf32=1 2.5 3 4 5 1e10" --input=1.5 --input=-7 --input=5000000000 --input=f64=1e20 | FileCheck %s --check-prefix=MIXED --match-full-lines
//      MIXED: EXEC @mixed
// MIXED-NEXT: result[0]: hal.buffer_view
// MIXED-NEXT: 2x3xf32=[2 5 6][8 10 2E+10]
// MIXED-NEXT: result[1]: f32=1.5
// MIXED-NEXT: result[2]: i32=-7
// MIXED-NEXT: result[3]: i64=5000000000
// MIXED-NEXT: result[4]: f64=1e+20

// RUN: iree-run-module --module=%t.vmfb --function=compare --input="4xi32=1 2 3 0" | FileCheck %s --check-prefix=COMPARE --match-full-lines
//      COMPARE: result[0]: hal.buffer_view
// COMPARE-NEXT: 4xi1=01 00 00 01

// RUN: iree-run-module --module=%t.vmfb --function=cube --input="2x2x2xi8=100" --input=1 | FileCheck %s --check-prefix=CUBE --match-full-lines
//      CUBE: 2x2x2xi8=[{{\[}}-56 -56][-56 -56]][{{\[}}-56 -56][-56 -56]]
// CUBE-NEXT: result[1]: i32=1

// RUN: iree-run-module --module=%t.vmfb --function=scalar --input=f64=-1.1 | FileCheck %s --check-prefix=SCALAR --match-full-lines
// SCALAR: f64=1.21

// RUN: iree-run-module --module=%t.vmfb --function=nothing | FileCheck %s --check-prefix=NOTHING --match-full-lines
//     NOTHING: EXEC @nothing
// NOTHING-NOT: {{.}}

// RUN: iree-run-module --module=%t.vmfb --function=double --input=0x3xf32 | FileCheck %s --check-prefix=EMPTY --match-full-lines
// EMPTY: 0x3xf32=
// RUN: iree-run-module --module=%t.vmfb --function=double --input="2x3xf32=[1 2 3][4 inf nan]" | FileCheck %s --check-prefix=SPECIAL --match-full-lines
// SPECIAL: 2x3xf32=[2 4 6][8 INF NAN]
// RUN: iree-run-module --module=%t.vmfb --function=double --input="2x3xf32=1 2 3 4 5 6" --output_max_element_count=4 | FileCheck %s --check-prefix=ELIDED --match-full-lines
// RUN: iree-run-module --module=%t.vmfb --function=double --input="2x3xf32=1 2 3 4 5 6" --print_max_element_count=4 | FileCheck %s --check-prefix=ELIDED --match-full-lines
// ELIDED: 2x3xf32=[2 4 6][8...]

// RUN: iree-run-module --module=%t.vmfb --function=double --input=1x3xf32=1 --print_statistics 2>&1 | FileCheck %s --check-prefix=STATISTICS
// STATISTICS: DEVICE_LOCAL: {{.*}} peak

// RUN: iree-run-module --list_drivers | FileCheck %s --check-prefix=DRIVERS
//      DRIVERS: {{^ *}}local-sync: {{.}}
// DRIVERS-NEXT: {{^ *}}local-task: {{.}}
// RUN: iree-run-module --list_devices | FileCheck %s --check-prefixes=DEVICES,MORE --match-full-lines
// RUN: iree-run-module --list_devices=local-sync | FileCheck %s --check-prefix=DEVICES --match-full-lines
// RUN: iree-run-module --dump_devices | FileCheck %s --check-prefix=DUMP
//   DEVICES: local-sync://
// MORE-NEXT: local-task://
// DUMP: --device=local-sync://
// DUMP: --device=local-task://
// RUN: iree-run-module --help | FileCheck %s --check-prefix=HELP
// HELP: Usage: iree-run-module
// HELP: --module=FILE
// HELP: --expected_output=VALUE
// RUN: iree-run-module --version | FileCheck %s --check-prefix=VERSION
// VERSION: iree-run-module (Tenon) {{[0-9]+\.[0-9]+\.[0-9]+}}

module @example {
  func.func @square(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  func.func @mixed(%arg0: tensor<2x3xf32>, %arg1: f32, %arg2: i32, %arg3: i64, %arg4: f64) -> (tensor<2x3xf32>, f32, i32, i64, f64) {
    %0 = arith.addf %arg0, %arg0 : tensor<2x3xf32>
    return %0, %arg1, %arg2, %arg3, %arg4 : tensor<2x3xf32>, f32, i32, i64, f64
  }
  func.func @compare(%arg0: tensor<4xi32>) -> tensor<4xi1> {
    %two = arith.constant dense<2> : tensor<4xi32>
    %0 = arith.cmpi slt, %arg0, %two : tensor<4xi32>
    return %0 : tensor<4xi1>
  }
  func.func @cube(%arg0: tensor<2x2x2xi8>, %arg1: i1) -> (tensor<2x2x2xi8>, i1) {
    %0 = arith.addi %arg0, %arg0 : tensor<2x2x2xi8>
    return %0, %arg1 : tensor<2x2x2xi8>, i1
  }
  func.func @scalar(%arg0: tensor<f64>) -> tensor<f64> {
    %0 = arith.mulf %arg0, %arg0 : tensor<f64>
    return %0 : tensor<f64>
  }
  func.func @nothing() {
    return
  }
  func.func @double(%arg0: tensor<?x3xf32>) -> tensor<?x3xf32> {
    %0 = arith.addf %arg0, %arg0 : tensor<?x3xf32>
    return %0 : tensor<?x3xf32>
  }
}
