// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Devices: what compiled programs run on. A device has an allocator, whose buffers it can use.
//
// Ownership. See resource.h. Buffers and programs that came from a device stay valid without it.
// Thread-safety. All functions may be called from any thread at any time.

#ifndef IREE_HAL_DEVICE_H_
#define IREE_HAL_DEVICE_H_

#include "iree/base/api.h"
#include "iree/hal/allocator.h"
#include "iree/hal/resource.h"

#ifdef __cplusplus
extern "C" {
#endif  // __cplusplus

typedef struct iree_hal_device_t iree_hal_device_t;

IREE_API_EXPORT void iree_hal_device_retain(iree_hal_device_t* device);
IREE_API_EXPORT void iree_hal_device_release(iree_hal_device_t* device);

// The name of its kind, such as `local-sync`. Borrowed.
IREE_API_EXPORT iree_string_view_t iree_hal_device_id(iree_hal_device_t* device);

// Where the device's own objects come from.
IREE_API_EXPORT iree_allocator_t iree_hal_device_host_allocator(iree_hal_device_t* device);

// The allocator of the device's buffers. Borrowed.
IREE_API_EXPORT iree_hal_allocator_t* iree_hal_device_allocator(iree_hal_device_t* device);

// Gives memory that is kept for later back to the system.
IREE_API_EXPORT iree_status_t iree_hal_device_trim(iree_hal_device_t* device);

// Asks for a property; NOT_FOUND for one that the device doesn't know. Known everywhere:
//   category               key                      value
//   hal.device.id          a pattern with * and ?   1 if the device's id matches, else 0
//   hal.executable.format  a name                   1 if the device can load executables of this
//                                                   format, else 0
IREE_API_EXPORT iree_status_t iree_hal_device_query_i64(iree_hal_device_t* device,
                                                        iree_string_view_t category,
                                                        iree_string_view_t key, int64_t* out_value);

// ---- For implementations of devices ------------------------------------------------------------

typedef struct iree_hal_device_vtable_t {
  void(IREE_API_PTR* destroy)(iree_hal_device_t* device);
  iree_string_view_t(IREE_API_PTR* id)(iree_hal_device_t* device);
  iree_allocator_t(IREE_API_PTR* host_allocator)(iree_hal_device_t* device);
  iree_hal_allocator_t*(IREE_API_PTR* device_allocator)(iree_hal_device_t* device);
  iree_status_t(IREE_API_PTR* trim)(iree_hal_device_t* device);
  iree_status_t(IREE_API_PTR* query_i64)(iree_hal_device_t* device, iree_string_view_t category,
                                         iree_string_view_t key, int64_t* out_value);
} iree_hal_device_vtable_t;

// Destroys the device, whatever its count. For the VM, whose references count by themselves.
IREE_API_EXPORT void iree_hal_device_destroy(iree_hal_device_t* device);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  // IREE_HAL_DEVICE_H_
