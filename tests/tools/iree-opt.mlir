// iree-opt: Tenon's stages and MLIR's passes on any module.

// RUN: iree-opt --help | FileCheck %s --check-prefix=HELP
// HELP-DAG: --tenon-input
// HELP-DAG: --tenon-dispatch
// HELP-DAG: --tenon-schedule
// HELP-DAG: --tenon-codegen
// HELP-DAG: --tenon-to-schedule
// HELP-DAG: --canonicalize
// HELP-DAG: --one-shot-bufferize
// HELP-DAG: --pass-pipeline

// Without a pass it parses and prints, our dialects and unknown ones too.
// RUN: iree-opt %s --split-input-file | FileCheck %s --check-prefix=PLAIN
// PLAIN: func.func @double
// PLAIN: util.global private mutable @state
// PLAIN: vm.import private @custom.sum
// PLAIN: check.expect_true
// PLAIN: func.func @unknown(%{{.*}}: !custom.string)

// The stages are what iree-compile runs.
// RUN: sed '/^\/\/ -----$/,$d' %s > %t.mlir
// RUN: iree-compile --compile-to=schedule --iree-execution-model=async-external %t.mlir > %t.compile
// RUN: iree-opt --tenon-to-schedule=execution-model=async-external %t.mlir | diff -B - %t.compile
// RUN: iree-opt --pass-pipeline='builtin.module(tenon-input{execution-model=async-external},canonicalize,tenon-dispatch,tenon-schedule{execution-model=async-external})' %t.mlir | diff -B - %t.compile
// RUN: iree-opt --tenon-input --tenon-dispatch %t.mlir --emit-bytecode -o %t.mlirbc
// RUN: iree-opt --tenon-schedule --mlir-print-ir-after-all %t.mlirbc 2>&1 | FileCheck %s --check-prefix=AFTER
// AFTER: IR Dump After {{.*}}tenon-schedule
// AFTER: tenon.execute
func.func @double(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = arith.addf %x, %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Machine code goes to files.
// RUN: rm -rf %t.d && iree-opt %t.mlirbc --tenon-codegen='cpu=x86-64-v3 triple=x86_64-linux-gnu intermediates-to=%t.d/a binaries-to=%t.d/b' | FileCheck %s --check-prefix=KEPT
// KEPT: tenon.dispatch
// RUN: grep -q ymm %t.d/a/*.chunk_0.s && test -s %t.d/b/*.so
// RUN: not iree-opt %t.mlirbc --tenon-codegen='triple=z80-unknown-none' 2>&1 | FileCheck %s --check-prefix=TRIPLE
// TRIPLE: error: target 'z80-unknown-none' is not supported

// What is refused is refused by name and place.
// RUN: iree-opt %s --split-input-file --tenon-input --verify-diagnostics -o /dev/null
// RUN: not iree-opt --tenon-schedule %t.mlir 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: iree-opt.mlir.tmp.mlir:{{[0-9]+}}:8: error: 'arith.addf' on tensors is not supported outside of a dispatch
// RUN: not iree-opt %t.no-such-file 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: iree-opt: error: cannot open input file '{{.*}}no-such-file': No such file or directory
// RUN: not iree-opt %t.mlir -o %t.d/no/file 2>&1 | FileCheck %s --check-prefix=OUTPUT
// OUTPUT: iree-opt: error: cannot open output file '{{.*}}no/file'

// -----

util.global private mutable @state = 1 : i32
vm.import private @custom.sum(%values : i32 ...) -> i32
func.func @checked() {
  %true = arith.constant true
  check.expect_true(%true) : i1
  return
}

// -----

func.func @unknown(%x: !custom.string) {
  // expected-error@+1 {{unknown operation 'custom.operation'}}
  "custom.operation"(%x) : (!custom.string) -> ()
  return
}
