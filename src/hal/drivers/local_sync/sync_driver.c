// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/drivers/local_sync/sync_driver.h"

#include "hal/drivers/local_sync/sync_device.h"

typedef struct tenon_hal_sync_driver_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  iree_string_view_t identifier;  // behind this struct
} tenon_hal_sync_driver_t;

static const iree_hal_driver_vtable_t tenon_hal_sync_driver_vtable;

static const iree_hal_device_info_t tenon_hal_sync_device_info = {
    .device_id = IREE_HAL_DEVICE_ID_DEFAULT, .path = IREE_SVL(""), .name = IREE_SVL("default")};

iree_status_t tenon_hal_sync_driver_create(iree_string_view_t identifier,
                                           iree_allocator_t host_allocator,
                                           iree_hal_driver_t** out_driver) {
  *out_driver = NULL;
  iree_host_size_t total = 0;
  if (!iree_host_size_checked_add(sizeof(tenon_hal_sync_driver_t), identifier.size, &total)) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT, "the driver's identifier is too long");
  }
  tenon_hal_sync_driver_t* driver = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, total, (void**)&driver));
  iree_hal_resource_initialize(&tenon_hal_sync_driver_vtable, &driver->resource);
  driver->host_allocator = host_allocator;
  iree_string_view_append_to_buffer(identifier, &driver->identifier, (char*)(driver + 1));
  *out_driver = (iree_hal_driver_t*)driver;
  return iree_ok_status();
}

static void tenon_hal_sync_driver_destroy(iree_hal_driver_t* base) {
  iree_allocator_free(((tenon_hal_sync_driver_t*)base)->host_allocator, base);
}

static iree_status_t tenon_hal_sync_driver_query_available_devices(
    iree_hal_driver_t* base, iree_allocator_t host_allocator,
    iree_host_size_t* out_device_info_count, iree_hal_device_info_t** out_device_infos) {
  // The strings are constants.
  IREE_RETURN_IF_ERROR(iree_allocator_clone(
      host_allocator,
      iree_make_const_byte_span(&tenon_hal_sync_device_info, sizeof(tenon_hal_sync_device_info)),
      (void**)out_device_infos));
  *out_device_info_count = 1;
  return iree_ok_status();
}

static iree_status_t tenon_hal_sync_driver_validate_id(const tenon_hal_sync_driver_t* driver,
                                                       iree_hal_device_id_t device_id) {
  if (device_id == tenon_hal_sync_device_info.device_id) return iree_ok_status();
  return iree_make_status(IREE_STATUS_NOT_FOUND,
                          "the driver '%.*s' has no device of id %" PRIuPTR "; it has only %d",
                          (int)driver->identifier.size, driver->identifier.data, device_id,
                          (int)tenon_hal_sync_device_info.device_id);
}

static iree_status_t tenon_hal_sync_driver_dump_device_info(iree_hal_driver_t* base,
                                                            iree_hal_device_id_t device_id,
                                                            iree_string_builder_t* builder) {
  const tenon_hal_sync_driver_t* driver = (const tenon_hal_sync_driver_t*)base;
  IREE_RETURN_IF_ERROR(tenon_hal_sync_driver_validate_id(driver, device_id));
  return iree_string_builder_append_cstring(builder, "the CPU; work runs on the calling thread\n");
}

static iree_status_t tenon_hal_sync_driver_create_device_by_id(iree_hal_driver_t* base,
                                                               iree_hal_device_id_t device_id,
                                                               iree_host_size_t param_count,
                                                               const iree_string_pair_t* params,
                                                               iree_allocator_t host_allocator,
                                                               iree_hal_device_t** out_device) {
  const tenon_hal_sync_driver_t* driver = (const tenon_hal_sync_driver_t*)base;
  IREE_RETURN_IF_ERROR(tenon_hal_sync_driver_validate_id(driver, device_id));
  if (param_count) {
    return iree_make_status(IREE_STATUS_INVALID_ARGUMENT,
                            "devices of the driver '%.*s' have no parameter '%.*s'",
                            (int)driver->identifier.size, driver->identifier.data,
                            (int)params[0].key.size, params[0].key.data);
  }
  iree_hal_allocator_t* device_allocator = NULL;
  IREE_RETURN_IF_ERROR(iree_hal_allocator_create_heap(driver->identifier, host_allocator,
                                                      host_allocator, &device_allocator));
  iree_status_t status = tenon_hal_sync_device_create(driver->identifier, device_allocator,
                                                      host_allocator, out_device);
  iree_hal_allocator_release(device_allocator);
  return status;
}

static iree_status_t tenon_hal_sync_driver_create_device_by_path(
    iree_hal_driver_t* base, iree_string_view_t driver_name, iree_string_view_t device_path,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_hal_device_t** out_device) {
  if (!iree_string_view_equal(device_path, tenon_hal_sync_device_info.name)) {
    return iree_make_status(
        IREE_STATUS_NOT_FOUND, "the driver '%.*s' has no device '%.*s'; it has only 'default'",
        (int)driver_name.size, driver_name.data, (int)device_path.size, device_path.data);
  }
  return tenon_hal_sync_driver_create_device_by_id(base, tenon_hal_sync_device_info.device_id,
                                                   param_count, params, host_allocator, out_device);
}

static const iree_hal_driver_vtable_t tenon_hal_sync_driver_vtable = {
    .destroy = tenon_hal_sync_driver_destroy,
    .query_available_devices = tenon_hal_sync_driver_query_available_devices,
    .dump_device_info = tenon_hal_sync_driver_dump_device_info,
    .create_device_by_id = tenon_hal_sync_driver_create_device_by_id,
    .create_device_by_path = tenon_hal_sync_driver_create_device_by_path,
};
