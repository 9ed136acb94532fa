// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices with workers of the user's choice. The work is large enough to be spread over them.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb
// DEFINE: %{run} = iree-run-module --module=%t.vmfb --function=square --input=1000x1000xi32=7 --expected_output=1000x1000xi32=49

// RUN: %{run} | FileCheck %s
// RUN: %{run} --device=local-sync | FileCheck %s
// RUN: %{run} --task_topology_group_count=1 | FileCheck %s
// RUN: %{run} --task_topology_group_count=5 --task_worker_spin_us=100 | FileCheck %s
// RUN: %{run} --task_topology_mode=processors --task_topology_max_group_count=0 | FileCheck %s
// RUN: %{run} "--device=local-task://default?worker_count=3&inline_size=0&blocking_threads=1" | FileCheck %s
// CHECK: [SUCCESS]

// Flags of workers say nothing about a device without any.
// RUN: %{run} --device=local-sync --task_topology_group_count=300 | FileCheck %s

// The parameters of the URI come last, and of equal ones the last counts.
// RUN: %{run} "--device=local-task?worker_count=2" --task_topology_group_count=3 | FileCheck %s
// RUN: not %{run} "--device=local-task?worker_count=2&x=1" --task_topology_group_count=3 --task_topology_cpu_ids=0 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: creating device local-task?worker_count=3&processors=0&worker_count=2&x=1

// RUN: not %{run} --task_topology_group_count=300 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: INVALID_ARGUMENT; the parameter 'worker_count' can't be '300'; expected a number from 0 to 256; creating device local-task?worker_count=300
// RUN: not %{run} --task_topology_mode=sockets 2>&1 | FileCheck %s --check-prefix=MODE
// MODE: 'sockets' is no value for --task_topology_mode; expected physical_cores or processors
// RUN: not %{run} --task_topology_cpu_ids=0,x 2>&1 | FileCheck %s --check-prefix=LIST
// LIST: the parameter 'processors' can't be '0,x'; expected up to 256 numbers of processors, such as 0,2,4-7
// RUN: not %{run} --task_topology_cpu_ids=100000 2>&1 | FileCheck %s --check-prefix=PROCESSOR
// PROCESSOR: a worker can't run on processor 100000: the process may not use it
// RUN: not %{run} --task_worker_spin_us=1001 2>&1 | FileCheck %s --check-prefix=SPIN
// SPIN: the parameter 'worker_spin_us' can't be '1001'; expected a number from 0 to 1000
// RUN: not %{run} "--device=local-task?workers=3" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: have no parameter 'workers'; they have worker_count, processors, worker_spin_us, inline_size and blocking_threads

module @example {
  func.func @square(%arg0: tensor<?x?xi32>) -> tensor<?x?xi32> {
    %0 = arith.muli %arg0, %arg0 : tensor<?x?xi32>
    return %0 : tensor<?x?xi32>
  }
}
