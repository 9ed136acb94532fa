// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What fails in host programs says what was expected and what is there, and names every frame with its place in the source.
// RUN: rm -rf %t && split-file %s %t && cd %t
// DEFINE: %{compile} = iree-compile --iree-execution-model=host-only
// RUN: %{compile} lib.mlir -o lib.vmfb
// RUN: %{compile} program.mlir -o program.vmfb
// DEFINE: %{run} = not iree-run-module --module=lib.vmfb --module=program.vmfb

// What no module provides, or not like that.
// RUN: not iree-run-module --module=program.vmfb --function=calls 2>&1 | FileCheck %s --check-prefix=MODULE
// MODULE: NOT_FOUND; module 'program' imports 'lib.{{[a-z]+}}', but no module 'lib' is registered before it (registered: hal); register module 'lib' before 'program'; while registering module 'program'; loading module 'program.vmfb'
// RUN: %{compile} function.mlir -o function.vmfb
// RUN: not iree-run-module --module=lib.vmfb --module=function.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=FUNCTION
// FUNCTION: NOT_FOUND; module 'lib' has no exported function 'nothing'; it exports: divide; module 'program' imports 'lib.nothing'; while registering module 'program'
// RUN: %{compile} signature.mlir -o signature.vmfb
// RUN: not iree-run-module --module=lib.vmfb --module=signature.vmfb --function=main 2>&1 | FileCheck %s --check-prefix=SIGNATURE
// SIGNATURE: module 'program' imports 'lib.divide' as 0I_i: {{.*}}%input0: i64{{.*}}, but the module that was registered has it as 0ii_i: {{.*}}%input0: i32, %input1: i32{{.*}}; change the declaration
// RUN: not %{compile} fallback.mlir -o fallback.vmfb 2>&1 | FileCheck %s --check-prefix=FALLBACK
// FALLBACK: fallback.mlir:2:3: error: the import 'lib.maybe': vm.fallback names @nothing, which is no function of the program

// Across two programs.
// RUN: %{run} --function=calls --input=1 --input=0 2>&1 | FileCheck %s --check-prefix=DIVISION
// DIVISION: iree-run-module: INVALID_ARGUMENT; integer division by zero; at lib.mlir:3:10 in bytecode function lib.divide; at program.mlir:4:10 (calling lib.divide) in bytecode function program.inner; at program.mlir:8:10 (calling @inner) in bytecode function program.calls; `sync func @calls(

// RUN: %{run} --function=recurse --input=1 2>&1 | FileCheck %s --check-prefix=RECURSION
// RECURSION: RESOURCE_EXHAUSTED; stack overflow: at a depth of [[#DEPTH:]] calls there is no room for a frame of {{[0-9]+}} bytes within the limit of 1048576 bytes of stack; at program.mlir:12:10 (calling @recurse) in bytecode function program.recurse (repeated [[#]] times); {{.*}}`sync func @recurse(

// RUN: %{run} --function=assert --input=1 2>&1 | FileCheck %s --check-prefix=ASSERT
// ASSERT: FAILED_PRECONDITION; it must be 7; at program.mlir:18:5 in bytecode function program.assert;

// Objects.
// RUN: %{run} --function=load --input=8 --input=6 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: OUT_OF_RANGE; 4 bytes at offset 6 leave a buffer of 8 bytes; at program.mlir:24:10 in bytecode function program.load;
// RUN: %{run} --function=load --input=8 --input=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: OUT_OF_RANGE; 4 bytes at offset -1 leave a buffer of 8 bytes; at program.mlir:24:10 in bytecode function program.load;
// RUN: %{run} --function=size "--input=(null)" 2>&1 | FileCheck %s --check-prefix=NULL
// NULL: INVALID_ARGUMENT; expected a vm.buffer but the reference is null; at program.mlir:28:10 in bytecode function program.size;
// RUN: %{run} --function=element --input=3 2>&1 | FileCheck %s --check-prefix=INDEX
// INDEX: OUT_OF_RANGE; index 3 is outside of a list of 2 elements; at program.mlir:35:10 in bytecode function program.element;

//--- lib.mlir
module @lib {
  func.func @divide(%a: i32, %b: i32) -> i32 {
    %0 = arith.divsi %a, %b : i32
    return %0 : i32
  }
}

//--- program.mlir
module @program {
  func.func private @lib.divide(i32, i32) -> i32
  func.func private @inner(%a: i32, %b: i32) -> i32 attributes {noinline} {
    %0 = func.call @lib.divide(%a, %b) : (i32, i32) -> i32
    return %0 : i32
  }
  func.func @calls(%a: i32, %b: i32) -> i32 {
    %0 = func.call @inner(%a, %b) : (i32, i32) -> i32
    return %0 : i32
  }
  func.func @recurse(%a: i32) -> i32 {
    %0 = func.call @recurse(%a) : (i32) -> i32
    return %0 : i32
  }
  func.func @assert(%a: i32) {
    %c7 = arith.constant 7 : i32
    %0 = arith.cmpi eq, %a, %c7 : i32
    cf.assert %0, "it must be 7"
    return
  }
  func.func @load(%size: index, %at: index) -> i32 {
    %c4 = arith.constant 4 : index
    %0 = util.buffer.alloc uninitialized : !util.buffer{%size}
    %1 = util.buffer.load %0[%at for %c4] : !util.buffer{%size} -> i32
    return %1 : i32
  }
  func.func @size(%buffer: !util.buffer) -> index {
    %0 = util.buffer.size %buffer : !util.buffer
    return %0 : index
  }
  func.func @element(%at: index) -> i32 {
    %c2 = arith.constant 2 : index
    %0 = util.list.create %c2 : !util.list<i32>
    util.list.resize %0, %c2 : !util.list<i32>
    %1 = util.list.get %0[%at] : !util.list<i32>
    return %1 : i32
  }
}

//--- function.mlir
module @program {
  func.func private @lib.nothing(i32) -> i32
  func.func @main(%a: i32) -> i32 {
    %0 = func.call @lib.nothing(%a) : (i32) -> i32
    return %0 : i32
  }
}

//--- signature.mlir
module @program {
  func.func private @lib.divide(i64) -> i32
  func.func @main(%a: i64) -> i32 {
    %0 = func.call @lib.divide(%a) : (i64) -> i32
    return %0 : i32
  }
}

//--- fallback.mlir
module @program {
  func.func private @lib.maybe(i32) -> i32 attributes {vm.fallback = @nothing}
  func.func @main(%a: i32) -> i32 {
    %0 = func.call @lib.maybe(%a) : (i32) -> i32
    return %0 : i32
  }
}
