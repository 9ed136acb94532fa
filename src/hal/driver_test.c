// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hal/testing/hal_testing.h"
#include "iree/hal/drivers/init.h"
#include "iree/hal/drivers/local_sync/registration/driver_module.h"

static iree_hal_driver_registry_t* create_registry(void) {
  iree_hal_driver_registry_t* registry = NULL;
  expect_ok(iree_hal_driver_registry_allocate(iree_allocator_system(), &registry));
  expect_ok(iree_hal_register_all_available_drivers(registry));
  return registry;
}

static iree_status_t try_device(iree_hal_driver_registry_t* registry, const char* uri,
                                iree_hal_device_t** out_device) {
  return iree_hal_create_device(registry, iree_make_cstring_view(uri), iree_allocator_system(),
                                out_device);
}

static void expect_view(iree_string_view_t view, const char* expected) {
  assert_int_equal(view.size, strlen(expected));
  assert_memory_equal(view.data, expected, view.size);
}

static void test_device_by_uri(void** state) {
  iree_hal_driver_registry_t* registry = create_registry();
  const char* uris[] = {"local-sync", "local-sync://", "local-sync://default", "local-sync://0"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(uris); ++i) {
    iree_hal_device_t* device = NULL;
    expect_ok(try_device(registry, uris[i], &device));
    expect_view(iree_hal_device_id(device), "local-sync");
    iree_hal_device_release(device);
  }
  iree_hal_device_t* device = NULL;
  expect_failure(try_device(registry, "vulkan", &device), IREE_STATUS_NOT_FOUND,
                 "there is no driver 'vulkan'; the drivers are: local-sync");
  expect_failure(try_device(registry, "", &device), IREE_STATUS_INVALID_ARGUMENT,
                 "the driver is missing");
  expect_failure(try_device(registry, "local-sync://1", &device), IREE_STATUS_NOT_FOUND,
                 "no device number 1; the driver has 1 device(s)");
  expect_failure(try_device(registry, "local-sync://gpu", &device), IREE_STATUS_NOT_FOUND,
                 "has no device 'gpu'; it has only 'default'");
  expect_failure(try_device(registry, "local-sync?threads=3", &device),
                 IREE_STATUS_INVALID_ARGUMENT, "have no parameter 'threads'");
  assert_null(device);
  iree_hal_driver_registry_free(registry);
}

static void test_device(void** state) {
  iree_hal_driver_registry_t* registry = create_registry();
  iree_hal_device_t* device = NULL;
  expect_ok(try_device(registry, "local-sync", &device));
  iree_hal_driver_registry_free(registry);
  iree_hal_device_retain(device);
  iree_hal_device_release(device);
  assert_ptr_equal(iree_hal_device_host_allocator(device).ctl, iree_allocator_system().ctl);
  expect_ok(iree_hal_device_trim(device));
  int64_t value = -1;
  expect_ok(
      iree_hal_device_query_i64(device, IREE_SV("hal.device.id"), IREE_SV("local-*"), &value));
  assert_int_equal(value, 1);
  expect_ok(
      iree_hal_device_query_i64(device, IREE_SV("hal.device.id"), IREE_SV("vulkan*"), &value));
  assert_int_equal(value, 0);
  expect_ok(iree_hal_device_query_i64(device, IREE_SV("hal.executable.format"), IREE_SV("spirv"),
                                      &value));
  assert_int_equal(value, 0);
  expect_failure(iree_hal_device_query_i64(device, IREE_SV("hal.cpu"), IREE_SV("sockets"), &value),
                 IREE_STATUS_NOT_FOUND, "'local-sync' has no property 'hal.cpu' :: 'sockets'");
  // Buffers need no device.
  iree_hal_buffer_t* buffer = create_buffer(iree_hal_device_allocator(device), 4, "abcd");
  iree_hal_device_release(device);
  expect_ok(iree_hal_buffer_map_zero(buffer, 0, 4));
  iree_hal_buffer_release(buffer);
  iree_hal_device_release(NULL);
}

static void test_driver(void** state) {
  iree_hal_driver_registry_t* registry = create_registry();
  iree_hal_driver_t* driver = NULL;
  iree_allocator_t allocator = iree_allocator_system();
  expect_ok(
      iree_hal_driver_registry_try_create(registry, IREE_SV("local-sync"), allocator, &driver));
  iree_host_size_t count = 0;
  iree_hal_device_info_t* infos = NULL;
  expect_ok(iree_hal_driver_query_available_devices(driver, allocator, &count, &infos));
  assert_int_equal(count, 1);
  expect_view(infos[0].name, "default");
  const iree_hal_device_id_t id = infos[0].device_id;
  iree_allocator_free(allocator, infos);

  iree_hal_device_t* device = NULL;
  expect_ok(iree_hal_driver_create_device_by_id(driver, id, 0, NULL, allocator, &device));
  iree_hal_device_release(device);
  expect_ok(iree_hal_driver_create_device_by_ordinal(driver, 0, 0, NULL, allocator, &device));
  iree_hal_device_release(device);
  expect_ok(iree_hal_driver_create_default_device(driver, allocator, &device));
  iree_hal_device_release(device);
  expect_failure(iree_hal_driver_create_device_by_id(driver, 77, 0, NULL, allocator, &device),
                 IREE_STATUS_NOT_FOUND, "no device of id 77");

  iree_string_builder_t builder;
  iree_string_builder_initialize(allocator, &builder);
  expect_ok(iree_hal_driver_dump_device_info(driver, id, &builder));
  assert_true(iree_string_builder_size(&builder) > 0);
  expect_failure(iree_hal_driver_dump_device_info(driver, 77, &builder), IREE_STATUS_NOT_FOUND,
                 "id 77");
  iree_string_builder_deinitialize(&builder);

  iree_hal_driver_retain(driver);
  iree_hal_driver_release(driver);
  iree_hal_driver_release(driver);
  iree_hal_driver_registry_free(registry);
}

//===--- The registry -------------------------------------------------------------------------===//

typedef struct fake_factory_t {
  iree_hal_driver_factory_t base;
  const char* name;
  iree_hal_driver_info_t info;
  int create_count;
} fake_factory_t;

static iree_status_t fake_enumerate(void* self, iree_host_size_t* out_count,
                                    const iree_hal_driver_info_t** out_infos) {
  fake_factory_t* factory = (fake_factory_t*)self;
  factory->info.driver_name = iree_make_cstring_view(factory->name);
  factory->info.full_name = IREE_SV("fake");
  *out_count = 1;
  *out_infos = &factory->info;
  return iree_ok_status();
}

static iree_status_t fake_try_create(void* self, iree_string_view_t driver_name,
                                     iree_allocator_t host_allocator,
                                     iree_hal_driver_t** out_driver) {
  ++((fake_factory_t*)self)->create_count;
  return iree_make_status(IREE_STATUS_UNAVAILABLE, "only a fake");
}

static fake_factory_t make_fake(fake_factory_t* self, const char* name) {
  const fake_factory_t fake = {.base = {self, fake_enumerate, fake_try_create}, .name = name};
  return fake;
}

static void test_registry(void** state) {
  iree_allocator_t allocator = iree_allocator_system();
  iree_hal_driver_registry_t* registry = NULL;
  expect_ok(iree_hal_driver_registry_allocate(allocator, &registry));
  iree_hal_driver_t* driver = NULL;
  expect_failure(iree_hal_driver_registry_try_create(registry, IREE_SV("a"), allocator, &driver),
                 IREE_STATUS_NOT_FOUND,
                 "no driver is registered; call iree_hal_register_all_available_drivers");
  iree_host_size_t count = 1;
  iree_hal_driver_info_t* infos = NULL;
  expect_ok(iree_hal_driver_registry_enumerate(registry, allocator, &count, &infos));
  assert_int_equal(count, 0);
  assert_null(infos);

  fake_factory_t a = make_fake(&a, "a"), b = make_fake(&b, "b"), other_a = make_fake(&other_a, "a");
  expect_ok(iree_hal_driver_registry_register_factory(registry, &a.base));
  expect_ok(iree_hal_driver_registry_register_factory(registry, &b.base));
  expect_failure(iree_hal_driver_registry_register_factory(registry, &a.base),
                 IREE_STATUS_ALREADY_EXISTS, "registered already");
  expect_ok(iree_hal_driver_registry_enumerate(registry, allocator, &count, &infos));
  assert_int_equal(count, 2);
  expect_view(infos[0].driver_name, "a");
  expect_view(infos[1].driver_name, "b");
  expect_view(infos[1].full_name, "fake");
  iree_allocator_free(allocator, infos);
  expect_failure(iree_hal_driver_registry_try_create(registry, IREE_SV("c"), allocator, &driver),
                 IREE_STATUS_NOT_FOUND, "no driver 'c'; the drivers are: a, b");

  // The last one serves.
  expect_ok(iree_hal_driver_registry_register_factory(registry, &other_a.base));
  expect_failure(iree_hal_driver_registry_try_create(registry, IREE_SV("a"), allocator, &driver),
                 IREE_STATUS_UNAVAILABLE, "only a fake");
  assert_int_equal(a.create_count, 0);
  assert_int_equal(other_a.create_count, 1);
  expect_ok(iree_hal_driver_registry_unregister_factory(registry, &other_a.base));
  expect_failure(iree_hal_driver_registry_unregister_factory(registry, &other_a.base),
                 IREE_STATUS_NOT_FOUND, "not registered");
  expect_failure(iree_hal_driver_registry_try_create(registry, IREE_SV("a"), allocator, &driver),
                 IREE_STATUS_UNAVAILABLE, "only a fake");
  assert_int_equal(a.create_count, 1);
  iree_hal_driver_registry_free(registry);
  iree_hal_driver_registry_free(NULL);
}

static void test_registry_is_limited(void** state) {
  iree_hal_driver_registry_t* registry = NULL;
  expect_ok(iree_hal_driver_registry_allocate(iree_allocator_system(), &registry));
  static fake_factory_t fakes[65];
  for (int i = 0; i < 64; ++i) {
    fakes[i] = make_fake(&fakes[i], "a-driver-with-a-rather-long-name");
    expect_ok(iree_hal_driver_registry_register_factory(registry, &fakes[i].base));
  }
  fakes[64] = make_fake(&fakes[64], "x");
  expect_failure(iree_hal_driver_registry_register_factory(registry, &fakes[64].base),
                 IREE_STATUS_RESOURCE_EXHAUSTED, "it holds 64 factories");
  // The message's list is cut, not overrun.
  iree_hal_driver_t* driver = NULL;
  expect_failure(
      iree_hal_driver_registry_try_create(registry, IREE_SV("c"), iree_allocator_system(), &driver),
      IREE_STATUS_NOT_FOUND, "a-driver-with-a-rather-long-name, a-driver");
  iree_hal_driver_registry_free(registry);
}

static void test_default_registry(void** state) {
  iree_hal_driver_registry_t* registry = iree_hal_driver_registry_default();
  assert_ptr_equal(registry, iree_hal_driver_registry_default());
  expect_ok(iree_hal_local_sync_driver_module_register(registry));
  expect_failure(iree_hal_register_all_available_drivers(registry), IREE_STATUS_ALREADY_EXISTS,
                 "registered already");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_device_by_uri),
      cmocka_unit_test(test_device),
      cmocka_unit_test(test_driver),
      cmocka_unit_test(test_registry),
      cmocka_unit_test(test_registry_is_limited),
      cmocka_unit_test(test_default_registry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
