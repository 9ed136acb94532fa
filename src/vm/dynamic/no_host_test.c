// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program that doesn't export the runtime's functions says so, instead of loading plugins that can't work.
#include "iree/vm/dynamic/module.h"
#include "vm/testing/vm_test.h"

static void test_refuses(void** state) {
  iree_vm_instance_t* instance = NULL;
  expect_ok(iree_vm_instance_create(iree_allocator_system(), &instance));
  iree_vm_module_t* module = NULL;
  expect_message(IREE_STATUS_FAILED_PRECONDITION, "does not export the runtime's functions",
                 iree_vm_dynamic_module_load_from_file(instance, IREE_SV(TEST_PLUGIN_good),
                                                       iree_string_view_empty(), 0, NULL,
                                                       iree_allocator_system(), &module));
  assert_null(module);
  iree_vm_instance_release(instance);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
