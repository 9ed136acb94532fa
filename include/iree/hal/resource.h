// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all shared objects of the HAL have in common: a reference counter, and a table of functions.
//
// Ownership. An object is created with a count of 1, which belongs to whoever created it. retain
// adds one, release takes one away and destroys the object with the last. A function that stores an
// object retains it; a function that returns one as |out_*| gives its reference to the caller; any
// other pointer that is returned is borrowed, valid as long as the object it came from. retain and
// release accept NULL.
//
// Thread-safety. Counting is atomic (with plain instructions while the process has a single
// thread): retain and release may be called from anywhere. What else may run at the same time is
// said per type.

#ifndef IREE_HAL_RESOURCE_H_
#define IREE_HAL_RESOURCE_H_

#include "iree/base/api.h"
#include "iree/base/internal/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

// The head of every HAL object that has more than one implementation. The counter comes first:
// references of the VM (iree_vm_ref_t) find it by its offset.
typedef struct iree_hal_resource_t {
  iree_atomic_ref_count_t ref_count;
  // The implementation's table of functions, an iree_hal_<type>_vtable_t. Also tells
  // implementations apart.
  const void* vtable;
} iree_hal_resource_t;

// Sets the counter to 1 and stores |vtable|.
static inline void iree_hal_resource_initialize(const void* vtable,
                                                iree_hal_resource_t* out_resource) {
  iree_atomic_ref_count_init(&out_resource->ref_count);
  out_resource->vtable = vtable;
}

static inline void iree_hal_resource_retain(const void* any_resource) {
  if (any_resource) {
    iree_hal_resource_t* resource = (iree_hal_resource_t*)any_resource;
    iree_atomic_ref_count_inc(&resource->ref_count);
  }
}

// Whether |resource| is of the implementation that |vtable| belongs to. False for NULL.
static inline bool iree_hal_resource_is(const void* resource, const void* vtable) {
  return resource && ((const iree_hal_resource_t*)resource)->vtable == vtable;
}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_RESOURCE_H_
