// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads a compiled program and the custom module that it calls, runs one function on five numbers and checks the result.

#include <stdio.h>

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"
#include "module.h"

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
  IREE_RETURN_IF_ERROR(iree_custom_module_sync_create(iree_runtime_instance_vm_instance(instance),
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

static iree_status_t call(iree_runtime_session_t* session, const char* function) {
  iree_allocator_t allocator = iree_runtime_session_host_allocator(session);
  iree_vm_list_t *inputs = NULL, *outputs = NULL;
  iree_status_t status = iree_vm_list_create(NULL, 1, allocator, &inputs);
  if (iree_status_is_ok(status)) status = iree_vm_list_create(NULL, 1, allocator, &outputs);
  if (iree_status_is_ok(status)) status = push_input(session, inputs);
  if (iree_status_is_ok(status)) {
    status = iree_runtime_session_call_by_name(session, iree_make_cstring_view(function), inputs,
                                               outputs);
  }
  if (iree_status_is_ok(status)) status = check_output(outputs);
  iree_vm_list_release(inputs);
  iree_vm_list_release(outputs);
  return status;
}

static iree_status_t run(const char* path, const char* function) {
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  iree_runtime_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_instance_create(&options, iree_allocator_system(), &instance));

  iree_hal_device_t* device = NULL;
  iree_runtime_session_t* session = NULL;
  iree_status_t status = iree_runtime_instance_try_create_default_device(
      instance, iree_make_cstring_view("local-sync"), &device);
  if (iree_status_is_ok(status)) status = create_session(instance, device, path, &session);
  if (iree_status_is_ok(status)) {
    printf("INVOKE BEGIN %s\n", function);
    status = call(session, function);
  }
  if (iree_status_is_ok(status)) printf("INVOKE END\n");
  iree_runtime_session_release(session);
  iree_hal_device_release(device);
  iree_runtime_instance_release(instance);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s MODULE.vmfb|- module.function\n", argv[0]);
    return 1;
  }
  iree_status_t status = run(argv[1], argv[2]);
  if (iree_status_is_ok(status)) return 0;
  fflush(stdout);
  iree_status_fprint(stderr, status);
  fputc('\n', stderr);
  iree_status_free(status);
  return 1;
}
