// Benchmarks of a program's functions, by google-benchmark.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb

// Every export without arguments, unless one is named.
// RUN: iree-benchmark-module --module_file=%t.vmfb --benchmark_list_tests | FileCheck %s --check-prefix=LIST --match-full-lines
//      LIST: BM_nothing/process_time/real_time
// LIST-NEXT: BM_three/process_time/real_time
//  LIST-NOT: {{.+}}
// RUN: iree-benchmark-module --module=- --device=local-sync --benchmark_min_time=0.001 --benchmark_filter=three < %t.vmfb 2>/dev/null | FileCheck %s --check-prefix=TIME
// TIME-NOT: BM_nothing
// TIME: BM_three/process_time/real_time {{.*}} ms {{.*}} items_per_second=
// RUN: iree-benchmark-module --module=%t.vmfb --entry_function=square --function_input=3xf32=2 --time_unit=ns --benchmark_min_time=0.001 --print_statistics > %t.out 2> %t.err
// RUN: FileCheck %s --check-prefix=ONE < %t.out && FileCheck %s --check-prefix=STATISTICS < %t.err
// ONE: BM_square/process_time/real_time {{.*}} ns
// STATISTICS: DEVICE_LOCAL

// JSON, as other tools read it. The time is that of one invocation: four go into each iteration that google-benchmark counts as four.
// RUN: iree-benchmark-module --module=%t.vmfb --function=benchmark.three --batch_size=4 --benchmark_min_time=0.001 --benchmark_repetitions=3 --benchmark_report_aggregates_only --benchmark_format=json 2>/dev/null > %t.json
// RUN: %python -c "import json, sys; b = json.load(open(sys.argv[1]))['benchmarks']; print([x['name'] for x in b])" %t.json | FileCheck %s --check-prefix=JSON
// JSON: ['BM_three/process_time/real_time_mean', 'BM_three/process_time/real_time_median', 'BM_three/process_time/real_time_stddev'{{.*}}]
// RUN: iree-benchmark-module --module=%t.vmfb --function=three --batch_size=4 --benchmark_min_time=0.001 --benchmark_format=json 2>/dev/null > %t.json
// RUN: %python -c "import json, sys; b = json.load(open(sys.argv[1]))['benchmarks']; print(len(b), b[0]['iterations'] % 4)" %t.json | FileCheck %s --check-prefix=BATCH
// BATCH: 1 0

// Asynchronous programs, chained and overlapping.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu --iree-execution-model=async-external -o %t.async.vmfb
// RUN: iree-benchmark-module --module=%t.async.vmfb --benchmark_min_time=0.001 --batch_size=8 --batch_concurrency=3 2>/dev/null | FileCheck %s --check-prefix=ASYNC
// RUN: iree-benchmark-module --module=%t.async.vmfb --benchmark_min_time=0.001 --device=local-sync --batch_size=2 2>/dev/null | FileCheck %s --check-prefix=ASYNC
// ASYNC: BM_nothing/process_time/real_time {{.*}} ms
// ASYNC: BM_three/process_time/real_time {{.*}} ms

// Failures: said in the place of the time, exit code 1; others run.
// RUN: not iree-benchmark-module --module=%t.vmfb --function=fails --input=1 --benchmark_min_time=0.001 2>/dev/null | FileCheck %s --check-prefix=FAILS
// RUN: not iree-benchmark-module --module=%t.async.vmfb --function=fails --input=1 --batch_size=4 --batch_concurrency=2 --benchmark_min_time=0.001 2>/dev/null | FileCheck %s --check-prefix=FAILS
// FAILS: BM_fails/process_time/real_time ERROR OCCURRED: 'FAILED_PRECONDITION; {{.*}}as it should
// RUN: not iree-benchmark-module --module=%t.vmfb --function=square 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: iree-benchmark-module: INVALID_ARGUMENT; the function takes 1 argument, but 0 --input were given
// RUN: not iree-benchmark-module --module=%t.vmfb --function=nosuch 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: NOT_FOUND; {{.*}}nosuch
// RUN: not iree-benchmark-module --module=%t.vmfb --input=1 2>&1 | FileCheck %s --check-prefix=WHOSE
// WHOSE: --input is for one function; name it with --function=NAME
// RUN: not iree-benchmark-module --module=%t.vmfb --function=three --batch_size=2 --batch_concurrency=2 2>&1 | FileCheck %s --check-prefix=OVERLAP
// OVERLAP: 'three' is synchronous: its invocations can't overlap
// RUN: not iree-benchmark-module --module=%t.vmfb --batch_size=2 --batch_concurrency=3 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: not iree-benchmark-module --module=%t.vmfb --batch_size=0 2>&1 | FileCheck %s --check-prefix=MORE
// MORE: expected at least 1, and no more under way than a batch has
// RUN: not iree-benchmark-module --module=%t.vmfb --time_unit=days 2>&1 | FileCheck %s --check-prefix=UNIT
// UNIT: --time_unit=days is none; expected ms, us or ns
// RUN: not iree-benchmark-module %t.vmfb 2>&1 | FileCheck %s --check-prefix=POSITIONAL
// POSITIONAL: unexpected argument '{{.*}}'; modules are given as --module=FILE
// RUN: not iree-benchmark-module --module=%t.vmfb --benchmark_filter=nothing.that.is.there 2>&1 | FileCheck %s --check-prefix=FILTER
// FILTER: --benchmark_filter chooses no function
// RUN: not iree-benchmark-module --module=%t.vmfb --benchmark_filtre=x 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: --benchmark_filtre
// RUN: iree-benchmark-module --help | FileCheck %s --check-prefix=HELP
// HELP: Usage: iree-benchmark-module
// HELP: --batch_concurrency=N
// HELP: --benchmark_filter

module @benchmark {
  func.func @nothing() {
    return
  }
  func.func @three() -> tensor<3xi32> {
    %0 = arith.constant dense<[1, 2, 3]> : tensor<3xi32>
    %1 = arith.muli %0, %0 : tensor<3xi32>
    return %1 : tensor<3xi32>
  }
  func.func @square(%x: tensor<?xf32>) -> tensor<?xf32> {
    %0 = arith.mulf %x, %x : tensor<?xf32>
    return %0 : tensor<?xf32>
  }
  func.func @fails(%x: i32) -> i32 {
    %zero = arith.constant 0 : i32
    %is = arith.cmpi eq, %x, %zero : i32
    cf.assert %is, "as it should"
    return %x : i32
  }
}
