// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "bench_program.h"

#include <stdlib.h>
#include <time.h>

double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare_doubles(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

double median(double* values, int count) {
  qsort(values, (size_t)count, sizeof(values[0]), compare_doubles);
  return values[count / 2];
}

void program_open(program_t* program, const char* driver) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  IREE_CHECK_OK(
      iree_runtime_instance_create(&options, iree_allocator_system(), &program->instance));
  if (!program->device) {
    IREE_CHECK_OK(iree_runtime_instance_try_create_default_device(
        program->instance, iree_make_cstring_view(driver), &program->device));
  }
  iree_runtime_session_options_t session_options;
  iree_runtime_session_options_initialize(&session_options);
  IREE_CHECK_OK(iree_runtime_session_create_with_device(program->instance, &session_options,
                                                        program->device, iree_allocator_system(),
                                                        &program->session));
}

void program_load(program_t* program, const char* path, const char* function) {
  IREE_CHECK_OK(iree_runtime_session_append_bytecode_module_from_file(program->session, path));
  IREE_CHECK_OK(iree_runtime_session_lookup_function(
      program->session, iree_make_cstring_view(function), &program->function));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, iree_allocator_system(), &program->inputs));
  IREE_CHECK_OK(iree_vm_list_create(NULL, 1, iree_allocator_system(), &program->outputs));
}

void program_close(program_t* program) {
  iree_vm_list_release(program->inputs);
  iree_vm_list_release(program->outputs);
  iree_runtime_session_release(program->session);
  iree_hal_device_release(program->device);
  iree_runtime_instance_release(program->instance);
}

void program_push_tensor(program_t* program, iree_hal_element_type_t type, size_t count,
                         const void* data, size_t length) {
  const iree_hal_dim_t shape[] = {count};
  iree_hal_buffer_params_t params = {0};
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(
      iree_hal_buffer_view_allocate_buffer(iree_runtime_session_device_allocator(program->session),
                                           1, shape, type, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR,
                                           params, iree_make_const_byte_span(data, length), &view));
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  IREE_CHECK_OK(iree_vm_list_push_ref_move(program->inputs, &ref));
}

void program_call(program_t* program) {
  IREE_CHECK_OK(iree_runtime_session_call(program->session, &program->function, program->inputs,
                                          program->outputs));
}

// The median time of one call, over rounds of |calls|.
double program_time_calls(program_t* program, int calls) {
  double rounds[ROUNDS];
  for (int i = 0; i < calls; ++i) program_call(program);
  for (int round = 0; round < ROUNDS; ++round) {
    double start = now_ns();
    for (int i = 0; i < calls; ++i) program_call(program);
    rounds[round] = (now_ns() - start) / calls;
  }
  return median(rounds, ROUNDS);
}
