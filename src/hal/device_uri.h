// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What names a device: DRIVER[://PATH[?KEY=VALUE[&KEY=VALUE]...]].

#ifndef TENON_HAL_DEVICE_URI_H_
#define TENON_HAL_DEVICE_URI_H_

#include "iree/base/api.h"

#define TENON_HAL_DEVICE_URI_MAX_PARAMS 16

// Views into the text.
typedef struct tenon_hal_device_uri_t {
  iree_string_view_t driver;
  iree_string_view_t path;
  iree_host_size_t param_count;
  iree_string_pair_t params[TENON_HAL_DEVICE_URI_MAX_PARAMS];
} tenon_hal_device_uri_t;

// INVALID_ARGUMENT for an empty driver, something else than :// behind it, a parameter without a
// key, and for too many.
iree_status_t tenon_hal_device_uri_parse(iree_string_view_t text, tenon_hal_device_uri_t* out_uri);

#endif  // TENON_HAL_DEVICE_URI_H_
