// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DRIVER_H_
#define TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DRIVER_H_

#include "iree/hal/driver.h"

// The driver of the local-sync device. It has one device, `default`, without parameters. Every
// device it creates has a heap allocator of its own. |identifier| becomes that of the devices and
// is copied.
iree_status_t tenon_hal_sync_driver_create(iree_string_view_t identifier,
                                           iree_allocator_t host_allocator,
                                           iree_hal_driver_t** out_driver);

#endif  // TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DRIVER_H_
