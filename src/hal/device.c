// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/device.h"

static const iree_hal_device_vtable_t* tenon_hal_device_vtable(iree_hal_device_t* device) {
  return (const iree_hal_device_vtable_t*)((iree_hal_resource_t*)device)->vtable;
}

void iree_hal_device_retain(iree_hal_device_t* device) { iree_hal_resource_retain(device); }

void iree_hal_device_release(iree_hal_device_t* device) {
  iree_hal_resource_t* resource = (iree_hal_resource_t*)device;
  if (resource && iree_atomic_ref_count_dec(&resource->ref_count) == 1)
    iree_hal_device_destroy(device);
}

void iree_hal_device_destroy(iree_hal_device_t* device) {
  tenon_hal_device_vtable(device)->destroy(device);
}

iree_string_view_t iree_hal_device_id(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->id(device);
}

iree_allocator_t iree_hal_device_host_allocator(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->host_allocator(device);
}

iree_hal_allocator_t* iree_hal_device_allocator(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->device_allocator(device);
}

iree_status_t iree_hal_device_trim(iree_hal_device_t* device) {
  return tenon_hal_device_vtable(device)->trim(device);
}

iree_status_t iree_hal_device_query_i64(iree_hal_device_t* device, iree_string_view_t category,
                                        iree_string_view_t key, int64_t* out_value) {
  *out_value = 0;
  if (iree_string_view_equal(category, IREE_SV("hal.device.id"))) {
    *out_value = iree_string_view_match_pattern(iree_hal_device_id(device), key) ? 1 : 0;
    return iree_ok_status();
  }
  return tenon_hal_device_vtable(device)->query_i64(device, category, key, out_value);
}
