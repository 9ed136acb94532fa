// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/modules/hal/types.h"

#include <stddef.h>

static void allocator_destroy(void* ptr) { iree_hal_allocator_destroy(ptr); }
static void buffer_destroy(void* ptr) { iree_hal_buffer_destroy(ptr); }
static void buffer_view_destroy(void* ptr) { iree_hal_buffer_view_destroy(ptr); }
static void command_buffer_destroy(void* ptr) { iree_hal_command_buffer_destroy(ptr); }
static void device_destroy(void* ptr) { iree_hal_device_destroy(ptr); }
static void executable_destroy(void* ptr) { iree_hal_executable_destroy(ptr); }
static void fence_destroy(void* ptr) { iree_hal_fence_destroy(ptr); }
static void semaphore_destroy(void* ptr) { iree_hal_semaphore_destroy(ptr); }

// HAL objects start with their counter (iree/hal/resource.h).
#define DESCRIPTOR(name, text)                                             \
  static iree_vm_ref_type_descriptor_t iree_hal_##name##_descriptor = {    \
      .destroy = name##_destroy,                                           \
      .offsetof_counter = offsetof(iree_hal_resource_t, ref_count),        \
      .type_name = {.data = "hal." text, .size = sizeof("hal." text) - 1}, \
  };                                                                       \
  IREE_VM_DEFINE_TYPE_ADAPTERS(iree_hal_##name, iree_hal_##name##_t);

DESCRIPTOR(allocator, "allocator")
DESCRIPTOR(buffer, "buffer")
DESCRIPTOR(buffer_view, "buffer_view")
DESCRIPTOR(command_buffer, "command_buffer")
DESCRIPTOR(device, "device")
DESCRIPTOR(executable, "executable")
DESCRIPTOR(fence, "fence")
DESCRIPTOR(semaphore, "semaphore")

IREE_API_EXPORT iree_status_t iree_hal_module_register_all_types(iree_vm_instance_t* instance) {
  (void)instance;  // types belong to the process
  iree_vm_ref_type_descriptor_t* const descriptors[] = {
      &iree_hal_allocator_descriptor,   &iree_hal_buffer_descriptor,
      &iree_hal_buffer_view_descriptor, &iree_hal_command_buffer_descriptor,
      &iree_hal_device_descriptor,      &iree_hal_executable_descriptor,
      &iree_hal_fence_descriptor,       &iree_hal_semaphore_descriptor,
  };
  for (iree_host_size_t i = 0; i < IREE_ARRAYSIZE(descriptors); ++i) {
    IREE_RETURN_IF_ERROR(iree_vm_ref_register_type(descriptors[i]));
  }
  return iree_ok_status();
}

IREE_API_EXPORT iree_hal_buffer_view_t* iree_vm_list_get_buffer_view_assign(
    const iree_vm_list_t* list, iree_host_size_t i) {
  return iree_vm_list_get_ref_deref(list, i, &iree_hal_buffer_view_descriptor);
}

IREE_API_EXPORT iree_hal_buffer_view_t* iree_vm_list_get_buffer_view_retain(
    const iree_vm_list_t* list, iree_host_size_t i) {
  iree_hal_buffer_view_t* view = iree_vm_list_get_buffer_view_assign(list, i);
  iree_hal_buffer_view_retain(view);
  return view;
}

IREE_API_EXPORT iree_status_t iree_vm_list_set_buffer_view_retain(iree_vm_list_t* list,
                                                                  iree_host_size_t i,
                                                                  iree_hal_buffer_view_t* value) {
  iree_vm_ref_t ref = iree_hal_buffer_view_retain_ref(value);
  iree_status_t status = iree_vm_list_set_ref_move(list, i, &ref);
  iree_vm_ref_release(&ref);
  return status;
}
