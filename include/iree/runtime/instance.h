// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instance: what sessions of one application share, namely a VM instance and a choice of
// drivers.
//
// Ownership: counted. Sessions retain it, so it may be released as soon as they exist. It does not
// own the driver registry, which must outlive it. Thread-safety: every function may be called from
// any thread.

#ifndef IREE_RUNTIME_INSTANCE_H_
#define IREE_RUNTIME_INSTANCE_H_

#include "iree/base/api.h"
#include "iree/hal/api.h"
#include "iree/vm/api.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_runtime_instance_t iree_runtime_instance_t;

typedef struct iree_runtime_instance_options_t {
  // Where devices are looked for; NULL: nowhere, and the application makes its devices itself.
  // Borrowed.
  iree_hal_driver_registry_t* driver_registry;
} iree_runtime_instance_options_t;

// Sets the defaults: no drivers.
IREE_API_EXPORT void iree_runtime_instance_options_initialize(
    iree_runtime_instance_options_t* out_options);

// Takes the process's default registry, with every driver that Tenon was built with. May be
// repeated.
IREE_API_EXPORT void iree_runtime_instance_options_use_all_available_drivers(
    iree_runtime_instance_options_t* options);

// Makes an instance with a count of 1 and registers the HAL's types with the VM. |options| is only
// read.
IREE_API_EXPORT iree_status_t iree_runtime_instance_create(
    const iree_runtime_instance_options_t* options, iree_allocator_t host_allocator,
    iree_runtime_instance_t** out_instance);

// NULL is allowed.
IREE_API_EXPORT void iree_runtime_instance_retain(iree_runtime_instance_t* instance);
IREE_API_EXPORT void iree_runtime_instance_release(iree_runtime_instance_t* instance);

IREE_API_EXPORT iree_allocator_t
iree_runtime_instance_host_allocator(const iree_runtime_instance_t* instance);

// Borrowed.
IREE_API_EXPORT iree_vm_instance_t* iree_runtime_instance_vm_instance(
    const iree_runtime_instance_t* instance);

// Borrowed; NULL if the instance has none.
IREE_API_EXPORT iree_hal_driver_registry_t* iree_runtime_instance_driver_registry(
    const iree_runtime_instance_t* instance);

// Makes the default device of the driver |driver_name| (`local-sync`), with a count of 1 for the
// caller.
//   NOT_FOUND: no such driver; the message lists those that exist.   FAILED_PRECONDITION: the
//   instance has no drivers.
IREE_API_EXPORT iree_status_t iree_runtime_instance_try_create_default_device(
    iree_runtime_instance_t* instance, iree_string_view_t driver_name,
    iree_hal_device_t** out_device);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_RUNTIME_INSTANCE_H_
