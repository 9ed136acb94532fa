// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keeps several invocations of one program in flight, from one thread. Each waits 10 ms in a native function; together
// they take little longer than the longest chain of them.

#include <stdio.h>

#include "iree/modules/hal/types.h"
#include "iree/runtime/api.h"
#include "slow_module.h"

#define INVOCATION_COUNT 64
#define IN_FLIGHT 8
#define ELEMENT_COUNT 4

// A place for one invocation at a time. Its semaphore counts those that have ended.
typedef struct slot_t {
  iree_vm_list_t* inputs;
  iree_vm_list_t* outputs;
  iree_hal_semaphore_t* semaphore;
  uint64_t time;
} slot_t;

static iree_status_t initialize_slot(iree_runtime_session_t* session, slot_t* slot) {
  iree_allocator_t allocator = iree_runtime_session_host_allocator(session);
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 3, allocator, &slot->inputs));
  IREE_RETURN_IF_ERROR(iree_vm_list_create(NULL, 1, allocator, &slot->outputs));
  return iree_hal_semaphore_create(iree_runtime_session_device(session), 0, &slot->semaphore);
}

static void deinitialize_slot(slot_t* slot) {
  iree_vm_list_release(slot->inputs);
  iree_vm_list_release(slot->outputs);
  iree_hal_semaphore_release(slot->semaphore);
}

// The tensor, a null wait fence (the input is there already), and a fence for the end.
static iree_status_t push_inputs(iree_runtime_session_t* session, slot_t* slot, float value) {
  const iree_hal_dim_t shape[] = {ELEMENT_COUNT};
  const float data[ELEMENT_COUNT] = {value, value, value, value};
  const iree_hal_buffer_params_t params = {.usage = IREE_HAL_BUFFER_USAGE_DEFAULT,
                                           .access = IREE_HAL_MEMORY_ACCESS_READ};
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_allocate_buffer(
      iree_runtime_session_device_allocator(session), IREE_ARRAYSIZE(shape), shape,
      IREE_HAL_ELEMENT_TYPE_FLOAT_32, IREE_HAL_ENCODING_TYPE_DENSE_ROW_MAJOR, params,
      iree_make_const_byte_span(data, sizeof(data)), &view));
  iree_vm_ref_t view_ref = iree_hal_buffer_view_move_ref(view);
  IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_move(slot->inputs, &view_ref));

  iree_vm_ref_t no_fence = iree_vm_ref_null();
  IREE_RETURN_IF_ERROR(iree_vm_list_push_ref_move(slot->inputs, &no_fence));

  iree_hal_fence_t* fence = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_fence_create_at(
      slot->semaphore, slot->time + 1, iree_runtime_session_host_allocator(session), &fence));
  iree_vm_ref_t fence_ref = iree_hal_fence_move_ref(fence);
  return iree_vm_list_push_ref_move(slot->inputs, &fence_ref);
}

// Returns long before the invocation has ended.
static iree_status_t begin(iree_runtime_session_t* session, const iree_vm_function_t* function,
                           slot_t* slot, float value) {
  IREE_RETURN_IF_ERROR(push_inputs(session, slot, value));
  iree_status_t status = iree_runtime_session_call(session, function, slot->inputs, slot->outputs);
  iree_vm_list_clear(slot->inputs);
  if (iree_status_is_ok(status)) ++slot->time;
  return status;
}

// Waits for the end and checks the result: (2 * value + 1) squared.
static iree_status_t end(slot_t* slot, float value) {
  IREE_RETURN_IF_ERROR(
      iree_hal_semaphore_wait(slot->semaphore, slot->time, iree_infinite_timeout()));
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(slot->outputs, 0);
  if (!view)
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "expected a tensor as the first result");
  float actual[ELEMENT_COUNT] = {0};
  IREE_RETURN_IF_ERROR(
      iree_hal_buffer_map_read(iree_hal_buffer_view_buffer(view), 0, actual, sizeof(actual)));
  const float expected = (2 * value + 1) * (2 * value + 1);
  for (int i = 0; i < ELEMENT_COUNT; ++i) {
    if (actual[i] != expected) {
      return iree_make_status(IREE_STATUS_DATA_LOSS, "invocation %g: element %d is %g, expected %g",
                              value, i, actual[i], expected);
    }
  }
  return iree_ok_status();
}

// Invocation i takes the place of invocation i - IN_FLIGHT.
static iree_status_t run_pipeline(iree_runtime_session_t* session,
                                  const iree_vm_function_t* function, slot_t* slots) {
  for (int i = 0; i < INVOCATION_COUNT + IN_FLIGHT; ++i) {
    slot_t* slot = &slots[i % IN_FLIGHT];
    if (i >= IN_FLIGHT) IREE_RETURN_IF_ERROR(end(slot, (float)(i - IN_FLIGHT)));
    if (i < INVOCATION_COUNT) IREE_RETURN_IF_ERROR(begin(session, function, slot, (float)i));
  }
  return iree_ok_status();
}

static iree_status_t measure(iree_runtime_session_t* session, const char* name,
                             const int64_t* slow_time) {
  iree_vm_function_t function;
  IREE_RETURN_IF_ERROR(
      iree_runtime_session_lookup_function(session, iree_make_cstring_view(name), &function));
  slot_t slots[IN_FLIGHT] = {{0}};
  iree_status_t status = iree_ok_status();
  for (int i = 0; i < IN_FLIGHT && iree_status_is_ok(status); ++i) {
    status = initialize_slot(session, &slots[i]);
  }
  const iree_time_t start = iree_time_now();
  if (iree_status_is_ok(status)) status = run_pipeline(session, &function, slots);
  const double total = (double)(iree_time_now() - start) / 1e6;
  if (iree_status_is_ok(status)) {
    const double slow = (double)__atomic_load_n(slow_time, __ATOMIC_RELAXED) / 1e6;
    printf("%d invocations, %d in flight: %.1f ms\n", INVOCATION_COUNT, IN_FLIGHT, total);
    printf("one after another, the slow function alone: %.1f ms\n", slow);
    printf("overlap: %.2f\n", slow / total);
  }
  for (int i = 0; i < IN_FLIGHT; ++i) deinitialize_slot(&slots[i]);
  return status;
}

// A session with the slow module and the program in it.
static iree_status_t create_session(iree_runtime_instance_t* instance, iree_hal_device_t* device,
                                    const char* path, int64_t* slow_time,
                                    iree_runtime_session_t** out_session) {
  iree_runtime_session_options_t options;
  iree_runtime_session_options_initialize(&options);
  iree_allocator_t allocator = iree_runtime_instance_host_allocator(instance);
  IREE_RETURN_IF_ERROR(
      iree_runtime_session_create_with_device(instance, &options, device, allocator, out_session));
  iree_vm_module_t* slow = NULL;
  IREE_RETURN_IF_ERROR(slow_module_create(iree_runtime_instance_vm_instance(instance), device,
                                          IN_FLIGHT, slow_time, allocator, &slow));
  iree_status_t status = iree_runtime_session_append_module(*out_session, slow);
  iree_vm_module_release(slow);  // the session holds it
  IREE_RETURN_IF_ERROR(status);
  return strcmp(path, "-") == 0
             ? iree_runtime_session_append_bytecode_module_from_stdin(*out_session)
             : iree_runtime_session_append_bytecode_module_from_file(*out_session, path);
}

static iree_status_t run(const char* path, const char* function, const char* device_name) {
  // Static: should this fail early, calls in flight still add to it until they end.
  static int64_t slow_time;
  iree_runtime_instance_options_t options;
  iree_runtime_instance_options_initialize(&options);
  iree_runtime_instance_options_use_all_available_drivers(&options);
  iree_runtime_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_runtime_instance_create(&options, iree_allocator_system(), &instance));
  iree_hal_device_t* device = NULL;
  iree_runtime_session_t* session = NULL;
  iree_status_t status = iree_runtime_instance_try_create_default_device(
      instance, iree_make_cstring_view(device_name), &device);
  if (iree_status_is_ok(status)) {
    status = create_session(instance, device, path, &slow_time, &session);
  }
  if (iree_status_is_ok(status)) status = measure(session, function, &slow_time);
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
