// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `hal` module: the native module through which compiled programs reach a device. A context
// must hold it before a compiled module that uses tensors is registered; sessions
// (iree/runtime/session.h) do that by themselves.
//
// Its functions are a private matter between the compiler and the module; a module file says which
// ones it needs, and a context refuses a file that needs one of another signature.

#ifndef IREE_MODULES_HAL_MODULE_H_
#define IREE_MODULES_HAL_MODULE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// None exist yet.
enum iree_hal_module_flag_bits_t {
  IREE_HAL_MODULE_FLAG_NONE = 0u,
};
typedef uint32_t iree_hal_module_flags_t;

// A module that runs programs on |device|, with a count of 1 for the caller; it retains |instance|
// and |device|. It holds nothing that changes: one module may serve any number of contexts on any
// threads. Objects that programs make for themselves come from |allocator|, contents of buffers
// from the device's allocator.
//   INVALID_ARGUMENT: an unknown flag, or a device that is not of the driver local-sync or local-task.   FAILED_PRECONDITION: the types are not registered
//   (iree/modules/hal/types.h).
IREE_API_EXPORT iree_status_t iree_hal_module_create(iree_vm_instance_t* instance,
                                                     iree_hal_device_t* device,
                                                     iree_hal_module_flags_t flags,
                                                     iree_allocator_t allocator,
                                                     iree_vm_module_t** out_module);

// The device of a context's `hal` module, given the state that iree_vm_context_resolve_module_state
// finds. Borrowed: valid while the context lives.
IREE_API_EXPORT iree_hal_device_t* iree_hal_module_state_device(
    iree_vm_module_state_t* module_state);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_MODULES_HAL_MODULE_H_
