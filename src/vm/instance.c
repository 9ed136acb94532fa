// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/vm/instance.h"

#include "iree/base/internal/atomics.h"

struct iree_vm_instance_t {
  iree_atomic_ref_count_t ref_count;
  iree_allocator_t allocator;
};

IREE_API_EXPORT iree_status_t iree_vm_instance_create(iree_allocator_t allocator,
                                                      iree_vm_instance_t** out_instance) {
  *out_instance = NULL;
  iree_vm_instance_t* instance = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(*instance), (void**)&instance));
  iree_atomic_ref_count_init(&instance->ref_count);
  instance->allocator = allocator;
  *out_instance = instance;
  return iree_ok_status();
}

IREE_API_EXPORT void iree_vm_instance_retain(iree_vm_instance_t* instance) {
  if (instance) iree_atomic_ref_count_inc(&instance->ref_count);
}

IREE_API_EXPORT void iree_vm_instance_release(iree_vm_instance_t* instance) {
  if (instance && iree_atomic_ref_count_dec(&instance->ref_count) == 1) {
    iree_allocator_free(instance->allocator, instance);
  }
}

IREE_API_EXPORT iree_allocator_t iree_vm_instance_allocator(iree_vm_instance_t* instance) {
  return instance->allocator;
}
