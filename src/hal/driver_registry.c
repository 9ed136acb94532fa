// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "iree/hal/driver_registry.h"

#include <pthread.h>
#include <string.h>

#include "hal/device_uri.h"

#define TENON_HAL_MAX_FACTORIES 64

struct iree_hal_driver_registry_t {
  pthread_mutex_t mutex;
  iree_allocator_t host_allocator;
  iree_host_size_t factory_count;
  const iree_hal_driver_factory_t* factories[TENON_HAL_MAX_FACTORIES];
};

iree_hal_driver_registry_t* iree_hal_driver_registry_default(void) {
  static iree_hal_driver_registry_t registry = {.mutex = PTHREAD_MUTEX_INITIALIZER};
  return &registry;
}

iree_status_t iree_hal_driver_registry_allocate(iree_allocator_t host_allocator,
                                                iree_hal_driver_registry_t** out_registry) {
  *out_registry = NULL;
  iree_hal_driver_registry_t* registry = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(host_allocator, sizeof(*registry), (void**)&registry));
  pthread_mutex_init(&registry->mutex, NULL);
  registry->host_allocator = host_allocator;
  *out_registry = registry;
  return iree_ok_status();
}

void iree_hal_driver_registry_free(iree_hal_driver_registry_t* registry) {
  if (!registry) return;
  pthread_mutex_destroy(&registry->mutex);
  iree_allocator_free(registry->host_allocator, registry);
}

//===--- Factories ----------------------------------------------------------------------------===//

// The place of |factory|, or factory_count. With the lock held.
static iree_host_size_t tenon_hal_find_factory(const iree_hal_driver_registry_t* registry,
                                               const iree_hal_driver_factory_t* factory) {
  iree_host_size_t i = 0;
  while (i < registry->factory_count && registry->factories[i] != factory) ++i;
  return i;
}

static iree_status_t tenon_hal_register_factory(iree_hal_driver_registry_t* registry,
                                                const iree_hal_driver_factory_t* factory) {
  if (tenon_hal_find_factory(registry, factory) != registry->factory_count) {
    return iree_make_status(IREE_STATUS_ALREADY_EXISTS, "the driver factory is registered already");
  }
  if (registry->factory_count == TENON_HAL_MAX_FACTORIES) {
    return iree_make_status(IREE_STATUS_RESOURCE_EXHAUSTED,
                            "the driver registry is full: it holds %d factories",
                            TENON_HAL_MAX_FACTORIES);
  }
  registry->factories[registry->factory_count++] = factory;
  return iree_ok_status();
}

iree_status_t iree_hal_driver_registry_register_factory(iree_hal_driver_registry_t* registry,
                                                        const iree_hal_driver_factory_t* factory) {
  pthread_mutex_lock(&registry->mutex);
  iree_status_t status = tenon_hal_register_factory(registry, factory);
  pthread_mutex_unlock(&registry->mutex);
  return status;
}

static iree_status_t tenon_hal_unregister_factory(iree_hal_driver_registry_t* registry,
                                                  const iree_hal_driver_factory_t* factory) {
  const iree_host_size_t place = tenon_hal_find_factory(registry, factory);
  if (place == registry->factory_count) {
    return iree_make_status(IREE_STATUS_NOT_FOUND, "the driver factory is not registered");
  }
  --registry->factory_count;
  // Order is kept: of several factories for one name, the last registered serves.
  memmove(&registry->factories[place], &registry->factories[place + 1],
          (registry->factory_count - place) * sizeof(registry->factories[0]));
  return iree_ok_status();
}

iree_status_t iree_hal_driver_registry_unregister_factory(
    iree_hal_driver_registry_t* registry, const iree_hal_driver_factory_t* factory) {
  pthread_mutex_lock(&registry->mutex);
  iree_status_t status = tenon_hal_unregister_factory(registry, factory);
  pthread_mutex_unlock(&registry->mutex);
  return status;
}

//===--- Listing ------------------------------------------------------------------------------===//

// Calls |visit| for every driver, in order of registration. With the lock held.
typedef void (*tenon_hal_visit_driver_t)(void* user_data, const iree_hal_driver_factory_t* factory,
                                         const iree_hal_driver_info_t* info);
static iree_status_t tenon_hal_visit_drivers(const iree_hal_driver_registry_t* registry,
                                             tenon_hal_visit_driver_t visit, void* user_data) {
  for (iree_host_size_t i = 0; i < registry->factory_count; ++i) {
    const iree_hal_driver_factory_t* factory = registry->factories[i];
    iree_host_size_t count = 0;
    const iree_hal_driver_info_t* infos = NULL;
    IREE_RETURN_IF_ERROR(factory->enumerate(factory->self, &count, &infos));
    for (iree_host_size_t j = 0; j < count; ++j) visit(user_data, factory, &infos[j]);
  }
  return iree_ok_status();
}

typedef struct tenon_hal_driver_list_t {
  iree_host_size_t count;
  iree_host_size_t string_size;
  iree_hal_driver_info_t* infos;  // NULL: only counts
  char* strings;
} tenon_hal_driver_list_t;

static void tenon_hal_list_driver(void* user_data, const iree_hal_driver_factory_t* factory,
                                  const iree_hal_driver_info_t* info) {
  tenon_hal_driver_list_t* list = (tenon_hal_driver_list_t*)user_data;
  if (list->infos) {
    iree_hal_driver_info_t* copy = &list->infos[list->count];
    list->strings +=
        iree_string_view_append_to_buffer(info->driver_name, &copy->driver_name, list->strings);
    list->strings +=
        iree_string_view_append_to_buffer(info->full_name, &copy->full_name, list->strings);
  }
  ++list->count;
  list->string_size += info->driver_name.size + info->full_name.size;
}

static iree_status_t tenon_hal_list_drivers(const iree_hal_driver_registry_t* registry,
                                            iree_allocator_t host_allocator,
                                            iree_host_size_t* out_driver_info_count,
                                            iree_hal_driver_info_t** out_driver_infos) {
  tenon_hal_driver_list_t size = {0};
  IREE_RETURN_IF_ERROR(tenon_hal_visit_drivers(registry, tenon_hal_list_driver, &size));
  if (size.count == 0) return iree_ok_status();
  tenon_hal_driver_list_t list = {0};
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(
      host_allocator, size.count * sizeof(iree_hal_driver_info_t) + size.string_size,
      (void**)&list.infos));
  list.strings = (char*)(list.infos + size.count);
  iree_status_t status = tenon_hal_visit_drivers(registry, tenon_hal_list_driver, &list);
  if (!iree_status_is_ok(status)) {
    iree_allocator_free(host_allocator, list.infos);
    return status;
  }
  *out_driver_info_count = list.count;
  *out_driver_infos = list.infos;
  return iree_ok_status();
}

iree_status_t iree_hal_driver_registry_enumerate(iree_hal_driver_registry_t* registry,
                                                 iree_allocator_t host_allocator,
                                                 iree_host_size_t* out_driver_info_count,
                                                 iree_hal_driver_info_t** out_driver_infos) {
  *out_driver_info_count = 0;
  *out_driver_infos = NULL;
  pthread_mutex_lock(&registry->mutex);
  iree_status_t status =
      tenon_hal_list_drivers(registry, host_allocator, out_driver_info_count, out_driver_infos);
  pthread_mutex_unlock(&registry->mutex);
  return status;
}

//===--- Creating -----------------------------------------------------------------------------===//

typedef struct tenon_hal_driver_search_t {
  iree_string_view_t driver_name;
  const iree_hal_driver_factory_t* factory;  // that makes it
  iree_host_size_t names_length;
  char names[256];  // of all drivers, for the message
} tenon_hal_driver_search_t;

static void tenon_hal_match_driver(void* user_data, const iree_hal_driver_factory_t* factory,
                                   const iree_hal_driver_info_t* info) {
  tenon_hal_driver_search_t* search = (tenon_hal_driver_search_t*)user_data;
  const iree_string_view_t name = info->driver_name;
  if (iree_string_view_equal(name, search->driver_name)) search->factory = factory;
  const iree_host_size_t gap = search->names_length ? 2 : 0;
  if (name.size + gap >= sizeof(search->names) - search->names_length) return;
  if (gap) memcpy(search->names + search->names_length, ", ", gap);
  memcpy(search->names + search->names_length + gap, name.data, name.size);
  search->names_length += gap + name.size;
}

static iree_status_t tenon_hal_create_driver(const iree_hal_driver_registry_t* registry,
                                             iree_string_view_t driver_name,
                                             iree_allocator_t host_allocator,
                                             iree_hal_driver_t** out_driver) {
  tenon_hal_driver_search_t search = {.driver_name = driver_name};
  IREE_RETURN_IF_ERROR(tenon_hal_visit_drivers(registry, tenon_hal_match_driver, &search));
  if (search.factory) {
    return search.factory->try_create(search.factory->self, driver_name, host_allocator,
                                      out_driver);
  }
  if (search.names_length == 0) {
    return iree_make_status(IREE_STATUS_NOT_FOUND,
                            "there is no driver '%.*s': no driver is registered; call "
                            "iree_hal_register_all_available_drivers first",
                            (int)driver_name.size, driver_name.data);
  }
  return iree_make_status(IREE_STATUS_NOT_FOUND, "there is no driver '%.*s'; the drivers are: %.*s",
                          (int)driver_name.size, driver_name.data, (int)search.names_length,
                          search.names);
}

iree_status_t iree_hal_driver_registry_try_create(iree_hal_driver_registry_t* registry,
                                                  iree_string_view_t driver_name,
                                                  iree_allocator_t host_allocator,
                                                  iree_hal_driver_t** out_driver) {
  *out_driver = NULL;
  pthread_mutex_lock(&registry->mutex);
  iree_status_t status = tenon_hal_create_driver(registry, driver_name, host_allocator, out_driver);
  pthread_mutex_unlock(&registry->mutex);
  return status;
}

iree_status_t iree_hal_create_device(iree_hal_driver_registry_t* registry,
                                     iree_string_view_t device_uri, iree_allocator_t host_allocator,
                                     iree_hal_device_t** out_device) {
  *out_device = NULL;
  tenon_hal_device_uri_t uri;
  IREE_RETURN_IF_ERROR(tenon_hal_device_uri_parse(device_uri, &uri));
  iree_hal_driver_t* driver = NULL;
  IREE_RETURN_IF_ERROR(
      iree_hal_driver_registry_try_create(registry, uri.driver, host_allocator, &driver));
  iree_status_t status = iree_hal_driver_create_device_by_path(
      driver, uri.driver, uri.path, uri.param_count, uri.params, host_allocator, out_device);
  iree_hal_driver_release(driver);
  return status;
}
