// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The local-sync device: the CPU, without threads. Work is done on the thread that asks for it,
// before the call returns.

#ifndef TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DEVICE_H_
#define TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DEVICE_H_

#include "iree/hal/device.h"

// |identifier| is copied; |device_allocator| is retained.
iree_status_t tenon_hal_sync_device_create(iree_string_view_t identifier,
                                           iree_hal_allocator_t* device_allocator,
                                           iree_allocator_t host_allocator,
                                           iree_hal_device_t** out_device);

#endif  // TENON_HAL_DRIVERS_LOCAL_SYNC_SYNC_DEVICE_H_
