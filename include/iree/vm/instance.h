// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The VM instance: what contexts and modules of one application share.
//
// Ownership: counted; contexts and native modules retain it. Thread-safety: every function from any
// thread.
#ifndef IREE_VM_INSTANCE_H_
#define IREE_VM_INSTANCE_H_

#include "iree/base/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_vm_instance_t iree_vm_instance_t;

// Makes an instance with a count of 1, allocated from |allocator|. Types are registered per
// process, not per instance, so any number of instances may come and go; `vm.buffer` and `vm.list`
// are always registered.
IREE_API_EXPORT iree_status_t iree_vm_instance_create(iree_allocator_t allocator,
                                                      iree_vm_instance_t** out_instance);
IREE_API_EXPORT void iree_vm_instance_retain(iree_vm_instance_t* instance);
IREE_API_EXPORT void iree_vm_instance_release(iree_vm_instance_t* instance);

IREE_API_EXPORT iree_allocator_t iree_vm_instance_allocator(iree_vm_instance_t* instance);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_VM_INSTANCE_H_
