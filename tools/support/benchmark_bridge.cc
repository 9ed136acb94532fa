// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/benchmark_bridge.h"

#include <benchmark/benchmark.h>

namespace {

benchmark::State* unwrap(tenon_benchmark_state_t* state) {
  return reinterpret_cast<benchmark::State*>(state);
}

benchmark::TimeUnit unit_of(tenon_benchmark_unit_t unit) {
  switch (unit) {
    case TENON_BENCHMARK_NS:
      return benchmark::kNanosecond;
    case TENON_BENCHMARK_US:
      return benchmark::kMicrosecond;
    default:
      return benchmark::kMillisecond;
  }
}

}  // namespace

void tenon_benchmark_initialize(int* argc, char** argv, void (*print_help)(void)) {
  benchmark::Initialize(argc, argv, print_help);
}

void tenon_benchmark_print_flags(void) { benchmark::PrintDefaultHelp(); }

void tenon_benchmark_register(const char* name, tenon_benchmark_unit_t unit,
                              void (*run)(tenon_benchmark_state_t* state, void* user_data),
                              void* user_data) {
  benchmark::RegisterBenchmark(name,
                               [=](benchmark::State& state) {
                                 run(reinterpret_cast<tenon_benchmark_state_t*>(&state), user_data);
                                 state.SetItemsProcessed(state.iterations());
                               })
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(unit_of(unit));
}

bool tenon_benchmark_go_on(tenon_benchmark_state_t* state, int64_t count) {
  return unwrap(state)->KeepRunningBatch(count);
}

void tenon_benchmark_fail(tenon_benchmark_state_t* state, const char* message) {
  unwrap(state)->SkipWithError(message);
}

size_t tenon_benchmark_run(void) { return benchmark::RunSpecifiedBenchmarks(); }
