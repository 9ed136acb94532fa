// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "support/devices.h"

#include <stdio.h>

#define RULE "# ============================================================================\n"
#define THIN_RULE "# ===----------------------------------------------------------------------===\n"

iree_status_t tenon_list_drivers(iree_hal_driver_registry_t* registry) {
  iree_host_size_t count = 0;
  iree_hal_driver_info_t* infos = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_driver_registry_enumerate(registry, iree_allocator_system(), &count, &infos));
  printf(RULE "# Available HAL drivers\n" RULE
              "# Use --list_devices={driver name} to enumerate available devices.\n\n");
  for (iree_host_size_t i = 0; i < count; ++i) {
    printf("%16.*s: %.*s\n", (int)infos[i].driver_name.size, infos[i].driver_name.data,
           (int)infos[i].full_name.size, infos[i].full_name.data);
  }
  iree_allocator_free(iree_allocator_system(), infos);
  return iree_ok_status();
}

static void print_uri(iree_string_view_t driver_name, const iree_hal_device_info_t* info) {
  printf("%.*s://%.*s\n", (int)driver_name.size, driver_name.data, (int)info->path.size,
         info->path.data);
}

static iree_status_t print_info(iree_hal_driver_t* driver, iree_string_view_t driver_name,
                                const iree_hal_device_info_t* info) {
  printf(THIN_RULE "# --device=");
  print_uri(driver_name, info);
  printf("#   %.*s\n" THIN_RULE, (int)info->name.size, info->name.data);
  iree_string_builder_t builder;
  iree_string_builder_initialize(iree_allocator_system(), &builder);
  iree_status_t status = iree_hal_driver_dump_device_info(driver, info->device_id, &builder);
  if (iree_status_is_ok(status)) {
    printf("%.*s\n", (int)iree_string_builder_size(&builder), iree_string_builder_buffer(&builder));
  }
  iree_string_builder_deinitialize(&builder);
  return status;
}

static iree_status_t for_devices_of(iree_hal_driver_registry_t* registry,
                                    iree_string_view_t driver_name, bool details) {
  iree_hal_driver_t* driver = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_driver_registry_try_create(registry, driver_name, iree_allocator_system(), &driver));
  iree_host_size_t count = 0;
  iree_hal_device_info_t* infos = NULL;
  iree_status_t status =
      iree_hal_driver_query_available_devices(driver, iree_allocator_system(), &count, &infos);
  if (details && iree_status_is_ok(status)) {
    printf(RULE "# Enumerated devices for driver '%.*s'\n" RULE "\n", (int)driver_name.size,
           driver_name.data);
  }
  for (iree_host_size_t i = 0; i < count && iree_status_is_ok(status); ++i) {
    if (details) {
      status = print_info(driver, driver_name, &infos[i]);
    } else {
      print_uri(driver_name, &infos[i]);
    }
  }
  iree_allocator_free(iree_allocator_system(), infos);
  iree_hal_driver_release(driver);
  return status;
}

static iree_status_t for_devices(iree_hal_driver_registry_t* registry,
                                 iree_string_view_t driver_name, bool details) {
  if (driver_name.size) return for_devices_of(registry, driver_name, details);
  iree_host_size_t count = 0;
  iree_hal_driver_info_t* infos = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_driver_registry_enumerate(registry, iree_allocator_system(), &count, &infos));
  iree_status_t status = iree_ok_status();
  for (iree_host_size_t i = 0; i < count && iree_status_is_ok(status); ++i) {
    status = for_devices_of(registry, infos[i].driver_name, details);
  }
  iree_allocator_free(iree_allocator_system(), infos);
  return status;
}

iree_status_t tenon_list_devices(iree_hal_driver_registry_t* registry,
                                 iree_string_view_t driver_name) {
  return for_devices(registry, driver_name, false);
}

iree_status_t tenon_dump_devices(iree_hal_driver_registry_t* registry,
                                 iree_string_view_t driver_name) {
  return for_devices(registry, driver_name, true);
}
