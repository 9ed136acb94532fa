// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls a compiled program without waiting for it. A semaphore is the clock: the input is there at T=1, the results
// are at T=2, and the call returns before either if need be.

#include <stdio.h>

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"
#include "module.h"

// 1: the input's time comes only after the call has returned.
#ifndef SIGNAL_LATE
#define SIGNAL_LATE 0
#endif

#define COUNT 5
static const int32_t input_data[COUNT] = {1, 2, 3, 4, 5};

// A session with the custom module and the program in it. Modules are registered before those that import them.
static iree_status_t create_session(iree_runtime_instance_t* instance, iree_hal_device_t* device,
                                    const char* path, iree_runtime_session_t** out_session) {
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_allocator_t allocator = iree_runtime_instance_host_allocator(instance);
  IREE_RETURN_IF_ERROR(
      iree_runtime_session_create_with_device(instance, &options, device, allocator, out_session));

  iree_vm_module_t* custom = NULL;
  IREE_RETURN_IF_ERROR(iree_custom_module_async_create(iree_runtime_instance_vm_instance(instance),
                                                       device, allocator, &custom));
  iree_status_t status = iree_runtime_session_append_module(*out_session, custom);
  iree_vm_module_release(custom);  // the session holds it
  IREE_RETURN_IF_ERROR(status);

  return strcmp(path, "-") == 0
             ? iree_runtime_session_append_bytecode_module_from_stdin(*out_session)
             : iree_runtime_session_append_bytecode_module_from_file(*out_session, path);
}

static iree_status_t push_input(iree_runtime_session_t* session, iree_vm_list_t* inputs) {
  const iree_hal_dim_t shape[] = {COUNT};
  iree_hal_buffer_params_t params = {.usage = IREE_HAL_BUFFER_USAGE_DEFAULT,
                                     .access = IREE_HAL_MEMORY_ACCESS_READ};
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      iree_runtime_session_device_allocator(session), IREE_ARRAYSIZE(shape), shape,
      IREE_HAL_ELEMENT_TYPE_INT_32, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
      iree_make_const_byte_span(input_data, sizeof(input_data)), &view));
  iree_vm_ref_t ref = iree_hal_buffer_view_move_ref(view);
  return iree_vm_list_push_ref_move(inputs, &ref);
}

static iree_status_t push_fence(iree_hal_fence_t* fence, iree_vm_list_t* inputs) {
  iree_vm_ref_t ref = iree_hal_fence_retain_ref(fence);
  return iree_vm_list_push_ref_move(inputs, &ref);
}

// The program squares, the custom function doubles, the program squares again.
static iree_status_t check_output(const iree_vm_list_t* outputs) {
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(outputs, 0);
  if (!view)
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "expected a tensor as the first result");
  int32_t actual[COUNT] = {0};
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, actual, sizeof(actual)));
  for (int i = 0; i < COUNT; ++i) {
    int32_t doubled = input_data[i] * input_data[i] * 2;
    if (actual[i] != doubled * doubled) {
      return iree_make_status(IREE_STATUS_DATA_LOSS, "element %d is %d, expected %d", i, actual[i],
                              doubled * doubled);
    }
  }
  printf("MATCHED!\n");
  return iree_ok_status();
}

// The input has been written (here: long ago). Whatever waits for T=1 goes on.
static iree_status_t signal_input(iree_hal_semaphore_t* semaphore) {
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_signal(semaphore, 1));
  printf("SIGNALED T=1\n");
  return iree_ok_status();
}

// An asynchronous function takes two fences behind its arguments: when they are there, and what to tell when its results
// are. It returns its results at once; their contents come later.
static iree_status_t call(iree_runtime_session_t* session, const char* function,
                          iree_hal_semaphore_t* semaphore, iree_hal_fence_t* fence_1,
                          iree_hal_fence_t* fence_2, iree_vm_list_t* inputs,
                          iree_vm_list_t* outputs) {
  IREE_RETURN_IF_ERROR(push_input(session, inputs));
  IREE_RETURN_IF_ERROR(push_fence(fence_1, inputs));
  IREE_RETURN_IF_ERROR(push_fence(fence_2, inputs));
  if (!SIGNAL_LATE) IREE_RETURN_IF_ERROR(signal_input(semaphore));

  printf("VM INVOKE BEGIN %s\n", function);
  IREE_RETURN_IF_ERROR(iree_runtime_session_call_by_name(session, iree_make_cstring_view(function),
                                                         inputs, outputs));
  printf("VM INVOKE END\n");

  if (SIGNAL_LATE) IREE_RETURN_IF_ERROR(signal_input(semaphore));
  IREE_RETURN_IF_ERROR(iree_hal_fence_wait(fence_2, iree_infinite_timeout()));
  printf("REACHED T=2\n");
  return check_output(outputs);
}

// Makes the clock and the two fences on it, calls, and releases everything.
static iree_status_t call_on_timeline(iree_runtime_session_t* session, const char* function) {
  iree_allocator_t allocator = iree_runtime_session_host_allocator(session);
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_semaphore_create(iree_runtime_session_device(session), 0, &semaphore));
  printf("INITIALIZE T=0\n");
  iree_hal_fence_t *fence_1 = NULL, *fence_2 = NULL;
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  iree_status_t status = iree_hal_fence_create_at(semaphore, 1, allocator, &fence_1);
  if (iree_status_is_ok(status)) {
    status = iree_hal_fence_create_at(semaphore, 2, allocator, &fence_2);
  }
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 3, allocator, &inputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 1, allocator, &outputs);
  if (iree_status_is_ok(status)) {
    status = call(session, function, semaphore, fence_1, fence_2, inputs, outputs);
  }
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  iree_hal_fence_release(fence_1);
  iree_hal_fence_release(fence_2);
  iree_hal_semaphore_release(semaphore);
  return status;
}

static iree_status_t run(const char* path, const char* function, const char* device_name) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  iree_runtime_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_instance_create(&options, iree_allocator_system(), &instance));

  iree_hal_device_t* device = NULL;
  iree_runtime_session_t* session = NULL;
  iree_status_t status = iree_runtime_instance_try_create_default_device(
      instance, iree_make_cstring_view(device_name), &device);
  if (iree_status_is_ok(status)) status = create_session(instance, device, path, &session);
  if (iree_status_is_ok(status)) status = call_on_timeline(session, function);
  iree_runtime_session_release(session);
  iree_hal_device_release(device);
  iree_runtime_instance_release(instance);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: %s MODULE.vmfb|- module.function [local-task|local-sync]\n", argv[0]);
    return 1;
  }
  iree_status_t status = run(argv[1], argv[2], argc == 4 ? argv[3] : "local-task");
  if (iree_status_is_ok(status)) return 0;
  fflush(stdout);
  iree_status_fprint(stderr, status);
  fputc('\n', stderr);
  iree_status_free(status);
  return 1;
}
