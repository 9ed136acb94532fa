// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// google-benchmark from C: benchmarks that are known only when the program runs.

#ifndef TENON_TOOLS_SUPPORT_BENCHMARK_BRIDGE_H_
#define TENON_TOOLS_SUPPORT_BENCHMARK_BRIDGE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tenon_benchmark_unit_e {
  TENON_BENCHMARK_NS,
  TENON_BENCHMARK_US,
  TENON_BENCHMARK_MS,
} tenon_benchmark_unit_t;

// A benchmark that runs.
typedef struct tenon_benchmark_state_t tenon_benchmark_state_t;

// Takes google-benchmark's flags (--benchmark_filter=..., ...) out of the arguments of main(). Calls |print_help| and exits where
// --help is among them.
void tenon_benchmark_initialize(int* argc, char** argv, void (*print_help)(void));

// Prints what those flags are.
void tenon_benchmark_print_flags(void);

// Adds the benchmark |name|, which is copied. |run| does what is measured until tenon_benchmark_go_on() is false: wall time, and the
// processor time of the whole process.
void tenon_benchmark_register(const char* name, tenon_benchmark_unit_t unit,
                              void (*run)(tenon_benchmark_state_t* state, void* user_data),
                              void* user_data);

// Whether to do |count| more of what is counted.
bool tenon_benchmark_go_on(tenon_benchmark_state_t* state, int64_t count);
// Ends the benchmark: |message| is printed in place of a time.
void tenon_benchmark_fail(tenon_benchmark_state_t* state, const char* message);

// Runs the benchmarks as the flags say. Returns how many they choose.
size_t tenon_benchmark_run(void);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TENON_TOOLS_SUPPORT_BENCHMARK_BRIDGE_H_
