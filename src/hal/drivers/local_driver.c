// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/drivers/local_driver.h"

#include "hal/local/local_device.h"

typedef struct tenon_hal_local_driver_t {
  iree_hal_resource_t resource;
  iree_allocator_t host_allocator;
  const tenon_hal_local_driver_kind_t* kind;
  tenon_executor_t* executor;  // of devices without parameters; NULL if the kind has none
} tenon_hal_local_driver_t;

static const iree_hal_driver_vtable_t tenon_hal_local_driver_vtable;

static const iree_hal_device_info_t tenon_hal_local_device_info = {
    .device_id = IREE_HAL_DEVICE_ID_DEFAULT, .path = IREE_SVL(""), .name = IREE_SVL("default")};

iree_status_t tenon_hal_local_driver_enumerate(void* self, iree_host_size_t* out_driver_info_count,
                                               const iree_hal_driver_info_t** out_driver_infos) {
  *out_driver_info_count = 1;
  *out_driver_infos = &((const tenon_hal_local_driver_kind_t*)self)->info;
  return iree_ok_status();
}

iree_status_t tenon_hal_local_driver_try_create(void* self, iree_string_view_t driver_name,
                                                iree_allocator_t host_allocator,
                                                iree_hal_driver_t** out_driver) {
  *out_driver = NULL;
  const tenon_hal_local_driver_kind_t* kind = (const tenon_hal_local_driver_kind_t*)self;
  tenon_hal_local_driver_t* driver = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*driver), (void**)&driver));
  // It has no threads before there is work for them.
  iree_status_t status = kind->create_executor
                             ? kind->create_executor(0, NULL, host_allocator, &driver->executor)
                             : iree_ok_status();
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(host_allocator, driver);
    return status;
  }
  iree_hal_resource_initialize(&tenon_hal_local_driver_vtable, &driver->resource);
  driver->host_allocator = host_allocator;
  driver->kind = kind;
  *out_driver = (iree_hal_driver_t*)driver;
  return iree_ok_status();
}

static void tenon_hal_local_driver_destroy(iree_hal_driver_t* base) {
  tenon_hal_local_driver_t* driver = (tenon_hal_local_driver_t*)base;
  tenon_executor_release(driver->executor);
  iree_allocator_free(driver->host_allocator, driver);
}

static iree_status_t tenon_hal_local_driver_query_available_devices(
    iree_hal_driver_t* base, iree_allocator_t host_allocator,
    iree_host_size_t* out_device_info_count, iree_hal_device_info_t** out_device_infos) {
  // The strings are constants.
  IREE_RETURN_IF_ERROR(iree_allocator_clone(
      host_allocator,
      iree_make_const_byte_span(&tenon_hal_local_device_info, sizeof(tenon_hal_local_device_info)),
      (void**)out_device_infos));
  *out_device_info_count = 1;
  return iree_ok_status();
}

static iree_status_t tenon_hal_local_driver_validate_id(const tenon_hal_local_driver_kind_t* kind,
                                                        iree_hal_device_id_t device_id) {
  if (device_id == tenon_hal_local_device_info.device_id) return iree_ok_status();
  return iree_make_status(
      IREE_STATUS_NOT_FOUND, "the driver '%s' has no device of id %" PRIuPTR "; it has only %d",
      kind->info.driver_name.data, device_id, (int)tenon_hal_local_device_info.device_id);
}

static iree_status_t tenon_hal_local_driver_dump_device_info(iree_hal_driver_t* base,
                                                             iree_hal_device_id_t device_id,
                                                             iree_string_builder_t* builder) {
  const tenon_hal_local_driver_kind_t* kind = ((const tenon_hal_local_driver_t*)base)->kind;
  IREE_RETURN_IF_ERROR(tenon_hal_local_driver_validate_id(kind, device_id));
  return iree_string_builder_append_format(builder, "%s\n", kind->info.full_name.data);
}

static iree_status_t tenon_hal_local_driver_create_device_by_id(iree_hal_driver_t* base,
                                                                iree_hal_device_id_t device_id,
                                                                iree_host_size_t param_count,
                                                                const iree_string_pair_t* params,
                                                                iree_allocator_t host_allocator,
                                                                iree_hal_device_t** out_device) {
  const tenon_hal_local_driver_t* driver = (const tenon_hal_local_driver_t*)base;
  const tenon_hal_local_driver_kind_t* kind = driver->kind;
  IREE_RETURN_IF_ERROR(tenon_hal_local_driver_validate_id(kind, device_id));
  if (param_count == 0) {
    return tenon_hal_local_device_create(kind->info.driver_name, driver->executor, NULL,
                                         host_allocator, out_device);
  }
  if (!kind->create_executor) {
    return iree_make_status(
        IREE_STATUS_INVALID_ARGUMENT, "devices of the driver '%s' have no parameter '%.*s'",
        kind->info.driver_name.data, (int)params[0].key.size, params[0].key.data);
  }
  tenon_executor_t* executor = NULL;
  IREE_RETURN_IF_ERROR(kind->create_executor(param_count, params, host_allocator, &executor));
  iree_status_t status = tenon_hal_local_device_create(kind->info.driver_name, executor, NULL,
                                                       host_allocator, out_device);
  tenon_executor_release(executor);
  return status;
}

static iree_status_t tenon_hal_local_driver_create_device_by_path(
    iree_hal_driver_t* base, iree_string_view_t driver_name, iree_string_view_t device_path,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_hal_device_t** out_device) {
  if (!iree_string_view_equal(device_path, tenon_hal_local_device_info.name)) {
    return iree_make_status(
        IREE_STATUS_NOT_FOUND, "the driver '%.*s' has no device '%.*s'; it has only 'default'",
        (int)driver_name.size, driver_name.data, (int)device_path.size, device_path.data);
  }
  return tenon_hal_local_driver_create_device_by_id(
      base, tenon_hal_local_device_info.device_id, param_count, params, host_allocator, out_device);
}

static const iree_hal_driver_vtable_t tenon_hal_local_driver_vtable = {
    .destroy = tenon_hal_local_driver_destroy,
    .query_available_devices = tenon_hal_local_driver_query_available_devices,
    .dump_device_info = tenon_hal_local_driver_dump_device_info,
    .create_device_by_id = tenon_hal_local_driver_create_device_by_id,
    .create_device_by_path = tenon_hal_local_driver_create_device_by_path,
};
