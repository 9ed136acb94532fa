// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/drivers/local_sync/sync_device.h"

#include <string.h>

#include "hal/local/elf_image.h"

typedef struct tenon_hal_sync_device_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  iree_hal_allocator_t* device_allocator;
  iree_string_view_t identifier;  // behind this struct
} tenon_hal_sync_device_t;

static const iree_hal_device_vtable_t tenon_hal_sync_device_vtable;

iree_status_t tenon_hal_sync_device_create(iree_string_view_t identifier,
                                           iree_hal_allocator_t* device_allocator,
                                           iree_allocator_t host_allocator,
                                           iree_hal_device_t** out_device) {
  *out_device = NULL;
  iree_host_size_t total = 0;
  if (!iree_host_size_checked_add(sizeof(tenon_hal_sync_device_t), identifier.size, &total)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the device's identifier is too long");
  }
  tenon_hal_sync_device_t* device = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, total, (void**)&device));
  iree_hal_resource_initialize(&tenon_hal_sync_device_vtable, &device->resource);
  device->host_allocator = host_allocator;
  device->device_allocator = device_allocator;
  iree_hal_allocator_retain(device_allocator);
  iree_string_view_append_to_buffer(identifier, &device->identifier, (char*)(device + 1));
  *out_device = (iree_hal_device_t*)device;
  return iree_ok_status();
}

static void tenon_hal_sync_device_destroy(iree_hal_device_t* base) {
  tenon_hal_sync_device_t* device = (tenon_hal_sync_device_t*)base;
  iree_allocator_t host_allocator = device->host_allocator;
  iree_hal_allocator_release(device->device_allocator);
  iree_allocator_free(host_allocator, device);
}

static iree_string_view_t tenon_hal_sync_device_id(iree_hal_device_t* base) {
  return ((tenon_hal_sync_device_t*)base)->identifier;
}

static iree_allocator_t tenon_hal_sync_device_host_allocator(iree_hal_device_t* base) {
  return ((tenon_hal_sync_device_t*)base)->host_allocator;
}

static iree_hal_allocator_t* tenon_hal_sync_device_allocator(iree_hal_device_t* base) {
  return ((tenon_hal_sync_device_t*)base)->device_allocator;
}

static iree_status_t tenon_hal_sync_device_trim(iree_hal_device_t* base) {
  return iree_hal_allocator_trim(((tenon_hal_sync_device_t*)base)->device_allocator);
}

static iree_status_t tenon_hal_sync_device_query_i64(iree_hal_device_t* base,
                                                     iree_string_view_t category,
                                                     iree_string_view_t key, int64_t* out_value) {
  if (iree_string_view_equal(category, IREE_SV("hal.executable.format"))) {
    *out_value = iree_string_view_equal(key, IREE_SV(TENON_ELF_EXECUTABLE_FORMAT)) ? 1 : 0;
    return iree_ok_status();
  }
  const iree_string_view_t identifier = ((tenon_hal_sync_device_t*)base)->identifier;
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "the device '%.*s' has no property '%.*s' :: '%.*s'",
                          (int)identifier.size, identifier.data, (int)category.size, category.data,
                          (int)key.size, key.data);
}

static const iree_hal_device_vtable_t tenon_hal_sync_device_vtable = {
    .destroy = tenon_hal_sync_device_destroy,
    .id = tenon_hal_sync_device_id,
    .host_allocator = tenon_hal_sync_device_host_allocator,
    .device_allocator = tenon_hal_sync_device_allocator,
    .trim = tenon_hal_sync_device_trim,
    .query_i64 = tenon_hal_sync_device_query_i64,
};
