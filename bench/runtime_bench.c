// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// runtime_bench FIGURE MODULE.vmfb: measures one figure of the runtime, prints its median in nanoseconds. bench.py builds it
// against the installed package and runs it; the figures are in the table at the end.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_module.h"
#include "bench_program.h"

static void append_module(program_t* program,
                          iree_status_t (*create)(iree_vm_instance_t*, iree_hal_device_t*,
                                                  iree_allocator_t, iree_vm_module_t**)) {
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(create(iree_runtime_instance_vm_instance(program->instance), program->device,
                       iree_allocator_system(), &module));
  IREE_CHECK_OK(iree_runtime_session_append_module(program->session, module));
  iree_vm_module_release(module);
}

static void load(program_t* program, const char* path, const char* function) {
  program_open(program, "local-sync");
  // The example needs what the sample has, bench.mlir what it declares.
  if (strncmp(function, "example.", 8) == 0) {
    append_module(program, iree_custom_module_sync_create);
  } else {
    append_module(program, bench_native_module_create);
    append_module(program, bench_wrapped_module_create);
  }
  program_load(program, path, function);
}

static void push_five(program_t* program) {
  const int32_t data[5] = {1, 2, 3, 4, 5};
  program_push_tensor(program, IREE_HAL_ELEMENT_TYPE_INT_32, 5, data, sizeof(data));
}

static double bench_five(const char* path, const char* function) {
  program_t program = {0};
  load(&program, path, function);
  push_five(&program);
  double result = program_time_calls(&program, 20000);
  program_close(&program);
  return result;
}

static double bench_example(const char* path) { return bench_five(path, "example.main"); }
static double bench_dispatch(const char* path) { return bench_five(path, "bench.square"); }

// The time of one iteration of the loop that |function| is.
static double time_iteration(const char* path, const char* function) {
  program_t program = {0};
  load(&program, path, function);
  iree_vm_value_t count = iree_vm_value_make_i32(1000000);
  IREE_CHECK_OK(iree_vm_list_push_value(program.inputs, &count));
  double result = program_time_calls(&program, 1) / 1e6;
  program_close(&program);
  return result;
}

// What is in |loop| beside what |other| does.
static double time_difference(const char* path, const char* loop, const char* other) {
  double with = time_iteration(path, loop);
  return with - time_iteration(path, other);
}

static double bench_call_c(const char* path) {
  return time_difference(path, "bench.loop_native", "bench.loop_empty");
}
static double bench_call_cc(const char* path) {
  return time_difference(path, "bench.loop_wrapped", "bench.loop_empty");
}
static double bench_host_loop(const char* path) { return time_iteration(path, "host.sum"); }
static double bench_host_call(const char* path) {
  return time_difference(path, "host.mix_by_call", "host.mix_here");
}

static double bench_cold_start(const char* path) {
  double rounds[ROUNDS];
  for (int round = 0; round < ROUNDS; ++round) {
    double start = now_ns();
    program_t program = {0};
    load(&program, path, "example.main");
    push_five(&program);
    program_call(&program);
    rounds[round] = now_ns() - start;
    program_close(&program);
  }
  // The very first is the cold one; in the others the processor's caches are warm. Both are real: the first is reported.
  return rounds[0];
}

static double bench_malloc(const char* path) {
  double rounds[ROUNDS];
  void* volatile sink;
  for (int round = 0; round < ROUNDS; ++round) {
    double start = now_ns();
    for (int i = 0; i < 100000; ++i) {
      sink = malloc(148);
      free(sink);
    }
    rounds[round] = (now_ns() - start) / 100000;
  }
  return median(rounds, ROUNDS);
}

#define MEGA (1u << 20)

// x*x*3 + x on 1 Mi floats: Tenon's dispatch against the loop of reference_loop.c, pair by pair. Prints the ratio reference/Tenon.
static double bench_elementwise(const char* path) {
  program_t program = {0};
  load(&program, path, "bench.poly");
  float* input = malloc(MEGA * sizeof(float));
  float* output = malloc(MEGA * sizeof(float));
  for (size_t i = 0; i < MEGA; ++i) input[i] = (float)(i % 1000) * 0.25f;
  program_push_tensor(&program, IREE_HAL_ELEMENT_TYPE_FLOAT_32, MEGA, input, MEGA * sizeof(float));
  double ratios[ROUNDS];
  for (int round = -2; round < ROUNDS; ++round) {
    // The program allocates its result anew each time; so does the reference.
    double t0 = now_ns();
    for (int i = 0; i < 10; ++i) {
      output = realloc(output, MEGA * sizeof(float));
      bench_reference_poly(input, output, MEGA);
    }
    double t1 = now_ns();
    for (int i = 0; i < 10; ++i) program_call(&program);
    double t2 = now_ns();
    if (round >= 0) ratios[round] = (t1 - t0) / (t2 - t1);
  }
  free(input);
  free(output);
  program_close(&program);
  return median(ratios, ROUNDS);
}

static const struct {
  const char* name;
  double (*run)(const char* path);
} figures[] = {
    {"example", bench_example},         {"dispatch", bench_dispatch},
    {"call_c", bench_call_c},           {"call_cc", bench_call_cc},
    {"cold_start", bench_cold_start},   {"malloc", bench_malloc},
    {"elementwise", bench_elementwise}, {"host_loop", bench_host_loop},
    {"host_call", bench_host_call},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc == 3 && i < IREE_ARRAYSIZE(figures); ++i) {
    if (strcmp(argv[1], figures[i].name) == 0) {
      printf("%.4f\n", figures[i].run(argv[2]));
      return 0;
    }
  }
  fprintf(stderr, "usage: runtime_bench FIGURE MODULE.vmfb\n");
  return 1;
}
