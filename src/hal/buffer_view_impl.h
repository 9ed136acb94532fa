// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a buffer view consists of, for the code on the path of every call.

#ifndef TENON_HAL_BUFFER_VIEW_IMPL_H_
#define TENON_HAL_BUFFER_VIEW_IMPL_H_

#include "iree/base/internal/atomics.h"
#include "iree/hal/buffer_view.h"

struct iree_hal_buffer_view_t {
  iree_atomic_ref_count_t ref_count;
  iree_hal_element_type_t element_type;
  iree_hal_encoding_type_t encoding_type;
  iree_allocator_t host_allocator;
  iree_hal_buffer_t* buffer;
  iree_device_size_t byte_length;
  iree_host_size_t shape_rank;
  iree_hal_dim_t shape[];
};

#endif  // TENON_HAL_BUFFER_VIEW_IMPL_H_
