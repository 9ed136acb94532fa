// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the benchmarks have in common: a loaded program, the clock, medians. Errors end the process.

#ifndef BENCH_BENCH_PROGRAM_H_
#define BENCH_BENCH_PROGRAM_H_

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"

#define ROUNDS 31

double now_ns(void);

// Sorts |values|.
double median(double* values, int count);

// One loaded program with its function and its lists.
typedef struct program_t {
  iree_runtime_instance_t* instance;
  iree_hal_device_t* device;
  iree_runtime_session_t* session;
  iree_vm_function_t function;
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
} program_t;

// A session on a device, by driver name; native modules are appended between open and load. A device that is there
// already stays.
void program_open(program_t* program, const char* driver);
void program_load(program_t* program, const char* path, const char* function);
void program_close(program_t* program);

void program_push_tensor(program_t* program, iree_hal_element_type_t type, size_t count,
                         const void* data, size_t length);
void program_call(program_t* program);

// The median time of one call, over rounds of |calls|.
double program_time_calls(program_t* program, int calls);

#endif  // BENCH_BENCH_PROGRAM_H_
