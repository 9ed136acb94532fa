// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <sched.h>

#include "hal/local/local_device.h"
#include "hal/testing/hal_testing.h"
#include "iree/hal/drivers/init.h"
#include "iree/hal/drivers/local_sync/registration/driver_module.h"
#include "iree/hal/drivers/local_task/registration/driver_module.h"
#include "task/executor.h"

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
  const char* uris[] = {"local-sync", "local-sync://", "local-sync://default", "local-sync://0",
                        "local-task", "local-task://", "local-task://default", "local-task://0"};
  for (size_t i = 0; i < IREE_ARRAYSIZE(uris); ++i) {
    iree_hal_device_t* device = NULL;
    expect_ok(try_device(registry, uris[i], &device));
    expect_view(iree_hal_device_id(device), i < 4 ? "local-sync" : "local-task");
    assert_true((tenon_hal_local_device_executor(device) == NULL) == (i < 4));
    iree_hal_device_release(device);
  }
  iree_hal_device_t* device = NULL;
  expect_failure(try_device(registry, "vulkan", &device), IREE_STATUS_NOT_FOUND,
                 "there is no driver 'vulkan'; the drivers are: local-sync, local-task");
  expect_failure(try_device(registry, "", &device), IREE_STATUS_INVALID_ARGUMENT,
                 "the driver is missing");
  expect_failure(try_device(registry, "local-sync://1", &device), IREE_STATUS_NOT_FOUND,
                 "no device number 1; the driver has 1 device(s)");
  expect_failure(try_device(registry, "local-sync://gpu", &device), IREE_STATUS_NOT_FOUND,
                 "has no device 'gpu'; it has only 'default'");
  expect_failure(try_device(registry, "local-sync?threads=3", &device),
                 IREE_STATUS_INVALID_ARGUMENT, "have no parameter 'threads'");
  expect_failure(try_device(registry, "local-task://1", &device), IREE_STATUS_NOT_FOUND,
                 "no device number 1; the driver has 1 device(s)");
  expect_failure(try_device(registry, "local-task://gpu", &device), IREE_STATUS_NOT_FOUND,
                 "has no device 'gpu'; it has only 'default'");
  assert_null(device);
  iree_hal_driver_registry_free(registry);
}

// The lowest processor that the process may use.
static uint32_t first_processor(void) {
  cpu_set_t allowed;
  assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  uint32_t processor = 0;
  while (!CPU_ISSET(processor, &allowed)) ++processor;
  return processor;
}

static void test_task_parameters(void** state) {
  iree_hal_driver_registry_t* registry = create_registry();
  char processors[64];
  snprintf(processors, sizeof(processors), "local-task?processors=%u,%u-%u", first_processor(),
           first_processor(), first_processor());
  const struct {
    const char* uri;
    iree_host_size_t worker_count;
    iree_device_size_t inline_size;
  } good[] = {
      {"local-task?worker_count=3", 3, 256 * 1024},
      {"local-task://?worker_count=256&inline_size=0", 256, 0},
      {"local-task://default?inline_size=1000&worker_count=1&worker_count=2", 2, 1000},
      {"local-task://0?worker_spin_us=1000&blocking_threads=4096&worker_count=1", 1, 256 * 1024},
      {processors, 2, 256 * 1024},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(good); ++i) {
    iree_hal_device_t* device = NULL;
    expect_ok(try_device(registry, good[i].uri, &device));
    tenon_executor_t* executor = tenon_hal_local_device_executor(device);
    assert_int_equal(tenon_executor_worker_count(executor), good[i].worker_count);
    assert_int_equal(tenon_executor_inline_size(executor), good[i].inline_size);
    iree_hal_device_release(device);
  }
  const struct {
    const char *uri, *part;
  } bad[] = {
      {"local-task?threads=3", "have no parameter 'threads'; they have worker_count, processors"},
      {"local-task?worker_count=257",
       "'worker_count' can't be '257'; expected a number from 0 to 256"},
      {"local-task?worker_count=two", "'worker_count' can't be 'two'"},
      {"local-task?worker_count", "'worker_count' can't be ''"},
      {"local-task?worker_count=-1", "'worker_count' can't be '-1'"},
      {"local-task?worker_spin_us=1001",
       "'worker_spin_us' can't be '1001'; expected a number from 0 to 1000"},
      {"local-task?inline_size=1e6", "'inline_size' can't be '1e6'"},
      {"local-task?blocking_threads=0",
       "'blocking_threads' can't be '0'; expected a number from 1 to 4096"},
      {"local-task?processors=", "'processors' can't be ''; expected up to 256 numbers"},
      {"local-task?processors=0,,1", "'processors' can't be '0,,1'"},
      {"local-task?processors=1-0", "'processors' can't be '1-0'"},
      {"local-task?processors=0-256", "'processors' can't be '0-256'"},
      {"local-task?processors=0-4294967295", "'processors' can't be"},
      {"local-task?processors=0-1-2", "'processors' can't be"},
      {"local-task?processors=999999", "a worker can't run on processor 999999"},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(bad); ++i) {
    iree_hal_device_t* device = NULL;
    expect_failure(try_device(registry, bad[i].uri, &device), IREE_STATUS_INVALID_ARGUMENT,
                   bad[i].part);
    assert_null(device);
  }
  iree_hal_driver_registry_free(registry);
}

// Devices of one driver share its executor, unless they are asked for something of their own.
static void test_task_devices_share(void** state) {
  iree_hal_driver_registry_t* registry = create_registry();
  const iree_allocator_t allocator = iree_allocator_system();
  iree_hal_driver_t* driver = NULL;
  expect_ok(
      iree_hal_driver_registry_try_create(registry, IREE_SV("local-task"), allocator, &driver));
  iree_hal_device_t *a = NULL, *b = NULL, *c = NULL;
  expect_ok(iree_hal_driver_create_default_device(driver, allocator, &a));
  expect_ok(iree_hal_driver_create_device_by_uri(driver, IREE_SV("local-task"), allocator, &b));
  expect_ok(iree_hal_driver_create_device_by_uri(driver, IREE_SV("local-task?worker_count=1"),
                                                 allocator, &c));
  iree_hal_driver_release(driver);
  assert_ptr_equal(tenon_hal_local_device_executor(a), tenon_hal_local_device_executor(b));
  assert_ptr_not_equal(tenon_hal_local_device_executor(a), tenon_hal_local_device_executor(c));
  iree_hal_device_release(a);
  assert_true(tenon_executor_worker_count(tenon_hal_local_device_executor(b)) > 0);
  iree_hal_device_release(b);
  iree_hal_device_release(c);
  iree_hal_driver_registry_free(registry);
}

static void check_device(const char* uri, const char* other_pattern) {
  iree_hal_driver_registry_t* registry = create_registry();
  iree_hal_device_t* device = NULL;
  expect_ok(try_device(registry, uri, &device));
  iree_hal_driver_registry_free(registry);
  iree_hal_device_retain(device);
  iree_hal_device_release(device);
  assert_ptr_equal(iree_hal_device_host_allocator(device).ctl, iree_allocator_system().ctl);
  expect_ok(iree_hal_device_trim(device));
  int64_t value = -1;
  expect_ok(
      iree_hal_device_query_i64(device, IREE_SV("hal.device.id"), IREE_SV("local-*"), &value));
  assert_int_equal(value, 1);
  expect_ok(iree_hal_device_query_i64(device, IREE_SV("hal.device.id"),
                                      iree_make_cstring_view(other_pattern), &value));
  assert_int_equal(value, 0);
  expect_ok(iree_hal_device_query_i64(device, IREE_SV("hal.executable.format"), IREE_SV("spirv"),
                                      &value));
  assert_int_equal(value, 0);
  expect_failure(iree_hal_device_query_i64(device, IREE_SV("hal.cpu"), IREE_SV("sockets"), &value),
                 IREE_STATUS_NOT_FOUND, "' has no property 'hal.cpu' :: 'sockets'");
  // Buffers need no device.
  iree_hal_buffer_t* buffer = create_buffer(iree_hal_device_allocator(device), 4, "abcd");
  iree_hal_device_release(device);
  expect_ok(iree_hal_buffer_map_zero(buffer, 0, 4));
  iree_hal_buffer_release(buffer);
  iree_hal_device_release(NULL);
}

static void test_device(void** state) {
  check_device("local-sync", "local-task");
  check_device("local-task", "local-s*");
}

static void check_driver(iree_string_view_t name) {
  iree_hal_driver_registry_t* registry = create_registry();
  iree_hal_driver_t* driver = NULL;
  iree_allocator_t allocator = iree_allocator_system();
  expect_ok(iree_hal_driver_registry_try_create(registry, name, allocator, &driver));
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

static void test_driver(void** state) {
  check_driver(IREE_SV("local-sync"));
  check_driver(IREE_SV("local-task"));
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
  expect_ok(iree_hal_local_task_driver_module_register(registry));
  expect_failure(iree_hal_local_task_driver_module_register(registry), IREE_STATUS_ALREADY_EXISTS,
                 "registered already");
  expect_failure(iree_hal_register_all_available_drivers(registry), IREE_STATUS_ALREADY_EXISTS,
                 "registered already");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_device_by_uri),
      cmocka_unit_test(test_task_parameters),
      cmocka_unit_test(test_task_devices_share),
      cmocka_unit_test(test_device),
      cmocka_unit_test(test_driver),
      cmocka_unit_test(test_registry),
      cmocka_unit_test(test_registry_is_limited),
      cmocka_unit_test(test_default_registry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
