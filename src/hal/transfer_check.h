// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of transfers that queues and command buffers do alike, whatever the device: null handles,
// ranges, the pattern's length, access, usage, overlap. IREE_WHOLE_BUFFER becomes a length.

#ifndef TENON_HAL_TRANSFER_CHECK_H_
#define TENON_HAL_TRANSFER_CHECK_H_

#include "iree/hal/buffer.h"

iree_status_t tenon_hal_check_fill(const iree_hal_buffer_t* target,
                                   iree_device_size_t target_offset,
                                   iree_device_size_t* inout_length, const void* pattern,
                                   iree_host_size_t pattern_length);

// |source| is host memory.
iree_status_t tenon_hal_check_update(const void* source, const iree_hal_buffer_t* target,
                                     iree_device_size_t target_offset,
                                     iree_device_size_t* inout_length);

iree_status_t tenon_hal_check_copy(const iree_hal_buffer_t* source,
                                   iree_device_size_t source_offset,
                                   const iree_hal_buffer_t* target,
                                   iree_device_size_t target_offset,
                                   iree_device_size_t* inout_length);

#endif  // TENON_HAL_TRANSFER_CHECK_H_
