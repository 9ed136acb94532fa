// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// async_bench FIGURE MODULE.vmfb: measures one figure of asynchronous programs on local-task, prints its median. bench.py builds
// it against the installed package and runs it; the figures are in the table at the end.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_module.h"
#include "bench_program.h"
#include "tenon/task_device.h"

// Invocations are told apart by the values of one semaphore.
typedef struct timeline_t {
  iree_hal_semaphore_t* semaphore;
  uint64_t value;
} timeline_t;

static void timeline_open(timeline_t* timeline, const program_t* program) {
  timeline->value = 0;
  IREE_CHECK_OK(iree_hal_semaphore_create(program->device, 0, &timeline->semaphore));
}

// Begins an invocation that waits for nothing and signals the timeline's next value. The list has the tensor, the
// wait fence and the signal fence.
static void begin_call(program_t* program, timeline_t* timeline) {
  iree_hal_fence_t* fence = NULL;
  IREE_CHECK_OK(iree_hal_fence_create_at(timeline->semaphore, ++timeline->value,
                                         iree_allocator_system(), &fence));
  iree_vm_ref_t ref = iree_hal_fence_move_ref(fence);
  IREE_CHECK_OK(iree_vm_list_set_ref_move(program->inputs, 2, &ref));
  program_call(program);
}

static void end_call(const timeline_t* timeline) {
  IREE_CHECK_OK(
      iree_hal_semaphore_wait(timeline->semaphore, timeline->value, iree_infinite_timeout()));
}

static void push_fences(program_t* program) {
  IREE_CHECK_OK(iree_vm_list_resize(program->inputs, 3));
}

static void push_five(program_t* program) {
  const int32_t data[5] = {1, 2, 3, 4, 5};
  program_push_tensor(program, IREE_HAL_ELEMENT_TYPE_INT_32, 5, data, sizeof(data));
  push_fences(program);
}

// From the call to the signaled fence.
static double time_invocations(program_t* program, int calls) {
  timeline_t timeline;
  timeline_open(&timeline, program);
  double rounds[ROUNDS];
  for (int round = -1; round < ROUNDS; ++round) {
    double start = now_ns();
    for (int i = 0; i < calls; ++i) {
      begin_call(program, &timeline);
      end_call(&timeline);
    }
    if (round >= 0) rounds[round] = (now_ns() - start) / calls;
  }
  iree_hal_semaphore_release(timeline.semaphore);
  return median(rounds, ROUNDS);
}

static double bench_dispatch(const char* path) {
  program_t program = {0};
  program_open(&program, "local-task");
  program_load(&program, path, "bench.square");
  push_five(&program);
  double result = time_invocations(&program, 20000);
  program_close(&program);
  return result;
}

// The sample's program with its asynchronous function, which doesn't sleep here: two dispatches, two changes of threads.
static double bench_friendly(const char* path) {
  program_t program = {0};
  program_open(&program, "local-task");
  iree_vm_module_t* module = NULL;
  IREE_CHECK_OK(bench_async_module_create(iree_runtime_instance_vm_instance(program.instance),
                                          program.device, iree_allocator_system(), &module));
  IREE_CHECK_OK(iree_runtime_session_append_module(program.session, module));
  iree_vm_module_release(module);
  program_load(&program, path, "example.main");
  push_five(&program);
  double result = time_invocations(&program, 2000);
  program_close(&program);
  return result;
}

#define MEGA ((size_t)1 << 20)

static void push_floats(program_t* program, size_t count) {
  float* data = malloc(count * sizeof(float));
  for (size_t i = 0; i < count; ++i) data[i] = (float)(i % 1000) * 0.001f;
  program_push_tensor(program, IREE_HAL_ELEMENT_TYPE_FLOAT_32, count, data, count * sizeof(float));
  free(data);
  push_fences(program);
}

// How long the call itself takes when its work is large: the workers have it when it returns.
static double bench_return(const char* path) {
  program_t program = {0};
  program_open(&program, "local-task");
  program_load(&program, path, "bench.heavy");
  push_floats(&program, MEGA);
  timeline_t timeline;
  timeline_open(&timeline, &program);
  double rounds[ROUNDS];
  for (int round = -1; round < ROUNDS; ++round) {
    double start = now_ns();
    begin_call(&program, &timeline);
    if (round >= 0) rounds[round] = now_ns() - start;
    end_call(&timeline);
  }
  iree_hal_semaphore_release(timeline.semaphore);
  program_close(&program);
  return median(rounds, ROUNDS);
}

static void open_with_workers(program_t* program, const char* path, iree_host_size_t count) {
  tenon_executor_options_t options;
  tenon_executor_options_initialize(&options);
  options.worker_count = count;
  tenon_executor_t* executor = NULL;
  IREE_CHECK_OK(tenon_executor_create(&options, iree_allocator_system(), &executor));
  IREE_CHECK_OK(tenon_hal_task_device_create(iree_make_cstring_view("local-task"), executor, NULL,
                                             iree_allocator_system(), &program->device));
  tenon_executor_release(executor);
  program_open(program, NULL);
  program_load(program, path, "bench.heavy");
  push_floats(program, 16 * MEGA);
}

// The speed of two workers over one, pair by pair.
static double bench_workers(const char* path) {
  program_t programs[2] = {{0}, {0}};
  timeline_t timelines[2];
  for (int i = 0; i < 2; ++i) {
    open_with_workers(&programs[i], path, (iree_host_size_t)(i + 1));
    timeline_open(&timelines[i], &programs[i]);
  }
  double ratios[ROUNDS];
  for (int round = -2; round < ROUNDS; ++round) {
    double times[2];
    for (int i = 0; i < 2; ++i) {
      double start = now_ns();
      begin_call(&programs[i], &timelines[i]);
      end_call(&timelines[i]);
      times[i] = now_ns() - start;
    }
    if (round >= 0) ratios[round] = times[0] / times[1];
  }
  for (int i = 0; i < 2; ++i) {
    iree_hal_semaphore_release(timelines[i].semaphore);
    program_close(&programs[i]);
  }
  return median(ratios, ROUNDS);
}

static double bench_device_creation(const char* path) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  double rounds[ROUNDS];
  for (int round = 0; round < ROUNDS; ++round) {
    iree_runtime_instance_t* instance = NULL;
    IREE_CHECK_OK(iree_runtime_instance_create(&options, iree_allocator_system(), &instance));
    double start = now_ns();
    iree_hal_device_t* device = NULL;
    IREE_CHECK_OK(iree_runtime_instance_try_create_default_device(
        instance, iree_make_cstring_view("local-task"), &device));
    rounds[round] = now_ns() - start;
    iree_hal_device_release(device);
    iree_runtime_instance_release(instance);
  }
  return median(rounds, ROUNDS);
}

static const struct {
  const char* name;
  double (*run)(const char* path);
} figures[] = {
    {"dispatch", bench_dispatch},
    {"friendly", bench_friendly},
    {"return", bench_return},
    {"workers", bench_workers},
    {"device_creation", bench_device_creation},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc == 3 && i < IREE_ARRAYSIZE(figures); ++i) {
    if (strcmp(argv[1], figures[i].name) == 0) {
      printf("%.4f\n", figures[i].run(argv[2]));
      return 0;
    }
  }
  fprintf(stderr, "usage: async_bench FIGURE MODULE.vmfb\n");
  return 1;
}
