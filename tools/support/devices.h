// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lists of drivers and devices, for people.

#ifndef TENON_TOOLS_SUPPORT_DEVICES_H_
#define TENON_TOOLS_SUPPORT_DEVICES_H_

#include "iree/hal/api.h"

// Prints name and description of every driver.
iree_status_t tenon_list_drivers(iree_hal_driver_registry_t* registry);

// Prints the URI of every device, or of those of one driver (unless empty), as --device takes it.
iree_status_t tenon_list_devices(iree_hal_driver_registry_t* registry,
                                 iree_string_view_t driver_name);

// Prints all that the drivers tell about them.
iree_status_t tenon_dump_devices(iree_hal_driver_registry_t* registry,
                                 iree_string_view_t driver_name);

#endif  // TENON_TOOLS_SUPPORT_DEVICES_H_
