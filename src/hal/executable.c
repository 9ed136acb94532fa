// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/executable.h"

void iree_hal_executable_retain(iree_hal_executable_t* executable) {
  iree_hal_resource_retain(executable);
}

void iree_hal_executable_release(iree_hal_executable_t* executable) {
  iree_hal_resource_t* resource = (iree_hal_resource_t*)executable;
  if (resource && iree_atomic_ref_count_dec(&resource->ref_count) == 1)
    iree_hal_executable_destroy(executable);
}

void iree_hal_executable_destroy(iree_hal_executable_t* executable) {
  ((const iree_hal_executable_vtable_t*)((iree_hal_resource_t*)executable)->vtable)
      ->destroy(executable);
}
