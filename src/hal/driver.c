// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/driver.h"

#include "hal/device_uri.h"

static const iree_hal_driver_vtable_t* tenon_hal_driver_vtable(iree_hal_driver_t* driver) {
  return (const iree_hal_driver_vtable_t*)((iree_hal_resource_t*)driver)->vtable;
}

void iree_hal_driver_retain(iree_hal_driver_t* driver) { iree_hal_resource_retain(driver); }

void iree_hal_driver_release(iree_hal_driver_t* driver) {
  iree_hal_resource_t* resource = (iree_hal_resource_t*)driver;
  if (resource && iree_atomic_ref_count_dec(&resource->ref_count) == 1)
    iree_hal_driver_destroy(driver);
}

void iree_hal_driver_destroy(iree_hal_driver_t* driver) {
  tenon_hal_driver_vtable(driver)->destroy(driver);
}

iree_status_t iree_hal_driver_query_available_devices(iree_hal_driver_t* driver,
                                                      iree_allocator_t host_allocator,
                                                      iree_host_size_t* out_device_info_count,
                                                      iree_hal_device_info_t** out_device_infos) {
  *out_device_info_count = 0;
  *out_device_infos = NULL;
  return tenon_hal_driver_vtable(driver)->query_available_devices(
      driver, host_allocator, out_device_info_count, out_device_infos);
}

iree_status_t iree_hal_driver_dump_device_info(iree_hal_driver_t* driver,
                                               iree_hal_device_id_t device_id,
                                               iree_string_builder_t* builder) {
  return tenon_hal_driver_vtable(driver)->dump_device_info(driver, device_id, builder);
}

iree_status_t iree_hal_driver_create_device_by_ordinal(iree_hal_driver_t* driver,
                                                       iree_host_size_t device_ordinal,
                                                       iree_host_size_t param_count,
                                                       const iree_string_pair_t* params,
                                                       iree_allocator_t host_allocator,
                                                       iree_hal_device_t** out_device) {
  *out_device = NULL;
  iree_host_size_t count = 0;
  iree_hal_device_info_t* infos = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_driver_query_available_devices(driver, host_allocator, &count, &infos));
  const bool is_known = device_ordinal < count;
  const iree_hal_device_id_t device_id =
      is_known ? infos[device_ordinal].device_id : IREE_HAL_DEVICE_ID_DEFAULT;
  iree_allocator_free(host_allocator, infos);
  if (!is_known) {
    return iree_make_status(IREE_STATUS_NOT_FOUND,
                            "there is no device number %" PRIhsz "; the driver has %" PRIhsz
                            " device(s), numbered from 0",
                            device_ordinal, count);
  }
  return iree_hal_driver_create_device_by_id(driver, device_id, param_count, params, host_allocator,
                                             out_device);
}

iree_status_t iree_hal_driver_create_device_by_id(iree_hal_driver_t* driver,
                                                  iree_hal_device_id_t device_id,
                                                  iree_host_size_t param_count,
                                                  const iree_string_pair_t* params,
                                                  iree_allocator_t host_allocator,
                                                  iree_hal_device_t** out_device) {
  *out_device = NULL;
  return tenon_hal_driver_vtable(driver)->create_device_by_id(driver, device_id, param_count,
                                                              params, host_allocator, out_device);
}

iree_status_t iree_hal_driver_create_device_by_path(
    iree_hal_driver_t* driver, iree_string_view_t driver_name, iree_string_view_t device_path,
    iree_host_size_t param_count, const iree_string_pair_t* params, iree_allocator_t host_allocator,
    iree_hal_device_t** out_device) {
  *out_device = NULL;
  if (iree_string_view_is_empty(device_path)) {
    return iree_hal_driver_create_device_by_id(driver, IREE_HAL_DEVICE_ID_DEFAULT, param_count,
                                               params, host_allocator, out_device);
  }
  uint32_t ordinal = 0;
  if (iree_string_view_atoi_uint32(device_path, &ordinal)) {
    return iree_hal_driver_create_device_by_ordinal(driver, ordinal, param_count, params,
                                                    host_allocator, out_device);
  }
  return tenon_hal_driver_vtable(driver)->create_device_by_path(
      driver, driver_name, device_path, param_count, params, host_allocator, out_device);
}

iree_status_t iree_hal_driver_create_device_by_uri(iree_hal_driver_t* driver,
                                                   iree_string_view_t device_uri,
                                                   iree_allocator_t host_allocator,
                                                   iree_hal_device_t** out_device) {
  *out_device = NULL;
  tenon_hal_device_uri_t uri;
  IREE_RETURN_IF_ERROR(tenon_hal_device_uri_parse(device_uri, &uri));
  return iree_hal_driver_create_device_by_path(driver, uri.driver, uri.path, uri.param_count,
                                               uri.params, host_allocator, out_device);
}

iree_status_t iree_hal_driver_create_default_device(iree_hal_driver_t* driver,
                                                    iree_allocator_t host_allocator,
                                                    iree_hal_device_t** out_device) {
  return iree_hal_driver_create_device_by_id(driver, IREE_HAL_DEVICE_ID_DEFAULT, 0, NULL,
                                             host_allocator, out_device);
}
