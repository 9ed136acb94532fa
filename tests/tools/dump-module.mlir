// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What iree-dump-module shows, for people and for programs.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb
// RUN: iree-dump-module %t.vmfb | FileCheck %s
// RUN: iree-dump-module - < %t.vmfb | FileCheck %s
//      CHECK: Module @dump, format 1.1, [[#]] bytes, checksum {{[0-9a-f]+}}
//      CHECK: Sections: 11
// CHECK-NEXT: strings {{ *}}[[#]] bytes at [[#]]
//      CHECK: rodata_bytes
//      CHECK: Types:
//      CHECK: Imports:
//      CHECK: custom.call 0r_r
//      CHECK: hal.dispatch 0riCrDCID_v
//      CHECK: Exports:
//      CHECK: main 0rr_r, function [[#MAIN:]]
// CHECK-NEXT: iree.abi.declaration: {{.*}}@main({{.*}}tensor<?xi32>
//      CHECK: Functions:
//      CHECK: @main (0rr_r): i32
//      CHECK: call.import hal.buffer_view.import.1({{.*}}dump-module.mlir:[[#]]:[[#]]
//      CHECK: return
//      CHECK: Rodata:
//      CHECK: executable [[#]] bytes at [[#]] {{.*}} 7f 45 4c 46
//      CHECK: Locations:
//      CHECK: @main+[[#]]: {{.*}}dump-module.mlir:[[#]]:[[#]]
//      CHECK: Strings:

// RUN: iree-dump-module %t.vmfb --json | %python %S/Inputs/check_dump.py %t.vmfb

// RUN: not iree-dump-module 2>&1 | FileCheck %s --check-prefix=USAGE
// USAGE: expected one module file, got 0; usage: iree-dump-module FILE [--json]
// RUN: not iree-dump-module %t.missing 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: iree-dump-module: NOT_FOUND; {{.*}}.missing'
// RUN: not iree-dump-module %s 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: INVALID_ARGUMENT; not a module file{{.*}}dump-module.mlir'
// RUN: head -c 1000 %t.vmfb > %t.short
// RUN: not iree-dump-module %t.short 2>&1 | FileCheck %s --check-prefix=SHORT --implicit-check-not=Sections
// SHORT: iree-dump-module: DATA_LOSS; {{.*}}.short'
// RUN: not iree-dump-module %t.vmfb 2>&1 > /dev/full | FileCheck %s --check-prefix=FULL
// FULL: RESOURCE_EXHAUSTED; writing to standard output failed: No space left on device
// RUN: not iree-dump-module %t.vmfb --jsno 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: unknown flag '--jsno'; did you mean '--json'?
// RUN: iree-dump-module --help | FileCheck %s --check-prefix=HELP
// HELP: Usage: iree-dump-module FILE [--json]

module @dump {
  func.func private @custom.call(tensor<?xi32>) -> tensor<?xi32>
  func.func @main(%arg0: tensor<?xi32>, %arg1: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %arg0, %arg1 : tensor<?xi32>
    %1 = call @custom.call(%0) : (tensor<?xi32>) -> tensor<?xi32>
    return %1 : tensor<?xi32>
  }
}
