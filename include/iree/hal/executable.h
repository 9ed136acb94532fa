// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executables: compiled device code, loaded and ready to be dispatched. Compiled programs make them
// through the `hal` module.
//
// Ownership. See resource.h. The code is unloaded with the last reference.
// Thread-safety. An executable doesn't change once it is made; it may be used from any thread.

#ifndef IREE_HAL_EXECUTABLE_H_
#define IREE_HAL_EXECUTABLE_H_

#include "iree/base/api.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_executable_t iree_hal_executable_t;

IREE_API_EXPORT void iree_hal_executable_retain(iree_hal_executable_t* executable);
IREE_API_EXPORT void iree_hal_executable_release(iree_hal_executable_t* executable);

// ---- For implementations of executables --------------------------------------------------------

typedef struct iree_hal_executable_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_executable_t* executable);
} iree_hal_executable_vtable_t;

// Destroys the executable, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_executable_destroy(iree_hal_executable_t* executable);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_EXECUTABLE_H_
