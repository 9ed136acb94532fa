// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The raw way in C: the function gets the two fences and does everything itself, with a thread for every call.
// (module_friendly.c does the same in a few lines.)

#include "module.h"

#include <pthread.h>
#include <stdio.h>

#include "iree/modules/hal/types.h"

// All that a call needs after it has returned. Whatever it refers to is retained.
typedef struct async_call_t {
  iree_allocator_t host_allocator;
  iree_hal_buffer_view_t* source;
  iree_hal_buffer_t* target;
  // When the target is allocated, which is not before the source's contents are there.
  iree_hal_fence_t* wait_fence;
  iree_hal_fence_t* signal_fence;
} async_call_t;

static void release_call(async_call_t* call) {
  iree_hal_buffer_view_release(call->source);
  iree_hal_buffer_release(call->target);
  iree_hal_fence_release(call->wait_fence);
  iree_hal_fence_release(call->signal_fence);
  iree_allocator_free(call->host_allocator, call);
}

// Maps both buffers into host memory, works, unmaps.
static iree_status_t double_buffer(iree_hal_buffer_t* source, iree_hal_buffer_t* target,
                                   size_t count) {
  iree_hal_buffer_mapping_t source_mapping;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_map_range(source, IREE_HAL_MAPPING_MODE_SCOPED,
                                                 IREE_HAL_MEMORY_ACCESS_READ, 0, IREE_WHOLE_BUFFER,
                                                 &source_mapping));
  iree_hal_buffer_mapping_t target_mapping;
  iree_status_t status = iree_hal_buffer_map_range(target, IREE_HAL_MAPPING_MODE_SCOPED,
                                                   IREE_HAL_MEMORY_ACCESS_DISCARD_WRITE, 0,
                                                   IREE_WHOLE_BUFFER, &target_mapping);
  if (iree_status_is_ok(status)) {
    const int32_t* from = (const int32_t*)source_mapping.contents.data;
    int32_t* to = (int32_t*)target_mapping.contents.data;
    for (size_t i = 0; i < count; ++i) to[i] = (int32_t)((uint32_t)from[i] * 2u);
    status = iree_hal_buffer_unmap_range(&target_mapping);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&source_mapping));
}

// The call's own thread. It may wait: it is nobody else's. Whatever happens, it signals or fails its fence in the end.
static void* run_call(void* argument) {
  async_call_t* call = (async_call_t*)argument;
  printf("ASYNC: BEFORE WAIT\n");
  iree_status_t status = iree_hal_fence_wait(call->wait_fence, iree_infinite_timeout());
  printf("ASYNC: AFTER WAIT\n");
  if (iree_status_is_ok(status)) {
    status = double_buffer(iree_hal_buffer_view_buffer(call->source), call->target,
                           iree_hal_buffer_view_element_count(call->source));
  }
  printf("ASYNC: BEFORE SIGNAL\n");
  if (iree_status_is_ok(status)) status = iree_hal_fence_signal(call->signal_fence);
  if (!iree_status_is_ok(status)) iree_hal_fence_fail(call->signal_fence, status);
  printf("ASYNC: AFTER SIGNAL\n");
  release_call(call);
  return NULL;
}

// Hands the call over to a new thread.
static iree_status_t start_thread(async_call_t* call) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, run_call, call);
  pthread_attr_destroy(&attributes);
  if (error == 0) return iree_ok_status();
  return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED, "no thread: %s", strerror(error));
}

// What one context has. Nothing changes, so it is the module itself.
typedef struct custom_module_t {
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
} custom_module_t;

// Allocates the target in the device's own order: once the wait fence is reached. The handle is there at once.
static iree_status_t allocate_target(custom_module_t* module, iree_hal_fence_t* wait_fence,
                                     async_call_t* call) {
  iree_hal_semaphore_t* semaphore = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_semaphore_create(module->device, 0, &semaphore));
  iree_status_t status =
      iree_hal_fence_create_at(semaphore, 1, call->host_allocator, &call->wait_fence);
  iree_hal_semaphore_release(semaphore);  // the fence holds it
  IREE_RETURN_IF_ERROR(status);
  iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
  };
  return iree_hal_device_queue_alloca(
      module->device, IREE_HAL_QUEUE_AFFINITY_ANY, iree_hal_fence_semaphore_list(wait_fence),
      iree_hal_fence_semaphore_list(call->wait_fence), IREE_HAL_ALLOCATOR_POOL_DEFAULT, params,
      iree_hal_buffer_view_byte_length(call->source), &call->target);
}

// custom.call.async(tensor<?xi32>, wait, signal) -> tensor<?xi32>. Nothing here may look at the tensor's contents: they may
// not be there yet.
IREE_VM_ABI_EXPORT(call_async, custom_module_t, rrr, r) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &view));
  if (iree_hal_buffer_view_element_type(view) != IREE_HAL_ELEMENT_TYPE_INT_32) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "custom.call.async doubles tensors of i32 only");
  }
  iree_hal_fence_t *wait_fence = NULL, *signal_fence = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_fence_check_deref_or_null(args->r1, &wait_fence));
  IREE_RETURN_IF_ERROR(iree_hal_fence_check_deref_or_null(args->r2, &signal_fence));

  async_call_t* call = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(state->host_allocator, sizeof(*call), (void**)&call));
  call->host_allocator = state->host_allocator;
  call->source = view;
  iree_hal_buffer_view_retain(view);
  call->signal_fence = signal_fence;
  iree_hal_fence_retain(signal_fence);

  iree_hal_buffer_view_t* result_view = NULL;
  iree_status_t status = allocate_target(state, wait_fence, call);
  if (iree_status_is_ok(status)) {
    status =
        iree_hal_buffer_view_create_like(call->target, view, state->host_allocator, &result_view);
  }
  if (iree_status_is_ok(status)) status = start_thread(call);
  if (!iree_status_is_ok(status)) {
    iree_hal_buffer_view_release(result_view);
    release_call(call);
    return status;
  }
  rets->r0 = iree_hal_buffer_view_move_ref(result_view);
  return iree_ok_status();
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("call.async"),
     .calling_convention = IREE_VM_NATIVE_STR("0rrr_r")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_rrr_r,
     (iree_vm_native_function_target_t)call_async},
};
static const iree_vm_native_module_descriptor_t descriptor = {
    .name = IREE_VM_NATIVE_STR("custom"),
    .export_count = IREE_ARRAYSIZE(exports),
    .exports = exports,
    .function_count = IREE_ARRAYSIZE(functions),
    .functions = functions,
};

static void IREE_API_PTR destroy(void* self) {
  custom_module_t* module = (custom_module_t*)self;
  iree_hal_device_release(module->device);
  iree_allocator_free(module->host_allocator, module);
}

static iree_status_t IREE_API_PTR alloc_state(void* self, iree_allocator_t host_allocator,
                                              iree_vm_module_state_t** out_module_state) {
  *out_module_state = (iree_vm_module_state_t*)self;
  return iree_ok_status();
}

static void IREE_API_PTR free_state(void* self, iree_vm_module_state_t* module_state) {}

iree_status_t iree_custom_module_async_create(iree_vm_instance_t* instance,
                                              iree_hal_device_t* device,
                                              iree_allocator_t host_allocator,
                                              iree_vm_module_t** out_module) {
  *out_module = NULL;
  custom_module_t* module = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*module), (void**)&module));
  module->host_allocator = host_allocator;
  module->device = device;
  iree_hal_device_retain(device);

  iree_vm_module_t interface;
  iree_status_t status = iree_vm_module_initialize(&interface, module);
  if (iree_status_is_ok(status)) {
    interface.destroy = destroy;
    interface.alloc_state = alloc_state;
    interface.free_state = free_state;
    status =
        iree_vm_native_module_create(&interface, &descriptor, instance, host_allocator, out_module);
  }
  if (!iree_status_is_ok(status)) destroy(module);
  return status;
}
