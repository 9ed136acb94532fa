// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions that take fences are given them and waited for; nobody sees the fences.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t.vmfb
// DEFINE: %{run} = iree-run-module --module=%t.vmfb

// RUN: %{run} --function=square --input="5xi32=1 2 3 4 5" | FileCheck %s --check-prefix=SQUARE --match-full-lines
// RUN: %{run} --function=square --input="5xi32=1 2 3 4 5" --device=local-sync | FileCheck %s --check-prefix=SQUARE --match-full-lines
//      SQUARE: EXEC @square
// SQUARE-NEXT: result[0]: hal.buffer_view
// SQUARE-NEXT: 5xi32=1 4 9 16 25
//  SQUARE-NOT: {{.}}

// Large work, which workers do.
// RUN: %{run} --function=square --input=1000000xi32=7 --expected_output=1000000xi32=49 --task_topology_group_count=3

// RUN: %{run} --function=nothing | FileCheck %s --check-prefix=NOTHING --match-full-lines
// NOTHING: EXEC @nothing

// RUN: not %{run} --function=square 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: the function takes 1 argument, but 0 --input were given
// RUN: not %{run} --function=square --input=1xi32 --input=1xi32 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: the function takes 1 argument, but 2 --input were given
// RUN: not %{run} --function=add --input=4xi32 --input=3xi32 2>&1 | FileCheck %s --check-prefix=AGREE
// AGREE: INVALID_ARGUMENT; {{.*}}is 3, but {{.*}}is 4; at {{.*}}run-module-async.mlir:[[#]]

// What goes wrong after the call returned, on a thread of the device, is reported as if it had happened before.
// RUN: %{run} --function=late --input=1000000xi32=1 --input=1000000xi32 --expected_output=1000000xi32=1
// RUN: not %{run} --function=late --input=1000000xi32=1 --input=3xi32 2>&1 | FileCheck %s --check-prefix=LATE
// RUN: not %{run} --function=late --input=1000000xi32=1 --input=3xi32 --device=local-sync 2>&1 | FileCheck %s --check-prefix=LATE
// LATE: iree-run-module: INVALID_ARGUMENT; {{.*}}is 3, but {{.*}}is 1000000; at {{.*}}run-module-async.mlir:[[#]]

// A trace goes on there, too.
// RUN: %{run} --function=late --input=5xi32=1 --input=5xi32 --trace_execution 2>&1 >%t.out | FileCheck %s --check-prefix=TRACE
// TRACE: [example.late+{{[0-9]+}}] call.import      hal.invoke(
// TRACE: [example.late+{{[0-9]+}}] call.import      hal.fence.await(
// TRACE: [example.late+{{[0-9]+}}] call.import      hal.buffer.load({{.*}}) -> (l[[#]])  // r{{[0-9]+}}=hal.buffer 0x
// TRACE: [example.late+{{[0-9]+}}] return

module @example {
  func.func @square(%arg0: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  func.func @add(%arg0: tensor<?xi32>, %arg1: tensor<?xi32>) -> tensor<?xi32> {
    %0 = arith.addi %arg0, %arg1 : tensor<?xi32>
    return %0 : tensor<?xi32>
  }
  func.func @late(%arg0: tensor<?xi32>, %arg1: tensor<?xi32>) -> tensor<?xi32> {
    %c0 = arith.constant 0 : index
    %one = arith.constant 1 : i32
    %0 = arith.muli %arg0, %arg0 : tensor<?xi32>
    %element = tensor.extract %0[%c0] : tensor<?xi32>
    %is_one = arith.cmpi eq, %element, %one : i32
    %1 = scf.if %is_one -> tensor<?xi32> {
      %2 = arith.addi %0, %arg1 : tensor<?xi32>
      scf.yield %2 : tensor<?xi32>
    } else {
      scf.yield %0 : tensor<?xi32>
    }
    return %1 : tensor<?xi32>
  }
  func.func @nothing() { return }
}
