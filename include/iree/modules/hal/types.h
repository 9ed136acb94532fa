// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HAL objects as references of the VM: the types under which buffers, views and devices travel
// through calls.
//
// Adapters. For each of the types below, `name` being the prefix (iree_hal_buffer_view, ...),
// iree/vm/ref.h describes name_retain_ref, name_move_ref, name_deref, name_check_deref,
// name_check_deref_or_null, name_isa, name_type_id and name_get_descriptor; in C++
// iree::vm::ref<iree_hal_buffer_view_t> works. They need the types to be registered:
// iree_runtime_instance_create does so, programs without the runtime API call
// iree_hal_module_register_all_types.
//
//   hal.allocator    iree_hal_allocator_t
//   hal.buffer       iree_hal_buffer_t
//   hal.buffer_view  iree_hal_buffer_view_t     how tensors cross the border of programs
//   hal.command_buffer  iree_hal_command_buffer_t
//   hal.device       iree_hal_device_t
//   hal.executable   iree_hal_executable_t
//   hal.fence        iree_hal_fence_t           what asynchronous functions wait for and signal
//   hal.semaphore    iree_hal_semaphore_t
//
// Thread-safety. Everything here may be called from any thread; a list must not be changed by two
// threads at once.

#ifndef IREE_MODULES_HAL_TYPES_H_
#define IREE_MODULES_HAL_TYPES_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_allocator, iree_hal_allocator_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_buffer, iree_hal_buffer_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_buffer_view, iree_hal_buffer_view_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_command_buffer, iree_hal_command_buffer_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_device, iree_hal_device_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_executable, iree_hal_executable_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_fence, iree_hal_fence_t);
IREE_VM_DECLARE_TYPE_ADAPTERS(iree_hal_semaphore, iree_hal_semaphore_t);

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// Registers the types for the whole process. Calling it again does nothing. |instance| may be any:
// types belong to no instance. RESOURCE_EXHAUSTED: the process has no room for so many types
// (iree/vm/ref.h); ALREADY_EXISTS: somebody else registered one of the names.
IREE_API_EXPORT iree_status_t iree_hal_module_register_all_types(iree_vm_instance_t* instance);

// The view in element |i|, borrowed from the list. NULL if |i| is past the end or the element is
// anything else.
IREE_API_EXPORT iree_hal_buffer_view_t* iree_vm_list_get_buffer_view_assign(
    const iree_vm_list_t* list, iree_host_size_t i);

// The same with a count for the caller, who releases it.
IREE_API_EXPORT iree_hal_buffer_view_t* iree_vm_list_get_buffer_view_retain(
    const iree_vm_list_t* list, iree_host_size_t i);

// Stores |value| in the existing element |i|; the list takes a count of its own. Errors as
// iree_vm_list_set_ref_retain.
IREE_API_EXPORT iree_status_t iree_vm_list_set_buffer_view_retain(iree_vm_list_t* list,
                                                                  iree_host_size_t i,
                                                                  iree_hal_buffer_view_t* value);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_MODULES_HAL_TYPES_H_
