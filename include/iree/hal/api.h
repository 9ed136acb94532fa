// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hardware abstraction layer: buffers, buffer views, semaphores and fences, devices
// and the drivers that create them.
// resource.h says what all objects have in common.

#ifndef IREE_HAL_API_H_
#define IREE_HAL_API_H_

#include "iree/hal/allocator.h"         // IWYU pragma: export
#include "iree/hal/buffer.h"            // IWYU pragma: export
#include "iree/hal/buffer_view.h"       // IWYU pragma: export
#include "iree/hal/buffer_view_util.h"  // IWYU pragma: export
#include "iree/hal/command_buffer.h"    // IWYU pragma: export
#include "iree/hal/device.h"            // IWYU pragma: export
#include "iree/hal/driver.h"            // IWYU pragma: export
#include "iree/hal/driver_registry.h"   // IWYU pragma: export
#include "iree/hal/element_type.h"      // IWYU pragma: export
#include "iree/hal/executable.h"        // IWYU pragma: export
#include "iree/hal/fence.h"             // IWYU pragma: export
#include "iree/hal/resource.h"          // IWYU pragma: export
#include "iree/hal/semaphore.h"         // IWYU pragma: export
#include "iree/hal/string_util.h"       // IWYU pragma: export

#endif  // IREE_HAL_API_H_
