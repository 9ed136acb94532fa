// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The registry of drivers: from a name such as `local-sync` to a driver. Drivers are registered as
// factories, so that nothing is started before it is asked for.
//
// Thread-safety. All functions may be called from any thread. Factories are called with the
// registry's lock held and must not call the registry.

#ifndef IREE_HAL_DRIVER_REGISTRY_H_
#define IREE_HAL_DRIVER_REGISTRY_H_

#include "iree/base/api.h"
#include "iree/hal/device.h"
#include "iree/hal/driver.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_driver_registry_t iree_hal_driver_registry_t;

typedef struct iree_hal_driver_factory_t {
  void* self;
  // Lists the drivers that the factory makes. The list must live as long as the factory is
  // registered.
  iree_status_t(IREE_API_PTR* enumerate)(void* self, iree_host_size_t* out_driver_info_count,
                                         const iree_hal_driver_info_t** out_driver_infos);
  // Creates the driver of the given name, one of the list. UNAVAILABLE when the machine lacks what
  // it needs.
  iree_status_t(IREE_API_PTR* try_create)(void* self, iree_string_view_t driver_name,
                                          iree_allocator_t host_allocator,
                                          iree_hal_driver_t** out_driver);
} iree_hal_driver_factory_t;

// The process's own registry. Never freed; empty until something is registered.
IREE_API_EXPORT iree_hal_driver_registry_t* iree_hal_driver_registry_default(void);

// An empty registry, freed with iree_hal_driver_registry_free. It must outlive every instance that
// uses it.
IREE_API_EXPORT iree_status_t iree_hal_driver_registry_allocate(
    iree_allocator_t host_allocator, iree_hal_driver_registry_t** out_registry);
IREE_API_EXPORT void iree_hal_driver_registry_free(iree_hal_driver_registry_t* registry);

// |factory| is borrowed until it is unregistered. ALREADY_EXISTS for a factory that is registered,
// RESOURCE_EXHAUSTED when the registry is full (64 factories).
IREE_API_EXPORT iree_status_t iree_hal_driver_registry_register_factory(
    iree_hal_driver_registry_t* registry, const iree_hal_driver_factory_t* factory);
// NOT_FOUND for a factory that isn't registered.
IREE_API_EXPORT iree_status_t iree_hal_driver_registry_unregister_factory(
    iree_hal_driver_registry_t* registry, const iree_hal_driver_factory_t* factory);

// Lists all drivers in one allocation of |host_allocator| (with its strings), which the caller
// frees; NULL if there are none.
IREE_API_EXPORT iree_status_t iree_hal_driver_registry_enumerate(
    iree_hal_driver_registry_t* registry, iree_allocator_t host_allocator,
    iree_host_size_t* out_driver_info_count, iree_hal_driver_info_t** out_driver_infos);

// Creates a driver; released by the caller. NOT_FOUND names the drivers that exist. Of several
// factories for one name, the last registered serves.
IREE_API_EXPORT iree_status_t iree_hal_driver_registry_try_create(
    iree_hal_driver_registry_t* registry, iree_string_view_t driver_name,
    iree_allocator_t host_allocator, iree_hal_driver_t** out_driver);

// Creates driver and device of a URI, see iree_hal_driver_create_device_by_uri. The device is
// released by the caller.
IREE_API_EXPORT iree_status_t iree_hal_create_device(iree_hal_driver_registry_t* registry,
                                                     iree_string_view_t device_uri,
                                                     iree_allocator_t host_allocator,
                                                     iree_hal_device_t** out_device);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DRIVER_REGISTRY_H_
