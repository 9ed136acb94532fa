// A picture of the schedule.

// RUN: rm -rf %t && mkdir -p %t/bin
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external --dump-schedule=%t/a.dot %s -o /dev/null
// RUN: FileCheck %s < %t/a.dot

// CHECK: digraph schedule {
// CHECK: label="async func @main(%input0: tensor<?xf32>, %input1: tensor<?xf32>) -> (%output0: tensor<?xf32>)"
// CHECK: [[ENTRY:n[0-9]+]] [{{.*}}label="called"]
// CHECK: [[A:n[0-9]+]] [{{.*}}cylinder{{.*}}label="argument 0 of @main\ntensor<?xf32>"]
// CHECK: [[B:n[0-9]+]] [{{.*}}label="argument 1 of @main
// CHECK: [[BUFFER:n[0-9]+]] [{{.*}}cylinder{{.*}}label="tensor<?xf32>"]
// CHECK: [[FIRST:n[0-9]+]] [{{.*}}label="1. @main_dispatch_0\ndump_schedule.mlir:[[# @LINE + 20]]"]
// CHECK: [[VIEW:n[0-9]+]] [{{.*}}label="argument 0 of custom.f
// CHECK: [[FENCE:n[0-9]+]] [{{.*}}label="fence"]
// CHECK: [[CALL:n[0-9]+]] [{{.*}}label="2. @custom.f\ndump_schedule.mlir:[[# @LINE + 18]]"]
// CHECK: [[SECOND:n[0-9]+]] [{{.*}}label="3. @main_dispatch_1
// CHECK: [[SIGNAL:n[0-9]+]] [{{.*}}label="4. signal
// CHECK-DAG: [[ENTRY]] -> [[A]] [color="#45606e"];
// CHECK-DAG: [[A]] -> [[FIRST]] [color="#45606e"];
// CHECK-DAG: [[FIRST]] -> [[BUFFER]] [color="#45606e"];
// CHECK-DAG: [[BUFFER]] -> [[VIEW]] [color="#45606e"];
// CHECK-DAG: [[VIEW]] -> [[CALL]] [color="#45606e"];
// CHECK-DAG: [[FIRST]] -> [[CALL]] [color="#cc0000", penwidth=1.8];
// CHECK-DAG: [[FENCE]] -> [[CALL]] [color="#674ea7", style=dashed];
// CHECK-DAG: [[B]] -> [[SECOND]] [color="#45606e"];
// CHECK-DAG: [[SECOND]] -> [[SIGNAL]] [color="#cc0000", penwidth=1.8];
// CHECK: label="async func @loop
// CHECK: label="branch"
// CHECK: }
func.func private @custom.f(%x: tensor<?xf32>) -> tensor<?xf32> attributes {iree.abi.model = "coarse-fences", nosideeffects}
func.func @main(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %0 = arith.addf %a, %a : tensor<?xf32>
  %1 = call @custom.f(%0) : (tensor<?xf32>) -> tensor<?xf32>
  %2 = arith.mulf %1, %b : tensor<?xf32>
  return %2 : tensor<?xf32>
}
func.func @loop(%a: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<4xf32> {
    %y = arith.addf %x, %a : tensor<4xf32>
    scf.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// The same for each way to compile, and twice the same.
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external --dump-schedule=%t/b.dot %s -o %t/b.vmfb && cmp %t/a.dot %t/b.dot
// RUN: iree-compile --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external %s -o %t/c.vmfb && cmp %t/b.vmfb %t/c.vmfb

// Graphviz makes .svg; here something stands for it.
// RUN: printf '#!/bin/sh\necho "<svg $1>"; cat\n' > %t/bin/dot && chmod +x %t/bin/dot
// RUN: env PATH=%t/bin:$PATH iree-compile --compile-to=schedule --iree-execution-model=async-external --dump-schedule=%t/a.svg %s -o /dev/null
// RUN: (echo "<svg -Tsvg>"; cat %t/a.dot) | cmp - %t/a.svg
// RUN: printf '#!/bin/sh\necho half; exit 3\n' > %t/bin/dot
// RUN: not env PATH=%t/bin:$PATH iree-compile --compile-to=schedule --dump-schedule=%t/bad.svg %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=FAILED
// FAILED: error: --dump-schedule={{.*}}bad.svg: {{.*}}Graphviz's 'dot' failed
// RUN: compiler=$(command -v iree-compile) && not env PATH=%t "$compiler" --compile-to=schedule --dump-schedule=%t/bad.svg %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: --dump-schedule={{.*}}can't run Graphviz's 'dot', which draws .svg files: No such file or directory; install Graphviz, or name a file that ends in .dot
// RUN: test ! -e %t/bad.svg

// RUN: not iree-compile --dump-schedule=%t/a.png %s 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: --dump-schedule={{.*}}a.png: expected a file that ends in .svg or .dot
// RUN: not iree-compile --compile-to=dispatch --dump-schedule=%t/a.dot %s 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: --dump-schedule draws what the stage schedule makes; found --compile-to=dispatch
// RUN: not iree-compile --compile-to=schedule --dump-schedule=%t/no/a.dot %s 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: error: --dump-schedule={{.*}}/no/a.dot: NOT_FOUND; can't write '{{.*}}/no/a.dot': No such file or directory
