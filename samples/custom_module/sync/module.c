// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The custom module in C: a table of functions, a state per context, and one function that takes and returns a tensor.

#include "module.h"

#include "iree/modules/hal/types.h"

// What all contexts share.
typedef struct custom_module_t {
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
} custom_module_t;

// What one context has of its own. Here nothing changes, so it only remembers the module.
typedef struct custom_state_t {
  iree_allocator_t host_allocator;
  iree_hal_device_t* device;
} custom_state_t;

// The work itself: what a library that knows nothing of Tenon would do with plain pointers.
static void double_elements(const int32_t* source, int32_t* target, size_t count) {
  for (size_t i = 0; i < count; ++i) target[i] = (int32_t)((uint32_t)source[i] * 2u);
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
    double_elements((const int32_t*)source_mapping.contents.data,
                    (int32_t*)target_mapping.contents.data, count);
    status = iree_hal_buffer_unmap_range(&target_mapping);
  }
  return iree_status_join(status, iree_hal_buffer_unmap_range(&source_mapping));
}

// custom.call.sync(tensor<?xi32>) -> tensor<?xi32>. A tensor crosses as a buffer view. The program has checked nothing about
// it but its type in the declaration, so a careful function looks at what it gets.
IREE_VM_ABI_EXPORT(call_sync, custom_state_t, r, r) {
  iree_hal_buffer_view_t* view = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_buffer_view_check_deref(args->r0, &view));
  if (iree_hal_buffer_view_element_type(view) != IREE_HAL_ELEMENT_TYPE_INT_32) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "custom.call.sync doubles tensors of i32 only");
  }

  iree_hal_buffer_params_t params = {
      .usage = IREE_HAL_BUFFER_USAGE_DEFAULT | IREE_HAL_BUFFER_USAGE_MAPPING,
      .type = IREE_HAL_MEMORY_TYPE_OPTIMAL_FOR_DEVICE | IREE_HAL_MEMORY_TYPE_HOST_VISIBLE,
  };
  iree_hal_buffer_t* result = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_allocate_buffer(
      iree_hal_device_allocator(state->device), params, iree_hal_buffer_view_byte_length(view),
      iree_const_byte_span_empty(), &result));
  iree_status_t status = double_buffer(iree_hal_buffer_view_buffer(view), result,
                                       iree_hal_buffer_view_element_count(view));
  iree_hal_buffer_view_t* result_view = NULL;
  if (iree_status_is_ok(status)) {
    status = iree_hal_buffer_view_create_like(result, view, state->host_allocator, &result_view);
  }
  iree_hal_buffer_release(result);  // the view holds it now
  if (iree_status_is_ok(status)) rets->r0 = iree_hal_buffer_view_move_ref(result_view);
  return status;
}

static const iree_vm_native_export_descriptor_t exports[] = {
    {.local_name = IREE_VM_NATIVE_STR("call.sync"),
     .calling_convention = IREE_VM_NATIVE_STR("0r_r")},
};
static const iree_vm_native_function_ptr_t functions[] = {
    {(iree_vm_native_function_shim_t)iree_vm_shim_r_r, (iree_vm_native_function_target_t)call_sync},
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
  custom_module_t* module = (custom_module_t*)self;
  custom_state_t* state = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*state), (void**)&state));
  state->host_allocator = host_allocator;
  state->device = module->device;
  iree_hal_device_retain(state->device);
  *out_module_state = (iree_vm_module_state_t*)state;
  return iree_ok_status();
}

static void IREE_API_PTR free_state(void* self, iree_vm_module_state_t* module_state) {
  custom_state_t* state = (custom_state_t*)module_state;
  iree_hal_device_release(state->device);
  iree_allocator_free(state->host_allocator, state);
}

iree_status_t iree_custom_module_sync_create(iree_vm_instance_t* instance,
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
