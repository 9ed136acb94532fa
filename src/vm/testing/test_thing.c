// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "vm/testing/vm_test.h"

static iree_atomic_int32_t test_thing_count = 0;

static void test_thing_destroy(void* ptr) {
  test_thing_t* thing = (test_thing_t*)ptr;
  iree_atomic_fetch_sub(&test_thing_count, 1, iree_memory_order_relaxed);
  iree_allocator_free(thing->allocator, thing);
}

static iree_vm_ref_type_descriptor_t test_thing_descriptor = {
    .destroy = test_thing_destroy,
    .offsetof_counter = offsetof(test_thing_t, ref_object.counter),
    .type_name = {"test.thing", sizeof("test.thing") - 1},
};

IREE_VM_DEFINE_TYPE_ADAPTERS(test_thing, test_thing_t);

iree_status_t test_thing_register(void) {
  return iree_vm_ref_register_type(&test_thing_descriptor);
}

iree_status_t test_thing_create(int value, iree_allocator_t allocator, test_thing_t** out_thing) {
  *out_thing = NULL;
  IREE_RETURN_IF_ERROR(iree_allocator_malloc(allocator, sizeof(**out_thing), (void**)out_thing));
  (*out_thing)->ref_object.counter = IREE_ATOMIC_VAR_INIT(1);
  (*out_thing)->allocator = allocator;
  (*out_thing)->value = value;
  iree_atomic_fetch_add(&test_thing_count, 1, iree_memory_order_relaxed);
  return iree_ok_status();
}

int test_thing_live_count(void) {
  return iree_atomic_load(&test_thing_count, iree_memory_order_relaxed);
}
