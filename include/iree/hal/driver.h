// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drivers: what finds devices of one kind and creates them.
//
// Ownership. See resource.h. Devices stay valid without their driver.
// Thread-safety. All functions may be called from any thread at any time.

#ifndef IREE_HAL_DRIVER_H_
#define IREE_HAL_DRIVER_H_

#include "iree/base/api.h"
#include "iree/hal/device.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_driver_t iree_hal_driver_t;

// A driver that could be created.
typedef struct iree_hal_driver_info_t {
  iree_string_view_t driver_name;  // as in URIs: `local-sync`
  iree_string_view_t full_name;    // for people
} iree_hal_driver_info_t;

// Names a device within its driver, while the process lives.
typedef uintptr_t iree_hal_device_id_t;
// The driver's choice.
#define IREE_HAL_DEVICE_ID_DEFAULT ((iree_hal_device_id_t)0)

// A device that could be created.
typedef struct iree_hal_device_info_t {
  iree_hal_device_id_t device_id;
  iree_string_view_t path;  // as in URIs; may be empty
  iree_string_view_t name;  // for people
} iree_hal_device_info_t;

IREE_API_EXPORT void iree_hal_driver_retain(iree_hal_driver_t* driver);
IREE_API_EXPORT void iree_hal_driver_release(iree_hal_driver_t* driver);

// Lists the devices in one allocation of |host_allocator| (with its strings), which the caller
// frees; NULL if there are none.
IREE_API_EXPORT iree_status_t iree_hal_driver_query_available_devices(
    iree_hal_driver_t* driver, iree_allocator_t host_allocator,
    iree_host_size_t* out_device_info_count, iree_hal_device_info_t** out_device_infos);

// Appends text for people about a device. NOT_FOUND for an unknown id.
IREE_API_EXPORT iree_status_t iree_hal_driver_dump_device_info(iree_hal_driver_t* driver,
                                                               iree_hal_device_id_t device_id,
                                                               iree_string_builder_t* builder);

// Creating devices; released by the caller. |params| are KEY=VALUE pairs of the driver; it refuses
// those that it doesn't know (INVALID_ARGUMENT). A device that doesn't exist is NOT_FOUND.

// By its place in the list of iree_hal_driver_query_available_devices.
IREE_API_EXPORT iree_status_t iree_hal_driver_create_device_by_ordinal(
    iree_hal_driver_t* driver, iree_host_size_t device_ordinal, iree_host_size_t param_count,
    const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_hal_device_t** out_device);

IREE_API_EXPORT iree_status_t iree_hal_driver_create_device_by_id(iree_hal_driver_t* driver,
                                                                  iree_hal_device_id_t device_id,
                                                                  iree_host_size_t param_count,
                                                                  const iree_string_pair_t* params,
                                                                  iree_allocator_t host_allocator,
                                                                  iree_hal_device_t** out_device);

// By the path of a URI: empty for the default device, a number for an ordinal, or what the driver
// calls a path.
IREE_API_EXPORT iree_status_t iree_hal_driver_create_device_by_path(
    iree_hal_driver_t* driver, iree_string_view_t driver_name, iree_string_view_t device_path,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_hal_device_t** out_device);

// By `DRIVER[://PATH[?KEY=VALUE[&KEY=VALUE]...]]`. DRIVER only tells drivers of several names which
// is meant.
IREE_API_EXPORT iree_status_t iree_hal_driver_create_device_by_uri(iree_hal_driver_t* driver,
                                                                   iree_string_view_t device_uri,
                                                                   iree_allocator_t host_allocator,
                                                                   iree_hal_device_t** out_device);

IREE_API_EXPORT iree_status_t iree_hal_driver_create_default_device(iree_hal_driver_t* driver,
                                                                    iree_allocator_t host_allocator,
                                                                    iree_hal_device_t** out_device);

// ---- For implementations of drivers ------------------------------------------------------------

typedef struct iree_hal_driver_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_driver_t* driver);
  iree_status_t(IREE_API_PTR* query_available_devices)(iree_hal_driver_t* driver,
                                                       iree_allocator_t host_allocator,
                                                       iree_host_size_t* out_device_info_count,
                                                       iree_hal_device_info_t** out_device_infos);
  iree_status_t(IREE_API_PTR* dump_device_info)(iree_hal_driver_t* driver,
                                                iree_hal_device_id_t device_id,
                                                iree_string_builder_t* builder);
  iree_status_t(IREE_API_PTR* create_device_by_id)(iree_hal_driver_t* driver,
                                                   iree_hal_device_id_t device_id,
                                                   iree_host_size_t param_count,
                                                   const iree_string_pair_t* params,
                                                   iree_allocator_t host_allocator,
                                                   iree_hal_device_t** out_device);
  iree_status_t(IREE_API_PTR* create_device_by_path)(
      iree_hal_driver_t* driver, iree_string_view_t driver_name, iree_string_view_t device_path,
      iree_host_size_t param_count, const iree_string_pair_t* params,
      iree_allocator_t host_allocator, iree_hal_device_t** out_device);
} iree_hal_driver_vtable_t;

// Destroys the driver, whatever its count.
IREE_API_EXPORT void iree_hal_driver_destroy(iree_hal_driver_t* driver);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DRIVER_H_
