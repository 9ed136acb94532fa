// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/device_uri.h"

#include <string.h>

static iree_status_t tenon_hal_device_uri_error(iree_string_view_t text, const char* what) {
  return iree_make_status(
      IREE_STATUS_INVALID_ARGUMENT,
      "'%.*s' does not name a device: %s; expected DRIVER[://PATH[?KEY=VALUE[&KEY=VALUE]...]]",
      (int)text.size, text.data, what);
}

iree_status_t tenon_hal_device_uri_parse(iree_string_view_t text, tenon_hal_device_uri_t* out_uri) {
  memset(out_uri, 0, sizeof(*out_uri));
  iree_string_view_t location = iree_string_view_empty(), query = iree_string_view_empty();
  iree_string_view_split(text, '?', &location, &query);
  const intptr_t colon = iree_string_view_split(location, ':', &out_uri->driver, &out_uri->path);
  if (iree_string_view_is_empty(out_uri->driver))
    return tenon_hal_device_uri_error(text, "the driver is missing");
  if (colon != -1 && !iree_string_view_consume_prefix(&out_uri->path, IREE_SV("//"))) {
    return tenon_hal_device_uri_error(text, "'//' must follow the driver and its ':'");
  }
  while (!iree_string_view_is_empty(query)) {
    iree_string_view_t param = iree_string_view_empty();
    iree_string_view_split(query, '&', &param, &query);
    if (out_uri->param_count == TENON_HAL_DEVICE_URI_MAX_PARAMS) {
      return tenon_hal_device_uri_error(text, "it has more than 16 parameters");
    }
    iree_string_pair_t* pair = &out_uri->params[out_uri->param_count++];
    iree_string_view_split(param, '=', &pair->key, &pair->value);
    if (iree_string_view_is_empty(pair->key))
      return tenon_hal_device_uri_error(text, "a parameter has no key");
  }
  return iree_ok_status();
}
