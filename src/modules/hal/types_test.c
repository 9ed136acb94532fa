// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "iree/modules/hal/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static iree_vm_instance_t* instance;

static int set_up(void** state) {
  IREE_CHECK_OK(iree_vm_instance_create(iree_allocator_system(), &instance));
  IREE_CHECK_OK(iree_hal_module_register_all_types(instance));
  return 0;
}

static int tear_down(void** state) {
  iree_vm_instance_release(instance);
  return 0;
}

static iree_hal_buffer_view_t* make_view(iree_hal_allocator_t** out_allocator) {
  IREE_CHECK_OK(iree_hal_allocator_create_heap(iree_make_cstring_view("test"),
                                               iree_allocator_system(), iree_allocator_system(),
                                               out_allocator));
  iree_hal_buffer_view_t* view = NULL;
  IREE_CHECK_OK(
      iree_hal_buffer_view_parse(iree_make_cstring_view("3xi32=1 2 3"), *out_allocator, &view));
  return view;
}

static void registers_every_type_once(void** state) {
  const iree_vm_ref_type_t type = iree_hal_buffer_view_type_id();
  assert_int_not_equal(type, 0);
  IREE_CHECK_OK(iree_hal_module_register_all_types(instance));
  assert_int_equal(iree_hal_buffer_view_type_id(), type);
  const struct {
    const char* name;
    const iree_vm_ref_type_descriptor_t* descriptor;
  } expected[] = {
      {"hal.allocator", iree_hal_allocator_get_descriptor()},
      {"hal.buffer", iree_hal_buffer_get_descriptor()},
      {"hal.buffer_view", iree_hal_buffer_view_get_descriptor()},
      {"hal.device", iree_hal_device_get_descriptor()},
      {"hal.executable", iree_hal_executable_get_descriptor()},
  };
  for (size_t i = 0; i < IREE_ARRAYSIZE(expected); ++i) {
    assert_ptr_equal(iree_vm_ref_lookup_registered_type(iree_make_cstring_view(expected[i].name)),
                     expected[i].descriptor);
  }
}

static void references_count_and_destroy_objects(void** state) {
  iree_hal_allocator_t* allocator = NULL;
  iree_hal_buffer_view_t* view = make_view(&allocator);
  iree_hal_buffer_t* buffer = iree_hal_buffer_view_buffer(view);
  iree_vm_ref_t buffer_ref = iree_hal_buffer_retain_ref(buffer);
  iree_vm_ref_t view_ref = iree_hal_buffer_view_move_ref(view);
  assert_ptr_equal(iree_hal_buffer_view_deref(view_ref), view);
  assert_null(iree_hal_buffer_view_deref(buffer_ref));
  iree_vm_ref_release(&view_ref);
  // The buffer's own reference keeps it alive.
  assert_int_equal(iree_hal_buffer_byte_length(buffer), 12);
  iree_vm_ref_release(&buffer_ref);
  iree_vm_ref_t allocator_ref = iree_hal_allocator_move_ref(allocator);
  iree_vm_ref_release(&allocator_ref);
}

static void lists_give_views_out(void** state) {
  iree_hal_allocator_t* allocator = NULL;
  iree_hal_buffer_view_t* view = make_view(&allocator);
  iree_vm_list_t* list = NULL;
  IREE_CHECK_OK(iree_vm_list_create(NULL, 2, iree_allocator_system(), &list));
  IREE_CHECK_OK(iree_vm_list_resize(list, 2));
  IREE_CHECK_OK(iree_vm_list_set_buffer_view_retain(list, 1, view));
  iree_hal_buffer_view_release(view);
  assert_null(iree_vm_list_get_buffer_view_assign(list, 0));
  assert_null(iree_vm_list_get_buffer_view_assign(list, 2));
  assert_ptr_equal(iree_vm_list_get_buffer_view_assign(list, 1), view);
  iree_hal_buffer_view_t* retained = iree_vm_list_get_buffer_view_retain(list, 1);
  assert_ptr_equal(retained, view);
  assert_null(iree_vm_list_get_buffer_view_retain(list, 0));
  assert_int_equal(iree_status_consume_code(iree_vm_list_set_buffer_view_retain(list, 2, view)),
                   IREE_STATUS_OUT_OF_RANGE);
  iree_vm_list_release(list);
  assert_int_equal(iree_hal_buffer_view_element_count(retained), 3);
  iree_hal_buffer_view_release(retained);
  iree_hal_allocator_release(allocator);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registers_every_type_once),
      cmocka_unit_test(references_count_and_destroy_objects),
      cmocka_unit_test(lists_give_views_out),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
